"""Where mean-field states get their energies and fields: on the host, or on a device.

A trajectory is a generator that yields states, shape (n, n_spins), and is sent their mean
energies (n,) and local fields (n, n_spins).  The host runs one trajectory at a time on a
thread; a device advances all that fit it in step, one launch for all their states.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from hebbian import Dataset, domain
from montecarlo import device
from montecarlo.chains.launch import DeviceSamples, run_split
from montecarlo.chains.ledger import Index, Unit
from montecarlo.chains.running import single
from montecarlo.chains.samples import Samples
from montecarlo.chains.setup import Setup
from montecarlo.dynamics import GLAUBER

from .equations import Interaction, Point, point_at
from .moments import Moments, counts_pairs, counts_powers, moments_of
from .reaction import Reaction, reaction_from, reaction_of

__all__ = ["Networks", "Trajectory", "networks_of", "points_of"]

R = TypeVar("R")
Fields = tuple[np.ndarray, np.ndarray]
Trajectory = Generator[np.ndarray, Fields, R]


def points_of(
    states: np.ndarray, beta: float, reaction: Reaction | None
) -> Generator[np.ndarray, Fields, list[Point]]:
    """Ask for the equations at some states of a trajectory."""
    energies, fields = yield states
    return [
        point_at(m, energy, field, beta, reaction)
        for m, energy, field in zip(states, energies, fields, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class Networks:
    """The disorder samples of a run of mean-field equations.

    Parameters
    ----------
    samples : Samples
        Lowered to `montecarlo.mean_field.equations.MeanField`.
    on_device : DeviceSamples or None
        The same samples, where a device sums over the rows.
    expansion : {1, 2}
    """

    samples: Samples
    on_device: DeviceSamples | None
    expansion: int

    def threads(self, n_threads: int) -> int:
        """Threads that share out the units: one where a device advances them."""
        return 1 if self.on_device else n_threads

    @property
    def backend(self) -> str:
        """Name of what sums over the rows."""
        return "cupy" if self.on_device else "numba"

    def units(self, shape: Index, n_states: int) -> list[Unit]:
        """Cut a grid (temperature, sample, replica) of trajectories of `n_states` into tasks."""
        if self.on_device is None:
            return single(shape)
        from montecarlo.kernels.device.sums import state_bytes

        there = self.on_device
        need = state_bytes(there.order, there.binary, there.n_rows, self.samples.n_spins)
        return there.units(shape, per_chain=n_states * need)

    def run(
        self,
        unit: Unit,
        users: Mapping[int, int],
        begin: Callable[[Index, Dataset, Reaction | None], Trajectory[None]],
    ) -> None:
        """Run the trajectories that `begin` makes of the entries of a unit.

        `users` counts the trajectories of every sample.
        """
        if self.on_device is not None:
            run_split(unit, lambda part: self._launch(part, begin))
            return
        ((_, sample, _),) = unit
        with self.samples.use(sample, users[sample]) as (dataset, equations):
            reaction = reaction_of(dataset) if self.expansion == 2 else None

            def evaluate(_: np.ndarray, states: np.ndarray) -> Fields:
                found = [equations.energy_and_field(m) for m in states]
                return np.array([e for e, _ in found]), np.array([field for _, field in found])

            _in_step([begin(unit[0], dataset, reaction)], evaluate)

    def _launch(
        self,
        unit: Unit,
        begin: Callable[[Index, Dataset, Reaction | None], Trajectory[None]],
    ) -> None:
        from montecarlo.kernels.device.sums import RowSums

        there = self.on_device
        assert there is not None
        numbers = sorted({sample for _, sample, _ in unit})
        datasets = [there.dataset(sample) for sample in numbers]
        rows = there.rows(numbers, datasets)
        memory = datasets[0].memory
        sums, interaction = RowSums(rows, there.n_rows, memory.order), Interaction(memory)
        reactions: list[Reaction | None] = [None] * len(numbers)
        if self.expansion == 2:
            measured = _moments(there, numbers, datasets, rows)
            reactions = [reaction_from(m, there.model, memory) for m in measured]
        own = [numbers.index(sample) for _, sample, _ in unit]

        def evaluate(which: np.ndarray, states: np.ndarray) -> Fields:
            totals, found = sums(np.take(own, which), interaction.cumulants(states))
            return interaction.energy(totals), interaction.field(states, found)

        begun = [begin(unit[c], datasets[s], reactions[s]) for c, s in enumerate(own)]
        _in_step(begun, evaluate)


def networks_of(
    setup: Setup,
    data: Dataset | None,
    *,
    expansion: int,
    backend: str,
) -> Networks:
    """Choose where the sums over the rows of a run are made.

    Raises
    ------
    ValueError
        If there is no such backend, or no device where one is asked for.
    """
    samples, there = setup.samples, DeviceSamples.of(setup, data, GLAUBER)
    domain.choice("backend", backend, ("auto", "numba", "cupy"))
    if backend == "cupy":
        device.name()
    on_device = there if backend == "cupy" else None
    return Networks(samples=samples, on_device=on_device, expansion=expansion)


def _in_step(
    trajectories: list[Trajectory[None]], evaluate: Callable[[np.ndarray, np.ndarray], Fields]
) -> None:
    """Advance trajectories together until all have ended.

    `evaluate` takes the number of each state's trajectory and the states.
    """
    answers: dict[int, Any] = dict.fromkeys(range(len(trajectories)))
    while answers:
        asked = {}
        for c, answer in answers.items():
            with suppress(StopIteration):
                asked[c] = trajectories[c].send(answer)
        if not asked:
            return
        which = np.repeat(list(asked), [len(states) for states in asked.values()])
        energies, fields = evaluate(which, np.concatenate(list(asked.values())))
        answers = {c: (energies[which == c], fields[which == c]) for c in asked}


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
        if counts_pairs(there.model):
            sums = sums_of_squares(there.class_sums(sample))
            classes = cupy.asnumpy(sums)[0] / there.n_patterns
        found.append(
            Moments(
                n_rows=n_rows,
                n_patterns=there.n_patterns,
                squares=own,
                class_squares=classes,
                powers=means if counts_powers(memory) else None,
            )
        )
    return found
