"""Vectors of chains: every operation against numpy, random words against their definition."""

import operator
import os
import subprocess
import sys

import numpy as np
import pytest

from hebbian import streams
from montecarlo.kernels.many.memory import Lanes16, Lanes32, half_of, load, store
from montecarlo.kernels.many.vectors import (
    as_bits,
    as_mask,
    cast,
    choose,
    like,
    paired,
    same,
    viewed,
)
from montecarlo.kernels.many.words import fill_words, round_keys
from montecarlo.kernels.shared.philox import njit

every_width = pytest.mark.parametrize("lanes", [Lanes16(), Lanes32()], ids=["16", "32"])
INTEGERS = (np.int16, np.int32, np.int64, np.uint32, np.uint64)


@njit
def of_all(lanes, a, out):
    x, y = load(lanes, a, 0), load(lanes, a, 1)
    store(out, 0, x + y)
    store(out, 1, x - y)
    store(out, 2, x * y)
    store(out, 3, x + a[2, 0])
    store(out, 4, x - a[2, 0])
    store(out, 5, x * a[2, 0])
    store(out, 6, like(x, a[2, 0]))
    store(out, 7, choose(x > y, x, y))
    store(out, 8, choose(x < a[2, 0], x, y))
    store(out, 9, choose((x > y) ^ (x != a[2, 0]), x, y))
    store(out, 10, choose((x == y) & (y < x + y), x, y))
    store(out, 11, choose(as_mask(as_bits(x > y) ^ np.uint64(5), x > y), x, y))
    store(out, 12, same(x, y))
    return as_bits(x > y), as_bits(x < y), as_bits(x == y), as_bits(x != y)


@njit
def of_integers(lanes, a, count, out):
    x, y = load(lanes, a, 0), load(lanes, a, 1)
    store(out, 0, x & y)
    store(out, 1, x ^ y)
    store(out, 2, x & a[2, 0])
    store(out, 3, x >> count)
    store(out, 4, x << count)


@njit
def of_floats(lanes, a, out):
    x, y = load(lanes, a, 0), load(lanes, a, 1)
    store(out, 0, x / y)
    store(out, 1, x / a[2, 0])


def bits_of(mask):
    return sum(1 << c for c, is_set in enumerate(mask.tolist()) if is_set)


def numbers(dtype, n_lanes):
    """Two rows that agree in some lanes, and a third, over the whole range of a type."""
    rng = np.random.default_rng(np.dtype(dtype).num)
    if dtype is np.float32:
        found = rng.normal(size=(3, n_lanes)).astype(dtype)
        found[0, :3] = np.inf, -0.0, 1e-40
    else:
        found = rng.integers(*_range(dtype), (3, n_lanes), dtype=dtype, endpoint=True)
        found[0, :2] = _range(dtype)
    found[1, ::4] = found[0, ::4]
    found[2, 0] = found[0, 5]
    return found


def _range(dtype):
    return np.iinfo(dtype).min, np.iinfo(dtype).max


@every_width
@pytest.mark.parametrize("dtype", [*INTEGERS, np.float32])
def test_operations_are_those_of_numpy(dtype, lanes):
    a = numbers(dtype, lanes.lanes)
    x, y, z = a[0], a[1], a[2, 0]
    out = np.zeros((13, lanes.lanes), dtype)
    masks = of_all(lanes, a, out)
    compare = (operator.gt, operator.lt, operator.eq, operator.ne)
    assert masks == tuple(bits_of(of(x, y)) for of in compare)
    with np.errstate(all="ignore"):
        odd = (x > y) ^ np.array([c in (0, 2) for c in range(lanes.lanes)])
        expected = [
            x + y, x - y, x * y, x + z, x - z, x * z, np.full_like(x, z),
            np.where(x > y, x, y), np.where(x < z, x, y), np.where((x > y) ^ (x != z), x, y),
            np.where((x == y) & (y < x + y), x, y), np.where(odd, x, y), x,
        ]  # fmt: skip
    for k, values in enumerate(expected):
        np.testing.assert_array_equal(out[k], values, err_msg=str(k))
    if dtype is np.float32:
        of_floats(lanes, a, out)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(out[:2], [x / y, x / z])
        return
    for count in (0, 1, 7, 15):
        of_integers(lanes, a, dtype(count), out)
        expected = [x & y, x ^ y, x & z, x >> dtype(count), x << dtype(count)]
        np.testing.assert_array_equal(out[:5], expected)


@njit
def converted(lanes, short, middle, word, real, out):
    x, w, f = load(lanes, middle, 0), load(lanes, word, 0), load(lanes, real, 0)
    store(out[0], 0, same(load(lanes, short, 0), x))
    store(out[1], 0, cast(x, np.int64))
    store(out[2], 0, cast(x, np.float32))
    store(out[3], 0, cast(w, np.float32))
    store(out[4], 0, cast(cast(w, np.uint64) << np.uint64(3), np.uint32))
    store(out[5], 0, cast(x, np.int8))
    store(out[6], 0, viewed(f, np.int32))
    store(out[7], 0, viewed(x, np.float32))
    store(out[8], 0, cast(f, np.int32))


@every_width
def test_conversions_are_those_of_numpy(lanes):
    n = lanes.lanes
    middle, word = numbers(np.int32, n), numbers(np.uint32, n)
    short, real = numbers(np.int8, n), (1e3 * numbers(np.float32, n))
    real[0, 0] = -7.9
    expected = (
        short[0].astype(np.int32),
        middle[0].astype(np.int64),
        middle[0].astype(np.float32),
        word[0].astype(np.float32),
        word[0] << np.uint32(3),
        middle[0].astype(np.int8),
        real[0].view(np.int32),
        middle[0].view(np.float32),
        real[0].astype(np.int32),
    )
    out = tuple(np.zeros((1, n), values.dtype) for values in expected)
    converted(lanes, short, middle, word, real, out)
    for found, values in zip(out, expected, strict=True):
        np.testing.assert_array_equal(found[0].view(np.uint8), values.view(np.uint8))


@njit
def words_of(lanes, keys, first, sweep, purpose, words):
    fill_words(half_of(lanes), keys, first, sweep, purpose, 3, words)


@njit
def taken_in_turn(half, a, out):
    store(out, 0, paired(load(half, a, 0), load(half, a, 1)))


def test_halves_are_taken_in_turn():
    a = np.random.default_rng(3).integers(0, 2**64, (2, 16), dtype=np.uint64)
    out = np.zeros((1, 32), np.uint32)
    taken_in_turn(Lanes16(), a, out)
    low = (a & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    np.testing.assert_array_equal(out[0], low.T.ravel())


@every_width
@pytest.mark.parametrize("sweep", [0, 7, 2**32 - 1, 2**32 + 3, 2**40])
def test_words_are_those_of_their_definition(lanes, sweep):
    n, first, purpose = lanes.lanes, 5, 1
    keys = np.random.default_rng(1).integers(0, 2**32, (n, 2), dtype=np.uint32)
    keys[0], keys[1] = 0, 2**32 - 1
    words = np.zeros((13, n), np.uint32)
    words_of(lanes, round_keys(keys), first, sweep, purpose, words)
    low, high = sweep % 2**32, sweep >> 32
    for c in range(n):
        expected = streams.philox(keys[c], first + np.arange(3), low, high, purpose)
        np.testing.assert_array_equal(words[:12, c], expected.ravel())
    assert (words[12] == 0).all()


OUTSIDE = """
import numpy as np
from numba import njit
from montecarlo.kernels.many.memory import Lanes16, Lanes32, load, store

@njit
def read(lanes, array, row):
    store(array, 0, load(lanes, array, row))

@njit
def write(lanes, array, row):
    store(array, row, load(lanes, array, 0))

for lanes, shape in ((Lanes16(), (3, 16)), (Lanes32(), (3, 32)), (Lanes32(), (3, 16))):
    array = np.zeros(shape, np.int32)
    for reach in (read, write):
        for row in (2, 3, -4):
            try:
                reach(lanes, array, row)
            except IndexError:
                print("outside", end=" ")
            else:
                print("inside", end=" ")
"""


@pytest.mark.heavy
def test_rows_outside_an_array_are_seen_where_indices_are_checked(tmp_path):
    environment = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE],
        capture_output=True, text=True, check=True, env={**os.environ, **environment},
    )  # fmt: skip
    fits, too_wide = ["inside", "outside", "outside"], ["outside"] * 3
    assert done.stdout.split() == 4 * fits + 2 * too_wide
