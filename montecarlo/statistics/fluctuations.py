r"""Quantities that are not means: susceptibility, specific heat, Binder cumulant.

The thermal average of one disorder sample is taken first, the average over samples last:
:math:`\langle\cdot\rangle` and :math:`[\cdot]` below.
"""

from __future__ import annotations

import numpy as np

from .estimate import Estimate
from .estimators import in_units, integrated_time, jackknife, reduce
from .rare_events import Range

__all__ = ["binder", "thermal_variance", "variance_estimate"]


def thermal_variance(series: np.ndarray) -> np.ndarray:
    r"""Variance :math:`\langle x^2 \rangle - \langle x \rangle^2` of every sample.

    The mean square within chains plus the variance of the chains' means: free of bias for
    independent stationary chains of any length, and large where chains sit in different
    states.  A single chain is corrected by its autocorrelation time, 1/(1 - tau/n).

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).

    Returns
    -------
    numpy.ndarray
        Shape (..., n_samples); NaN without measurements, where a single chain is shorter than
        its autocorrelation time and where a number is not finite.

    Examples
    --------
    >>> thermal_variance(np.array([[[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]]))
    array([1.])
    """
    *_, n_replicas, n = series.shape
    if n == 0 or n_replicas == 0:
        return np.full(series.shape[:-2], np.nan)
    series, unit = in_units(series, (-1, -2))
    within = series.var(axis=-1).mean(axis=-1)
    if n_replicas > 1:
        variance = within + series.mean(axis=-1).var(axis=-1, ddof=1)
    else:
        kept = 1 - integrated_time(series) / n
        variance = np.where(kept > 0, within / np.where(kept > 0, kept, 1.0), np.nan)
    with np.errstate(over="ignore"):
        return variance * unit[..., 0, 0] ** 2


def variance_estimate(
    series: np.ndarray,
    factor: np.ndarray,
    stride: int,
    event: np.ndarray | float = np.nan,
    collective: float = 1.0,
) -> Estimate:
    r"""Estimate :math:`[c (\langle x^2 \rangle - \langle x \rangle^2)]`.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    factor : numpy.ndarray
        c, broadcasts to (...); NaN where the quantity is not defined.
    stride : int
    event, collective : numpy.ndarray, float
        What one spin makes it, and all spins in units of that: `rare_events.Range`.
    """
    variance = thermal_variance(series)
    factor = np.broadcast_to(factor, variance.shape[:-1])
    within = Range(0.0, np.inf, event, collective)
    return reduce(factor[..., None] * variance, series, stride, within=within)


def binder(series: np.ndarray, stride: int) -> Estimate:
    r"""Binder cumulant :math:`U = 1 - [\langle x^4 \rangle] / (3 [\langle x^2 \rangle]^2)`.

    Moments are averaged over samples before the ratio is taken, as in spin glasses, where
    3 U/2 is called g; the error is the jackknife's over samples.  U is 2/3 where x has one
    modulus and 0 where it is Gaussian about 0.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    stride : int

    References
    ----------
    K. Binder, Z. Phys. B 43 (1981) 119; R. N. Bhatt and A. P. Young, Phys. Rev. B 37 (1988)
    5606.

    Examples
    --------
    >>> two_values = np.tile([1.0, -1.0], (3, 2, 50))
    >>> float(binder(two_values, 1).mean.round(6))
    0.666667
    """
    if 0 in series.shape[-3:]:
        nan = np.full(series.shape[:-3], np.nan)
        return reduce(nan, series, stride, error=nan)
    series, _ = in_units(series, (-1, -2, -3))  # U has no unit
    second, fourth = ((series**k).mean(axis=(-1, -2)) for k in (2, 4))
    value, error = jackknife(_cumulant, second, fourth)
    return reduce(value, series, stride, error=error)


def _cumulant(second: np.ndarray, fourth: np.ndarray) -> np.ndarray:
    defined = second > 0
    return np.where(defined, 1 - fourth / (3 * np.where(defined, second, 1.0) ** 2), np.nan)
