r"""Networks of N spins near a line: equilibrium, permutations, and independent columns.

Where the columns have the frequencies of their law (``sampling="stratified"``) the partition
function of N spins is, by a Gaussian transform of :math:`e^{N |m|^2/2T}`, the integral

.. math:: Z \propto \int dn\, e^{-N f(n)/T},

of the free energy f of `theory.multitasking.equations`, and the overlaps are distributed as
:math:`m(n) = E[\xi \tanh(\xi \cdot n/T)]` with

.. math:: P(n) \propto \sqrt{\det C}\; e^{-N [f - |n - m(n)|^2/2]/T}, \qquad C = 1 - \nabla\nabla f,

up to a relative error of order 1/N (Stirling's formula for the entropy of given overlaps).
All permutations and signs of the patterns have the same weight: a network of any finite N
visits all of them, and the means of its single overlaps are equal.  What tells the phases
apart at finite N is which overlap is the largest, the second, ... at one time:
`ordered_overlaps`.

Two patterns exchange their overlaps over a saddle of f at which these are equal.  With the
drift :math:`\dot m = -\nabla f` of heat-bath dynamics its rate is that of Langer [1]_,

.. math:: \frac{\kappa}{2\pi} \sqrt{\frac{\det A}{|\det A_s|}}\; e^{-N (f_s - f)/T}, \qquad
          A = \nabla\nabla f,

with :math:`\kappa` the growth of the unstable mode of the saddle in one sweep.  A fraction
:math:`\epsilon` below the line the barrier is of the order of :math:`N \epsilon^2`: to see a
hierarchy at one twentieth takes :math:`10^5` spins or sorted overlaps.

Independent columns are, to the same order, a random field of variance
:math:`(E[\xi \xi^{\rm t} \tanh^2] - m m^{\rm t})/N` to which the overlaps answer by
:math:`A^{-1}`: `overlap_spread`.  Where that is not small against their differences it decides
which pattern of a network has the largest overlap.

References
----------
.. [1] J. S. Langer, Ann. Phys. 54, 258 (1969).
"""

from __future__ import annotations

import itertools

import numpy as np

from hebbian import Multitasking, domain
from theory.root import root

from .equations import MultitaskingClosure, MultitaskingSolution, check_model
from .states import stable_states

__all__ = ["ordered_overlaps", "overlap_spread", "permutation_time"]

#: Weights below exp(-NEGLIGIBLE) of the largest one.
NEGLIGIBLE = 36.0
#: Nodes along each axis; two successive ones must agree to `AGREE` of the largest overlap.
NODES = (16, 24, 36, 54, 80, 120)
AGREE = 1e-6
#: Most nodes in all.
LARGEST = 600_000
#: Overlaps that no spin can change any more have C = 0.
FROZEN = -2000.0
#: Where the unstable mode of a saddle is slower there is no barrier.
FLAT = 1e-7


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
    equations, temperature, N = _checked(model, T, n_spins, most=3)
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
    equations: MultitaskingClosure, model: Multitasking, T: float, N: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bound the differences of neighbours among the ordered n that have a weight.

    Twelve standard deviations from every stable state; wide where an eigenvalue is small, so
    that states which have merged or are about to are inside.
    """
    low, high = [], []
    for state in stable_states(model, T):
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
    equations: MultitaskingClosure,
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
    log_weight = 0.5 * np.maximum(np.linalg.slogdet(at.curvature)[1], FROZEN)
    log_weight -= N / T * (f - 0.5 * ((n - at.image) ** 2).sum(axis=1))
    return rule * np.exp(log_weight - log_weight.max()), gaps, at.image


def permutation_time(
    model: Multitasking, T: float, n_spins: int, *, site_order: str = "sequential"
) -> float:
    r"""Return the mean number of sweeps after which two overlaps of N spins have exchanged.

    Of the state that ``start="hierarchical"`` leads to, by heat-bath dynamics, over all
    saddles at which two of its overlaps are equal or one has changed its sign.

    Parameters
    ----------
    model : Multitasking
        That stores at most 12 archetypes, in stratified columns.
    T : float
        Temperature in (0, inf).
    n_spins : int
        N in [100, 1e12].
    site_order : {"sequential", "random"}
        In which spins are visited; spins in random order move half as fast near a line.

    Returns
    -------
    float
        An asymptotic law of high barriers: below a few times
        :math:`2\pi/\kappa` sweeps there is none, and the time of a chain is no more
        than its correlation time.  inf where no two overlaps differ, and none is present.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> model = Multitasking(n_patterns=2, dilution=0.75)
    >>> [round(permutation_time(model, 0.060088, N)) for N in (64_000, 128_000)]
    [1496, 46959]
    """
    equations, temperature, N = _checked(model, T, n_spins, most=12)
    domain.choice("site_order", site_order, ("sequential", "random"))
    state = equations.solve(np.zeros(1), np.array([temperature]), "hierarchical")
    rate = 0.0
    for saddle in _saddles(equations, state, temperature):
        kappa = _growth(-saddle[0], site_order)
        rate += kappa / (2 * np.pi) * np.exp(saddle[1] - N * saddle[2] / temperature)
    return 1 / rate if rate > 0 else np.inf


def _saddles(
    equations: MultitaskingClosure, state: MultitaskingSolution, T: float
) -> list[tuple[float, float, float]]:
    """Return the unstable eigenvalue, ln sqrt(det A / |det A_s|) and f_s - f of each saddle."""
    n = state.n[0]
    K = n.size
    ends = []
    for one, other in itertools.combinations(range(K), 2):
        if n[one] != n[other] and n[other] != 0:
            merged = n.copy()
            merged[[one, other]] = (n[one] + n[other]) / 2
            ends.append(merged)
    ends += [np.where(np.arange(K) == mu, 0.0, n) for mu in range(K) if n[mu] != 0 and mu > 0]
    if not ends:
        return []
    # an array as a start keeps its exact symmetry
    found = equations.solve(np.zeros(len(ends)), np.full(len(ends), T), np.array(ends))
    rows = np.concatenate([state.n, found.n])
    curvature = equations.columns.averages(rows, np.full(len(rows), T)).curvature
    eigenvalues = np.linalg.eigvalsh(np.eye(K) - curvature)
    return [
        (
            float(values[0]),
            0.5 * float(np.log(np.abs(eigenvalues[0])).sum() - np.log(np.abs(values)).sum()),
            float(found.free_energy[at] - state.free_energy[0]),
        )
        for at, values in enumerate(eigenvalues[1:])
        if values[0] < -FLAT and values[1:].min(initial=np.inf) > 0
    ]


def _growth(rate: float, site_order: str) -> float:
    """Return the growth in one sweep of a mode that grows at a rate in continuous time."""
    if site_order == "random":
        return rate
    # m is the mean over the last sweep of (1 + rate) m: 1 = (1 + rate) (1 - exp(-k))/k
    return root(lambda k: (1 + rate) * -np.expm1(-k) - k, 1e-3 * rate, 2 * rate + 1)


def overlap_spread(model: Multitasking, T: float, n_spins: int) -> np.ndarray:
    r"""Return by how much overlaps differ between networks of N independent columns.

    Parameters
    ----------
    model : Multitasking
        That stores at most 12 archetypes.
    T : float
        Temperature in (0, inf).
    n_spins : int
        N in [100, 1e12].

    Returns
    -------
    numpy.ndarray
        Shape (K,): standard deviations over networks of the mean overlaps of the state that
        ``start="hierarchical"`` leads to, the roots of the diagonal of
        :math:`A^{-1} (E[\xi \xi^{\rm t} \tanh^2] - m m^{\rm t}) A^{-1}/N`.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> overlap_spread(Multitasking(n_patterns=2, dilution=0.3), 0.1, 10_000).round(4)
    array([0.0046, 0.0093])
    """
    equations, temperature, N = _checked(model, T, n_spins, most=12)
    state = equations.solve(np.zeros(1), np.array([temperature]), "hierarchical")
    at = equations.columns.averages(state.n, np.array([temperature]))
    response = at.curvature[0]
    n = state.n[0]
    # E xi xi^t tanh^2 = (1-d) 1 + (1-d)^2 (off-diagonal 0) - T C
    field = equations.columns.entry.second_moment * np.eye(n.size) - temperature * response
    field -= np.outer(n, n)
    inverse = np.linalg.inv(np.eye(n.size) - response)
    return np.sqrt(np.diag(inverse @ field @ inverse) / N)


def _checked(
    model: Multitasking, T: float, n_spins: int, most: int
) -> tuple[MultitaskingClosure, float, int]:
    check_model(model, most)
    if model.rule.quality < 1:
        raise ValueError(
            f"rule = {model.rule!r}: the disorder of noisy examples is not part of the "
            "equilibrium of exact columns; use Storing()"
        )
    temperature = domain.real("T", T, "(0, inf)")
    return (
        MultitaskingClosure(model, "binomial"),
        temperature,
        domain.integer("n_spins", n_spins, "[100, 1e12]"),
    )
