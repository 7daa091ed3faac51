"""The layout of a checkpoint: a plain ``.npz`` archive without pickled objects, and its seal.

``header`` is a JSON text: identity of the file, and for every part its identity and the names
of its arrays.  Part p has ``p/chains``, rows number in the grid, sweeps done and whether the
chain has ended; and for its k-th name ``p/k/owners``, the columns of the chains that have such
an array, ``p/k/shapes`` and ``p/k/values``, the arrays end to end: one entry of the archive,
however many chains there are.

The seal is the comment that ends the archive: the format, and the SHA-256 of every byte before
it.  Whatever changed since the file was written, in its numbers or in what they are of, is
seen.  That is a protection against damage and mistakes: whoever means to forge a checkpoint can
seal it again.  Such a file still costs no more memory than its own size, as entries are never
compressed, and a job takes no arrays but those of its own form (`montecarlo.engine.job`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from hebbian.documents import decode

from .progress import Progress

__all__ = ["FORMAT", "Part", "damaged", "read", "write"]

FORMAT = "hebbian-toolkit checkpoint 4"
_SEAL = re.compile(rb"(hebbian-toolkit checkpoint \d+) sha256:([0-9a-f]{64})")
#: The head of an array as numpy writes it: whoever reads others may do anything.
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '[<>|][biuf](\d+)', 'fortran_order': (?:True|False), "
    rb"'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)
_DIGITS = 64  # of a SHA-256
_BLOCK = 1 << 20
#: What reading a damaged archive may raise.
DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, EOFError,
          RuntimeError, OverflowError, zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip


class Part(NamedTuple):
    """A run in a file: what defines it, and the progress of its chains by their number."""

    identity: dict[str, Any]
    chains: dict[int, Progress]


@dataclass
class _Entry:
    identity: dict[str, Any]
    names: list[str]


@dataclass
class _Header:
    identity: dict[str, Any]
    parts: list[_Entry]


def write(file: BinaryIO, identity: dict[str, Any], parts: list[Part]) -> None:
    """Write an archive into an empty file, open for reading, too, and seal it."""
    np.savez(file, allow_pickle=False, **_pack(identity, parts))
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = f"{FORMAT} sha256:{'0' * _DIGITS}".encode()
    digest = _digest(file)
    file.seek(-_DIGITS, os.SEEK_END)
    file.write(digest)


def read(path: Path) -> tuple[dict[str, Any], list[Part]]:
    """Return the identity of a file and its parts.

    Raises
    ------
    ValueError
        If it is damaged, no checkpoint, or one of another format.
    """
    try:
        if not path.is_file():
            raise ValueError
        with path.open("rb") as file:
            form = _sealed(file)
            found = _unpack(file) if form == FORMAT else ({}, [])
    except DAMAGE:
        raise damaged(path) from None
    if form != FORMAT:
        raise ValueError(f"checkpoint = {str(path)!r} has the format {form!r}, not {FORMAT!r}")
    return found


def damaged(path: Path) -> ValueError:
    """Return what is said of a file that is no checkpoint, or one no more."""
    return ValueError(
        f"checkpoint = {str(path)!r} is damaged or not a checkpoint: move it away to start anew"
    )


def _digest(file: BinaryIO) -> bytes:
    """Return the SHA-256, in hexadecimal, of all but its own place at the end."""
    left, digest = file.seek(0, os.SEEK_END) - _DIGITS, hashlib.sha256()
    file.seek(0)
    while left > 0 and (block := file.read(min(left, _BLOCK))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


def _sealed(file: BinaryIO) -> str:
    """Return the format that the seal of a file names, once it is found unbroken."""
    file.seek(-min(256, file.seek(0, os.SEEK_END)), os.SEEK_END)
    *_, (form, digest) = _SEAL.findall(file.read())
    if digest != _digest(file):
        raise ValueError
    return str(form, "ascii")


def _pack(identity: dict[str, Any], parts: list[Part]) -> dict[str, np.ndarray]:
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
            arrays[f"{p}/{k}/owners"] = np.array(owners, np.int64)
            arrays[f"{p}/{k}/shapes"] = np.array([array.shape for array in own], np.int64)
            arrays[f"{p}/{k}/values"] = np.concatenate([array.ravel() for array in own])
        entries.append({"identity": part.identity, "names": names})
    header = {"identity": identity, "parts": entries}
    return {"header": np.frombuffer(json.dumps(header).encode(), np.uint8), **arrays}


def _unpack(file: BinaryIO) -> tuple[dict[str, Any], list[Part]]:
    size = file.seek(0, os.SEEK_END)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        stored = all(e.compress_type == zipfile.ZIP_STORED for e in entries)
        if not stored or sum(max(e.file_size, e.compress_size) for e in entries) > size:
            raise ValueError
        header = decode(_array(archive, "header").tobytes(), _Header, "header")
        return header.identity, [_part(archive, p, one) for p, one in enumerate(header.parts)]


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read numbers, once their declared shape is known to fill the entry."""
    entry = archive.getinfo(f"{name}.npy")
    with archive.open(entry) as file:
        length, size, shape = _HEAD.match(file.read(_BLOCK)).groups()  # type: ignore[union-attr]
    of_head = 10 + int.from_bytes(length, "little")
    if math.prod(map(int, re.findall(rb"\d+", shape))) * int(size) != entry.file_size - of_head:
        raise ValueError
    with archive.open(entry) as file:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _part(archive: zipfile.ZipFile, p: int, entry: _Entry) -> Part:
    numbers, sweeps, ended = _whole(archive, f"{p}/chains", 2).tolist()
    if len({*numbers}) < len(numbers) or min((*numbers, *sweeps), default=0) < 0:
        raise ValueError
    found: list[dict[str, np.ndarray]] = [{} for _ in numbers]
    for k, name in enumerate(entry.names):
        owners, shapes = (
            _whole(archive, f"{p}/{k}/owners", 1),
            _whole(archive, f"{p}/{k}/shapes", 2),
        )
        values = _array(archive, f"{p}/{k}/values")
        ends = np.cumsum(np.prod(shapes, axis=1, dtype=np.int64))
        if owners.min() < 0 or ends[-1] != values.size:
            raise ValueError
        for c, shape, piece in zip(owners, shapes, np.split(values, ends[:-1]), strict=True):
            if name in found[c]:
                raise ValueError
            found[c][name] = piece.reshape(shape)
    return Part(
        entry.identity,
        {
            number: Progress(sweep=sweep, arrays=own, ended={0: False, 1: True}[end])
            for number, sweep, end, own in zip(numbers, sweeps, ended, found, strict=True)
        },
    )


def _whole(archive: zipfile.ZipFile, name: str, n_axes: int) -> np.ndarray:
    """Read whole numbers."""
    found = _array(archive, name)
    if found.dtype != np.int64 or found.ndim != n_axes:
        raise ValueError
    return found
