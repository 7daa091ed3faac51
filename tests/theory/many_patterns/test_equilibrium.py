"""Finite networks in equilibrium: all configurations counted, and limits."""

import numpy as np
import pytest
from scipy.special import gammaln

import theory
from hebbian import Multitasking, Supervised
from theory.many_patterns.equilibrium import ordered_overlaps
from theory.many_patterns.parallel import parallel_temperature
from theory.many_patterns.permutations import overlap_spread, permutation_time


def counted(d, T, n_spins):
    """Mean of the sorted |m| of two patterns in exact columns, over all 2^N configurations.

    Of the n spins of a column k are up in binomial(n, k) ways; columns v and -v are alike.
    """
    one = round(n_spins * (1 - d) ** 2 / 2), round(n_spins * (1 - d) * d)
    numbers = [one[0], one[0], one[1], one[1]]
    assert sum(numbers) + round(n_spins * d * d) == n_spins
    ups = np.meshgrid(*[np.arange(n + 1) for n in numbers], indexing="ij", sparse=True)
    log_ways = sum(
        gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        for n, k in zip(numbers, ups, strict=True)
    )
    together, apart, first, second = (2 * k - n for n, k in zip(numbers, ups, strict=True))
    m = np.abs(np.stack(np.broadcast_arrays(together + apart + first, together - apart + second)))
    m = m / n_spins
    log_weight = log_ways + n_spins * (m**2).sum(axis=0) / (2 * T)
    weight = np.exp(log_weight - log_weight.max())
    return np.array([(weight * m.max(axis=0)).sum(), (weight * m.min(axis=0)).sum()]) / weight.sum()


@pytest.mark.parametrize(("d", "T"), [(0.5, 0.15), (0.5, 0.3), (0.6, 0.12), (0.5, 0.45)])
def test_ordered_overlaps_are_those_of_all_configurations(d, T):
    """The error is of the order 1/N, at every strength of the asymmetry."""
    model, errors = Multitasking(n_patterns=2, dilution=d), []
    for n_spins in (104, 208) if d == 0.5 else (100, 200):  # whole numbers of spins
        found = ordered_overlaps(model, T, n_spins)
        errors.append(np.abs(found - counted(d, T, n_spins)).max())
    assert errors[1] < 0.4 / 200
    assert errors[1] < 0.85 * errors[0]


@pytest.mark.parametrize(("K", "d", "T"), [(1, 0.3, 0.2), (2, 0.3, 0.1), (3, 0.75, 0.03)])
def test_large_networks_have_the_overlaps_of_the_theory(K, d, T):
    model = Multitasking(n_patterns=K, dilution=d)
    exact, shifts = theory.solve(model, T=T).m, []
    for n_spins in (20_000, 80_000):
        shifts.append(n_spins * (ordered_overlaps(model, T, n_spins) - exact))
        assert np.abs(shifts[-1]).max() < 2
    np.testing.assert_allclose(shifts[0], shifts[1], atol=0.1)  # a law of 1/N


def test_at_the_line_the_differences_close_as_a_fourth_root():
    model = Multitasking(n_patterns=2, dilution=0.75)
    T = float(parallel_temperature(0.75, 2).low)
    m = [ordered_overlaps(model, T, n_spins) for n_spins in (10**6, 16 * 10**6)]
    gaps = [pair[0] - pair[1] for pair in m]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.1)


def test_permutation_time():
    """Arrhenius: ln time grows by N (f_s - f)/T; random visits take twice as long near a line."""
    model, T = Multitasking(n_patterns=2, dilution=0.75), 0.95 * 0.06325052
    states = [theory.solve(model, T=T, start=start) for start in ("hierarchical", "symmetric")]
    barrier = float(states[1].free_energy - states[0].free_energy) / T
    times = [permutation_time(model, T, n_spins) for n_spins in (50_000, 150_000)]
    assert np.log(times[1] / times[0]) == pytest.approx(100_000 * barrier, rel=1e-9)
    random = permutation_time(model, T, 50_000, site_order="random")
    assert random / times[0] == pytest.approx(2, abs=0.05)
    above = parallel_temperature(0.75, 2).low * 1.01
    assert permutation_time(model, float(above), 10**5) == np.inf
    # three patterns: the last two exchange more easily than the first two
    assert permutation_time(Multitasking(n_patterns=3, dilution=0.3), 0.05, 2000) < np.inf


def test_spread_of_a_pure_state():
    """K = 1, m = (1-d) tanh(m/T) with 1 - d a frequency: its derivative by differences."""
    d, T, N = 0.3, 0.3, 10_000
    up, down = (
        theory.solve(Multitasking(n_patterns=1, dilution=d + x), T=T).m[0] for x in (-1e-5, 1e-5)
    )
    spread = abs(up - down) / 2e-5 * np.sqrt(d * (1 - d) / N)
    found = overlap_spread(Multitasking(n_patterns=1, dilution=d), T, N)
    assert found[0] == pytest.approx(spread, rel=1e-6)


@pytest.mark.parametrize(("K", "d", "T"), [(2, 0.3, 0.1), (3, 0.75, 0.03)])
def test_spread_is_that_of_sampled_columns(K, d, T):
    """The equations of state with the frequencies of N independent columns, iterated."""
    n_spins, n_samples = 200_000, 1500
    v = np.indices((3,) * K).reshape(K, -1).T - 1.0
    chance = np.where(v == 0, d, (1 - d) / 2).prod(axis=1)
    p = np.random.default_rng(1).multinomial(n_spins, chance, size=n_samples) / n_spins
    model = Multitasking(n_patterns=K, dilution=d)
    n = np.tile(theory.solve(model, T=T).m, (n_samples, 1))
    for _ in range(60):
        n = (p * np.tanh(n @ v.T / T)) @ v
    np.testing.assert_allclose(n.std(axis=0), overlap_spread(model, T, n_spins), rtol=0.06)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (ordered_overlaps, ({}, 0.0, 1000), r"T = 0\.0 is outside"),
        (ordered_overlaps, ({}, 0.1, 99), "n_spins = 99 is outside"),
        (ordered_overlaps, ({"n_patterns": 4}, 0.1, 1000), "n_patterns = 4 is outside"),
        (permutation_time, ({"n_patterns": 13}, 0.1, 1000), "n_patterns = 13 is outside"),
        (
            overlap_spread,
            ({"rule": Supervised(quality=0.5, n_examples=3)}, 0.1, 1000),
            "disorder of noisy examples",
        ),
    ],
)
def test_bad_input(function, arguments, message):
    changes, *rest = arguments
    with pytest.raises(ValueError, match=message):
        function(Multitasking(**{"n_patterns": 2, "dilution": 0.3} | changes), *rest)
    with pytest.raises(ValueError, match="site_order = 'x' is not one of"):
        permutation_time(Multitasking(n_patterns=2, dilution=0.3), 0.1, 1000, site_order="x")
