"""The energy that all configurations share where sites may coincide: exact enumeration."""

import itertools
import math

import numpy as np
import pytest

import theory
from hebbian import Dense, Multitasking, Supervised, Unsupervised
from hebbian.datasets import draw
from theory.closure import equations

SIZE = 8
CONFIGURATIONS = np.array(list(itertools.product((1, -1), repeat=SIZE)))


def mean_energy(model, alpha, seed):
    """Return H/N averaged over all configurations of one sample."""
    memory = draw(model, n_spins=SIZE, alpha=alpha, seed=seed).memory
    if memory.indices == "distinct":
        return np.mean([memory.energy(spins) for spins in CONFIGURATIONS]) / SIZE
    overlaps = memory.rows.astype(float) @ CONFIGURATIONS.T
    return -memory.weight * (overlaps**memory.order).sum(axis=0).mean() / SIZE


def constant(model, alpha, n_spins):
    return equations(model).diagonal_energy(np.array([alpha]), n_spins)[0]


@pytest.mark.parametrize(
    "model",
    [
        Dense(order=4, indices="all"),
        Dense(order=6, indices="all"),
        Dense(order=4, indices="all", rule=Unsupervised(quality=0.7, n_examples=3)),
    ],
)
def test_it_is_the_mean_over_all_configurations_of_every_sample(model):
    for seed in (1, 2):
        assert constant(model, 0.3, SIZE) == pytest.approx(mean_energy(model, 0.3, seed), rel=1e-12)


@pytest.mark.parametrize(("order", "n_examples"), [(4, 3), (4, 2), (6, 3)])
def test_sums_of_examples_have_it_on_average(order, n_examples):
    rule = Supervised(quality=0.7, n_examples=n_examples)
    model = Dense(order=order, indices="all", rule=rule)
    found = np.array([mean_energy(model, 0.3, seed) for seed in range(300)])
    error = found.std(ddof=1) / math.sqrt(found.size)
    assert abs(found.mean() - constant(model, 0.3, SIZE)) < 3.5 * error
    assert error < 0.02 * abs(found.mean())


@pytest.mark.parametrize("model", [Dense(order=4), Dense(order=3), Dense(order=3, indices="all")])
def test_distinct_sites_and_odd_powers_have_none(model):
    assert constant(model, 0.3, SIZE) == 0
    assert mean_energy(model, 0.3, 1) == pytest.approx(0, abs=1e-12)


def test_that_of_pairs_is_in_the_equations_of_state():
    model, hot = Dense(order=2, indices="all"), 1e6
    assert constant(model, 0.25, SIZE) == 0
    exact = theory.solve(model, alpha=0.25, T=hot, start="paramagnet").energy
    assert exact == pytest.approx(mean_energy(model, 0.25, 1), rel=1e-5)


@pytest.mark.parametrize(("order", "double_factorial"), [(4, 3), (6, 15), (8, 105)])
def test_its_leading_term_is_the_gaussian_moment(order, double_factorial):
    n_spins, alpha = 4000, 0.05
    leading = -alpha * double_factorial / math.factorial(order) * n_spins ** (order / 2 - 1)
    model = Dense(order=order, indices="all", rule=Supervised(quality=0.5, n_examples=7))
    for each in (model, Dense(order=order, indices="all")):
        assert constant(each, alpha, n_spins) == pytest.approx(leading, rel=0.02)


def test_energies_of_n_spins_contain_it_and_nothing_else_does():
    model, point = Dense(order=4, indices="all"), {"alpha": [0.05, 0.1], "T": 0.3}
    infinite = theory.solve(model, **point)
    finite = theory.solve(model, **point, n_spins=60)
    shift = np.array([constant(model, alpha, 60) for alpha in point["alpha"]])
    np.testing.assert_allclose(finite.energy - infinite.energy, shift, rtol=1e-12)
    np.testing.assert_allclose(finite.free_energy - infinite.free_energy, shift, rtol=1e-12)
    np.testing.assert_array_equal(finite.m, infinite.m)
    over = theory.solve(model, **point, n_spins=60, order=4)
    np.testing.assert_array_equal(over.energy, finite.energy)
    with pytest.raises(ValueError, match=r"n_spins = 0 is outside the allowed range"):
        theory.solve(model, **point, n_spins=0)


def test_a_network_without_a_load_has_none():
    model = Multitasking(n_patterns=2)
    plain, sized = (theory.solve(model, T=0.3, **size) for size in ({}, {"n_spins": 50}))
    assert plain.energy == sized.energy
