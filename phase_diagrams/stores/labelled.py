"""Labelled variables of a store: one uncompressed chunk each, a CRC-32C behind it.

So the header of an array says how long its file is: what differs is refused before it is
read, and nothing can unpack to more than there is.

Times are 0, 1, 2, ...: the coordinate t is made when it is read, and not written, since t and T
are one name where a file system ignores case.

A group is sealed when it is complete: its header then names all variables, each with the CRC-32
of its header and of the checksum of its numbers, and says of which study and points they are.
What is missing, changed, or of another store is damage.
"""

from __future__ import annotations

import json
import math
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from msgspec import Struct
from zarr.codecs import Crc32cCodec

from hebbian.documents import convert, decode
from phase_diagrams.schema import with_times

from .headers import attributes, header, named, write_header
from .identity import Name

__all__ = ["flat", "flaws", "read_labelled", "seal", "write_labelled"]

_TYPES = {"bool", "int8", "uint8", "int32", "int64", "float64"}


def write_labelled(dataset: xr.Dataset, path: Path, group: str) -> None:
    """Add labelled variables to a group: each one chunk, a CRC-32C behind it."""
    for above in _above(path, group):
        try:
            attributes(above)
        except (OSError, ValueError):
            above.mkdir(exist_ok=True)
            write_header(above, {})
    dataset = dataset.drop_vars("t", errors="ignore")
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


def _above(path: Path, group: str) -> list[Path]:
    """Return the groups between a store and one of its groups."""
    between = group.split("/")[:-1]
    return [path.joinpath(*between[: i + 1]) for i in range(len(between))]


def seal(path: Path, group: str, about: Mapping[str, Any]) -> None:
    """End the writing of a group.

    Parameters
    ----------
    path : Path
    group : str
    about : mapping
        Attributes that say what the variables are of, see `flaws`.
    """
    folder = path / group
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    marks = {name: _mark(folder / name) for name in names}
    entries = {**header(folder)["attributes"], **about, "variables": json.dumps(marks)}
    write_header(folder, entries)


def _mark(array: Path) -> int:
    """Return the CRC-32 of what an array says of itself, the checksum of its numbers included."""
    said = (array / "zarr.json").read_bytes()
    with _chunk(array, header(array)["shape"]).open("rb") as file:
        file.seek(-4, 2)
        return zlib.crc32(file.read(), zlib.crc32(said))


def _chunk(array: Path, shape: Sequence[int]) -> Path:
    """Return the file of the numbers of an array."""
    return array.joinpath("c", *"0" * len(shape))


def flat(array: Path) -> np.ndarray:
    """Return the numbers of an array without flaws as they stand in its file."""
    found = header(array)
    size = math.prod(found["shape"])
    return np.memmap(_chunk(array, found["shape"]), found["data_type"], "r", shape=(size,))


def read_labelled(path: Path, group: str) -> xr.Dataset:
    """Return the labelled variables of a sealed group without `flaws`, in memory."""
    with warnings.catch_warnings():
        # Of what somebody else has put into the group.
        warnings.filterwarnings("ignore", message="Object at .* is not recognized")
        with xr.open_dataset(
            path, group=group, engine="zarr", zarr_format=3, consolidated=False, decode_times=False
        ) as dataset:
            found: xr.Dataset = dataset[list(_sealed(path / group).marks)].load()
            return with_times(found)


class _Seal(Struct, frozen=True):
    variables: str

    @property
    def marks(self) -> dict[str, int]:
        """Name and mark of every variable."""
        return decode(self.variables, dict[Name, int], "variables")


def _sealed(folder: Path) -> _Seal:
    return convert(attributes(folder), _Seal, str(folder / "zarr.json"))


def _check_array(folder: Path, sizes: Mapping[str, int] | None, mark: int) -> None:
    """Compare an array with its header, then read it and compare it with its checksum."""
    found = header(folder)
    shape, dims = found.get("shape"), found.get("dimension_names", [])
    if (
        not isinstance(shape, list)
        or not isinstance(dims, list)
        or (sizes is not None and shape != [sizes.get(name) for name in dims])
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
    file = _chunk(folder, shape)
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
    if _mark(folder) != mark:
        raise ValueError(f"{folder} is damaged: it is not what was written")


def flaws(
    path: Path, group: str, sizes: Mapping[str, int] | None, about: Mapping[str, Any]
) -> Iterator[str]:
    """Yield one line for every damage of a sealed group of labelled variables.

    Parameters
    ----------
    path : Path
    group : str
    sizes : mapping or None
        Length of every dimension that may occur; None: any.
    about : mapping
        Attributes that the group has to have, by which it belongs here.
    """
    folder = path / group
    for above in _above(path, group):
        try:
            attributes(above)
        except (OSError, ValueError) as error:
            yield named(error)
    try:
        found, marks = attributes(folder), _sealed(folder).marks
    except (OSError, ValueError) as error:
        yield named(error)
        return
    if any(found.get(name) != value for name, value in about.items()):
        yield f"{folder} is of another study or of other points"
        return
    for name, mark in marks.items():
        try:
            _check_array(folder / name, sizes, mark)
        except (OSError, ValueError, KeyError, TypeError) as error:
            yield named(error)
