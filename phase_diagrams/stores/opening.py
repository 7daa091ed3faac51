"""Stores as labelled data in memory, and as files for other programs."""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from .store import Store
from .table_file import write_table
from .writing import new_file

__all__ = ["export", "open"]


def open(path: str | os.PathLike[str]) -> xr.DataTree:
    """Open a study, finished or not.

    Parameters
    ----------
    path : path-like
        A store written by `phase_diagrams.sweep`.

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``, in memory, with the same names of variables on
        the same coordinates; points that are not done are NaN.

    Raises
    ------
    ValueError
        If there is no such store.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.05], "T": 0.3}
    >>> with TemporaryDirectory() as folder:
    ...     tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=f"{folder}/h.zarr")
    ...     phase_diagrams.export(tree, f"{folder}/h.nc")
    ...     phase_diagrams.open(f"{folder}/h.zarr")["theory/m"].values.round(4).tolist()
    [0.9959, 0.9912]
    """
    return Store(path).read()


def export(tree: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a study as one file: a CSV table where its name ends so, else netCDF.

    netCDF keeps groups, attributes and units.  The table has one line per point, the theory
    under names that begin with ``theory_``.

    Parameters
    ----------
    tree : xarray.DataTree
    path : path-like
        A file that does not exist yet; it appears complete or not at all.

    Raises
    ------
    ValueError
        If the file exists or its folder does not.
    """
    with new_file(path) as making:
        if Path(path).suffix == ".csv":
            write_table(tree, making)
        else:
            tree.to_netcdf(making, engine="h5netcdf")
