r"""Noise and reaction at a new time, from the correlations and responses before it.

The classes that are not retrieved act on a site through C and G, the two-time companions of the
q and chi of `theory.one_pattern.crosstalk`, with the same weights:

* P >= 3, element by element: :math:`V = \frac\alpha2 \sum_k k w_k C^{k-1}`,
  :math:`R = \frac\alpha2 \sum_k k (k-1) w_k C^{k-2} G`;
* P = 2: :math:`V = \alpha \sum_g g v^2 (1-vG)^{-1} C (1-vG^{\rm t})^{-1}`,
  :math:`R = \alpha \sum_g g v [(1-vG)^{-1} - 1]`, and :math:`\alpha \sum_g g v` at equal times
  where the couplings keep their diagonal.

The second line: with eigenvalue v of its covariance a mode of one class has the overlap
:math:`y = \sqrt v w + v G y`, w a Gaussian of covariance C, because y at t' is a field on all its
sites; a site meets it with variance v and is answered by what it did itself.  G(t, t') is 0 for
t <= t', so that every row follows from those above it.

G is sampled, and its scatter enters V twice over: with one estimate on both sides the noise would
be too strong by (steps)/(alpha n) of itself for n trajectories.  Hence every part of the
trajectories (`draws.PARTS`) has an estimate of its own, and feels the noise and the reaction that
follow from those of the other two, one on either side.

In continuous time the field stays as it is in the middle of a step, where C and G are means over
its ends (`add_middle`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled, compiled_sum
from theory.one_pattern.crosstalk import Crosstalk

__all__ = ["Past", "add_middle", "add_noise", "add_response", "empty_past"]

#: Of the variance of the noise: a smaller part that is new at a step is told of too inaccurately.
NOTHING_NEW = 0.01
#: The same at P = 2 in units of 1/(alpha n) for n trajectories, where G is sampled twice over.
UNSURE = 4.0
#: The same at most.
MOST = 0.25


class Past(NamedTuple):
    """What the order parameters of all times so far are, (n, n) where nothing else is said.

    Parameters
    ----------
    C : numpy.ndarray
        Correlation.
    G : numpy.ndarray
        Shape (p, n, n): response, as each part of the trajectories estimates it.
    V, R : numpy.ndarray
        Shape (p, n, n): covariance of the noise that each part feels, and reaction: R(t, u) s(u)
        is a field at t.
    L : numpy.ndarray
        Shape (p, n, n): lower triangular, V = L L^t.
    modes : numpy.ndarray
        Shape (g, p, n, n): (1 - vG)^-1 for each eigenvalue at P = 2; empty beyond.
    """

    C: np.ndarray
    G: np.ndarray
    V: np.ndarray
    R: np.ndarray
    L: np.ndarray
    modes: np.ndarray


def empty_past(crosstalk: Crosstalk, n_parts: int, n_times: int) -> Past:
    """Return the past at time 0 with room for `n_times` times."""
    C, (G, V, R, L) = np.zeros((n_times, n_times)), np.zeros((4, n_parts, n_times, n_times))
    C[0, 0] = 1.0
    n_modes = crosstalk.rank.size if crosstalk.resummed else 0
    return Past(C, G, V, R, L, modes=np.zeros((n_modes, n_parts, n_times, n_times)))


@compiled
def add_noise(
    past: Past, crosstalk: Crosstalk, alpha: float, t: int, diagonal: bool, size: int
) -> None:
    """Fill row t of V, R and L (and of `modes`) from rows 0, ..., t of C and G.

    `size` is the number of trajectories.
    """
    past.V[:, t, : t + 1] = 0.0
    past.R[:, t, : t + 1] = 0.0
    least = NOTHING_NEW
    if crosstalk.resummed:
        least = min(max(least, UNSURE / (alpha * size)), MOST)
    for g in range(crosstalk.rank.size):
        w, k = alpha * crosstalk.strength[g], crosstalk.rank[g]
        if crosstalk.resummed:
            _add_mode(past, past.modes[g], w, k, t, diagonal)
        else:
            _add_power(past, w, k, t)
    for i in range(len(past.L)):
        _add_factor(past.V[i], past.L[i], t, least)


@compiled
def _add_power(past: Past, w: float, k: float, t: int) -> None:
    """Add couplings of k sites to row t of V and R."""
    C, G, n_parts = past.C, past.G, len(past.G)
    for i in range(n_parts):
        for u in range(t + 1):
            past.V[i, t, u] += 0.5 * k * w * C[t, u] ** (k - 1)
            if k > 1:
                others = 0.5 * (G[(i + 1) % n_parts, t, u] + G[(i + 2) % n_parts, t, u])
                past.R[i, t, u] += 0.5 * k * (k - 1) * w * C[t, u] ** (k - 2) * others


@compiled
def _add_mode(past: Past, A: np.ndarray, w: float, v: float, t: int, diagonal: bool) -> None:
    """Add modes of eigenvalue v to row t of V and R, and their row of A = (1 - vG)^-1."""
    C, G, n_parts, seen = past.C, past.G, len(past.G), np.empty(t + 1)
    for i in range(n_parts):
        own = 1 - v * G[i, t, t]
        _combine(v * G[i, t, :t] / own, A[i, :t, :t], A[i, t, :t])
        A[i, t, t] = 1 / own
    for i in range(n_parts):
        _combine(A[i, t, : t + 1], C[: t + 1, : t + 1], seen)
        for step in (1, 2):
            j, feels = (i + step) % n_parts, (i - step) % n_parts
            for u in range(t + 1):
                past.V[feels, t, u] += 0.5 * w * v**2 * _dot(seen[: u + 1], A[j, u, : u + 1])
                past.R[feels, t, u] += 0.5 * w * v * A[i, t, u]
        if not diagonal:
            past.R[i, t, t] -= w * v


@compiled
def _add_factor(V: np.ndarray, L: np.ndarray, t: int, least: float) -> None:
    """Add row t of the factor L of V; nothing is new at t below a part `least` of its variance."""
    for u in range(t):
        rest = V[t, u] - _dot(L[t, :u], L[u, :u])
        L[t, u] = rest / L[u, u] if L[u, u] > 0 else 0.0
    old = _dot(L[t, :t], L[t, :t])
    if V[t, t] - old > least * V[t, t]:
        L[t, t] = math.sqrt(V[t, t] - old)
        return
    L[t, t] = 0.0
    if old > 0:
        L[t, :t] *= math.sqrt(max(V[t, t], 0.0) / old)


@compiled
def add_response(
    G: np.ndarray,
    past: Past,
    t: int,
    rate: float,
    projections: np.ndarray,
    slopes: np.ndarray,
    direct: bool,
) -> None:
    r"""Fill row t of G, of spins of which a part `rate` is drawn anew.

    Novikov's theorem: :math:`\sum_{t'} G(t, t') L(t', u) = E \langle s(t)\rangle z(u)`.  Where
    nothing of the noise was new, what a field does follows from the fields before.

    Parameters
    ----------
    G : (p, n, n)
    past : Past
    t : int
    rate : float
    projections : (p, t)
        E <s(t)> z(u) of the spins that are drawn.
    slopes : (p,)
        Their response to the field that they are drawn in.
    direct : bool
        Whether `slopes` are known: at T > 0.
    """
    for i in range(len(G)):
        L, rest = past.L[i], projections[i].copy()
        for u in range(t - 1, -1, -1):
            if direct and u == t - 1:
                answer = slopes[i]
            else:
                answer = rest[u] / L[u, u] if L[u, u] > 0 else 0.0
            G[i, t, u] = (1 - rate) * G[i, t - 1, u] + rate * answer
            for before in range(u):
                rest[before] -= answer * L[u, before]


@compiled
def add_middle(past: Past, C: np.ndarray, G: np.ndarray, t: int) -> None:
    """Fill row t, the middle of the step that begins at t, from rows 0, ..., t + 1 of C and G."""
    for u in range(t):
        mean = 0.25 * (C[t, u] + C[t + 1, u] + C[t, u + 1] + C[t + 1, u + 1])
        past.C[t, u] = past.C[u, t] = mean
        for i in range(len(G)):
            past.G[i, t, u] = 0.5 * (G[i, t, u] + G[i, t + 1, u])
    past.C[t, t] = 1.0
    for i in range(len(G)):
        past.G[i, t, t] = 0.5 * G[i, t + 1, t]


@compiled_sum
def _dot(left: np.ndarray, right: np.ndarray) -> float:
    total = 0.0
    for i in range(left.size):
        total += left[i] * right[i]
    return total


@compiled_sum
def _combine(weights: np.ndarray, rows: np.ndarray, out: np.ndarray) -> None:
    """Fill `out` with the sum of the rows with their weights."""
    out[:] = 0.0
    for i in range(weights.size):
        for j in range(out.size):
            out[j] += weights[i] * rows[i, j]
