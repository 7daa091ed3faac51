"""How often the intervals of a few samples hold the mean of all samples."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

import montecarlo
from hebbian import Dense, Hopfield, Model
from montecarlo.quantities import OBSERVABLES, Series
from montecarlo.statistics.estimators import over_samples

__all__ = ["POINTS", "Cover", "Place", "measured", "section"]

#: Runs of each point, whose samples are all different.
RUNS = 200

LEVELS = (0.68, 0.95)
QUANTITIES = ("m", "q", "energy", "susceptibility")


@dataclass(frozen=True)
class Place:
    """A point of a phase diagram at which runs are repeated.

    Parameters
    ----------
    words : str
        What kind of point it is.
    model : Model
    alpha, T : float
    n_spins, n_samples : int
        Of every run.
    """

    words: str
    model: Model
    alpha: float
    T: float
    n_spins: int
    n_samples: int


DENSE = Dense(order=4)

POINTS = (
    Place("few reversed spins", DENSE, 0.14, 0.18, 100, 6),
    Place("few reversed spins", DENSE, 0.14, 0.18, 100, 8),
    Place("next to none", Hopfield(), 0.05, 0.1, 200, 8),
    Place("retrieval", DENSE, 0.1, 0.45, 100, 8),
    Place("retrieval", Hopfield(), 0.02, 0.3, 200, 8),
    Place("paramagnet", Hopfield(), 0.1, 1.5, 200, 8),
    Place("glass", DENSE, 0.5, 0.2, 50, 8),
    Place("some chains leave", Hopfield(), 0.1, 0.3, 200, 8),
)


@dataclass(frozen=True)
class Cover:
    """What the runs of one point give.

    Parameters
    ----------
    place : Place
    covered : dict of str to tuple of float
        Part of the runs whose interval holds the mean of all runs, at every level.
    few : dict of str to float
        Part of the runs with the flag of few events.
    spread : float
        As `covered` of m at the last level, of Student's interval from the spread alone.
    """

    place: Place
    covered: dict[str, tuple[float, ...]]
    few: dict[str, float]
    spread: float


def measured(place: Place, runs: int = RUNS, seed: int = 1) -> Cover:
    """Repeat the run of a point and count the intervals that hold the mean of all.

    Examples
    --------
    >>> found = measured(Place("", Hopfield(), 0.1, 1.5, 50, 6), runs=40)
    >>> found.covered["energy"][1] > 0.85
    True
    """
    schedule = montecarlo.Schedule(warmup=80, sweeps=120, stride=2)
    run = montecarlo.simulate(
        place.model, alpha=place.alpha, T=place.T, n_spins=place.n_spins, seed=seed,
        n_samples=runs * place.n_samples, n_replicas=2, schedule=schedule, n_threads=1,
    )  # fmt: skip
    covered, few, spread = {}, {}, np.nan
    for name in QUANTITIES:
        observable = OBSERVABLES[name]
        series = run.series[observable.source]
        series = series.reshape(runs, place.n_samples, *series.shape[1:])
        beta = np.array(1 / place.T)
        found = observable.estimator(Series(series, run.stride, place.n_spins, beta))
        truth = found.mean.mean()
        intervals = [found.interval(level) for level in LEVELS]
        covered[name] = tuple(
            float(((low <= truth) & (truth <= high)).mean()) for low, high in intervals
        )
        few[name] = float(found.few.mean())
        if name == "m":
            mean, error = over_samples(series.mean(axis=(-1, -2)))
            limit = float(stdtrit(place.n_samples - 1, (1 + LEVELS[-1]) / 2))
            spread = float((np.abs(mean - truth) <= limit * error).mean())
    return Cover(place, covered, few, spread)


def section(pool: Executor) -> list[str]:
    """Return the lines of the page about coverage."""
    found = [task.result() for task in [pool.submit(measured, place) for place in POINTS]]
    errors = [np.sqrt(level * (1 - level) / RUNS) for level in LEVELS]
    return [
        "## Coverage of intervals",
        "",
        f"{RUNS} runs of each point (2 replicas, 120 sweeps after 80), all of different samples: "
        "the part of the intervals `Estimate.interval(0.68)` and `Estimate.interval(0.95)` that "
        f"hold the mean of all of them, give or take {errors[0]:.1%} and {errors[1]:.1%}. "
        "*spread* is the part of the intervals at 95 % that Student's law and the spread of the "
        "samples alone would give for m. In brackets the part of the runs with the flag `few`.",
        "",
        "Where few spins are reversed the intervals hold more than they say, since nobody knows "
        "what was missed. What no interval of a few samples can hold is a rare state that none "
        "of them has visited: where some chains leave, the susceptibility is made by those "
        "few, and it is flagged.",
        "",
        "| point | model | alpha | T | N | samples | spread | "
        + " | ".join(f"{name} 68 % | {name} 95 %" for name in QUANTITIES)
        + " |",
        "|" + "---|" * (7 + 2 * len(QUANTITIES)),
        *_rows(found),
        "",
    ]


def _rows(found: list[Cover]) -> Iterator[str]:
    for cover in found:
        place = cover.place
        cells = []
        for name in QUANTITIES:
            low, high = cover.covered[name]
            flag = f" ({cover.few[name]:.0%})" if cover.few[name] else ""
            cells += [f"{low:.0%}", f"{high:.1%}{flag}"]
        cells = [
            place.words, f"`{place.model}`", f"{place.alpha:g}", f"{place.T:g}",
            f"{place.n_spins}", f"{place.n_samples}", f"{cover.spread:.0%}", *cells,
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"
