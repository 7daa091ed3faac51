"""R-hat, effective size and blocking against arviz-stats and processes of known answers."""

import numpy as np
import pytest
from arviz_stats.base import array_stats
from processes import autoregressive

from montecarlo.statistics.convergence import blocking, effective_size, split_rhat


@pytest.mark.parametrize("shape", [(4, 500), (2, 101), (3, 30)])
@pytest.mark.parametrize("kind", ["agree", "shifted", "scaled", "discrete"])
def test_rhat_and_effective_size_are_those_of_arviz(kind, shape):
    chains = autoregressive(0.6, shape, np.random.default_rng(4))
    if kind == "shifted":
        chains[0] += 1.5
    if kind == "scaled":
        chains[0] *= 5
    if kind == "discrete":
        chains = np.round(2 * chains)
    rhat = array_stats.rhat(chains, chain_axis=0, draw_axis=1, method="rank")
    assert split_rhat(chains) == pytest.approx(float(rhat), rel=1e-10)
    size = array_stats.ess(chains, chain_axis=0, draw_axis=1, method="mean")
    if kind == "shifted":  # the correlations of chains apart never end: both sum to the last lag
        assert effective_size(chains) == pytest.approx(float(size), rel=0.1)
    else:
        assert effective_size(chains) == pytest.approx(float(size), rel=1e-6)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_effective_size_of_an_autoregressive_process(rho):
    """n (1 - rho)/(1 + rho); many groups of chains tell the mean of the estimator."""
    n = 4000
    series = autoregressive(rho, (60, 4, n), np.random.default_rng(5))
    expected = 4 * n * (1 - rho) / (1 + rho)
    assert effective_size(series).mean() == pytest.approx(expected, rel=0.05)


def test_chains_in_different_states_are_seen():
    rng = np.random.default_rng(6)
    chains = rng.normal(size=(4, 500))
    assert split_rhat(chains) < 1.01
    chains[2] += 2
    assert split_rhat(chains) > 1.1
    assert effective_size(chains) < 40
    drift = rng.normal(size=(4, 500)) + np.linspace(0, 3, 500)
    assert split_rhat(drift) > 1.1


def test_too_short_and_frozen_chains_give_no_number():
    for function in (split_rhat, effective_size, blocking):
        assert np.isnan(function(np.arange(6.0).reshape(2, 3)))
        assert np.isnan(function(np.empty((2, 0))))
        assert function(np.empty((5, 7, 2, 0))).shape == (5, 7)
    frozen = np.full((3, 50), 0.2)
    assert np.isnan(split_rhat(frozen))
    assert np.isnan(effective_size(frozen))
    assert blocking(frozen) == 0
    frozen[1] = 0.4
    assert split_rhat(frozen) == np.inf


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_blocking_finds_the_error_of_the_mean(rho):
    """Var(mean) = (1 + rho)/(1 - rho)/n for long chains of unit variance."""
    series = autoregressive(rho, (200, 2, 4096), np.random.default_rng(7))
    error = blocking(series)
    expected = np.sqrt((1 + rho) / (1 - rho) / (2 * 4096))
    assert np.sqrt(np.mean(error**2)) == pytest.approx(expected, rel=0.07)
    covered = np.abs(series.mean(axis=(-1, -2))) < error
    assert 0.58 < covered.mean() < 0.78


def test_blocking_of_correlated_short_chains_is_not_a_number():
    walk = np.cumsum(np.random.default_rng(8).normal(size=(50, 2, 64)), axis=-1)
    assert np.isnan(blocking(walk)).mean() > 0.9
    assert np.isnan(blocking(np.random.default_rng(9).normal(size=(200, 2, 10)))).all()
