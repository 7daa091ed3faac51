"""Where chains that left their pattern have ended."""

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Exponential, Hopfield, draw
from montecarlo import Schedule
from montecarlo.destinations import chance_overlap, settled_elsewhere

STILL = Schedule(warmup=0, sweeps=4, stride=1)
COMMON = {"alpha": 0.05, "n_spins": 200, "n_samples": 1, "n_replicas": 1, "seed": 2}


def packed(*configurations):
    """Return chains that stay where they are, measured four times."""
    return np.packbits(np.repeat(np.array(configurations)[:, None] > 0, 4, axis=1), axis=-1)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_other_patterns_and_reversals_of_even_order_catch_chains(order):
    alpha = 0.05 if order == 2 else 0.002
    data = draw(Dense(order=order), n_spins=200, alpha=alpha, seed=1)
    xi = data.archetypes
    rng = np.random.default_rng(0)
    half = np.where(np.arange(200) < 40, -xi[3], xi[3])  # overlap 0.6
    less = np.where(np.arange(200) < 60, -xi[3], xi[3])  # 0.4: in no pattern
    chains = packed(xi[1], -xi[1], -xi[0], half, less, rng.choice([-1, 1], 200))
    even = order % 2 == 0
    found = settled_elsewhere(data, chains)
    np.testing.assert_array_equal(found, [True, even, even, True, False, False])


def test_a_chain_is_judged_by_the_second_half_of_its_measurements():
    data = draw(Hopfield(), n_spins=100, alpha=0.05, seed=1)
    first, second = data.archetypes[1], data.archetypes[2] * 0 - 1
    chain = np.packbits(np.array([first, first, second, second]) > 0, axis=-1)[None]
    assert not settled_elsewhere(data, chain)
    assert settled_elsewhere(data, chain[:, ::-1])


def test_chance_is_rarer_than_one_in_a_hundred():
    """The largest of 1000 overlaps of 500 random configurations, at 50 spins."""
    rng = np.random.default_rng(1)
    patterns, spins = (rng.choice([-1.0, 1.0], (n, 50)) for n in (1000, 500))
    largest = np.abs(spins @ patterns.T / 50).max(axis=1)
    assert (largest >= chance_overlap(1000, 50, 4)).mean() < 0.01


@pytest.mark.parametrize(("n_patterns", "n_spins"), [(1000, 50), (20_000, 30), (2000, 24)])
def test_sharp_chance_is_rarer_than_one_in_a_hundred_but_not_by_much(n_patterns, n_spins):
    rng = np.random.default_rng(1)
    patterns, spins = (rng.choice([-1.0, 1.0], (n, n_spins)) for n in (n_patterns, 2000))
    largest = (spins.astype(np.float32) @ patterns.astype(np.float32).T).max(axis=1) / n_spins
    level = chance_overlap(n_patterns, n_spins, False, sharp=True)
    assert (largest >= level).mean() < 0.01
    assert (largest >= level - 4 / n_spins).mean() > 0.01  # two levels of the overlaps below
    assert level < chance_overlap(n_patterns, n_spins, False)


def test_chance_where_every_overlap_is_one():
    assert chance_overlap(2**20, 20, False, sharp=True) == np.inf
    assert chance_overlap(1, 10**6, False, sharp=True) < 0.01


def test_patterns_exponentially_many_catch_chains():
    """At ln K / N = 0.3 and N = 24 Hoeffding's level is beyond 1: no chain would have switched."""
    data = draw(Exponential(), n_spins=24, alpha=0.3, seed=1)
    assert chance_overlap(data.n_patterns, 24, False) > 0.99
    xi = data.observed(range(8))[0]
    near, far = xi[3].copy(), xi[3].copy()
    near[:1] *= -1  # overlap 0.92
    far[:6] *= -1  # 0.5, as of a random configuration
    spins = np.random.default_rng(0).choice([-1, 1], 24)
    found = settled_elsewhere(data, packed(xi[1], near, far, spins))
    np.testing.assert_array_equal(found, [True, True, False, False])
    start = next(x for x in xi[1:] if x.astype(int) @ xi[0] == 0).copy()
    start[np.flatnonzero(start != xi[0])[0]] *= -1  # one site towards the first pattern
    run = montecarlo.simulate(
        data.model, data=data, T=0.0, start=start, n_replicas=1, schedule=STILL,
        dynamics="parallel",
    )  # fmt: skip
    assert (run.escaped, run.switched) == (0, 1)


def test_a_chain_that_starts_from_one_pattern_and_sits_in_another_has_switched():
    """Halfway between 0 and 1, and closer to 1: descent at T = 0 ends in 1."""
    xi = draw(Hopfield(), n_spins=200, alpha=0.05, seed=2).archetypes
    start = xi[0].copy()
    start[60:] = xi[1, 60:]
    run = montecarlo.simulate(
        Hopfield(), T=0.0, dynamics="zero-temperature", start=start, schedule=STILL, **COMMON
    )
    assert run.start_overlaps > 0.2
    assert (run.escaped, run.switched) == (0, 1)
    hot = montecarlo.simulate(
        Hopfield(), T=3.0, start="pattern", **COMMON, schedule=Schedule(warmup=50, sweeps=50)
    )
    assert (hot.escaped, hot.switched) == (1, 0)


def test_dense_networks_that_leave_a_pattern_find_another():
    """At N = 60, alpha = 0.1 and T = 0.8 all 3600 states together outweigh the paramagnet."""
    settings = {"alpha": 0.1, "T": 0.8, "n_spins": 60, "n_samples": 6, "seed": 1}
    schedule = Schedule(warmup=1000, sweeps=200, stride=5)
    run = montecarlo.simulate(
        Dense(order=4), **settings, schedule=schedule, observables=["largest_overlap"]
    )
    assert run.switched > 0.8
    largest = run.estimate("largest_overlap").mean
    assert largest > 0.75 > 3 * run.m.mean
