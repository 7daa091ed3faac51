"""Stochastic processes whose answers are known; imported by the tests."""

import numpy as np


def autoregressive(rho, shape, rng):
    """Stationary Gaussian series of unit variance with correlations rho**t."""
    noise = rng.normal(size=shape) * np.sqrt(1 - rho**2)
    series = np.empty(shape)
    series[..., 0] = rng.normal(size=shape[:-1])
    for t in range(1, shape[-1]):
        series[..., t] = rho * series[..., t - 1] + noise[..., t]
    return series
