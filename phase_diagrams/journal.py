"""Points on disk, as they are computed.

One point is one packed row of numbers, its *slots*: a whole chunk.  Its status is another,
written last.  Chunks appear by a rename, so whatever kills a writer, a point whose status
says *done* is complete.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from .grid import Grid

__all__ = ["DONE", "FAILED", "OVERLAPS", "PENDING", "Journal", "create_journal", "slots"]

#: Values of ``status``.
PENDING, DONE, FAILED = 0, 1, 2

#: Overlaps: one number, or one for every pattern of a network without a load.
OVERLAPS = ("m", "m_err", "n", "n_err")
SCALARS = ("q", "q_err", "energy", "energy_err", "tau", "n_eff", "acceptance", "escaped")


def slots(n_patterns: int | None) -> dict[str, int]:
    """Return the variables of a packed row and how many numbers each takes.

    Examples
    --------
    >>> sum(slots(None).values()), sum(slots(3).values())
    (12, 20)
    """
    return {**dict.fromkeys(OVERLAPS, n_patterns or 1), **dict.fromkeys(SCALARS, 1)}


@dataclass(frozen=True)
class Journal:
    """Where points are written; every worker process opens it once.

    Parameters
    ----------
    path : Path
        The store.
    key : str
        Tells one opening from the next, should the path be used again.
    """

    path: Path
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def write(self, index: tuple[int, ...], row: np.ndarray, status: int) -> None:
        """Write one point: its numbers, then its status."""
        values, states = _arrays(self)
        values[index] = row
        states[index] = status

    def values(self) -> np.ndarray:
        """Return the rows of all points."""
        return np.asarray(_arrays(self)[0][...])

    def status(self) -> np.ndarray:
        """Return the status of all points."""
        return np.asarray(_arrays(self)[1][...])


@lru_cache(maxsize=8)
def _arrays(journal: Journal) -> tuple[Any, Any]:
    cells = zarr.open_group(journal.path / "cells", mode="r+", zarr_format=3)
    return cells["values"], cells["status"]


def create_journal(root: zarr.Group, grid: Grid) -> None:
    """Add the arrays of a journal without points to a new store."""
    n_slots = sum(slots(grid.n_patterns).values())
    ones = (1,) * len(grid.shape)
    dims = tuple(grid.axes)
    cells = root.create_group("cells")
    cells.create_array(
        "values",
        shape=(*grid.shape, n_slots),
        chunks=(*ones, n_slots),
        dtype="float64",
        fill_value=np.nan,
        compressors=None,
        dimension_names=(*dims, "slot"),
        attributes={"slots": slots(grid.n_patterns)},
    )
    cells.create_array(
        "status",
        shape=grid.shape,
        chunks=ones,
        dtype="uint8",
        fill_value=PENDING,
        compressors=None,
        dimension_names=dims,
    )
