"""What is kept of a simulated point: one table for whoever packs, stores, labels or reads it."""

from __future__ import annotations

import itertools
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
    "PENDING",
    "RESULTS",
    "Result",
    "lengths",
    "of_observables",
    "pack",
    "recorded",
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
    dim : {"", "pattern", "sample"}
        What there is one number for, if not the point; patterns are told apart in networks
        that retrieve several at once.
    quantity : Quantity, optional
        How it is labelled, where `hebbian.QUANTITIES` does not know the name; of an error
        the words of what it is of.
    """

    name: str
    of: Callable[[Any, Callable[[str], Any]], Any]
    dim: str = ""
    quantity: Quantity | None = None


def _estimate(name: str, dim: str = "", quantity: Quantity | None = None) -> tuple[Result, Result]:
    """Return mean and standard error of an observable of a run."""
    mean = Result(name, lambda _, estimate: estimate(name).mean, dim, quantity)
    return mean, Result(f"{name}_err", lambda _, estimate: estimate(name).error, dim, quantity)


def _of_samples(run: Any, _: object) -> np.ndarray:
    """Return the magnetization of archetype 0 in every disorder sample."""
    m: np.ndarray = run.series["m"][..., 0] if run.several else run.series["m"]
    return m.mean(axis=(-2, -1)) if m.shape[-1] else np.full(len(m), np.nan)


#: In the order in which they stand in a row.
RESULTS: tuple[Result, ...] = (
    *_estimate("m", "pattern"),
    *_estimate("n", "pattern"),
    *_estimate("q"),
    *_estimate("energy"),
    Result("tau", lambda _, estimate: np.max(estimate("m").tau)),
    Result("n_eff", lambda _, estimate: np.min(estimate("m").n_eff)),
    Result("acceptance", lambda _, estimate: estimate("acceptance").mean),
    Result("escaped", lambda run, _: run.escaped),
    Result("switched", lambda run, _: run.switched),
    Result(
        "m_samples",
        _of_samples,
        "sample",
        Quantity("m_s", "magnetization of a sample", "of archetype 0, mean over replicas and time"),
    ),
)


def of_observables(observables: Sequence[Observable]) -> tuple[Result, ...]:
    """Return what is kept of observables: their estimates, under their own words.

    Raises
    ------
    ValueError
        If the name of one is no name of a variable, or that of another.
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
        quantity = Quantity(observable.symbol, observable.long_name, observable.definition)
        found += _estimate(name, "pattern" if observable.per_pattern else "", quantity)
    return tuple(found)


def written(results: Sequence[Result]) -> dict[str, list[str]]:
    """Return plain data from which `recorded` knows the observables among results again."""
    return {
        result.name: [result.dim, *result.quantity]
        for result in results[len(RESULTS) :]
        if result.quantity and not result.name.endswith("_err")
    }


def recorded(data: Mapping[str, Sequence[str]]) -> tuple[Result, ...]:
    """Return what a store keeps of a point, without the definitions of its observables."""
    own = (_estimate(name, dim, Quantity(*words)) for name, (dim, *words) in data.items())
    return RESULTS + tuple(itertools.chain.from_iterable(own))


def lengths(results: Sequence[Result], n_patterns: int | None, n_samples: int) -> dict[str, int]:
    """Return how many numbers of a row every result takes.

    Examples
    --------
    >>> sum(lengths(RESULTS, None, 4).values()), sum(lengths(RESULTS, 3, 4).values())
    (17, 25)
    """
    sizes = {"": 1, "pattern": n_patterns or 1, "sample": n_samples}
    return {result.name: sizes[result.dim] for result in results}


def pack(run: Any, results: Sequence[Result], slots: Mapping[str, int]) -> np.ndarray:
    """Return the numbers of one point in a row, NaN for patterns that its model does not have.

    Raises
    ------
    ValueError
        If an observable has more numbers than a point keeps of it.
    """
    row, estimate = [], cache(run.estimate)
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
