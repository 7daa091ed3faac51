"""R-hat, effective size and blocking against their definitions and processes of known answers."""

from statistics import NormalDist

import numpy as np
import pytest
from processes import autoregressive

from montecarlo.statistics.convergence import blocking, effective_size, split_rhat


def normal_scores(x):
    """Normal quantiles of the ranks of all numbers; equal numbers share their mean rank."""
    below = (x.ravel()[:, None] > x.ravel()).sum(axis=1)
    equal = (x.ravel()[:, None] == x.ravel()).sum(axis=1)
    ranks = below + 0.5 * (equal + 1)
    scores = [NormalDist().inv_cdf((rank - 0.375) / (x.size + 0.25)) for rank in ranks]
    return np.reshape(scores, x.shape)


def variances(x):
    """Mean variance within chains, and the variance of all with that of their means."""
    n, within = x.shape[1], x.var(axis=1, ddof=1).mean()
    return within, (n - 1) / n * within + x.mean(axis=1).var(ddof=1)


def rhat_by_definition(halves):
    """Equations (2-4) and (14) of arXiv:1903.08008."""
    folded = np.abs(halves - np.median(halves))
    pairs = [variances(normal_scores(x)) for x in (halves, folded)]
    return max(np.sqrt(pooled / within) for within, pooled in pairs)


def size_by_definition(halves):
    """Equations (10-13), the sums over lags written out."""
    n_chains, n = halves.shape
    within, pooled = variances(halves)
    x = halves - halves.mean(axis=1, keepdims=True)
    covariance = np.array([(x[:, : n - t] * x[:, t:]).sum(axis=1).mean() / n for t in range(n)])
    rho = 1 - (within - covariance) / pooled
    rho[0] = 1.0
    pairs = rho[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    last = int(np.argmin(pairs > 0))
    tau = 2 * np.minimum.accumulate(pairs[:last]).sum() - 1 + max(rho[2 * last], 0.0)
    return n_chains * n / tau


@pytest.mark.parametrize("shape", [(4, 500), (2, 101), (3, 30)])
@pytest.mark.parametrize("kind", ["agree", "shifted", "scaled", "discrete"])
def test_rhat_and_effective_size_are_those_of_their_definitions(kind, shape):
    chains = autoregressive(0.6, shape, np.random.default_rng(4))
    if kind == "shifted":
        chains[0] += 1.5
    if kind == "scaled":
        chains[0] *= 5
    if kind == "discrete":
        chains = np.round(2 * chains)
    half = shape[1] // 2
    halves = np.concatenate([chains[:, :half], chains[:, -half:]])
    assert split_rhat(chains) == pytest.approx(rhat_by_definition(halves), rel=1e-10)
    if kind != "shifted":  # the correlations of chains apart never end
        assert effective_size(chains) == pytest.approx(size_by_definition(halves), rel=1e-6)


def test_a_single_chain_is_cut_into_quarters():
    chain = autoregressive(0.6, (1, 400), np.random.default_rng(4))
    expected = rhat_by_definition(chain.reshape(4, 100))
    assert split_rhat(chain) == pytest.approx(expected, rel=1e-10)
    assert split_rhat(chain + np.linspace(0, 9, 400)) > 1.5
    assert np.isnan(split_rhat(chain[:, :7]))


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
