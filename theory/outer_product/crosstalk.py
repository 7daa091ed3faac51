r"""Probability that a wrong class is the loudest, for any own score.

Given the length of :math:`e_x` the scores of different classes are independent Gaussians.
In units of :math:`|e_x| / \sqrt d` those of wrong classes have the variances
:math:`Q_y = \sum_{f(x') = y} q(x')^2` and the own one has the mean
:math:`\mu = q(x) \sqrt d |e_x|` and the variance :math:`R = Q_{f(x)} - q(x)^2`:

.. math:: S(\mu, R) = 1 - \int Dz\, G(\mu + \sqrt R z), \qquad
          \ln G(t) = \sum_y \ln \Phi(t / \sqrt{Q_y}) - \ln \Phi(t / \sqrt{Q_{f(x)}}).

The sum over all classes is one table for all tokens.  G has features at t = 0 of the widths of
*all* :math:`\sqrt{Q_y}`, which are decades apart under Zipf's law; in
:math:`v = \mathrm{arsinh}(t/s)`, s the smallest width, all of them are of order one, and the
trapezoid rule in v converges beyond all powers of its step for

.. math:: S(\mu, R) = \Phi\Bigl(\frac{-\mu}{\sqrt{s^2 + R}}\Bigr)
          + \int Dz\, \bigl[1 - G(t) - \Phi(-t/s)\bigr]_{t = \mu + \sqrt R z},

whose bracket vanishes at both ends.  Where the Gaussian is narrower than the step the rule is
taken in z.  Tokens of a class differ in R, but most by little: S is interpolated between Chebyshev
nodes in R, in which it is analytic, and along :math:`\mu` by six points.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled

from .quadrature import Lengths

__all__ = ["FLOOR", "Scores", "errors", "loudest"]

#: Variance of a class without weight, of the largest: its scores are ties, broken at random.
FLOOR = 1e-20

_END = 18.0  # scores beyond are never reached where the largest variance is 1
_FINE = 8  # steps of the table of ln G in one of the trapezoid rule
_FAR = 8.5  # standard deviations
_WIDE = 1.25  # largest ratio of variances between which S is interpolated
_MU = 0.06  # steps of the mean in widths of S
_SMALL = 0.15  # weights in widths of S that need few lengths
_NOTHING = 1e-15


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
    step = 0.7 / (3 + 3 * math.log(counts.sum() + 1)) / _FINE
    half = _FINE * math.ceil(math.asinh(_END / s) / step / _FINE)
    t = s * np.sinh(step * np.arange(-half, half + 1))
    return Scores(own, _total(own, counts, t), t, step, s)


@compiled
def _phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@compiled
def _log_factor(t: float, own: np.ndarray) -> float:
    r"""Return :math:`\ln \Phi` at a score, averaged over two variances."""
    value = _phi(t / math.sqrt(own[0]))
    if own[1] != own[0]:
        value = own[2] * value + own[3] * _phi(t / math.sqrt(own[1]))
    return math.log(max(value, 1e-300))


@compiled
def _total(own: np.ndarray, counts: np.ndarray, t: np.ndarray) -> np.ndarray:
    found = np.zeros(t.size)
    for k in range(counts.size):
        for i in range(t.size):
            found[i] += counts[k] * _log_factor(t[i], own[k])
    return found


@compiled
def _at(table: np.ndarray, place: float) -> float:
    """Interpolate a table by six points; `place` is in steps from its beginning."""
    i = min(max(int(place), 2), table.size - 4)
    u = place - i
    a, b, c, d, e = u + 2, u + 1, u - 1, u - 2, u - 3
    inner = b * u * c
    return float(
        inner * (a * d * table[i + 3] - d * e * table[i - 2]) * (1 / 120)
        + a * e * (u * c * d * table[i - 1] - inner * table[i + 2]) * (1 / 24)
        + a * b * d * e * (u * table[i + 1] - c * table[i]) * (1 / 12)
    )


@compiled
def _bracket(scores: Scores, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores of the trapezoid rule where its bracket is not 0, and it with weights."""
    t = scores.t[::_FINE].copy()
    found = np.empty(t.size)
    for j in range(t.size):
        law = -math.expm1(scores.total[_FINE * j] - _log_factor(t[j], own))
        found[j] = law - _phi(-t[j] / scores.s)
    some = np.flatnonzero(np.abs(found) > 0.1 * _NOTHING)
    if some.size == 0:
        return t[:0], found[:0]
    kept = slice(some[0], some[-1] + 1)
    found *= np.sqrt(t**2 + scores.s**2) * _FINE * scores.step / math.sqrt(2 * math.pi)
    return t[kept], found[kept]


@compiled
def _wrong(
    mu: float, R: float, scores: Scores, own: np.ndarray, t: np.ndarray, bracket: np.ndarray
) -> float:
    """Return S."""
    sigma, s = math.sqrt(R), scores.s
    total = 0.0
    if sigma >= 2 * _FINE * scores.step * math.sqrt(s * s + mu * mu):
        for j in range(np.searchsorted(t, mu - _FAR * sigma), t.size):
            z = (t[j] - mu) / sigma
            if z > _FAR:
                break
            total += bracket[j] * math.exp(-0.5 * z * z)
        return _phi(-mu / math.sqrt(s * s + R)) + total / sigma
    for k in range(-17, 18):
        x = mu + sigma * 0.5 * k
        place = math.asinh(x / s) / scores.step + scores.t.size // 2
        weight = math.exp(-0.125 * k * k) * 0.5 / math.sqrt(2 * math.pi)
        if place < 0:
            total += weight
        elif place < scores.t.size - 1:
            total -= weight * math.expm1(_at(scores.total, place) - _log_factor(x, own))
    return total


@compiled
def _nodes(low: float, high: float) -> np.ndarray:
    """Return Chebyshev nodes between two variances, as many as 1e-11 takes."""
    half = 0.5 * (high - low)
    # Functions that are analytic at R > 0 converge as (half / (2 R))^n.
    n = max(1, math.ceil(-25.3 / math.log(max(0.5 * half / (low + half), 1e-11))))
    return low + half + half * np.cos((2 * np.arange(n) + 1) * math.pi / (2 * n))


@compiled
def _combination(nodes: np.ndarray, x: float) -> np.ndarray:
    """Return the weights of values at Chebyshev nodes in their interpolation."""
    n = nodes.size
    found = np.zeros(n)
    for k in range(n):
        if x == nodes[k] or n == 1:
            found[:] = 0.0
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
    scores: Scores,
    many: Lengths,
    few: Lengths,
) -> np.ndarray:
    r"""Return the probability of a wrong answer.

    Parameters
    ----------
    kind, q, R : numpy.ndarray
        Shape (n,): row of `own`, weight and variance of the own score, sorted by row, then R.
    scores : Scores
    many, few : Lengths
        Rules for any weight, and for weights far below the width of S.

    Returns
    -------
    numpy.ndarray
        Shape (n, n_dimensions).
    """
    found = np.empty((q.size, many.bounds.size - 1))
    bend = 4 * _FINE * scores.step
    shortest, longest = many.chi.min(), many.chi.max()
    known, i = -1, 0
    own, t, bracket = scores.own[0], many.chi, many.weight
    while i < q.size:
        if kind[i] != known:
            known = kind[i]
            own = scores.own[known]
            t, bracket = _bracket(scores, own)
        j = i + 1
        while j < q.size and kind[j] == known and R[j] <= _WIDE * R[i]:
            j += 1
        nodes = _nodes(R[i], R[j - 1])
        if j - i < nodes.size:
            j = i + 1
            nodes = R[i:j].copy()
        # mu = scale sinh(bend _MU k): steps of _MU widths, then in proportion.
        scale = math.sqrt(R[i] + scores.s**2) / bend
        begin = int(math.asinh(q[i:j].min() * shortest / scale) / (bend * _MU)) - 2
        end = int(math.asinh(q[i:j].max() * longest / scale) / (bend * _MU)) + 4
        tables = np.zeros((nodes.size, end - begin))
        for n in range(nodes.size):
            for k in range(end - begin):
                mu = scale * math.sinh(bend * _MU * (begin + k))
                tables[n, k] = _wrong(mu, nodes[n], scores, own, t, bracket)
                if abs(tables[n, k]) < _NOTHING:
                    break
        for x in range(i, j):
            table = np.zeros(end - begin)
            share = _combination(nodes, R[x])
            for n in range(nodes.size):
                table += share[n] * tables[n]
            rule = few if q[x] <= _SMALL * bend * scale else many
            _average(table, begin, q[x] / scale, 1 / (bend * _MU), rule, found[x])
        i = j
    return found


@compiled
def _average(
    table: np.ndarray,
    begin: int,
    q: float,
    steps: float,
    rule: Lengths,
    found: np.ndarray,
) -> None:
    """Average S over the lengths of every dimension."""
    for j in range(found.size):
        total = 0.0
        for k in range(rule.bounds[j], rule.bounds[j + 1]):
            x = q * rule.chi[k]
            place = math.log(x + math.sqrt(x * x + 1.0)) * steps - begin
            if table[int(place)] == 0.0:
                break
            total += rule.weight[k] * _at(table, place)
        found[j] = min(max(total, 0.0), 1.0)
