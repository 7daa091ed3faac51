"""Headers of a store: ``zarr.json`` with a digest, written by a rename, read without trust.

Nothing in a store is believed.  It holds JSON and numbers, no code and no pickles.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hebbian.documents import contents, decode

__all__ = ["attributes", "digest", "header", "made", "named", "write_header"]

#: Headers hold names and the values of axes; none is longer.
_LONGEST_HEADER = 1 << 28


def digest(entries: Mapping[str, Any]) -> str:
    """Return the SHA-256 of attributes, their own digest left out."""
    plain = {name: value for name, value in entries.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def header(folder: Path) -> dict[str, Any]:
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
        content = contents(path, longest=_LONGEST_HEADER)
        found = decode(content, dict[str, Any], "JSON", longest=_LONGEST_HEADER)
        if found.get("zarr_format") != 3 or not isinstance(found.get("attributes", {}), dict):
            raise ValueError("not the header of a Zarr v3 node")
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    return found


def attributes(folder: Path) -> dict[str, Any]:
    """Return the attributes of a group or an array, verified by the digest among them.

    Raises
    ------
    ValueError
        If they are damaged, or have no digest.
    OSError
        If there are none.
    """
    found: dict[str, Any] = header(folder).get("attributes", {})
    if found.get("digest") != digest(found):
        raise ValueError(f"{folder / 'zarr.json'} is damaged: its digest is wrong")
    return found


def named(error: Exception) -> str:
    """Return one line for what is wrong with a header or another file."""
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing"
    return " ".join(str(error).split())


def made(entries: Mapping[str, Any], **node: Any) -> dict[str, Any]:
    """Return the header of a group, or of another node, with attributes and their digest."""
    attributes = {**entries, "digest": digest(entries)}
    return {"zarr_format": 3, "node_type": "group", **node, "attributes": attributes}


def write_header(folder: Path, entries: Mapping[str, Any], **node: Any) -> None:
    """Write a header by a rename, so that it is there or is not.

    Parameters
    ----------
    folder : Path
    entries : mapping
        The attributes.
    **node
        What else the header of another node than a group has.
    """
    folder.mkdir(exist_ok=True)
    # What a dying process leaves in a group is no part of Zarr; within an array nobody looks.
    arrays = (p for place in ("cells/*/rows", "*/rows", "rows") for p in folder.glob(place))
    making = next(arrays, folder) / ".header"
    try:
        with making.open("w", encoding="utf-8") as file:
            json.dump(made(entries, **node), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / "zarr.json")
    finally:
        making.unlink(missing_ok=True)
