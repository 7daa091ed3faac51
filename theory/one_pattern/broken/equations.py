r"""Retrieval with one step of replica-symmetry breaking, P >= 3.

Replicas in one state overlap by :math:`q_2`, those in different states of the retrieved
cluster by :math:`q_1`.  With the crosstalk :math:`G(q) = \frac12 \sum_k k w_k q^{k-1}`, signal
:math:`S = \frac P2 \tilde n^{P-1}` and the site function :math:`\Phi` of
`theory.one_pattern.broken.site` with :math:`V_1 = \alpha G(q_1)`,
:math:`s^2 = \alpha [G(q_2) - G(q_1)]`, the free energy is

.. math:: f = - E\,\Phi + \tfrac{P-1}2 \tilde n^P - \tfrac\alpha4 \sum_k w_k \Bigl\{
          \frac{1 - k q_2^{k-1} + (k-1) q_2^k}{T} - (k-1) \mu (q_2^k - q_1^k) \Bigr\},

stationary in :math:`\tilde n`, :math:`q_1`, :math:`q_2` and the weight :math:`\mu = \theta/T`:

.. math:: \tilde n = E\,u\langle\tanh\rangle, \quad q_1 = E\langle\tanh\rangle^2, \quad
          q_2 = E\langle\tanh^2\rangle, \quad
          E\,\partial_\mu\Phi = \tfrac\alpha4 \sum_k w_k (k-1)(q_2^k - q_1^k).

The load :math:`\alpha = V_1/G(q_1)` is explicit in the logarithms of

.. math:: S/\sqrt{V_1}, \quad \sqrt{V_1}, \quad s/\sqrt{V_1}, \quad \mu \sqrt{V_1},

on which three equations are left: at one temperature the states are a curve in this space.  It
runs from alpha = 0 (T = 0), or from the de Almeida-Thouless line where s = 0, up to the largest
load, the spinodal (`curve`).

References: arXiv:2111.12997 (1RSB in Hebbian networks); E. Gardner, Nucl. Phys.
B 257, 747 (1985), doi:10.1016/0550-3213(85)90374-8 (P-spin glass).
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.replica import MeanField, overlap_of

from .crosstalk import broken_energy, broken_free_energy, covariances
from .site import cluster_sites

__all__ = ["advance", "balance", "dot", "observables", "settle", "tangent"]

_DIFFERENCE = 1e-4  # of the logarithms, for derivatives


@compiled
def balance(field: MeanField, T: float, x: np.ndarray) -> np.ndarray:
    """Return the violation of the three equations at a point, and ln alpha."""
    sigma, s, mu = math.exp(x[1]), math.exp(x[1] + x[2]), math.exp(x[3] - x[1])
    S = math.exp(x[0] + x[1])
    _, n, gap_1, step, chi, _, _, complexity = cluster_sites(field.law, S, sigma**2, s, mu, T)
    base, rise, outer = covariances(field.crosstalk, gap_1, step, chi, mu, T)
    alpha = sigma**2 / base
    out = np.empty(4)
    # Without a signal its equation holds.
    out[0] = math.log(overlap_of(field.order, S) / n) if S > 0 else 0.0
    out[1] = 0.5 * math.log(rise / base) - x[2]
    out[2] = math.log(0.25 * alpha * mu * outer / complexity)
    out[3] = math.log(alpha)
    return out


@compiled
def advance(x: np.ndarray, step: float, along: np.ndarray) -> np.ndarray:
    """Return x + step along; spelt out once, because array expressions are slow to compile."""
    out = np.empty(4)
    for j in range(4):
        out[j] = x[j] + step * along[j]
    return out


@compiled
def dot(x: np.ndarray, y: np.ndarray) -> float:
    """Return the scalar product."""
    return x[0] * y[0] + x[1] * y[1] + x[2] * y[2] + x[3] * y[3]


@compiled
def _violation(value: np.ndarray) -> float:
    return max(abs(value[0]), abs(value[1]), abs(value[2]))


@compiled
def _jacobian(field: MeanField, T: float, x: np.ndarray) -> np.ndarray:
    """Return the derivatives of `balance` by central differences."""
    matrix = np.zeros((4, 4))
    moved = x.copy()
    for j in range(1 if x[0] == -np.inf else 0, 4):
        moved[j] = x[j] + _DIFFERENCE
        above = balance(field, T, moved)
        moved[j] = x[j] - _DIFFERENCE
        below = balance(field, T, moved)
        moved[j] = x[j]
        for i in range(4):
            matrix[i, j] = (above[i] - below[i]) / (2 * _DIFFERENCE)
    return matrix


@compiled
def _eliminate(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve a linear system of four equations, by elimination with pivoting."""
    a, b = matrix.copy(), right.copy()
    for i in range(4):
        pivot = i
        for k in range(i + 1, 4):
            if abs(a[k, i]) > abs(a[pivot, i]):
                pivot = k
        for j in range(4):
            a[i, j], a[pivot, j] = a[pivot, j], a[i, j]
        b[i], b[pivot] = b[pivot], b[i]
        for k in range(i + 1, 4):
            factor = a[k, i] / a[i, i]
            for j in range(i, 4):
                a[k, j] -= factor * a[i, j]
            b[k] -= factor * b[i]
    for i in range(3, -1, -1):
        for j in range(i + 1, 4):
            b[i] -= a[i, j] * b[j]
        b[i] /= a[i, i]
    return b


@compiled
def settle(
    field: MeanField, T: float, x: np.ndarray, direction: np.ndarray, load: float
) -> tuple[np.ndarray, float, float, int]:
    """Move from x onto the curve by Newton's method.

    Orthogonally to `direction` or, where `load` is not NaN, to the state of that ln alpha.
    Without a signal, x[0] = -inf, the state is a glass.  Returns x, ln alpha (NaN if the
    iteration strays), the residual and n_iter.
    """
    matrix = np.empty((4, 4))
    right = np.empty(4)
    fixed = not math.isnan(load)
    value = balance(field, T, x)
    miss = load - value[3] if fixed else 0.0
    size, old = max(_violation(value), abs(miss)), np.inf
    for iteration in range(1, 31):
        if not size < np.inf:
            return x, np.nan, size, iteration
        if size <= 1e-13 or (size <= 1e-9 and size > 0.1 * old):
            return x, value[3], size, iteration
        if size > 0.02 * old or iteration == 1:
            # The matrix is kept while it serves.
            matrix = _jacobian(field, T, x)
            if not fixed:
                for j in range(4):
                    matrix[3, j] = direction[j]
            if x[0] == -np.inf:
                matrix[0, 0] = 1.0
        for i in range(3):
            right[i] = -value[i]
        right[3] = miss
        step = _eliminate(matrix, right)
        length = math.sqrt(dot(step, step))
        if not length < np.inf:
            return x, np.nan, size, iteration
        scale = min(1.0, 1 / length)
        old = size
        for _ in range(6):
            value = balance(field, T, advance(x, scale, step))
            miss = load - value[3] if fixed else 0.0
            size = max(_violation(value), abs(miss))
            if size < 2 * old:
                break
            scale *= 0.5
        x = advance(x, scale, step)
    return x, np.nan, size, 30


@compiled
def tangent(
    field: MeanField, T: float, x: np.ndarray, reference: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the unit tangent on the side of `reference` and the derivative of ln alpha."""
    matrix = _jacobian(field, T, x)
    load = matrix[3].copy()
    right = np.zeros(4)
    right[3] = 1.0
    along, shortest = load, np.inf
    for i in range(4):
        # With the largest component set to 1 the solution is the shortest.
        for j in range(4):
            matrix[3, j] = 1.0 if i == j else 0.0
        candidate = _eliminate(matrix, right)
        length = math.sqrt(dot(candidate, candidate))
        if length < shortest:
            along, shortest = candidate, length
    sign = -1.0 if dot(along, reference) < 0 else 1.0
    along = advance(np.zeros(4), sign / shortest, along)
    return along, dot(load, along)


@compiled
def observables(
    field: MeanField, T: float, x: np.ndarray
) -> tuple[float, float, float, float, float, float, float, float]:
    r"""Return (m, n tilde, :math:`q_2`, :math:`q_1`, chi, mu, free_energy, energy) of a state."""
    sigma, s, mu = math.exp(x[1]), math.exp(x[1] + x[2]), math.exp(x[3] - x[1])
    m, n, gap_1, step, chi, common, excess, _ = cluster_sites(
        field.law, math.exp(x[0] + x[1]), sigma**2, s, mu, T
    )
    base, _, _ = covariances(field.crosstalk, gap_1, step, chi, mu, T)
    alpha = sigma**2 / base
    free_energy = 0.5 * (field.order - 1) * n**field.order - common - excess
    free_energy += alpha * broken_free_energy(field.crosstalk, gap_1, step, chi, mu, T)
    energy = alpha * broken_energy(field.crosstalk, gap_1, step, chi, mu, T)
    energy -= 0.5 * n**field.order
    return m, n, 1 - T * chi, 1 - gap_1, chi, mu, free_energy, energy
