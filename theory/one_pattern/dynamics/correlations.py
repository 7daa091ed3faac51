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
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled, compiled_sum
from theory.one_pattern.crosstalk import Crosstalk

__all__ = ["Past", "add_noise", "add_response", "empty_past"]

#: Of the variance of the noise: a smaller part that is new at a step is rounding.
NOTHING_NEW = 1e-10


class Past(NamedTuple):
    """What the order parameters of all times so far are, (n, n) each but the last.

    Parameters
    ----------
    C, G : numpy.ndarray
        Correlation and response.
    V, R : numpy.ndarray
        Covariance of the noise and reaction: R(t, u) s(u) is a field at t.
    L : numpy.ndarray
        Lower triangular, V = L L^t.
    modes : numpy.ndarray
        Shape (g, n, n): (1 - vG)^-1 for each eigenvalue at P = 2; empty beyond.
    projections : numpy.ndarray
        Shape (n,): E <s(t)> z(u) of the newest t and the normal numbers of each u.
    """

    C: np.ndarray
    G: np.ndarray
    V: np.ndarray
    R: np.ndarray
    L: np.ndarray
    modes: np.ndarray
    projections: np.ndarray


def empty_past(crosstalk: Crosstalk, n_times: int) -> Past:
    """Return the past at time 0 with room for `n_times` times."""
    C, G, V, R, L = np.zeros((5, n_times, n_times))
    C[0, 0] = 1.0
    n_modes = crosstalk.rank.size if crosstalk.resummed else 0
    modes = np.zeros((n_modes, n_times, n_times))
    return Past(C, G, V, R, L, modes, projections=np.zeros(n_times))


@compiled
def add_noise(past: Past, crosstalk: Crosstalk, alpha: float, t: int, diagonal: bool) -> None:
    """Fill row t of V, R and L (and of `modes`) from rows 0, ..., t of C and G."""
    C, G, V, R, L = past.C, past.G, past.V, past.R, past.L
    V[t, : t + 1] = 0.0
    R[t, : t + 1] = 0.0
    for g in range(crosstalk.rank.size):
        w, k = crosstalk.strength[g], crosstalk.rank[g]
        if crosstalk.resummed:
            A = past.modes[g]
            _combine(k * G[t, :t], A[:t, :t], A[t, :t])
            A[t, t] = 1.0
            seen = np.empty(t + 1)
            _combine(A[t, : t + 1], C[: t + 1, : t + 1], seen)
            for u in range(t + 1):
                V[t, u] += alpha * w * k**2 * _dot(seen[: u + 1], A[u, : u + 1])
            for u in range(t):
                R[t, u] += alpha * w * k * A[t, u]
            if diagonal:
                R[t, t] += alpha * w * k
        else:
            for u in range(t + 1):
                V[t, u] += 0.5 * alpha * k * w * C[t, u] ** (k - 1)
            if k > 1:
                for u in range(t):
                    R[t, u] += 0.5 * alpha * k * (k - 1) * w * C[t, u] ** (k - 2) * G[t, u]
    for u in range(t):
        rest = V[t, u] - _dot(L[t, :u], L[u, :u])
        L[t, u] = rest / L[u, u] if L[u, u] > 0 else 0.0
    new = V[t, t] - _dot(L[t, :t], L[t, :t])
    L[t, t] = math.sqrt(new) if new > NOTHING_NEW * V[t, t] else 0.0


@compiled
def add_response(past: Past, t: int) -> None:
    r"""Fill row t of G from the projections of <s(t)> on the normal numbers z(u), u < t.

    Novikov's theorem: :math:`\sum_{t'} G(t, t') L(t', u) = E \langle s(t)\rangle z(u)`.  Where
    nothing of the noise was new, what a field does follows from the fields before.
    """
    G, L, rest = past.G, past.L, past.projections[:t].copy()
    for u in range(t - 1, -1, -1):
        G[t, u] = rest[u] / L[u, u] if L[u, u] > 0 else 0.0
        for before in range(u):
            rest[before] -= G[t, u] * L[u, before]


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
