"""The progress of all entries of a job, in memory and, where there is one, in its file."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from .progress import Progress
from .watch import Watch

if TYPE_CHECKING:
    from .checkpoint import Checkpoint

__all__ = ["Index", "Ledger", "Unit"]

Index = tuple[int, int, int]  # (temperature, sample, replica)
Unit = list[Index]  # entries done together


class Ledger:
    """The progress of the entries of a job.

    Parameters
    ----------
    grid : tuple of int
        Their number along each axis.
    file : Checkpoint, optional
        Where it is kept.
    done : dict of int to Progress
        What earlier processes did, by the number of the entry in the grid.
    """

    def __init__(
        self,
        grid: Index,
        file: Checkpoint | None = None,
        done: dict[int, Progress] | None = None,
    ) -> None:
        self.grid, self.file = grid, file
        self.stop = file.stop if file else Event()
        self.progress: dict[Index, Progress] = {}
        for number, progress in (done or {}).items():
            at, sample, replica = (int(i) for i in np.unravel_index(number, grid))
            self.progress[at, sample, replica] = progress

    @classmethod
    def open(cls, file: Checkpoint | None, identity: dict[str, Any], grid: Index) -> Ledger:
        """Return the ledger of a job: a part of a file, or one in memory alone."""
        return file.ledger(identity, grid) if file else cls(grid)

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

    def unfinished(self, units: list[Unit]) -> list[Unit]:
        """Leave out the entries that have ended; batches are of entries with equal sweeps."""
        parts = []
        for unit in units:
            sweeps = {index: self.sweep(index) for index in unit if not self.ended(index)}
            parts += [
                [index for index in sweeps if sweeps[index] == sweep]
                for sweep in sorted(set(sweeps.values()))
            ]
        return parts

    def saved(self, unit: Unit) -> list[Progress] | None:
        """Return the progress of entries that have done equally many sweeps, None if none."""
        return [self.progress[index] for index in unit] if self.sweep(unit[0]) else None

    def watch(self, unit: Unit, advance: Callable[[int], None]) -> Watch:
        """Return what a task that runs the entries of `unit` reports to."""
        return Watch(
            advance=advance,
            stop=self.stop,
            keep=partial(self.keep, unit),
            every=self.file.seconds / 2 if self.file else math.inf,
        )

    def keep(self, unit: Unit, progress: list[Progress]) -> None:
        """Take note of the progress of entries; any thread may call."""
        self.progress.update(zip(unit, progress, strict=True))
        if self.file:
            self.file.changed = True

    def stack(self, name: str) -> np.ndarray:
        """Return what all entries left behind under a name, the axes of the grid in front."""
        found = np.stack([self.progress[index].arrays[name] for index in np.ndindex(self.grid)])
        return found.reshape(*self.grid, *found.shape[1:])
