r"""The 1RSB glass of P = 2: m = n = 0, different states with an overlap :math:`q_1 > 0`.

The glass of the Hopfield network freezes continuously, at :math:`T_g = 1 + \sqrt\alpha` for one
eigenvalue, and its replica-symmetric solution is unstable everywhere below: its free energy is
too low, by 0.007 at T = 0 and :math:`\alpha = 0.05`, which decides where retrieval is the
ground state.  One step of breaking removes nearly all of that (A. Crisanti, D. J. Amit,
H. Gutfreund, Europhys. Lett. 2, 337 (1986), doi:10.1209/0295-5075/2/4/012).  The states are those
of `theory.one_pattern.broken.equations` without a signal.

In the coordinates :math:`u = 1 - 1/T_g` and :math:`\tau = T/T_g` everything is smooth once the
powers of u and :math:`1 - \tau` with which it vanishes are taken off, and two Chebyshev series
stand for it: of the unknowns, from which Newton's method finds a state at once, and of the
difference of the free energies of the broken and the symmetric glass, for the lines of the phase
diagram.  Next to :math:`T_g` the breaking is lost in rounding, while that difference is of order
:math:`(1 - \tau)^5`: within `MARGIN` the replica-symmetric state is taken.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from hebbian import Storing
from theory.averages.example_law import example_law
from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk
from theory.one_pattern.replica import MeanField, energies, sites
from theory.one_pattern.spin_glass import continuous_glass, glass

from .equations import observables, settle

__all__ = [
    "MARGIN",
    "NO_PAIR_GLASS",
    "PairGlass",
    "excess_free_energy",
    "near_freezing",
    "pair_glass",
    "pair_state",
    "without_retrieval",
]

#: Distance 1 - T/T_g below which the replica-symmetric glass stands for the broken one.
MARGIN = 0.02
# Ranges of the two series: the unknowns vary little beyond theirs; alpha = 0.29 for one
# eigenvalue at the largest u of the free energy.
_U, _TAU = (0.02, 0.96), (0.0, 0.95)
_REACH = 0.35
# A state at u = 0.2, T = 0 in the scaled coordinates of `_scales`.
_ANCHOR = np.array([-0.34, -0.5, 0.85])


class PairGlass(NamedTuple):
    """Chebyshev series in u and tau for one spectrum."""

    states: np.ndarray  # scaled unknowns, shape (3, n, n), u in [0, 1]
    excess: np.ndarray  # scaled free energy above the symmetric one, u in [0, _REACH]


#: Where the competitor is another.
NO_PAIR_GLASS = PairGlass(np.empty((0, 0, 0)), np.empty((0, 0)))


@compiled
def _freezing(crosstalk: Crosstalk, alpha: float) -> float:
    loads = np.empty(1)
    loads[0] = alpha
    return continuous_glass(crosstalk, loads)[0]


@compiled
def _load_of(crosstalk: Crosstalk, u: float) -> float:
    """Return the load at which u = 1 - 1/T_g."""
    total = 0.0
    for g, v in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        total += g * v**2 / (1 / (1 - u) - v) ** 2
    return 1 / total


@compiled
def _scales(u: float, tau: float) -> np.ndarray:
    """Return what the unknowns ln sigma, ln s/sigma, ln mu sigma are measured from."""
    out = np.empty(3)
    cold = math.log(1 - tau)
    out[0], out[1], out[2] = 0.5 * cold - math.log(1 - u), 0.0, 1.5 * cold + math.log(u)
    return out


@compiled
def chebyshev(coefficients: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """Return a Chebyshev series on [0, 1]^2 and its derivatives."""
    n, k = coefficients.shape
    ends = np.zeros((4, max(n, k)))
    for row, at in ((0, 2 * x - 1), (2, 2 * y - 1)):
        ends[row, 0], ends[row, 1], ends[row + 1, 1] = 1.0, at, 2.0
        for j in range(2, ends.shape[1]):
            ends[row, j] = 2 * at * ends[row, j - 1] - ends[row, j - 2]
            ends[row + 1, j] = (
                4 * ends[row, j - 1] + 2 * at * ends[row + 1, j - 1] - ends[row + 1, j - 2]
            )
    value = x_slope = y_slope = 0.0
    for i in range(n):
        for j in range(k):
            c = coefficients[i, j]
            value += c * ends[0, i] * ends[2, j]
            x_slope += c * ends[1, i] * ends[2, j]
            y_slope += c * ends[0, i] * ends[3, j]
    return value, x_slope, y_slope


@compiled
def _settled(
    field: MeanField, alpha: float, T: float, u: float, tau: float, scaled: np.ndarray
) -> tuple[np.ndarray, float, int]:
    """Return the point of `equations` next to scaled unknowns, the residual and n_iter."""
    x = np.empty(4)
    scales = _scales(u, tau)
    x[0] = -np.inf
    for j in range(3):
        x[j + 1] = scaled[j] + scales[j]
    x, load, residual, n_iter = settle(field, T, x, np.zeros(4), math.log(alpha))
    return x, residual if load < np.inf else np.nan, n_iter


@compiled
def _fill(field: MeanField, us: np.ndarray, taus: np.ndarray, anchor: np.ndarray) -> np.ndarray:
    """Return the scaled unknowns on a grid, from the anchor outwards; shape (3, u, tau)."""
    out = np.empty((3, us.size, taus.size))
    start = int(np.argmin(np.abs(us - 0.2)))
    for step in (1, -1):
        i = start
        while 0 <= i < us.size:
            alpha = _load_of(field.crosstalk, us[i])
            for j in range(taus.size):
                guess = anchor.copy()
                for c in range(3):
                    if i != start:
                        guess[c] = out[c, i - step, j]
                    elif j > 1:
                        slope = (taus[j] - taus[j - 1]) / (taus[j - 1] - taus[j - 2])
                        guess[c] = out[c, i, j - 1] + slope * (out[c, i, j - 1] - out[c, i, j - 2])
                    elif j > 0:
                        guess[c] = out[c, i, j - 1]
                x, _, _ = _settled(field, alpha, taus[j] / (1 - us[i]), us[i], taus[j], guess)
                for c in range(3):
                    out[c, i, j] = x[c + 1] - _scales(us[i], taus[j])[c]
            i += step
    return out


def _nodes(size: int) -> np.ndarray:
    """Return the Chebyshev points of [0, 1], ascending."""
    return np.asarray(0.5 - 0.5 * np.cos(math.pi * (np.arange(size) + 0.5) / size))


def _coefficients(values: np.ndarray, n: int, k: int) -> np.ndarray:
    """Return the series through values at the Chebyshev points."""
    vander = np.polynomial.chebyshev.chebvander
    left = np.linalg.inv(vander(2 * _nodes(n) - 1, n - 1))
    right = np.linalg.inv(vander(2 * _nodes(k) - 1, k - 1))
    return np.ascontiguousarray(left @ values @ right.T)


@compiled
def pair_state(
    field: MeanField, table: PairGlass, alpha: float, T: float
) -> tuple[np.ndarray, float, int]:
    """Return the point of `equations`, the residual and n_iter."""
    top = _freezing(field.crosstalk, alpha)
    u, tau = 1 - 1 / top, T / top
    x = min(max((u - _U[0]) / _U[1], 0.0), 1.0)
    y = min((tau - _TAU[0]) / _TAU[1], 1.0)
    scaled = np.empty(3)
    for c in range(3):
        scaled[c] = chebyshev(table.states[c], x, y)[0]
    return _settled(field, alpha, T, u, tau, scaled)


@compiled
def near_freezing(crosstalk: Crosstalk, alpha: float, T: float) -> bool:
    """Whether the breaking is lost in rounding."""
    return (1 - MARGIN) * _freezing(crosstalk, alpha) < T


@compiled
def _excess_at(
    field: MeanField, states: np.ndarray, us: np.ndarray, taus: np.ndarray
) -> np.ndarray:
    """Return the scaled difference of the two free energies on a grid."""
    out = np.empty((us.size, taus.size))
    table = PairGlass(states, np.empty((0, 0)))
    nothing = np.empty(0)
    for i in range(us.size):
        alpha, top = _load_of(field.crosstalk, us[i]), 1 / (1 - us[i])
        for j in range(taus.size):
            T = taus[j] * top
            broken = observables(field, T, pair_state(field, table, alpha, T)[0])[6]
            V = glass(field.crosstalk, alpha, T, nothing)[0]
            _, _, q, chi, _, _, _, _ = sites(field, 0.0, V, T)
            symmetric = energies(field, alpha, T, 0.0, V, q, chi)[0]
            out[i, j] = (broken - symmetric) / (us[i] * (1 - taus[j]) ** 5)
    return out


@compiled
def excess_free_energy(
    table: PairGlass, crosstalk: Crosstalk, alpha: float, T: float
) -> tuple[float, float, float]:
    """Return what breaking adds to the free energy of the symmetric glass, d/dT and d/d alpha.

    The series is exact to 1e-9 of the free energy at T = 0; 0 above T_g.
    """
    top = _freezing(crosstalk, alpha)
    u, tau = 1 - 1 / top, T / top
    if tau >= 1:
        return 0.0, 0.0, 0.0
    x, y = min(u / _REACH, 1.0), min(tau / _TAU[1], 1.0)
    psi, psi_u, psi_tau = chebyshev(table.excess, x, y)
    psi_u *= 1 / _REACH if x < 1 else 0.0
    psi_tau *= 1 / _TAU[1] if y < 1 else 0.0
    cold = (1 - tau) ** 4
    value = u * (1 - tau) * cold * psi
    by_u = (1 - tau) * cold * (psi + u * psi_u)
    by_tau = u * cold * ((1 - tau) * psi_tau - 5 * psi)
    total = 0.0
    for g, v in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        total += g * v**2 / (top - v) ** 3
    by_top = by_u / top**2 - by_tau * tau / top
    return value, by_tau / top, by_top / (2 * alpha**2 * total)


def pair_glass(crosstalk: Crosstalk) -> PairGlass:
    """Tabulate the glass of one spectrum of P = 2, in a second; one table serves every law.

    Examples
    --------
    >>> crosstalk = Crosstalk(True, np.ones(1), np.ones(1), 0.0)
    >>> excess = excess_free_energy(pair_glass(crosstalk), crosstalk, 0.05, 0.0)[0]
    >>> round(excess, 6)
    0.006942
    """
    return _tabulated(tuple(crosstalk.strength), tuple(crosstalk.rank))


@lru_cache(maxsize=64)
def _tabulated(strength: tuple[float, ...], rank: tuple[float, ...]) -> PairGlass:
    field = without_retrieval(Crosstalk(True, np.array(strength), np.array(rank), 0.0))
    u, tau = _nodes(8), _nodes(18)
    scaled = _fill(field, _U[0] + _U[1] * u, _TAU[0] + _TAU[1] * _nodes(16), _ANCHOR)
    states = np.array([_coefficients(values, 8, 16) for values in scaled])
    values = _excess_at(field, states, _REACH * u, _TAU[1] * tau)
    return PairGlass(states, _coefficients(values, 8, 18))


def without_retrieval(crosstalk: Crosstalk) -> MeanField:
    """Return the equations of a glass; the law of the retrieved class is without effect."""
    return MeanField(2, example_law(Storing(), "binomial"), crosstalk)
