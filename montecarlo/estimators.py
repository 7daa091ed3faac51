"""Means with errors: over time, then replicas, then disorder samples.

Disorder samples are the independent units, so the error is taken over them.  The
integrated autocorrelation time says whether a chain was long enough to trust its mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Estimate", "estimate", "integrated_time"]

WINDOW = 5.0  # Sokal: sum correlations up to this many autocorrelation times
TRUSTED = 50.0  # a chain shorter than this many times tau does not determine tau


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A disorder-averaged thermal mean.

    Parameters
    ----------
    mean : numpy.ndarray
        Mean over measurements, then replicas, then samples.
    error : numpy.ndarray
        Standard error over samples; NaN for a single sample.
    tau : numpy.ndarray
        Integrated autocorrelation time in sweeps, averaged over chains.
    n_eff : numpy.ndarray
        Effective number of independent measurements of all chains together.
    short : numpy.ndarray of bool
        Whether a chain is shorter than 50 tau: then tau and n_eff are rough guesses.
    """

    mean: np.ndarray
    error: np.ndarray
    tau: np.ndarray
    n_eff: np.ndarray
    short: np.ndarray

    def __repr__(self) -> str:
        rows = [
            f"{mean:.6f} +- {error:.6f} [tau={tau:.1f}{' (short chain)' if short else ''}, "
            f"n_eff={n_eff:.0f}]"
            for mean, error, tau, n_eff, short in zip(
                *(np.ravel(x) for x in (self.mean, self.error, self.tau, self.n_eff, self.short)),
                strict=True,
            )
        ]
        return rows[0] if len(rows) == 1 else "\n".join(["Estimate", *("  " + r for r in rows)])


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
        for an empty one.

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
    n = series.shape[-1]
    if n == 0:
        return np.full(series.shape[:-2], np.nan)
    centred = series - series.mean(axis=-1, keepdims=True)
    size = 1 << (2 * n - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, n=size, axis=-1)) ** 2
    correlation = np.fft.irfft(power, n=size, axis=-1)[..., :n].mean(axis=-2)
    # A series constant up to rounding has no correlations to speak of.
    scale = np.maximum(np.square(series).sum(axis=-1).mean(axis=-1), 1e-300)
    constant = correlation[..., 0] <= 1e-24 * scale
    rho = correlation / np.where(constant, 1.0, correlation[..., 0])[..., None]
    tau = 2 * np.cumsum(rho, axis=-1) - 1
    enough = np.arange(n) >= WINDOW * tau
    window = np.where(enough.any(axis=-1), np.argmax(enough, axis=-1), n - 1)
    value = np.take_along_axis(tau, window[..., None], axis=-1)[..., 0]
    return np.where(constant, 1.0, np.maximum(value, 1.0 / n))


def estimate(series: np.ndarray, stride: int) -> Estimate:
    """Reduce a raw series to its mean and errors.

    Parameters
    ----------
    series : numpy.ndarray
        Shape (..., n_samples, n_replicas, n_measurements).
    stride : int
        Sweeps between measurements.
    """
    *lead, n_samples, n_replicas, n = series.shape
    if n == 0 or n_replicas == 0:
        nan = np.full(lead, np.nan)
        return Estimate(mean=nan, error=nan, tau=nan, n_eff=nan, short=np.ones(lead, bool))
    per_sample = series.mean(axis=(-1, -2))
    error = np.full(lead, np.nan)
    if n_samples > 1:
        error = per_sample.std(axis=-1, ddof=1) / np.sqrt(n_samples)
    tau = integrated_time(series.reshape(*lead, n_samples * n_replicas, n))
    return Estimate(
        mean=per_sample.mean(axis=-1),
        error=error,
        tau=tau * stride,
        n_eff=n_samples * n_replicas * n / tau,
        short=n < TRUSTED * tau,
    )
