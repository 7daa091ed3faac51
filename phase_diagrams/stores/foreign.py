"""Studies in files of other programs, and what is said of files that hold none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr

from phase_diagrams.schema import arranged

from .headers import header
from .signatures import HEAD, kind_of

__all__ = ["is_foreign", "read_foreign"]

#: Bytes that a file may unpack to.
LARGEST = 1 << 32

#: What to do with files that hold no study.
_USES = {
    "text (a table?)": "a table keeps no study: read it with pandas.read_csv",
    "a Python pickle": "a pickle may run any code and is not opened",
    "a zip archive (npz and xlsx are such)": "unpack it first",
}


def is_foreign(path: Path) -> bool:
    """Whether this is a file, or a Zarr folder that is no store: those have digests."""
    if not path.is_dir():
        return path.is_file()
    try:
        found = header(path).get("attributes")
    except ValueError:
        return False
    except OSError:
        return any((path / name).exists() for name in (".zgroup", ".zattrs", ".zarray"))
    sealed = isinstance(found, dict) and "digest" in found
    return not sealed and not (path / "cells").exists()


def read_foreign(path: Path) -> xr.DataTree:
    """Read a study from a netCDF file or a Zarr folder of xarray, into memory.

    Parameters
    ----------
    path : Path

    Returns
    -------
    xarray.DataTree

    Raises
    ------
    ValueError
        If there is no study; the line says what there is.
    OSError
        If it cannot be read.
    """
    if path.is_dir():
        if not (path / "zarr.json").exists():
            raise ValueError(
                f"{path} is a folder of Zarr v2, not of a study: write it again with "
                "xarray.open_datatree(...).to_zarr(..., zarr_format=3)"
            )
        options: dict[str, Any] = {"engine": "zarr", "zarr_format": 3, "consolidated": False}
        what = "a Zarr folder"
    else:
        with path.open("rb") as file:
            head = file.read(HEAD)
        what = kind_of(head)
        if what != "an HDF5 file":
            use = _USES.get(what, "open a store, or the netCDF file that export wrote")
            raise ValueError(f"{path} is {what or 'a file of unknown kind'}, not a study: {use}")
        options = {"engine": "h5netcdf", "phony_dims": "access"}
    try:
        with xr.open_datatree(path, **options) as opened:
            size = sum(node.to_dataset(inherit=False).nbytes for node in opened.subtree)
            if size > LARGEST:
                raise ValueError(f"it unpacks to {size} bytes, more than {LARGEST}")
            tree = opened.load()
    except PermissionError:
        raise
    except Exception as error:  # whatever a damaged file makes of its reader
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{path} is {what} that cannot be read: {reason}") from error
    if not {"theory", "simulation"} & set(tree.children):
        single = "one data set" if tree.data_vars else "other groups"
        door = "open_dataset" if tree.data_vars else "open_datatree"
        raise ValueError(
            f"{path} is {what} of {single}, without the groups theory and simulation of a study: "
            f"xarray.{door} reads it"
        )
    for node in tree.subtree:
        if node.name in ("theory", "simulation"):
            node.dataset = arranged(node.to_dataset())
    return tree
