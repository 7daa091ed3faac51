r"""The kernel of a radius at exponential scale: d = delta N.

Of the addresses within d of both ends of a segment of x N sites most differ from either end on one
half of its sites, and at the rest of their distance, :math:`\delta - x/2`, on the others:

.. math:: f(m) = \lim \frac1N \ln 2^{-N} \#\{\text{shared}\}
          = (1 - x)\, h\Bigl(\frac{\delta - x/2}{1 - x}\Bigr) + x \ln 2 - \ln 2,
          \qquad x = \frac{1 - m}2 \le 2\delta,

h the entropy of a fair choice in nats; beyond there are none.  f(1) is the exponent of p, the share
of addresses near the query: in units of :math:`\varphi(0)` the exponent is f(m) - f(1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import entr

from hebbian import domain

__all__ = ["reach", "share_exponent"]


def share_exponent(m: Any, *, radius: float) -> Any:
    r"""Return the rate f(m) of the addresses within reach of two configurations of overlap m.

    Parameters
    ----------
    m : float or array_like
        Overlap in [-1, 1].
    radius : float
        :math:`\delta`, in (0, 1/2).

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `m`; -inf where they share no address.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> share_exponent([1.0, 0.6, 0.0], radius=0.2).round(6)
    array([-0.192745, -0.253102,      -inf])
    """
    overlap = domain.real_array("m", m, "[-1, 1]")
    delta = domain.real("radius", radius, "(0, 0.5)")
    x = 0.5 * (1 - overlap)
    inside = overlap >= reach(delta)
    others = np.where(inside & (x < 1), 1 - x, 1.0)
    share = np.clip(np.where(inside, delta - 0.5 * x, 0.0) / others, 0.0, 1.0)
    rate = others * (entr(share) + entr(1 - share)) - others * np.log(2)
    return np.where(inside, rate, -np.inf)[()]


def reach(radius: float) -> float:
    """Return the smallest overlap at which there are shared addresses: that of x = 2 delta.

    Examples
    --------
    >>> round(reach(0.2), 12)
    0.2
    """
    return max(1 - 4 * radius, -1.0)
