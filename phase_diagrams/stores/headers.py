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

__all__ = ["attributes", "digest", "header", "identify", "write_header"]

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
        if path.stat().st_size > _LONGEST_HEADER:
            raise ValueError(f"longer than {_LONGEST_HEADER} bytes")
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict) or found.get("zarr_format") != 3:
            raise ValueError("not the header of a Zarr v3 node")
    except (ValueError, RecursionError) as error:
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
    found = header(folder).get("attributes")
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


def write_header(folder: Path, entries: dict[str, Any]) -> None:
    """Write the header of a group with attributes and their digest, by a rename.

    Parameters
    ----------
    folder : Path
    entries : dict
        The attributes.
    """
    folder.mkdir(exist_ok=True)
    content = {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {**entries, "digest": digest(entries)},
    }
    # What a dying process leaves in a group is no part of Zarr; within an array nobody looks.
    arrays = (p for place in ("cells/*/rows", "*/rows", "rows") for p in folder.glob(place))
    making = next(arrays, folder) / ".header"
    try:
        with making.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / "zarr.json")
    finally:
        making.unlink(missing_ok=True)
