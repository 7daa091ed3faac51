r"""Errors and intervals where a mean rests on few events.

A magnetization near 1 is a sum over reversed spins.  If a handful of them is all that some
samples show, the spread of the samples says nothing about the rarer and larger events that
none of them has seen, and without any event it is 0: neither is an error.

The distance x of a mean from the end of its range is read as a weighted sum of Poisson
counts (M. P. Fay and E. J. Feuer, Statist. Med. 16, 791 (1997)): with the sum y and the
variance v of all samples in units of one event, :math:`n = y^2/v` events of the weight
:math:`f = v/y` were seen.  One more of the weight w may have been missed, whose logarithm is
shrunk to that of a whole event as if that had been seen `PRIOR` times:

.. math:: \ln w = (1 - \min(1, c/n)) \ln f + \min(1, c/n) \ln u, \qquad
   \sigma^2 = (v + w^2) / S^2,

c = `PRIOR`; u = 1, or the weight of all spins together where the events that were seen are
larger than single spins.  With many events w is lost beside v; with none the error is one
event in S samples, and the interval at 95 % ends near three, as by the rule of three.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["ENDLESS", "Range", "interval", "is_few", "missed"]

#: Events that the prior weight of a missed one counts as.
PRIOR = 3.0

#: A spread below this part of the mean is rounding.
ROUNDING = 1e-14

#: Distances from the end of a range below so many errors rest on few events.
FEW = 3.0


class Range(NamedTuple):
    """Where a quantity can lie, and what a single event changes.

    Parameters
    ----------
    low, high : float
        Ends of the range; infinite where there are none.  Arrays of the shape of the numbers
        where these have ranges of their own.
    event : numpy.ndarray or float
        Change of a sample's number by one reversed spin, broadcasts to that number; NaN
        where nobody knows, and the largest distance that was seen takes its place.
    collective : float
        Change by all spins together, in events.
    """

    low: Any = -np.inf
    high: Any = np.inf
    event: np.ndarray | float = np.nan
    collective: float = 1.0

    def bounded(self) -> bool:
        """Whether it has an end."""
        return bool(np.isfinite(self.low) or np.isfinite(self.high))

    def distance(self, x: np.ndarray) -> np.ndarray:
        """Return the distance from the nearest end."""
        return np.minimum(np.asarray(x) - self.low, self.high - np.asarray(x))


#: Of quantities of which nothing is known.
ENDLESS = Range()


def missed(per_sample: np.ndarray, spread: np.ndarray, within: Range) -> np.ndarray:
    """Return what one event that no sample has seen would change the mean by.

    Parameters
    ----------
    per_sample : numpy.ndarray
        Shape (..., n_samples), at least two.
    spread : numpy.ndarray
        Shape (...): standard error that the samples show.
    within : Range

    Returns
    -------
    numpy.ndarray
        Shape (...); 0 for a quantity without an end, whose spread tells all.  NaN where
        nothing was seen and the size of an event is not known.

    Examples
    --------
    Six samples of 100 spins, none of which was ever reversed:

    >>> float(missed(np.ones(6), np.array(0.0), Range(-1, 1, event=0.02)).round(5))
    0.00333
    """
    n_samples = per_sample.shape[-1]
    mean = per_sample.mean(axis=-1)
    still = spread <= ROUNDING * np.abs(mean)
    if not within.bounded():
        unseen = np.broadcast_to(np.asarray(within.event) / n_samples, mean.shape)
        return np.where(still, unseen, 0.0)
    y = within.distance(mean) * n_samples
    event = np.broadcast_to(np.asarray(within.event, np.float64), mean.shape)
    largest = within.distance(per_sample).max(axis=-1)
    event = np.where(np.isnan(event), np.where(largest > 0, largest, np.nan), event)
    y = y / event
    v = np.square(n_samples * spread / event)
    seen = ~still & (y > 0)
    y, v = np.where(seen, y, 1.0), np.where(seen, v, 1.0)
    shrunk = np.minimum(1.0, PRIOR * v / y**2)
    weight = v / y
    whole = np.where(weight > 1, np.maximum(within.collective, weight), 1.0)
    w = np.exp((1 - shrunk) * np.log(weight) + shrunk * np.log(whole))
    return np.where(seen, w, 1.0) * event / n_samples


def is_few(mean: np.ndarray, error: np.ndarray, unseen: np.ndarray, within: Range) -> np.ndarray:
    """Whether a mean rests on few events.

    On at most nine, on a single value of all samples, or more on what was missed than on
    what was seen.
    """
    few = ~(np.asarray(error) > 0) | (2 * np.square(unseen) > np.square(error))
    if within.bounded():
        few = few | (within.distance(mean) < FEW * np.nan_to_num(error))
    return np.asarray(few)


def interval(
    mean: np.ndarray, error: np.ndarray, unseen: np.ndarray, freedom: float, level: float,
    within: Range,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    r"""Return the interval of a mean: Student's, skew near an end of the range.

    The distance x from an end has the gamma interval of Fay and Feuer, eq. (7), from the
    quantile of the law with mean x and variance v up to that of the law with mean x + w and
    variance :math:`v + w^2`; v is widened by the square of Student's deviate in units of the
    Gaussian one, so that far from the end the interval is :math:`x \pm t \sqrt{v}`.  Between
    two ends those of both are averaged, each with the weight of the distance from the other.
    """
    from scipy.special import ndtri, stdtrit

    tail = 0.5 * (1 - level)
    t = -float(stdtrit(freedom, tail)) if freedom > 0 else np.nan
    mean, spread = np.asarray(mean), np.sqrt(np.maximum(error**2 - unseen**2, 0.0))
    wide = -t / float(ndtri(tail)) * spread
    if not within.bounded():
        reach = np.hypot(t * spread, -np.log(tail) * unseen)
        return mean - reach, mean + reach
    below, above = mean - within.low, within.high - mean
    if np.isinf(within.high):
        near, far = _gamma_interval(below, wide, unseen, tail)
        return within.low + near, within.low + np.maximum(far, below + t * spread)
    if np.isinf(within.low):
        near, far = _gamma_interval(above, wide, unseen, tail)
        return within.high - np.maximum(far, above + t * spread), within.high - near
    near, far = _gamma_interval(above, wide, unseen, tail)
    of_high = within.high - np.maximum(far, above + t * spread), within.high - near
    near, far = _gamma_interval(below, wide, unseen, tail)
    of_low = within.low + near, within.low + np.maximum(far, below + t * spread)
    share = below / (within.high - within.low)
    low, high = (
        share * np.clip(a, within.low, within.high)
        + (1 - share) * np.clip(b, within.low, within.high)
        for a, b in zip(of_high, of_low, strict=True)
    )
    return low, high


def _gamma_interval(
    x: np.ndarray, spread: np.ndarray, unseen: np.ndarray, tail: float
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles `tail` and 1 - `tail` of gamma laws without and with the missed event."""
    low = _gamma_quantile(x, spread, tail)
    return low, _gamma_quantile(x + unseen, np.hypot(spread, unseen), 1 - tail)


def _gamma_quantile(mean: np.ndarray, spread: np.ndarray, p: float) -> np.ndarray:
    from scipy.special import gammaincinv

    with np.errstate(divide="ignore", invalid="ignore"):
        shape = np.square(mean / spread)
        value = gammaincinv(shape, p) * mean / shape
    return np.where(spread > 0, np.where(mean > 0, value, 0.0), mean)
