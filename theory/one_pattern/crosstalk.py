r"""What the patterns that are not retrieved do to a spin.

All but one of the classes enter through the overlap q of two replicas, or equivalently
through the local susceptibility :math:`\chi = (1 - q)/T`, which stays finite at T = 0.
They add a Gaussian field of variance :math:`V = \alpha G`.

* P >= 3: infinitely many patterns per spin, each with a vanishing overlap, so that only
  their second cumulant survives and the network is a spin glass with the covariance
  :math:`\sum_k w_k q^k`:  :math:`G = \frac12 \sum_k k w_k q^{k-1}` (E. Gardner,
  doi:10.1088/0305-4470/20/11/046; arXiv:2212.00606).
* P = 2: every cumulant survives and the series resums,
  :math:`G = \sum_g g v^2 q / (1 - v \chi)^2`, with the eigenvalues v (multiplicities g) of
  the covariance of one class (D. J. Amit, H. Gutfreund, H. Sompolinsky,
  doi:10.1016/0003-4916(87)90092-3).  States need :math:`\chi < 1/v` of all of them.

Everything is written in T and chi so that no difference of large numbers is left at T = 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled

__all__ = [
    "Crosstalk",
    "bounded",
    "crosstalk_energy",
    "crosstalk_free_energy",
    "instability",
    "noise",
    "susceptibility_gap",
]


class Crosstalk(NamedTuple):
    """The noise of one model.

    Parameters
    ----------
    resummed : bool
        Whether the order is P = 2.
    strength : numpy.ndarray
        The multiplicities g if `resummed`, otherwise the weights w.
    rank : numpy.ndarray
        The eigenvalues v if `resummed`, the largest first, otherwise the powers k.
    constant : float
        Energy per spin and unit load of the terms in which sites coincide, where that is
        finite: it shifts the energy and the free energy and nothing else.
    fading : float
        Rate of a palimpsest of which curves of retrieval have the `fading` crosstalk at every load,
        not that of the strengths; 0 for none.
    """

    resummed: bool
    strength: np.ndarray
    rank: np.ndarray
    constant: float
    fading: float = 0.0


@compiled
def susceptibility_gap(v: float, q: float, chi: float, T: float) -> float:
    """Return 1 - v chi without cancellation near q = 0; positive where P = 2 makes sense."""
    return ((T - v) + v * q) / T if q < 0.5 else 1 - v * chi


@compiled
def bounded(crosstalk: Crosstalk, q: float, chi: float, T: float) -> bool:
    """Whether the series of P = 2 converges, as any does that is not resummed."""
    return not crosstalk.resummed or susceptibility_gap(crosstalk.rank[0], q, chi, T) > 0


@compiled
def noise(crosstalk: Crosstalk, q: float, chi: float, T: float) -> tuple[float, float]:
    r"""Return :math:`G = V/\alpha` and :math:`dG/d\chi`.

    :math:`q = 1 - T \chi`, and both are passed because either may be too small to follow from
    the other.
    """
    value = slope = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            gap = susceptibility_gap(k, q, chi, T)
            value += w * k**2 * q / gap**2
            slope += w * k**2 * (2 * k * q / gap - T) / gap**2
        else:
            value += 0.5 * k * w * q ** (k - 1)
            if k > 1:
                slope -= 0.5 * k * (k - 1) * w * q ** (k - 2) * T
    return value, slope


@compiled
def crosstalk_free_energy(crosstalk: Crosstalk, q: float, chi: float, T: float) -> float:
    r"""Return the share of the free energy per unit load, conjugate variables included.

    P >= 3: :math:`-\frac{1}{4T} \sum_k w_k [1 - k q^{k-1} + (k-1) q^k]`, whose bracket is
    :math:`(1 - q)^2 \sum_{j=1}^{k-1} j q^{j-1}`.  P = 2: the logarithm of the resummed
    series and :math:`G \chi / 2`.
    """
    value = crosstalk.constant
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            gap = susceptibility_gap(k, q, chi, T)
            value += 0.5 * w * (T * math.log(gap) + k * chi * (T - k) / gap)
            value += 0.5 * w * k**2 * q / gap**2 * chi
        else:
            power = 1.0
            for j in range(1, int(k)):
                value -= 0.25 * w * T * chi**2 * j * power
                power *= q
    return value


@compiled
def crosstalk_energy(crosstalk: Crosstalk, q: float, chi: float, T: float) -> float:
    r"""Return the share of the energy per unit load.

    P >= 3: :math:`-\frac{1}{2T} \sum_k w_k (1 - q^k)`.
    """
    value = crosstalk.constant
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            gap = susceptibility_gap(k, q, chi, T)
            value -= 0.5 * w * k * (T * chi / gap + q / gap**2 - 1)
        else:
            power = 1.0
            for _ in range(int(k)):
                value -= 0.5 * w * chi * power
                power *= q
    return value


@compiled
def instability(crosstalk: Crosstalk, q: float, chi: float, T: float) -> float:
    r"""Return I of the replicon eigenvalue :math:`1 - \alpha I\,E\,\mathrm{sech}^4 / T^2`.

    P >= 3: :math:`\frac12 \sum_k k (k-1) w_k q^{k-2}`; P = 2:
    :math:`\sum_g g v^2/(1 - v \chi)^2`.
    """
    value = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        if crosstalk.resummed:
            value += w * k**2 / susceptibility_gap(k, q, chi, T) ** 2
        elif k > 1:
            value += 0.5 * k * (k - 1) * w * q ** (k - 2)
    return value
