"""One step of many trajectories of the effective spin, in one pass over their past.

A block of trajectories at a time: their spins and normal numbers are read once, for the fields
and, while they are in the cache, for the sums that the next fields follow from.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled_sum

__all__ = ["advance"]

BLOCK = 512

_HALF, _ONE, _TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)


@compiled_sum
def advance(
    spins: np.ndarray,
    noise: np.ndarray,
    means: np.ndarray,
    coins: np.ndarray,
    S: float,
    reaction: np.ndarray,
    factor: np.ndarray,
    T: float,
    rate: float,
    correlations: np.ndarray,
    projections: np.ndarray,
    slopes: np.ndarray,
) -> tuple[float, float]:
    r"""Draw the spins of time t + 1 in the fields of time t.

    The field is :math:`h = u S + \sum_{k \le t} [R(t, k) s(k) + L(t, k) z(k)]`; a spin is drawn
    anew with probability `rate`, by heat bath.

    Parameters
    ----------
    spins : (> t + 1, j) int8
        +-1; row t + 1 is written.
    noise : (> t, j) float32
        z.
    means, coins : (j,) float32
        u, and uniform numbers in (0, 1).
    S : float
    reaction, factor : (p, t + 1) float32
        R(t, k) and L(t, k) of each part of the trajectories.
    T, rate : float
    correlations : (t + 1,) float64
        Overwritten: sums of s(t + 1) s(k).
    projections : (p, t + 1) float64
        Overwritten: sums of <s> z(k) over each part of the trajectories, <s> the mean of a spin
        that is drawn.
    slopes : (p,) float64
        Overwritten: sums of d<s>/dh over each part; 0 at T = 0.

    Returns
    -------
    m, n : float
        Sums of <s> and u <s>.
    """
    t, n_trajectories = factor.shape[1] - 1, means.size
    h, mean = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    drawn = np.empty(BLOCK, np.float32)
    all_of, up_to = np.float32(rate), _HALF * np.float32(rate)
    beta = np.float32(-2.0 / T) if T > 0 else np.float32(0.0)
    strength = np.float32(S)
    m, n = 0.0, 0.0
    correlations[:] = 0.0
    projections[:, :] = 0.0
    slopes[:] = 0.0
    n_parts = len(factor)
    size = n_trajectories // n_parts
    per_part = -(-size // BLOCK)
    for block in range(n_parts * per_part):
        part = block // per_part
        first = part * size + (block - part * per_part) * BLOCK
        width = min(BLOCK, (part + 1) * size - first)
        here = slice(first, first + width)
        u, coin, old, new = means[here], coins[here], spins[t, here], spins[t + 1, here]
        for j in range(width):
            h[j] = strength * u[j]
        for k in range(t + 1):
            r, f = reaction[part, k], factor[part, k]
            s, z = spins[k, here], noise[k, here]
            for j in range(width):
                h[j] += r * np.float32(s[j]) + f * z[j]
        if T > 0:
            for j in range(width):
                mean[j] = _TWO / (_ONE + np.exp(beta * h[j])) - _ONE
        else:
            for j in range(width):
                mean[j] = np.sign(h[j])
        some_m = some_n = flat = np.float32(0.0)
        for j in range(width):
            x = coin[j]
            stays = np.float32(old[j]) if x >= all_of else -_ONE
            drawn[j] = _ONE if x < up_to * (_ONE + mean[j]) else stays
            new[j] = np.int8(drawn[j])
            some_m += mean[j]
            some_n += mean[j] * u[j]
            flat += _ONE - mean[j] * mean[j]
        m += np.float64(some_m)
        n += np.float64(some_n)
        if T > 0:
            slopes[part] += flat / T
        for k in range(t + 1):
            s, z = spins[k, here], noise[k, here]
            c = p = np.float32(0.0)
            for j in range(width):
                c += drawn[j] * np.float32(s[j])
                p += mean[j] * z[j]
            correlations[k] += c
            projections[part, k] += p
    return m, n
