"""The mean-field dynamics as a run: what `simulate` does for magnetizations."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain
from montecarlo.chains.checkpoint import Place, checkpointed
from montecarlo.chains.collect import collect
from montecarlo.chains.ledger import Index, Ledger, Unit
from montecarlo.chains.progress import Progress
from montecarlo.chains.record import Record
from montecarlo.chains.running import checked_threads, run_all
from montecarlo.chains.setup import checked
from montecarlo.observables import overlaps
from montecarlo.run import Run
from montecarlo.schedule import Schedule

from .equations import Point, step
from .networks import Trajectory, networks_of, points_of
from .plefka import equations_of, observe
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
    checkpoint: Place,
    checkpoint_every: float,
) -> Run:
    """Follow the mean-field dynamics for a whole schedule: what `simulate` does for it.

    Parameters are those of `simulate`; `dynamics` is a key of `EXPANSIONS`.  A sweep is a
    step of all magnetizations, q the overlap (1/N) sum_i m_i m'_i of two replicas.  States
    where the second order does not exist are NaN.
    """
    if schedule.cooling is not None:
        raise ValueError(f"schedule: {dynamics} has no cooling")
    temperatures = domain.real_array("T", T, "(0, inf)")
    setup = checked(
        model,
        equations_of(),
        alpha=alpha,
        T=temperatures,
        n_spins=n_spins,
        n_samples=n_samples,
        n_replicas=n_replicas,
        start=start,
        seed=seed,
        data=data,
        patterns=patterns,
    )
    samples, observed, n_replicas = setup.samples, setup.patterns, setup.n_replicas
    first, second = np.triu_indices(n_replicas, k=1)
    threads = checked_threads(n_threads)

    grid = (temperatures.size, samples.n_samples, 1)
    networks = networks_of(setup, data, expansion=EXPANSIONS[dynamics], backend=backend)

    def follow(unit: Unit, advance: Callable[[int], None]) -> None:
        def trajectory(
            index: Index, dataset: Dataset, reaction: Reaction | None
        ) -> Trajectory[None]:
            at, sample, _ = index
            watch = ledger.watch([index], advance)
            beta = 1.0 / float(temperatures.flat[at])
            starts = np.array([setup.initial_spins(dataset, sample, r) for r in range(n_replicas)])
            begun = watch.saved
            found = begun.arrays if begun else _nothing(schedule, len(observed), starts)
            found = {name: array.copy() for name, array in found.items()}
            states = found["states"]
            points = yield from points_of(states, beta, reaction)
            sweep = begun.sweep if begun else 0

            def progress() -> Progress:
                own = {name: array.copy() for name, array in found.items()}
                return Progress(sweep=sweep, arrays=own)

            while sweep < schedule.total:
                watch.look(progress)
                yield from _advance(states, points, beta, reaction)
                sweep += 1
                watch.advance(1)
                k, rest = divmod(sweep - schedule.warmup, schedule.stride)
                if k > 0 and rest == 0:
                    found["m"][:, k - 1], found["n"][:, k - 1] = observe(dataset, states, observed)
                    found["energy"][:, k - 1] = [point.energy / samples.n_spins for point in points]
                    found["packed"][:, k - 1] = np.packbits(states > 0, axis=1)
                    gram = states @ states.T / samples.n_spins
                    found["pairs"][:, k - 1] = gram[first, second]
            lost = np.isnan(found["energy"])  # states where the second order does not exist
            found["m"][lost] = found["n"][lost] = np.nan
            found["pairs"][lost[first] | lost[second]] = np.nan
            found["start_overlaps"] = overlaps(starts, dataset.observed(observed[:1])[0])[:, 0]
            watch.keep(Progress(sweep=sweep, arrays=found, ended=True))

        networks.run(unit, users, trajectory)

    settings = setup.settings | {
        "schedule": dataclasses.asdict(schedule),
        "dynamics": dynamics,
        "backend": networks.backend,
    }
    identity = settings | setup.fingerprint
    with checkpointed(checkpoint, checkpoint_every, {"run": "simulate"}) as file:
        ledger = Ledger.open(file, identity, grid)
        units = ledger.unfinished(networks.units(grid, n_replicas))
        users = Counter(sample for unit in units for _, sample, _ in unit)
        run_all(follow, units, ledger, schedule.total, networks.threads(threads), progress)
    records = np.empty(setup.shape, object)
    pairs = np.empty((*grid[:2], len(first), schedule.n_measurements))
    for (at, sample, _), done in ledger.progress.items():
        pairs[at, sample] = done.arrays["pairs"]
        records[at, sample] = _records(done, n_replicas)
    run = collect(
        records,
        temperatures.shape,
        settings,
        several=setup.several,
        anonymous=setup.anonymous,
        keep_spins=False,
    )
    q = pairs.reshape(run.series["q"].shape)
    return dataclasses.replace(run, series={**run.series, "q": q})


def _nothing(schedule: Schedule, n_patterns: int, starts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the arrays of replicas that start, their measurements still to be made."""
    n_replicas, n_spins = starts.shape
    shape = (n_replicas, schedule.n_measurements)
    m, n = np.zeros((2, *shape, n_patterns))
    return {
        "states": starts.astype(np.float64),
        "m": m,
        "n": n,
        "energy": np.zeros(shape),
        "packed": np.zeros((*shape, -(-n_spins // 8)), np.uint8),
        "pairs": np.zeros((n_replicas * (n_replicas - 1) // 2, shape[1])),
    }


def _records(done: Progress, n_replicas: int) -> list[Record]:
    found = done.arrays
    return [
        Record(
            **{name: found[name][r] for name in ("m", "n", "energy", "packed")},
            flip_rate=np.nan,
            start_overlap=float(found["start_overlaps"][r]),
            last=np.where(found["states"][r] > 0, 1, -1).astype(np.int8),
            period=np.int8(0),
        )
        for r in range(n_replicas)
    ]


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
