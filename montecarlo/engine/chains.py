"""Markov chains, each at a temperature of its own, from start to series."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import streams
from montecarlo.run import Run

from .collect import collect
from .job import Batch
from .ledger import Entries, Ledger
from .measuring import Measurement
from .moves import Moves, States
from .progress import Form, Progress, Series, group
from .samples import Disorder

__all__ = ["ChainBatch", "Chains"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


class ChainBatch(Batch):
    """Chains under way.

    Progress has ``flips``, the series ``m``, ``n``, ``energy``, ``packed`` and the user's, and
    what the ``first`` configuration has of these; the result also the ``last`` configuration and
    its ``period``.
    """

    def __init__(
        self, job: Chains, entries: Entries, disorder: Disorder, begun: Progress | None
    ) -> None:
        self._job, self._n, plan = job, len(entries), job.plan
        places = disorder.places(entries)
        self._T = np.array([float(plan.T.flat[at]) for at, _, _ in entries])
        self._measure = Measurement(plan, disorder, places, self._T, job.observables)
        keys = np.array([job.key(*index) for index in entries])
        spins = begun.arrays["spins"] if begun else job.starts(entries, disorder)
        self._states = States(job, disorder, places, keys, spins)
        if begun is None:
            arrays = job.beginning(self._states, self._measure, self._T, job.first_sweep)
            begun = Progress(sweep=0, arrays=arrays)
        self._sweep, self._flips = begun.sweep, np.array(begun.arrays["flips"])
        self._first = begun.group("first")
        self._like = begun.group("series")
        self._series = Series(self._like)
        self._pieces = self._cut(begun.sweep)

    @property
    def done(self) -> bool:
        """Whether the schedule is over."""
        return self._sweep == self._job.n_sweeps

    def advance(self) -> int:
        """Do a piece of the schedule and measure."""
        n_measured, stride = next(self._pieces)
        n_sweeps = n_measured * stride
        spins, energies, flips = self._states.advance(
            self._temperatures(n_sweeps), self._job.first_sweep + self._sweep, n_measured, stride
        )
        self._flips += flips
        times = self._job.first_sweep + self._sweep + stride * np.arange(1, n_measured + 1)
        self._sweep += n_sweeps
        if self._sweep > self._job.schedule.warmup:
            self._series.add(self._measure(spins, energies, self._like, times))
        return n_sweeps * self._n

    def _temperatures(self, n_sweeps: int) -> np.ndarray:
        """Temperatures of the next sweeps: (c,), or one for each of a cooled warm-up."""
        cooling, warmup = self._job.schedule.cooling, self._job.schedule.warmup
        if cooling is None or self._sweep >= warmup:
            return self._T
        sweeps = np.arange(self._sweep, self._sweep + n_sweeps)
        return np.array([cooling.temperatures(sweeps, warmup, T) for T in self._T])

    def _cut(self, done: int) -> Iterator[tuple[int, int]]:
        """Cut what is left after `done` sweeps into calls (n_measured, stride).

        A call takes about `PATIENCE` seconds.  Sweeps are numbered, so the cuts change no bit
        of the result.
        """
        schedule = self._job.schedule
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup = max(0, schedule.warmup - done)
        measured = schedule.n_measurements
        measured -= max(0, done - schedule.warmup) // schedule.stride
        while warmup + measured > 0:
            if warmup:
                call = (1, min(warmup, max(1, int(pace))))
                warmup -= call[1]
            else:
                call = (min(measured, max(1, int(pace / schedule.stride))), schedule.stride)
                measured -= call[0]
            begin = time.perf_counter()
            yield call
            spent = max(time.perf_counter() - begin, 1e-9)
            pace = call[0] * call[1] * min(max(PATIENCE / spent, 0.5), 4.0)

    def _measured(self) -> dict[str, Any]:
        found = {"flips": self._flips.copy(), **group("first", self._first)}
        return found | group("series", self._series.whole())

    def save(self) -> list[Progress]:
        """Return all that the next sweep needs and what was measured."""
        arrays = self._measured() | {"spins": self._states.spins}
        return Progress(sweep=self._sweep, arrays=arrays).split(self._n)

    def result(self) -> list[Progress]:
        """Return what the chains leave behind."""
        found = self._measured()
        found["last"] = self._states.spins  # before the states end: a device moves them
        found["period"] = self._states.periods()
        return Progress(sweep=self._sweep, arrays=found, ended=True).split(self._n)


@dataclass(frozen=True, kw_only=True)
class Chains(Moves):
    """Independent chains.

    Parameters
    ----------
    first_sweep : int
        Number of the first sweep in the streams of the chains.
    """

    first_sweep: int
    batch: ClassVar[type[Batch]] = ChainBatch

    @property
    def settings(self) -> dict[str, Any]:
        """What runs, in plain data."""
        return super().settings | {"first_sweep": self.first_sweep}

    def key(self, at: int, sample: int, replica: int) -> np.ndarray:
        """Return the stream of a chain."""
        where = {**self.streams, "T": float(self.plan.T.flat[at])}
        return streams.key(self.plan.seed, "dynamics", **where, sample=sample, replica=replica)

    def form(self, sweep: int, *, ended: bool) -> dict[str, Form] | None:
        """Return what a chain holds after so many sweeps; None if it never stops there."""
        n_measured = self.measured(sweep, ended=ended)
        if n_measured is None or max(0, sweep - self.schedule.warmup) % self.schedule.stride:
            return None
        return self.form_of((), n_measured, ended=ended)

    def collect(self, ledger: Ledger, **own: Any) -> Run:
        """Make a run of what the chains left behind; `own` are further arguments of `collect`."""
        return collect(self.plan, self.schedule, self.outcome, ledger.stack, **own)
