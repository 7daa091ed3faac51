r"""From the transitions of finite networks to that of the infinite one.

At the transition of a finite network :math:`\beta f_D - \beta f_R = x` minus what vanishes with N,
with :math:`x = \ln(2K)/N` the entropy of the choice among the patterns.  Since
:math:`d(\beta f)/d\beta = e`, the inverse temperature moves by :math:`d\beta/dx = -1/\Delta e`,
:math:`\Delta e` the latent heat (Clapeyron's equation): :math:`\beta_N` is linear in x, far better
than :math:`T_N`, and tends to :math:`\beta_c`.  A law in 1/N misses the logarithm.

Branches that are followed separately know nothing of the other patterns; what is left are
corrections of order 1/N.
"""

from __future__ import annotations

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
    dof = len(x) - 2
    if dof < 0:
        return Limit(np.nan, np.nan, np.nan, np.nan, np.nan, dof)
    design = np.stack([np.ones_like(x), x], axis=1) / errors[:, None]
    covariance = np.linalg.inv(design.T @ design)
    intercept, slope = (float(c) for c in covariance @ design.T @ (beta / errors))
    chi2 = float(np.square(design @ [intercept, slope] - beta / errors).sum())
    error, slope_error = (float(e) for e in np.sqrt(np.diag(covariance)))
    return Limit(
        1 / intercept, error / intercept**2, slope, slope_error, chi2 if dof else np.nan, dof
    )
