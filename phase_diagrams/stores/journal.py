r"""Points on disk, as they are computed: rows of numbers, each with the key of its point.

A part of a study (its grid, or a round of refinement) has a group below ``cells`` with one
Zarr array ``rows``: one row per point, its status, its results, and the CRC-32 of both (Zarr
chunk: the whole array, uncompressed).  A row is written in place by one `os.pwrite`, so the
file depends on the points that are done and on nothing else: not on their order, nor on how
often the writer was killed.

=======================  ===============================================================
row                      means
=======================  ===============================================================
zero in every bit        pending: the file is allocated with the part
checksum right           done (1) or failed (2)
checksum wrong           damaged: torn by a dying writer, or by the disk; computed again
=======================  ===============================================================

The checksum starts from the hash of the key of the point (`phase_diagrams.keys`), its canonical
coordinates, and of the fingerprint of the study: a row that stands for another point, or is of
another study, is damaged, too.
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import time
import zlib
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from phase_diagrams.grid import Grid
from phase_diagrams.keys import find, hashes
from phase_diagrams.results import DAMAGED, DONE, FAILED, PENDING

from .files import FULL
from .headers import header, made, named, write_header

__all__ = ["Journal"]

#: Bytes read at a time: memory does not grow with the number of points.
_BLOCK = 1 << 20

#: Bytes that a file of rows may lack and still be read: its header is all that speaks for them.
_MOST_LOST = 1 << 26

#: Seconds of work that a failing machine, as opposed to a killed process, may cost.
_SYNC_EVERY = 1.0


class Journal:
    """The rows of a part of a study; positions count its points, the last axis fastest.

    Parameters
    ----------
    folder : Path
        The group of the part.
    grid : Grid
    slots : dict of str to int
        Name and number of the results in a row.
    fingerprint : str
        Of the study, 64 hexadecimal digits.
    """

    def __init__(self, folder: Path, grid: Grid, slots: dict[str, int], fingerprint: str) -> None:
        self.folder, self.grid, self.slots = folder, grid, slots
        self.fingerprint = fingerprint
        self._columns = sum(self.slots.values()) + 2
        self._row = 8 * self._columns
        self._file = self.folder.joinpath("rows", "c", *"0" * (len(grid.shape) + 1))
        self._handle = -1
        self._synced = 0.0

    @cached_property
    def _starts(self) -> np.ndarray:
        return hashes(self.grid) ^ np.uint32(int(self.fingerprint[:8], 16))

    @cached_property
    def number(self) -> int:
        """0 for the grid of the study, k for the k-th round of refinement."""
        return int(self.folder.name.partition("refinement_")[2] or 0)

    @property
    def group(self) -> str:
        """Where the labelled groups of the part stand in the store."""
        return f"refinement/{self.number:03d}/" if self.number else ""

    @property
    def checkpoints(self) -> Path:
        """Folder for the progress inside of points: within an array Zarr looks for nothing."""
        return self.folder / "rows" / "checkpoints"

    @property
    def n_bytes(self) -> int:
        """Size of the file of rows."""
        return self._row * self.grid.size

    @cached_property
    def points(self) -> dict[str, Any]:
        """All that says which points are here: attributes of the group, and of its array."""
        return {
            "model": json.dumps(self.grid.model.describe()),
            "grid": json.dumps(self.grid.describe()),
            "n_patterns": self.grid.n_patterns,
            "slots": {"status": 1, **self.slots, "checksum": 1},
            "fingerprint": self.fingerprint,
            "round": self.number,
        }

    def _nodes(self) -> dict[Path, dict[str, Any]]:
        """Return group and array, and what their headers have beside `points`."""
        shape = [*self.grid.shape, self._columns]
        array = {
            "node_type": "array",
            "shape": shape,
            "data_type": "float64",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": 0.0,
            "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
            "dimension_names": [*self.grid.axes, "slot"],
        }
        return {self.folder: {}, self.folder / "rows": array}

    def write_headers(self) -> None:
        """Write the headers of group and array; the rows stay."""
        for folder, node in self._nodes().items():
            write_header(folder, self.points, **node)

    def create(self) -> None:
        """Make the group with an empty array and allocate its file: a full disk shows now.

        Raises
        ------
        OSError
            If the disk has no room for all points.
        """
        self.write_headers()
        self.allocate()

    def flaws(self) -> Iterator[str]:
        """Yield one line for every damage but that of rows."""
        for folder, node in self._nodes().items():
            try:
                if header(folder) != made(self.points, **node):
                    yield f"{folder / 'zarr.json'} is damaged: it is not of these points"
            except (OSError, ValueError) as error:
                yield named(error)
        if self._there() != self.n_bytes:
            yield f"{self._file} is damaged: {self._there()} bytes of {self.n_bytes}"

    def _there(self) -> int:
        """Return how long the file of rows is."""
        return self._file.stat().st_size if self._file.is_file() else 0

    def allocate(self) -> None:
        """Make the file as long as it has to be; what it lacked is pending."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            os.ftruncate(handle, self.n_bytes)
            os.posix_fallocate(handle, 0, self.n_bytes)
        except OSError as error:
            if error.errno not in FULL:
                raise
            message = f"no room for the {self.n_bytes} bytes of {self.grid.size} points"
            raise OSError(error.errno, message, str(self._file)) from None
        finally:
            os.close(handle)

    def __enter__(self) -> Journal:
        self.allocate()
        self._handle = os.open(self._file, os.O_RDWR | os.O_CLOEXEC)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            os.fdatasync(self._handle)
        finally:
            os.close(self._handle)
            self._handle = -1

    def write(self, position: int, status: int, values: np.ndarray | float) -> None:
        """Write one point, inside ``with journal``; at most once a second wait for the disk."""
        row = np.empty(self._columns)
        row[0] = status
        row[1:-1] = values
        row[-1] = zlib.crc32(row[:-1].tobytes(), int(self._starts[position]))
        os.pwrite(self._handle, row.tobytes(), position * self._row)
        now = time.monotonic()
        if now - self._synced > _SYNC_EVERY:
            os.fdatasync(self._handle)
            self._synced = now

    def insert(self, other: Journal) -> int:
        """Add the points of another journal that have a place here, inside ``with journal``.

        Done beats failed, failed beats pending.

        Returns
        -------
        int
            Number of damaged points that were left out.

        Raises
        ------
        ValueError
            If a point is done in both, with different bits.
        """
        places, known = find(self.grid, other.grid), self.status().ravel()
        damaged = read = 0
        for first, status, values in other.blocks():
            read = first + len(status)
            damaged += int((status == DAMAGED).sum())
            here = places[first : first + len(status)]
            for i in np.flatnonzero(np.isin(status, (DONE, FAILED)) & (here >= 0)).tolist():
                place = int(here[i])
                if status[i] == FAILED and known[place] in (DONE, FAILED):
                    continue
                row = self._fitted(values[i], other)
                if status[i] == known[place] == DONE:
                    _, _, ours = self._read(self._handle, place, 1)
                    if ours.tobytes() != row.tobytes():
                        cell = next(itertools.islice(self.grid.cells(), place, None))
                        raise ValueError(
                            f"{other.folder.parents[1]} disagrees with another store about the "
                            f"point {cell.key()}: nothing is merged"
                        )
                    continue
                self.write(place, status[i], row)
                known[place] = status[i]
        return damaged + max(other.grid.size - read, 0)

    def _fitted(self, values: np.ndarray, other: Journal) -> np.ndarray:
        """Return a row of another journal with as many patterns as there are here."""
        if other.slots == self.slots:
            return values
        blocks = np.split(values, np.cumsum(list(other.slots.values()))[:-1])
        row = [np.full(length, np.nan) for length in self.slots.values()]
        for block, there in zip(row, blocks, strict=True):
            n = min(len(block), len(there))
            block[:n] = there[:n]
        return np.concatenate(row)

    def blocks(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yield all rows that the file has in their order, a bounded number at a time.

        The position of the first, their status (uint8) and numbers, NaN where not done.  Rows
        behind its end, of which this yields at most one, are damaged.
        """
        there = min(-(-self._there() // self._row), self.grid.size)
        if not there:
            return
        per_block = max(_BLOCK // self._row, 1)
        handle = os.open(self._file, os.O_RDONLY)
        try:
            for first in range(0, there, per_block):
                yield self._read(handle, first, min(per_block, there - first))
        finally:
            os.close(handle)

    def _read(self, handle: int, first: int, n_rows: int) -> tuple[int, np.ndarray, np.ndarray]:
        status, rows = self._verified(handle, first, n_rows)
        if (status == DAMAGED).any():
            # A row that is being written just now is whole a moment later.
            time.sleep(0.002)
            status, rows = self._verified(handle, first, n_rows)
        values = rows[:, 1:-1]
        values[status != DONE] = np.nan
        return first, status, values

    def _verified(self, handle: int, first: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        size = n_rows * self._row
        content = os.pread(handle, size, first * self._row)
        rows = np.zeros((n_rows, self._columns))
        rows.view(np.uint8).reshape(-1)[: len(content)] = np.frombuffer(content, np.uint8)
        written = np.flatnonzero(rows.view(np.uint64).any(axis=1))
        there = rows[written]
        bodies = struct.iter_unpack(f"{self._row - 8}s8x", there.data)
        starts = self._starts[first + written].tolist()
        checksums = np.fromiter(
            map(zlib.crc32, itertools.chain.from_iterable(bodies), starts), np.float64, len(there)
        )
        known = (there[:, -1] == checksums) & np.isin(there[:, 0], (DONE, FAILED))
        status = np.full(n_rows, PENDING, np.uint8)
        status[written] = np.where(known, there[:, 0], DAMAGED)
        # Rows behind the end of a truncated file are lost, not pending.
        status[len(content) // self._row :] = DAMAGED
        return status, rows

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where every result stands among the numbers of a row."""
        bounds = np.cumsum([0, *self.slots.values()])
        return dict(zip(self.slots, map(slice, bounds[:-1], bounds[1:]), strict=True))

    def status(self) -> np.ndarray:
        """Return the status of every point, shape of the grid, uint8."""
        return self.read([])[0]

    def read(self, names: Collection[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the status of every point and some variables: shape of the grid + (length,).

        Raises
        ------
        ValueError
            If so much of the file is missing that nothing but its header says how long it was.
        """
        if names and self.n_bytes - self._there() > _MOST_LOST:
            raise ValueError(
                f"{self._file} is damaged: {self._there()} bytes of {self.n_bytes}; resuming the "
                "sweep (--resume) computes what is missing"
            )
        states = np.full(self.grid.size, DAMAGED, np.uint8)
        found = {name: np.full((self.grid.size, self.slots[name]), np.nan) for name in names}
        for first, status, values in self.blocks():
            here = slice(first, first + len(status))
            states[here] = status
            for name, column in found.items():
                column[here] = values[:, self.places[name]]
        shape = self.grid.shape
        columns = {name: column.reshape(*shape, -1) for name, column in found.items()}
        return states.reshape(shape), columns
