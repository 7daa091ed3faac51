"""The progress of all chains of a run, in memory and, where there is one, in its file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
Unit = list[Index]  # chains done together


class Ledger:
    """The progress of the chains of one run.

    Parameters
    ----------
    shape : tuple of int
        The grid of chains.
    file : Checkpoint, optional
        Where it is kept.
    done : dict of int to Progress
        What earlier processes did, by the number of the chain in the grid.
    """

    def __init__(
        self,
        shape: Index,
        file: Checkpoint | None = None,
        done: dict[int, Progress] | None = None,
    ) -> None:
        self.shape, self.file = shape, file
        self.stop = file.stop if file else Event()
        self.progress: dict[Index, Progress] = {}
        for number, progress in (done or {}).items():
            at, sample, replica = (int(i) for i in np.unravel_index(number, shape))
            self.progress[at, sample, replica] = progress

    @classmethod
    def open(cls, file: Checkpoint | None, identity: dict[str, Any], shape: Index) -> Ledger:
        """Return the ledger of a run: a part of a file, or one in memory alone."""
        return file.ledger(identity, shape) if file else cls(shape)

    def sweep(self, index: Index) -> int:
        """Return the sweeps that a chain has done."""
        return self.progress[index].sweep if index in self.progress else 0

    def ended(self, index: Index) -> bool:
        """Whether a chain has ended."""
        return index in self.progress and self.progress[index].ended

    @property
    def complete(self) -> bool:
        """Whether all chains have ended."""
        return all(self.ended(index) for index in np.ndindex(self.shape))

    @property
    def sweeps(self) -> int:
        """Sweeps done by all chains."""
        return sum(progress.sweep for progress in self.progress.values())

    def unfinished(self, units: list[Unit]) -> list[Unit]:
        """Leave out the chains that have ended; batches are of chains with equal sweeps."""
        parts = []
        for unit in units:
            sweeps = {index: self.sweep(index) for index in unit if not self.ended(index)}
            parts += [
                [index for index in sweeps if sweeps[index] == sweep]
                for sweep in sorted(set(sweeps.values()))
            ]
        return parts

    def watch(self, unit: Unit, advance: Callable[[int], None], *, batched: bool = False) -> Watch:
        """Return what a task that runs the chains of `unit` reports to."""
        return Watch(
            advance=lambda n: advance(n * len(unit)),
            stop=self.stop,
            saved=self._together(unit, batched),
            keep=partial(self.keep, unit, batched),
            every=self.file.seconds / 2 if self.file else math.inf,
        )

    def _together(self, unit: Sequence[Index], batched: bool) -> Progress | None:
        """Return the progress of chains that have done equally many sweeps, None if none."""
        if self.sweep(unit[0]) == 0:
            return None
        chains = [self.progress[index] for index in unit]
        return Progress.join(chains) if batched else chains[0]

    def keep(self, unit: Sequence[Index], batched: bool, progress: Progress) -> None:
        """Take note of the progress of chains; any thread may call."""
        chains = progress.split(len(unit)) if batched else [progress]
        self.progress.update(zip(unit, chains, strict=True))
        if self.file:
            self.file.changed = True
