"""Decisions in single precision: its error, and what it is not sure of goes to the contract."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from many_chains import FORMS, Plan, apart, assert_alike, in_lanes, memory_of, starts_of

from hebbian import streams
from montecarlo.dynamics import DYNAMICS, GLAUBER, METROPOLIS
from montecarlo.kernels.many.acceptance import (
    RULES,
    UNSURE,
    Slopes,
    close,
    excess,
    is_heat,
    set_slopes,
    settle,
)
from montecarlo.kernels.many.memory import Lanes16, load, store
from montecarlo.kernels.shared import reference
from montecarlo.kernels.shared.philox import njit

WHOLE = (np.int16, np.int32, np.int64)

#: What the types of fields hold, in double precision.
LARGEST = {kind: np.nextafter(2.0 ** (np.dtype(kind).itemsize * 8 - 1), 0) for kind in WHOLE}

every_rule = pytest.mark.parametrize("move", [GLAUBER, METROPOLIS])


@njit
def excesses(lanes, rule, value, slope, most, word, out):
    """Fill out with excesses, and return, as bits, the lanes in doubt of every row."""
    near = np.zeros(value.shape[0], np.uint64)
    for k in range(value.shape[0]):
        x = excess(
            is_heat(rule), load(lanes, value, k), load(lanes, slope, k), load(lanes, most, k),
            load(lanes, word, k),
        )  # fmt: skip
        store(out, k, x)
        near[k] = close(x)
    return near


def exact_excess(heat, y, word):
    """u (1 + 2^y) - 1 or u 2^y - 1, without loss where it is small: words are exact."""
    u = (word.astype(np.float64) + 0.5) * 2.0**-32
    return u * np.exp2(y) + u - 1 if heat else u * np.exp2(y) - 1


def found_excess(move, value, slope, word):
    """Return excesses and whether they are in doubt; everything of one shape (rows, 16)."""
    out = np.zeros(value.shape, np.float32)
    with np.errstate(divide="ignore"):
        most = np.minimum(96.0 / np.abs(slope), LARGEST[value.dtype.type]).astype(value.dtype)
    near = excesses(Lanes16(), RULES[move], value, slope, most, word, out)
    return out, (near[:, None] >> np.arange(16, dtype=np.uint64)) & np.uint64(1) == 1


@every_rule
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_single_precision_is_sure_of_nothing_that_it_has_wrong(move, dtype):
    """Around the threshold of every exponent, on both sides of it, down to a single word."""
    rng, shape = np.random.default_rng(move), (20_000, 16)
    sign = rng.choice([-1, 1], shape) if move == GLAUBER else 1
    y = sign * rng.uniform(0, 1, shape) ** 2 * 32.5
    value = rng.choice([1, 3, 1000, 2**24 + 1, 2**29 - 1], shape)
    slope = (y / value).astype(np.float32)
    y = slope.astype(np.float64) * value
    threshold = 2.0**32 / (1 + np.exp2(y)) if move == GLAUBER else 2.0**32 * np.exp2(-y)
    nearby = rng.choice([0, 1e-8, 1e-6, 5e-6, 2e-5, 1e-3], shape) * rng.choice([-1, 1], shape)
    word = np.clip(np.rint(threshold * (1 + nearby)), 0, 2**32 - 1).astype(np.uint32)
    exact = exact_excess(move == GLAUBER, y, word)
    found, doubtful = found_excess(move, value.astype(dtype), slope, word)
    small = np.abs(exact) < 1e-4
    assert small.mean() > 0.5
    assert np.abs(found - exact)[small].max() < 9e-6  # of the 2e-5 that are in doubt
    wrong = (found < 0) != (exact < 0)
    assert wrong.sum() > 1000
    assert doubtful[wrong].all()
    assert not doubtful[np.abs(exact) > 3e-5].any()
    assert UNSURE > 2 * 9e-6


@every_rule
def test_certain_decisions_are_right(move):
    """Words at random, exponents of any size, and fields that vanish."""
    rng, shape = np.random.default_rng(1), (5000, 16)
    value = rng.choice([-(2**30), -77, -1, 0, 1, 2, 5, 2**30], shape).astype(np.int32)
    slope = rng.choice([-64.0, -3.0, -0.1, -1e-12, 0.0, 1e-12, 0.2, 41.0, 64.0], shape)
    slope = slope.astype(np.float32)
    word = rng.integers(0, 2**32, shape, dtype=np.uint32)
    word[rng.random(shape) < 0.1], word[rng.random(shape) < 0.1] = 0, 2**32 - 1
    y = np.clip(slope.astype(np.float64) * value, -1000, 1000)
    found, doubtful = found_excess(move, value, slope, word)
    right = (found < 0) == (exact_excess(move == GLAUBER, y, word) < 0)
    assert right[~doubtful].all()
    assert 0.01 < doubtful.mean() < 0.2  # a field that vanishes, or none that u may reach
    assert np.isfinite(found).all()


@njit
def settled(lanes, slopes, keys, rule, unit, visit, sweep, near, flips, values, spins):
    value = load(lanes, values, 0)
    return settle(slopes, keys, rule, unit, visit, sweep, near, flips, value, spins)


def room_for(T, unit, move):
    slopes = Slopes(
        np.zeros((1, 16), np.float32),
        np.zeros((1, 16), np.int64),
        np.zeros(16),
        np.zeros((3, 4, 1)),
        np.zeros((1, 16), np.int64),
    )
    set_slopes(slopes, T, unit, LARGEST[np.int64], move == GLAUBER)
    return slopes


def uniform(key, visit, sweep):
    word = streams.philox(key, visit // 4, sweep % 2**32, sweep >> 32, 0)[visit % 4]
    return Fraction(2 * int(word) + 1, 2**33)


def logarithm(u, move):
    u = float(u)
    return np.log(u) - np.log1p(-u) if move == GLAUBER else np.log(u)


@every_rule
@pytest.mark.parametrize(("visit", "sweep"), [(0, 0), (6, 3), (63, 2**32 + 5), (130, 2**33)])
def test_what_is_in_doubt_is_settled_by_the_contract(move, visit, sweep):
    """Fields on both sides of the threshold, 1e-9 and 1e-6 of it away, and lanes not in doubt."""
    unit, heat = 2.0**-40, move == GLAUBER
    keys = np.random.default_rng(visit).integers(0, 2**32, (16, 2), dtype=np.uint32)
    T, spins = np.linspace(0.3, 2.0, 16), np.resize([1, -1, -1, 1], 16).astype(np.int8)
    x = np.array([logarithm(uniform(key, visit, sweep), move) for key in keys])
    for away in (-1e-6, -1e-9, 1e-9, 1e-6):
        threshold = 0.5 * T * x if heat else -0.5 * T * x * spins
        values = np.rint(threshold * (1 + away) / unit).astype(np.int64)[None]
        h = values[0] * unit
        expected = (h > 0.5 * T * x) != (spins > 0) if heat else spins * h <= -0.5 * T * x
        near, before = np.uint64(0b1011_1111_0111_1101), np.uint64(0b0110_0101_1010_0110)
        found = settled(
            Lanes16(), room_for(T, unit, move), keys, RULES[move], unit, visit, sweep, near, before,
            values, spins,
        )  # fmt: skip
        for c in range(16):
            lane = 1 << c
            wanted = expected[c] if int(near) & lane else bool(int(before) & lane)
            assert bool(int(found) & lane) == wanted


@pytest.mark.parametrize("T", [0.0, 1.0])
def test_a_spin_without_field_takes_a_coin_or_flips(T):
    """At T = 0, too: heat bath by the half in which u is, Metropolis always."""
    keys = np.random.default_rng(8).integers(0, 2**32, (16, 2), dtype=np.uint32)
    spins, every = np.resize([1, -1, -1], 16).astype(np.int8), np.uint64(2**16 - 1)
    for move in (GLAUBER, METROPOLIS):
        found = settled(
            Lanes16(), room_for(np.full(16, T), 1.0, move), keys, RULES[move], 1.0, 2, 9, every,
            np.uint64(0), np.zeros((1, 16), np.int64), spins,
        )  # fmt: skip
        up = [uniform(key, 2, 9) < Fraction(1, 2) for key in keys]
        wanted = [u != (s > 0) if move == GLAUBER else True for u, s in zip(up, spins, strict=True)]
        assert [bool(int(found) >> c & 1) for c in range(16)] == wanted


def temperature_in_doubt(memory, start, key, visit, dynamics):
    """Return the temperature at which the visit of the first sweep is at its threshold, if any."""
    move, T = DYNAMICS[dynamics].move, 0.5
    logs = [logarithm(uniform(key, v, 0), move) for v in range(visit + 1)]
    for _ in range(10):
        spins = start.copy()
        for v in range(visit):
            h = reference.field(memory, spins, v)
            if move == GLAUBER:
                spins[v] = 1 if h > 0.5 * T * logs[v] else -1
            elif spins[v] * h <= -0.5 * T * logs[v]:
                spins[v] *= -1
        h = reference.field(memory, spins, visit)
        found = 2 * h / logs[visit] if move == GLAUBER else -2 * spins[visit] * h / logs[visit]
        if found == T:
            return T
        if not 0.01 < found < 100:
            return None
        T = found
    return None


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize(
    ("form", "name"),
    [("signs", "pairs, all"), ("coefficients", "blank"), ("tabulated", "3 bodies, distinct")],
)
def test_every_lane_in_doubt_in_the_same_sweep(form, name, dynamics):
    """Temperatures at which a visit, the first or after others, is within 1e-9 or 1e-6 of u."""
    memory = memory_of(name, 22, n_rows=9)
    network, starts = FORMS[form].lower(memory), starts_of(memory, 400)
    away = itertools.cycle([1e-9, -1e-9, 1e-8, -1e-8, 1e-6, -1e-6])
    for visit in (0, 1, 3, 6, 21):
        chains, T, keys = [], [], []
        for chain in range(400):
            key = streams.key(2, "dynamics", chain=chain)
            found = temperature_in_doubt(memory, starts[chain], key, visit, dynamics)
            if found is not None:
                chains.append(chain)
                T.append(found * (1 + next(away)))
                keys.append(key)
            if len(chains) == 32:
                break
        assert len(chains) >= 17
        chosen, keys = starts[chains], np.array(keys)
        plan = Plan(np.array(T), dynamics, n_measurements=1, stride=1, first_sweep=0)
        expected = apart(memory, chosen, keys, plan)
        assert_alike(in_lanes(network, chosen, keys, plan), expected)
        flipped = expected[0][:, 0, visit] != chosen[:, visit]
        assert 0.15 < flipped.mean() < 0.85


def test_few_visits_are_in_doubt():
    """Two to four of a hundred thousand, whatever the field: most blocks are decided at once."""
    rng, shape = np.random.default_rng(4), (200_000, 16)
    word = rng.integers(0, 2**32, shape, dtype=np.uint32)
    for y in (-3.0, -0.5, 0.0):
        value, slope = np.ones(shape, np.int32), np.full(shape, y, np.float32)
        _, doubtful = found_excess(GLAUBER, value, slope, word)
        assert 1.7e-5 < doubtful.mean() < 4.3e-5
