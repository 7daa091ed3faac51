r"""The stationary replay: fixed points of the step map, and where they end.

.. math:: m = E \tanh(h/T), \qquad \chi = E\,\mathrm{sech}^2(h/T)/T, \qquad
          h = S + \sqrt V x, \qquad S = \tfrac P2 m^{P-1},

with the load :math:`\alpha = V (1 - \chi^2)` at P = 2 and :math:`V/c`, c of `replay`, else.  At
every overlap there is one V, since E tanh falls with it, and one load: from the retrieval overlap
without crosstalk downwards the load rises to the largest with a replay, and falls to 0 where m is
0 (P = 2) or on top of the barrier (P >= 3).  The states above the summit are the replay.

T = 0, with :math:`y = S/\sqrt{2V}`: :math:`m = \mathrm{erf}\,y` and
:math:`\alpha = [\mathrm{erf}^2 y - (4y^2/\pi) e^{-2y^2}]/2y^2` at P = 2,
:math:`\tfrac P4 \mathrm{erf}(y)^{2(P-1)}/y^2` at P >= 3 with distinct indices.
"""

from __future__ import annotations

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.one_pattern.low_load import barrier_and_retrieval, summit
from theory.one_pattern.replica import signal
from theory.roots import inside

from .replay import Replay, shared

__all__ = ["endings", "residue", "states", "still"]


@compiled
def _slope(order: int, m: float) -> float:
    """Return dS/dm."""
    return 0.5 * order * (order - 1) * m ** (order - 2)


@compiled
def _crosstalk(order: int, T: float, m: float, guess: float) -> float:
    """Return V at which an overlap is stationary, from a guess of it."""
    S = signal(order, m)
    low, high = 0.0, np.inf
    V = guess
    for _ in range(200):
        t, _, _, psi, _ = thermal(S, V, T)
        if t > m:
            low = V
        else:
            high = V
        new = V + (t - m) / psi if psi > 0 else 0.0
        if abs(new - V) <= 4e-16 * V:
            return V
        V = inside(new, low, high) if high < np.inf else (new if low < new < 4 * V else 2 * V)
        if not low < V < high:
            break
    return V


@compiled
def _load(law: Replay, T: float, m: float, guess: float) -> tuple[float, float, float]:
    """Return V, the load and the slope of the load at an overlap."""
    order = law.field.order
    V = _crosstalk(order, T, m, guess)
    _, _, chi, psi, omega = thermal(signal(order, m), V, T)
    dS = _slope(order, m)
    dV = (chi * dS - 1) / psi
    if order > 2:
        power = shared(law, 1.0)
        return V, V / power, dV / power
    change = -2 * psi * dS + 0.5 * omega * dV
    return V, V * (1 - chi**2), dV * (1 - chi**2) - 2 * V * chi * change


@compiled
def endings(law: Replay, T: np.ndarray) -> np.ndarray:
    """Return rows (m, V, alpha) of the last replay at every temperature; NaN where there is none.

    The load is the largest, which its place decides to second order only.
    """
    out = np.full((T.size, 3), np.nan)
    top_a, top_T = summit(law.field)
    for i in range(T.size):
        if not T[i] < top_T:
            continue
        low, high = barrier_and_retrieval(law.field, T[i], top_a, top_T)
        V = 0.1 * signal(law.field.order, 0.5 * (low + high)) ** 2
        while True:
            m = 0.5 * (low + high)
            if not low < m < high:
                break
            V, load, rise = _load(law, T[i], m, V)
            out[i, 0], out[i, 1], out[i, 2] = m, V, load
            if rise > 0:
                low = m
            else:
                high = m
            if high - low <= 1e-9 * high:
                break
    return out


@compiled
def _overlap(order: int, V: float, T: float) -> tuple[float, int]:
    """Return the largest overlap that is stationary in this crosstalk, by Newton's method.

    E tanh is concave in m from the last replay on: steps from above stay above.  0 if there is
    none.
    """
    m = 1.0
    for iteration in range(1, 200):
        t, _, chi, _, _ = thermal(signal(order, m), V, T)
        gap = 1 - chi * _slope(order, m)
        if gap <= 0:
            return 0.0, iteration
        new = m - (m - t) / gap
        if new >= m - 4e-16:
            return max(min(new, 1.0), 0.0), iteration
        if new <= 0:
            return 0.0, iteration
        m = new
    return m, 200


@compiled
def states(law: Replay, alpha: np.ndarray, T: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return rows (m, V, n_iter) of the replay at points below the `last` of its temperature."""
    out = np.full((alpha.size, 3), np.nan)
    order, power = law.field.order, shared(law, 1.0)
    for i in range(alpha.size):
        if not alpha[i] <= last[i, 2]:
            continue
        if alpha[i] == last[i, 2]:
            out[i, 0], out[i, 1], out[i, 2] = last[i, 0], last[i, 1], 0.0
            continue
        if order > 2 or alpha[i] == 0:
            V = alpha[i] * power
            m, spent = _overlap(order, V, T[i])
            out[i, 0], out[i, 1], out[i, 2] = m, V, float(spent)
            continue
        low, high = alpha[i], last[i, 1]
        V, total, m = low, 0, 1.0
        for _ in range(100):
            m, spent = _overlap(2, V, T[i])
            total += spent
            _, _, chi, psi, omega = thermal(m, V, T[i])
            missing = alpha[i] - V * (1 - chi**2)
            if missing > 0:
                low = V
            else:
                high = V
            change = 0.5 * omega - 2 * psi * (-psi / (1 - chi))
            rise = 1 - chi**2 - 2 * V * chi * change
            new = V + missing / rise if rise > 0 else high
            if abs(new - V) <= 4e-16 * V or not low < high:
                break
            V = inside(new, low, high)
            if not low < V < high:
                break
        out[i, 0], out[i, 1], out[i, 2] = m, V, float(total)
    return out


@compiled
def still(law: Replay, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    r"""Return rows (m, V, n_iter) of the state without overlap.

    At P = 2 its V is on the branch of :math:`V (1 - \chi^2) = \alpha` on which the noise of the
    spins feeds itself; not there without a load below T = 1, where any overlap grows.
    """
    out = np.zeros((alpha.size, 3))
    power = shared(law, 1.0)
    for i in range(alpha.size):
        out[i, 1] = alpha[i] * power
        if law.field.order > 2:
            continue
        if alpha[i] == 0:
            if T[i] < 1:
                out[i] = np.nan
            continue
        low, high = alpha[i], alpha[i] + 2 / np.pi  # V chi^2 <= 2/pi
        while True:
            V = 0.5 * (low + high)
            if not low < V < high:
                break
            if V * (1 - thermal(0.0, V, T[i])[2] ** 2) > alpha[i]:
                high = V
            else:
                low = V
        out[i, 1] = V
    return out


@compiled
def residue(
    law: Replay, alpha: np.ndarray, T: np.ndarray, m: np.ndarray, V: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return chi of states, and the largest change of m and V in one step of the map."""
    chi, change = np.full(m.size, np.nan), np.full(m.size, np.nan)
    power = shared(law, 1.0)
    for i in range(m.size):
        t, _, chi[i], _, _ = thermal(signal(law.field.order, m[i]), V[i], T[i])
        fed = chi[i] ** 2 * V[i] if law.field.order == 2 else 0.0
        change[i] = max(abs(t - m[i]), abs(alpha[i] * power + fed - V[i]))
    return chi, change
