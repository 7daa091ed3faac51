"""Means with errors: over time, then replicas, then disorder samples.

Disorder samples are the independent units, so the error is taken over them.  The
integrated autocorrelation time says whether a chain was long enough to trust its mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hebbian.calling import checked

from .estimate import Estimate
from .rare_events import ENDLESS, Range, is_few, missed

__all__ = [
    "autocorrelation",
    "energy_estimate",
    "estimate",
    "in_units",
    "integrated_time",
    "jackknife",
    "over_samples",
    "overlap_estimate",
    "reduce",
]

WINDOW = 5.0  # Sokal: sum correlations up to this many autocorrelation times
TRUSTED = 50.0  # a chain shorter than this many times tau does not determine tau
ALTERNATING = 0.5  # below this many measurements tau is that of numbers that alternate
ROUNDING = 1e-28  # a variance below this part of the mean square is that of rounding


@checked
def integrated_time(series: np.ndarray) -> np.ndarray:
    r"""Integrated autocorrelation time :math:`1 + 2 \sum_t \rho(t)` with Sokal's window.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_chains, n_measurements); correlations are averaged over chains.

    Returns
    -------
    numpy.ndarray
        Shape (...): in units of the spacing of measurements; 1 for a constant series, NaN
        for an empty one and where a number is not finite.

    Notes
    -----
    A. Sokal, *Monte Carlo methods in statistical mechanics* (1997), sec. 3: the sum stops
    at the smallest window not below five times its own value.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bool(abs(integrated_time(rng.normal(size=(8, 4000))) - 1) < 0.1)
    True
    """
    series = np.asarray(series)
    n = series.shape[-1]
    if 0 in series.shape[-2:]:
        return np.full(series.shape[:-2], np.nan)
    rho, constant = autocorrelation(series)
    tau = 2 * np.cumsum(rho, axis=-1) - 1
    enough = np.arange(n) >= WINDOW * tau
    window = np.where(enough.any(axis=-1), np.argmax(enough, axis=-1), n - 1)
    value = np.take_along_axis(tau, window[..., None], axis=-1)[..., 0]
    return np.where(constant, 1.0, np.maximum(value, 1.0 / n))


def autocorrelation(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the normalised autocorrelation and whether a series is constant.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_chains, n_measurements); correlations are averaged over chains.

    Returns
    -------
    rho : numpy.ndarray
        Shape (..., n_measurements), 1 at lag 0; 0 for a constant series.
    constant : numpy.ndarray of bool
        Shape (...).
    """
    n = series.shape[-1]
    series, _ = in_units(series, axes=(-1, -2))
    centred = series - series.mean(axis=-1, keepdims=True)
    size = 1 << (2 * n - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, n=size, axis=-1)) ** 2
    correlation = np.fft.irfft(power, n=size, axis=-1)[..., :n].mean(axis=-2)
    # A series constant up to rounding has no correlations to speak of.
    scale = np.maximum(np.square(series).sum(axis=-1).mean(axis=-1), 1e-300)
    constant = correlation[..., 0] <= ROUNDING * scale
    return correlation / np.where(constant, 1.0, correlation[..., 0])[..., None], constant


def in_units(series: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return a series in units of a power of two near its largest modulus, and the unit.

    Squares and fourth powers of the result are safe, whatever the type and the size of the
    numbers, and its mantissas are those of the numbers.

    Parameters
    ----------
    series : numpy.ndarray
    axes : tuple of int
        Axes that share a unit.

    Returns
    -------
    scaled : numpy.ndarray
        float64; NaN, all that share a unit, where a number is not finite.
    unit : numpy.ndarray
        1 along `axes`.
    """
    values = np.asarray(series, np.float64)
    largest = np.abs(values).max(axis=axes, keepdims=True, initial=0.0)
    finite = np.isfinite(largest)
    _, exponent = np.frexp(np.where(finite, largest, 1.0))
    unit = np.where(finite, np.ldexp(1.0, np.clip(exponent, -1000, 1000)), np.nan)
    return np.where(finite, values, np.nan) / unit, unit


def estimate(series: np.ndarray, stride: int, within: Range = ENDLESS) -> Estimate:
    """Reduce a raw series to its mean and errors.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    stride : int
        Sweeps between measurements.
    within : Range
        Where the numbers can lie.
    """
    return reduce(_sample_means(series), series, stride, within=within)


def _sample_means(series: np.ndarray) -> np.ndarray:
    """Return the mean of every sample over time and replicas; NaN without any."""
    if 0 in series.shape[-3:]:
        return np.full(series.shape[:-2], np.nan)
    scaled, unit = in_units(series, axes=(-1, -2))
    return np.asarray((scaled * unit).mean(axis=(-1, -2)))


def overlap_estimate(series: np.ndarray, n_spins: int, stride: int) -> Estimate:
    """Reduce a series of overlaps of `n_spins` spins, whose range is [-1, 1].

    Overlaps with averages of examples may leave it; then they have no range.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    n_spins, stride : int
    """
    inside = np.abs(series).max(initial=0.0) <= 1
    ends = (-1.0, 1.0) if inside else (-np.inf, np.inf)
    return estimate(series, stride, Range(*ends, event=2 / n_spins, collective=n_spins / 2))


def energy_estimate(series: np.ndarray, n_spins: int, stride: int) -> Estimate:
    """Reduce a series of energies per spin.

    They have no end of their range near by, but what they rise above the lowest one of their
    chains has: with few patterns it is all that varies, and rests on few reversed spins.
    A spin of two-spin interactions costs 4 |e|/N, others more.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    n_spins, stride : int
    """
    n_samples = series.shape[-3]
    unseen = None
    if 0 not in series.shape[-3:] and n_samples > 1:
        lowest = series.min(axis=(-1, -2))
        above = series.mean(axis=(-1, -2)) - lowest
        event = 4 * np.abs(lowest).mean(axis=-1) / n_spins
        within = Range(0.0, np.inf, np.where(event > 0, event, np.nan), n_spins / 4)
        unseen = missed(above, over_samples(above)[1], within)
    return reduce(_sample_means(series), series, stride, unseen=unseen)


def reduce(
    per_sample: np.ndarray,
    series: np.ndarray,
    stride: int,
    error: np.ndarray | None = None,
    within: Range = ENDLESS,
    unseen: np.ndarray | None = None,
) -> Estimate:
    """Average one number per sample; the series it was made of tells tau.

    Parameters
    ----------
    per_sample : numpy.ndarray
        Shape (..., n_samples), or the mean itself, shape (...), where its error is given.
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    stride : int
        Sweeps between measurements.
    error : numpy.ndarray, optional
        Shape (...).
    within : Range
        Where the numbers can lie; of no use where the error is given.
    unseen : numpy.ndarray, optional
        Shape (...): what one event that was missed changes the mean by, where it does not
        follow from `within`.
    """
    *lead, n_samples, n_replicas, n = series.shape
    mean = per_sample
    if error is None:
        mean, error = over_samples(per_sample)
        if unseen is None and n_samples > 1:
            unseen = missed(per_sample, error, within)
    unseen = np.zeros(lead) if unseen is None else unseen
    error = np.where(unseen == 0, error, np.hypot(error, unseen))
    few = is_few(mean, error, unseen, within)
    tau, n_eff, short = np.full(lead, np.nan), np.full(lead, np.nan), np.ones(lead, bool)
    if 0 not in series.shape[-3:]:
        chains = series.reshape(*lead, n_samples * n_replicas, n)
        tau = integrated_time(chains)
        # Measurements that alternate are not more of them.
        n_eff = n_samples * n_replicas * n / np.maximum(tau, 1.0)
        still = (chains == chains[..., :1]).all(axis=(-1, -2))
        # Less than 1 may be chance where measurements are few; NaN is no proof of length.
        long = (n >= TRUSTED * np.maximum(tau, 1.0)) & (tau >= ALTERNATING) & ~still
        short = ~long
        tau = tau * stride
    return Estimate(
        mean=mean, error=error, tau=tau, n_eff=n_eff, short=short, few=few,
        freedom=n_samples - 1, unseen=unseen, within=within,
    )  # fmt: skip


def over_samples(per_sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over the last axis, NaN without samples, and its error, NaN below two."""
    *lead, n_samples = per_sample.shape
    mean, error = np.full(lead, np.nan), np.full(lead, np.nan)
    scaled, unit = in_units(per_sample, axes=(-1,))
    if n_samples > 0:
        mean = scaled.mean(axis=-1) * unit[..., 0]
    if n_samples > 1:
        error = scaled.std(axis=-1, ddof=1) / np.sqrt(n_samples) * unit[..., 0]
    return mean, error


@checked
def jackknife(
    function: Callable[..., np.ndarray], *samples: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return a function of means and its error, by leaving one sample out at a time.

    .. math:: \hat f = n f(\bar x) - (n - 1) \overline{f_{(i)}}, \qquad
       \sigma^2 = \frac{n - 1}{n} \sum_i (f_{(i)} - \overline{f_{(\cdot)}})^2,

    with :math:`f_{(i)}` the function of the means without sample i: the bias of order 1/n
    is gone (B. Efron and C. Stein, Ann. Statist. 9 (1981) 586).

    Parameters
    ----------
    function : callable
        Of as many arrays as there are `samples`, elementwise.
    *samples : numpy.ndarray
        Shape (..., n_samples): independent measurements of each argument.

    Returns
    -------
    value, error : numpy.ndarray
        Shape (...); with a single sample the value is f itself and the error NaN.

    Examples
    --------
    The square of a mean; the naive estimate is too large by the variance of the mean:

    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> value, error = jackknife(np.square, x)
    >>> bool(np.isclose(value, np.mean(x) ** 2 - np.var(x, ddof=1) / 4))
    True
    """
    if not samples:
        raise TypeError("montecarlo.jackknife needs samples")
    samples = tuple(map(np.asarray, samples))
    n = samples[0].shape[-1]
    if n == 0:
        nan = np.full(samples[0].shape[:-1], np.nan)
        return nan, nan
    means = [x.mean(axis=-1) for x in samples]
    whole = np.asarray(function(*means))
    if n < 2:
        return whole, np.full(whole.shape, np.nan)
    parts = [(n * mean[..., None] - x) / (n - 1) for mean, x in zip(means, samples, strict=True)]
    without = np.asarray(function(*parts))
    value = n * whole - (n - 1) * without.mean(axis=-1)
    return value, np.sqrt((n - 1) * without.var(axis=-1))
