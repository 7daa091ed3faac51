r"""The curve of 1RSB retrieval states at one temperature, followed by its arc length.

Points are the four logarithms of `equations`.  The curve rises from weak noise (T = 0)
or from the de Almeida-Thouless line to its largest load, the spinodal; neither the signal nor
the ratio of signal to noise is monotonic on it, so that it is never solved at a prescribed
value of one of them but in the plane orthogonal to its tangent.
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.replica import MeanField
from theory.roots import Bracket, narrowed, secant

from .equations import advance, balance, dot, settle, tangent

__all__ = ["INVISIBLE", "crossing", "ground_spinodal", "heat", "spinodal", "trace"]

_STEP = 0.25  # longest step along a curve
_SIZE = 400  # nodes kept at most; a typical curve has 30
#: ln(s / sqrt(V_1)) below which the overlaps differ by rounding.
INVISIBLE = -16.0


# The logarithm of the signal is the sum of the first two coordinates.
_TOWARDS_RETRIEVAL = np.array([1.0, 1.0, 0.0, 0.0]) / math.sqrt(2)


@compiled
def _between(
    field: MeanField, T: float, first: np.ndarray, second: np.ndarray, fraction: float
) -> tuple[np.ndarray, float, float, int]:
    """Return the point of the curve above a fraction of the chord between two nodes."""
    chord = advance(second, -1.0, first)
    return settle(field, T, advance(first, fraction, chord), chord, math.nan)


@compiled
def _extend(
    field: MeanField, T: float, x: np.ndarray, along: np.ndarray, step: float
) -> tuple[np.ndarray, float, np.ndarray, float]:
    """Take a step along the curve: to x, ln alpha, the new tangent, d ln alpha along it.

    The load is NaN if the curve was lost or turned too much.
    """
    new, load, _, _ = settle(field, T, advance(x, step, along), along, math.nan)
    if not load < np.inf:
        return x, np.nan, along, np.nan
    new_along, slope = tangent(field, T, new, along)
    if not dot(new_along, along) > 0.9:
        return x, np.nan, along, np.nan
    return new, load, new_along, slope


@compiled
def spinodal(field: MeanField, T: float, x: np.ndarray) -> tuple[np.ndarray, float]:
    """Climb from a point of the curve to the largest ln alpha; NaN if the curve is lost."""
    along, slope = tangent(field, T, x, _TOWARDS_RETRIEVAL)
    if slope < 0:
        along, slope = advance(np.zeros(4), -1.0, along), -slope
    step = 0.5 * _STEP
    other, fall = x, slope
    while fall > 0:
        new, load, new_along, new_slope = _extend(field, T, x, along, step)
        if load < np.inf:
            if new_slope <= 0:
                other, fall = new, new_slope
            else:
                x, along, slope = new, new_along, new_slope
                step = min(_STEP, 1.5 * step)
        else:
            step *= 0.5
            if not step > 1e-6:
                return x, np.nan
    bracket = Bracket(0.0, slope, 1.0, fall)
    chord = advance(other, -1.0, x)
    best, load = x, np.nan
    for iteration in range(60):
        fraction = secant(bracket)
        best, load, _, _ = _between(field, T, x, other, fraction)
        _, slope = tangent(field, T, best, chord)
        if abs(slope) <= 1e-8 or bracket.high - bracket.low <= 1e-8:
            break
        bracket = narrowed(bracket, fraction, slope, iteration % 2 == 1)
    return best, load


@compiled
def trace(field: MeanField, T: float, x: np.ndarray, load: float, lowest: float) -> np.ndarray:
    """Follow the curve from the spinodal (x, load) down to the load `lowest`.

    Returns rows of the point and ln alpha; ends where the breaking becomes invisible.
    """
    nodes = np.empty((_SIZE, 5))
    # The retrieval side of the spinodal has the larger signal.
    along, _ = tangent(field, T, x, _TOWARDS_RETRIEVAL)
    size, step = 0, 0.25 * _STEP
    while True:
        for j in range(4):
            nodes[size, j] = x[j]
        nodes[size, 4] = load
        size += 1
        if size == _SIZE or load <= lowest or x[2] < INVISIBLE:
            break
        while step > 1e-4:
            new, new_load, new_along, _ = _extend(field, T, x, along, step)
            if new_load < load:
                break
            step *= 0.5
        if not step > 1e-4:
            break
        x, load, along = new, new_load, new_along
        step = min(2 * _STEP, 1.5 * step)
    return nodes[:size].copy()


@compiled
def ground_spinodal(field: MeanField) -> tuple[np.ndarray, float]:
    r"""Return the spinodal at T = 0.

    The climb begins where the noise is weak.  There few sites are undecided, with a density
    p of fields at zero, and :math:`s \propto p`, :math:`\mu \propto 1/p` at a fixed product.
    """
    x = np.empty(4)
    x[0] = math.log(6.0)
    x[1] = math.log(0.5 * field.order) - x[0]
    x[2], x[3] = math.log(0.01), math.log(0.8 / 0.01)
    for _ in range(30):
        value = balance(field, 0.0, x)
        x[2] += value[1]
        x[3] -= value[1]
    x, load, _, _ = settle(field, 0.0, x, np.array([1.0, 0.0, 0.0, 0.0]), math.nan)
    if not load < np.inf:
        return x, np.nan
    return spinodal(field, 0.0, x)


@compiled
def heat(field: MeanField, x: np.ndarray, T: float, warmer: float) -> tuple[np.ndarray, float]:
    """Follow a state from T to `warmer`; ln alpha is NaN if the breaking vanishes on the way."""
    step = warmer - T
    change = np.zeros(4)
    along, _ = tangent(field, T, x, _TOWARDS_RETRIEVAL)
    load = np.nan
    while warmer > T:
        step = min(step, 0.05, warmer - T)
        new, load, _, _ = settle(field, T + step, advance(x, step, change), along, math.nan)
        moved = advance(new, -1.0, x)
        # The weight of a state has theta = mu T <= 1.
        tame = dot(moved, moved) < 0.25 and (T + step) * math.exp(new[3] - new[1]) <= 1
        if load < np.inf and tame:
            change = advance(np.zeros(4), 1 / step, moved)
            T, x = T + step, new
            along, _ = tangent(field, T, x, along)
            step *= 2
        else:
            step *= 0.5
            if step < 1e-5:
                return x, np.nan
    return x, load


@compiled
def crossing(
    field: MeanField, T: float, nodes: np.ndarray, load: float
) -> tuple[np.ndarray, float, int]:
    """Return x, residual and n_iter of the state at ln alpha = `load`, NaN if not on the curve.

    The residual is that of the three equations and the load.
    """
    for i in range(1, nodes.shape[0]):
        if not nodes[i, 4] <= load <= nodes[i - 1, 4]:
            continue
        first, second = nodes[i - 1, :4], nodes[i, :4]
        bracket = Bracket(0.0, nodes[i - 1, 4] - load, 1.0, nodes[i, 4] - load)
        x, residual, spent = first, np.inf, 0
        for iteration in range(60):
            fraction = secant(bracket)
            x, found, residual, n_iter = _between(field, T, first, second, fraction)
            spent += n_iter
            miss = found - load
            residual = max(residual, abs(miss))
            if abs(miss) <= 1e-13 or not miss < np.inf:
                break
            bracket = narrowed(bracket, fraction, miss, iteration % 2 == 1)
            if bracket.high - bracket.low <= 1e-15:
                break
        return x, residual, spent
    return np.full(4, np.nan), np.nan, 0
