r"""Crosstalk of a palimpsest at P = 2, inverted for its load.

Patterns have ages that are uniform in :math:`[0, \alpha]` and strengths :math:`u = e^{-La}`.  In
the reduced load :math:`w = (1 - e^{-2L\alpha})/(2L)`, which runs from 0 to :math:`1/(2L)`, the
variance of the field is

.. math:: V = \frac qL \int_{e^{-L\alpha}}^1 \frac{u\,du}{(1 - u\chi)^2}
            = \frac qL \left[ D(1) - D(e^{-L\alpha}) \right], \qquad
          D(u) = \frac{1}{\chi^2} \left[ \ln(1 - u\chi) + \frac{u\chi}{1 - u\chi} \right],

so that the load that sustains V at a given :math:`\chi` has one unknown, found by Newton's method:
V is a rising and concave function of w.
"""

from __future__ import annotations

import math

from theory.compiled import compiled

__all__ = ["sustained"]

_SERIES = 0.1  # up to this u chi the logarithm is expanded
_TERMS = 20
# Strengths that differ by less than this part of the distance from the pole are summed over five
# points of Gauss, to 1e-17: there the difference of two D has lost digits.
_FEW = 2e-2
_X = (0.0469100770306680, 0.2307653449471585, 0.5, 0.7692346550528415, 0.9530899229693320)
_W = (0.1184634425280945, 0.2393143352496832, 0.2844444444444444, 0.2393143352496832,
      0.1184634425280945)  # fmt: skip


@compiled
def _bracket(y: float) -> tuple[float, float]:
    r"""Return :math:`h = [\ln(1 - y) + y/(1 - y)]/y^2` and its derivative."""
    if y > _SERIES:
        h = (math.log1p(-y) + y / (1 - y)) / y**2
        return h, (1 / (1 - y) ** 2 - 2 * h) / y
    h = slope = 0.0
    power = 1.0
    for n in range(_TERMS):
        h += power * (n + 1) / (n + 2)
        slope += power * (n + 1) * (n + 2) / (n + 3)
        power *= y
    return h, slope


@compiled
def _noise(rate: float, w: float, chi: float) -> tuple[float, float]:
    """Return V/q and its derivative in chi."""
    if 2 * rate * w <= _FEW * (1 - chi):
        value = slope = 0.0
        for x, weight in zip(_X, _W):  # noqa: B905 - numba has no strict
            u = math.sqrt(1 - 2 * rate * w * x)
            value += weight * w / (1 - u * chi) ** 2
            slope += 2 * weight * w * u / (1 - u * chi) ** 3
        return value, slope
    oldest = math.sqrt(max(0.0, 1 - 2 * rate * w))
    h, h_slope = _bracket(chi)
    old, old_slope = _bracket(oldest * chi)
    return (h - oldest**2 * old) / rate, (h_slope - oldest**3 * old_slope) / rate


@compiled
def sustained(
    rate: float, V: float, q: float, chi: float, T: float
) -> tuple[float, float, float]:  # fmt: skip
    r"""Return the reduced load w that sustains V, and its derivatives in V and :math:`\chi`.

    Noise that no palimpsest makes continues it linearly beyond its range.
    """
    goal = V / q
    goal_chi = T * V / q**2  # q = 1 - T chi
    most = 0.5 / rate
    all_of, slope = _noise(rate, most, chi)
    if goal >= all_of:
        return most + goal - all_of, 1 / q, goal_chi - slope
    w = goal * (1 - chi) ** 2
    for _ in range(100):
        u = math.sqrt(max(0.0, 1 - 2 * rate * w))
        step = (goal - _noise(rate, w, chi)[0]) * (1 - u * chi) ** 2
        w = min(w + step, most)
        if abs(step) <= 4e-16 * w:
            break
    u = math.sqrt(max(0.0, 1 - 2 * rate * w))
    gap = (1 - u * chi) ** 2
    return w, gap / q, gap * (goal_chi - _noise(rate, w, chi)[1])
