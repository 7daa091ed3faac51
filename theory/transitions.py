"""Where on an isotherm the retrieval state changes its standing.

Two lines of the phase diagram are one load per temperature: the spinodal, beyond which no
retrieval state is left, and the transition, beyond which another state has the lower free
energy.  Both are evaluated on the curve of `theory.isotherm`, with their slope in
temperature, and inverted: a boundary temperature is the largest one at which the line
reaches the load.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .crosstalk import crosstalk_free_energy, instability, noise
from .isotherm import between, trace
from .low_load import barrier_and_retrieval
from .replica import MeanField, energies, overlap_of, signal, sites
from .spin_glass import glass
from .symmetry_breaking import OneStepGlass, glass_free_energy

__all__ = ["Landscape", "largest_temperatures", "line"]

_GRID = 32  # temperatures at which a line is evaluated before it is inverted


class Landscape(NamedTuple):
    """A model and what is computed once for it.

    Parameters
    ----------
    field : MeanField
    top_a, top_T : float
        `theory.low_load.summit`.
    glass : OneStepGlass
        The competing state; empty where the replica-symmetric one takes its place.
    glass_extrema : numpy.ndarray
        `theory.spin_glass.glass_extrema`.
    """

    field: MeanField
    top_a: float
    top_T: float
    glass: OneStepGlass
    glass_extrema: np.ndarray


@compiled
def _spinodal(landscape: Landscape, T: float) -> tuple[float, float]:
    r"""Return the largest load of the isotherm and its derivative in T; 0 if there is none.

    At the maximum :math:`d\alpha/dT = \partial\alpha/\partial T` at fixed S.  The
    averages depend on (S, V, T) by scaling, :math:`T \partial_T = -S \partial_S - 2V
    \partial_V` and a further -1 for chi, and dG/dT at fixed chi is -chi I.
    """
    field = landscape.field
    nodes = trace(field, T, landscape.top_a, landscape.top_T)
    best = -1
    root = 0.0
    for i in range(nodes.shape[0]):
        if nodes[i, 2] > root:
            best, root = i, nodes[i, 2]
    if best < 0:
        return 0.0, np.nan
    if T == 0:
        return root**2, np.nan
    S, V = nodes[best, 0], nodes[best, 1] ** 2
    _, _, q, chi, n_S, n_V, chi_S, chi_V = sites(field, S, V, T)
    V_T = (S * n_S + 2 * V * n_V) / (T * n_V)
    chi_T = -(chi + S * chi_S + 2 * V * chi_V) / T + chi_V * V_T
    G, slope = noise(field.crosstalk, q, chi, T)
    G_T = slope * chi_T - chi * instability(field.crosstalk, q, chi, T)
    return root**2, V_T / G - V / G**2 * G_T


@compiled
def _state(
    field: MeanField, alpha: float, T: float, n: float, V: float
) -> tuple[float, float, float]:
    """Return the free energy of a replica-symmetric state, its entropy and d f / d alpha."""
    _, _, q, chi, _, _, _, _ = sites(field, signal(field.order, n), V, T)
    free_energy, energy = energies(field, alpha, T, n, V, q, chi)
    entropy = (energy - free_energy) / T if T > 0 else np.nan
    load_slope = crosstalk_free_energy(field.crosstalk, q, chi, T)
    if V > 0:
        load_slope -= 0.5 * chi * V / alpha
    return free_energy, entropy, load_slope


@compiled
def _advantage(
    landscape: Landscape, T: float, S: float, V: float, alpha: float
) -> tuple[float, float, float]:
    """Return the free energy of retrieval minus that of its best competitor.

    The competitor is the paramagnet or the one-step glass for P >= 3 and the
    replica-symmetric one where the table of the landscape is empty: at P = 2, and in the
    random field of ``indices="all"`` at odd order.

    Returns
    -------
    difference, T_slope, load_slope : float
        With its derivatives in T and alpha.
    """
    field = landscape.field
    free_energy, entropy, load_slope = _state(field, alpha, T, overlap_of(field.order, S), V)
    if alpha == 0:
        return free_energy + T * math.log(2), math.log(2) - entropy, np.nan
    if landscape.glass.tau.size > 0:
        other, other_entropy, other_slope = glass_free_energy(
            landscape.glass, field.crosstalk, alpha, T
        )
    else:
        V = glass(field.crosstalk, alpha, T, landscape.glass_extrema)[0]
        other, other_entropy, other_slope = _state(field, alpha, T, 0.0, V if V > 0 else 0.0)
        if V > 0 and T > 0 and landscape.glass_extrema.size > 0:
            # A first-order glass: replicas maximise the free energy.
            liquid, liquid_entropy, liquid_slope = _state(field, alpha, T, 0.0, 0.0)
            if liquid > other:
                other, other_entropy, other_slope = liquid, liquid_entropy, liquid_slope
    return free_energy - other, other_entropy - entropy, load_slope - other_slope


@compiled
def _leads(landscape: Landscape, T: float, node: np.ndarray) -> bool:
    """Whether retrieval dominates at a node of an isotherm; beyond chi = 1 it has no load."""
    if node[2] <= 0:
        return True
    return _advantage(landscape, T, node[0], node[1] ** 2, node[2] ** 2)[0] < 0


@compiled
def _transition(landscape: Landscape, T: float) -> tuple[float, float]:
    """Return the load at which retrieval stops to dominate and its derivative in T.

    The load is 0 if it never dominates, and that of the spinodal if it does so to the end.
    """
    field = landscape.field
    nodes = trace(field, T, landscape.top_a, landscape.top_T)
    if nodes.shape[0] == 0 or _advantage(landscape, T, nodes[0, 0], 0.0, 0.0)[0] >= 0:
        return 0.0, np.nan
    # The advantage falls with the load: bisect the nodes up to the spinodal.  Only deep in the
    # broken phase it may recover before that, while it is lost in between.
    spinodal = int(np.argmax(nodes[:, 2]))
    above = spinodal
    if _leads(landscape, T, nodes[spinodal]):
        above = 1
        while above < spinodal and _leads(landscape, T, nodes[above]):
            above += 1
        if above == spinodal:
            return _spinodal(landscape, T)
    below = 0
    while above - below > 1:
        i = (above + below) // 2
        if nodes[i, 2] <= nodes[below, 2] or _leads(landscape, T, nodes[i]):
            below = i
        else:
            above = i
    low, high = 0.0, 1.0
    fraction = 0.5
    root = T_slope = load_slope = last = np.inf
    for _ in range(80):
        S, sigma, root, slope = between(field, T, nodes[below], nodes[above], fraction)
        gap = -1.0
        if root > 0:
            gap, T_slope, load_slope = _advantage(landscape, T, S, sigma**2, root**2)
        if gap < 0:
            low = fraction
        else:
            high = fraction
        step = -gap / (load_slope * 2 * root * slope)
        new = fraction + step
        stalled = 1e-9 > abs(step) >= 0.5 * last
        last = abs(step)
        if stalled or abs(step) <= 1e-15:
            break
        if not low < new < high:
            new = 0.5 * (low + high)
        fraction = new
    return root**2, -T_slope / load_slope


@compiled
def _line(landscape: Landscape, dominant: bool, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    loads, slopes = np.empty(T.size), np.empty(T.size)
    for i in range(T.size):
        if dominant:
            loads[i], slopes[i] = _transition(landscape, T[i])
        else:
            loads[i], slopes[i] = _spinodal(landscape, T[i])
    return loads, slopes


def line(landscape: Landscape, dominant: bool, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate a line of the phase diagram.

    Parameters
    ----------
    dominant : bool
        The transition, otherwise the spinodal.
    T : numpy.ndarray
        Shape (n,).

    Returns
    -------
    loads, slopes : numpy.ndarray
        The load on the line, 0 where there is none, and its derivative in T.
    """
    return _line(landscape, bool(dominant), np.ascontiguousarray(T))


def _end(landscape: Landscape, dominant: bool) -> float:
    """Return the temperature at which a line reaches alpha = 0."""
    field, high = landscape.field, landscape.top_T
    if not dominant or field.order == 2:
        return high
    low = 0.0
    while low < (T := 0.5 * (low + high)) < high:
        _, n = barrier_and_retrieval(field, T, landscape.top_a, landscape.top_T)
        free_energy = energies(field, 0.0, T, n, 0.0, np.nan, np.nan)[0]
        low, high = (T, high) if free_energy < -T * math.log(2) else (low, T)
    return high


def _summit(landscape: Landscape, dominant: bool, low: float, high: float) -> float:
    """Return the temperature in (low, high) at which a line has its maximum."""
    rise, fall = (float(slope) for slope in line(landscape, dominant, np.array([low, high]))[1])
    T = 0.5 * (low + high)
    for iteration in range(60):
        slope = float(line(landscape, dominant, np.array([T]))[1][0])
        # Regula falsi; an end that stays is given half its weight.
        if slope > 0:
            low, rise, fall = T, slope, 0.5 * fall if iteration % 2 else fall
        else:
            high, fall, rise = T, slope, 0.5 * rise if iteration % 2 else rise
        new = low + (high - low) * rise / (rise - fall)
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - T) <= 1e-9 * T:
            break
        T = new
    return T


def _hermite(
    target: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    low_slope: np.ndarray,
    high_slope: np.ndarray,
) -> np.ndarray:
    """Guess where a line reaches a load between two temperatures.

    The temperature is interpolated as a cubic function of the root of the load, which is
    `first` at `low` and `second` at `high` and whose square has the given slopes;
    linearly where that leaves the interval.
    """
    span = second - first
    x = (target - first) / span
    linear = low + (high - low) * x
    with np.errstate(divide="ignore", invalid="ignore"):
        rise, fall = 2 * first * span / low_slope, 2 * second * span / high_slope
        cubic = linear + x * (1 - x) * ((1 - x) * (rise - high + low) - x * (fall - high + low))
    return np.where((low < cubic) & (cubic < high), cubic, linear)


def largest_temperatures(landscape: Landscape, dominant: bool, loads: np.ndarray) -> np.ndarray:
    """Invert a line: the largest temperature at which it reaches a load.

    Parameters
    ----------
    dominant : bool
        The transition, otherwise the spinodal.
    loads : numpy.ndarray
        Shape (n,).

    Returns
    -------
    numpy.ndarray
        NaN where the line is below the load at every temperature.
    """
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
    x = _hermite(target, roots[at], roots[at + 1], low, high, slopes[at], slopes[at + 1])
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
