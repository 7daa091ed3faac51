"""The layout of a checkpoint: a plain ``.npz`` archive without pickled objects.

``header`` is a JSON text: format, identity of the file, and for every part its identity and
the names of its arrays.  Part p has ``p/chains``, rows number in the grid, sweeps done and
whether the chain has ended; and for its k-th name ``p/k/owners``, the columns of the chains
that have such an array, ``p/k/shapes`` and ``p/k/values``, the arrays end to end: one entry
of the archive, however many chains there are.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .progress import Progress

__all__ = ["FORMAT", "Part", "pack", "read"]

FORMAT = "hebbian-toolkit checkpoint 3"
#: What reading a damaged archive may raise.
DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, EOFError,
          RuntimeError, zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip


class Part(NamedTuple):
    """A run in a file: what defines it, and the progress of its chains by their number."""

    identity: dict[str, Any]
    chains: dict[int, Progress]


def pack(identity: dict[str, Any], parts: list[Part]) -> dict[str, np.ndarray]:
    """Return the arrays of an archive."""
    entries, arrays = [], {}
    for p, part in enumerate(parts):
        chains = list(part.chains.values())
        table = [(n, c.sweep, c.ended) for n, c in part.chains.items()]
        arrays[f"{p}/chains"] = np.array(table, np.int64).reshape(-1, 3).T
        names = list(dict.fromkeys(name for chain in chains for name in chain.arrays))
        for k, name in enumerate(names):
            owners = [c for c, chain in enumerate(chains) if name in chain.arrays]
            own = [np.asarray(chains[c].arrays[name]) for c in owners]
            arrays[f"{p}/{k}/owners"] = np.array(owners)
            arrays[f"{p}/{k}/shapes"] = np.array([array.shape for array in own], np.int64)
            arrays[f"{p}/{k}/values"] = np.concatenate([array.ravel() for array in own])
        entries.append({"identity": part.identity, "names": names})
    header = {"format": FORMAT, "identity": identity, "parts": entries}
    return {"header": np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays}


def read(path: Path) -> tuple[dict[str, Any], list[Part]]:
    """Return the identity of a file and its parts.

    Raises
    ------
    ValueError
        If it is damaged, no checkpoint, or one of another format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise ValueError
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            form, identity = header["format"], header.get("identity")
            parts = [_part(arrays, p, **entry) for p, entry in enumerate(header["parts"])] \
                if form == FORMAT else []  # fmt: skip
    except DAMAGE:
        raise ValueError(
            f"checkpoint = {str(path)!r} is damaged or not a checkpoint: move it away to start anew"
        ) from None
    if form != FORMAT:
        raise ValueError(f"checkpoint = {str(path)!r} has the format {form!r}, not {FORMAT!r}")
    return identity, parts


def _part(arrays: Any, p: int, identity: dict[str, Any], names: list[str]) -> Part:
    table = arrays[f"{p}/chains"].T.tolist()
    found: list[dict[str, np.ndarray]] = [{} for _ in table]
    for k, name in enumerate(names):
        shapes, values = arrays[f"{p}/{k}/shapes"], arrays[f"{p}/{k}/values"]
        pieces = np.split(values, np.cumsum(np.prod(shapes, axis=1, dtype=np.int64))[:-1])
        for c, shape, piece in zip(arrays[f"{p}/{k}/owners"], shapes, pieces, strict=True):
            found[c][name] = piece.reshape(shape)
    chains = {
        number: Progress(sweep=sweep, arrays=own, ended=bool(ended))
        for (number, sweep, ended), own in zip(table, found, strict=True)
    }
    return Part(identity, chains)
