"""Units of the literature against the definitions of the models."""

from math import factorial, perm

import numpy as np
import pytest

import theory
from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised
from theory import conventions


@pytest.mark.parametrize("order", [2, 3, 4, 8])
def test_round_trips(order):
    beta = np.array([0.3, 1.0, 40.0])
    T = conventions.temperature(beta, order=order)
    np.testing.assert_allclose(1 / T, 2 * beta / factorial(order), rtol=1e-15)
    np.testing.assert_allclose(conventions.paper_beta(T, order=order), beta, rtol=1e-15)
    alpha = np.array([0.0, 0.05, 1.0])
    K = conventions.n_patterns(alpha, n_spins=200, order=order)
    np.testing.assert_allclose(conventions.load(K, n_spins=200, order=order), alpha, rtol=1e-14)
    amplitude = conventions.bare_load(alpha, order=order)
    np.testing.assert_allclose(amplitude, K / 200.0 ** (order - 1), rtol=1e-14)
    back = conventions.storage_load(amplitude, n_spins=200, order=order)
    np.testing.assert_allclose(back, alpha, rtol=1e-14)


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3), Dense(order=4)], ids=str)
def test_numbers_of_patterns_are_those_of_the_models(model):
    K = conventions.n_patterns(0.1, n_spins=90, order=model.order)
    assert model.count(0.1, 90) == round(float(K))


@pytest.mark.parametrize("order", [2, 3, 4])
def test_weight_of_a_configuration(order):
    """exp(-H/T) here is exp(beta N^(1-P) sum over i1 < ... < iP) of the papers."""
    rng = np.random.default_rng(1)
    xi, spins = rng.choice([-1, 1], (2, 12)).astype(np.int8)
    memory = Dense(order=order).lower(xi[None])
    x = xi * spins.astype(float)
    coefficients = np.poly(-x)  # elementary symmetric polynomials
    beta = 1.7
    paper = beta * coefficients[order] / 12 ** (order - 1)
    T = conventions.temperature(beta, order=order)
    assert -memory.energy(spins) / T == pytest.approx(paper, rel=1e-12)


def test_below_saturation_the_load_vanishes_with_the_size():
    N = np.array([100.0, 1000.0])
    alpha = conventions.storage_load(0.5, n_spins=N, order=4, storage_exponent=2)
    np.testing.assert_allclose(alpha, 12 * 0.5 / N, rtol=1e-14)
    np.testing.assert_allclose(alpha, conventions.load(0.5 * N**2, n_spins=N, order=4))


def test_overlaps_with_the_examples():
    """The energy of one class is -n~^P/2 (with a load), -n^2/2 (multitasking)."""
    rule = Supervised(quality=0.7, n_examples=9)
    state = theory.solve(Dense(order=4, rule=rule), alpha=0, T=0.2)
    n = conventions.normalised_overlap(state.n, rule)
    assert state.energy == pytest.approx(-(n**4) / 2, rel=1e-13)
    model = Multitasking(n_patterns=1, dilution=0.2, rule=rule)
    several = theory.solve(model, T=0.2)
    paper = conventions.multitasking_overlap(several.n, rule)
    assert several.energy == pytest.approx(-(several.n[0] ** 2) / 2, rel=1e-13)
    np.testing.assert_allclose(paper * (1 + rule.dataset_entropy), several.n)
    assert conventions.normalised_overlap(0.4, Storing()) == 0.4
    assert conventions.multitasking_overlap(0.4, Storing()) == 0.4


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (conventions.temperature, {"beta": 0.0, "order": 4}, "beta"),
        (conventions.paper_beta, {"T": [0.1, 0.0], "order": 4}, "T"),
        (conventions.load, {"n_patterns": -1, "n_spins": 10, "order": 4}, "n_patterns"),
        (conventions.load, {"n_patterns": 1, "n_spins": 0, "order": 4}, "n_spins"),
        (conventions.n_patterns, {"alpha": -1, "n_spins": 10, "order": 4}, "alpha"),
        (conventions.bare_load, {"alpha": 0.1, "order": 1}, "order"),
        (
            conventions.storage_load,
            {"amplitude": 1, "n_spins": 10, "order": 4, "storage_exponent": 3.5},
            "storage_exponent",
        ),
        (conventions.normalised_overlap, {"n": np.nan, "rule": Storing()}, "n = "),
    ],
)
def test_bad_input_is_one_clear_line(function, arguments, name):
    with pytest.raises(ValueError, match=name) as error:
        function(**arguments)
    assert "\n" not in str(error.value)


def test_couplings_of_a_finite_network():
    """Those of one spin, summed over ordered tuples of other distinct sites."""
    pairs = sum(1 for i in range(10) for j in range(10) if i != j)
    assert conventions.finite_size_factor(10, order=2) == pytest.approx(pairs / 10**2)
    quadruples = perm(10, 4)
    assert conventions.finite_size_factor(10, order=4) == pytest.approx(quadruples / 10**4)
    assert conventions.finite_size_factor(1e18, order=8) == 1
