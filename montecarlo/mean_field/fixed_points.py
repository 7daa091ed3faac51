"""The iteration of the mean-field equations to a fixed point, as a job of the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from montecarlo.engine.job import Batch
from montecarlo.engine.ledger import Entries
from montecarlo.engine.progress import Form, Progress
from montecarlo.engine.samples import Disorder

from .iteration import Iteration, IterationBatch
from .reaction import replicon

__all__ = ["FixedPoints"]


class _Iterations(IterationBatch):
    """Iterations under way; one that has ended waits for the others.

    Progress has ``magnetizations`` and ``residual``, the result also the other fields of
    `montecarlo.Magnetizations`.
    """

    def __init__(
        self, job: FixedPoints, entries: Entries, disorder: Disorder, begun: Progress | None
    ) -> None:
        super().__init__(job, entries, disorder)
        self._job, self._steps = job, np.zeros(len(entries), np.int64)
        self._residuals = np.full(len(entries), np.inf)
        if begun:
            self.states[:, 0] = begun.arrays["magnetizations"]
            self._residuals, self._steps[:] = begun.arrays["residual"], begun.sweep
        self.evaluate(np.ones((len(entries), 1), bool))

    @property
    def _moving(self) -> np.ndarray:
        """Whether every iteration goes on."""
        job = self._job
        return (self._residuals > job.tol) & (self._steps < job.n_sweeps)

    @property
    def done(self) -> bool:
        """Whether all iterations have ended."""
        return not self._moving.any()

    def advance(self) -> int:
        """Do one step of the iterations that go on."""
        moving, damping = self._moving, self._job.damping
        old = self.states[moving, 0]
        new = damping * old + (1.0 - damping) * self.next(moving[:, None])
        self._residuals[moving] = np.abs(new - old).max(axis=1)
        self.states[moving, 0] = new
        self.evaluate(moving[:, None])
        self._steps[moving] += 1
        return int(moving.sum())

    def save(self) -> list[Progress]:
        """Return where the iterations are, and the result of those that have ended."""
        found = []
        for c, moving in enumerate(self._moving):
            arrays = {
                "magnetizations": self.states[c, 0].copy(),
                "residual": self._residuals[c],
                **({} if moving else self._fixed(c)),
            }
            found.append(Progress(sweep=int(self._steps[c]), arrays=arrays, ended=not moving))
        return found

    def result(self) -> list[Progress]:
        """Return the fixed points."""
        return self.save()

    def _fixed(self, c: int) -> dict[str, Any]:
        """Return what is seen of an iteration that has ended."""
        m, point, beta = self.states[c, 0], self.points[c][0], float(self.betas[c])
        reaction = self.equations.reactions[self.places[c]]
        several, overlaps = self._job.plan.several, self.observed[c].overlaps(m)
        return {
            **dict(zip("mn", overlaps if several else (x[0] for x in overlaps), strict=True)),
            "q": np.square(m).mean(),
            "free_energy": np.float64(point.free_energy / len(m)),
            "energy": np.float64(point.energy / len(m)),
            "replicon": np.float64(replicon(reaction, m, beta) if reaction else np.nan),
            "converged": np.bool(self._residuals[c] <= self._job.tol and point.valid),
            "n_iter": np.int64(self._steps[c]),
        }


@dataclass(frozen=True, kw_only=True)
class FixedPoints(Iteration):
    """Fixed points from every start; `damping` and `tol` are those of `montecarlo.plefka`."""

    damping: float
    tol: float
    batch: ClassVar[type[Batch]] = _Iterations

    def form(self, sweep: int, *, ended: bool) -> dict[str, Form] | None:
        """Return what an iteration holds after so many steps; None if there are not so many."""
        if sweep > self.n_sweeps:
            return None
        number = Form(np.float64, ())
        overlaps = Form(np.float64, (self.plan.n_overlaps,) if self.plan.several else ())
        found = {"magnetizations": Form(np.float64, (self.plan.n_spins,)), "residual": number}
        if not ended:
            return found
        of_point = dict.fromkeys(("q", "free_energy", "energy", "replicon"), number)
        judged = {"converged": Form(np.bool, ()), "n_iter": Form(np.int64, ())}
        return found | {"m": overlaps, "n": overlaps} | of_point | judged
