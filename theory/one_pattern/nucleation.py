r"""What a chain has to climb to leave retrieval: the saddle of the replica-symmetric potential.

At fixed overlap :math:`\tilde n` the noise V is stationary, and what is left is one function of
the overlap,

.. math:: g(\tilde n) = E\,u \tanh(h/T) - \tilde n,

the force along it.  It vanishes at the retrieval state, is positive below, and vanishes again
where retrieval ends: at the saddle, the unstable branch of the equations of state that meets
retrieval at the spinodal.  The difference of the free energies is the barrier; it closes like
:math:`(T_M - T)^{3/2}`.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled

from .branches import BRANCHES
from .crosstalk import bounded, noise
from .replica import MeanField, energies, signal, sites

__all__ = ["barriers"]

_STEPS = 400  # in which the overlap is lowered from retrieval to 0
_SWEEPS = 2000  # of the iteration of the noise
_DAMPING = 0.5


@compiled
def _excess(field: MeanField, alpha: float, T: float, S: float, V: float) -> float:
    """Return V minus the noise that it makes; as at infinity where that is not bounded."""
    _, _, q, chi, _, _, _, _ = sites(field, S, V, T)
    if not bounded(field.crosstalk, q, chi, T):
        return -1.0
    return V - alpha * noise(field.crosstalk, q, chi, T)[0]


@compiled
def _resummed_noise(field: MeanField, alpha: float, T: float, S: float) -> float:
    """Return the root of `_excess`: at P = 2 an iteration leaves bounded noise."""
    high = 1e-6
    while _excess(field, alpha, T, S, high) < 0:
        high *= 2
        if high > 1e6:
            return np.nan
    low = 0.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        if _excess(field, alpha, T, S, middle) < 0:
            low = middle
        else:
            high = middle
    return high


@compiled
def _noise_at(field: MeanField, alpha: float, T: float, n: float, V: float) -> float:
    """Return the noise that is stationary at an overlap, continued from V; NaN if there is none."""
    S = signal(field.order, n)
    if field.crosstalk.resummed:
        return _resummed_noise(field, alpha, T, S)
    for _ in range(_SWEEPS):
        _, _, q, chi, _, _, _, _ = sites(field, S, V, T)
        change = alpha * noise(field.crosstalk, q, chi, T)[0] - V
        V += _DAMPING * change
        if abs(change) <= 1e-13 * (V + 1e-3):
            return V
    return np.nan


@compiled
def _force(field: MeanField, T: float, n: float, V: float) -> float:
    return sites(field, signal(field.order, n), V, T)[1] - n


@compiled
def _saddle(
    field: MeanField, alpha: float, T: float, n: float, V: float
) -> tuple[float, float]:  # fmt: skip
    """Return the overlap and the noise of the saddle below a retrieval state; NaN without one."""
    step = n / _STEPS
    high, V_high = n, V
    for i in range(1, _STEPS + 1):
        low = max(n - i * step, 0.0)
        V_low = V_high if alpha == 0 else _noise_at(field, alpha, T, low, V_high)
        if np.isnan(V_low):
            return np.nan, np.nan
        force = _force(field, T, low, V_low)
        # Rounding decides next to retrieval itself, where the force begins at 0.
        if force < -1e-13 or i == _STEPS:
            break
        high, V_high = low, V_low
    if force >= -1e-13:
        return 0.0, V_low
    for _ in range(60):
        middle = 0.5 * (low + high)
        V_middle = V_high if alpha == 0 else _noise_at(field, alpha, T, middle, V_high)
        if _force(field, T, middle, V_middle) < 0:
            low = middle
        else:
            high, V_high = middle, V_middle
    return high, V_high


@compiled
def _free_energy(field: MeanField, alpha: float, T: float, n: float, V: float) -> float:
    _, _, q, chi, _, _, _, _ = sites(field, signal(field.order, n), V, T)
    return energies(field, alpha, T, n, V, q, chi)[0]


@compiled
def _barriers(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, states: np.ndarray
) -> np.ndarray:  # fmt: skip
    out = np.full(alpha.size, np.nan)
    for i in range(alpha.size):
        n, V = states[i, 0], states[i, 1]
        if not n > 0:
            continue
        n_top, V_top = _saddle(field, alpha[i], T[i], n, V)
        if not np.isnan(n_top):
            top = _free_energy(field, alpha[i], T[i], n_top, V_top)
            out[i] = max(0.0, top - _free_energy(field, alpha[i], T[i], n, V))
    return out


def barriers(field: MeanField, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return the barrier per spin on a grid; NaN without a retrieval state."""
    loads, temperatures = alpha.flatten(), T.flatten()
    ascending = np.argsort(temperatures, kind="stable")
    states = BRANCHES["retrieval"](field, loads, temperatures, ascending)
    return np.asarray(_barriers(field, loads, temperatures, states).reshape(alpha.shape))
