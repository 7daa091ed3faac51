"""The result of a long call in a file of its own: the same call reads it, another is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import xarray as xr

from .sealed import read, seal
from .stores.files import replacing

__all__ = ["checked_path", "keep", "kept"]


def checked_path(out: Any) -> Path:
    """Return the place of the result; what cannot be written is said now, not after a night."""
    if not isinstance(out, (str, os.PathLike)) or not str(out):
        raise ValueError(f"out = {out!r} is not the path of a file")
    path = Path(out)
    if not path.absolute().parent.is_dir():
        raise ValueError(f"out = {str(path)!r}: there is no folder {path.absolute().parent}")
    return path


def kept(path: Path, asked: dict[str, Any]) -> xr.Dataset:
    """Read a result that is there already."""
    found = read(path, f"out = {str(path)!r}").to_dataset()
    if found.attrs.get("request") != json.dumps(asked):
        raise ValueError(f"out = {str(path)!r} holds another result: choose another file")
    return found


def keep(found: xr.Dataset, path: Path) -> None:
    """Write a result, whole or not at all, whose attribute ``request`` says what was asked."""
    with replacing(path) as making:
        found.to_netcdf(making, engine="h5netcdf")
        seal(making)
