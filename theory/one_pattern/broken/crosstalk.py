r"""What the crosstalk contributes with one step of replica-symmetry breaking.

Of the overlaps :math:`q_1` of different states and :math:`q_2` inside one, and the weight
:math:`\mu = \theta/T` of states, per unit load:

* P >= 3: the covariance :math:`\sum_k w_k q^k` of a P-spin coupling.
* P = 2: the resummed series.  With :math:`l_1 = 1 - v \chi`,
  :math:`l_0 = l_1 - v \mu (q_2 - q_1)` for the eigenvalues v (multiplicities g) of a class,

  .. math:: r_1 = \sum_g g v^2 \frac{q_1}{l_0^2}, \qquad
            r_2 - r_1 = \sum_g g v^2 \frac{q_2 - q_1}{l_0 l_1}

  and the free energy

  .. math:: \tfrac12 \sum_g g \Bigl[ T \ln l_1 + \frac1\mu \ln \frac{l_0}{l_1}
            - \frac{v q_1}{l_0} + v \Bigr]
            + \tfrac12 \bigl[ r_2 \chi + \mu (r_2 q_2 - r_1 q_1) \bigr]

  (A. Crisanti, D. J. Amit, H. Gutfreund, Europhys. Lett. 2, 337 (1986),
  doi:10.1209/0295-5075/2/4/012; H. Steffan, R. Kuehn, Z. Phys. B 95, 249 (1994),
  doi:10.1007/BF01312198).

Overlaps are passed as :math:`1 - q_1`, :math:`q_2 - q_1` and :math:`\chi = (1 - q_2)/T`.
"""

from __future__ import annotations

import math

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk

__all__ = ["broken_energy", "broken_free_energy", "covariances"]


@compiled
def _bracket(k: float, gap: float) -> float:
    r"""Return :math:`1 - k q^{k-1} + (k-1) q^k` at q = 1 - `gap`, without cancellation."""
    total, power = 0.0, 1.0
    for j in range(1, int(k)):
        total += j * power
        power *= 1 - gap
    return gap**2 * total


@compiled
def _remainder(y: float) -> float:
    r"""Return :math:`\ln(1 - y) + y/(1 - y)`, of second order in y."""
    if y > 0.05:
        return math.log1p(-y) + y / (1 - y)
    total, power = 0.0, y
    for n in range(2, 14):
        power *= y
        total += power * (1 - 1 / n)
    return total


@compiled
def covariances(
    crosstalk: Crosstalk, gap_1: float, step: float, chi: float, mu: float, T: float
) -> tuple[float, float, float]:
    r"""Return :math:`G(q_1)`, :math:`G(q_2) - G(q_1)` and what balances the breaking.

    G is the variance of the field per unit load.  The last is
    :math:`\frac{4}{\mu} [\frac\mu2 (G(q_2) - G(q_1)) - \mu\,\partial_\mu F]`, F the share of the
    free energy.  NaN where the series of P = 2 does not converge.
    """
    base = rise = outer = 0.0
    gap_2 = T * chi
    q1, q2 = 1 - gap_1, 1 - gap_2
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            inner = 1 - k * chi
            y = k * mu * step / inner
            if not (inner > 0 and y < 1):
                return math.nan, math.nan, math.nan
            wide = inner * (1 - y)
            base += w * k**2 * q1 / wide**2
            rise += w * k**2 * step / (wide * inner)
            outer += 2 * w * (k**2 * step * gap_2 / (wide * inner) + _remainder(y) / mu**2)
        else:
            base += 0.5 * k * w * q1 ** (k - 1)
            for j in range(int(k) - 1):
                rise += 0.5 * k * w * step * q2**j * q1 ** (k - 2 - j)
            outer += w * (_bracket(k, gap_1) - _bracket(k, gap_2))
    return base, rise, outer


@compiled
def broken_free_energy(
    crosstalk: Crosstalk, gap_1: float, step: float, chi: float, mu: float, T: float
) -> float:
    r"""Return the share of the free energy per unit load, less :math:`\frac\mu2 (G(q_2) - G(q_1))`.

    What is taken off is in the site average :math:`E\,\Phi`.
    """
    value = crosstalk.constant
    q1, q2 = 1 - gap_1, 1 - T * chi
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            inner = 1 - k * chi
            y = k * mu * step / inner
            wide = inner * (1 - y)
            r1 = k**2 * q1 / wide**2
            rise = k**2 * step / (wide * inner)
            value += 0.5 * w * (T * math.log(inner) + math.log1p(-y) / mu - k * q1 / wide + k)
            value += 0.5 * w * ((r1 + rise) * chi + mu * (r1 * step - rise * (1 - q2)))
        else:
            outer = _bracket(k, gap_1) - _bracket(k, T * chi)
            power, inside = 1.0, 0.0
            for j in range(1, int(k)):
                inside += j * power
                power *= q2
            value -= 0.25 * w * (mu * outer + T * chi**2 * inside)
    return value


@compiled
def broken_energy(
    crosstalk: Crosstalk, gap_1: float, step: float, chi: float, mu: float, T: float
) -> float:
    """Return the share of the energy per unit load."""
    value = crosstalk.constant
    q1, q2 = 1 - gap_1, 1 - T * chi
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            inner = 1 - k * chi
            wide = inner - k * mu * step
            value -= 0.5 * w * k * (T * chi / inner + step / (wide * inner) + q1 / wide**2 - 1)
        else:
            for j in range(int(k)):
                value -= 0.5 * w * (chi * q2**j + mu * step * q2**j * q1 ** (k - 1 - j))
    return value
