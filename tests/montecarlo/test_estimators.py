"""Autocorrelation times and errors against processes whose answers are known."""

import numpy as np
import pytest

from montecarlo.estimators import estimate, integrated_time


def autoregressive(rho, shape, rng):
    noise = rng.normal(size=shape) * np.sqrt(1 - rho**2)
    series = np.empty(shape)
    series[..., 0] = rng.normal(size=shape[:-1])
    for t in range(1, shape[-1]):
        series[..., t] = rho * series[..., t - 1] + noise[..., t]
    return series


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_autoregressive_process(rho):
    """tau = (1 + rho)/(1 - rho); the estimator's own error is that of Sokal's eq. (3.19)."""
    series = autoregressive(rho, (40, 20000), np.random.default_rng(1))
    tau = (1 + rho) / (1 - rho)
    error = tau * np.sqrt(2 * (2 * 5 * tau + 1) / series.size)
    assert abs(integrated_time(series) - tau) < 3 * error


def test_the_error_covers_the_truth_at_its_nominal_rate():
    """With many samples about 68 % of the intervals of one error contain the mean."""
    rng = np.random.default_rng(2)
    disorder = rng.normal(size=(400, 30, 1, 1))
    result = estimate(disorder + autoregressive(0.8, (400, 30, 2, 50), rng), stride=3)
    inside = np.abs(result.mean) < result.error
    assert 0.60 < inside.mean() < 0.75


def test_short_chains_are_flagged_and_long_ones_are_not():
    rng = np.random.default_rng(3)
    assert estimate(autoregressive(0.95, (3, 1, 200), rng), 1).short
    long = estimate(autoregressive(0.5, (3, 1, 5000), rng), stride=10)
    assert not long.short
    assert long.tau == pytest.approx(30, rel=0.15)
    assert long.n_eff == pytest.approx(3 * 5000 / 3, rel=0.15)


def test_single_sample_has_no_error():
    result = estimate(np.random.default_rng(0).normal(size=(1, 2, 500)), 1)
    assert np.isnan(result.error)
    assert np.isfinite(result.mean)


def test_constant_and_empty_series():
    constant = estimate(np.full((4, 2, 30), 0.3), 5)
    assert (constant.mean, constant.error, constant.tau) == (pytest.approx(0.3), 0.0, 5.0)
    assert np.isnan(estimate(np.empty((4, 2, 0)), 5).mean)
    assert np.isnan(estimate(np.empty((4, 0, 6)), 5).mean)


def test_shape_of_the_leading_axes():
    series = np.random.default_rng(5).normal(size=(2, 3, 4, 2, 60))
    result = estimate(series, 1)
    assert result.mean.shape == result.tau.shape == result.error.shape == (2, 3)
    np.testing.assert_allclose(result.mean, series.mean(axis=(-1, -2, -3)))
    assert "+-" in repr(result)
