r"""Noisy coupling factors at K proportional to N: the Hopfield network of P-body couplings.

Each pattern enters with factors :math:`\xi_{i_1} \cdots \xi_{i_h} + w\,g_{i_1 \ldots i_h}`,
h = P/2, over all h-tuples, and the coupling is the sum over the patterns of the products of
two factors.  At :math:`K = \alpha_1 N` and :math:`w^2 = w_0^2 N^{(P-2)/2}` the noise of the
patterns that are not retrieved resums as at P = 2, and the noise in the factors of the
retrieved pattern is of the same order.  At T = 0, with C the limit of (1 - q)/T, so that
:math:`(1 - q^h)/T \to h C`,

.. math::
    m = {\rm erf}\frac{S}{\sqrt{2V}}, \quad
    C = \sqrt{\frac{2}{\pi V}}\,e^{-S^2/2V}, \quad
    S = h\,m^{P-1} (1 + D), \quad
    V = h w_0^2 m^P + \frac{h \alpha_1 w_0^4}{(1 - D)^2}, \quad D = h C w_0^2;

without the retrieved pattern's own noise S and V lose the terms D and :math:`h w_0^2 m^P`,
the variant met in the literature on :math:`w^2 = K` at P = 4 (compare arXiv:1911.12689).
Given :math:`y = S/\sqrt{2V}` the rest is explicit up to one root, and the capacity is the
maximum over y.

Only T = 0 is solved.  At T > 0 the equations are :math:`m = E \tanh(h/T)`,
:math:`q = E \tanh^2(h/T)` with :math:`D = w_0^2 (1 - q^h)/T` and
:math:`V = h w_0^2 m^P q^{h-1} + h \alpha_1 w_0^4 q^{2h-1}/(1-D)^2`; there y makes
nothing explicit, m, q and V are roots at each load, and the branch of T = 0 would have to be
told from others.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import domain
from hebbian.calling import checked
from theory.roots import highest, root, root_beyond

__all__ = ["noisy_learning_capacity", "noisy_learning_overlap"]


def _load(y: float, h: int, noise: float | None, self_noise: bool) -> float:
    r"""Return the load whose state has :math:`S/\sqrt{2V} = y` at T = 0; 0 if none has."""
    m, response = math.erf(y), 2 / math.sqrt(math.pi) * y * math.exp(-y * y)  # response: C S
    bare = h * m ** (2 * h - 1)

    def variance(w2: float) -> tuple[float, float, float]:
        """Return S^2/(2 y^2), the pattern's own noise, and 1 - D."""
        S = bare
        if self_noise:
            S = 0.5 * (bare + math.sqrt(bare * bare + 4 * w2 * h * bare * response))
        own = w2 * h * m ** (2 * h) if self_noise else 0.0
        return S * S / (2 * y * y), own, 1 - w2 * h * response / S

    if noise is not None:
        total, own, gap = variance(noise)
        return max(0.0, (total - own) * gap**2 / (h * noise**2)) if gap > 0 else 0.0

    def excess(alpha: float) -> float:
        total, own, gap = variance(alpha)
        return alpha * h * alpha**2 - (total - own) * gap**2

    divergence = (2 if self_noise else 1) * bare / (h * response) if response > 0 else math.inf
    return root(excess, 0.0, min(divergence, 1e6))


def _peak(h: int, noise: float | None, self_noise: bool) -> tuple[float, float]:
    """Return the y of the largest load, and that load."""
    return highest(lambda y: _load(y, h, noise, self_noise), np.geomspace(0.2, 8, 60), 1e-10)


def _checked(order: int, noise: float | None) -> tuple[int, float | None]:
    P = domain.integer("order", order, "[4, 8]")
    if P % 2:
        raise ValueError(f"order = {P} is odd: the factors join P/2 spins, P is 4, 6 or 8")
    return P // 2, None if noise is None else domain.real("noise", noise, "(0, inf)")


@checked
def noisy_learning_capacity(
    order: int = 4, *, noise: float | None = None, self_noise: bool = True
) -> float:
    r"""Return the largest K/N of a network with noisy coupling factors, at T = 0.

    Parameters
    ----------
    order : int
        P: 4, 6 or 8.
    noise : float, optional
        :math:`w_0^2 = w^2 N^{-(P-2)/2}` in (0, inf); by default it equals K/N, which for
        P = 4 is the published case :math:`w^2 = K`.
    self_noise : bool
        Whether the noise in the factors of the retrieved pattern is kept.  It is of the same
        order as that of all others; without it the capacity is overestimated.

    Returns
    -------
    float
        :math:`\alpha_1 = K/N`; 0 if the retrieved pattern's own noise is too much.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> [round(noisy_learning_capacity(self_noise=kept), 6) for kept in (True, False)]
    [0.545041, 0.651097]
    """
    h, w2 = _checked(order, noise)
    return _peak(h, w2, self_noise)[1]


@checked
def noisy_learning_overlap(
    alpha: float, order: int = 4, *, noise: float | None = None, self_noise: bool = True
) -> float:
    r"""Return the Mattis overlap of retrieval with noisy coupling factors, at T = 0.

    Parameters
    ----------
    alpha : float
        :math:`\alpha_1 = K/N` in (0, inf).
    order, noise, self_noise
        As for `noisy_learning_capacity`, on the branch with the largest overlap.

    Returns
    -------
    float
        NaN beyond the capacity.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> [round(noisy_learning_overlap(alpha), 4) for alpha in (0.3, 0.45, 0.6)]
    [0.9874, 0.9469, nan]
    """
    alpha = domain.real("alpha", alpha, "(0, inf)")
    h, w2 = _checked(order, noise)
    y, largest = _peak(h, w2, self_noise)
    if alpha > largest:
        return math.nan

    def excess(y: float) -> float:
        return _load(y, h, w2, self_noise) - alpha

    return math.erf(root_beyond(excess, y, 2.0, math.inf) if excess(y) > 0 else y)
