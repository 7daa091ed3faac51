"""How the files of a store are written: whole or not at all, with a checksum, to the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import xarray as xr
from zarr.codecs import Crc32cCodec

from .integrity import digest

__all__ = ["flush", "flush_all", "write_header", "write_labelled"]


def write_header(folder: Path, entries: dict[str, Any]) -> None:
    """Write the header of a group with attributes and their digest, by a rename.

    Parameters
    ----------
    folder : Path
    entries : dict
        The attributes.
    """
    folder.mkdir(exist_ok=True)
    header = {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {**entries, "digest": digest(entries)},
    }
    # What a dying process leaves in a group is no part of Zarr; within an array nobody looks.
    rows = folder / "cells" / "rows"
    making = (rows if rows.exists() else folder) / ".header"
    try:
        with making.open("w", encoding="utf-8") as file:
            json.dump(header, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / "zarr.json")
    finally:
        making.unlink(missing_ok=True)


def write_labelled(dataset: xr.Dataset, path: Path, group: str) -> None:
    """Add labelled variables to a group: each one chunk, a CRC-32C behind it."""
    encoding = {
        name: {"chunks": variable.shape, "compressors": (Crc32cCodec(),)}
        for name, variable in dataset.variables.items()
    }
    dataset.to_zarr(
        path,
        group=group,
        mode="a",
        zarr_format=3,
        consolidated=False,
        encoding=encoding,
        write_empty_chunks=True,
    )


def flush(path: Path) -> None:
    """Have the disk hold a file, or the entries of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_all(folder: Path) -> None:
    """Have the disk hold a folder and all below it."""
    for path in (*folder.rglob("*"), folder):
        flush(path)
