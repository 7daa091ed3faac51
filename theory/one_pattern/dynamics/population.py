r"""Trajectories of the effective spin that share their order parameters.

Everything at time t + 1 follows from the times before: the covariance of the noise gives new
normal numbers their weights, spins are drawn in their fields, and averages over the trajectories
are the next rows of C and of G.  The response is read off by Novikov's theorem,
:math:`\sum_u V(t', u) G(t, u) = E\langle s(t)\rangle \varphi(t')`, which holds at T = 0 too.

In continuous time a spin is drawn anew with probability :math:`1 - e^{-\Delta}` in a step of
length :math:`\Delta`, the exact law in a field that stays: the error is that of a field that
changes within a step, of first order in :math:`\Delta`.
"""

from __future__ import annotations

import math

import numpy as np

from theory.course import Course
from theory.one_pattern.replica import MeanField, signal

from .correlations import add_noise, add_response, empty_past
from .draws import Draws
from .passes import advance

__all__ = ["evolve"]


def evolve(
    field: MeanField, alpha: float, T: float, start: float, course: Course, draws: Draws
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""Follow one population from a start without a sign of its own.

    Parameters
    ----------
    field : MeanField
    alpha, T, start : float
        A load above 0.
    course : Course
    draws : Draws
        Of as many steps at least.

    Returns
    -------
    m, n : numpy.ndarray
        Shape (n_steps + 1,); n is that of the equations, :math:`\tilde n`.
    C, G : numpy.ndarray
        Shape (n_steps + 1, n_steps + 1).
    """
    crosstalk, size = field.crosstalk, draws.means.size
    per_step, diagonal = course.substeps, course.dynamics == "parallel-diagonal"
    n_times = course.n_steps * per_step + 1
    rate = -math.expm1(-1 / per_step) if course.continuous else 1.0
    # Nothing tells up from down: an overlap of 0 stays, in the population as in its limit.
    symmetric = start == 0
    spins = np.empty((n_times, size), np.int8)
    spins[0] = np.where(draws.starts < 0.5 * (1 + start), 1, -1)
    past = empty_past(crosstalk, n_times)
    m, n = np.zeros(n_times), np.zeros(n_times)
    m[0], n[0] = start, field.law.mean * start
    correlations, projections = np.empty(n_times), np.empty(n_times)

    for t in range(n_times - 1):
        add_noise(past, crosstalk, alpha, t, diagonal)
        row = slice(t + 1)
        sums = advance(
            spins,
            draws.normal,
            draws.means,
            draws.coins[t],
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
