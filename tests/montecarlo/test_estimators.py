"""Autocorrelation times and errors against processes whose answers are known."""

import emcee.autocorr
import numpy as np
import pytest
import xarray as xr
from processes import autoregressive

import montecarlo
from montecarlo.statistics.estimators import estimate, integrated_time, jackknife


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_autoregressive_process(rho):
    """tau = (1 + rho)/(1 - rho); the estimator's own error is that of Sokal's eq. (3.19)."""
    series = autoregressive(rho, (40, 20000), np.random.default_rng(1))
    tau = (1 + rho) / (1 - rho)
    error = tau * np.sqrt(2 * (2 * 5 * tau + 1) / series.size)
    assert abs(integrated_time(series) - tau) < 3 * error


@pytest.mark.parametrize(("rho", "n"), [(0.0, 300), (0.7, 2000), (0.95, 20000), (-0.4, 1000)])
def test_integrated_time_is_that_of_emcee(rho, n):
    """emcee sums per chain and averages the normalised correlations of chains."""
    chain = autoregressive(rho, (1, n), np.random.default_rng(7))
    expected = emcee.autocorr.integrated_time(chain.T[..., None], c=5, quiet=True, tol=0)
    assert integrated_time(chain) == pytest.approx(expected[0], rel=1e-9)


@pytest.mark.parametrize("n", [30, 300, 3000])
def test_a_walk_that_never_settles_is_flagged(n):
    """Its autocorrelation time is a property of the window: n_eff must not be believed."""
    walk = np.cumsum(np.random.default_rng(1).normal(size=(4, 2, n)), axis=-1)
    assert estimate(walk, 1).short


def test_jackknife_of_a_linear_function_is_the_standard_error():
    x = np.random.default_rng(1).normal(size=(5, 40))
    value, error = jackknife(lambda mean: 3 * mean, x)
    np.testing.assert_allclose(value, 3 * x.mean(axis=-1))
    np.testing.assert_allclose(error, 3 * x.std(axis=-1, ddof=1) / np.sqrt(40))


def test_jackknife_of_a_ratio_is_free_of_bias_and_covers_the_truth():
    """E[x]/E[y]**2 = 1 with 10 samples: the bias of the plain ratio, 3 Var(y)/10, is seen."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(2, 20000, 10))
    x, y = 1 + 0.15 * noise[0], 1 + 0.15 * noise[1]
    value, error = jackknife(lambda a, b: a / b**2, x, y)
    plain = x.mean(axis=-1) / y.mean(axis=-1) ** 2
    tolerance = value.std() / np.sqrt(20000)
    assert abs(value.mean() - 1) < 3 * tolerance
    assert plain.mean() - 1 > 6 * tolerance
    assert 0.6 < (np.abs(value - 1) < error).mean() < 0.72


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
    assert (constant.mean, constant.tau) == (pytest.approx(0.3), 5.0)
    assert np.isnan(constant.error)
    assert constant.few
    assert constant.short
    assert np.isnan(estimate(np.empty((4, 2, 0)), 5).mean)
    assert np.isnan(estimate(np.empty((4, 0, 6)), 5).mean)


def test_shape_of_the_leading_axes():
    series = np.random.default_rng(5).normal(size=(2, 3, 4, 2, 60))
    result = estimate(series, 1)
    assert result.mean.shape == result.tau.shape == result.error.shape == (2, 3)
    np.testing.assert_allclose(result.mean, series.mean(axis=(-1, -2, -3)))
    assert "+-" in repr(result)


def test_lists_and_labelled_arrays_are_series_too():
    series = np.random.default_rng(1).normal(size=(2, 64))
    labelled = xr.DataArray(series, dims=("replica", "measurement"))
    functions = (
        montecarlo.integrated_time,
        montecarlo.split_rhat,
        montecarlo.effective_size,
        montecarlo.blocking,
    )
    for function in functions:
        for given in (series.tolist(), labelled):
            np.testing.assert_array_equal(function(given), function(series))
    assert montecarlo.jackknife(np.square, [1.0, 2.0, 3.0]) == montecarlo.jackknife(
        np.square, np.array([1.0, 2.0, 3.0])
    )
