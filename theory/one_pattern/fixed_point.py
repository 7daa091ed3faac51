r"""Solutions from arbitrary initial order parameters.

The map (n, q) -> (n, q) of the equations of state is iterated with damping 1/2, which
stays in the basin of the attractor it begins in, and Newton's method then finishes on the
pair (n, V).
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled

from .crosstalk import bounded, noise
from .replica import MeanField, signal, sites

__all__ = ["attractor"]

_LARGEST_CHI = 0.9  # of that of bounded crosstalk, where P = 2 iterates start that have none


@compiled
def _newton(
    field: MeanField, alpha: float, T: float, n: float, V: float
) -> tuple[float, float, bool]:
    """Solve for (n, V); False if it strays."""
    P = field.order
    for _ in range(30):
        S, bend = signal(P, n), 0.5 * P * (P - 1) * n ** (P - 2)
        _, image, q, chi, n_S, n_V, chi_S, chi_V = sites(field, S, V, T)
        G, slope = noise(field.crosstalk, q, chi, T)
        f, g = n - image, V - alpha * G
        f_n, f_V = 1 - n_S * bend, -n_V
        g_n, g_V = -alpha * slope * chi_S * bend, 1 - alpha * slope * chi_V
        det = f_n * g_V - f_V * g_n
        dn, dV = (f_V * g - g_V * f) / det, (g_n * f - f_n * g) / det
        n += dn
        V += dV
        if not (abs(n) <= 1.001 and V >= 0):
            return n, V, False
        if abs(dn) <= 1e-15 and abs(dV) <= 1e-14 * V + 1e-300:
            return n, V, True
    return n, V, abs(dn) <= 1e-12 and abs(dV) <= 1e-11 * V


@compiled
def attractor(
    field: MeanField, alpha: float, T: float, n: float, q: float
) -> tuple[float, float, int]:
    """Follow the equations of state from (n tilde, q) to a solution (n tilde, V) and n_iter.

    NaN if 10000 iterations do not lead to one.  At T = 0 the iteration begins with a vanishing
    susceptibility instead of q.  For P = 2 a q that is too small for bounded crosstalk
    is raised to 0.9 of the largest chi that has it.
    """
    pair = field.crosstalk.resummed and alpha > 0
    most = 1 / field.crosstalk.rank[0]
    chi = (1 - q) / T if T > 0 else 0.0
    if pair and chi > _LARGEST_CHI * most:
        chi = _LARGEST_CHI * most
        q = 1 - T * chi
    V = alpha * noise(field.crosstalk, q, chi, T)[0]
    attempt = 1e-3
    for iteration in range(1, 10001):
        _, image, new_q, new_chi, _, _, _, _ = sites(field, signal(field.order, n), V, T)
        if pair and not bounded(field.crosstalk, new_q, new_chi, T):
            new_chi = 0.5 * (most + chi)
            new_q = 1 - T * new_chi
        change = max(abs(image - n), abs(new_chi - chi) if T == 0 else abs(new_q - q))
        n, q, chi = 0.5 * (n + image), 0.5 * (q + new_q), 0.5 * (chi + new_chi)
        V = alpha * noise(field.crosstalk, q, chi, T)[0]
        if change <= 1e-16:
            return n, V, iteration
        if change <= attempt:
            root_n, root_V, found = _newton(field, alpha, T, n, V)
            if found and abs(root_n - n) <= 30 * change:
                return root_n, root_V, iteration
            attempt *= 0.1
    return np.nan, np.nan, 10000
