"""The iteration of the mean-field equations to a fixed point, as a job of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from montecarlo.engine.job import Batch
from montecarlo.engine.ledger import Unit
from montecarlo.engine.progress import Progress
from montecarlo.engine.samples import Networks
from montecarlo.observables import Observed

from .equations import step
from .networks import Equations, Iteration
from .reaction import replicon

__all__ = ["FixedPoints"]


@dataclass(frozen=True, kw_only=True)
class FixedPoints(Iteration):
    """Fixed points from every start; `damping` and `tol` are those of `montecarlo.plefka`."""

    damping: float
    tol: float

    def begin(self, unit: Unit, networks: Networks, saved: list[Progress] | None) -> _Iterations:
        """Return iterations at their start, or where earlier processes left them."""
        return _Iterations(self, unit, networks, saved)


class _Iterations(Batch):
    """Iterations under way in step; one that has ended waits for the others.

    Progress has ``magnetizations`` and ``residual``, the result also the other fields of
    `montecarlo.Magnetizations`.
    """

    def __init__(
        self, job: FixedPoints, unit: Unit, networks: Networks, saved: list[Progress] | None
    ) -> None:
        self._job, plan = job, job.plan
        self._equations: Equations = networks.network
        self._places = networks.places(unit)
        self._betas = job.betas(unit)
        self._data = [networks.datasets[place] for place in self._places]
        if saved:
            begun = Progress.join(saved)
            self._m, self._residuals = begun.arrays["magnetizations"], begun.arrays["residual"]
            self._steps = np.full(len(unit), begun.sweep)
        else:
            starts = [
                plan.initial_spins(data, sample, replica)
                for data, (_, sample, replica) in zip(self._data, unit, strict=True)
            ]
            self._m, self._residuals = np.array(starts, np.float64), np.full(len(unit), np.inf)
            self._steps = np.zeros(len(unit), np.int64)
        self._points = self._equations.at(self._places, self._betas, self._m)

    @property
    def _moving(self) -> np.ndarray:
        """Numbers of the iterations that go on."""
        job = self._job
        return np.flatnonzero((self._residuals > job.tol) & (self._steps < job.n_sweeps))

    @property
    def done(self) -> bool:
        """Whether all iterations have ended."""
        return not self._moving.size

    def advance(self) -> int:
        """Do one step of the iterations that go on."""
        moving, damping = self._moving, self._job.damping
        for c in moving:
            new = damping * self._m[c] + (1.0 - damping) * step(self._points[c], self._betas[c])
            self._residuals[c] = np.max(np.abs(new - self._m[c]))
            self._m[c] = new
        found = self._equations.at(self._places[moving], self._betas[moving], self._m[moving])
        for c, point in zip(moving, found, strict=True):
            self._points[c] = point
        self._steps[moving] += 1
        return len(moving)

    def save(self) -> list[Progress]:
        """Return where the iterations are, and the result of those that have ended."""
        moving = set(self._moving)
        return [
            Progress(sweep=int(self._steps[c]), arrays=self._arrays(c))
            if c in moving
            else self._ended(c)
            for c in range(len(self._m))
        ]

    def result(self) -> list[Progress]:
        """Return the fixed points."""
        return self.save()

    def _arrays(self, c: int) -> dict[str, Any]:
        return {"magnetizations": self._m[c].copy(), "residual": self._residuals[c]}

    def _ended(self, c: int) -> Progress:
        plan, m, beta = self._job.plan, self._m[c], float(self._betas[c])
        point, reaction = self._points[c], self._equations.reactions[self._places[c]]
        overlaps, averages = Observed(self._data[c], plan.patterns).overlaps(m)
        fixed = {
            "m": overlaps if plan.several else overlaps[0],
            "n": averages if plan.several else averages[0],
            "q": np.square(m).mean(),
            "free_energy": np.float64(point.free_energy / len(m)),
            "energy": np.float64(point.energy / len(m)),
            "replicon": np.float64(replicon(reaction, m, beta) if reaction else np.nan),
            "converged": np.bool(self._residuals[c] <= self._job.tol and point.valid),
            "n_iter": np.int64(self._steps[c]),
        }
        return Progress(sweep=int(self._steps[c]), arrays=self._arrays(c) | fixed, ended=True)
