"""What is kept of a simulated point: one table for whoever packs, stores, labels or reads it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hebbian.vocabulary import COORDINATES, Quantity

if TYPE_CHECKING:
    from montecarlo import Observable

__all__ = [
    "DAMAGED",
    "DONE",
    "FAILED",
    "OVERLAPS",
    "PENDING",
    "RESULTS",
    "TRAJECTORY",
    "Result",
    "of_observables",
    "pack",
    "recorded",
    "widths",
    "written",
]

#: Values of ``status``; a damaged point is one only until it is computed again.
PENDING, DONE, FAILED, DAMAGED = 0, 1, 2, 3


class Result(NamedTuple):
    """A variable of a simulation.

    Parameters
    ----------
    name : str
        A standard error is called ``<name>_err``.
    of : callable
        Its numbers, from a `montecarlo.Run` at one temperature and its estimates by name, of
        which each is made once.
    dims : tuple of {"pattern", "layer", "sample", "t"}
        What there is one number for, beyond the point; patterns are told apart in networks
        that retrieve several at once, layers in assemblies.
    quantity : Quantity, optional
        How it is labelled, where `hebbian.QUANTITIES` does not know the name; of an error
        the words of what it is of.
    """

    name: str
    of: Callable[[Any, Callable[[str], Any]], Any]
    dims: tuple[str, ...] = ()
    quantity: Quantity | None = None


def _estimate(name: str, *dims: str, quantity: Quantity | None = None) -> tuple[Result, Result]:
    """Return mean and standard error of an observable of a run."""
    mean = Result(name, lambda _, estimate: estimate(name).mean, dims, quantity)
    return mean, Result(f"{name}_err", lambda _, estimate: estimate(name).error, dims, quantity)


def _followed(name: str, *dims: str, quantity: Quantity | None = None) -> tuple[Result, Result]:
    """Return mean and standard error of an observable at every time of a run."""
    mean = Result(name, lambda run, _: _at_times(run, name)[0], (*dims, "t"), quantity)
    error = Result(f"{name}_err", lambda run, _: _at_times(run, name)[1], (*dims, "t"), quantity)
    return mean, error


def _trajectories(run: Any, name: str) -> np.ndarray:
    """Return an observable from the start on: axes (sample, replica, [component,] t)."""
    start, series = run.first[name], run.series[name]
    values = np.concatenate([start[:, :, None], series], axis=2)
    return np.moveaxis(values, 2, -1)


def _at_times(run: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over replicas and samples, and its standard error over samples."""
    from montecarlo.statistics.estimators import over_samples

    per_sample = _trajectories(run, name).mean(axis=1)
    return over_samples(np.moveaxis(per_sample, 0, -1))


def _of_archetype(run: Any, m: np.ndarray) -> np.ndarray:
    """Return the overlaps with archetype 0, one of each layer, before all other axes.

    `m` has them last where the run tells several apart, else none.
    """
    if not run.several:
        return m[None]
    layered = run.series["q"].ndim > run.series["energy"].ndim
    n_layers = run.series["q"].shape[-1] if layered else 1
    return np.moveaxis(m[..., :n_layers], -1, 0)


def _of_samples(run: Any, _: object) -> np.ndarray:
    """Return the magnetization of archetype 0 in every layer and disorder sample."""
    m = _of_archetype(run, run.series["m"])
    return m.mean(axis=(-2, -1)) if m.shape[-1] else np.full(m.shape[:-2], np.nan)


#: What overlaps with archetypes are told apart by.
OVERLAPS = ("pattern", "layer")

#: Whether chains ended where they began.
_LEFT = (
    Result("escaped", lambda run, _: run.escaped),
    Result("switched", lambda run, _: run.switched),
)

#: In the order in which they stand in a row.
RESULTS: tuple[Result, ...] = (
    *_estimate("m", *OVERLAPS),
    *_estimate("n", *OVERLAPS),
    *_estimate("q", "layer"),
    *_estimate("energy"),
    Result("tau", lambda _, estimate: np.max(estimate("m").tau)),
    Result("n_eff", lambda _, estimate: np.min(estimate("m").n_eff)),
    Result("acceptance", lambda _, estimate: estimate("acceptance").mean),
    *_LEFT,
    Result(
        "m_samples",
        _of_samples,
        ("layer", "sample"),
        Quantity("m_s", "magnetization of a sample", "of archetype 0, mean over replicas and time"),
    ),
)


def _samples_at_times(run: Any, _: object) -> np.ndarray:
    """Return the magnetization of archetype 0 in every layer and disorder sample, at every time."""
    m = _trajectories(run, "m").mean(axis=1)
    return _of_archetype(run, np.moveaxis(m, 1, -1) if run.several else m)


#: The same of a trajectory.
TRAJECTORY: tuple[Result, ...] = (
    *_followed("m", *OVERLAPS),
    *_followed("n", *OVERLAPS),
    *_followed("energy"),
    *_LEFT,
    Result(
        "m_samples",
        _samples_at_times,
        ("layer", "sample", "t"),
        Quantity("m_s", "magnetization of a sample", "of archetype 0, mean over replicas"),
    ),
)


def of_observables(
    observables: Sequence[Observable], known: tuple[Result, ...] = RESULTS
) -> tuple[Result, ...]:
    """Return what is kept of observables beside `known`: their estimates, in their own words.

    Raises
    ------
    ValueError
        If the name of one is no name of a variable, or that of another; if one that is an
        estimate over time is asked for along a trajectory.
    """
    found: list[Result] = []
    for observable in observables:
        name = observable.name
        words = (*COORDINATES, "alpha_effective", "status", *(r.name for r in RESULTS))
        taken = {word.lower() for word in words}
        taken |= {result.name.lower() for result in found}
        if not name.isidentifier() or name.endswith("_err") or name.lower() in taken:
            raise ValueError(
                f"observables: {name!r} cannot name a variable of a study: letters, digits and _, "
                "no _err at its end, and no name that a study has already"
            )
        if known is TRAJECTORY and observable.function is None:
            raise ValueError(
                f"observables: {name!r} is an estimate over time: with n_steps, only functions of "
                "configurations are followed"
            )
        quantity = Quantity(observable.symbol, observable.long_name, observable.definition)
        kind = "pattern" if observable.per_pattern else ""
        if observable.source == "q":
            kind = "layer"
        found += _own(known, name, kind, quantity)
    return tuple(found)


#: What there is one number of an observable for, by the first of its axes.
_DIMS: dict[str, tuple[str, ...]] = {"": (), "layer": ("layer",), "pattern": OVERLAPS}


def _own(
    known: tuple[Result, ...], name: str, kind: str, quantity: Quantity
) -> tuple[Result, Result]:
    """Return mean and standard error of an observable, over time or along it as the others."""
    made = _followed if known is TRAJECTORY else _estimate
    return made(name, *_DIMS[kind], quantity=quantity)


def _kind(result: Result) -> str:
    """Return what there is one number of an observable for: the first of its axes, or nothing."""
    return next((dim for dim in result.dims if dim in OVERLAPS), "")


def written(results: Sequence[Result]) -> dict[str, list[str]]:
    """Return plain data from which `recorded` knows the observables among results again."""
    known = {result.name for result in (*RESULTS, *TRAJECTORY)}
    return {
        result.name: [_kind(result), *result.quantity]
        for result in results
        if result.name not in known and result.quantity and not result.name.endswith("_err")
    }


def recorded(
    data: Mapping[str, Sequence[str]], known: tuple[Result, ...] = RESULTS
) -> tuple[Result, ...]:
    """Return what a store keeps of a point, without the definitions of its observables."""
    own = (_own(known, n, kind, Quantity(*words)) for n, (kind, *words) in data.items())
    return known + tuple(itertools.chain.from_iterable(own))


def widths(results: Sequence[Result], lengths: Mapping[str, int]) -> dict[str, int]:
    """Return how many numbers of a row every result takes.

    Parameters
    ----------
    results : sequence of Result
    lengths : mapping
        Of every axis that they have.

    Examples
    --------
    >>> sum(widths(RESULTS, {"pattern": 3, "layer": 1, "sample": 4}).values())
    25
    """
    return {r.name: math.prod(lengths[dim] for dim in r.dims) for r in results}


def pack(run: Any, results: Sequence[Result], slots: Mapping[str, int]) -> np.ndarray:
    """Return the numbers of one point in a row, NaN for patterns that its model does not have.

    Raises
    ------
    ValueError
        If an observable has more numbers than a point keeps of it.
    """
    row, made = [], cache(run.estimate)
    same = np.array_equal(run.series["m"], run.series["n"])  # of stored archetypes

    def estimate(name: str) -> Any:
        return made("m" if same and name == "n" else name)

    for result in results:
        block = np.full(slots[result.name], np.nan)
        numbers = np.ravel(result.of(run, estimate))
        if len(numbers) > len(block):
            raise ValueError(
                f"observables: {result.name!r} has {len(numbers)} components, a study keeps one "
                "number of it, or one for each observed pattern with per_pattern=True"
            )
        block[: len(numbers)] = numbers
        row.append(block)
    return np.concatenate(row)
