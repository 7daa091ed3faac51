r"""The 1RSB spin glass without retrieval: m = n = 0, q0 = 0.

For P >= 3 the crosstalk is a P-spin coupling, whose glass breaks replica symmetry
in one step (1RSB): many states with overlap q inside and 0 between them (D. J. Gross, M. Mezard,
Nucl. Phys. B 240, 431 (1984), doi:10.1016/0550-3213(84)90237-2; E. Gardner, Nucl. Phys.
B 257, 747 (1985), doi:10.1016/0550-3213(85)90374-8).  With the covariance
:math:`\sum_k w_k q^k`, the breaking point :math:`\theta` and :math:`\lambda = \alpha/T^2`,

.. math:: -\frac fT = \ln 2 + \frac1\theta \ln \int Dy \cosh^\theta(by)
          + \frac\lambda4 \sum_k w_k [1 - k q^{k-1} + (k-1)(1-\theta) q^k], \qquad
          b^2 = \frac\lambda2 \sum_k k w_k q^{k-1}.

The load sets the scale: in units of :math:`\sqrt\alpha` everything is a function of
:math:`\tau = T/\sqrt\alpha` alone.  The unknown is :math:`c = \theta b`, which stays finite
as T -> 0, and :math:`\theta` runs from 0 at T = 0 to 1 at the static transition.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk
from theory.roots import Bracket, inside, narrowed, secant

from .continuous import continuous_table

__all__ = [
    "NO_GLASS",
    "BrokenGlass",
    "broken_glass",
    "continuous",
    "glass_free_energy",
    "weighted_site",
]

_SIZE = 385  # temperatures of a table
_STEP = 0.125
_Y = np.arange(0, 97) * _STEP
_K, _K_WEIGHT = np.polynomial.legendre.leggauss(80)
_K, _K_WEIGHT = 19.0 * (_K + 1), 19.0 * _K_WEIGHT
_SQRT_2PI = math.sqrt(2 * math.pi)


@compiled
def weighted_site(c: float, theta: float) -> tuple[float, float, float]:
    r"""Average over states in the weight :math:`\cosh^\theta(c y/\theta)`, y normal.

    Returns the logarithm of its norm, :math:`\ln \int Dy\,(2 \cosh)^\theta`,
    :math:`\langle \mathrm{sech}^2 \rangle / \theta`, so that :math:`q = 1 - \theta` times it,
    and :math:`\theta \langle \ln 2\cosh \rangle`.

    As in `theory.averages.gaussian`: trapezoid for b = c/theta <= 2, and beyond it the limit
    :math:`(2 \cosh)^\theta \to e^{c|y|}` plus what differs from it near y = 0.
    """
    if c <= 2 * theta:
        b = c / theta
        norm = soft = cosh = 0.0
        for y in _Y:
            h = b * y
            decay = math.exp(-2 * h)
            log = h + math.log1p(decay)
            weight = (2.0 if y > 0 else 1.0) * math.exp(theta * log - 0.5 * y * y)
            norm += weight
            soft += weight * 4 * decay / (1 + decay) ** 2
            cosh += weight * log
        return math.log(norm * _STEP / _SQRT_2PI), soft / norm / theta, theta * cosh / norm
    tilt = math.exp(0.5 * c * c) * 0.5 * math.erfc(-c / math.sqrt(2))
    norm = 2 * tilt
    cosh = 2 * c * (1 / _SQRT_2PI + c * tilt)
    peak = 2 / (_SQRT_2PI * c)
    soft = 0.0
    for j in range(_K.size):
        h = _K[j]
        decay = math.exp(-2 * h)
        base = peak * _K_WEIGHT[j] * math.exp(theta * h - 0.5 * (theta * h / c) ** 2)
        rest = math.log1p(decay)
        excess = math.expm1(theta * rest)
        soft += base * (1 + excess) * 4 * decay / (1 + decay) ** 2
        norm += theta * base * excess
        cosh += theta**2 * base * ((1 + excess) * (h + rest) - h)
    return math.log(norm), soft / norm, cosh / norm


@compiled
def _breaking(crosstalk: Crosstalk, c: float, theta: float) -> float:
    r"""Return :math:`\theta^2 \partial(-f/T)/\partial\theta`, up to the sign."""
    log_norm, unfrozen, log_cosh = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    above = below = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        above += w * (k - 1) * q**k
        below += w * k * q ** (k - 1)
    return log_norm - log_cosh + 0.5 * c * c * above / below


@compiled
def _root(
    crosstalk: Crosstalk, c: float, theta: float, low: float, high: float, vary_c: bool
) -> float:
    """Return the c (or theta) in [low, high] at which the breaking point is stationary."""
    f_low = _breaking(crosstalk, low if vary_c else c, theta if vary_c else low)
    f_high = _breaking(crosstalk, high if vary_c else c, theta if vary_c else high)
    if not f_low * f_high <= 0:
        return np.nan
    sign = 1.0 if f_low > 0 else -1.0
    bracket = Bracket(low, sign * f_low, high, sign * f_high)
    x = low
    for iteration in range(200):
        x = inside(secant(bracket) if iteration % 3 < 2 else np.inf, bracket.low, bracket.high)
        f = sign * _breaking(crosstalk, x if vary_c else c, theta if vary_c else x)
        bracket = narrowed(bracket, x, f, False)
        if f == 0 or bracket.high - bracket.low <= 4e-16 * bracket.high:
            break
    return x


class BrokenGlass(NamedTuple):
    """The glass in units of the square root of the load, tabulated in temperature."""

    tau: np.ndarray  # T/sqrt(alpha), from 0 to the static transition
    free_energy: np.ndarray  # f/sqrt(alpha)
    entropy: np.ndarray  # per spin, minus its derivative
    theta: np.ndarray  # breaking point
    q: np.ndarray  # overlap inside a state


#: Where the couplings have none.
NO_GLASS = BrokenGlass(*(np.empty(0) for _ in BrokenGlass._fields))


@compiled
def _state(crosstalk: Crosstalk, c: float, theta: float) -> tuple[float, float, float, float]:
    """Return tau, free energy, entropy and q of a stationary pair (c, theta)."""
    log_norm, unfrozen, _ = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    variance = frozen = inside = bend = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        variance += 0.5 * k * w * q ** (k - 1)
        frozen += w * (k - 1) * q**k
        bend += w * k * (k - 1)
        power = 1.0
        for j in range(1, int(k)):
            inside += w * j * power
            power *= q
    ratio = math.sqrt(variance) / c  # tau / theta
    tau = theta * ratio
    chi = unfrozen / ratio  # (1 - q) / tau
    free_energy = 0.25 * frozen / ratio - ratio * log_norm - 0.25 * tau * chi**2 * inside
    if theta == 0:
        return tau, free_energy, -0.125 * bend * chi**2, q
    energy = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        energy -= 0.5 * w * ((1 - q**k) + theta * q**k) / tau
    return tau, free_energy, (energy - free_energy) / tau, q


@compiled
def _first_c(crosstalk: Crosstalk, theta: float) -> float:
    """Return the largest c at which theta is stationary, NaN if there is none."""
    c = 12.0
    while c > 0.02 and _breaking(crosstalk, 0.95 * c, theta) < 0:
        c *= 0.95
    return _root(crosstalk, 0.0, theta, 0.95 * c, c, True)


def continuous(crosstalk: Crosstalk) -> bool:
    """Whether couplings of rank 2 order before those of higher rank jump."""
    return bool(crosstalk.rank.min() == 2 and not _first_c(crosstalk, 1.0) > 0)


@compiled
def _tabulate(crosstalk: Crosstalk, size: int) -> np.ndarray:
    """Return rows (tau, free energy, entropy, theta, q) from T = 0 to the transition."""
    table = np.empty((size, 5))
    for i in range(size):
        theta = i / (size - 1)
        c = _first_c(crosstalk, theta)
        table[i, 0], table[i, 1], table[i, 2], table[i, 4] = _state(crosstalk, c, theta)
        table[i, 3] = theta
    return table


def broken_glass(crosstalk: Crosstalk) -> BrokenGlass:
    r"""Tabulate the glass of a P-spin coupling, P >= 3.

    The transition is discontinuous in q (theta = 1 there) unless couplings of rank 2, which
    ``indices="all"`` brings at even order, are strong enough to order first, at
    :math:`\tau = \sqrt{w_2}`: then the free energy is that of
    `theory.one_pattern.broken.continuous` with two steps, exact to 1e-8, and theta and q are
    NaN.  Between the 385 temperatures, cubic interpolation with the entropy as slope is exact to
    1e-12.  The total strength of the couplings only sets the scale of temperature, so that one
    table serves every amount of data noise.  A random field (odd order, ``indices="all"``) is
    refused: its glass has overlaps q0 > 0.

    Examples
    --------
    Gardner's three-spin glass: static transition and ground-state energy.

    >>> glass = broken_glass(Crosstalk(False, np.ones(1), np.full(1, 3.0), 0.0))
    >>> float(glass.tau[-1].round(6)), float(glass.free_energy[0].round(6))
    (0.651385, -0.813535)
    """
    if crosstalk.resummed or crosstalk.rank.min() < 2:
        raise ValueError(f"no 1RSB glass with q0 = 0 for couplings of ranks {crosstalk.rank}")
    total = float(crosstalk.strength.sum())
    unit = _tabulated(tuple(crosstalk.strength / total), tuple(crosstalk.rank))
    scale = math.sqrt(total)
    return unit._replace(tau=scale * unit.tau, free_energy=scale * unit.free_energy)


@lru_cache(maxsize=64)
def _tabulated(strength: tuple[float, ...], rank: tuple[float, ...]) -> BrokenGlass:
    crosstalk = Crosstalk(False, np.array(strength), np.array(rank), 0.0)
    if continuous(crosstalk):
        columns = continuous_table(crosstalk, _SIZE).T
        return BrokenGlass(*columns.copy(), *np.full((2, _SIZE), np.nan))
    return BrokenGlass(*(column.copy() for column in _tabulate(crosstalk, _SIZE).T))


@compiled
def glass_free_energy(
    glass: BrokenGlass, crosstalk: Crosstalk, alpha: float, T: float
) -> tuple[float, float, float]:
    r"""Return the free energy of the state without retrieval and its derivatives.

    Above the static transition this is the paramagnet,
    :math:`f = -T \ln 2 - (\alpha/4T) \sum_k w_k`.  The derivatives are the entropy,
    :math:`-\partial f/\partial T`, and :math:`\partial f/\partial\alpha`.
    """
    scale = math.sqrt(alpha)
    if glass.tau[-1] * scale <= T:
        total = crosstalk.strength.sum()
        return (
            -T * math.log(2) - 0.25 * alpha * total / T,
            math.log(2) - 0.25 * alpha * total / T**2,
            -0.25 * total / T,
        )
    tau = T / scale
    i = min(int(np.searchsorted(glass.tau, tau, side="right")), glass.tau.size - 1)
    left, right = glass.tau[i - 1], glass.tau[i]
    width = right - left
    x = (tau - left) / width
    f0, f1 = glass.free_energy[i - 1], glass.free_energy[i]
    d0, d1 = -glass.entropy[i - 1] * width, -glass.entropy[i] * width
    bend, twist = 3 * (f1 - f0) - 2 * d0 - d1, d0 + d1 - 2 * (f1 - f0)
    phi = f0 + x * (d0 + x * (bend + x * twist))
    slope = (d0 + x * (2 * bend + 3 * x * twist)) / width
    return scale * phi, -slope, 0.5 * (phi - tau * slope) / scale
