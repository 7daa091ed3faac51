"""The progress of all entries of a job, in memory and, where there is one, in its file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Event

import numpy as np

from .progress import Progress

__all__ = ["Entries", "Index", "Ledger", "Stopped"]

Index = tuple[int, int, int]  # (temperature, sample, replica)
Entries = list[Index]  # entries done together


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


class Ledger:
    """The progress of the entries of a job.

    Parameters
    ----------
    grid : tuple of int
        Their number along each axis.
    done : dict of int to Progress, optional
        What earlier processes did, by the number of the entry in the grid.
    every : float
        Seconds between two looks at which the progress of an entry is kept.
    stop, changed : threading.Event, optional
        Those of the file, where there is one: set when all entries are to stop, and when there
        is something new.
    """

    def __init__(
        self,
        grid: Index,
        done: dict[int, Progress] | None = None,
        *,
        every: float = math.inf,
        stop: Event | None = None,
        changed: Event | None = None,
    ) -> None:
        self.grid, self.every = grid, every
        self.stop, self.changed = stop or Event(), changed or Event()
        self.progress: dict[Index, Progress] = {}
        for number, progress in (done or {}).items():
            at, sample, replica = (int(i) for i in np.unravel_index(number, grid))
            self.progress[at, sample, replica] = progress

    def sweep(self, index: Index) -> int:
        """Return the sweeps that an entry has done."""
        return self.progress[index].sweep if index in self.progress else 0

    def ended(self, index: Index) -> bool:
        """Whether an entry has ended."""
        return index in self.progress and self.progress[index].ended

    @property
    def complete(self) -> bool:
        """Whether all entries have ended."""
        return all(self.ended(index) for index in np.ndindex(self.grid))

    @property
    def sweeps(self) -> int:
        """Sweeps done by all entries."""
        return sum(progress.sweep for progress in self.progress.values())

    def unfinished(self, parts: list[Entries]) -> list[Entries]:
        """Leave out the entries that have ended, and part those that have done more sweeps."""
        left = []
        for entries in parts:
            sweeps = {index: self.sweep(index) for index in entries if not self.ended(index)}
            left += [
                [index for index in sweeps if sweeps[index] == sweep]
                for sweep in sorted(set(sweeps.values()))
            ]
        return left

    def saved(self, entries: Entries) -> Progress | None:
        """Return the progress of entries that have done equally many sweeps, None if none."""
        if self.sweep(entries[0]) == 0:
            return None
        return Progress.join([self.progress[index] for index in entries])

    def look(self, entries: Entries, save: Callable[[], list[Progress]], kept: float) -> float:
        """Look around between two sweeps: keep the progress of entries where it is time to.

        Parameters
        ----------
        entries : Entries
        save : callable
            Their progress.
        kept : float
            When it was last kept.

        Returns
        -------
        float
            When it was last kept now.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        stopped = self.stop.is_set()
        if stopped or time.monotonic() - kept > self.every:
            self.keep(entries, save())
            kept = time.monotonic()
        if stopped:
            raise Stopped
        return kept

    def keep(self, entries: Entries, progress: list[Progress]) -> None:
        """Take note of the progress of entries; any thread may call."""
        self.progress.update(zip(entries, progress, strict=True))
        self.changed.set()

    def stack(self, name: str) -> np.ndarray:
        """Return what all entries left behind under a name, the axes of the grid in front."""
        found = np.stack([self.progress[index].arrays[name] for index in np.ndindex(self.grid)])
        return found.reshape(*self.grid, *found.shape[1:])
