r"""Retrieval without crosstalk: the limit alpha -> 0, and every load below N^(P-1).

With :math:`a = S/T` the equation :math:`\tilde n = E\,u \tanh(a u)` is explicit and

.. math:: T(a) = \tfrac P2\,\tilde n(a)^{P-1} / a.

Its maximum is the spinodal temperature at alpha = 0.  Below, T(a) = T has two roots: the
retrieval state at large a and the top of the barrier that protects it at small a, which
for P = 2 is a = 0 (T(a) falls from T(0) = 1, because E u^2 = 1).
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled

from .replica import MeanField, sites

__all__ = ["barrier_and_retrieval", "summit"]

# Below, the limit T = 0 holds to the last digit, and squares of S/T overflow.
_COLD = 1e-100


@compiled
def _temperature(field: MeanField, a: float) -> tuple[float, float]:
    """Return T(a) and d ln T / d ln a."""
    _, n, _, _, n_S, _, _, _ = sites(field, a, 0.0, 1.0)
    P = field.order
    return 0.5 * P * n ** (P - 1) / a, (P - 1) * a * n_S / n - 1


@compiled
def summit(field: MeanField) -> tuple[float, float]:
    """Return the largest a at which T(a) has a maximum, and T there."""
    if field.order == 2:
        return 0.0, 1.0
    high = 1e4
    while _temperature(field, 0.8 * high)[1] < 0:
        high *= 0.8
    low = 0.8 * high
    for _ in range(100):
        a = math.sqrt(low * high)
        if not low < a < high:
            break
        if _temperature(field, a)[1] > 0:
            low = a
        else:
            high = a
    return high, _temperature(field, high)[0]


@compiled
def _root(field: MeanField, T: float, low: float, high: float, rising: bool) -> float:
    """Return a in (low, high) with T(a) = T, by Newton's method in ln a inside the bracket."""
    a = high
    for _ in range(200):
        value, slope = _temperature(field, a)
        if (value > T) == rising:
            high = a
        else:
            low = a
        new = a * (T / value) ** (1 / slope) if value > 0 and slope != 0 else 0.0
        if abs(new - a) <= 4e-16 * a:
            return new
        if not low < new < high:
            new = math.sqrt(low * high) if low > 0 else 0.5 * high
        if not low < new < high:
            break
        a = new
    return a


@compiled
def barrier_and_retrieval(
    field: MeanField, T: float, top_a: float, top_T: float
) -> tuple[float, float]:
    """Return the overlap n tilde on the barrier and in the retrieval state at alpha = 0.

    Both are NaN from `top_T` of `summit` upwards.
    """
    if top_T <= T:
        return np.nan, np.nan
    if T < _COLD:
        n = 0.0
        for u, w in zip(field.law.u, field.law.weight):  # noqa: B905 - numba has no strict
            # The mean of abs(u), for a Gaussian u as well.
            s = math.sqrt(2 * field.law.spread)
            n += w * (
                u * math.erf(u / s) + s * math.exp(-((u / s) ** 2)) / math.sqrt(math.pi)
                if s > 0
                else abs(u)
            )
        return 0.0, n
    n = sites(field, _root(field, T, top_a, 0.75 * field.order / T, False), 0.0, 1.0)[1]
    if field.order == 2:
        return 0.0, n
    return sites(field, _root(field, T, 0.0, top_a, True), 0.0, 1.0)[1], n
