"""The checks of a model by its kernels notice kernels that are wrong."""

import re

import numpy as np
import pytest

from hebbian import Dense, Hopfield, Memory
from hebbian.promises import Subject
from montecarlo import testing
from montecarlo.backend import resolve


def hotter(kernel):
    """A kernel that runs at twice the temperature."""

    def run(network, state, key, T, *rest):
        return kernel.run(network, state, key, 2 * T, *rest)

    return kernel._replace(run=run)


def careless(kernel):
    """A kernel that records one spin wrongly."""

    def run(network, state, key, T, rule, first, count, stride, spins, energies, *order):
        flips = kernel.run(
            network, state, key, T, rule, first, count, stride, spins, energies, *order
        )
        spins[..., 0] *= -1
        return flips

    return kernel._replace(run=run)


def inexact(kernel):
    """A kernel whose energies are off in the tenth digit."""

    def run(network, state, key, T, rule, first, count, stride, spins, energies, *order):
        flips = kernel.run(
            network, state, key, T, rule, first, count, stride, spins, energies, *order
        )
        energies *= 1 + 1e-10
        return flips

    return kernel._replace(run=run)


@pytest.mark.parametrize(
    ("fault", "check", "sentence"),
    [
        (hotter, testing.single_spin_dynamics, r"chi-square has p = \d\S+ with \w+, \w+ order"),
        (hotter, testing.parallel_dynamics, r"chi-square has p = \d\S+ with parallel"),
        (careless, testing.compiled_kernels, "1 spins differ between kernels after 12 sweeps"),
        (inexact, testing.compiled_kernels, "the energy of glauber is"),
        (careless, testing.fixed_points, "descent in sequential order ends where a flip costs -"),
    ],
)
@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3)], ids=repr)
def test_faults_are_noticed(monkeypatch, model, fault, check, sentence):
    subject = Subject(model=model)
    assert check(subject)

    def faulty(name, *dynamics):
        kernel = resolve(name, *dynamics)
        return fault(kernel) if name == "numba" else kernel

    monkeypatch.setattr(testing, "resolve", faulty)
    with pytest.raises(AssertionError, match=sentence):
        check(subject)


def test_a_test_without_power_is_no_test():
    with pytest.raises(AssertionError, match=re.escape("too few states are occupied")):
        testing.chi_square_p(np.array([100, 0]), np.array([1.0, 0.0]))


def test_a_table_that_is_steep_at_the_patterns_alone_is_heated():
    """20 sweeps at T = 1 would leave chains where they are, and refuse a right model."""
    rows, table = -np.ones((1, 8), np.int8), np.zeros(9)
    table[-1] = 10.0
    assert testing.moderate_temperature(Memory(rows=rows, table=table, weight=1.0)) == 5.0
