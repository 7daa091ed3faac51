r"""Ultra-storage and ultra-detection: what the room of P-body couplings can be spent on.

A network with P-body interactions stores up to :math:`K \sim N^{P-1}` archetypes
(*ultra-storage*).  With fewer, :math:`K = \alpha_b N^b`, the room that is left,
:math:`N^{P-1-b}`, tolerates noise that grows with N (*ultra-detection*), of four kinds:

* ``"patterns"``: :math:`\xi + w g` is stored instead of :math:`\xi`; w stays finite.
* ``"learning"``: each pattern enters with factors :math:`\xi_{i_1} \cdots \xi_{i_h} +
  w g_{i_1 \ldots i_h}`, h = P/2, whose products of two are summed to the coupling;
  :math:`w \sim N^{(P-1-b)/4}`.
* ``"storing"``: :math:`w g_{i_1 \ldots i_P}` is added to the coupling for each pattern;
  :math:`w \sim N^{(P-1-b)/2}`.
* ``"data"``: noisy examples without a teacher, at finite :math:`\rho = (1 - r^2)/(M r^2)`;
  :math:`r \sim N^{-(P-1-b)/(2(P-1))}`.

g are standard Gaussian variables (E. Agliari et al., Phys. Rev. Lett. 124, 028301 (2020),
arXiv:1911.12689; arXiv:2211.14067).  The noise acts like patterns, as a load
(`effective_load`), except in ``"patterns"``, where it is the :math:`\rho = w^2` of one noisy
example with a teacher, which no spare room averages away.

``"learning"`` with b <= 1 is limited by the noise in the coupling factors of the retrieved
pattern itself, :math:`w \sim N^{(P-2)/4}`; at b = 1 both noises are of one order and their
equations resemble those of the Hopfield network (`theory.learning.noisy`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hebbian import Dense, Supervised, Unsupervised, domain
from hebbian.calling import checked
from hebbian.result import Result
from theory.boundaries import critical_load
from theory.conventions import load
from theory.one_pattern.dense import data_noise
from theory.roots import root

__all__ = [
    "KINDS",
    "UltraDetection",
    "UltraStorage",
    "effective_load",
    "tolerable_noise",
    "ultra_detection",
    "ultra_storage",
]

KINDS = ("patterns", "learning", "storing", "data")


@dataclass(frozen=True, kw_only=True)
class UltraStorage(Result):
    r"""Largest number of archetypes, :math:`K = a N^b`.

    Parameters
    ----------
    exponent : int
        b = P - 1.
    amplitude : float
        :math:`a = 2 \alpha_c / P!`; NaN where nothing is retrieved.
    critical_load : float
        :math:`\alpha_c`.
    """

    exponent: int
    amplitude: float
    critical_load: float


@checked
def ultra_storage(order: int, *, T: float = 0.0) -> UltraStorage:
    """Return how many archetypes a dense network retrieves.

    Parameters
    ----------
    order : int
        P, 2 to 8; distinct indices.
    T : float
        Temperature in [0, inf).

    Returns
    -------
    UltraStorage

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> limit = ultra_storage(4)
    >>> limit.exponent, round(limit.amplitude, 6)
    (3, 0.032977)
    """
    model = Dense(order=order)
    alpha = float(critical_load(model, domain.real("T", T, "[0, inf)")))
    return UltraStorage(
        exponent=model.order - 1,
        amplitude=2 * alpha / math.factorial(model.order),
        critical_load=alpha,
    )


@dataclass(frozen=True, kw_only=True)
class UltraDetection(Result):
    r"""How tolerable noise scales, :math:`N^{\rm exponent}`.

    Parameters
    ----------
    quantity : str
        ``"noise"``: the largest amplitude w of the noise; ``"quality"``: the smallest
        quality r of the examples, whose number grows as r^-2.
    exponent : float
    """

    quantity: str
    exponent: float


@checked
def ultra_detection(order: int, storage_exponent: float, *, kind: str) -> UltraDetection:
    r"""Return the exponent of the noise that :math:`K \sim N^b` archetypes tolerate.

    Parameters
    ----------
    order : int
        P, 2 to 8; even for ``kind="learning"``.
    storage_exponent : float
        b in [0, P - 1]; positive for ``kind="data"``, where at b = 0 the retrieved class
        itself makes noise of the same order.
    kind : {"patterns", "learning", "storing", "data"}
        Where the noise is; see `theory.learning.regimes`.

    Returns
    -------
    UltraDetection

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> ultra_detection(4, 1, kind="learning")
    UltraDetection(quantity='noise', exponent=0.5)
    >>> ultra_detection(4, 1, kind="data").exponent
    -0.3333333333333333
    """
    P = _order(order, kind)
    b = domain.real(
        "storage_exponent", storage_exponent, f"{'(' if kind == 'data' else '['}0, {P - 1}]"
    )
    room = P - 1 - b
    exponents = {
        "patterns": 0.0,
        "learning": min(room, P - 2) / 4,
        "storing": room / 2,
        "data": -room / (2 * (P - 1)) if room > 0 else 0.0,
    }
    return UltraDetection(
        quantity="quality" if kind == "data" else "noise", exponent=exponents[kind]
    )


def _order(order: Any, kind: str) -> int:
    domain.choice("kind", kind, KINDS)
    P = domain.integer("order", order, "[2, 8]")
    if kind == "learning" and P % 2:
        raise ValueError(f"order = {P}: kind 'learning' splits P into halves and needs an even one")
    return P


@checked
def effective_load(
    kind: str,
    *,
    order: int,
    n_spins: Any,
    n_patterns: Any,
    noise: Any = 0.0,
    quality: float = 1.0,
    n_examples: int = 1,
) -> Any:
    r"""Return the load alpha that makes the same crosstalk as patterns and noise together.

    Parameters
    ----------
    kind : {"patterns", "learning", "storing", "data"}
        Where the noise is; see `theory.learning.regimes`.
    order : int
        P, 2 to 8; even for ``kind="learning"``.
    n_spins, n_patterns : float or array_like
        N and K, at least 1.
    noise : float or array_like
        Amplitude w in [0, inf); without effect for ``kind="data"``.
    quality, n_examples : float and int
        r and M of the examples of ``kind="data"``; without effect otherwise.

    Returns
    -------
    float or numpy.ndarray
        With :math:`\alpha = (P!/2) K/N^{P-1}`: :math:`\alpha` for ``"patterns"``;
        :math:`w^4 K/N^{P-1}` for ``"learning"``, to leading order in w and for b > 1;
        :math:`\alpha (1 + w^2)` for ``"storing"``; :math:`\alpha (1 + \rho_P)/(1 + \rho)^P`
        for ``"data"``, to be used with the law of supervised examples.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> float(effective_load("storing", order=4, n_spins=100, n_patterns=100, noise=10.0).round(6))
    0.1212
    """
    P = _order(order, kind)
    N = domain.real_array("n_spins", n_spins, "[1, inf)")
    K = domain.real_array("n_patterns", n_patterns, "[1, inf)")
    w = domain.real_array("noise", noise, "[0, inf)")
    rule = Unsupervised(quality=quality, n_examples=n_examples)
    alpha = load(K, n_spins=N, order=P)
    if kind == "learning":
        return w**4 * K / N ** (P - 1)
    if kind == "storing":
        return alpha * (1 + w**2)
    return alpha * (data_noise(rule, P, P) if kind == "data" else 1.0)


@checked
def tolerable_noise(
    kind: str,
    *,
    order: int,
    T: float = 0.0,
    n_spins: float,
    n_patterns: float,
    dataset_entropy: float = 0.0,
) -> float:
    r"""Return the largest noise, or the smallest quality, at which archetypes are retrieved.

    Parameters
    ----------
    kind : {"learning", "storing", "data"}
        Where the noise is; see `theory.learning.regimes`.
    order : int
        P, 2 to 8; even and at least 4 for ``kind="learning"``, at least 3 for ``"data"``.
    T : float
        Temperature in [0, inf).
    n_spins, n_patterns : float
        N and K, at least 1; ``"learning"`` supposes K >> N, ``"data"`` K >> 1.
    dataset_entropy : float
        :math:`\rho` in (0, 1] of ``kind="data"``, held while r falls: the number of
        examples is :math:`(1 - r^2)/(\rho r^2)`.

    Returns
    -------
    float
        w; r for ``"data"``; NaN where the archetypes are lost without any noise (for
        ``"data"``: whatever the quality).

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    The root of `effective_load` = `theory.critical_load`, replica symmetric; for ``"data"``
    the latter of the supervised network in the Gaussian law.

    Examples
    --------
    >>> round(tolerable_noise("storing", order=4, n_spins=1000, n_patterns=1000), 2)
    181.59
    """
    domain.choice("kind", kind, KINDS[1:])
    P = _order(order, kind)
    domain.integer("order", P, {"learning": "[4, 8]", "storing": "[2, 8]", "data": "[3, 8]"}[kind])
    N = domain.real("n_spins", n_spins, "[1, inf)")
    K = domain.real("n_patterns", n_patterns, "[1, inf)")
    T = domain.real("T", T, "[0, inf)")
    alpha = float(load(K, n_spins=N, order=P))
    if kind == "data":
        return _tolerable_quality(
            P, alpha, T, domain.real("dataset_entropy", dataset_entropy, "(0, 1]")
        )
    limit = float(critical_load(Dense(order=P), T))
    if kind == "learning":
        return (limit * N ** (P - 1) / K) ** 0.25
    return math.sqrt(limit / alpha - 1) if limit >= alpha else math.nan


def _tolerable_quality(P: int, alpha: float, T: float, rho: float) -> float:
    n_examples = 10**9
    rule = Supervised(quality=1 / math.sqrt(1 + rho * n_examples), n_examples=n_examples)
    limit = float(critical_load(Dense(order=P, rule=rule), T, law="gaussian"))
    # kappa (1 + rho)^P - 1 = rho_P = rho (1 + r^-2 + ... + r^(2 - 2P))
    target = (limit / alpha * (1 + rho) ** P - 1) / rho

    def excess(r: float) -> float:
        return sum(r ** (-2 * j) for j in range(P)) - target

    if not target >= P:
        return math.nan
    return root(excess, 0.5 * target ** (-0.5 / (P - 1)), 1.0)
