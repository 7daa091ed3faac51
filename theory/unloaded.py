r"""Retrieval dynamics without a load: sites in the mean field alone, exact and deterministic.

Nothing is random but the spins themselves, and nothing remembers: with F(n) the averages over the
sites in the fields that the overlaps n make,

* all spins at once: :math:`(m, n)(t + 1) = F(n(t))`;
* one at a time, t in sweeps: :math:`\frac{d}{dt}(m, n) = F(n) - (m, n)`, by Runge-Kutta steps.

A site of class c (what it knows of the archetypes) is at :math:`\mu_c(t)` on average, drawn from
:math:`p_c(t) = \tanh(h_c/T)`: :math:`C(t, t') = E_c\,\mu_c(t) \mu_c(t')` for parallel steps;
in continuous time :math:`\partial_t C = E_c\,p_c(t) \mu_c(t') - C` from C(t', t') = 1, and likewise
for the response to a field on a site itself, whose source is :math:`\chi = E\,\mathrm{sech}^2/T`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Sites", "course"]

#: Runge-Kutta steps in a sweep: two for every step of the correlations.
STEPS = 64


class Sites(NamedTuple):
    """The averages over sites.

    Parameters
    ----------
    respond : callable
        Overlaps n, of any shape, to (m, n, chi): F(n) and the mean susceptibility.
    polarise : callable or None
        Overlaps n to p_c, shape (c,); None where there are too many classes.
    weight : numpy.ndarray
        Shape (c,): probabilities of the classes.
    """

    respond: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, float]]
    polarise: Callable[[np.ndarray], np.ndarray] | None
    weight: np.ndarray


def course(
    sites: Sites,
    m: np.ndarray,
    n: np.ndarray,
    means: np.ndarray | None,
    n_steps: int,
    continuous: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Follow the overlaps from (m, n).

    Parameters
    ----------
    sites : Sites
    m, n : numpy.ndarray
        Of one shape S.
    means : numpy.ndarray or None
        Shape (c,): the means of the spins at the start by class, None where nobody knows them.
    n_steps : int
    continuous : bool

    Returns
    -------
    m, n : numpy.ndarray
        Shape (n_steps + 1, *S).
    C, G : numpy.ndarray
        Shape (n_steps + 1, n_steps + 1); C is NaN where it is not known.
    """
    follow = _sweeps if continuous else _steps
    return follow(sites, m, n, means, n_steps)


def _steps(
    sites: Sites, m: np.ndarray, n: np.ndarray, means: np.ndarray | None, n_steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    overlaps, G = [(m, n)], np.zeros((n_steps + 1, n_steps + 1))
    classes = [_unknown(sites, means)]
    for t in range(n_steps):
        if sites.polarise is not None:
            classes.append(sites.polarise(n))
        m, n, G[t + 1, t] = sites.respond(n)
        overlaps.append((m, n))
    C = np.full(G.shape, np.nan)
    if sites.polarise is not None:
        seen = np.array(classes)
        C = (seen * sites.weight) @ seen.T
    np.fill_diagonal(C, 1.0)
    return *(np.array(one) for one in zip(*overlaps, strict=True)), C, G  # type: ignore[return-value]


def _sweeps(
    sites: Sites, m: np.ndarray, n: np.ndarray, means: np.ndarray | None, n_steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    overlaps, n_times = [(m, n)], n_steps + 1
    C, G = np.full((n_times, n_times), np.nan), np.zeros((n_times, n_times))
    np.fill_diagonal(C, 1.0)
    classes = np.full((n_times, sites.weight.size), np.nan)
    classes[0] = mu = _unknown(sites, means)
    decay = math.exp(-2 / STEPS)
    for t in range(n_steps):
        known, response = C[t, : t + 1].copy(), np.zeros(n_times)
        response[:t] = G[t, :t]
        for _ in range(STEPS // 2):
            m, n = _runge_kutta(sites, m, n)
            chi = sites.respond(n)[2]
            response *= decay
            response[t] += (1 - decay) * chi
            if sites.polarise is not None:
                p = sites.polarise(n)
                known = decay * known + (1 - decay) * (classes[: t + 1] @ (sites.weight * p))
                mu = decay * mu + (1 - decay) * p
            m, n = _runge_kutta(sites, m, n)
        overlaps.append((m, n))
        G[t + 1] = response
        if sites.polarise is not None:
            classes[t + 1] = mu
            C[t + 1, : t + 1] = C[: t + 1, t + 1] = known
    return *(np.array(one) for one in zip(*overlaps, strict=True)), C, G  # type: ignore[return-value]


def _unknown(sites: Sites, means: np.ndarray | None) -> np.ndarray:
    return np.full(sites.weight.shape, np.nan) if means is None else means


def _runge_kutta(sites: Sites, m: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    h = 1 / STEPS

    def slope(n: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        image = sites.respond(n)
        return image[0] - m, image[1] - n

    a = slope(n, m)
    b = slope(n + h / 2 * a[1], m + h / 2 * a[0])
    c = slope(n + h / 2 * b[1], m + h / 2 * b[0])
    d = slope(n + h * c[1], m + h * c[0])
    change = [h / 6 * (a[k] + 2 * b[k] + 2 * c[k] + d[k]) for k in (0, 1)]
    return m + change[0], n + change[1]
