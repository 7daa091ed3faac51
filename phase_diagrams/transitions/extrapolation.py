r"""From the transitions of finite networks to that of the infinite one.

At the transition of a finite network :math:`\beta f_D - \beta f_R = x` minus what vanishes with N,
with :math:`x = \ln(2K)/N` the entropy of the choice among the patterns.  Since
:math:`d(\beta f)/d\beta = e`, the inverse temperature moves by :math:`d\beta/dx = -1/\Delta e`,
:math:`\Delta e` the latent heat (Clapeyron's equation): :math:`\beta_N` is linear in x, far better
than :math:`T_N`, and tends to :math:`\beta_c`.  A law in 1/N misses the logarithm.

Branches that are followed separately know nothing of the other patterns.  What is left are
corrections of order 1/N where the disordered branch is a paramagnet, and of order
:math:`N^{-2/3}` where it is a spin glass (T. Aspelmeier, A. Billoire, E. Marinari, M. A. Moore,
J. Phys. A 41, 324008 (2008), doi:10.1088/1751-8113/41/32/324008, for that of pairs).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

__all__ = ["Limit", "limit"]


class Limit(NamedTuple):
    """The transition of the infinite network.

    Parameters
    ----------
    T, error : float
    slope, slope_error : float
        Of the inverse temperature in the abscissa.
    chi2 : float
        With the errors of the sizes as they are.
    dof : int
        Sizes minus two; chi2 is NaN without any.
    """

    T: float
    error: float
    slope: float
    slope_error: float
    chi2: float
    dof: int


def limit(x: np.ndarray, beta: np.ndarray, errors: np.ndarray) -> Limit:
    r"""Fit :math:`\beta_N = \beta_c + b x` by weighted least squares.

    Where the sizes scatter about the line by more than their errors, the errors of the line grow
    by :math:`\sqrt{\chi^2/\mathrm{dof}}` (R. T. Birge, Phys. Rev. 40, 207 (1932),
    doi:10.1103/PhysRev.40.207); they never shrink.  The law holds better the larger the networks:
    with three sizes or more the change of T on leaving the smallest out is added to its error in
    quadrature.

    Parameters
    ----------
    x, beta, errors : (sizes,) numpy.ndarray
        Sizes without a transition or an error are left out.

    Returns
    -------
    Limit
        NaN with fewer than two sizes.

    Examples
    --------
    >>> x = np.array([0.1, 0.2, 0.4])
    >>> found = limit(x, 2.0 - 0.5 * x, np.full(3, 0.01))
    >>> round(found.T, 12), round(found.slope, 12), found.dof
    (0.5, -0.5, 1)
    """
    kept = np.isfinite(beta) & np.isfinite(errors) & (errors > 0)
    x, beta, errors = x[kept], beta[kept], errors[kept]
    if len(x) < 2:
        return Limit(np.nan, np.nan, np.nan, np.nan, np.nan, len(x) - 2)
    whole = _line(x, beta, errors)
    if whole.dof == 0:
        return whole
    larger = x < x.max()
    moved = _line(x[larger], beta[larger], errors[larger]).T - whole.T
    return whole._replace(error=math.hypot(whole.error, moved))


def _line(x: np.ndarray, beta: np.ndarray, errors: np.ndarray) -> Limit:
    """Fit two sizes or more."""
    dof = len(x) - 2
    design = np.stack([np.ones_like(x), x], axis=1) / errors[:, None]
    covariance = np.linalg.inv(design.T @ design)
    intercept, slope = (float(c) for c in covariance @ design.T @ (beta / errors))
    chi2 = float(np.square(design @ [intercept, slope] - beta / errors).sum())
    scatter = math.sqrt(max(1.0, chi2 / dof)) if dof else 1.0
    error, slope_error = (scatter * float(e) for e in np.sqrt(np.diag(covariance)))
    return Limit(
        1 / intercept, error / intercept**2, slope, slope_error, chi2 if dof else np.nan, dof
    )
