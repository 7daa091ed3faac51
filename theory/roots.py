"""Roots and largest values of functions of one variable.

Compiled loops cannot take a function and stay in the cache on disk: they share the steps,
`Bracket` and `inside`, and call their function themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .compiled import compiled

__all__ = ["Bracket", "bisect", "highest", "inside", "narrowed", "root", "root_beyond", "secant"]


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where `function` changes sign between `low` and `high`, to rounding (Brent).

    Raises
    ------
    ValueError
        If it has the same sign at both ends.

    Examples
    --------
    >>> round(root(lambda x: x * x - 2, 1, 2), 13)
    1.4142135623731
    """
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-15))


def root_beyond(
    function: Callable[[float], float], start: float, factor: float, until: float
) -> float:
    """Return the first root beyond `start`, where `function` is positive, by steps of a factor.

    NaN if there is none `until`.

    Examples
    --------
    >>> round(root_beyond(lambda x: 50 - x * x, 1, 2, 1e6), 12)
    7.071067811865
    """
    here = start
    while function(beyond := factor * here) > 0:
        here = beyond
        if (here > until) == (factor > 1):
            return np.nan
    return root(function, *sorted((here, beyond)))


def bisect(
    holds: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return the smallest places at which a condition holds that does at `high`, not at `low`.

    Examples
    --------
    >>> bisect(lambda x: x * x > [2, 9], np.zeros(2), np.full(2, 8.0)).round(6)
    array([1.414214, 3.      ])
    """
    while True:
        middle = 0.5 * (low + high)
        if not ((low < middle) & (middle < high)).any():
            return high
        here = holds(middle)
        low, high = np.where(here, low, middle), np.where(here, middle, high)


def highest(
    function: Callable[[float], float], grid: Sequence[float] | np.ndarray, xatol: float
) -> tuple[float, float]:
    """Return the place and the value of the maximum next to the highest point of a grid.

    Examples
    --------
    >>> [round(x, 6) for x in highest(lambda x: 1 - (x - 0.3) ** 2, [0, 0.5, 1], 1e-9)]
    [0.3, 1.0]
    """
    from scipy.optimize import minimize_scalar

    at = int(np.argmax([function(x) for x in grid]))
    found = minimize_scalar(
        lambda x: -function(x),
        bounds=(grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": xatol},
    )
    return float(found.x), -float(found.fun)


class Bracket(NamedTuple):
    """Where a function is positive and where it is not, and its values there."""

    low: float
    rise: float
    high: float
    fall: float


@compiled
def secant(bracket: Bracket) -> float:
    """Return where the chord of a bracket crosses zero."""
    low, rise, high, fall = bracket
    return low + (high - low) * rise / (rise - fall)


@compiled
def narrowed(bracket: Bracket, x: float, value: float, halve: bool) -> Bracket:
    """Replace one end of a bracket; halve the value at the other, lest it stay (Illinois)."""
    low, rise, high, fall = bracket
    share = 0.5 if halve else 1.0
    if value > 0:
        return Bracket(x, value, high, share * fall)
    return Bracket(low, share * rise, x, value)


@compiled
def inside(x: float, low: float, high: float) -> float:
    """Return `x` if it is in the bracket, as a step of Newton's may not be; else the middle."""
    return x if low < x < high else 0.5 * (low + high)
