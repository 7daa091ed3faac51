"""Levels of finite networks and sparse patterns: moments, limits, and enumeration."""

import itertools
import math

import numpy as np
import pytest

from theory.many_patterns.finite_size import deepest_level, level_survival
from theory.many_patterns.limits import finite_connectivity_energy, finite_connectivity_load


def ladder(K, d):
    return (1 - d) * d ** np.arange(K)


@pytest.mark.parametrize(("K", "d", "N"), [(3, 0.3, 500), (5, 0.4, 4000), (2, 0.6, 100)])
def test_survival_is_that_of_the_sampled_overlaps(K, d, N):
    """The overlaps of the hierarchy are those of N independent columns."""
    rng = np.random.default_rng(1)
    n_samples = 2000
    m = np.empty((n_samples, K))
    for sample in range(n_samples):
        xi = rng.choice([-1, 0, 1], p=[(1 - d) / 2, d, (1 - d) / 2], size=(K, N))
        m[sample] = xi @ xi[np.argmax(xi != 0, axis=0), np.arange(N)] / N
    sigma = np.sqrt((1 - d - ladder(K, d) ** 2) / N)
    np.testing.assert_allclose(m.mean(axis=0), ladder(K, d), atol=4 * sigma.max() / 40)
    np.testing.assert_allclose(m.std(axis=0), sigma, rtol=0.08)
    stands = m > np.cumsum(np.abs(m)[:, ::-1], axis=1)[:, ::-1] - np.abs(m)
    np.testing.assert_allclose(stands.mean(axis=0), level_survival(d, K, N), atol=0.03)


def test_the_last_level_is_exact():
    """Phi(m_K / sigma_K), and one half where the level is no more than its fluctuation."""
    d, K, N = 0.4, 5, 4000
    m = ladder(K, d)[-1]
    phi = 0.5 * math.erfc(-m / math.sqrt(2 * (1 - d - m * m) / N))
    assert level_survival(d, K, N)[-1] == pytest.approx(phi, abs=1e-14)
    assert level_survival(d, 30, N)[-1] == pytest.approx(0.5, abs=1e-6)


def test_levels_of_large_networks_stand_below_one_half_and_not_above():
    """Every margin 1 - 2d + d^(K-k+1) is positive up to d_c, and what is left is sharp."""
    np.testing.assert_allclose(level_survival(0.45, 5, 10**9), 1, atol=1e-6)
    assert level_survival(0.6, 5, 10**9)[0] < 1e-6
    np.testing.assert_array_equal(level_survival(0.0, 3, 100)[:1], [1.0])


def test_deepest_level_is_where_ladder_and_fluctuation_meet():
    k, d, N = deepest_level(0.3, 5000), 0.3, 5000
    assert (1 - d) * d ** (k - 1) == pytest.approx(math.sqrt((1 - d) / N), rel=1e-12)


def test_sparse_energy_is_that_of_all_configurations():
    """Poisson average of -<M^2>/2 by enumeration of the spins of a pattern."""
    c, T = 0.7, 1.3
    expected = 0.0
    for n in range(13):
        square = np.array([sum(s) ** 2 for s in itertools.product((-1, 1), repeat=n)], float)
        weight = np.exp(square / (2 * T))
        chance = math.exp(-c) * c**n / math.factorial(n)
        expected -= 0.5 * chance * (weight @ square) / weight.sum()
    assert finite_connectivity_energy(c, T) == pytest.approx(expected, rel=1e-9)


def test_limits_of_the_sparse_energy():
    """T = 0: all spins of a pattern agree; T -> infinity: coins, and no limit of the load."""
    c = np.array([0.5, 2.0, 4.0])
    np.testing.assert_allclose(finite_connectivity_energy(c, 0.0), -(c + c**2) / 2, rtol=1e-12)
    np.testing.assert_allclose(finite_connectivity_energy(c, 1e-3), -(c + c**2) / 2, rtol=1e-9)
    np.testing.assert_allclose(finite_connectivity_energy(c, 1e6), -c / 2, rtol=1e-4)
    assert (finite_connectivity_load(c, 1e4) > 1e6).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: level_survival(1.0, 3, 100), r"dilution = 1.0 is outside"),
        (lambda: level_survival(0.3, 0, 100), r"n_patterns = 0 is outside"),
        (lambda: deepest_level(0.0, 100), r"dilution = 0.0 is outside the allowed range \(0, 1\)"),
        (lambda: deepest_level(0.3, 1), r"n_spins = 1 is outside"),
        (lambda: finite_connectivity_energy(0.0, 1.0), r"connectivity = 0.0 is outside"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
