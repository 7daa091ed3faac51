r"""Networks of N spins in equilibrium: overlaps near a line and away from it.

Where the columns have the frequencies of their law (``sampling="stratified"``) the partition
function of N spins is, by a Gaussian transform of :math:`e^{N |m|^2/2T}`, the integral

.. math:: Z \propto \int dn\, e^{-N f(n)/T},

of the free energy f of `theory.many_patterns.equations`, and the overlaps are distributed as
:math:`m(n) = E[\xi \tanh(\xi \cdot n/T)]` with

.. math:: P(n) \propto \sqrt{\det C}\; e^{-N [f - |n - m(n)|^2/2]/T}, \qquad C = 1 - \nabla\nabla f,

up to a relative error of order 1/N (Stirling's formula for the entropy of given overlaps).
All permutations and signs of the patterns have the same weight: a network of any finite N
visits all of them, and the means of its single overlaps are equal.  What tells the phases
apart at finite N is which overlap is the largest, the second, ... at one time:
`ordered_overlaps`.
"""

from __future__ import annotations

import numpy as np

from hebbian import Multitasking, domain

from .equations import MultitaskingEquations, check_model
from .states import stable_states

__all__ = ["check_exact_columns", "ordered_overlaps"]

#: Weights below exp(-NEGLIGIBLE) of the largest one.
NEGLIGIBLE = 36.0
#: Nodes along each axis; two successive ones must agree to `AGREE` of the largest overlap.
NODES = (16, 24, 36, 54, 80, 120)
AGREE = 1e-6
#: Most nodes in all.
LARGEST = 600_000
#: Starting points of the search for stable states.
STARTS = 300
#: Overlaps that no spin can change any more have C = 0.
FROZEN = -2000.0


def ordered_overlaps(model: Multitasking, T: float, n_spins: int) -> np.ndarray:
    """Return the equilibrium means of the largest, second, ... overlap of N spins.

    Parameters
    ----------
    model : Multitasking
        That stores at most 3 archetypes, whose columns have the frequencies of their law
        (``sampling="stratified"``).
    T : float
        Temperature in (0, inf).
    n_spins : int
        N in [100, 1e12].

    Returns
    -------
    numpy.ndarray
        Shape (K,): the mean over configurations of the sorted sizes of the overlaps, up to
        terms of order 1/N; NaN where the integral is not resolved.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    One twentieth below the line, where overlaps of an infinite network are 0.2301 and 0.2068:

    >>> model = Multitasking(n_patterns=2, dilution=0.75)
    >>> ordered_overlaps(model, 0.060088, 16_000).round(4), ordered_overlaps(
    ...     model, 0.060088, 1_000_000
    ... ).round(4)
    (array([0.2282, 0.2088]), array([0.2301, 0.2069]))
    """
    equations, temperature, N = check_exact_columns(model, T, n_spins, most=3)
    low, high = _gaps(equations, model, temperature, N)
    before = np.full(model.n_patterns, np.nan)
    for nodes in NODES:
        if nodes**model.n_patterns > LARGEST:
            break
        for _ in range(30):
            weight, gaps, m = _weights(equations, temperature, N, (low, high), nodes)
            likely = weight > np.exp(-NEGLIGIBLE)
            margin = 2 * (high - low) / nodes
            lowest = np.maximum(gaps[likely].min(axis=0) - margin, low)
            highest = np.minimum(gaps[likely].max(axis=0) + margin, high)
            shrunk = (highest - lowest < 0.8 * (high - low)).any()
            low, high = lowest, highest
            if not shrunk:
                break
        mean = weight @ m / weight.sum()
        if np.abs(mean - before).max() <= AGREE * mean.max():
            return np.asarray(mean)
        before = mean
    return np.full(model.n_patterns, np.nan)


def _gaps(
    equations: MultitaskingEquations, model: Multitasking, T: float, N: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bound the differences of neighbours among the ordered n that have a weight.

    Twelve standard deviations from every stable state; wide where an eigenvalue is small, so
    that states which have merged or are about to are inside.
    """
    low, high = [], []
    for state in stable_states(equations, T, STARTS):
        at = equations.columns.averages(state.n[None], np.array([T]))
        stiffness, modes = np.linalg.eigh(np.eye(state.n.size) - at.curvature[0])
        # where an eigenvalue vanishes the quartic term of f confines n to about N^(-1/4)
        soft = np.sqrt(T / N / np.maximum(stiffness, np.sqrt(T / N)))
        reach = 12 * np.sqrt((modes**2) @ soft**2)
        gap = -np.diff(state.n, append=0)
        reach = reach + np.append(reach[1:], 0)
        low.append(gap - reach)
        high.append(gap + reach)
    return np.maximum(np.min(low, axis=0), 0), np.max(high, axis=0)


def _weights(
    equations: MultitaskingEquations,
    T: float,
    N: int,
    box: tuple[np.ndarray, np.ndarray],
    nodes: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weight, the gaps and m(n) at the nodes of a Gaussian quadrature."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    K = box[0].size
    gaps = np.stack(np.meshgrid(*[x] * K, indexing="ij"), axis=-1).reshape(-1, K)
    gaps = box[0] + (box[1] - box[0]) * (1 + gaps) / 2
    rule = np.prod(np.meshgrid(*[w] * K, indexing="ij"), axis=0).ravel()
    n = np.cumsum(gaps[:, ::-1], axis=1)[:, ::-1]
    at = equations.columns.averages(n, np.full(len(n), T))
    f = 0.5 * (n**2).sum(axis=1) - at.potential
    with np.errstate(divide="ignore"):
        log_weight = 0.5 * np.maximum(np.linalg.slogdet(at.curvature)[1], FROZEN)
    log_weight -= N / T * (f - 0.5 * ((n - at.image) ** 2).sum(axis=1))
    return rule * np.exp(log_weight - log_weight.max()), gaps, at.image


def check_exact_columns(
    model: Multitasking, T: float, n_spins: int, most: int
) -> tuple[MultitaskingEquations, float, int]:
    """Return the equations, T and N of a network of at most `most` stored archetypes."""
    check_model(model, most)
    if model.rule.quality < 1:
        raise ValueError(
            f"rule = {model.rule!r}: the disorder of noisy examples is not part of the "
            "equilibrium of exact columns; use Storing()"
        )
    temperature, N = (
        domain.real("T", T, "(0, inf)"),
        domain.integer("n_spins", n_spins, "[100, 1e12]"),
    )
    return MultitaskingEquations(model, "binomial"), temperature, N
