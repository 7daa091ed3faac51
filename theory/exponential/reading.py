r"""Reading at exponential load, :math:`K = e^{\alpha N}`, by any kernel.

A reading weighs every pattern by a kernel of its overlap m with the query, :math:`e^{N f(m)}` to
leading order, and takes the sign of the weighted sum at every site.  The pattern that is meant has
the overlap :math:`m_0`; :math:`e^{N (\alpha - I(m))}` others have the overlap m, none where
:math:`I(m) > \alpha` (`theory.exponential.binary`).  Their sum is of the order

.. math:: e^{N [c\,(\alpha - I(m)) + f(m)]},

* c = 1/2 if the query does not know the site (``own_site="excluded"``: differences of energies):
  signs are random;
* c = 1 if it does (``"included"``): those patterns agree with the query on a share (1 + m)/2 of
  the sites, and their sum votes for the query, which is wrong where there is something to read.

The sign is that of the pattern up to the load at which the largest of these is
:math:`e^{N f(m_0)}`, that is

.. math:: \alpha_c = \min_m \Bigl[ I(m) + \frac{(f(m_0) - f(m))_+}{c} \Bigr] \le I(m_0),

Shannon's bound: more patterns than :math:`e^{N I(m_0)}` cannot be told apart.  A constant in f
does not matter.  With the kernel of attention, :math:`f = \lambda m`, the minimum is at
:math:`m = \tanh(\lambda/c)`, and

.. math:: \alpha_c = \frac\lambda c m_0 - \ln\cosh\frac\lambda c
          \;\text{ if } m_0 \ge \tanh\frac\lambda c, \quad I(m_0) \text{ else:}

a sharpness of :math:`c\,{\rm artanh}\,m_0` or more attains the bound.  A kernel that is a power of
the overlap has f = 0, and reads :math:`e^{\alpha N}` patterns at no :math:`\alpha > 0`.

With ``"included"`` every site that is right stays so at any load: beyond :math:`\alpha_c` the
query is its own answer, and nothing is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hebbian import domain as domains
from hebbian.calling import checked

from .binary import Binary

__all__ = ["SHARES", "kernel_capacity"]

#: c, by whether the site that is updated belongs to the query.
SHARES = {"included": 1.0, "excluded": 0.5}

#: Points of the search for the minimum, and of each of its refinements by a factor of 16.
_FIRST, _NEXT, _REFINED = 4001, 33, 12

#: Start overlaps at a time.
_BLOCK = 256


@checked
def kernel_capacity(
    exponent: Callable[[np.ndarray], Any],
    start_overlap: Any = 1.0,
    *,
    own_site: str = "included",
    domain: tuple[float, float] = (-1.0, 1.0),
) -> Any:
    r"""Return the largest load ln K / N at which one reading by a kernel corrects a query.

    Parameters
    ----------
    exponent : callable
        f: takes an array of overlaps m, of any shape, and returns as many; -inf where the weight
        is zero.  The kernel is :math:`e^{N f(m)}`.
    start_overlap : float or array_like
        Overlap :math:`m_0` of the query with its pattern, in [-1, 1].
    own_site : {"included", "excluded"}
        Whether the site that is updated belongs to the query.
    domain : tuple of float
        Interval of the overlaps at which the kernel is not zero.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `start_overlap`; NaN where the pattern itself has no weight.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or `exponent` does not return as many numbers.

    Notes
    -----
    Derivation: `theory.exponential.reading`.  The votes of patterns of opposite overlaps cancel
    where the kernel is even in m: then the query does not vote, and is as if ``"excluded"``.

    Examples
    --------
    The kernel of attention; and one that is cut off below m = 0.5:

    >>> float(kernel_capacity(lambda m: m, 1.0).round(8))
    0.56621917
    >>> float(kernel_capacity(lambda m: m, 1.0, domain=(0.5, 1)).round(8))
    0.56621917
    >>> float(kernel_capacity(lambda m: 0 * m, 1.0, domain=(0.5, 1)).round(8))
    0.13081204
    """
    start = domains.real_array("start_overlap", start_overlap, "[-1, 1]")
    share = SHARES[domains.choice("own_site", own_site, tuple(SHARES))]
    low, high = (domains.real("domain", end, "[-1, 1]") for end in domain)
    if low >= high:
        raise ValueError(f"domain = {domain}: not an interval of overlaps")

    def kernel(m: np.ndarray) -> np.ndarray:
        found = np.asarray(exponent(m), float)
        if found.shape != m.shape or not (found < np.inf).all():
            raise ValueError("exponent: not one number or -inf for every overlap")
        return np.where((m >= low) & (m <= high), found, -np.inf)

    flat = start.ravel()
    blocks = [flat[i : i + _BLOCK] for i in range(0, flat.size, _BLOCK)]
    found = [_capacity(kernel, block, share, (low, high)) for block in blocks]
    return np.concatenate(found or [flat]).reshape(start.shape)[()]


def _capacity(
    kernel: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    share: float,
    interval: tuple[float, float],
) -> np.ndarray:
    """Minimise on a grid, and on finer ones around its lowest point: J has kinks and edges."""
    rate, signal = Binary().rate, kernel(start)
    read = np.isfinite(signal)
    own = np.where(read, signal, 0.0)[:, None]
    low, high = (np.full((start.size, 1), end) for end in interval)
    least = np.where(read, rate(start), np.nan)
    for size in (_FIRST, *[_NEXT] * _REFINED):
        m = low + (high - low) * np.linspace(0, 1, size)
        m[:, -1] = high[:, 0]
        cost = rate(m) + np.maximum(own - kernel(m), 0.0) / share
        at = np.argmin(cost, axis=1)[:, None]
        low, high = (
            np.take_along_axis(m, np.clip(at + side, 0, size - 1), axis=1) for side in (-1, 1)
        )
        least = np.minimum(least, np.take_along_axis(cost, at, axis=1)[:, 0])
    return least
