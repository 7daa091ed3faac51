"""Labelled variables of a store: one uncompressed chunk each, a CRC-32C behind it.

So the header of an array says how long its file is: what differs is refused before it is
read, and nothing can unpack to more than there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import Crc32cCodec

from .headers import header

__all__ = ["flaws", "read_labelled", "write_labelled"]

_TYPES = {"bool", "int8", "uint8", "int32", "int64", "float64"}


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


def read_labelled(path: Path, group: str) -> xr.Dataset:
    """Return the labelled variables of a group, in memory."""
    with xr.open_dataset(
        path, group=group, engine="zarr", zarr_format=3, consolidated=False
    ) as dataset:
        return dataset.load()


def _check_array(folder: Path, sizes: Mapping[str, int]) -> None:
    """Compare an array with its header, then read it and compare it with its checksum."""
    found = header(folder)
    shape, dims = found.get("shape"), found.get("dimension_names", [])
    if (
        not isinstance(shape, list)
        or not isinstance(dims, list)
        or shape != [sizes.get(name) for name in dims]
    ):
        raise ValueError(f"{folder} is damaged: dimensions {dims} with lengths {shape}")
    kind, grid = found.get("data_type"), found.get("chunk_grid")
    chunks = {"name": "regular", "configuration": {"chunk_shape": [n or 1 for n in shape]}}
    codecs = found.get("codecs")
    names = [c.get("name") for c in codecs if isinstance(c, dict)] if codecs else []
    if kind not in _TYPES or grid != chunks or names != ["bytes", "crc32c"]:
        raise ValueError(
            f"{folder} is damaged: not one uncompressed chunk of numbers with a checksum"
        )
    expected = np.dtype(kind).itemsize * math.prod(shape) + 4
    file = folder.joinpath("c", *"0" * len(shape))
    try:
        actual = file.stat().st_size
    except OSError:
        raise ValueError(f"{file} is missing") from None
    if actual != expected:
        raise ValueError(f"{file} is damaged: {actual} bytes of {expected}")
    try:
        zarr.open_array(folder, mode="r", zarr_format=3)[...]
    except ValueError:
        raise ValueError(f"{file} is damaged: its checksum is wrong") from None


def flaws(folder: Path, sizes: Mapping[str, int]) -> Iterator[str]:
    """Yield one line for every damaged array of a group of labelled variables.

    Parameters
    ----------
    folder : Path
    sizes : mapping
        Length of every dimension that may occur.
    """
    try:
        header(folder)
        arrays = sorted(path for path in folder.iterdir() if path.is_dir())
    except (OSError, ValueError) as error:
        yield str(error)
        return
    if not arrays:
        yield f"{folder} is empty"
    for array in arrays:
        try:
            _check_array(array, sizes)
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield " ".join(str(error).split())
