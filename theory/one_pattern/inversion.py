"""Lines of the phase diagram seen from the load.

`transitions` gives a line as one load per temperature, with its slope; a boundary
temperature is the largest one at which the line reaches the load.
"""

from __future__ import annotations

import math

import numpy as np

from theory.roots import Bracket, bisect, inside, narrowed, secant

from .low_load import barrier_and_retrieval
from .replica import energies
from .transitions import Landscape, line

__all__ = ["largest_temperatures"]

_GRID = 32  # temperatures at which a line is evaluated before it is inverted


def _end(landscape: Landscape, dominant: bool) -> float:
    """Return the temperature at which a line reaches alpha = 0."""
    field, high = landscape.field, landscape.top_T
    if not dominant or field.order == 2:
        return high

    def loses(T: np.ndarray) -> np.ndarray:
        heat = float(T)
        _, n = barrier_and_retrieval(field, heat, landscape.top_a, landscape.top_T)
        free_energy = energies(field, 0.0, heat, n, 0.0, np.nan, np.nan)[0]
        return np.asarray(not free_energy < heat * (landscape.choices - math.log(2)))

    return float(bisect(loses, np.zeros(()), np.asarray(high)))


def _summit(landscape: Landscape, dominant: bool, low: float, high: float) -> float:
    """Return the temperature in (low, high) at which a line has its maximum."""
    rise, fall = line(landscape, dominant, np.array([low, high]))[1].tolist()
    bracket = Bracket(low, rise, high, fall)
    T = 0.5 * (low + high)
    for iteration in range(60):
        slope = float(line(landscape, dominant, np.array([T]))[1][0])
        bracket = narrowed(bracket, T, slope, bool(iteration % 2))
        new = inside(secant(bracket), bracket.low, bracket.high)
        if abs(new - T) <= 1e-9 * T:
            break
        T = new
    return T


def _hermite(
    target: np.ndarray, T: np.ndarray, roots: np.ndarray, slopes: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Guess where a line reaches a load between the temperatures number `at` and `at` + 1.

    The temperature is interpolated as a cubic function of the root of the load, whose square
    has the given slopes; linearly where that leaves the interval.
    """
    low, first, low_slope = T[at], roots[at], slopes[at]
    high, second, high_slope = T[at + 1], roots[at + 1], slopes[at + 1]
    span = second - first
    x = (target - first) / span
    linear = low + (high - low) * x
    with np.errstate(divide="ignore", invalid="ignore"):
        rise, fall = 2 * first * span / low_slope, 2 * second * span / high_slope
        cubic = linear + x * (1 - x) * ((1 - x) * (rise - high + low) - x * (fall - high + low))
    return np.where((low < cubic) & (cubic < high), cubic, linear)


def largest_temperatures(landscape: Landscape, dominant: bool, loads: np.ndarray) -> np.ndarray:
    """Invert a line: the largest temperatures at which it reaches loads, NaN where it does not."""
    T = np.linspace(0, _end(landscape, dominant), _GRID + 1)
    T[0] = 1e-9 * T[1]  # the slope is not defined at T = 0
    on_line, slopes = line(landscape, dominant, T)
    on_line[-1] = 0.0
    # The line may rise with temperature before it falls: between the last temperatures that
    # reach a load and the first that do not, its summits decide.
    above = np.maximum(on_line[:-1], on_line[1:]) < loads.max(initial=0.0)
    for i in np.flatnonzero((slopes[:-1] > 0) & ~(slopes[1:] > 0) & above)[::-1]:
        place = _summit(landscape, dominant, T[i], T[i + 1])
        T = np.insert(T, i + 1, place)
        summit, slope = line(landscape, dominant, np.array([place]))
        on_line, slopes = np.insert(on_line, i + 1, summit), np.insert(slopes, i + 1, slope)
    T[0], on_line[0] = 0.0, line(landscape, dominant, np.zeros(1))[0][0]
    reached = on_line >= loads[:, None]
    last = T.size - 1 - reached[:, ::-1].argmax(axis=1)
    out = np.where(reached.any(axis=1) & (last == T.size - 1), T[-1], np.nan)
    # Roots of alpha: a line ends like (T_0 - T) for P >= 3 and like (T_0 - T)^2 for P = 2.
    todo = np.flatnonzero(reached.any(axis=1) & (last < T.size - 1))
    target, at, roots = np.sqrt(loads[todo]), last[todo], np.sqrt(on_line)
    low, high = T[at], T[at + 1]
    x = _hermite(target, T, roots, slopes, at)
    for _ in range(100):
        load, slope = line(landscape, dominant, x)
        root = np.sqrt(load)
        low, high = np.where(root >= target, x, low), np.where(root >= target, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (target - root) * 2 * root / slope
        new = x + step
        size = np.abs(step)
        inside = (low < new) & (new < high)
        # Newton's method: relative to the distance from the ends, the error of `new` is
        # the square of the step; as close to them as this, rounding decides.
        done = size <= np.maximum(1e-8 * np.minimum(x, T[-1] - x), 2e-16 * x)
        done |= high - low <= 2e-16 * high
        out[todo[done]] = np.where(inside, new, x)[done]
        new = np.where(inside, new, 0.5 * (low + high))
        todo, target, low, high, x = (values[~done] for values in (todo, target, low, high, new))
        if todo.size == 0:
            break
    out[todo] = x
    return out
