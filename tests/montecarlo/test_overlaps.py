"""Overlaps are exact, however they are summed."""

import numpy as np
import pytest

from hebbian import Multitasking, Supervised, draw
from montecarlo.overlaps import EXACT, Observed, overlaps, packed, replica_overlaps

RNG = np.random.default_rng(3)


def spins(*shape):
    return (2 * RNG.integers(0, 2, shape) - 1).astype(np.int8)


@pytest.mark.parametrize("n_spins", [1, 7, 400, 5000])
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 70)])
@pytest.mark.parametrize("largest", [1, 100, 2**20, 2**31])
def test_sums_are_those_of_whole_numbers(n_spins, shape, largest):
    """Whether single precision holds them or not: the last patterns are far beyond."""
    patterns = RNG.integers(-largest, largest + 1, (4, n_spins))
    configurations = spins(*shape, n_spins)
    found = overlaps(configurations, patterns)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, configurations.astype(np.int64) @ patterns.T / n_spins)


@pytest.mark.parametrize("largest", [EXACT // 1000, EXACT // 1000 + 1])
def test_sums_at_the_edge_of_single_precision(largest):
    patterns = np.full((1, 1000), largest, np.int32)
    patterns[0, ::2] -= 1
    configurations = np.ones((2, 1000), np.int8)
    configurations[1, 0] = -1
    exact = configurations.astype(np.int64) @ patterns.T.astype(np.int64)
    np.testing.assert_array_equal(overlaps(configurations, patterns), exact / 1000)


def test_magnetizations_are_summed_in_double_precision():
    states, patterns = RNG.uniform(-1, 1, (5, 300)), spins(2, 300)
    expected = states @ patterns.T.astype(float) / 300
    np.testing.assert_array_equal(overlaps(states, patterns), expected)


@pytest.mark.parametrize("n_spins", [1, 8, 403, 70_001])
def test_packed_spins_unpack(n_spins):
    configurations = spins(2, 9, n_spins)
    bits = packed(configurations)
    np.testing.assert_array_equal(bits, np.packbits(configurations > 0, axis=-1))


@pytest.mark.parametrize(
    ("model", "same"),
    [(Multitasking(), True), (Multitasking(rule=Supervised(quality=0.5, n_examples=3)), False)],
)
def test_n_is_m_of_stored_archetypes_alone(model, same):
    data, configurations = draw(model, n_spins=90, seed=4), spins(2, 5, 90)
    m, n = Observed(data, np.arange(3)).overlaps(configurations)
    sums = configurations.astype(np.int64) @ data.sums.T.astype(np.int64)
    np.testing.assert_array_equal(n, model.example_overlap_scale() * (sums / 90))
    assert np.array_equal(m, n) == same


def test_a_single_replica_has_no_pair():
    bits = packed(spins(1, 6, 20))
    assert replica_overlaps(bits, (20,)).shape == (0, 6)
    assert replica_overlaps(bits, (12, 8)).shape == (0, 6, 2)
    two = replica_overlaps(packed(spins(2, 6, 20)), (12, 8))
    assert two.shape == (1, 6, 2)
