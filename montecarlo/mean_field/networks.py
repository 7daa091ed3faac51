"""Where mean-field states get their energies and fields: on the host, or on a device.

The host runs the states of one temperature and sample at a time on a thread; a device advances
all that fit it in step, one launch for all their states.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from hebbian import Dataset, domain
from montecarlo import device
from montecarlo.dynamics import GLAUBER
from montecarlo.engine.device_samples import DeviceSamples
from montecarlo.engine.job import Batch, Job
from montecarlo.engine.ledger import Unit
from montecarlo.engine.plan import Plan
from montecarlo.engine.samples import Networks
from montecarlo.observables import Observed

from .equations import Interaction, MeanField, Point, point_at, step
from .moments import Moments, counts_pairs, counts_powers, moments_of
from .reaction import Reaction, reaction_from, reaction_of

__all__ = ["Iteration", "States"]


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
    def of(
        cls,
        plan: Plan,
        *,
        backend: str,
        n_sweeps: int,
        options: dict[str, Any],
        **own: Any,
    ) -> Self:
        """Choose what sums over the rows.

        Parameters
        ----------
        plan : Plan
        backend : {"auto", "numba", "cupy"}
        n_sweeps, options, **own
            See the job.

        Raises
        ------
        ValueError
            If there is no such backend, or no device where one is asked for.
        """
        there = DeviceSamples(plan=plan, rule=GLAUBER)
        domain.choice("backend", backend, ("auto", "numba", "cupy"))
        if backend == "cupy":
            device.name()
        elif backend == "auto":
            backend = "numba"
        return cls(
            plan=plan, there=there, backend=backend, n_sweeps=n_sweeps, options=options, **own
        )

    @property
    def chain_bytes(self) -> float:
        """Estimate the bytes of a state on a device."""
        from montecarlo.kernels.device.sums import state_bytes

        there = self.there
        return state_bytes(there.order, there.binary, there.n_rows, self.plan.n_spins)

    def lower(self, data: Dataset) -> Equations:
        """Return the equations of a sample."""
        return _OnHost(data, self.expansion)

    def upload(self, samples: list[int], datasets: list[Dataset]) -> Equations:
        """Return the equations of some samples on the device."""
        return _OnDevice(self.there, samples, datasets, self.expansion)


class Equations:
    """The mean-field equations of some samples.

    Parameters
    ----------
    reactions : sequence of Reaction or None
        Of every sample; None for the first order.
    """

    def __init__(self, reactions: Sequence[Reaction | None]) -> None:
        self.reactions = reactions

    @abstractmethod
    def fields(self, places: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean energies (n,) and local fields (n, n_spins); see `at`."""

    def at(self, places: np.ndarray, betas: np.ndarray, states: np.ndarray) -> list[Point]:
        """Evaluate the equations at some states.

        Parameters
        ----------
        places : (n,) int
            Place of every state's sample.
        betas : (n,) float64
        states : (n, n_spins) float64
        """
        found = zip(states, *self.fields(places, states), betas, places, strict=True)
        return [
            point_at(m, energy, field, float(beta), self.reactions[place])
            for m, energy, field, beta, place in found
        ]


class States(Batch):
    """States under way in step, axes (entry, state of it, spin).

    Parameters
    ----------
    job : Iteration
    unit : Unit
    networks : Networks
    """

    def __init__(self, job: Iteration, unit: Unit, networks: Networks) -> None:
        plan, self.places = job.plan, networks.places(unit)
        self.equations: Equations = networks.network
        self.betas = np.array([1.0 / float(plan.T.flat[at]) for at, _, _ in unit])
        data = [networks.datasets[place] for place in self.places]
        self.observed = [Observed(own, plan.patterns) for own in data]
        starts = [
            [plan.initial_spins(own, sample, r) for r in _replicas(job, replica)]
            for own, (_, sample, replica) in zip(data, unit, strict=True)
        ]
        self.states = np.array(starts, np.float64)
        self.points: list[list[Any]] = [[None] * self.states.shape[1] for _ in unit]

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


def _replicas(job: Job, replica: int) -> Sequence[int]:
    """Replicas of an entry."""
    return [replica] if job.whole is None else range(job.plan.n_replicas)


class _OnHost(Equations):
    """Those of one sample, on the host."""

    def __init__(self, data: Dataset, expansion: int) -> None:
        super().__init__([reaction_of(data) if expansion == 2 else None])
        self._equations = MeanField(data.memory)

    def fields(self, places: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [self._equations.energy_and_field(m) for m in states]
        return np.array([e for e, _ in found]), np.array([field for _, field in found])


class _OnDevice(Equations):
    """Those of several samples, summed over the rows by a device."""

    def __init__(
        self, there: DeviceSamples, samples: list[int], datasets: list[Dataset], expansion: int
    ) -> None:
        from montecarlo.kernels.device.sums import RowSums

        rows, memory = there.rows(samples, datasets), datasets[0].memory
        reactions: list[Reaction | None] = [None] * len(samples)
        if expansion == 2:
            measured = _moments(there, samples, datasets, rows)
            reactions = [reaction_from(m, there.plan.model, memory) for m in measured]
        super().__init__(reactions)
        self._sums = RowSums(rows, there.n_rows, memory.order)
        self._interaction = Interaction(memory)

    def fields(self, places: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        interaction = self._interaction
        totals, found = self._sums(places, interaction.cumulants(states))
        return interaction.energy(totals), interaction.field(states, found)


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
