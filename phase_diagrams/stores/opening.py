"""Stores as labelled data in memory, and as files for other programs."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import xarray as xr

from hebbian.calling import checked
from phase_diagrams.results import DAMAGED
from phase_diagrams.schema import relabelled

from .annotation import derived
from .files import new_file
from .foreign import is_foreign, read_foreign
from .groups import simulation_of, theory_of
from .portable import portable
from .store import OWN, Store
from .table_file import write_table

__all__ = ["checked_suffix", "export", "open", "tree_of"]

log = logging.getLogger(__name__)

#: Of the files that `export` writes.
SUFFIXES = (".nc", ".csv")


@checked
def open(path: str | os.PathLike[str]) -> xr.DataTree:
    """Open a study, finished or not.

    Parameters
    ----------
    path : path-like
        A store written by `phase_diagrams.sweep`, a netCDF file written by
        `phase_diagrams.export`, or a Zarr folder that xarray made of such a tree.

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``, in memory, with the same names of variables on
        the same coordinates; points that are not done are NaN.

    Raises
    ------
    ValueError
        If it is anything else: the line says what.

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
    place = Path(path)
    return read_foreign(place) if is_foreign(place) else tree_of(Store(place))


def tree_of(store: Store) -> xr.DataTree:
    """Return the groups of a store, in memory; see `open`."""
    groups: dict[str, xr.Dataset] = {}
    rounds: dict[str, list[xr.Dataset]] = {}
    for part in store.parts():
        found = {}
        if (theory := theory_of(store, part)) is not None:
            found["theory"] = theory
        if store.study().settings.simulate:
            found["simulation"] = simulation_of(store, part)
            damaged = int((found["simulation"]["status"] == DAMAGED).sum())
            if damaged:
                log.warning(
                    "%s: %d points are damaged; resuming the sweep computes them again",
                    store.path,
                    damaged,
                )
        for name, dataset in found.items():
            if part.number == 0:
                groups[name] = dataset
            else:
                rounds.setdefault(f"refinement/{name}", []).append(_of_round(dataset, part.number))
    for name, datasets in rounds.items():
        groups[name] = xr.concat(
            datasets, "point", data_vars="minimal", coords="minimal", compat="override",
            join="outer", combine_attrs="override",
        )  # fmt: skip
        groups[name]["point"] = groups[name]["point"].copy(data=np.arange(groups[name].point.size))
        groups[name] = relabelled(groups[name], store.study().grid)
    root = {name: v for name, v in store.attributes().items() if name not in OWN}
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=root), **groups, **derived(store)})


def _of_round(dataset: xr.Dataset, number: int) -> xr.Dataset:
    """Say of every point in which round it was added."""
    dataset["round"] = ("point", np.full(dataset.sizes["point"], number, np.int16))
    dataset["round"].attrs = {"long_name": "round of refinement", "units": "1"}
    return dataset


def checked_suffix(path: str | os.PathLike[str]) -> str:
    """Return the format of a file that `export` writes, by its suffix.

    Raises
    ------
    ValueError
        If it is another.
    """
    name = os.fspath(path)
    kind = Path(name).suffix.lower()
    if kind not in SUFFIXES:
        words = "a study is written as netCDF (.nc) or as a table (.csv)"
        raise ValueError(f"out = {name!r} ends in neither .nc nor .csv: {words}")
    return kind


@checked
def export(tree: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a study as one file, in the format of its suffix: netCDF (.nc) or a table (.csv).

    netCDF keeps groups, attributes and units, and `open` reads it back; attributes that are
    neither numbers nor words become text (`phase_diagrams.stores.portable`).  The table has one
    line per point, the theory under names that begin with ``theory_``.

    Parameters
    ----------
    tree : xarray.DataTree
        A study, or a group of one.
    path : path-like
        A file that does not exist yet; it appears complete or not at all.

    Raises
    ------
    TypeError
        If this is no tree.
    ValueError
        If the suffix is another, the file exists or its folder does not, or a variable cannot
        be written.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> tree = phase_diagrams.sweep(Hopfield(), {"alpha": 0.02, "T": [0.1, 0.3]}, simulate=False)
    >>> with TemporaryDirectory() as folder:
    ...     phase_diagrams.export(tree, f"{folder}/h.csv")
    ...     len(Path(folder, "h.csv").read_text().splitlines())
    3
    """
    kind = checked_suffix(path)
    with new_file(path) as making:
        try:
            plain = portable(tree)
            if kind == ".csv":
                write_table(plain, making)
            else:
                making.write_bytes(plain.to_netcdf(None, engine="h5netcdf"))
        except (ValueError, TypeError, NotImplementedError) as error:
            raise ValueError(f"{os.fspath(path)!r} cannot be written: {error}") from error
