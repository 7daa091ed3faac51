r"""Is a class of points biased as a whole?  A test over points that share their disorder.

Sample s of one point is the network of sample s of the others, with more or fewer patterns, so
that the errors of points are correlated and only samples are independent.  Two tests, each of
which holds for any correlation:

* of the mean residual, :math:`t = \bar r/\sigma`: with the mean over points taken first, sample
  by sample, its error :math:`\sigma` over the S samples makes t Student's with S - 1 degrees of
  freedom.  It sees a common bias in units of 1.
* of the mean score, where the score of a point is the normal deviate that is passed as
  rarely as Student's law passes its z.  The variance of the mean is at most 1, and estimated
  from the standardised samples: it sees a bias of few errors everywhere, which the first test
  loses where errors differ much.

Both p-values are combined as Y. Liu and J. Xie do (J. Am. Stat. Assoc. 115, 393 (2020)), whose
rule keeps the level of tests that depend on each other; over classes and over single points
it is kept by Holm's procedure (Scand. J. Statist. 6, 65 (1979)).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtri, ndtr, ndtri, stdtr, stdtrit

__all__ = ["detectable", "holm", "pool", "scores"]


def scores(z: np.ndarray, freedom: float) -> np.ndarray:
    """Return the normal deviates of the probabilities of Student's `z`.

    Examples
    --------
    >>> scores(np.array([-2.365, 1.0, 2.365]), 7).round(2).tolist()
    [-1.96, 0.93, 1.96]
    """
    tail = np.maximum(stdtr(freedom, -np.abs(z)), 1e-300)
    return -np.sign(z) * ndtri(tail)


def holm(p: np.ndarray, level: float) -> np.ndarray:
    """Return which hypotheses are rejected, with at most `level` of a single false one.

    Examples
    --------
    >>> holm(np.array([0.001, 0.02, 0.3, np.nan]), 0.05).tolist()
    [True, True, False, False]
    """
    p = np.asarray(p, float)
    flat = np.nan_to_num(p.ravel(), nan=2.0)
    order = np.argsort(flat, kind="stable")
    left = (~np.isnan(p)).sum() - np.arange(flat.size)
    passed = np.logical_and.accumulate(flat[order] * np.maximum(left, 1) <= level)
    rejected = np.zeros(flat.size, bool)
    rejected[order[passed]] = True
    return rejected.reshape(p.shape)


def pool(
    residual: np.ndarray, error: np.ndarray, samples: np.ndarray | None, freedom: int
) -> dict[str, Any]:
    """Test the mean of residuals.

    Parameters
    ----------
    residual, error : numpy.ndarray
        Shape (n,), finite; errors above 0.
    samples : numpy.ndarray or None
        Shape (n, n_samples): numbers of the samples, whose correlations they tell; None for
        the largest error that these can make.
    freedom : int
        Of the errors: one less than the number of samples.

    Returns
    -------
    dict
        ``points``; ``bias``, the mean residual, and ``bias_err``; ``errors``, the mean z;
        ``p``, the p-value of both tests together; ``within_1`` and ``within_2``,
        the parts of the points whose score is smaller than 1 and 2 (68 and 95 % are
        expected); ``largest``, the largest |residual|.
    """
    n = residual.size
    z = residual / error
    u = scores(z, freedom)
    bias, bias_err, of_score = residual.mean(), error.mean(), 1.0
    if samples is not None:
        spread = samples.std(axis=-1, ddof=1) / np.sqrt(freedom + 1)
        unseen = np.sqrt(np.maximum(error**2 - spread**2, 0.0))
        together = samples.mean(axis=0).std(ddof=1) / np.sqrt(freedom + 1)
        bias_err = np.hypot(together, unseen.mean())
        moving = spread > 1e-12 * np.abs(samples).max()
        if moving.any():
            unit = samples[moving] - samples[moving].mean(axis=-1, keepdims=True)
            unit = (unit / spread[moving, None]).mean(axis=0)
            of_score = unit.std(ddof=1) / np.sqrt(freedom + 1)
    of_mean = 2 * stdtr(freedom, -abs(bias) / bias_err)
    wide = max(of_score, 1 / np.sqrt(n))
    # With a variance of 1 the mean of the scores needs no estimate of it.
    of_scores = min(2 * stdtr(freedom, -abs(u.mean()) / wide), 2 * ndtr(-abs(u.mean())))
    return {
        "points": n,
        "bias": float(bias),
        "bias_err": float(bias_err),
        "errors": float(z.mean()),
        "p": _together(of_mean, of_scores),
        "within_1": float((np.abs(u) < 1).mean()),
        "within_2": float((np.abs(u) < 2).mean()),
        "largest": float(np.abs(residual).max()),
    }


def _together(*p: float) -> float:
    """Return the p-value of Cauchy's combination of p-values."""
    mean = np.tan(np.pi * (0.5 - np.clip(p, 1e-15, 1 - 1e-15))).mean()
    return float(0.5 - np.arctan(mean) / np.pi)


def detectable(error: float, freedom: int, level: float, power: float) -> float:
    """Return the bias that Student's test finds with probability `power`.

    Parameters
    ----------
    error : float
        Of the mean.
    freedom : int
    level : float
        Of the test, two-sided.
    power : float

    Examples
    --------
    Without an error in the error it is (1.96 + 0.84) errors at 5 %:

    >>> round(detectable(1.0, 10000, 0.05, 0.8), 2), round(detectable(1.0, 7, 0.05, 0.8), 2)
    (2.8, 3.27)
    """
    if freedom < 1:
        return float("nan")
    from scipy.optimize import brentq  # takes longer to import than this module

    limit = float(stdtrit(freedom, 1 - level / 2))
    # Of the law of the error only its quantiles are needed.
    ratio = np.sqrt(chdtri(freedom, (np.arange(1000) + 0.5) / 1000) / freedom)

    def lacking(shift: float) -> float:
        return float(power - ndtr(shift - limit * ratio).mean())

    return error * float(brentq(lacking, 0.0, 5 * limit + 10))
