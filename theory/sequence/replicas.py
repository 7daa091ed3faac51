r"""Overlap of two replicas of a replay: one disorder, other thermal noise.

Two networks that replay the same sequence have the crosstalk in common as far as they agree, that
of variance :math:`V_q`, which is :math:`\alpha q/(1 - \chi^2)` at P = 2 and
:math:`\frac\alpha2 \sum_k k w_k q^{k-1}` at P >= 3 (`replay`, with two replicas in the place of two
times):

.. math:: q = E_u \bigl[ E_x \tanh \tfrac1T \bigl(S + \sqrt{V_q} u + \sqrt{V - V_q} x\bigr)
          \bigr]^2 .

It is less than :math:`E \tanh^2(h/T) = 1 - T \chi`, which is q in the literature: that of replicas
in the same field, as in symmetric couplings the mean of the past makes it.  The right side is a
power series in q with positive coefficients, below 1 at q = 1 for T > 0: there is one solution.

At T = 0 replicas that are alike stay alike, q = 1; those that differ on a single site end at the
smaller solution, the limit of low temperatures, since the slope at q = 1 is infinite there.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import polarisation, random_field
from theory.compiled import compiled
from theory.one_pattern.replica import signal

from .replay import Replay

__all__ = ["agreement"]

#: Step of the rule in x, where u = u* + w sinh x around the place u* at which spins turn, and how
#: many standard deviations it covers.
STEP, REACH = 0.125, 9.0


@compiled
def _differ(S: float, common: float, own: float, T: float) -> tuple[float, float]:
    """Return E (1 - t^2) and E chi^2 over the common noise; t and chi are over the own."""
    random = random_field(own, T)
    deviation, turn, width, n = math.sqrt(common), 0.0, 1.0, 0
    first = step = apart = squared = 0.0
    if common > 0:
        turn, width = -S / deviation, math.sqrt(own + T * T) / deviation
        first = math.asinh((-REACH - turn) / width)
        last = math.asinh((REACH - turn) / width)
        n = math.ceil((last - first) / STEP)
        step = (last - first) / n
    for j in range(n + 1):
        x = first + j * step
        u, weight = turn + width * math.sinh(x), 1.0
        if common > 0:
            weight = step * width * math.cosh(x) * math.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
        t, _, chi, _, _ = polarisation(S + deviation * u, random)
        apart += weight * (1 - t) * (1 + t)
        squared += weight * chi * chi
    return apart, squared


@compiled
def agreement(
    law: Replay,
    alpha: np.ndarray,
    T: np.ndarray,
    m: np.ndarray,
    V: np.ndarray,
    chi: np.ndarray,
) -> np.ndarray:
    """Return q of replicas that start apart, by Newton's method in 1 - q from 1 - m^2.

    All terms of the series being positive, steps from that side do not cross the solution.
    """
    out = np.full(m.size, np.nan)
    order = law.field.order
    for i in range(m.size):
        if math.isnan(m[i]):
            continue
        S = signal(order, m[i])
        scale = alpha[i] / (1 - chi[i] ** 2) if order == 2 and alpha[i] > 0 else alpha[i]
        p = (1 - m[i]) * (1 + m[i])
        for _ in range(100):
            own = common = slope = 0.0
            for s, k in zip(law.strength, law.rank):  # noqa: B905 - numba has no strict
                kept = (1 - p) ** k
                common += scale * s * kept
                own -= scale * s * (math.expm1(k * math.log1p(-p)) if p < 1 else kept - 1)
                if k > 0:
                    slope += scale * s * k * (1 - p) ** (k - 1)
            apart, squared = _differ(S, common, max(own, 0.0), T[i])
            new = p - (p - apart) / (1 - slope * squared)
            done = not new < p * (1 - 1e-12)
            p = min(p, max(new, 0.0))
            if done:
                break
        out[i] = 1 - p
    return out
