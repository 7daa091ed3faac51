r"""Points on disk, as they are computed.

One Zarr array ``cells/rows`` holds one row of numbers per point: its status, its *slots*,
and the CRC-32 of both (Zarr chunk: the whole array, uncompressed).  A row is written in
place by one `os.pwrite`, so the file depends on the points that are done and on nothing
else: not on their order, nor on how often the writer was killed.

=======================  ===============================================================
row                      means
=======================  ===============================================================
zero in every bit        pending: the file is allocated with the store
checksum right           done (1) or failed (2)
checksum wrong           damaged: torn by a dying writer, or by the disk; computed again
=======================  ===============================================================

The checksum starts from the position of the point, so that a row in the wrong place is
damaged, too.
"""

from __future__ import annotations

import errno
import itertools
import os
import struct
import time
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import zarr

from phase_diagrams.study import Study

__all__ = ["DAMAGED", "DONE", "FAILED", "OVERLAPS", "PENDING", "Block", "Journal", "slots"]

#: Values of ``status``; a damaged point is one only until it is computed again.
PENDING, DONE, FAILED, DAMAGED = 0, 1, 2, 3

#: Overlaps: one number, or one for every pattern of a network without a load.
OVERLAPS = ("m", "m_err", "n", "n_err")
SCALARS = ("q", "q_err", "energy", "energy_err", "tau", "n_eff", "acceptance", "escaped")

#: Bytes read at a time: memory does not grow with the number of points.
_BLOCK = 1 << 20

#: Seconds of work that a failing machine, as opposed to a killed process, may cost.
_SYNC_EVERY = 1.0


def slots(n_patterns: int | None, n_samples: int) -> dict[str, int]:
    """Return the variables of a row and how many numbers each takes.

    Examples
    --------
    >>> sum(slots(None, 4).values()), sum(slots(3, 4).values())
    (16, 24)
    """
    overlaps = dict.fromkeys(OVERLAPS, n_patterns or 1)
    return {**overlaps, **dict.fromkeys(SCALARS, 1), "m_samples": n_samples}


class Block(NamedTuple):
    """Consecutive rows of a journal.

    Parameters
    ----------
    first : int
        Position of the first row.
    status : numpy.ndarray
        Shape (rows,), uint8.
    values : numpy.ndarray
        Shape (rows, slots); NaN where the point is not done.
    """

    first: int
    status: np.ndarray
    values: np.ndarray


class Journal:
    """The rows of a study; positions count its points, the last axis fastest.

    Parameters
    ----------
    path : Path
        The store.
    study : Study
    """

    def __init__(self, path: Path, study: Study) -> None:
        self.grid = study.grid
        self.slots = slots(study.grid.n_patterns, study.settings.n_samples)
        self._columns = sum(self.slots.values()) + 2
        self._row = 8 * self._columns
        self._array = path / "cells" / "rows"
        self._file = self._array.joinpath("c", *"0" * (len(self.grid.shape) + 1))
        self._handle = -1
        self._synced = 0.0

    @property
    def n_bytes(self) -> int:
        """Size of the file of rows."""
        return self._row * self.grid.size

    def create(self, cells: zarr.Group) -> None:
        """Add the array to a new store and allocate its file: a full disk shows now.

        Raises
        ------
        OSError
            If the disk has no room for all points.
        """
        shape = (*self.grid.shape, self._columns)
        cells.create_array(
            "rows",
            shape=shape,
            chunks=shape,
            dtype="float64",
            fill_value=0.0,
            compressors=None,
            dimension_names=(*self.grid.axes, "slot"),
            attributes={"slots": {"status": 1, **self.slots, "checksum": 1}},
        )
        self.allocate()

    def allocate(self) -> None:
        """Make the file as long as it has to be; what it lacked is pending."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            os.ftruncate(handle, self.n_bytes)
            os.posix_fallocate(handle, 0, self.n_bytes)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
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
        row[-1] = zlib.crc32(row[:-1].tobytes(), position & 0xFFFFFFFF)
        os.pwrite(self._handle, row.tobytes(), position * self._row)
        now = time.monotonic()
        if now - self._synced > _SYNC_EVERY:
            os.fdatasync(self._handle)
            self._synced = now

    def blocks(self) -> Iterator[Block]:
        """Yield all rows in their order, a bounded number at a time."""
        per_block = max(_BLOCK // self._row, 1)
        handle = os.open(self._file, os.O_RDONLY) if self._file.exists() else -1
        try:
            for first in range(0, self.grid.size, per_block):
                n_rows = min(per_block, self.grid.size - first)
                yield self._read(handle, first, n_rows)
        finally:
            if handle >= 0:
                os.close(handle)

    def _read(self, handle: int, first: int, n_rows: int) -> Block:
        status, rows = self._verified(handle, first, n_rows)
        if (status == DAMAGED).any():
            # A row that is being written just now is whole a moment later.
            time.sleep(0.002)
            status, rows = self._verified(handle, first, n_rows)
        values = rows[:, 1:-1]
        values[status != DONE] = np.nan
        return Block(first, status, values)

    def _verified(self, handle: int, first: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        size = n_rows * self._row
        content = os.pread(handle, size, first * self._row) if handle >= 0 else b""
        rows = np.zeros((n_rows, self._columns))
        rows.view(np.uint8).reshape(-1)[: len(content)] = np.frombuffer(content, np.uint8)
        written = np.flatnonzero(rows.view(np.uint64).any(axis=1))
        there = rows[written]
        bodies = struct.iter_unpack(f"{self._row - 8}s8x", there.data)
        starts = ((first + written) & 0xFFFFFFFF).tolist()
        checksums = np.fromiter(
            map(zlib.crc32, itertools.chain.from_iterable(bodies), starts), np.float64, len(there)
        )
        known = (there[:, -1] == checksums) & np.isin(there[:, 0], (DONE, FAILED))
        status = np.full(n_rows, PENDING, np.uint8)
        status[written] = np.where(known, there[:, 0], DAMAGED)
        # Rows behind the end of a truncated file are lost, not pending.
        status[len(content) // self._row :] = DAMAGED
        return status, rows

    def status(self) -> np.ndarray:
        """Return the status of every point, shape of the grid, uint8."""
        return self.read([])[0]

    def read(self, names: Collection[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the status of every point and some variables: shape of the grid + (length,)."""
        bounds = np.cumsum([0, *self.slots.values()])
        places = dict(zip(self.slots, map(slice, bounds[:-1], bounds[1:]), strict=True))
        states = np.empty(self.grid.size, np.uint8)
        found = {name: np.empty((self.grid.size, self.slots[name])) for name in names}
        for first, status, values in self.blocks():
            here = slice(first, first + len(status))
            states[here] = status
            for name, column in found.items():
                column[here] = values[:, places[name]]
        shape = self.grid.shape
        columns = {name: column.reshape(*shape, -1) for name, column in found.items()}
        return states.reshape(shape), columns
