"""Kernels against definitions: fields, energies, overlaps, random words, logarithms."""

import numpy as np
import pytest
from conformance import CASES, IDS, load_of

from hebbian import Dense, Hopfield, Memory, Supervised, draw, streams
from hebbian.packed import pack
from montecarlo.backend import resolve
from montecarlo.dynamics import SEQUENTIAL
from montecarlo.kernels.lanes.bits import masked_sum, shift_levels
from montecarlo.kernels.shared import reference
from montecarlo.kernels.shared.philox import fill_logarithms, njit
from montecarlo.kernels.single import (
    couplings,
    forms,
    histograms,
    integer_overlaps,
    tables,
    visits,
    weighted,
)

KEY = np.array([123, 456], np.uint32)


@njit
def compiled_field(network, state, i):
    return visits.field(network, state, i)


@njit
def compiled_energy(network, state):
    return visits.energy(network, state)


def run(kernel, network, state, n_sweeps, *, first=0, T=1.0, rule=0, key=KEY):
    n_spins = len(state.spins)
    snapshots, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    kernel.run(network, state, key, T, rule, first, 1, n_sweeps, snapshots, energies, SEQUENTIAL)
    return snapshots[0], energies[0]


def check_fields(memory, spins):
    scale = memory.weight * max(1, max(abs(f) for f in memory.interaction(spins)))
    exact = [0.5 * spins[i] * memory.flip_cost(spins, i) for i in range(memory.n_spins)]
    for i in range(memory.n_spins):
        assert abs(reference.field(memory, spins, i) - exact[i]) < 1e-12 * scale
    for form in forms.legal(memory).values():
        network = form.lower(memory)
        state = visits.prepare(network, spins)
        for i in range(memory.n_spins):
            assert abs(compiled_field(network, state, i) - exact[i]) < 1e-12 * scale
        assert compiled_energy(network, state) == pytest.approx(memory.energy(spins), rel=1e-12)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_fields_and_energy_are_those_of_the_reference(model, alpha):
    rng = np.random.default_rng(1)
    memory = draw(model, n_spins=12, alpha=alpha, seed=1).memory
    for _ in range(3):
        check_fields(memory, rng.choice(np.array([-1, 1], np.int8), 12))


@pytest.mark.parametrize("order", [6, 7, 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("n_examples", [1, 4])
def test_high_orders(order, indices, n_examples):
    rng = np.random.default_rng(order)
    rows = rng.integers(0, n_examples + 1, (5, 11)) * 2 - n_examples
    memory = Memory(rows=rows.astype(np.int32), order=order, indices=indices, weight=0.3)
    check_fields(memory, rng.choice(np.array([-1, 1], np.int8), 11))


@pytest.mark.parametrize(
    ("n_spins", "order", "dtype"),
    [(100, 4, np.int32), (400, 6, np.int64), (400, 8, np.int64), (3000, 8, np.float64)],
)
def test_tables_are_integers_while_they_fit(n_spins, order, dtype):
    """An interaction that leaves 32 bits goes to 64, one that leaves 62 to floats."""
    rng = np.random.default_rng(0)
    rows = rng.choice(np.array([-1, 1], np.int8), (70, n_spins))
    memory = Memory(rows=rows, order=order, indices="distinct", weight=float(n_spins) ** -order)
    network = tables.lower(memory)
    assert network.signed.dtype == dtype
    spins = rows[0].copy()
    spins[:5] *= -1
    state = visits.prepare(network, spins)
    for i in (0, 7):
        exact = 0.5 * spins[i] * memory.flip_cost(spins, i)
        assert compiled_field(network, state, i) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_overlaps_do_not_drift(model, alpha):
    n_spins = 150  # beyond int8
    memory = draw(model, n_spins=n_spins, alpha=load_of(40, model, n_spins), seed=2).memory
    for form in forms.legal(memory).values():
        network = form.lower(memory)
        state = visits.prepare(network, np.ones(n_spins, np.int8))
        spins, energy = run(resolve("numba"), network, state, 40, T=2.0)
        fresh, n_rows = visits.prepare(network, spins), len(memory.rows)
        assert energy == pytest.approx(compiled_energy(network, fresh), rel=1e-13)
        if form is histograms:
            for kept, made in zip(state.found[:2], fresh.found[:2], strict=True):
                np.testing.assert_array_equal(kept, made)
            assert state.found.rows.sum() == n_rows
            continue
        kept = state.overlaps[0, :n_rows].astype(np.int64)
        overlaps = memory.overlaps(spins)
        if memory.strengths is not None and memory.order == 2:
            overlaps = memory.strengths * overlaps
        if form in (tables, weighted):
            kept = 2 * kept - n_spins
            np.testing.assert_array_equal(state.totals, fresh.totals)
        if form is not couplings:
            np.testing.assert_array_equal(kept, overlaps)
        np.testing.assert_array_equal(state.overlaps[0], fresh.overlaps[0])
        if memory.indices == "distinct":  # the polynomials of literal powers are not used
            np.testing.assert_array_equal(state.values[..., :n_rows], fresh.values[..., :n_rows])


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
@pytest.mark.parametrize("rule", [0, 1, 2])
def test_compiled_and_reference_kernels_give_the_same_spins(model, alpha, rule):
    memory = draw(model, n_spins=9, alpha=alpha, seed=4).memory
    start = draw(Hopfield(), n_spins=9, alpha=0.1, seed=8).archetypes[0]
    outcome = []
    for name in ("numba", "reference"):
        kernel = resolve(name)
        network = kernel.lower(memory)
        outcome.append(run(kernel, network, kernel.prepare(network, start), 12, rule=rule))
    np.testing.assert_array_equal(outcome[0][0], outcome[1][0])
    assert outcome[0][1] == pytest.approx(outcome[1][1], rel=1e-12)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_a_run_may_be_cut_anywhere(model, alpha):
    kernel = resolve("numba")
    memory = draw(model, n_spins=70, alpha=load_of(30, model, 70), seed=6).memory
    network = kernel.lower(memory)
    ones = np.ones(70, np.int8)
    whole, _ = run(kernel, network, kernel.prepare(network, ones), 20)
    state = kernel.prepare(network, ones)
    first, _ = run(kernel, network, state, 7)
    cut, _ = run(kernel, network, state, 13, first=7)
    again, _ = run(kernel, network, kernel.prepare(network, first), 13, first=7)
    np.testing.assert_array_equal(whole, cut)
    np.testing.assert_array_equal(whole, again)


def logarithms(n, sweep, symmetric):
    width = -(-n // 4)
    words, ratio, out = np.empty((4, width), np.uint64), np.empty((4, width)), np.empty((4, width))
    fill_logarithms(KEY, 0, sweep, symmetric, width, words, ratio, ratio.view(np.int64), out)
    return words.T.ravel()[:n], out.T.ravel()[:n]


@pytest.mark.parametrize("sweep", [0, 3, 2**32 + 5])
@pytest.mark.parametrize("symmetric", [True, False])
def test_random_words_and_logarithms(sweep, symmetric):
    words, x = logarithms(4096, sweep, symmetric)
    counters = np.arange(1024)
    expected = streams.philox(KEY, counters, sweep & 0xFFFFFFFF, sweep >> 32).ravel()
    np.testing.assert_array_equal(words, expected)
    u = (words.astype(np.float64) + 0.5) / 2.0**32
    exact = np.log(u) - (np.log1p(-u) if symmetric else 0.0)
    np.testing.assert_allclose(x, exact, rtol=4e-16, atol=4e-16)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.float64])
@pytest.mark.parametrize("n_rows", [1, 63, 64, 65, 700])
def test_masked_sums(dtype, n_rows):
    rng = np.random.default_rng(n_rows)
    rows = rng.choice(np.array([-1, 1], np.int8), (n_rows, 3))
    bits = pack(rows)
    values = np.zeros(64 * bits.shape[1], dtype)
    values[:n_rows] = rng.integers(-1000, 1000, n_rows)

    @njit
    def total(bits, row, values, n_words, flush):
        return masked_sum(bits, row, values, n_words, flush)

    @njit
    def shift(bits, row, levels, step, n_words):
        shift_levels(bits, row, levels, np.uint32(step), n_words)

    for i in range(3):
        expected = values[:n_rows][rows[:, i] > 0].sum()
        for flush in (1, 3, 32):
            assert total(bits, i, values, bits.shape[1], flush) == expected
    levels = np.arange(1, 64 * bits.shape[1] + 1, dtype=np.uint32)
    shift(bits, 1, levels, -1, bits.shape[1])
    np.testing.assert_array_equal(levels[:n_rows], np.arange(n_rows) + 1 + rows[:, 1])


def test_flush_splits_change_nothing():
    memory = draw(Dense(order=4), n_spins=30, alpha=2.0, seed=1).memory
    network = tables.lower(memory)
    narrow = network._replace(flush=3)
    assert network.bits.shape[1] > 60
    spins = memory.rows[0]
    one, other = (run(resolve("numba"), n, visits.prepare(n, spins), 5) for n in (network, narrow))
    np.testing.assert_array_equal(one[0], other[0])


def test_too_many_examples_for_the_integers_is_one_line():
    rows = np.full((2, 1000), 10**7, np.int64)
    rows[0, 0] = 3
    memory = Memory(rows=rows, order=2, indices="distinct", weight=1.0)
    with pytest.raises(ValueError, match=r"n_examples is too large.*order 2"):
        integer_overlaps.lower(memory)
    assert Supervised(quality=0.5, n_examples=10**7).n_examples == 10**7
