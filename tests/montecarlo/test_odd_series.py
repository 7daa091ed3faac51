"""Series no run should make: a flag or NaN, never a wrong number, a warning or a crash."""

import numpy as np
import pytest
from processes import autoregressive

from montecarlo.protocols.equilibration import deviate
from montecarlo.statistics.convergence import blocking, effective_size, split_rhat
from montecarlo.statistics.estimators import estimate, integrated_time, jackknife
from montecarlo.statistics.fluctuations import binder, thermal_variance, variance_estimate

NOISE = np.random.default_rng(0).normal(size=(3, 2, 400))


def all_of(series):
    """Every number that is made of a series (n_samples, n_replicas, n_measurements)."""
    numbers = [f(series) for f in (integrated_time, blocking, split_rhat, effective_size)]
    results = [estimate(series, 1), variance_estimate(series, np.array(1.0), 1), binder(series, 1)]
    for result in results:
        numbers += [result.mean, result.error, result.tau, result.n_eff]
    return [*map(np.atleast_1d, numbers), np.atleast_1d(thermal_variance(series))], results


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_spoils_its_sample_and_no_other(odd):
    series = NOISE.copy()
    series[1, 0, 7] = odd
    for f in (integrated_time, blocking, split_rhat, effective_size, thermal_variance):
        found, clean = f(series), f(NOISE)
        assert np.isnan(found[1])
        np.testing.assert_array_equal(found[[0, 2]], clean[[0, 2]])
    _, results = all_of(series)
    for result in results:
        assert np.isnan([result.mean, result.error, result.tau, result.n_eff]).all()
        assert result.short
    assert np.isnan(deviate(series, NOISE))


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint8, bool, np.float32])
def test_numbers_of_any_type_count_as_their_values(kind):
    series = (100 * (NOISE > 0.3)).astype(kind)
    for found, exact in zip(all_of(series)[0], all_of(series.astype(float))[0], strict=True):
        np.testing.assert_array_equal(found, exact)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30, 1e150])
def test_sizes_do_not_matter(scale):
    exponent = np.floor(np.log2(scale))
    unit = 2.0**exponent
    for f, power in (
        (integrated_time, 0),
        (split_rhat, 0),
        (effective_size, 0),
        (blocking, 1),
    ):
        np.testing.assert_array_equal(f(unit * NOISE), f(NOISE) * unit**power)
    assert binder(unit * NOISE, 1).mean == binder(NOISE, 1).mean
    assert estimate(unit * NOISE, 1).error == unit * estimate(NOISE, 1).error


def test_fluctuations_on_a_large_offset_are_seen():
    """1e12 has sixteen bits left for noise of size 1; it was taken for a constant."""
    shifted = 1e12 + NOISE
    for f in (blocking, integrated_time, effective_size, split_rhat):
        np.testing.assert_allclose(f(shifted), f(NOISE), rtol=2e-2)
    np.testing.assert_allclose(thermal_variance(shifted), thermal_variance(NOISE), rtol=1e-3)
    constant = np.where(np.arange(1000) % 7, 0.3, 0.1 + 0.2) * np.ones((1, 2, 1))
    assert (integrated_time(constant), blocking(constant)) == (1.0, 0.0)


def test_replicas_frozen_apart_have_no_thermal_error():
    frozen = np.broadcast_to(np.arange(2.0)[:, None], (1, 2, 100))
    assert np.isnan(blocking(frozen)).all()
    assert np.isinf(split_rhat(frozen)).all()
    assert blocking(np.zeros((1, 2, 100))) == 0


@pytest.mark.parametrize("n", [2, 3, 8, 20, 49])
def test_few_measurements_are_flagged_whatever_they_are(n):
    """By chance tau comes out far below 1, so that 8 measurements look like 50 tau of them."""
    for series in (NOISE[..., :n], np.tile([1.0, -1.0], n)[:n] * np.ones((3, 2, 1))):
        assert estimate(series, 1).short
    assert not estimate(NOISE, 1).short


@pytest.mark.parametrize("shape", [(3, 2, 0), (3, 0, 10), (0, 2, 10), (0, 0, 0)])
def test_nothing_measured(shape):
    numbers, results = all_of(np.zeros(shape))
    assert all(np.isnan(x).all() for x in numbers)
    assert all(result.short for result in results)
    assert np.isnan(deviate(np.zeros(shape), np.zeros(shape)))
    value, error = jackknife(np.square, np.zeros((4, 0)))
    assert np.isnan(value).all()
    assert np.isnan(error).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 200), (1, 2, 5), (5, 1, 2)])
def test_single_samples_replicas_and_measurements(shape):
    _, results = all_of(np.random.default_rng(1).normal(size=shape))
    assert np.isnan(results[0].error) == (shape[0] == 1)


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.6, 0.95])
def test_effective_size_and_blocking_of_a_slow_process(rho):
    chains = autoregressive(rho, (4, 5000), np.random.default_rng(3))
    assert effective_size(chains) == pytest.approx(chains.size * (1 - rho) / (1 + rho), rel=0.1)
    exact = np.sqrt((1 + rho) / (1 - rho) / chains.size)
    assert blocking(chains) == pytest.approx(exact, rel=0.25)
