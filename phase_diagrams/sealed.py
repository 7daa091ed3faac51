"""Results in netCDF files that are read back: sealed, so that none is taken for what it is not.

The seal follows the last byte of the file, where readers of HDF5 do not look: the SHA-256 of
all bytes before it.  It protects from damage and mistakes, not from forgery.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import xarray as xr

__all__ = ["read", "seal"]

_SEAL = re.compile(rb"\nhebbian-toolkit sha256:([0-9a-f]{64})\Z")
_LENGTH = len("\nhebbian-toolkit sha256:") + 64


def seal(path: Path) -> None:
    """Write the seal behind the end of a file."""
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.write(f"\nhebbian-toolkit sha256:{digest}".encode())
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, name: str) -> xr.DataTree:
    """Return what a sealed file holds, in memory.

    Parameters
    ----------
    path : Path
    name : str
        What the file is, for the message.

    Raises
    ------
    ValueError
        If it was changed since it was sealed, or never was.
    """
    damaged = ValueError(
        f"{name} is damaged, or no result of this version: move it away to compute it again"
    )
    if not path.is_file() or not _unbroken(path):
        raise damaged
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            variables = [one for node in tree.subtree for one in node.dataset.variables.values()]
            # What is written is not compressed: more would be unpacked from nothing.
            if sum(one.nbytes for one in variables) > path.stat().st_size:
                raise damaged
            return tree.load()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        raise damaged from None


def _unbroken(path: Path) -> bool:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = file.seek(0, os.SEEK_END) - _LENGTH
        if left < 0:
            return False
        file.seek(left)
        found = _SEAL.fullmatch(file.read())
        file.seek(0)
        while found and left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return bool(found and found[1] == digest.hexdigest().encode())
