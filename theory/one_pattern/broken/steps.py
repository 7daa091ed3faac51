r"""A glass of P-spin couplings with several steps of replica-symmetry breaking, m = n = 0.

Overlaps :math:`q_0 < q_1 < \dots < q_k` and weights :math:`\mu_1 < \dots < \mu_k`
(:math:`\mu = x/T` of Parisi's function q(x), finite at T = 0).  With
:math:`\Phi_k(h) = T \ln 2\cosh(h/T)`, :math:`v_j = \alpha [G(q_j) - G(q_{j-1})]`,
:math:`v_0 = \alpha G(q_0)` and :math:`G = \frac12 \sum_l l w_l q^{l-1}`,

.. math:: \Phi_{j-1}(h) = \frac1{\mu_j} \ln \int Dy\, e^{\mu_j \Phi_j(h + \sqrt{v_j} y)},

.. math:: f = -\int Dy\, \Phi_0(\sqrt{v_0} y) - \frac\alpha4 \sum_l w_l \Bigl\{
          \frac{1 - l q_k^{l-1} + (l-1) q_k^l}T
          - (l-1) \sum_j \mu_j (q_j^l - q_{j-1}^l) \Bigr\}

is stationary where :math:`q_j = E\,(\Phi_j')^2`, the average over the measure that the weights
build up level by level, and :math:`E\,\partial_{\mu_j} \Phi_{j-1} = \frac\alpha4 \sum_l w_l
(l-1)(q_j^l - q_{j-1}^l)` (G. Parisi, Phys. Rev. Lett. 43, 1754 (1979),
doi:10.1103/PhysRevLett.43.1754).  Functions of the field live on a uniform grid, on which
Gaussian convolutions are sums; the innermost integral, where :math:`\Phi_k` has a kink at T = 0, is
that of `theory.one_pattern.broken.site`.  The load is 1: it only sets the scale.
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk

from .site import cluster_site

__all__ = ["balance", "overlaps", "solve_steps"]

_SQRT_2PI = math.sqrt(2 * math.pi)
_FINENESS = 0.55  # of the grid, in units of the narrowest Gaussian
_REACH = 7.5  # of the fields, in standard deviations
_DIFFERENCE = 1e-5


@compiled
def _covariance(crosstalk: Crosstalk, q: float) -> float:
    value = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        value += 0.5 * k * w * q ** (k - 1)
    return value


@compiled
def _surplus(crosstalk: Crosstalk, q: float) -> float:
    value = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        value += w * (k - 1) * q**k
    return value


@compiled
def overlaps(z: np.ndarray, T: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return (q, mu, chi) of unknowns: ln chi, the logits of ratios of overlaps, ln mu."""
    k = z.size // 2
    chi = math.exp(z[0])
    q, mu = np.empty(k + 1), np.empty(k + 1)
    q[k] = 1 - T * chi
    mu[0] = 0.0
    for j in range(k - 1, -1, -1):
        q[j] = q[j + 1] / (1 + math.exp(-z[1 + j]))
        mu[j + 1] = math.exp(z[1 + k + j])
    return q, mu, chi


@compiled
def balance(crosstalk: Crosstalk, T: float, z: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the violation of the equations of state and the free energy."""
    k = z.size // 2
    q, mu, chi = overlaps(z, T)
    out = np.full(z.size, np.nan)
    if not q[k] > 0:
        return out, np.nan
    variance = np.empty(k + 1)
    variance[0] = _covariance(crosstalk, q[0])
    for j in range(1, k + 1):
        variance[j] = _covariance(crosstalk, q[j]) - _covariance(crosstalk, q[j - 1])
    s = math.sqrt(variance[k])
    width = math.sqrt(variance.min())
    total = math.sqrt(variance[:k].sum())
    # The weights tilt the fields outwards.
    tilt = 0.0
    for j in range(1, k):
        tilt += mu[j] * variance[j]
    spacing = _FINENESS * width
    half = math.ceil((_REACH * total + tilt) / spacing)
    n = 2 * half + 1
    if not n < 4000:
        return out, np.nan
    phi, slope = np.empty((k, n)), np.empty((k, n))
    soft, rest = np.empty(n), np.empty(n)
    for i in range(half, n):
        w = (i - half) * spacing
        excess, lost, hard, more = cluster_site(w, s, mu[k], T)
        for at, sign in ((i, 1.0), (n - 1 - i, -1.0)):
            phi[k - 1, at] = w + 0.5 * mu[k] * s * s + excess
            slope[k - 1, at] = sign * (1 - lost)
            soft[at] = hard
            rest[at] = 0.5 * mu[k] * s * s + more - excess
    # What the measure of each level sums: of the weights inwards, then outwards.
    for j in range(k - 1, 0, -1):
        scale = spacing / math.sqrt(2 * math.pi * variance[j])
        for i in range(half, n):
            norm = mean = 0.0
            for a in range(n):
                d = (a - i) * spacing
                p = math.exp(mu[j] * (phi[j, a] - phi[j, i]) - 0.5 * d * d / variance[j])
                norm += p
                mean += p * slope[j, a]
            for at, sign in ((i, 1.0), (n - 1 - i, -1.0)):
                phi[j - 1, at] = phi[j, i] + math.log(norm * scale) / mu[j]
                slope[j - 1, at] = sign * mean / norm
    measure = np.empty((k, n))
    scale = spacing / math.sqrt(2 * math.pi * variance[0])
    ground = 0.0
    for i in range(n):
        w = (i - half) * spacing
        measure[0, i] = scale * math.exp(-0.5 * w * w / variance[0])
        ground += measure[0, i] * phi[0, i]
    for j in range(1, k):
        scale = spacing / math.sqrt(2 * math.pi * variance[j])
        for a in range(half, n):
            total = 0.0
            for i in range(n):
                d = (a - i) * spacing
                total += measure[j - 1, i] * math.exp(
                    mu[j] * (phi[j, a] - phi[j - 1, i]) - 0.5 * d * d / variance[j]
                )
            measure[j, a] = measure[j, n - 1 - a] = scale * total
    for j in range(k):
        mean = 0.0
        for i in range(n):
            mean += measure[j, i] * slope[j, i] ** 2
        out[1 + j] = math.log(mean / q[j])
    response = breaking = 0.0
    for i in range(n):
        response += measure[k - 1, i] * soft[i]
        breaking += measure[k - 1, i] * rest[i]
    out[0] = math.log(response / chi)
    last = _surplus(crosstalk, q[k])
    free_energy = -ground
    for w, rank in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        power = 1.0
        for i in range(1, int(rank)):
            free_energy -= 0.25 * w * T * chi**2 * i * power
            power *= q[k]
    for j in range(k, 0, -1):
        if j < k:
            breaking = 0.0
            for i in range(n):
                breaking += measure[j, i] * phi[j, i] - measure[j - 1, i] * phi[j - 1, i]
        first = _surplus(crosstalk, q[j - 1])
        out[k + j] = math.log(breaking / mu[j] / (0.25 * (last - first)))
        free_energy += 0.25 * mu[j] * (last - first)
        last = first
    return out, free_energy


@compiled
def solve_steps(crosstalk: Crosstalk, T: float, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the unknowns by Newton's method and the residual, NaN if it strays."""
    z = start.copy()
    n = z.size
    jacobian = np.empty((n, n))
    value, _ = balance(crosstalk, T, z)
    size, old = np.abs(value).max(), np.inf
    for iteration in range(25):
        if not size < np.inf:
            return z, np.nan
        if size <= 1e-11 or (size <= 1e-8 and size > 0.5 * old):
            return z, size
        if iteration == 0 or size > 0.05 * old:
            for j in range(n):
                moved = z.copy()
                moved[j] += _DIFFERENCE
                above, _ = balance(crosstalk, T, moved)
                moved[j] -= 2 * _DIFFERENCE
                below, _ = balance(crosstalk, T, moved)
                jacobian[:, j] = (above - below) / (2 * _DIFFERENCE)
        step = np.linalg.solve(jacobian, -value)
        scale = min(1.0, 0.7 / np.abs(step).max())
        old = size
        for _ in range(6):
            value, _ = balance(crosstalk, T, z + scale * step)
            size = np.abs(value).max()
            if size < 2 * old:
                break
            scale *= 0.5
        z += scale * step
    return z, np.nan
