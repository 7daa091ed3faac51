r"""How fast a chain forgets, and how long it stays where it was put.

Autocorrelation times are those of stationary chains.  A first passage (escape from a
memory, arrival at it) is seen only if it comes before the run ends: the others are
*censored*, known to take longer, and both estimators here count them so.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian.result import Result
from hebbian.tables import Display, Shown, labelled
from montecarlo.statistics.estimators import TRUSTED, autocorrelation, integrated_time

__all__ = ["FirstPassage", "Relaxation", "first_passage", "relaxation"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Relaxation(Display, Result):
    """Autocorrelation times in sweeps.

    Parameters
    ----------
    integrated, integrated_error : numpy.ndarray
        1 + 2 sum of correlations times the stride, and its statistical error.
    exponential, exponential_error : numpy.ndarray
        Decay time of the slowest visible mode; NaN where the correlation is lost in noise
        within a stride or outlives the chains.
    short : numpy.ndarray of bool
        Whether chains are shorter than 50 integrated times: all numbers are then too small.
    """

    integrated: np.ndarray
    integrated_error: np.ndarray
    exponential: np.ndarray
    exponential_error: np.ndarray
    short: np.ndarray

    def _shown(self) -> Shown:
        lines = [
            (
                label,
                f"{self.integrated[index]:.1f} +- {self.integrated_error[index]:.1f}",
                f"{self.exponential[index]:.1f} +- {self.exponential_error[index]:.1f}",
                "short chain" if self.short[index] else "",
            )
            for label, index in labelled(self.short.shape)
        ]
        return Shown("Relaxation", ("", "integrated", "exponential", ""), lines)


def relaxation(series: np.ndarray, stride: int) -> Relaxation:
    r"""Integrated and exponential autocorrelation time of stationary chains.

    The error of the integrated time is Sokal's, :math:`\tau \sqrt{2 (2 W + 1)/n}` with the
    window W = 5 tau and n measurements in all.  The exponential time is the slope of
    :math:`\ln \rho(t)` from :math:`\rho = 1/e` down to :math:`e^{-3}` or three times the
    noise :math:`\sqrt{\tau/n}`, whichever comes first, its error the jackknife's over
    chains.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    stride : int
        Sweeps between measurements.
    """
    *lead, n_samples, n_replicas, n = series.shape
    n_chains = n_samples * n_replicas
    if n * n_chains == 0:
        nan = np.full(lead, np.nan)
        return Relaxation(
            integrated=nan, integrated_error=nan, exponential=nan, exponential_error=nan,
            short=np.ones(lead, bool),
        )  # fmt: skip
    chains = series.reshape(*lead, n_chains, n)
    tau = integrated_time(chains)
    error = tau * np.sqrt(2 * (10 * tau + 1) / (n * n_chains))
    exponential, spread = np.full(lead, np.nan), np.full(lead, np.nan)
    for index in np.ndindex(*lead):
        covariances = [_autocovariance(chain) for chain in chains[index]]
        noise = math.sqrt(float(tau[index]) / (n * n_chains))
        total = np.sum(covariances, axis=0)
        window = _window(total, noise)
        if window is None:
            continue
        exponential[index] = _decay_time(total, window)
        if n_chains > 1:
            without = np.array([_decay_time(total - one, window) for one in covariances])
            spread[index] = np.sqrt((n_chains - 1) * without.var())
    return Relaxation(
        integrated=tau * stride,
        integrated_error=error * stride,
        exponential=exponential * stride,
        exponential_error=spread * stride,
        short=n < TRUSTED * tau,
    )


def _autocovariance(chain: np.ndarray) -> np.ndarray:
    return autocorrelation(chain[None])[0] * chain.var()


def _window(covariance: np.ndarray, noise: float) -> slice | None:
    """Lags over which the decay is seen; None if there are fewer than two."""
    if covariance[0] <= 0:
        return None
    rho = covariance / covariance[0]
    lost = rho <= max(math.exp(-3), 3 * noise)
    if not lost.any():
        return None
    end = int(np.argmax(lost))
    below = rho[:end] <= math.exp(-1)
    begin = int(np.argmax(below)) if below.any() else end
    begin = begin if end - begin >= 2 else 0
    return slice(begin, end) if end - begin >= 2 else None


def _decay_time(covariance: np.ndarray, window: slice) -> float:
    """Weighted least squares on the logarithm; weights undo the growth of its noise."""
    t = np.arange(len(covariance))[window]
    rho = covariance[window] / covariance[0]
    if (rho <= 0).any():
        return math.nan
    slope = np.polyfit(t, np.log(rho), 1, w=rho)[0]
    return float(-1 / slope) if slope < 0 else math.nan


@dataclass(frozen=True, kw_only=True, repr=False)
class FirstPassage(Display, Result):
    """Times at which chains first crossed a level, in sweeps since the end of the warm-up.

    Parameters
    ----------
    times : numpy.ndarray
        Axes (T..., sample, replica): the measurement at which a chain was first seen across
        the level, or at which it was last seen if it never crossed.
    censored : numpy.ndarray of bool
        The same axes: whether the chain never crossed.
    mean : numpy.ndarray
        Axes (T...): mean time of an exponential law, by maximum likelihood; NaN without an
        event and where all chains were across at their first measurement.
    low, high : numpy.ndarray
        Interval of the mean at 95 %; a lower or an upper bound alone in these two cases.
    median : numpy.ndarray
        Of the Kaplan-Meier curve, which assumes no law; NaN where fewer than half crossed.
    stride : int
        Resolution of the times.
    """

    axes: ClassVar[dict[str, str]] = {
        "times": "... sample replica", "censored": "... sample replica", "mean": "...",
        "low": "...", "high": "...", "median": "...",
    }  # fmt: skip

    times: np.ndarray
    censored: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    median: np.ndarray
    stride: int

    def parts(self) -> dict[str, np.ndarray]:
        """Return the mean by the endings of its names in data sets."""
        return {"": self.mean, "_low": self.low, "_high": self.high}

    def survival(self, index: tuple[int, ...] = ()) -> tuple[np.ndarray, ...]:
        r"""Kaplan-Meier estimate of the fraction not yet across.

        Parameters
        ----------
        index : tuple of int
            Which temperature.

        Returns
        -------
        times, fraction, error : numpy.ndarray
            After each time with an event; the error is Greenwood's.
        """
        return kaplan_meier(self.times[index].ravel(), self.censored[index].ravel())

    def _shown(self) -> Shown:
        lines = [
            (
                label,
                f"{self.mean[index]:.4g}",
                f"{self.low[index]:.4g} to {self.high[index]:.4g}",
                f"{self.median[index]:.4g}",
                f"{int((~self.censored[index]).sum())} of {self.censored[index].size}",
            )
            for label, index in labelled(self.mean.shape)
        ]
        return Shown("FirstPassage", ("", "mean", "95 %", "median", "crossed"), lines)


def first_passage(across: np.ndarray, stride: int) -> FirstPassage:
    r"""First-passage times of chains, some of which never pass.

    Between two measurements a chain passes with probability :math:`1 - e^{-s/\tau}`, s the
    stride, so that with d passages seen in a intervals at risk the most likely mean time is
    :math:`\tau = -s/\ln(1 - d/a)`: the time spent by the censored chains counts.  The
    interval is that of the logarithm of the rate, its error the larger of the likelihood's
    and the jackknife's over samples, whose chains share their disorder.

    Parameters
    ----------
    across : numpy.ndarray of bool
        Axes (T..., sample, replica, measurement): whether the chain is beyond the level.
    stride : int
        Sweeps between measurements.

    Examples
    --------
    Two chains cross at the second of four measurements, two never do:

    >>> across = np.zeros((1, 4, 4), bool)
    >>> across[0, :2, 1:] = True
    >>> passage = first_passage(across, stride=10)
    >>> passage.times.tolist(), int(passage.censored.sum()), round(float(passage.mean), 2)
    ([[20, 20, 40, 40]], 2, 54.85)
    """
    n = across.shape[-1]
    crossed: np.ndarray = np.asarray(across.any(axis=-1))
    steps = np.where(crossed, np.argmax(across, axis=-1) + 1, n) if n else crossed.astype(int)
    events = crossed.sum(axis=-1)
    trials = steps.sum(axis=-1)
    total_events, total_trials = events.sum(axis=-1), trials.sum(axis=-1)
    rate = _rate(total_events, total_trials)
    # d ln(rate): binomial error of p = d/a, carried through rate = -ln(1 - p).
    p = total_events / np.maximum(total_trials, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(p / ((1 - p) * np.maximum(total_trials, 1))) / rate
        n_samples = events.shape[-1]
        if n_samples > 1:
            without = _rate(total_events[..., None] - events, total_trials[..., None] - trials)
            spread = np.sqrt((n_samples - 1) * without.var(axis=-1)) / rate
            error = np.maximum(error, spread)
        seen = (total_events > 0) & np.isfinite(rate)
        mean = np.where(seen, stride / rate, np.nan)
        factor = np.exp(1.96 * error)
        low, high = mean / factor, mean * factor
        # One-sided where nothing, or everything at once, happened: the mean that would have
        # let it happen with probability 5 %.
        never = (total_events == 0) & (total_trials > 0)
        low = np.where(never, stride * total_trials / -math.log(0.05), low)
        at_once = (total_events == total_trials) & (total_trials > 0)
        fewest = 0.05 ** (1 / np.maximum(total_trials, 1))
        low = np.where(at_once, 0.0, low)
        high = np.where(at_once, -stride / np.log1p(-fewest), high)
    median = np.full(mean.shape, np.nan)
    for index in np.ndindex(mean.shape):
        times, fraction, _ = kaplan_meier(steps[index].ravel(), ~crossed[index].ravel())
        if (fraction <= 0.5).any():
            median[index] = stride * times[np.argmax(fraction <= 0.5)]
    return FirstPassage(
        times=steps * stride, censored=~crossed, mean=mean, low=low, high=high,
        median=median, stride=stride,
    )  # fmt: skip


def _rate(events: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Rate per measurement; inf where every chain had crossed at the first one."""
    with np.errstate(divide="ignore"):
        return -np.log1p(-events / np.maximum(trials, 1))


def kaplan_meier(times: np.ndarray, censored: np.ndarray) -> tuple[np.ndarray, ...]:
    r"""Product-limit estimate of a survival function (J. Am. Stat. Assoc. 53 (1958) 457).

    Parameters
    ----------
    times : numpy.ndarray
        Shape (n,); a chain censored at t is at risk up to and including t.
    censored : numpy.ndarray of bool
        Shape (n,).

    Returns
    -------
    times, fraction, error : numpy.ndarray
        After each time with an event, with Greenwood's standard error.

    Examples
    --------
    >>> t, s, _ = kaplan_meier(np.array([1, 2, 2, 3]), np.array([False, False, True, False]))
    >>> t.tolist(), s.round(3).tolist()
    ([1, 2, 3], [0.75, 0.5, 0.0])
    """
    from scipy.special import ndtr
    from scipy.stats import CensoredData, ecdf

    curve = ecdf(CensoredData(uncensored=times[~censored], right=times[censored])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no error of a curve that has ended
        interval: Any = curve.confidence_interval(ndtr(1) - ndtr(-1))
    moments = np.unique(times[~censored])
    fraction, low, high = (x.evaluate(moments) for x in (curve, interval.low, interval.high))
    # Of one standard error to either side, the part within [0, 1].
    return moments, fraction, np.nan_to_num(np.maximum(high - fraction, fraction - low))
