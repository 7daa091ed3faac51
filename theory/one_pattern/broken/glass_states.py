"""The 1RSB glass at single points: the tables of `glass` and `pair_glass`, polished."""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk, crosstalk_energy, crosstalk_free_energy, noise
from theory.one_pattern.replica import MeanField

from .glass import BrokenGlass, broken_glass, weighted_site
from .equations import observables
from .metastable import metastable_amplitude
from .pair_glass import PairGlass, near_freezing, pair_glass, pair_state, without_retrieval

__all__ = ["glass_states", "pair_glass_states"]


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


def _glass_state(
    crosstalk: Crosstalk, table: BrokenGlass, alpha: float, T: float
) -> tuple[np.ndarray, float, int]:
    """Return the glass at one point: the table is polished to the last digit."""
    from scipy.optimize import root

    tau = T / math.sqrt(alpha) if alpha > 0 else np.inf
    if tau >= table.tau[-1]:
        b = metastable_amplitude(crosstalk, alpha, T)
        row = _glass_row(crosstalk, alpha, T, b, 1.0)
        return row, abs(_glass_mismatch(crosstalk, alpha, T, b, 1.0)[1]), 1
    # theta / tau is smooth down to T = 0.
    ratio = np.interp(tau, table.tau[1:], table.theta[1:] / table.tau[1:])
    q = np.interp(tau, table.tau, table.q)
    start = [math.log(ratio * math.sqrt(noise(crosstalk, q, 0.0, 1.0)[0]))]
    if T > 0:
        start.append(math.log(ratio * tau))

    def mismatch(x: np.ndarray) -> np.ndarray:
        theta = math.exp(x[1]) if T > 0 else 0.0
        return _glass_mismatch(crosstalk, alpha, T, math.exp(x[0]), theta)[: x.size]

    found = root(mismatch, start, tol=1e-14)
    residual = float(np.max(np.abs(found.fun)))
    theta = math.exp(found.x[1]) if T > 0 else 0.0
    return _glass_row(crosstalk, alpha, T, math.exp(found.x[0]), theta), residual, found.nfev


def glass_states(crosstalk: Crosstalk, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return rows (eight observables, residual, n_iter), NaN where there is no glass."""
    rows = np.full((alpha.size, 10), np.nan)
    table = broken_glass(crosstalk)
    for i in range(alpha.size):
        rows[i, :8], rows[i, 8], rows[i, 9] = _glass_state(crosstalk, table, alpha[i], T[i])
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


def pair_glass_states(
    crosstalk: Crosstalk, alpha: np.ndarray, T: np.ndarray, symmetric: np.ndarray
) -> np.ndarray:
    """Return rows of the glass of P = 2, where it is there the replica-symmetric ones replaced.

    Next to T_g these are left.
    """
    rows = symmetric.copy()
    _fill_pairs(without_retrieval(crosstalk), pair_glass(crosstalk), alpha, T, rows)
    return rows
