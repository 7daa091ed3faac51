r"""Networks of N spins near a line: how soon patterns change places, and which one leads.

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
from theory.roots import root

from .equations import MultitaskingEquations, MultitaskingSolution
from .equilibrium import check_exact_columns

__all__ = ["overlap_spread", "permutation_time"]

#: Where the unstable mode of a saddle is slower there is no barrier.
FLAT = 1e-7


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
    equations, temperature, N = check_exact_columns(model, T, n_spins, most=12)
    domain.choice("site_order", site_order, ("sequential", "random"))
    state = equations.states(np.array([temperature]), "hierarchical")
    rate = 0.0
    for saddle in _saddles(equations, state, temperature):
        kappa = _growth(-saddle[0], site_order)
        rate += kappa / (2 * np.pi) * np.exp(saddle[1] - N * saddle[2] / temperature)
    return 1 / rate if rate > 0 else np.inf


def _saddles(
    equations: MultitaskingEquations, state: MultitaskingSolution, T: float
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
    found = equations.states(np.full(len(ends), T), np.array(ends))
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
        :math:`A^{-1} (E[\xi \xi^{\rm t} \tanh^2] - m m^{\rm t}) A^{-1}/N`; inf at T_c.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> overlap_spread(Multitasking(n_patterns=2, dilution=0.3), 0.1, 10_000).round(4)
    array([0.0046, 0.0093])
    """
    equations, temperature, N = check_exact_columns(model, T, n_spins, most=12)
    state = equations.states(np.array([temperature]), "hierarchical")
    at = equations.columns.averages(state.n, np.array([temperature]))
    response = at.curvature[0]
    n = state.n[0]
    # E xi xi^t tanh^2 = (1-d) 1 + (1-d)^2 (off-diagonal 0) - T C
    field = equations.columns.entry.second_moment * np.eye(n.size) - temperature * response
    field -= np.outer(n, n)
    stiffness, modes = np.linalg.eigh(np.eye(n.size) - response)
    if stiffness[0] <= 0:  # rounding: at T_c the linear answer has no limit
        return np.full(n.size, np.inf)
    inverse = modes / stiffness @ modes.T
    return np.sqrt(np.maximum(np.diag(inverse @ field @ inverse), 0) / N)
