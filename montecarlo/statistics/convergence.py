"""Do the replicas of a sample tell one story?  R-hat, effective size and blocking."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from .estimators import ROUNDING, autocorrelation, in_units

__all__ = ["blocking", "effective_size", "split_rhat"]

FEWEST = 4  # measurements a chain must have before anything is said about it


def split_rhat(series: np.ndarray) -> np.ndarray:
    r"""Rank-normalised split :math:`\hat R`, the larger of bulk and folded.

    Every chain is cut into halves; :math:`\hat R^2 = (n - 1)/n + B/(n W)` compares the
    variance B/n of the means of halves with the variance W within them, after numbers are
    replaced by normal scores of their ranks.  Chains that agree have less than 1.01
    (A. Vehtari et al., Bayesian Anal. 16, 667 (2021), arXiv:1903.08008).

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_replicas, n_measurements).

    Returns
    -------
    numpy.ndarray
        Shape (...); NaN for fewer than 4 measurements, where all numbers are equal and where
        one is not finite, inf where halves are constant but differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> same = rng.normal(size=(4, 1000))
    >>> bool(split_rhat(same) < 1.01), bool(split_rhat(same + np.arange(4)[:, None]) < 1.01)
    (True, False)
    """
    series = np.asarray(series)
    *lead, n_replicas, n = series.shape
    if n < FEWEST or n_replicas == 0:
        return np.full(lead, np.nan)
    flat = _split(in_units(series, (-1, -2))[0]).reshape(-1, 2 * n_replicas, n // 2)
    value = [
        np.nan
        if np.isnan(x).any()
        else max(_rhat(_normal_scores(x)), _rhat(_normal_scores(_folded(x))))
        for x in flat
    ]
    return np.array(value).reshape(lead)


def effective_size(series: np.ndarray) -> np.ndarray:
    r"""Effective number of independent measurements of the mean, over all replicas.

    The correlations are those of arXiv:1903.08008, eq. (10): they count the disagreement of
    chains, so that chains in different states have a small effective size.  Geyer's initial
    monotone sequence ends the sum (C. J. Geyer, Statist. Sci. 7, 473 (1992)).

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_replicas, n_measurements).

    Returns
    -------
    numpy.ndarray
        Shape (...); NaN for fewer than 4 measurements, where all numbers are equal and where
        one is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bool(3500 < effective_size(rng.normal(size=(4, 1000))) < 4500)
    True
    """
    series = np.asarray(series)
    *lead, n_replicas, n = series.shape
    if n < FEWEST or n_replicas == 0:
        return np.full(lead, np.nan)
    flat = _split(in_units(series, (-1, -2))[0]).reshape(-1, 2 * n_replicas, n // 2)
    return np.array([_effective_size(x) for x in flat]).reshape(lead)


def blocking(series: np.ndarray) -> np.ndarray:
    r"""Error of the thermal mean by blocking.

    Averages over blocks of 1, 2, 4, ... measurements become independent; the naive error of
    their mean grows to the true one (H. Flyvbjerg, H. G. Petersen, J. Chem. Phys. 91, 461
    (1989)).  The block length b is the smallest with
    :math:`b^3 > 2 n (\sigma_b/\sigma_1)^4`, n the measurements of all chains (R. M. Lee et al.,
    Phys. Rev. E 83, 066706 (2011), sec. III).

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_replicas, n_measurements): independent chains with one mean.

    Returns
    -------
    numpy.ndarray
        Shape (...): standard error of the mean over chains and measurements; NaN where the
        chains are too short to show it, do not move from different values or hold a number
        that is not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bool(abs(blocking(rng.normal(size=(4, 4000))) * np.sqrt(16000) - 1) < 0.1)
    True
    """
    series = np.asarray(series)
    *lead, n_replicas, n = series.shape
    found = np.full(lead, np.nan)
    naive = None
    blocks, unit = in_units(series, (-1, -2))
    length = 1
    while blocks.shape[-1] >= FEWEST and n_replicas:
        n_blocks = blocks.shape[-1]
        centred = blocks - blocks.mean(axis=-1, keepdims=True)
        variance = np.square(centred).sum(axis=(-1, -2)) / (n_replicas * (n_blocks - 1))
        # A series constant up to rounding has no error.
        scale = np.square(blocks).mean(axis=(-1, -2))
        error = np.sqrt(
            np.where(variance <= ROUNDING * scale, 0, variance) / (n_replicas * n_blocks)
        )
        naive = error if naive is None else naive
        # Never below 1: by chance small blocks would be chosen where they look good.
        growth = np.maximum(error / np.where(naive > 0, naive, 1.0), 1.0)
        enough = length**3 > 2 * n_replicas * n * growth**4
        found = np.where(np.isnan(found) & (enough | (naive == 0)), error, found)
        even = blocks[..., : n_blocks // 2 * 2]
        blocks = 0.5 * (even[..., ::2] + even[..., 1::2])
        length *= 2
    if n_replicas and n:
        ends = series[..., 0]
        found = np.where((found == 0) & (ends != ends[..., :1]).any(axis=-1), np.nan, found)
    return found * unit[..., 0, 0]


def _split(series: np.ndarray) -> np.ndarray:
    half = series.shape[-1] // 2
    return np.concatenate([series[..., :half], series[..., -half:]], axis=-2)


def _folded(x: np.ndarray) -> np.ndarray:
    return np.abs(x - np.median(x))


def _normal_scores(x: np.ndarray) -> np.ndarray:
    """Normal quantiles of the ranks of all numbers; equal numbers share their mean rank."""
    _, where, counts = np.unique(x, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * (counts - 1)
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((rank - 0.375) / (x.size + 0.25)) for rank in ranks])
    return scores[where].reshape(x.shape)


def _rhat(x: np.ndarray) -> float:
    n = x.shape[-1]
    within = x.var(axis=-1, ddof=1).mean()
    between = n * x.mean(axis=-1).var(ddof=1)
    if within <= 1e-24 * np.square(x).max():
        return np.inf if between > 1e-12 else np.nan
    return float(np.sqrt((between / within + n - 1) / n))


def _effective_size(x: np.ndarray) -> float:
    n_chains, n = x.shape
    within = x.var(axis=-1, ddof=1)
    pooled = (n - 1) / n * within.mean() + x.mean(axis=-1).var(ddof=1)
    if not pooled > ROUNDING * np.square(x).max():
        return np.nan
    covariance = (autocorrelation(x[:, None])[0] * x.var(axis=-1)[:, None]).mean(axis=0)
    rho = 1 - (within.mean() - covariance) / pooled
    rho[0] = 1.0
    pairs = rho[: n // 2 * 2].reshape(-1, 2).sum(axis=-1)
    positive = int(np.argmin(pairs > 0)) if (pairs <= 0).any() else len(pairs)
    tau = 2 * np.minimum.accumulate(pairs[:positive]).sum() - 1
    if positive < len(pairs):
        tau += max(rho[2 * positive], 0.0)
    return float(n_chains * n / max(tau, 1 / np.log10(n_chains * n)))
