r"""The glass of couplings that freeze continuously: ``indices="all"`` at even P >= 4.

Where the couplings of rank 2 order first, at :math:`\tau = T/\sqrt\alpha = \sqrt{w_2}`, the
overlap of any two states is positive below, and the stationary point with :math:`q_0 = 0` of
`theory.one_pattern.broken.glass` is none.  Symmetry breaks without end there (Parisi).  For P = 4
five steps instead of one, two, three change the energy at T = 0 by 4, 0.4, 0.1 parts in
1000; the free energy that decides where retrieval is the ground state is that of two steps,
and the state that `theory.solve` shows with ``rsb=1`` has one.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from theory.one_pattern.crosstalk import Crosstalk
from theory.one_pattern.replica import MeanField, energies, sites
from theory.one_pattern.spin_glass import glass, glass_extrema

from .crosstalk import covariances
from .equations import observables, settle
from .pair_glass import without_retrieval
from .steps import balance, overlaps, solve_steps

__all__ = ["MARGIN", "ContinuousGlass", "continuous_glass", "continuous_row", "continuous_table"]

#: Distance 1 - tau/sqrt(w_2) below which the replica-symmetric glass stands for the broken one.
MARGIN = 0.06
_PATH = 49  # temperatures
# Solutions at T = 0 with weights 1/4 and 3/4 of ranks 4 and 2, in the unknowns of `steps`.
_ONE_STEP = np.array([-2.1, -0.9, 0.4])
_TWO_STEPS = np.array([-2.769, -1.228, 2.248, 0.1615, 0.931])


class ContinuousGlass(NamedTuple):
    """One glass at unit load, in y = tau/sqrt(w_2)."""

    y: np.ndarray  # ascending, from 0 to 1 - MARGIN
    excess: np.ndarray  # free energy of two steps over the symmetric one
    states: np.ndarray  # one-step unknowns


def symmetric_glass(field: MeanField, T: float) -> tuple[float, float]:
    """Return the free energy and the entropy of the replica-symmetric glass at unit load."""
    V = glass(field.crosstalk, 1.0, T, glass_extrema(field.crosstalk))[0]
    _, _, q, chi, _, _, _, _ = sites(field, 0.0, V, T)
    free_energy, energy = energies(field, 1.0, T, 0.0, V, q, chi)
    if T > 0:
        return free_energy, (energy - free_energy) / T
    strength, rank = field.crosstalk.strength, field.crosstalk.rank
    return free_energy, -0.125 * float(strength @ (rank * (rank - 1))) * chi**2


def _path(crosstalk: Crosstalk, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Follow the solution along ascending temperatures from T = 0; NaN from where it is lost."""
    found = np.full((T.size, start.size), np.nan)
    z, residual = solve_steps(crosstalk, 0.0, start)
    heat = 0.0
    for i, goal in enumerate(T.tolist()):
        step = max(goal - heat, 1e-300)
        while heat < goal and residual < np.inf:
            new, at = solve_steps(crosstalk, min(heat + step, goal), z)
            if at < np.inf:
                heat, z = min(heat + step, goal), new
            else:
                step *= 0.5
                residual = residual if step > 1e-3 * T[-1] else np.nan
        if residual < np.inf:
            found[i] = z
    return found


def continuous_glass(crosstalk: Crosstalk) -> ContinuousGlass:
    """Tabulate the glass of couplings whose strengths sum to 1, once for every ratio of them."""
    return _tabulated(tuple(crosstalk.strength), tuple(crosstalk.rank))


@lru_cache(maxsize=64)
def _tabulated(strength: tuple[float, ...], rank: tuple[float, ...]) -> ContinuousGlass:
    crosstalk = Crosstalk(False, np.array(strength), np.array(rank), 0.0)
    field = without_retrieval(crosstalk)
    y = np.linspace(0, 1 - MARGIN, _PATH)
    T = math.sqrt(strength[-1]) * y
    one, two = (_path(crosstalk, T, start) for start in (_ONE_STEP, _TWO_STEPS))
    excess = np.zeros(_PATH)
    for i, heat in enumerate(T.tolist()):
        # Where steps are lost they merge, and their number no longer counts.
        last = two[i] if np.isfinite(two[i, 0]) else one[i]
        if np.isfinite(last[0]):
            excess[i] = balance(crosstalk, heat, last)[1] - symmetric_glass(field, heat)[0]
    return ContinuousGlass(y, excess, one)


def continuous_row(
    table: ContinuousGlass, crosstalk: Crosstalk, alpha: float, T: float
) -> tuple[np.ndarray, float]:
    """Return (m, n, q_2, q_1, chi, mu, free_energy, energy) of the one-step glass, the residual."""
    scale = math.sqrt(alpha)
    tau, y = T / scale, T / scale / math.sqrt(crosstalk.strength[-1])
    start = np.array([np.interp(y, table.y, column) for column in table.states.T])
    (q1, q2), (_, mu), chi = overlaps(start, tau)
    base, rise, _ = covariances(crosstalk, 1 - q1, q2 - q1, chi, mu, tau)
    x = np.array([-np.inf, 0.5 * math.log(base), 0.5 * math.log(rise / base), 0.0])
    x[3] = math.log(mu) + x[1]
    field = without_retrieval(crosstalk)
    x, load, residual, _ = settle(field, tau, x, np.zeros(4), 0.0)
    row = np.array(observables(field, tau, x))
    row[4:6] /= scale
    row[6:] *= scale
    return row, residual if load < np.inf else math.nan


def continuous_table(crosstalk: Crosstalk, size: int) -> np.ndarray:
    """Return rows (tau, free energy, entropy) of two steps from T = 0 to the transition."""
    from scipy.interpolate import CubicSpline

    table = continuous_glass(crosstalk)
    top = math.sqrt(crosstalk.strength[-1])
    # Of order (1 - y)^5 at the end.
    spline = CubicSpline(np.append(table.y, 1.0), np.append(table.excess, 0.0))
    field = without_retrieval(crosstalk)
    rows = np.empty((size, 3))
    for i, y in enumerate(np.linspace(0, 1, size).tolist()):
        free_energy, entropy = _paramagnet(crosstalk) if y == 1 else symmetric_glass(field, top * y)
        rows[i] = top * y, free_energy + spline(y), entropy - spline(y, 1) / top
    return rows


def _paramagnet(crosstalk: Crosstalk) -> tuple[float, float]:
    """Return its free energy and entropy where it freezes."""
    T, total = math.sqrt(crosstalk.strength[-1]), float(crosstalk.strength.sum())
    return -T * math.log(2) - 0.25 * total / T, math.log(2) - 0.25 * total / T**2
