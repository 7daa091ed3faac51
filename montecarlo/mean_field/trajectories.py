"""The mean-field dynamics as a run, replicas of a temperature and sample in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from montecarlo.engine.collect import collect
from montecarlo.engine.job import Batch
from montecarlo.engine.ledger import Entries, Ledger
from montecarlo.engine.progress import SIGNS, Form, Progress, Series, group
from montecarlo.engine.samples import Disorder
from montecarlo.run import Run
from montecarlo.schedule import Schedule

from .iteration import Iteration, IterationBatch

__all__ = ["Trajectories"]


class _Replicas(IterationBatch):
    """The replicas of some temperatures and samples under way.

    Progress has the ``states`` and, axes (measurement, replica, ...), the series ``m``, ``n``,
    ``energy``, ``packed`` and ``pairs``, overlaps of replicas.  The result is what chains
    leave behind (`montecarlo.engine.chains`), with the replicas in front.
    """

    def __init__(
        self, job: Trajectories, entries: Entries, disorder: Disorder, begun: Progress | None
    ) -> None:
        super().__init__(job, entries, disorder)
        self._job, self._sweep = job, 0
        n_entries, n_replicas, n_spins = self.states.shape
        self._pairs = np.triu_indices(n_replicas, k=1)
        none = (n_entries, 0, n_replicas)
        series = {
            "m": np.empty((*none, job.plan.n_overlaps)),
            "n": np.empty((*none, job.plan.n_overlaps)),
            "energy": np.empty(none),
            "packed": np.empty((*none, -(-n_spins // 8)), np.uint8),
            "pairs": np.empty((n_entries, 0, len(self._pairs[0]))),
        }
        if begun:
            self.states, self._sweep = begun.arrays["states"], begun.sweep
            series = begun.group("series")
        self._series = Series(series)
        self.evaluate(np.ones((n_entries, n_replicas), bool))
        self._first = begun.group("first") if begun else self._numbers()

    @property
    def done(self) -> bool:
        """Whether the schedule is over."""
        return self._sweep == self._job.n_sweeps

    def advance(self) -> int:
        """Do one step; a state at rest costs nothing."""
        every = np.ones(self.states.shape[:2], bool)
        new = self.next(every).reshape(self.states.shape)
        moved = (new != self.states).any(axis=-1)
        self.states[moved] = new[moved]
        self.evaluate(moved)
        self._sweep += 1
        schedule = self._job.schedule
        k, rest = divmod(self._sweep - schedule.warmup, schedule.stride)
        if k > 0 and rest == 0:
            self._measure()
        return len(new)

    def _numbers(self) -> dict[str, np.ndarray]:
        """Return the overlaps and energies of the present states, axes (entry, replica, ...)."""
        n_spins = self.states.shape[-1]
        seen = [o.overlaps(states) for o, states in zip(self.observed, self.states, strict=True)]
        m, n = (np.array(overlaps) for overlaps in zip(*seen, strict=True))
        energies = [[point.energy / n_spins for point in points] for points in self.points]
        return {"m": m, "n": n, "energy": np.array(energies)}

    def _measure(self) -> None:
        states, n_spins = self.states, self.states.shape[-1]
        found = self._numbers() | {
            "packed": np.packbits(states > 0, axis=-1),
            "pairs": np.array([(own @ own.T / n_spins)[self._pairs] for own in states]),
        }
        self._series.add({name: values[:, None] for name, values in found.items()})

    def save(self) -> list[Progress]:
        """Return all that the next step needs and what was measured."""
        arrays = {"states": self.states.copy()} | group("first", self._first)
        arrays |= group("series", self._series.whole())
        return Progress(sweep=self._sweep, arrays=arrays).split(len(self.states))

    def result(self) -> list[Progress]:
        """Return what the replicas leave behind."""
        series = {
            name: np.ascontiguousarray(x.swapaxes(1, 2)) for name, x in self._series.whole().items()
        }
        lost = np.isnan(series["energy"])  # states where the second order does not exist
        series["m"][lost] = series["n"][lost] = np.nan
        first, second = self._pairs
        series["pairs"][lost[:, first] | lost[:, second]] = np.nan
        left = {
            "flips": np.full(self.states.shape[:2], np.nan),
            "last": np.where(self.states > 0, 1, -1).astype(np.int8),
            "period": np.zeros(self.states.shape[:2], np.int8),
        }
        arrays = left | group("first", self._first) | group("series", series)
        return Progress(sweep=self._sweep, arrays=arrays, ended=True).split(len(self.states))


@dataclass(frozen=True, kw_only=True)
class Trajectories(Iteration):
    """Trajectories of the magnetizations for a whole schedule.

    A sweep is a step of all magnetizations, q the overlap (1/N) sum_i m_i m'_i of two
    replicas.  States where the second order does not exist are NaN.

    Parameters
    ----------
    schedule : Schedule
    """

    schedule: Schedule
    batch: ClassVar[type[Batch]] = _Replicas
    whole: ClassVar[int | None] = 2  # an entry holds all replicas

    def form(self, sweep: int, *, ended: bool) -> dict[str, Form] | None:
        """Return what replicas hold after so many steps; None if they never stop there."""
        if ended != (sweep == self.n_sweeps) or sweep > self.n_sweeps:
            return None
        n_replicas, n_spins = self.plan.n_replicas, self.plan.n_spins
        n_measured = max(0, sweep - self.schedule.warmup) // self.schedule.stride

        def series(kind: type, *shape: int) -> Form:
            first, *rest = shape
            axes = (first, n_measured, *rest) if ended else (n_measured, first, *rest)
            return Form(kind, axes)

        overlaps = series(np.float64, n_replicas, self.plan.n_overlaps)
        measured = {
            "m": overlaps,
            "n": overlaps,
            "energy": series(np.float64, n_replicas),
            "packed": series(np.uint8, n_replicas, -(-n_spins // 8)),
            "pairs": series(np.float64, n_replicas * (n_replicas - 1) // 2),
        }
        of_start = Form(np.float64, (n_replicas, self.plan.n_overlaps))
        first = {"m": of_start, "n": of_start, "energy": Form(np.float64, (n_replicas,))}
        state = {"states": Form(np.float64, (n_replicas, n_spins))}
        left = {
            "flips": Form(np.float64, (n_replicas,)),
            "last": Form(np.int8, (n_replicas, n_spins), SIGNS),
            "period": Form(np.int8, (n_replicas,)),
        }
        return (left if ended else state) | group("first", first) | group("series", measured)

    def collect(self, ledger: Ledger, **own: Any) -> Run:
        """Make a run of what the trajectories left; `own` are further arguments of `collect`."""

        def stack(name: str) -> np.ndarray:
            return ledger.stack(name)[:, :, 0]

        q = stack("series/pairs")
        return collect(self.plan, self.schedule, self.settings, stack, q=q, **own)
