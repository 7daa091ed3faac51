"""Do the replicas of a sample tell one story?  R-hat, effective size and blocking."""

from __future__ import annotations

import numpy as np

from hebbian.calling import checked

from .estimators import ROUNDING, in_units

__all__ = ["blocking", "effective_size", "split_rhat"]

FEWEST = 4  # measurements a chain must have before anything is said about it
RIGID = 1e6  # R-hat from which on chains vary by rounding alone


@checked
def split_rhat(series: np.ndarray) -> np.ndarray:
    r"""Rank-normalised split :math:`\hat R`, the larger of bulk and folded.

    Every chain is cut into halves, a single one into quarters;
    :math:`\hat R^2 = (n - 1)/n + B/(n W)` compares the variance B/n of the means of these
    with the variance W within them, after numbers are replaced by normal scores of their ranks.
    Chains that agree have less than 1.01 (A. Vehtari et al., Bayesian Anal. 16, 667 (2021),
    arXiv:1903.08008): ``rhat`` of arviz-stats with ``method="rank"``.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_replicas, n_measurements).

    Returns
    -------
    numpy.ndarray
        Shape (...); NaN for fewer than 4 measurements (8 of a single chain), where all numbers
        are equal and where one is not finite, inf where halves are constant but differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> same = rng.normal(size=(4, 1000))
    >>> bool(split_rhat(same) < 1.01), bool(split_rhat(same + np.arange(4)[:, None]) < 1.01)
    (True, False)
    """
    from arviz_stats.base import array_stats

    chains = _in_units(series)
    if chains.shape[-2] == 1:
        n = chains.shape[-1]
        chains = np.concatenate([chains[..., : n // 2], chains[..., n - n // 2 :]], axis=-2)
    if chains.shape[-1] < FEWEST:
        return np.full(chains.shape[:-2], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rhat = np.asarray(array_stats.rhat(chains, method="rank"))
    return np.where(rhat > RIGID, np.inf, rhat)


@checked
def effective_size(series: np.ndarray) -> np.ndarray:
    r"""Effective number of independent measurements of the mean, over all replicas.

    The correlations are those of arXiv:1903.08008, eq. (10): they count the disagreement of
    chains, so that chains in different states have a small effective size.  Geyer's initial
    monotone sequence ends the sum (C. J. Geyer, Statist. Sci. 7, 473 (1992)): ``ess`` of
    arviz-stats with ``method="mean"``.

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
    from arviz_stats.base import array_stats

    chains = _in_units(series)
    if chains.shape[-1] < FEWEST:
        return np.full(chains.shape[:-2], np.nan)
    spread = chains.var(axis=(-1, -2)) > ROUNDING * np.square(chains).max(axis=(-1, -2))
    return np.where(spread, array_stats.ess(chains, method="mean"), np.nan)


@checked
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


def _in_units(series: np.ndarray) -> np.ndarray:
    """Return chains in safe units, without measurements where there are no chains."""
    chains, _ = in_units(np.asarray(series), (-1, -2))
    return chains if chains.shape[-2] else chains[..., :0]
