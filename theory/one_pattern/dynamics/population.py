r"""Trajectories of the effective spin that share their order parameters.

Everything at time t + 1 follows from the times before: the covariance of the noise gives new
normal numbers their weights, spins are drawn in their fields, and averages over the trajectories
are the next rows of C and of G.  The response is read off by Novikov's theorem,
:math:`\sum_u V(t', u) G(t, u) = E\langle s(t)\rangle \varphi(t')`, which holds at T = 0 too.

Normal numbers, coins and the example means of all trajectories are the quantiles of their laws in
a random order, one order for each time (a Latin hypercube): the first step is then exact, and
the later ones have far less scatter than with independent numbers.  They depend on the seed and
the number of the population alone, so that neighbouring loads and starts share them.

In continuous time a spin is drawn anew with probability :math:`1 - e^{-\Delta}` in a step of
length :math:`\Delta`, the exact law in a field that stays: the error is that of a field that
changes within a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from hebbian.streams import stream
from theory.averages.example_law import ExampleLaw
from theory.course import Course
from theory.one_pattern.replica import MeanField, signal

from .correlations import add_noise, add_response, empty_past
from .passes import advance

__all__ = ["BYTES", "evolve"]

#: Of a trajectory and a step: a normal number and a spin.
BYTES = 5


def evolve(
    field: MeanField, alpha: float, T: float, start: float, course: Course, size: int, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""Follow one population from a start without a sign of its own.

    Parameters
    ----------
    field : MeanField
    alpha, T, start : float
        A load above 0.
    course : Course
    size, number : int
        Trajectories of this population, and its number.

    Returns
    -------
    m, n : numpy.ndarray
        Shape (n_steps + 1,); n is that of the equations, :math:`\tilde n`.
    C, G : numpy.ndarray
        Shape (n_steps + 1, n_steps + 1).
    """
    law, crosstalk = field.law, field.crosstalk
    per_step, diagonal = course.substeps, course.dynamics == "parallel-diagonal"
    n_times = course.n_steps * per_step + 1
    rate = -math.expm1(-1 / per_step) if course.continuous else 1.0
    # Nothing tells up from down: an overlap of 0 stays, in the population as in its limit.
    symmetric = start == 0
    orders, normal, middle = _orders(course.seed, size, number), _normal(size), _middle(size)
    spins = np.empty((n_times, size), np.int8)
    noise = np.empty((n_times - 1, size), np.float32)
    means = _example_means(law, middle[next(orders)])
    spins[0] = np.where(middle[next(orders)] < 0.5 * (1 + start), 1, -1)
    coins, past = np.empty(size, np.float32), empty_past(crosstalk, n_times)
    m, n = np.zeros(n_times), np.zeros(n_times)
    m[0], n[0] = start, law.mean * start
    correlations, projections = np.empty(n_times), np.empty(n_times)
    for t in range(n_times - 1):
        add_noise(past, crosstalk, alpha, t, diagonal)
        noise[t] = normal[next(orders)]
        coins[:] = middle[next(orders)]
        row = slice(t + 1)
        sums = advance(
            spins,
            noise,
            means,
            coins,
            signal(field.order, n[t]),
            past.R[t, row].astype(np.float32),
            past.L[t, row].astype(np.float32),
            T,
            rate,
            correlations[row],
            projections[row],
        )
        if not symmetric:
            m[t + 1] = (1 - rate) * m[t] + rate * sums[0] / size
            n[t + 1] = (1 - rate) * n[t] + rate * sums[1] / size
        past.C[t + 1, row] = past.C[row, t + 1] = correlations[row] / size
        past.C[t + 1, t + 1] = 1.0
        past.projections[row] *= 1 - rate
        past.projections[row] += rate * projections[row] / size
        add_response(past, t + 1)
    whole = slice(None, None, per_step)
    during = past.G[whole, : n_times - 1].reshape(course.n_steps + 1, course.n_steps, per_step)
    G = np.zeros((course.n_steps + 1,) * 2)
    G[:, :-1] = during.sum(axis=-1)
    return m[whole], n[whole], past.C[whole, whole], G


def _orders(seed: int, size: int, number: int) -> Iterator[np.ndarray]:
    """Yield random orders of the trajectories, one stream for each population."""
    stream_of = stream(seed, "trajectories", size=size, number=number)
    rng = np.random.Generator(np.random.SFC64(stream_of))
    order = np.arange(size, dtype=np.int32)
    while True:
        rng.shuffle(order)
        yield order


def _middle(size: int) -> np.ndarray:
    """Return the middles of equal parts of (0, 1)."""
    return ((np.arange(size) + 0.5) / size).astype(np.float32)


def _normal(size: int) -> np.ndarray:
    """Return quantiles of the normal law, of variance one."""
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(size) + 0.5) / size)
    return np.asarray(quantiles / quantiles.std(), np.float32)


def _example_means(law: ExampleLaw, quantiles: np.ndarray) -> np.ndarray:
    """Return u at quantiles of its law."""
    if law.spread:
        from scipy.special import ndtri

        return np.asarray(law.mean + math.sqrt(law.spread) * ndtri(quantiles), np.float32)
    place = np.searchsorted(np.cumsum(law.weight)[:-1], quantiles)
    return law.u[place].astype(np.float32)
