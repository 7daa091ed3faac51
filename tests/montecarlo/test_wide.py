"""Sums of 16 bits that 16 bits do not hold."""

import numpy as np
import pytest

from montecarlo.kernels.many.memory import Lanes16, Lanes32, load, store
from montecarlo.kernels.many.vectors import like
from montecarlo.kernels.many.wide import apart, words
from montecarlo.kernels.shared.philox import njit


@njit
def _difference(lanes, plus, minus, out):
    found = like(load(lanes, out, 0), 0)
    for r in range(plus.shape[0]):
        found = found + words(load(lanes, plus, r))
    for r in range(minus.shape[0]):
        found = found - words(load(lanes, minus, r))
    store(out, 0, apart(found, load(lanes, plus, 0)))


@pytest.mark.parametrize("lanes", [Lanes16(), Lanes32()])
@pytest.mark.parametrize("kind", [np.int16, np.int32])
def test_words_hold_the_sums_of_both_lanes(lanes, kind):
    rng = np.random.default_rng(1)
    plus, minus = rng.integers(0, 2**15, (2, 500, lanes.lanes)).astype(kind)
    plus[:, 0], plus[:, 3], minus[:, 1], minus[:, 2] = 2**15 - 1, 0, 2**15 - 1, 0
    out = np.empty((1, lanes.lanes), np.int32)
    _difference(lanes, plus, minus, out)
    assert np.array_equal(out[0], plus.sum(axis=0, dtype=int) - minus.sum(axis=0, dtype=int))
