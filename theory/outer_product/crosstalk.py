r"""Probability that a wrong class is the loudest, for any own score.

Given the length of :math:`e_x` the scores of different classes are independent Gaussians.
In units of :math:`|e_x| / \sqrt d` those of wrong classes have the variances
:math:`Q_y = \sum_{f(x') = y} q(x')^2` and the own one has the mean
:math:`\mu = q(x) \sqrt d |e_x|` and the variance :math:`R = Q_{f(x)} - q(x)^2`:

.. math:: S(\mu, R) = 1 - \int Dz\, G(\mu + \sqrt R z), \qquad
          G(t) = \prod_{y \ne f(x)} \Phi(t / \sqrt{Q_y}).

G has features at t = 0 of the widths of *all* :math:`\sqrt{Q_y}`, which are decades apart under
Zipf's law, so that rules for smooth functions of z are wrong by 1e-3.  In
:math:`v = \mathrm{arsinh}(t/s)`, s the smallest width, all of them are of order one: G is
tabulated in v, and the trapezoid rule in v has steps that resolve the Gaussian as well,

.. math:: \frac{dz}{dv} = \sqrt{\delta^2 + (z - z_0)^2}, \qquad \delta = s/\sqrt R, \;
          z_0 = -\mu/\sqrt R.

Tokens of a class differ in R, but most by little: where more than `_RUN` values are within a
quarter of each other, S is computed at `_RUN` Chebyshev nodes and interpolated, which is exact to
1e-8 as S is analytic in R > 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled

__all__ = ["FLOOR", "Scores", "errors", "loudest"]

#: Variance of a class without weight, of the largest: its scores are ties, broken at random.
FLOOR = 1e-20

_END = 18.0  # scores beyond are never reached where the largest variance is 1
_RUN = 6
_WIDE = 1.25


class Scores(NamedTuple):
    r"""The law of the loudest class.

    Parameters
    ----------
    own : numpy.ndarray
        Shape (n_kinds, 4): two variances of the score of a class, their weights.
    total : numpy.ndarray
        :math:`\sum_y \ln \Phi` of all classes at the scores s sinh v of the grid.
    t : numpy.ndarray
        These scores, symmetric about 0.
    step, s : float
        Step of v; the smallest width.
    """

    own: np.ndarray
    total: np.ndarray
    t: np.ndarray
    step: float
    s: float


def loudest(own: np.ndarray, counts: np.ndarray) -> Scores:
    """Return the law of the loudest of all classes, `counts` of every kind.

    The more there are, the sharper it is: its width is 1/ln n_classes.
    """
    s = float(np.sqrt(own[:, :2].min()))
    step = 0.2 / (4 + 2 * math.log(counts.sum() + 1))
    half = math.ceil(math.asinh(_END / s) / step) + 3
    t = s * np.sinh(step * np.arange(-half, half + 1))
    total = np.zeros_like(t)
    for kind, count in zip(own, counts, strict=True):
        total += count * _log_factor(t, kind[:2], kind[2:])
    return Scores(own, total, t, step, s)


@compiled
def _phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@compiled
def _log_factor(t: np.ndarray, variances: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Return :math:`\ln \Phi` at every score, averaged over two variances."""
    found = np.empty(t.size)
    first, second = math.sqrt(variances[0]), math.sqrt(variances[1])
    alike = first == second
    for i in range(t.size):
        value = _phi(t[i] / first)
        if not alike:
            value = weights[0] * value + weights[1] * _phi(t[i] / second)
        found[i] = math.log(max(value, 1e-300))
    return found


@compiled
def _arsinh(x: float) -> float:
    return math.log(x + math.sqrt(x * x + 1.0))


@compiled
def _at(table: np.ndarray, place: float) -> float:
    """Interpolate a table by six points; `place` is in steps from its beginning."""
    i = min(max(int(place), 2), table.size - 4)
    u = place - i
    a, b, c, d, e = u + 2, u + 1, u - 1, u - 2, u - 3
    inner = b * u * c
    return float(
        -table[i - 2] * inner * d * e / 120
        + table[i - 1] * a * u * c * d * e / 24
        - table[i] * a * b * c * d * e / 12
        + table[i + 1] * a * b * u * d * e / 12
        - table[i + 2] * a * inner * e / 24
        + table[i + 3] * a * inner * d / 120
    )


@compiled
def _survival(mu: float, R: float, law: np.ndarray, step: float, s: float) -> float:
    """Return S; `law` is 1 - G on the grid of scores."""
    middle = law.size // 2
    sigma = math.sqrt(R)
    if sigma <= 1e-6 * abs(mu):
        place = math.asinh(mu / s) / step + middle
        return _at(law, place) if place < law.size - 4 else 0.0
    z0, delta = -mu / sigma, s / sigma
    h = min(4 * step, 0.85 / math.sqrt(delta * delta + z0 * z0))
    low, high = math.asinh((-9.0 - z0) / delta), math.asinh((9.0 - z0) / delta)
    n = int((high - low) / h) + 1
    h = (high - low) / n
    total = norm = 0.0
    for i in range(n + 1):
        v = low + i * h
        grown = math.exp(v)
        z = z0 + delta * 0.5 * (grown - 1 / grown)
        weight = math.exp(-0.5 * z * z) * (grown + 1 / grown)
        norm += weight
        place = v / step + middle
        if place < 3:
            total += weight
        elif place < law.size - 4:
            total += weight * _at(law, place)
    return total / norm


@compiled
def _tabulate(R: float, scale: float, law: np.ndarray, step: float, s: float) -> np.ndarray:
    """Return S on a grid of arsinh(mu / scale), from two steps below 0."""
    n = int(math.asinh(_END / scale) / step) + 6
    table = np.empty(n)
    for k in range(n):
        table[k] = _survival(scale * math.sinh((k - 2) * step), R, law, step, s)
    return table


@compiled
def _average(
    table: np.ndarray,
    scale: float,
    step: float,
    q: float,
    chi: np.ndarray,
    weight: np.ndarray,
    bounds: np.ndarray,
    found: np.ndarray,
) -> None:
    """Average S(q chi) over the lengths of every dimension."""
    for j in range(found.size):
        total = 0.0
        for k in range(bounds[j], bounds[j + 1]):
            place = _arsinh(q * chi[k] / scale) / step + 2
            if place < table.size - 4:
                total += weight[k] * _at(table, place)
        found[j] = min(max(total, 0.0), 1.0)


@compiled
def _combination(nodes: np.ndarray, x: float) -> np.ndarray:
    """Return the weights of values at Chebyshev nodes in their interpolation."""
    n = nodes.size
    found = np.zeros(n)
    for k in range(n):
        if x == nodes[k]:
            found[k] = 1.0
            return found
        sign = 1.0 if k % 2 == 0 else -1.0
        found[k] = sign * math.sin((2 * k + 1) * math.pi / (2 * n)) / (x - nodes[k])
    return found / found.sum()


@compiled
def errors(
    kind: np.ndarray,
    q: np.ndarray,
    R: np.ndarray,
    own: np.ndarray,
    total: np.ndarray,
    t: np.ndarray,
    step: float,
    s: float,
    chi: np.ndarray,
    weight: np.ndarray,
    bounds: np.ndarray,
) -> np.ndarray:
    r"""Return the probability of a wrong answer.

    Parameters
    ----------
    kind, q, R : numpy.ndarray
        Shape (n,): row of `own`, weight and variance of the own score, sorted by row, then R.
    own, total, t, step, s
        `Scores`.
    chi, weight : numpy.ndarray
        Lengths of all dimensions, one after the other.
    bounds : numpy.ndarray
        Where those of a dimension begin and end.

    Returns
    -------
    numpy.ndarray
        Shape (n, n_dimensions).
    """
    n = q.size
    found = np.empty((n, bounds.size - 1))
    law = np.empty(t.size)
    known = -1
    i = 0
    while i < n:
        if kind[i] != known:
            known = kind[i]
            law = -np.expm1(total - _log_factor(t, own[known, :2], own[known, 2:]))
        j = i + 1
        while j < n and kind[j] == known and R[j] <= _WIDE * R[i]:
            j += 1
        scale = math.sqrt(R[i] + s * s)
        low, high = R[i], R[j - 1]
        if high - low <= 1e-13 * low:
            table = _tabulate(low, scale, law, step, s)
            for k in range(i, j):
                _average(table, scale, step, q[k], chi, weight, bounds, found[k])
        elif j - i <= _RUN:
            for k in range(i, j):
                table = _tabulate(R[k], scale, law, step, s)
                _average(table, scale, step, q[k], chi, weight, bounds, found[k])
        else:
            nodes = np.empty(_RUN)
            for k in range(_RUN):
                nodes[k] = 0.5 * (low + high) + 0.5 * (high - low) * math.cos(
                    (2 * k + 1) * math.pi / (2 * _RUN)
                )
            first = _tabulate(nodes[0], scale, law, step, s)
            tables = np.empty((_RUN, first.size))
            tables[0] = first
            for k in range(1, _RUN):
                tables[k] = _tabulate(nodes[k], scale, law, step, s)
            for k in range(i, j):
                share = _combination(nodes, R[k])
                table = np.zeros(first.size)
                for m in range(_RUN):
                    for place in range(first.size):
                        table[place] += share[m] * tables[m, place]
                _average(table, scale, step, q[k], chi, weight, bounds, found[k])
        i = j
    return found
