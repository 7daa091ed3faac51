r"""Solutions from arbitrary initial order parameters.

The map of (m, q) to (m, q) of the equations of state is iterated with damping 1/2, which stays in
the basin of the attractor that it begins in, and Newton's method then finishes on the coordinates
of `isotherm`.  At T = 0 the susceptibility takes the place of q.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled

from .isotherm import Row, equations, shift
from .replica import fields
from .spectrum import ratio

__all__ = ["attractor"]

_ITERATIONS = 10000


@compiled
def _newton(tau: float, alpha: float, T: float, x: Row) -> tuple[Row, bool]:
    """Solve for (m, sigma, mu) at a load; False if it strays."""
    target = math.sqrt(alpha)
    for _ in range(30):
        f, a, g, b, load, c = equations(tau, T, x)
        move = shift(a, b, c, f, g, load - target)
        x = (x[0] + move[0], x[1] + move[1], x[2] + move[2])
        if not (abs(x[0]) <= 1.001 and x[1] >= 0 and x[2] >= 0):
            return x, False
        if max(abs(move[0]), abs(move[1]), abs(move[2])) <= 1e-15:
            return x, True
    return x, max(abs(move[0]), abs(move[1]), abs(move[2])) <= 1e-12


@compiled
def attractor(tau: float, alpha: float, T: float, m: float, q: float) -> tuple[float, float, int]:
    """Follow the equations of state from (m, q) to a solution (S, V) and n_iter.

    NaN if 10000 iterations do not lead to one.  At T = 0 the iteration begins with a vanishing
    susceptibility instead of q.  A q too small for the couplings, whose R-transform has ended at
    this susceptibility, is raised.
    """
    chi = (1 - q) / T if T > 0 else 0.0
    while math.isnan(ratio(tau, alpha, chi)):
        chi *= 0.9
        q = 1 - T * chi
    attempt = 1e-3
    for iteration in range(1, _ITERATIONS + 1):
        S, V, x = fields(tau, alpha, m, q, chi)
        image, new_q, new_chi, _, _ = thermal(S, V, T)
        change = max(abs(image - m), abs(new_chi - chi) if T == 0 else abs(new_q - q))
        m, q, last, chi = 0.5 * (m + image), 0.5 * (q + new_q), chi, 0.5 * (chi + new_chi)
        while math.isnan(ratio(tau, alpha, chi)):
            chi = 0.5 * (chi + last)
            q = 1 - T * chi
        if change <= 1e-16:
            S, V, x = fields(tau, alpha, m, q, chi)
            return S, V, iteration
        if change <= attempt and 0 < x < np.inf:
            S, V, x = fields(tau, alpha, m, q, chi)
            scale = (1 + tau * x) * (1 + tau * (1 - tau) * x)
            start = (m, math.sqrt(V) * scale, math.asinh(math.sqrt(x)))
            found, landed = _newton(tau, alpha, T, start)
            if landed and abs(found[0] - m) <= 30 * change:
                x = math.sinh(found[2]) ** 2
                scale = (1 + tau * x) * (1 + tau * (1 - tau) * x)
                return found[0] / scale, (found[1] / scale) ** 2, iteration
            attempt *= 0.1
    return np.nan, np.nan, _ITERATIONS
