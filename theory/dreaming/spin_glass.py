r"""States without retrieval: m = 0.

One unknown is left, the noise amplitude :math:`\sigma`, with q and :math:`\chi` of the field
:math:`\sigma x`: the glass is a root of

.. math:: V(\sigma) = q\,W'(\chi) = \sigma^2 .

Up to moderate sleep it grows continuously from q = 0 below `spectrum.edge_temperature`.  After a
long sleep, and at loads below about one half, it appears at once, at a temperature far above:
the couplings are close to a projector, the random orthogonal model of E. Marinari, G. Parisi,
F. Ritort, J. Phys. A 27, 7647 (1994), doi:10.1088/0305-4470/27/23/011, whose glass breaks replica
symmetry in one step.  What is found here is the replica-symmetric state of largest noise.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.roots import inside

from .spectrum import ratio, ratio_at_trace, slope

__all__ = ["glass"]

_FINE = 1.25  # ratio of neighbouring amplitudes of the search
_SMALLEST = 1e-3  # sigma/T at which it ends: below, q = (sigma/T)^2
_TRIES = 40  # of the search for a maximum between two of them
_GOLDEN = 0.5 * (math.sqrt(5) - 1)


@compiled
def _excess(tau: float, alpha: float, T: float, sigma: float) -> float:
    r"""Return :math:`\ln V - 2 \ln \sigma`; infinite where the branch of W has ended."""
    _, q, chi, _, _ = thermal(0.0, sigma**2, T)
    x = ratio(tau, alpha, chi)
    if math.isnan(x):
        return np.inf
    return math.log(q * slope(tau, x, chi)) - 2 * math.log(sigma)


@compiled
def _largest(tau: float, alpha: float, T: float) -> float:
    """Return an amplitude beyond which the noise is too strong for what causes it."""
    weakest = slope(tau, ratio_at_trace(tau, alpha), 0.0)
    sigma = math.sqrt(2 * weakest)
    while True:
        _, q, chi, _, _ = thermal(0.0, sigma**2, T)
        x = ratio(tau, alpha, chi)
        if not math.isnan(x) and q * slope(tau, x, chi) < 2 * weakest:
            return sigma
        sigma *= 2


@compiled
def _summit(tau: float, alpha: float, T: float, low: float, high: float) -> float:
    """Return where the excess is positive or largest between two amplitudes."""
    a, d = math.log(low), math.log(high)
    b, c = d - _GOLDEN * (d - a), a + _GOLDEN * (d - a)
    left, right = _excess(tau, alpha, T, math.exp(b)), _excess(tau, alpha, T, math.exp(c))
    for _ in range(_TRIES):
        if left >= 0:
            return math.exp(b)
        if right >= 0:
            return math.exp(c)
        if left > right:
            d, c, right = c, b, left
            b = d - _GOLDEN * (d - a)
            left = _excess(tau, alpha, T, math.exp(b))
        else:
            a, b, left = b, c, right
            c = a + _GOLDEN * (d - a)
            right = _excess(tau, alpha, T, math.exp(c))
    return math.exp(b)


@compiled
def _bracket(tau: float, alpha: float, T: float) -> tuple[float, float]:
    """Return amplitudes on both sides of the largest root, NaN without one."""
    top = _largest(tau, alpha, T)
    before, above, here = top, top, top
    last = value = -np.inf
    while here > _SMALLEST * T and here > 1e-12 * top:
        new = here / _FINE
        earlier, last = last, value
        value = _excess(tau, alpha, T, new)
        if value < last > earlier > -np.inf and last < 0:
            place = _summit(tau, alpha, T, new, before)
            if _excess(tau, alpha, T, place) >= 0:
                return place, before
        if value >= 0:
            return new, here
        before, above, here = here, here, new
    # Next to a continuous transition q is small, and the excess a constant below.
    if T > 0 and _excess(tau, alpha, T, 1e-8 * T) > 0:
        return 1e-8 * T, above
    return np.nan, np.nan


@compiled
def glass(tau: float, alpha: float, T: float) -> tuple[float, int]:
    """Return V of the largest noise and n_iter; NaN where nothing sustains a glass."""
    if alpha == 0 or (tau == 1 and alpha >= 1):
        return np.nan, 0
    low, high = _bracket(tau, alpha, T)
    if math.isnan(low):
        return np.nan, 0
    # Secants of the excess in the logarithm of sigma, inside the bracket (Illinois).
    a, b = math.log(low), math.log(high)
    rise, fall = _excess(tau, alpha, T, low), _excess(tau, alpha, T, high)
    x, side = a, 0
    for iteration in range(1, 200):
        new = 0.5 * (a + b)
        if rise < np.inf:
            new = inside(a + (b - a) * rise / (rise - fall), a, b)
        value = _excess(tau, alpha, T, math.exp(new))
        if abs(new - x) <= 2e-16 * max(1.0, abs(new)) or value == 0 or b - a <= 4e-16:
            return math.exp(2 * new), iteration
        x = new
        if value > 0:
            a, rise = new, value
            fall = 0.5 * fall if side == 1 else fall
            side = 1
        else:
            b, fall = new, value
            rise = 0.5 * rise if side == -1 else rise
            side = -1
    return math.exp(2 * x), 200
