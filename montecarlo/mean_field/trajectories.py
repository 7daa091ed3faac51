"""The mean-field dynamics as a run, replicas of a temperature and sample in step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from montecarlo.engine.collect import collect
from montecarlo.engine.job import Batch
from montecarlo.engine.ledger import Ledger, Unit
from montecarlo.engine.progress import Progress, Series, group
from montecarlo.engine.samples import Networks
from montecarlo.observables import Observed
from montecarlo.run import Run
from montecarlo.schedule import Schedule

from .equations import step
from .networks import Equations, Iteration

__all__ = ["Trajectories"]


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
    whole: ClassVar[int | None] = 2  # an entry holds all replicas

    def begin(self, unit: Unit, networks: Networks, saved: list[Progress] | None) -> _Replicas:
        """Return replicas at their start, or where earlier processes left them."""
        return _Replicas(self, unit, networks, saved)

    def collect(self, ledger: Ledger, *, keep_spins: bool) -> Run:
        """Make a run of what the trajectories left behind."""

        def stack(name: str) -> np.ndarray:
            return ledger.stack(name)[:, :, 0]

        return collect(
            self.plan,
            self.schedule,
            self.settings,
            stack,
            q=stack("series/pairs"),
            keep_spins=keep_spins,
        )


class _Replicas(Batch):
    """The replicas of some temperatures and samples under way.

    Progress has the ``states`` and, axes (measurement, replica, ...), the series ``m``, ``n``,
    ``energy``, ``packed`` and ``pairs``, overlaps of replicas.  The result is what chains
    leave behind (`montecarlo.engine.chains`), with the replicas in front.
    """

    def __init__(
        self, job: Trajectories, unit: Unit, networks: Networks, saved: list[Progress] | None
    ) -> None:
        self._job, plan = job, job.plan
        self._equations: Equations = networks.network
        self._places = networks.places(unit)
        self._betas = job.betas(unit)
        data = [networks.datasets[place] for place in self._places]
        self._observed = [Observed(own, plan.patterns) for own in data]
        replicas = range(plan.n_replicas)
        self._pairs = np.triu_indices(plan.n_replicas, k=1)
        self._starts = np.array(
            [
                [plan.initial_spins(own, sample, r) for r in replicas]
                for own, (_, sample, _) in zip(data, unit, strict=True)
            ]
        )
        begun = Progress.join(saved) if saved else self._beginning()
        self._states, self._sweep = begun.arrays["states"], begun.sweep
        self._series = Series(begun.group("series"))
        self._points: list[list[Any]] = [[None for _ in replicas] for _ in unit]
        self._evaluate(np.ones(self._states.shape[:2], bool))

    def _beginning(self) -> Progress:
        """Nothing measured yet."""
        (n_entries, n_replicas, n_spins), n_patterns = (
            self._starts.shape,
            len(self._job.plan.patterns),
        )
        shape = n_entries, 0, n_replicas
        nothing = {
            "m": np.empty((*shape, n_patterns)),
            "n": np.empty((*shape, n_patterns)),
            "energy": np.empty(shape),
            "packed": np.empty((*shape, -(-n_spins // 8)), np.uint8),
            "pairs": np.empty((n_entries, 0, len(self._pairs[0]))),
        }
        states = {"states": self._starts.astype(np.float64)}
        return Progress(sweep=0, arrays=states | group("series", nothing))

    def _evaluate(self, which: np.ndarray) -> None:
        """Bring the equations up to date at some states, (entry, replica) bool."""
        entries, replicas = np.nonzero(which)
        if not entries.size:
            return
        found = self._equations.at(self._places[entries], self._betas[entries], self._states[which])
        for c, r, point in zip(entries, replicas, found, strict=True):
            self._points[c][r] = point

    @property
    def done(self) -> bool:
        """Whether the schedule is over."""
        return self._sweep == self._job.n_sweeps

    def advance(self) -> int:
        """Do one step; a state at rest costs nothing."""
        new = np.array(
            [
                [step(point, beta) for point in points]
                for points, beta in zip(self._points, self._betas, strict=True)
            ]
        )
        moved = (new != self._states).any(axis=-1)
        self._states[moved] = new[moved]
        self._evaluate(moved)
        self._sweep += 1
        schedule = self._job.schedule
        k, rest = divmod(self._sweep - schedule.warmup, schedule.stride)
        if k > 0 and rest == 0:
            self._measure()
        return len(new)

    def _measure(self) -> None:
        n_spins, found = self._states.shape[-1], []
        for observed, states, points in zip(
            self._observed, self._states, self._points, strict=True
        ):
            m, n = observed.overlaps(states)
            found.append(
                {
                    "m": m,
                    "n": n,
                    "energy": np.array([point.energy / n_spins for point in points]),
                    "packed": np.packbits(states > 0, axis=1),
                    "pairs": (states @ states.T / n_spins)[self._pairs],
                }
            )
        self._series.add({name: np.array([[own[name]] for own in found]) for name in found[0]})

    def save(self) -> list[Progress]:
        """Return all that the next step needs and what was measured."""
        arrays = {"states": self._states.copy()} | group("series", self._series.whole())
        return Progress(sweep=self._sweep, arrays=arrays).split(len(self._states))

    def result(self) -> list[Progress]:
        """Return what the replicas leave behind."""
        series = {
            name: np.ascontiguousarray(x.swapaxes(1, 2)) for name, x in self._series.whole().items()
        }
        lost = np.isnan(series["energy"])  # states where the second order does not exist
        series["m"][lost] = series["n"][lost] = np.nan
        first, second = self._pairs
        series["pairs"][lost[:, first] | lost[:, second]] = np.nan
        starts = [o.overlaps(s)[0][:, 0] for o, s in zip(self._observed, self._starts, strict=True)]
        left = {
            "start_overlap": np.array(starts),
            "flips": np.full(self._states.shape[:2], np.nan),
            "last": np.where(self._states > 0, 1, -1).astype(np.int8),
            "period": np.zeros(self._states.shape[:2], np.int8),
        }
        arrays = left | group("series", series)
        return Progress(sweep=self._sweep, arrays=arrays, ended=True).split(len(self._states))
