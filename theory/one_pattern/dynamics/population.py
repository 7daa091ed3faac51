r"""Trajectories of the effective spin that share their order parameters.

Everything at time t + 1 follows from the times before: the covariance of the noise gives new
normal numbers their weights, spins are drawn in their fields, and averages over the trajectories
are the next rows of C and of G.  The response is read off by Novikov's theorem,
:math:`\sum_u V(t', u) G(t, u) = E\langle s(t)\rangle \varphi(t')`, which holds at T = 0 too; to
the field that a spin is drawn in it is :math:`E\,\mathrm{sech}^2/T` at T > 0.

In continuous time a spin is drawn anew with probability :math:`1 - e^{-\Delta}` in a step of
length :math:`\Delta`, in the field in the middle of the step (`correlations.add_middle`).  That
needs the averages at its end: each step is taken twice, first with those of its beginning.  The
error, of second order in :math:`\Delta`, is then extrapolated away with steps twice as long.
"""

from __future__ import annotations

import math

import numpy as np

from theory.course import Course
from theory.one_pattern.replica import MeanField, signal

from .correlations import add_middle, add_noise, add_response, empty_past
from .draws import PARTS, Draws
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
    fine = course.substeps
    found = _evolve(field, alpha, T, start, course, draws, fine)
    if fine == 1:
        return found
    coarse = fine // 2
    rough = _evolve(field, alpha, T, start, course, draws, coarse)
    # The error of second order, from two lengths of the steps.
    beyond = 1 / ((fine / coarse) ** 2 - 1)
    m, n, C, G = (a + beyond * (a - b) for a, b in zip(found, rough, strict=True))
    return m, n, C, G


def _evolve(
    field: MeanField,
    alpha: float,
    T: float,
    start: float,
    course: Course,
    draws: Draws,
    per_step: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    crosstalk, size = field.crosstalk, draws.means.size
    diagonal = course.dynamics == "parallel-diagonal"
    n_times = course.n_steps * per_step + 1
    rate = -math.expm1(-1 / per_step) if course.continuous else 1.0
    ahead = 1 / rate - per_step if course.continuous else 0.0
    # Nothing tells up from down: an overlap of 0 stays, in the population as in its limit.
    symmetric = start == 0
    spins = np.empty((n_times, size), np.int8)
    spins[0] = np.where(draws.starts < 0.5 * (1 + start), 1, -1)
    past = empty_past(crosstalk, PARTS, n_times)
    C, G = (np.eye(n_times), np.zeros(past.G.shape)) if course.continuous else (past.C, past.G)
    m, n = np.zeros(n_times), np.zeros(n_times)
    m[0], n[0] = start, field.law.mean * start
    correlations, projections = np.empty(n_times), np.empty((PARTS, n_times))
    slopes, share = np.empty(PARTS), PARTS / size
    for t in range(n_times - 1):
        row = slice(t + 1)
        n[t + 1] = n[t]
        if course.continuous:
            C[t + 1, row] = C[row, t + 1] = C[t, row]
            G[:, t + 1, row] = G[:, t, row]
        for _ in range(2 if course.continuous else 1):
            reaction = past.R[:, t, row]
            if course.continuous:
                add_middle(past, C, G, t)
            add_noise(past, crosstalk, alpha, t, diagonal, size)
            if course.continuous:
                reaction = _on_ends(reaction)
            sums = advance(
                spins,
                draws.normal,
                draws.means,
                draws.coins[t],
                signal(field.order, n[t] + ahead * (n[t + 1] - n[t])),
                reaction.astype(np.float32),
                past.L[:, t, row].astype(np.float32),
                T,
                rate,
                correlations[row],
                projections[:, row],
                slopes,
            )
            if not symmetric:
                m[t + 1] = (1 - rate) * m[t] + rate * sums[0] / size
                n[t + 1] = (1 - rate) * n[t] + rate * sums[1] / size
            C[t + 1, row] = C[row, t + 1] = correlations[row] / size
            C[t + 1, t + 1] = 1.0
            answers = projections[:, row] * share, slopes * share
            add_response(G, past, t + 1, rate, *answers, T > 0)
    whole = slice(None, None, per_step)
    during = G.mean(axis=0)[whole, : n_times - 1]
    response = np.zeros((course.n_steps + 1,) * 2)
    response[:, :-1] = during.reshape(*response[:, :-1].shape, per_step).sum(axis=-1)
    return m[whole], n[whole], C[whole, whole], response


def _on_ends(reaction: np.ndarray) -> np.ndarray:
    """Return what spins before steps get of reactions, (p, t), to those in the middle of steps.

    Means of both ends; that of the last step is to the spin before it.
    """
    shared = 0.5 * reaction
    shared[:, 1:] += shared[:, :-1]
    shared[:, -1] += 0.5 * reaction[:, -1]
    return shared
