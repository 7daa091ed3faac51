"""The 1RSB glass at single points: from a table by Newton's method.

The tables are those of `glass`, `pair_glass` and `continuous`, whichever the couplings have.
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk, crosstalk_energy, crosstalk_free_energy, noise
from theory.one_pattern.replica import MeanField

from .continuous import MARGIN, continuous_glass, continuous_row
from .equations import observables
from .glass import BrokenGlass, broken_glass, continuous, weighted_site
from .metastable import metastable_amplitude
from .pair_glass import PairGlass, near_freezing, pair_glass, pair_state, without_retrieval

__all__ = ["glass_states"]


@compiled
def _glass_mismatch(
    crosstalk: Crosstalk, alpha: float, T: float, c: float, theta: float
) -> np.ndarray:
    """Return the violation of the breaking condition and of the variance of the glass."""
    log_norm, unfrozen, log_cosh = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    G, _ = noise(crosstalk, q, 0.0, 1.0)
    below = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        below += 0.25 * w * (k - 1) * q**k
    return np.array(
        [log_norm - log_cosh + c * c * below / G, c * T / (theta * math.sqrt(alpha * G)) - 1]
    )


@compiled
def _glass_row(crosstalk: Crosstalk, alpha: float, T: float, c: float, theta: float) -> np.ndarray:
    r"""Evaluate the glass with weight :math:`\cosh^\theta(c y/\theta)` in the order of a row."""
    log_norm, unfrozen, _ = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    mu = c / math.sqrt(alpha * noise(crosstalk, q, 0.0, 1.0)[0])
    chi = mu * unfrozen
    free_energy = alpha * crosstalk_free_energy(crosstalk, q, chi, T) - log_norm / mu
    energy = alpha * crosstalk_energy(crosstalk, q, chi, T)
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        free_energy += 0.25 * alpha * w * (k - 1) * mu * q**k
        energy -= 0.5 * alpha * w * mu * q**k
    return np.array([0.0, 0.0, q, 0.0, chi, mu, free_energy, energy])


@compiled
def _polished(
    crosstalk: Crosstalk, alpha: float, T: float, c: float, theta: float
) -> tuple[float, float, float, int]:
    """Return (c, theta) by Newton's method in their logarithms, the residual and n_iter."""
    size = np.inf
    for iteration in range(1, 31):
        f = _glass_mismatch(crosstalk, alpha, T, c, theta)
        last = size
        size = max(abs(f[0]), abs(f[1])) if T > 0 else abs(f[0])
        if not size < np.inf or size <= 1e-15 or size > 0.3 * last < 1e-12:
            return c, theta, size, iteration
        h = 1e-6
        above = _glass_mismatch(crosstalk, alpha, T, c * math.exp(h), theta)
        below = _glass_mismatch(crosstalk, alpha, T, c * math.exp(-h), theta)
        a, d = (above[0] - below[0]) / (2 * h), (above[1] - below[1]) / (2 * h)
        if T == 0:
            c *= math.exp(-f[0] / a)
            continue
        above = _glass_mismatch(crosstalk, alpha, T, c, theta * math.exp(h))
        below = _glass_mismatch(crosstalk, alpha, T, c, theta * math.exp(-h))
        b, e = (above[0] - below[0]) / (2 * h), (above[1] - below[1]) / (2 * h)
        det = a * e - b * d
        c *= math.exp((b * f[1] - e * f[0]) / det)
        theta *= math.exp((d * f[0] - a * f[1]) / det)
    return c, theta, size, 30


def _glass_state(
    crosstalk: Crosstalk, table: BrokenGlass, alpha: float, T: float
) -> tuple[np.ndarray, float, int]:
    """Return the glass at one point: the table is polished to the last digit."""
    tau = T / math.sqrt(alpha) if alpha > 0 else np.inf
    if tau >= table.tau[-1]:
        b = metastable_amplitude(crosstalk, alpha, T)
        row = _glass_row(crosstalk, alpha, T, b, 1.0)
        return row, abs(_glass_mismatch(crosstalk, alpha, T, b, 1.0)[1]), 1
    # theta / tau is smooth down to T = 0.
    ratio = np.interp(tau, table.tau[1:], table.theta[1:] / table.tau[1:])
    q = np.interp(tau, table.tau, table.q)
    c = ratio * math.sqrt(noise(crosstalk, q, 0.0, 1.0)[0])
    c, theta, residual, n_iter = _polished(crosstalk, alpha, T, c, ratio * tau)
    return _glass_row(crosstalk, alpha, T, c, theta), residual, n_iter


def glass_states(
    crosstalk: Crosstalk, alpha: np.ndarray, T: np.ndarray, symmetric: np.ndarray
) -> np.ndarray:
    """Return rows (eight observables, residual, n_iter), NaN where there is no glass.

    `symmetric` are those of replica symmetry, which are left next to a continuous transition.
    """
    if crosstalk.resummed:
        rows = symmetric.copy()
        _fill_pairs(without_retrieval(crosstalk), pair_glass(crosstalk), alpha, T, rows)
        return rows
    if continuous(crosstalk):
        return _continuous_states(crosstalk, alpha, T, symmetric)
    rows = np.full((alpha.size, 10), np.nan)
    table = broken_glass(crosstalk)
    for i in range(alpha.size):
        rows[i, :8], rows[i, 8], rows[i, 9] = _glass_state(crosstalk, table, alpha[i], T[i])
    return rows


def _continuous_states(
    crosstalk: Crosstalk, alpha: np.ndarray, T: np.ndarray, symmetric: np.ndarray
) -> np.ndarray:
    rows = symmetric.copy()
    total = float(crosstalk.strength.sum())
    unit = crosstalk._replace(strength=crosstalk.strength / total)
    table = continuous_glass(unit)
    frozen = (1 - MARGIN) * np.sqrt(crosstalk.strength[-1] * alpha)
    for i in np.flatnonzero((alpha > 0) & (frozen > T)):
        rows[i, :8], rows[i, 8] = continuous_row(table, unit, total * alpha[i], T[i])
        rows[i, 9] = 1
    return rows


@compiled
def _fill_pairs(
    field: MeanField, table: PairGlass, alpha: np.ndarray, T: np.ndarray, rows: np.ndarray
) -> None:
    for i in range(alpha.size):
        if np.isnan(rows[i, 6]) or near_freezing(field.crosstalk, alpha[i], T[i]):
            continue
        x, residual, n_iter = pair_state(field, table, alpha[i], T[i])
        rows[i, :8] = observables(field, T[i], x)
        rows[i, 8], rows[i, 9] = residual, n_iter
