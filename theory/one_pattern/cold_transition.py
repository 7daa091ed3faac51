r"""The transition at temperatures at which the retrieval state itself breaks replica symmetry.

There the replica-symmetric free energy of retrieval is too low, or the state is lost although
it is there (P = 3, T = 0: its spinodal is at 0.378, the transition at 0.422): the one-step state of
`theory.one_pattern.broken` takes its place.  It is followed from T = 0 to the temperature at
which the replicon eigenvalue on the line is `_STABLE`, where the free energies of the two differ by
1e-9 and the two lines meet; between the Chebyshev points the line is interpolated, to 1e-7.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from theory.averages.example_law import ExampleLaw
from theory.compiled import compiled
from theory.roots import root

from .branches import solve_branch
from .broken.curve import ground_spinodal, trace
from .broken.equations import advance, observables, settle
from .crosstalk import Crosstalk
from .replica import MeanField
from .transitions import Landscape, competitor, landscape, line

__all__ = ["Choices", "ColdLine", "cold_end", "cold_line"]

_STABLE = -0.02
_SIZE = 13  # temperatures
_COLDEST = 1e-3  # relative to the top: where the state is stable down to here nothing is to do
_LONGEST, _SHORTEST = 0.04, 1e-6  # steps in temperature


class Choices(NamedTuple):
    """Entropy of the patterns to retrieve: ln(copies max(1, per_load alpha))/n_spins."""

    per_load: float = 0.0
    copies: float = 1.0
    n_spins: float = math.inf


class ColdLine(NamedTuple):
    """The line from T = 0 to the last of the temperatures, none of which there may be.

    Rows are the Chebyshev points of intervals inside which the line is smooth: it has a kink
    where the paramagnet takes the place of the glass.
    """

    T: np.ndarray
    loads: np.ndarray

    @property
    def end(self) -> float:
        """Temperature above which the replica-symmetric line is right."""
        return float(self.T[-1, -1]) if self.T.size else -1.0

    def at(self, T: np.ndarray) -> np.ndarray:
        """Return the loads at temperatures up to the end."""
        from scipy.interpolate import BarycentricInterpolator

        # Of the Chebyshev points; computed, they would depend on a random order.
        weights = np.resize([1.0, -1.0], _SIZE)
        weights[[0, -1]] *= 0.5
        out = np.full(T.shape, np.nan)
        for nodes, loads in zip(self.T, self.loads, strict=True):
            here = (nodes[0] <= T) & (nodes[-1] >= T)
            out[here] = BarycentricInterpolator(nodes, loads, wi=weights)(T[here])
        return out

    def temperature(self, alpha: float) -> float:
        """Return the largest temperature up to the end at which the line reaches a load, or NaN."""
        T = np.linspace(0, self.end, 8 * _SIZE)
        reached = np.flatnonzero(self.at(T) >= alpha)
        if reached.size == 0 or reached[-1] == T.size - 1:
            return self.end if reached.size else math.nan
        low, high = T[reached[-1]], T[reached[-1] + 1]
        return root(lambda heat: float(self.at(np.array([heat]))[0]) - alpha, low, high)


@compiled
def _gap(landscape: Landscape, choices: Choices, T: float, x: np.ndarray, load: float) -> float:
    """Return the free energy of the state x less that of its competitor, at ln alpha."""
    alpha = math.exp(load)
    entropy = math.log(choices.copies * max(1.0, choices.per_load * alpha)) / choices.n_spins
    free_energy = observables(landscape.field, T, x)[6] - T * entropy
    return free_energy - competitor(landscape, alpha, T)[0]


@compiled
def _meet(
    landscape: Landscape, choices: Choices, T: float, x: np.ndarray, load: float, slope: float
) -> tuple[np.ndarray, float, float]:
    """Return the state that meets its competitor, its ln alpha, NaN if it is lost, and the slope.

    By the secant method, from a state nearby and the derivative of the gap in ln alpha.
    """
    nothing = np.zeros(4)
    last_load, last_gap = np.nan, np.nan
    for _ in range(30):
        x, found, _, _ = settle(landscape.field, T, x, nothing, load)
        if not found < np.inf:
            return x, np.nan, slope
        gap = _gap(landscape, choices, T, x, load)
        if last_load < np.inf and abs(load - last_load) > 1e-9:
            slope = (gap - last_gap) / (load - last_load)
        last_load, last_gap = load, gap
        move = -gap / slope
        if not abs(move) < 0.5:
            return x, np.nan, slope
        if abs(move) <= 1e-12:
            return x, load, slope
        load += move
    return x, np.nan, slope


@compiled
def _follow(landscape: Landscape, choices: Choices, nodes: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return ln alpha of the line at ascending temperatures, from the curve `nodes` at T = 0.

    NaN from where it is lost; the first where retrieval leads up to its spinodal.
    """
    out = np.full(T.size, np.nan)
    # From the spinodal downwards to the first load at which retrieval leads.
    i, last = 0, 0.0
    while i < nodes.shape[0]:
        gap = _gap(landscape, choices, 0.0, nodes[i, :4].copy(), nodes[i, 4])
        if gap < 0:
            break
        i, last = i + 1, gap
    if i == 0 or i == nodes.shape[0]:
        return out
    slope = (last - gap) / (nodes[i - 1, 4] - nodes[i, 4])
    x, load, slope = _meet(landscape, choices, 0.0, nodes[i, :4].copy(), nodes[i, 4], slope)
    out[0] = load
    heat, step = 0.0, _LONGEST
    change, rise = np.zeros(4), 0.0
    for k in range(1, T.size):
        while heat < T[k] and load < np.inf:
            step = min(step, T[k] - heat, _LONGEST)
            goal = T[k] if step == T[k] - heat else heat + step
            new, new_load, new_slope = _meet(
                landscape, choices, goal, advance(x, step, change), load + step * rise, slope
            )
            if new_load < np.inf and goal * math.exp(new[3] - new[1]) <= 1:
                change = advance(np.zeros(4), 1 / step, advance(new, -1.0, x))
                rise = (new_load - load) / step
                x, load, slope, heat = new, new_load, new_slope, goal
                step *= 2
            else:
                step *= 0.5
                if step < _SHORTEST:
                    return out
        out[k] = load
    return out


def _end(landscape: Landscape) -> float:
    """Return the temperature at which the replicon eigenvalue on the line is `_STABLE`; or 0."""

    def unstable(T: float) -> bool:
        at = np.array([T])
        alpha = line(landscape, True, at)[0]
        # Just inside, where the state exists in floating point.
        replicon = solve_branch(landscape.field, alpha * (1 - 1e-10), at, "retrieval").replicon
        return bool(alpha > 0) and bool(replicon < _STABLE)

    low, high = _COLDEST * landscape.top_T, landscape.top_T
    if not unstable(low):
        return 0.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if unstable(middle) else (low, middle)
    return low


def cold_line(landscape: Landscape, choices: Choices) -> ColdLine:
    """Compute the line where the retrieval state is broken; without points where it is not.

    A line takes seconds and is kept.
    """
    return _known(*_key(landscape.field), choices)


def cold_end(landscape: Landscape) -> tuple[float, float]:
    """Return where the line begins to matter, the temperature and a load beyond which nothing is.

    The temperature is that up to which retrieval on the line is broken, 0 if nowhere; the load the
    largest with a retrieval state, of either kind.
    """
    return _limits(*_key(landscape.field))


def _key(field: MeanField) -> tuple[int, ExampleLaw, Crosstalk]:
    """Return what a network is, to be looked up by."""
    law, crosstalk = field.law, field.crosstalk
    return (
        field.order,
        law._replace(u=tuple(law.u), weight=tuple(law.weight)),  # type: ignore[arg-type]
        crosstalk._replace(strength=tuple(crosstalk.strength), rank=tuple(crosstalk.rank)),  # type: ignore[arg-type]
    )


def _landscape(order: int, law: ExampleLaw, crosstalk: Crosstalk) -> Landscape:
    law = law._replace(u=np.array(law.u), weight=np.array(law.weight))
    crosstalk = crosstalk._replace(
        strength=np.array(crosstalk.strength), rank=np.array(crosstalk.rank)
    )
    return landscape(MeanField(order, law, crosstalk), True)


@lru_cache(maxsize=64)
def _limits(order: int, law: ExampleLaw, crosstalk: Crosstalk) -> tuple[float, float]:
    own = _landscape(order, law, crosstalk)
    loads = line(own, False, np.linspace(0, own.top_T, 25))[0]
    _, ground = ground_spinodal(own.field)
    # Between the temperatures the spinodal rises by less than this.
    return _end(own), 1.02 * max(float(loads.max()), math.exp(np.nan_to_num(ground, nan=-np.inf)))


@lru_cache(maxsize=64)
def _known(order: int, law: ExampleLaw, crosstalk: Crosstalk, choices: Choices) -> ColdLine:
    return _computed(_landscape(order, law, crosstalk), choices, _limits(order, law, crosstalk)[0])


def _computed(landscape: Landscape, choices: Choices, end: float) -> ColdLine:
    none = ColdLine(np.empty((0, _SIZE)), np.empty((0, _SIZE)))
    spinodal, load = ground_spinodal(landscape.field)
    if end == 0 or not load < np.inf:
        return none
    nodes = trace(landscape.field, 0.0, spinodal, load, load - 2)
    points = 0.5 * (1 - np.cos(np.pi * np.arange(_SIZE) / (_SIZE - 1)))
    kinks = np.array([0.0, end])
    for _ in range(4):
        T = kinks[:-1, None] + np.diff(kinks)[:, None] * points
        T[:, -1] = kinks[1:]
        levels, place = np.unique(T, return_inverse=True)
        loads = np.exp(_follow(landscape, choices, nodes, levels))
        if not np.isfinite(loads).all():
            return none
        found = ColdLine(T, loads[place].reshape(T.shape))
        kink = _kink(landscape, found)
        if math.isnan(kink) or abs(kink - kinks[1]) < 1e-9 * end:
            break
        kinks = np.array([0.0, kink, end])
    return found


def _kink(landscape: Landscape, cold: ColdLine) -> float:
    """Return where the line leaves the glass, NaN where it does not."""
    tau = landscape.glass.tau
    if tau.size == 0:
        return math.nan

    def excess(T: np.ndarray) -> np.ndarray:
        return np.asarray(tau[-1] * np.sqrt(cold.at(T)) - T)

    T = np.linspace(0, cold.end, 8 * _SIZE)
    at = np.flatnonzero(np.diff(excess(T) > 0))
    if at.size == 0:
        return math.nan
    return root(lambda heat: float(excess(np.array([heat]))[0]), T[at[0]], T[at[0] + 1])
