"""The test of a class of points: its false alarms, its power, and what it says of both."""

import numpy as np
import pytest
from scipy.stats import nct
from scipy.stats import t as student

from phase_diagrams.analysis.pooling import detectable, holm, pool, scores


def correlated(rng, n_points, n_samples, rho):
    """Samples of points with errors from 1 to 100 and a common part of the noise."""
    scale = 10 ** (2 * rng.random((n_points, 1)))
    common = rng.normal(size=(1, n_samples))
    own = rng.normal(size=(n_points, n_samples))
    return scale * (np.sqrt(rho) * common + np.sqrt(1 - rho) * own)


def of_study(samples, shift=0.0):
    """p-value where every point is shifted by so many of its errors."""
    n_samples = samples.shape[1]
    error = samples.std(axis=1, ddof=1) / np.sqrt(n_samples)
    return pool(samples.mean(axis=1) + shift * error, error, samples, n_samples - 1)


@pytest.mark.parametrize("n_samples", [3, 8])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.95])
def test_false_alarms_are_as_rare_as_they_say(n_samples, rho):
    """Of 1500 studies without bias at most 4 %, give or take three standard deviations."""
    rng = np.random.default_rng(1)
    p = np.array([of_study(correlated(rng, 12, n_samples, rho))["p"] for _ in range(1500)])
    assert (p <= 0.04).mean() < 0.04 + 3 * np.sqrt(0.04 * 0.96 / 1500)


def test_points_that_share_their_noise_are_not_independent():
    """Were they taken to be, more than half of the studies would be called biased."""
    rng = np.random.default_rng(2)
    naive = []
    for _ in range(300):
        samples = correlated(rng, 12, 8, 0.95)
        z = samples.mean(axis=1) / samples.std(axis=1, ddof=1) * np.sqrt(8)
        naive.append(abs(scores(z, 7).sum()) / np.sqrt(12) > 2.054)
    assert np.mean(naive) > 0.4


@pytest.mark.parametrize(("n_samples", "shift", "rho"), [(8, 2, 0.0), (8, 2, 0.2), (3, 5, 0.2)])
def test_a_bias_of_some_errors_at_every_point_is_seen(n_samples, shift, rho):
    rng = np.random.default_rng(3)
    p = [of_study(correlated(rng, 12, n_samples, rho), shift)["p"] for _ in range(300)]
    assert (np.array(p) <= 0.04).mean() > 0.7


def test_power_is_that_of_the_noncentral_law():
    for freedom, level, power in ((7, 0.04, 0.8), (7, 0.01, 0.9), (11, 0.04, 0.9)):
        shift = detectable(1.0, freedom, level, power)
        limit = student.ppf(1 - level / 2, freedom)
        assert nct.sf(limit, freedom, shift) == pytest.approx(power, abs=1e-3)
    assert np.isnan(detectable(1.0, 0, 0.05, 0.8))


def test_the_bias_that_is_said_to_be_seen_is_seen():
    rng = np.random.default_rng(4)
    samples = rng.normal(size=(4000, 1, 8))
    error = samples.std(axis=-1, ddof=1) / np.sqrt(8)
    bias = detectable(1 / np.sqrt(8), 7, 0.04, 0.8)
    p = [
        pool(one.mean(axis=1) + bias, width, one, 7)["p"]
        for one, width in zip(samples, error, strict=True)
    ]
    assert (np.array(p) <= 0.04).mean() == pytest.approx(0.8, abs=0.025)


def test_quantiles_of_points_that_agree_are_the_expected_ones():
    rng = np.random.default_rng(5)
    found = of_study(correlated(rng, 3000, 4, 0.0))
    assert found["within_1"] == pytest.approx(0.683, abs=0.03)
    assert found["within_2"] == pytest.approx(0.954, abs=0.015)
    shifted = of_study(correlated(rng, 3000, 4, 0.0), 1.0)
    assert shifted["errors"] == pytest.approx(1.0, abs=0.1)


def test_without_samples_the_largest_error_is_assumed():
    residual, error = np.full(9, 0.03), np.full(9, 0.01)
    found = pool(residual, error, None, 7)
    assert found["bias_err"] == 0.01
    assert found["p"] == pytest.approx(2 * student.sf(3, 7), rel=1e-6)


def test_events_that_were_missed_count_at_all_points_at_once():
    samples = np.ones((5, 6))
    found = pool(np.full(5, -0.001), np.full(5, 0.003), samples, 5)
    assert found["bias_err"] == pytest.approx(0.003)


def test_holm_rejects_in_order():
    assert holm(np.array([0.04, 0.001, 0.03]), 0.05).tolist() == [False, True, False]
    assert holm(np.array([[0.01, np.nan], [0.6, 0.02]]), 0.05).tolist() == [
        [True, False], [False, True],
    ]  # fmt: skip
    assert not holm(np.array([np.nan]), 0.05).any()
