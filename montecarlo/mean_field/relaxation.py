"""The mean-field dynamics as a run: what `simulate` does for magnetizations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain
from montecarlo.chains.chain import Stopped
from montecarlo.chains.collect import collect
from montecarlo.chains.record import Record
from montecarlo.chains.running import Unit, checked_threads, run_all
from montecarlo.observables import checked_patterns, overlaps
from montecarlo.run import Run
from montecarlo.schedule import Schedule
from montecarlo.state import initial_spins, resolve_start

from .equations import Point, step
from .networks import Trajectory, networks_of, points_of
from .plefka import mean_field_samples, observe, settings_of
from .reaction import Reaction

__all__ = ["EXPANSIONS", "trajectories"]

#: Name of the dynamics -> order of the expansion.
EXPANSIONS = {"mean-field": 1, "plefka": 2}


def trajectories(
    model: Model,
    *,
    alpha: float | None,
    T: Any,
    n_spins: int | None,
    n_samples: int,
    n_replicas: int,
    schedule: Schedule,
    dynamics: str,
    start: Any,
    seed: int,
    backend: str,
    n_threads: int | None,
    progress: bool,
    data: Dataset | None,
    patterns: Sequence[int] | None,
) -> Run:
    """Follow the mean-field dynamics for a whole schedule: what `simulate` does for it.

    Parameters are those of `simulate`; `dynamics` is a key of `EXPANSIONS`.  A sweep is a
    step of all magnetizations, q the overlap (1/N) sum_i m_i m'_i of two replicas.  States
    where the second order does not exist are NaN.
    """
    if schedule.cooling is not None:
        raise ValueError(f"schedule: {dynamics} has no cooling")
    temperatures = domain.real_array("T", T, "(0, inf)")
    seed = domain.integer("seed", seed, "[0, inf)")
    n_replicas = domain.integer("n_replicas", n_replicas, "[1, 1000000]")
    samples = mean_field_samples(model, alpha, n_spins, n_samples, seed, data)
    chosen = resolve_start(start, (samples.n_samples, n_replicas, samples.n_spins))
    several = model.retrieves_several or patterns is not None
    observed = checked_patterns(patterns, samples.n_patterns, several)
    first, second = np.triu_indices(n_replicas, k=1)

    grid = (temperatures.size, samples.n_samples, 1)
    threads, expansion = checked_threads(n_threads), EXPANSIONS[dynamics]
    networks = networks_of(
        model, samples, alpha, seed, data, chosen, observed,
        expansion=expansion, backend=backend, n_chains=grid[0] * grid[1] * n_replicas,
        n_steps=schedule.total, n_threads=threads,
    )  # fmt: skip

    def follow(
        unit: Unit, advance: Callable[[int], None], stop: Event
    ) -> list[tuple[list[Record], np.ndarray]]:
        def trajectory(
            index: tuple[int, int, int], dataset: Dataset, reaction: Reaction | None
        ) -> Trajectory[tuple[list[Record], np.ndarray]]:
            at, sample, _ = index
            beta = 1.0 / float(temperatures.flat[at])
            starts = [initial_spins(dataset, chosen, seed, sample, r) for r in range(n_replicas)]
            states = np.array(starts, np.float64)
            shape = (n_replicas, schedule.n_measurements)
            m, n = np.empty((2, *shape, len(observed)))
            energy, pairs = np.empty(shape), np.empty((len(first), shape[1]))
            packed = np.empty((*shape, -(-samples.n_spins // 8)), np.uint8)
            points = yield from points_of(states, beta, reaction)
            for sweep in range(1, schedule.total + 1):
                if stop.is_set():
                    raise Stopped
                yield from _advance(states, points, beta, reaction)
                advance(1)
                k, rest = divmod(sweep - schedule.warmup, schedule.stride)
                if k > 0 and rest == 0:
                    m[:, k - 1], n[:, k - 1] = observe(dataset, states, observed)
                    energy[:, k - 1] = [point.energy / samples.n_spins for point in points]
                    packed[:, k - 1] = np.packbits(states > 0, axis=1)
                    gram = states @ states.T / samples.n_spins
                    pairs[:, k - 1] = gram[first, second]
            lost = np.isnan(energy)  # states where the second order does not exist
            m[lost] = n[lost] = pairs[lost[first] | lost[second]] = np.nan
            begin = overlaps(np.array(starts), dataset.observed(observed[:1])[0])[:, 0]
            records = [
                Record(
                    m=m[r],
                    n=n[r],
                    energy=energy[r],
                    packed=packed[r],
                    flip_rate=np.nan,
                    start_overlap=float(begin[r]),
                    last=np.where(states[r] > 0, 1, -1).astype(np.int8),
                    period=np.int8(0),
                )
                for r in range(n_replicas)
            ]
            return records, pairs

        return networks.run(unit, temperatures.size, trajectory)

    done = run_all(
        follow,
        networks.units(grid, n_replicas),
        grid,
        schedule.total,
        networks.threads(threads),
        progress,
    )[..., 0]
    records = np.empty((*done.shape, n_replicas), object)
    for index, (own, _) in np.ndenumerate(done):
        records[index] = own
    run = collect(
        records,
        temperatures.shape,
        {
            **settings_of(model, alpha, temperatures, samples, n_replicas, chosen, seed),
            "schedule": dataclasses.asdict(schedule),
            "dynamics": dynamics,
            "backend": networks.backend,
        },
        several=several,
        anonymous=several and isinstance(chosen, str) and chosen == "random",
        keep_spins=False,
    )
    q = np.array([pairs for _, pairs in done.ravel()]).reshape(run.series["q"].shape)
    return dataclasses.replace(run, series={**run.series, "q": q})


def _advance(
    states: np.ndarray, points: list[Point], beta: float, reaction: Reaction | None
) -> Trajectory[None]:
    """Do one step of every replica in place; a state at rest costs nothing."""
    new = np.array([step(point, beta) for point in points])
    moved = np.flatnonzero((new != states).any(axis=1))
    states[moved] = new[moved]
    if moved.size:
        found = yield from points_of(states[moved], beta, reaction)
        for r, point in zip(moved, found, strict=True):
            points[r] = point
