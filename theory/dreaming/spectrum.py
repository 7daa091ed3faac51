r"""The spectrum of slept couplings, as one state sees it.

With :math:`\tau = t/(1 + t) \in [0, 1]` the couplings are the function
:math:`f(x) = x/[1 - \tau + \tau x]` of the Hebbian ones, whose spectrum is that of Marchenko and
Pastur.  Replicas meet them in their R-transform :math:`W(\chi)`, at the susceptibility
:math:`\chi = (1 - q)/T`: the solution z of :math:`E\,(z - f(x))^{-1} = \chi` is
:math:`W + 1/\chi`.  In terms of :math:`\Lambda = W/(1 - \tau W)`, and with

.. math:: P = 1 + \tau \Lambda, \qquad E = 1 + \tau (1 - \tau) \Lambda,

it is the root of one cubic equation,

.. math:: \Lambda (E P - \chi) = \alpha P^2, \qquad W = \frac\Lambda P, \qquad
    W'(\chi) = \frac\Lambda {P^2 [1 + 2 \tau (1 - \tau) \Lambda + \tau^2 (1 - \tau) \Lambda^2
    - \chi (1 - \tau \Lambda)/P]},

explicit in the load and in :math:`\chi`, and without a small denominator from the Hebbian
network, :math:`\tau = 0, W = \alpha/(1 - \chi)`, to the projector, :math:`\tau = 1`.  The branch
is the one that begins at the trace, :math:`W(0) = J_{ii}`: an implicit derivative follows it.
Its integral has a closed form,

.. math:: \int_0^\chi W = W \chi - \ln\frac P{P_0} + \alpha \ln\frac\Lambda{\Lambda_0}
                          - (1 - \tau)(\Lambda - \Lambda_0),

with the index 0 at :math:`\chi = 0`.  (R-transforms: G. Parisi, M. Potters, J. Phys. A 28, 5267
(1995), doi:10.1088/0305-4470/28/18/016.)
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled

__all__ = ["edge_temperature", "integral", "ratio", "ratio_at_trace", "slope"]


@compiled
def ratio_at_trace(tau: float, alpha: float) -> float:
    r"""Return :math:`\Lambda_0`, that of :math:`\chi = 0`.

    Infinite for the projector onto the whole space, :math:`\alpha \ge 1`.
    """
    b, curvature = 1 - alpha * tau, tau * (1 - tau)
    root = math.sqrt(b * b + 4 * curvature * alpha)
    if b > 0:
        return 2 * alpha / (b + root)
    return (root - b) / (2 * curvature) if curvature > 0 else np.inf


@compiled
def ratio(tau: float, alpha: float, chi: float) -> float:
    r"""Return :math:`\Lambda`; NaN where the branch has ended before :math:`\chi`.

    The cubic :math:`p(\Lambda) = \Lambda (E P - \chi) - \alpha P^2` falls with :math:`\chi` and is
    negative at 0: the branch is its smallest root for as long as that one lasts.  If p is convex
    there is no other; otherwise a maximum may lift p to positive values, before the branch or
    beyond it, and which it was is known at the :math:`\chi` where that maximum appears.
    """
    start = ratio_at_trace(tau, alpha)
    if alpha == 0 or start == np.inf:
        return start
    cube, square = tau**2 * (1 - tau), tau * (2 - tau) - alpha * tau**2
    linear = 1 - chi - 2 * alpha * tau
    if cube == 0 and square == 0 and linear <= 0:
        return np.nan
    low, high = start, np.inf
    if square < 0 < cube:
        bend = -square / (3 * cube)
        spread = bend**2 - linear / (3 * cube)
        appears = 1 - 2 * alpha * tau - square**2 / (3 * cube)
        top = ((cube * bend + square) * bend + 1 - appears - 2 * alpha * tau) * bend - alpha
        if spread > 0 and appears > 0 and top > 0:
            high = bend - math.sqrt(spread)
            if ((cube * high + square) * high + linear) * high < alpha:
                return np.nan
    if high == np.inf:
        high = 2 * start
        while ((cube * high + square) * high + linear) * high < alpha:
            low, high = high, 2 * high
            if high == np.inf:
                return np.nan
    x = high
    for _ in range(200):
        value = ((cube * x + square) * x + linear) * x - alpha
        gradient = (3 * cube * x + 2 * square) * x + linear
        if value < 0:
            low = x
        else:
            high = x
        new = x - value / gradient if gradient > 0 else low
        if abs(new - x) <= 2e-16 * x:
            return new
        if not low < new < high:
            new = 0.5 * (low + high)
        if not low < new < high:
            break
        x = new
    return x


@compiled
def slope(tau: float, ratio: float, chi: float) -> float:
    r"""Return :math:`W'(\chi)`, positive on the branch."""
    if ratio == np.inf:
        return 0.0
    P = 1 + tau * ratio
    drift = 1 + tau * (1 - tau) * ratio * (2 + tau * ratio) - chi * (1 - tau * ratio) / P
    return ratio / (P**2 * drift)


@compiled
def integral(tau: float, alpha: float, ratio: float) -> tuple[float, float]:
    r"""Return :math:`W - W(0)` and :math:`\int_0^\chi W - W \chi`."""
    if alpha == 0 or ratio == np.inf:
        return 0.0, 0.0
    start = ratio_at_trace(tau, alpha)
    P, P_start = 1 + tau * ratio, 1 + tau * start
    more = ratio - start
    logarithms = alpha * math.log1p(more / start) - math.log1p(tau * more / P_start)
    return more / (P * P_start), logarithms - (1 - tau) * more


def edge_temperature(tau: float, alpha: np.ndarray) -> np.ndarray:
    r"""Return the temperature at which the paramagnet becomes unstable.

    There :math:`W' = T^2` at :math:`\chi = 1/T`, which is where z meets the largest eigenvalue,
    :math:`f(p^2)` with :math:`p = 1 + \sqrt\alpha`:

    .. math:: T_g = \frac{(1 - \tau)\,p}
        {(1 - \tau + \tau p^2)(1 - \tau + \tau p \sqrt\alpha)} .

    The projector has none: two eigenvalues are no band, and its edge is never met.

    Examples
    --------
    >>> edge_temperature(0.5, np.array([0.0, 0.2])).round(6)
    array([1.      , 0.567848])
    """
    root = np.sqrt(alpha)
    p, rest = 1 + root, 1 - tau
    with np.errstate(invalid="ignore"):
        return np.asarray(rest * p / ((rest + tau * p**2) * (rest + tau * p * root)))
