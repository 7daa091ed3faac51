"""Whether a store is what was written: bounds before reading, checksums on reading.

Nothing in a store is believed.  It holds JSON and numbers, no code and no pickles.  The
labelled arrays are written uncompressed, in one chunk that ends with its CRC-32C, so the
header of an array says how long its file is: what differs is refused before it is read, and
nothing can unpack to more than there is.  The rows of the points carry checksums of their
own (`phase_diagrams.stores.journal`), the attributes of the store a digest.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

__all__ = ["attributes", "check", "digest", "flaws", "identify"]

#: Headers hold names and the values of axes; none is longer.
_LONGEST_HEADER = 1 << 28

_TYPES = {"bool", "int8", "uint8", "int32", "int64", "float64"}


def digest(entries: Mapping[str, Any]) -> str:
    """Return the SHA-256 of attributes, their own digest left out."""
    plain = {name: value for name, value in entries.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _header(folder: Path) -> dict[str, Any]:
    """Read ``zarr.json``.

    Raises
    ------
    ValueError
        If it is damaged.
    OSError
        If it cannot be read.
    """
    path = folder / "zarr.json"
    try:
        if path.stat().st_size > _LONGEST_HEADER:
            raise ValueError(f"longer than {_LONGEST_HEADER} bytes")
        header = json.loads(path.read_bytes())
        if not isinstance(header, dict) or header.get("zarr_format") != 3:
            raise ValueError("not the header of a Zarr v3 node")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    return header


def attributes(folder: Path) -> dict[str, Any]:
    """Return the attributes of a group, verified by the digest among them.

    Raises
    ------
    ValueError
        If they are damaged, or have no digest.
    OSError
        If there are none.
    """
    found = _header(folder).get("attributes")
    if not isinstance(found, dict) or found.get("digest") != digest(found):
        raise ValueError(f"{folder / 'zarr.json'} is damaged: its digest is wrong")
    return found


def identify(path: Path, kind: str, version: int) -> dict[str, Any]:
    """Return the attributes of a store, or their copy in ``cells`` if the root is damaged.

    Parameters
    ----------
    path : Path
    kind : str
        Its attribute ``format``.
    version : int
        Its attribute ``schema_version``.

    Raises
    ------
    ValueError
        If this is not such a store, one of another layout, or damaged beyond its copy.
    PermissionError
        If it must not be read.
    """
    damage: Exception | None = None
    denied: OSError | None = None
    for folder in (path, path / "cells"):
        try:
            found = attributes(folder)
        except ValueError as error:
            damage = damage or error
            # An older layout has no digest, but says what it is.
            found = _unverified(folder)
            if found.get("schema_version", version) == version:
                continue
        except PermissionError as error:
            denied = denied or error
            continue
        except OSError:
            continue
        if found.get("format") != kind:
            break
        if found["schema_version"] != version:
            raise ValueError(
                f"{path} has layout {found['schema_version']!r}, this version reads layout "
                f"{version}: repeat the study, or use the version that wrote it"
            )
        return found
    if damage and kind.encode() in (path / "zarr.json").read_bytes()[:_LONGEST_HEADER]:
        raise damage
    if denied:
        raise denied
    what = "is not the store of a study" if path.exists() else "does not exist"
    raise ValueError(f"{path} {what}")


def _unverified(folder: Path) -> dict[str, Any]:
    try:
        found = _header(folder).get("attributes")
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_array(folder: Path, sizes: Mapping[str, int]) -> None:
    """Compare an array with its header, then read it and compare it with its checksum."""
    header = _header(folder)
    shape, dims = header.get("shape"), header.get("dimension_names", [])
    if (
        not isinstance(shape, list)
        or not isinstance(dims, list)
        or shape != [sizes.get(name) for name in dims]
    ):
        raise ValueError(f"{folder} is damaged: dimensions {dims} with lengths {shape}")
    kind, grid = header.get("data_type"), header.get("chunk_grid")
    chunks = {"name": "regular", "configuration": {"chunk_shape": [n or 1 for n in shape]}}
    codecs = header.get("codecs")
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


def _check_group(folder: Path, sizes: Mapping[str, int]) -> Iterator[str]:
    try:
        _header(folder)
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


def flaws(folder: Path, sizes: Mapping[str, int]) -> list[str]:
    """Return one line for every damaged array of a group of labelled variables.

    Parameters
    ----------
    folder : Path
    sizes : mapping
        Length of every dimension that may occur.
    """
    return list(_check_group(folder, sizes))


def check(path: str | os.PathLike[str]) -> list[str]:
    """Read a store through and name what is damaged.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of str
        One line for every damage, empty if the store is sound.  Resuming the sweep mends
        all of them.

    Raises
    ------
    ValueError
        If this is not the store of a study, or nothing in it says of which.
    """
    from .store import Store

    return Store(path).flaws()
