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

from theory.compiled import compiled
from theory.course import Course
from theory.one_pattern.replica import MeanField, signal

from .correlations import Past, add_middle, add_noise, add_response, empty_past
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
    n_times = course.n_steps * per_step + 1
    spins = np.empty((n_times, draws.means.size), np.int8)
    spins[0] = np.where(draws.starts < 0.5 * (1 + start), 1, -1)
    past = empty_past(field.crosstalk, PARTS, n_times)
    C, G = (np.eye(n_times), np.zeros(past.G.shape)) if course.continuous else (past.C, past.G)
    diagonal = course.dynamics == "parallel-diagonal"
    asked = per_step if course.continuous else 0
    m, n = _follow(field, alpha, T, start, draws, spins, past, C, G, diagonal, asked)
    whole = slice(None, None, per_step)
    during = G.mean(axis=0)[whole, : n_times - 1]
    response = np.zeros((course.n_steps + 1,) * 2)
    response[:, :-1] = during.reshape(*response[:, :-1].shape, per_step).sum(axis=-1)
    return m[whole], n[whole], C[whole, whole], response


@compiled
def _follow(
    field: MeanField,
    alpha: float,
    T: float,
    start: float,
    draws: Draws,
    spins: np.ndarray,
    past: Past,
    C: np.ndarray,
    G: np.ndarray,
    diagonal: bool,
    per_step: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill the rows of C and G, and return m and n, at all times.

    `per_step` is 0 of parallel steps, whose C and G are those of `past`.
    """
    n_times, size = spins.shape
    continuous = per_step > 0
    rate = -math.expm1(-1 / per_step) if continuous else 1.0
    ahead = 1 / rate - per_step if continuous else 0.0
    m, n = np.zeros(n_times), np.zeros(n_times)
    m[0], n[0] = start, field.law.mean * start
    correlations, projections = np.empty(n_times), np.empty((PARTS, n_times))
    slopes, share = np.empty(PARTS), PARTS / size
    reaction, factor = np.empty((2, PARTS, n_times), np.float32)
    for t in range(n_times - 1):
        n[t + 1] = n[t]
        if continuous:
            C[t + 1, : t + 1] = C[t, : t + 1]
            C[: t + 1, t + 1] = C[t, : t + 1]
            G[:, t + 1, : t + 1] = G[:, t, : t + 1]
        for _ in range(2 if continuous else 1):
            if continuous:
                add_middle(past, C, G, t)
            add_noise(past, field.crosstalk, alpha, t, diagonal, size if T > 0 else 0)
            factor[:, : t + 1] = past.L[:, t, : t + 1]
            reaction[:, : t + 1] = past.R[:, t, : t + 1]
            if continuous:
                _to_ends(reaction[:, : t + 1])
            sums = advance(
                spins,
                draws.normal,
                draws.means,
                draws.coins[t],
                signal(field.order, n[t] + ahead * (n[t + 1] - n[t])),
                reaction[:, : t + 1],
                factor[:, : t + 1],
                T,
                rate,
                correlations[: t + 1],
                projections[:, : t + 1],
                slopes,
            )
            # Nothing tells up from down: an overlap of 0 stays, as it does in large networks.
            if start != 0:
                m[t + 1] = (1 - rate) * m[t] + rate * sums[0] / size
                n[t + 1] = (1 - rate) * n[t] + rate * sums[1] / size
            for u in range(t + 1):
                C[t + 1, u] = C[u, t + 1] = correlations[u] / size
            C[t + 1, t + 1] = 1.0
            answers = projections[:, : t + 1] * share, slopes * share
            add_response(G, past, t + 1, rate, answers[0], answers[1], T > 0)
    return m, n


@compiled
def _to_ends(reaction: np.ndarray) -> None:
    """Share reactions, (p, t), to the middles of steps among spins at both of their ends.

    That of the last step is to the spin before it alone.
    """
    last, half = reaction.shape[1] - 1, np.float32(0.5)
    for part in reaction:
        shared = part[last]
        for u in range(last, 0, -1):
            part[u] = half * (part[u] + part[u - 1])
        part[0] *= half
        part[last] += half * shared
