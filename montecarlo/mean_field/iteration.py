"""A run of mean-field equations, on the host or on a device.

The host runs the states of one temperature and sample at a time on a thread; a device advances
all that fit it in step, one launch for all their states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from hebbian import Dataset, domain
from montecarlo import device
from montecarlo.engine.device_samples import DeviceSamples
from montecarlo.engine.job import Batch, Job
from montecarlo.engine.ledger import Entries
from montecarlo.engine.plan import Plan
from montecarlo.engine.samples import Disorder
from montecarlo.overlaps import Observed

from .equations import Equations, Interaction, step
from .moments import Moments, counts_pairs, counts_powers, moments_of
from .reaction import Reaction, reaction_from, reaction_of

__all__ = ["Iteration", "IterationBatch"]


@dataclass(frozen=True, kw_only=True)
class Iteration(Job):
    """A run of mean-field equations, each entry at a temperature of its own.

    Parameters
    ----------
    expansion : {1, 2}
        Order of the expansion.
    """

    expansion: int

    @classmethod
    def of(cls, plan: Plan, *, backend: str, **own: Any) -> Self:
        """Choose what sums over the rows; `own` are the parameters of the job.

        Raises
        ------
        ValueError
            If there is no such backend, or no device where one is asked for.
        """
        domain.choice("backend", backend, ("auto", "numba", "cupy"))
        if backend == "cupy":
            device.name()
        elif backend == "auto":
            backend = "numba"
        return cls(plan=plan, backend=backend, **own)

    @property
    def chain_bytes(self) -> float:
        """Estimate the bytes of a state on a device."""
        from montecarlo.kernels.device.sums import state_bytes

        there = self.there
        return state_bytes(there.order, there.binary, there.n_rows, self.plan.n_spins)

    def lower(self, data: Dataset) -> Equations:
        """Return the equations of a sample."""
        return Equations.on_host(data.memory, reaction_of(data) if self.expansion == 2 else None)

    def upload(self, samples: list[int], datasets: list[Dataset]) -> Equations:
        """Return the equations of some samples on the device."""
        from montecarlo.kernels.device.sums import RowSums

        there, memory = self.there, datasets[0].memory
        rows = there.rows(samples, datasets)
        reactions: list[Reaction | None] = [None] * len(samples)
        if self.expansion == 2:
            measured = _moments(there, samples, datasets, rows)
            reactions = [reaction_from(own, self.plan.model, memory) for own in measured]
        return Equations(Interaction(memory), RowSums(rows, there.n_rows, memory.order), reactions)


class IterationBatch(Batch):
    """States under way in step, axes (entry, state of it, spin).

    Parameters
    ----------
    job : Iteration
    entries : Entries
    disorder : Disorder
    """

    def __init__(self, job: Iteration, entries: Entries, disorder: Disorder) -> None:
        plan, self.places = job.plan, disorder.places(entries)
        self.equations: Equations = disorder.network
        self.betas = np.array([1.0 / float(plan.T.flat[at]) for at, _, _ in entries])
        data = [disorder.datasets[place] for place in self.places]
        self.observed = [Observed(own, plan.patterns) for own in data]
        every = None if job.whole is None else range(plan.n_replicas)
        starts = [
            [plan.initial_spins(own, sample, r) for r in every or [replica]]
            for own, (_, sample, replica) in zip(data, entries, strict=True)
        ]
        self.states = np.array(starts, np.float64)
        self.points: list[list[Any]] = [[None] * self.states.shape[1] for _ in entries]

    def evaluate(self, which: np.ndarray) -> None:
        """Bring the points up to date at some states, (entry, state of it) bool."""
        entries, own = np.nonzero(which)
        if not entries.size:
            return
        found = self.equations.at(self.places[entries], self.betas[entries], self.states[which])
        for c, r, point in zip(entries, own, found, strict=True):
            self.points[c][r] = point

    def next(self, which: np.ndarray) -> np.ndarray:
        """Return some states, (entry, state of it) bool, after one more undamped step."""
        chosen = zip(*np.nonzero(which), strict=True)
        return np.array([step(self.points[c][r], self.betas[c]) for c, r in chosen])


def _moments(
    there: DeviceSamples, numbers: list[int], datasets: list[Dataset], rows: Any
) -> list[Moments]:
    """Measure rows where they are; the host has those of a few archetypes alone."""
    import cupy

    from montecarlo.kernels.device import sums as device_sums
    from montecarlo.kernels.device.rows import sums_of_squares

    if not there.drawn_there:
        return [moments_of(data) for data in datasets]
    memory, n_rows = datasets[0].memory, there.n_rows
    squares = np.ones((len(numbers), memory.n_spins))
    powers = np.ones((len(numbers), memory.order + 1))
    if not there.binary:
        squares = cupy.asnumpy(sums_of_squares(rows)) / n_rows
        if counts_powers(memory):
            powers = device_sums.moments(rows, n_rows, squares.mean(axis=1), memory.order)
    found = []
    for sample, own, means in zip(numbers, squares, powers, strict=True):
        classes = None
        if counts_pairs(there.plan.model):
            sums = sums_of_squares(there.class_sums(sample))
            classes = cupy.asnumpy(sums)[0] / there.plan.n_patterns
        found.append(
            Moments(
                n_rows=n_rows,
                n_patterns=there.plan.n_patterns,
                squares=own,
                class_squares=classes,
                powers=means if counts_powers(memory) else None,
            )
        )
    return found
