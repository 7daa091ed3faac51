r"""From the units of the literature to those of this toolkit, and back.

Here the weight of a configuration is :math:`e^{-H/T}` with :math:`H = -(N/2) \sum_\mu m_\mu^P`,
the load is Gardner's :math:`\alpha = (P!/2) K/N^{P-1}`, and overlaps with the examples are 1
for perfect data.
"""

from __future__ import annotations

import math
from typing import Any

from hebbian import Model, Rule, domain

from .labelled import labelled

__all__ = [
    "bare_load",
    "finite_size_factor",
    "load",
    "multitasking_overlap",
    "n_patterns",
    "normalised_overlap",
    "paper_beta",
    "power_load",
    "storage_load",
    "temperature",
    "weakness",
]


def _factorial(order: int) -> int:
    return math.factorial(domain.integer("order", order, "[2, 8]"))


@labelled
def temperature(beta: Any, *, order: int) -> Any:
    r"""Return T of the papers' inverse temperature.

    Their cost function is the sum over :math:`i_1 < ... < i_P` without the factor P!/2, so
    that :math:`\beta' = 2\beta/P!` (arXiv:2212.00606) and :math:`T = 1/\beta' = P!/(2 \beta)`.

    Parameters
    ----------
    beta : float or array_like
        Positive.
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(temperature(24.0, order=4)), float(temperature(2.0, order=2))
    (0.5, 0.5)
    """
    return _factorial(order) / 2 / domain.real_array("beta", beta, "(0, inf)")[()]


@labelled
def finite_size_factor(n_spins: Any, *, order: int) -> Any:
    r"""Return :math:`\Pi = \prod_{k<P} (1 - k/N)`, the couplings of a finite network.

    With distinct indices the sum over :math:`i_1 < ... < i_P` has :math:`\Pi N^P/P!` terms:
    a network of N spins at (alpha, T) is the infinite one at (alpha, T)/:math:`\Pi`, up to
    fluctuations.

    Parameters
    ----------
    n_spins : float or array_like
        N, in [1, inf).
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(finite_size_factor(100, order=4).round(6))
    0.941094
    """
    n_spins = domain.real_array("n_spins", n_spins, "[1, inf)")
    order = domain.integer("order", order, "[2, 8]")
    return math.prod(1 - k / n_spins for k in range(order))


def weakness(model: Model, n_spins: int | None) -> float:
    r"""Return what is left of the couplings of a model in a network of N spins.

    It is :math:`\Pi` (`finite_size_factor`) with distinct indices, 1 with all of them, for a model
    without an order, for sequences of order 2, which leave no site out, and for the infinite
    network.

    Parameters
    ----------
    model : Model
    n_spins : int or None
        N, at least the order; None: infinite.

    Raises
    ------
    ValueError
        If fewer spins than the order are given.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield, Sequence
    >>> weakness(Hopfield(), 100), weakness(Dense(order=4, indices="all"), 100)
    (0.99, 1.0)
    >>> weakness(Sequence(order=2), 100), round(weakness(Sequence(order=3), 100), 6)
    (1.0, 0.9702)
    """
    order = getattr(model, "order", None)
    if order is None or n_spins is None:
        return 1.0
    n_spins = domain.integer("n_spins", n_spins, f"[{order}, inf)")
    whole = getattr(model, "indices", "distinct") == "all" or (model.replays and order == 2)
    return 1.0 if whole else float(finite_size_factor(n_spins, order=order))


@labelled
def paper_beta(T: Any, *, order: int) -> Any:
    r"""Return the papers' :math:`\beta = P!/(2T)`, the inverse of `temperature`.

    Parameters
    ----------
    T : float or array_like
        Positive.
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(paper_beta(0.5, order=4))
    24.0
    """
    return _factorial(order) / 2 / domain.real_array("T", T, "(0, inf)")[()]


@labelled
def load(n_patterns: Any, *, n_spins: Any, order: int) -> Any:
    r"""Return Gardner's load :math:`\alpha = (P!/2) K/N^{P-1}` of K archetypes.

    Parameters
    ----------
    n_patterns, n_spins : float or array_like
        K in [0, inf) and N in [1, inf).
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(load(50, n_spins=1000, order=2)), float(load(8333, n_spins=100, order=4).round(5))
    (0.05, 0.1)
    """
    K = domain.real_array("n_patterns", n_patterns, "[0, inf)")
    N = domain.real_array("n_spins", n_spins, "[1, inf)")
    return (_factorial(order) / 2 * K / N ** (order - 1))[()]


@labelled
def n_patterns(alpha: Any, *, n_spins: Any, order: int) -> Any:
    r"""Return :math:`K = 2 \alpha N^{P-1}/P!`, not rounded: the inverse of `load`.

    Parameters
    ----------
    alpha, n_spins : float or array_like
        Load in [0, inf) and N in [1, inf).
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(n_patterns(0.12, n_spins=100, order=4))
    10000.0
    """
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    N = domain.real_array("n_spins", n_spins, "[1, inf)")
    return (2 * alpha / _factorial(order) * N ** (order - 1))[()]


@labelled
def bare_load(alpha: Any, *, order: int) -> Any:
    r"""Return the papers' :math:`\alpha_{P-1} = K/N^{P-1} = 2 \alpha/P!`.

    Parameters
    ----------
    alpha : float or array_like
        Load in [0, inf).
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> round(float(bare_load(0.39572, order=4)), 6)
    0.032977
    """
    return (2 / _factorial(order) * domain.real_array("alpha", alpha, "[0, inf)"))[()]


@labelled
def power_load(alpha: Any, *, order: int) -> Any:
    r"""Return the load in units of literal powers, :math:`(2d-1)!!\,K/N^d` with d = P - 1.

    The variance of the crosstalk :math:`\sum_\mu m_\mu^d` of K random overlaps, as in the
    literature on polynomial sequences (arXiv:2306.04532): :math:`2 (2P-3)!!\,\alpha/P!`.

    Parameters
    ----------
    alpha : float or array_like
        Load in [0, inf).
    order : int
        P, 2 to 8.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> power_load([0.1, 0.25219], order=3).round(6), float(power_load(0.1, order=2))
    (array([0.1    , 0.25219]), 0.1)
    """
    factor = 2 * math.prod(range(1, 2 * order - 2, 2)) / _factorial(order)
    return (factor * domain.real_array("alpha", alpha, "[0, inf)"))[()]


@labelled
def storage_load(
    amplitude: Any, *, n_spins: Any, order: int, storage_exponent: float | None = None
) -> Any:
    r"""Return the load alpha of :math:`K = \alpha_b N^b` archetypes.

    Parameters
    ----------
    amplitude : float or array_like
        :math:`\alpha_b` in [0, inf).
    n_spins : float or array_like
        N in [1, inf); without effect at b = P - 1, where the load is that of every N.
    order : int
        P, 2 to 8.
    storage_exponent : float, optional
        b in [0, P - 1], by default P - 1: the inverse of `bare_load`.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(storage_load(0.5, n_spins=100, order=4, storage_exponent=2))
    0.06
    >>> float(storage_load(0.05, n_spins=100, order=3).round(12))
    0.15
    """
    factor = _factorial(order) / 2
    b = order - 1 if storage_exponent is None else storage_exponent
    b = domain.real("storage_exponent", b, f"[0, {order - 1}]")
    amplitude = domain.real_array("amplitude", amplitude, "[0, inf)")
    N = domain.real_array("n_spins", n_spins, "[1, inf)")
    return (factor * amplitude * N ** (b - order + 1))[()]


@labelled
def normalised_overlap(n: Any, rule: Rule) -> Any:
    r"""Return :math:`\tilde n = \sqrt{1 + \rho}\,n` of a network with a load.

    Here, as in arXiv:2212.00606, n = m at perfect data; the equations of state
    (`theory.one_pattern.replica`) are those of
    :math:`\tilde n = (1/N) \sum_i \bar\eta_i s_i/\sqrt R`, the overlap with the normalised rows.

    Parameters
    ----------
    n : float or array_like
        Finite.
    rule : Rule
        Gives :math:`\rho = (1 - r^2)/(M r^2)`.

    Raises
    ------
    ValueError
        If n is not real.

    Examples
    --------
    >>> from hebbian import Supervised
    >>> round(float(normalised_overlap(0.8, Supervised(quality=0.5, n_examples=12))), 12)
    0.894427191
    """
    n = domain.real_array("n", n, "(-inf, inf)")
    return (math.sqrt(1 + rule.dataset_entropy) * n)[()]


@labelled
def multitasking_overlap(n: Any, rule: Rule) -> Any:
    r"""Return the papers' :math:`n/(1 + \rho)` of a multitasking network.

    Here :math:`n = (1/N) \sum_i v_i s_i` with rows v of mean one, whose equations need no
    factor; with that factor, as for networks with a load, n <= 1 (arXiv:2308.04106).

    Parameters
    ----------
    n : float or array_like
        Finite.
    rule : Rule
        Gives :math:`\rho = (1 - r^2)/(M r^2)`.

    Raises
    ------
    ValueError
        If n is not real.

    Examples
    --------
    >>> from hebbian import Supervised
    >>> round(float(multitasking_overlap(0.9, Supervised(quality=0.5, n_examples=12))), 12)
    0.72
    """
    n = domain.real_array("n", n, "(-inf, inf)")
    return (n / (1 + rule.dataset_entropy))[()]
