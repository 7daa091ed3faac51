r"""Lines of the (d, T) diagram of multitasking networks, of archetypes and of examples.

=============================  ====================================================
`critical_temperature`         above it no overlap
`multicritical_dilution`       where pure retrieval at T_c gives way to parallel
`pure_temperature`             below it a second pattern condenses
`cascade_temperature`          below it pattern k + 1 condenses
=============================  ====================================================

For noisy examples the lines are those of the Gaussian law of their mean, given by rho, or of
the exact law of a `rule` with M examples of quality r.  They are the same with and without a
teacher as long as the examples of a pattern stay alike (`theory.MultitaskingSolution`); where
that fails on a line without a teacher it is NaN.

The lines follow from the free energy of `theory.many_patterns` (arXiv:1304.4488); those of
equal overlaps are in `theory.many_patterns.parallel`, those of T = 0 in
`theory.many_patterns.zero_temperature`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hebbian import Multitasking, Rule, Storing, Supervised, domain
from theory.averages.gaussian import thermal
from theory.labelled import labelled, pointwise
from theory.many_patterns.columns.leading import FROZEN
from theory.roots import root

from .equations import MultitaskingEquations
from .learnt_lines import dataset_entropy_of, learnt_pure_temperature

__all__ = [
    "cascade_temperature",
    "critical_temperature",
    "multicritical_dilution",
    "pure_temperature",
]


@labelled
def critical_temperature(
    dilution: Any, dataset_entropy: Any = 0.0, *, rule: Rule | None = None
) -> Any:
    """Return T_c = (1 - d)(1 + rho), where every overlap vanishes.

    Parameters
    ----------
    dilution : float or array_like
        d in [0, 1).
    dataset_entropy : float or array_like
        rho = (1 - r^2)/(M r^2) in [0, 1e6] of the examples; 0 for stored archetypes.
    rule : Rule, optional
        In place of `dataset_entropy`: its rho, since the law of the example mean matters by
        its variance alone.

    Returns
    -------
    float or numpy.ndarray

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(critical_temperature(0.25))
    0.75
    """
    d = domain.real_array("dilution", dilution, "[0, 1)")
    return ((1 - d) * (1 + dataset_entropy_of(rule, dataset_entropy)))[()]


@labelled
def multicritical_dilution(dataset_entropy: Any = 0.0, *, rule: Rule | None = None) -> Any:
    r"""Return the dilution where, at T_c, pure retrieval gives way to parallel retrieval.

    The fourth-order term of f is isotropic where :math:`E v^4 = 3 (E v^2)^2`, for the Gaussian
    law of the example mean at :math:`d = 2/(3 (1 + \rho)^2)`, for M examples where
    :math:`1 - d = E S^4/(3 (E S^2)^2)`, S the sum of M signs of mean r.

    Parameters
    ----------
    dataset_entropy : float or array_like
        rho in [0, 1e6].
    rule : Rule, optional
        In place of `dataset_entropy`: the exact law of the mean of its M examples.

    Returns
    -------
    float or numpy.ndarray

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(multicritical_dilution(1.0).round(6))
    0.166667
    """
    rho = dataset_entropy_of(rule, dataset_entropy)
    if rule is None:
        return (2 / (3 * (1 + rho) ** 2))[()]
    # 3 (E S^2)^2 - E S^4 = 2 m^4 - 4 m k_3 - k_4 in cumulants, all over (r M)^4
    M, r = float(rule.n_examples), rule.quality
    third = -2 * (1 - r * r) / (r * M) ** 2
    fourth = (1 - r * r) * (6 * r * r - 2) / r**4 / M**3
    return np.float64((2 - 4 * third - fourth) / (3 * (1 + float(rho)) ** 2))


@labelled
def pure_temperature(dilution: Any, dataset_entropy: Any = 0.0, *, rule: Rule | None = None) -> Any:
    r"""Return the temperature below which a pure state lets a second pattern condense.

    With y = m/T the pure state is :math:`m = (1-d) \tanh y`, and it is stable for
    :math:`T > (1 - d)(1 - q) = 1 - d - m^2`.  With the Gaussian law of the example mean,
    :math:`v = \xi (1 + \sqrt\rho z)`, it is :math:`n = E[v \tanh(y v)]` with y = n/T, and stable
    for :math:`T > (1 - d)(1 + \rho)(1 - q)`.

    Parameters
    ----------
    dilution : float or array_like
        d in [0, 1).
    dataset_entropy : float or array_like
        rho in [0, 1e6], broadcast against `dilution`; 0 for stored archetypes.
    rule : Rule, optional
        In place of `dataset_entropy`: the exact law of the mean of its M examples.

    Returns
    -------
    float or numpy.ndarray
        0 at d = 0 (for an even number of examples it is positive); NaN from
        `multicritical_dilution` on, where no pure state is stable, and where without a teacher
        the examples of the pattern do not stay alike.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(pure_temperature(0.5).round(9)), float(pure_temperature(0.3, 0.3).round(9))
    (0.287209736, 0.561264411)
    """
    d = domain.real_array("dilution", dilution, "[0, 1)")
    rho = dataset_entropy_of(rule, dataset_entropy)
    return pointwise(lambda d, rho: _any_pure_temperature(d, rho, rule), d, rho)


def _any_pure_temperature(d: float, rho: float, rule: Rule | None) -> float:
    if rho == 0:
        return _pure_temperature(d)
    return _noisy_pure_temperature(d, rho) if rule is None else learnt_pure_temperature(d, rule)


def _noisy_pure_temperature(d: float, rho: float) -> float:
    if d == 0 or d >= multicritical_dilution(rho):
        return 0.0 if d == 0 else np.nan

    def state(y: float) -> tuple[float, float]:
        """Return T/(1 - d) and 1 - q."""
        t, _, response, _, _ = thermal(y, rho * y * y, 1.0)
        return t / y + rho * response, d + (1 - d) * response

    def instability(y: float) -> float:
        T, free = state(y)
        return free - T / (1 + rho)

    # E|v| <= (1 - d) sqrt(1 + rho) bounds y by 1/d; at the lower end T is T_c to 1e-8
    y = 1e-4
    if instability(y) < 0:
        y = root(instability, y, 2 / d)
    return (1 - d) * state(y)[0]


def _pure_temperature(d: float) -> float:
    if d == 0 or d >= 2 / 3:
        return 0.0 if d == 0 else np.nan

    def instability(y: float) -> float:
        """Return q - 1 + T/(1 - d), for small y over y^2, so that it does not vanish with y."""
        tanh = math.tanh(y)
        if y > 1:
            return tanh / y - d * tanh**2 - (1 - tanh**2)
        if y < 0.02:
            bend = -1 / 3 + y**2 * (2 / 15 - y**2 * (17 / 315 - y**2 * 62 / 2835))
        else:
            bend = (tanh / y - 1) / y**2
        return bend + (1 - d) * (tanh / y) ** 2

    y = root(instability, 1e-9, 2 / d)  # it is near 1/d at weak dilution
    return (1 - d) * math.tanh(y) / y


@labelled
def cascade_temperature(
    dilution: Any, n_condensed: int, dataset_entropy: float = 0.0, *, rule: Rule | None = None
) -> Any:
    r"""Return the temperature below which k hierarchical patterns let the next one condense.

    It solves :math:`T = (1 - d)(1 + \rho)(1 - q_k)`, for stored archetypes about
    :math:`(1 - d) d^k` at small d, with the state of k patterns that
    ``start="hierarchical"`` leads to.

    Parameters
    ----------
    dilution : float or array_like
        d in [0, 1).
    n_condensed : int
        k in [1, 12].
    dataset_entropy : float
        rho in [0, 1e6] of the examples, in the Gaussian law of their mean.
    rule : Rule, optional
        In place of `dataset_entropy`: the exact law of the mean of its M examples.

    Returns
    -------
    float or numpy.ndarray
        NaN from `multicritical_dilution` on, or where those k patterns are not all condensed,
        and different, at that temperature, or without a teacher their examples not alike.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(cascade_temperature(0.3, 2).round(9))
    0.063829096
    """
    k = domain.integer("n_condensed", n_condensed, "[1, 12]")
    rho = domain.real("dataset_entropy", dataset_entropy, "[0, 1e6]")
    rho = float(dataset_entropy_of(rule, rho))
    law = "gaussian" if rule is None else "binomial"
    if rule is None and rho > 0:
        rule = Supervised(quality=(1 + rho) ** -0.5, n_examples=1)
    d = domain.real_array("dilution", dilution, "[0, 1)")
    return pointwise(lambda d: _cascade_temperature(d, k, rule or Storing(), law), d)


def _cascade_temperature(d: float, k: int, rule: Rule, law: str) -> float:
    rho = rule.dataset_entropy
    T = _any_pure_temperature(d, rho, None if law == "gaussian" else rule)
    for condensed in range(2, k + 1):
        # spins of a frozen first pattern leave a network of their blank fraction d
        frozen = rho == 0 and 1 - 2 * d > FROZEN * d * T
        T = d * T if frozen else _next_condensation(d, condensed, T, rule, law)
    return T


def _next_condensation(d: float, k: int, above: float, rule: Rule, law: str) -> float:
    """Return the root of T - T_c (1 - q_k) below the temperature where k condensed."""
    if not above > 0:
        return above
    equations = MultitaskingEquations(Multitasking(n_patterns=k, dilution=d, rule=rule), law)
    start = equations.initial("hierarchical")
    most = (1 - d) * (1 + rule.dataset_entropy)

    def excess(T: np.ndarray) -> np.ndarray:
        q = equations.descend(np.tile(start, (T.size, 1)), T).q
        return np.asarray(T - most * (1 - q))

    # from above, some at a time: low temperatures are the dear ones
    grid = above * np.concatenate([1 - np.geomspace(1e-6, 0.09, 30), np.geomspace(0.9, 1e-3, 60)])
    sign = np.empty(0, bool)
    for first in range(0, grid.size, 10):
        sign = np.append(sign, excess(grid[first : first + 10]) > 0)
        crossings = np.flatnonzero(sign[:-1] & ~sign[1:])
        if crossings.size:
            break
    else:
        return np.nan
    at = crossings[0]
    T = root(lambda T: float(excess(np.array([T]))[0]), grid[at + 1], grid[at])
    state = equations.descend(start[None], np.array([T]))
    apart = (state.example_eigenvalues < 0).any()  # NaN with a teacher
    return T if state.label[0] == "hierarchical" and not apart else np.nan
