"""Bracketed roots to the last digit."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["root"]


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
