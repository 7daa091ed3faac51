"""Parallel dynamics: exact products, the same bits in every batch, cycles of two."""

import numpy as np
import pytest
from conformance import CASES, IDS, of_bits

import montecarlo
from hebbian import Dense, Hopfield, Memory, Supervised, draw, streams
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS
from montecarlo.kernels.lanes import signs
from montecarlo.kernels.parallel import (
    blocks,
    heat_bath,
    products,
    rows_as_bits,
    rows_as_floats,
    steps,
)
from montecarlo.kernels.shared import reference
from montecarlo.kernels.shared.philox import fill_logarithms

SHORT = Schedule(warmup=3, sweeps=8, stride=2)
SMALL = {
    "alpha": 0.1, "T": [0.0, 0.4, 1.0], "n_spins": 50, "n_samples": 2, "n_replicas": 5,
    "schedule": SHORT, "dynamics": "parallel",
}  # fmt: skip
KEYS = np.array([streams.key(1, "dynamics", chain=c) for c in range(3)])


def integer_memory(order, indices, largest):
    rows = np.random.default_rng(order).integers(-largest, largest + 1, (6, 11))
    return Memory(rows=rows.astype(np.int32), order=order, indices=indices, weight=0.3)


def advance(memory, starts, T, n_sweeps=6, first=2**32 - 3, keys=KEYS, dynamics="parallel"):
    kernel, move = resolve("numba", dynamics), DYNAMICS[dynamics].move
    network = kernel.lower(memory)
    state = kernel.prepare(network, starts)
    snapshots = np.empty((len(starts), n_sweeps, memory.n_spins), np.int8)
    energies = np.empty((len(starts), n_sweeps))
    keys = keys[: len(starts)]
    flips = kernel.run(network, state, keys, T, move, first, n_sweeps, 1, snapshots, energies)
    return flips, snapshots, energies, kernel.period(network, state)


def check_against_reference(memory, coldest=0.0, dynamics="parallel"):
    n_spins, move = memory.n_spins, DYNAMICS[dynamics].move
    starts = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (3, n_spins))
    fields = [reference.parallel_field(memory, starts[0], i, move) for i in range(n_spins)]
    scale = max(1e-300, np.abs(fields).max())
    T = scale * np.array([coldest, 0.5, 3.0])
    flips, snapshots, energies, period = advance(memory, starts, T, dynamics=dynamics)
    for c in range(3):
        state = reference.prepare(memory, starts[c])
        spins, energy = np.empty((6, n_spins), np.int8), np.empty(6)
        expected = reference.run(memory, state, KEYS[c], T[c], move, 2**32 - 3, 6, 1, spins, energy)
        np.testing.assert_array_equal(snapshots[c], spins)
        np.testing.assert_allclose(energies[c], energy, rtol=1e-11)
        assert flips[c] == expected
        assert period[c] == reference.period(memory, state, move)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_spins_are_those_of_the_reference(model, alpha):
    memory = draw(model, n_spins=9, alpha=alpha, seed=4).memory
    # Sums of exponentials that are equal by chance: there the roundings of two codes differ, but
    # at the smallest temperature both take the coin.
    check_against_reference(memory, coldest=1e-9 if memory.outer == "log" else 0.0)
    if model.self_coupled:
        check_against_reference(memory, dynamics="parallel-diagonal")


@pytest.mark.parametrize("order", [2, 3, 6, 7, 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("largest", [1, 5])
def test_integer_rows_at_every_order(order, indices, largest):
    memory = integer_memory(order, indices, largest)
    check_against_reference(memory)
    if (order, indices) == (2, "all"):
        check_against_reference(memory, dynamics="parallel-diagonal")


def test_fields_leave_single_precision_before_they_round():
    """Products beyond 2**24, and beyond 2**53, against Python's integers."""
    rng = np.random.default_rng(2)
    for scale, dtype in ((1, np.float32), (2**14, np.float64), (2**40, np.float64)):
        left = rng.integers(-7, 8, (3, 50)).astype(float) * scale + rng.integers(0, 2, (3, 50))
        right = rng.integers(-9, 10, (50, 4)).astype(float)
        result = products.product(left, right, 9)
        assert result.dtype == dtype
        exact = left.astype(np.int64).astype(object) @ right.astype(np.int64).astype(object)
        np.testing.assert_array_equal(result, exact.astype(float))
    left, right = rng.normal(size=(3, 50)) * 2.0**60, rng.normal(size=(50, 4))
    whole = products.product(left, right, 9)
    for c in range(4):
        alone = products.product(left, np.ascontiguousarray(right[:, c : c + 1]), 9)
        np.testing.assert_array_equal(alone[:, 0], whole[:, c])


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=4), Dense(order=3, indices="all")])
def test_bits_depend_neither_on_threads_nor_on_batches(model):
    whole = montecarlo.simulate(model, **SMALL, n_threads=1)
    for changes in ({"n_threads": 3}, {"n_threads": 7}, {"backend": "reference"}):
        if "backend" in changes and model.order > 2:
            continue
        other = montecarlo.simulate(model, **{**SMALL, **changes})
        np.testing.assert_array_equal(whole.last, other.last)
        np.testing.assert_array_equal(whole.series["m"], other.series["m"])
        np.testing.assert_allclose(whole.series["energy"], other.series["energy"], rtol=1e-12)
    few = montecarlo.simulate(model, **{**SMALL, "n_replicas": 2, "T": 0.4})
    np.testing.assert_array_equal(few.last, whole.last[1, :, :2])
    np.testing.assert_array_equal(few.series["energy"], whole.series["energy"][1, :, :2])


@pytest.mark.parametrize(("order", "alpha"), [(2, 4.0), (4, 0.3)])
def test_blocks_of_rows_change_no_bit(order, alpha, monkeypatch):
    rule = Supervised(quality=0.8, n_examples=4)
    for model in (Dense(order=order), Dense(order=order, rule=rule)):
        memory = draw(model, n_spins=24, alpha=alpha, seed=2).memory
        starts = np.ones((3, 24), np.int8)
        T = np.array([0.0, 0.4, 2.0])
        whole = advance(memory, starts, T)
        monkeypatch.setattr(blocks, "BLOCK_BYTES", 8 * 24 * 3)
        assert steps.lower(memory).rows.kept is None
        cut = advance(memory, starts, T)
        monkeypatch.undo()
        for a, b in zip(whole, cut, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13)


@of_bits
@pytest.mark.parametrize(
    ("indices", "dynamics"),
    [("distinct", "parallel"), ("all", "parallel"), ("all", "parallel-diagonal")],
)
@pytest.mark.parametrize(
    ("n_spins", "n_rows", "n_chains"), [(130, 170, 9), (63, 5, 8), (257, 321, 3), (64, 16, 17)]
)
def test_bits_and_floats_and_the_definition_agree(
    indices, dynamics, n_spins, n_rows, n_chains, monkeypatch
):
    """Whole tiles, blocks, groups and words, and parts of them; few flips and many."""
    rng = np.random.default_rng(n_spins)
    rows = rng.choice(np.array([-1, 1], np.int8), (n_rows, n_spins))
    memory = Memory(rows=rows, order=2, indices=indices, weight=0.5 / n_spins)
    starts = np.array([rows[c % n_rows] for c in range(n_chains)])
    T = np.resize([0.0, 0.1, 5.0], n_chains)
    keys = np.array([streams.key(2, "dynamics", chain=c) for c in range(n_chains)])
    monkeypatch.setattr(rows_as_bits, "available", lambda: True)
    assert isinstance(steps.lower(memory).rows, rows_as_bits.Bits)
    given = {"n_sweeps": 3, "keys": keys, "dynamics": dynamics}
    as_bits = advance(memory, starts, T, **given)
    monkeypatch.setattr(rows_as_bits, "available", lambda: False)
    assert isinstance(steps.lower(memory).rows, rows_as_floats.Floats)
    for a, b in zip(as_bits, advance(memory, starts, T, **given), strict=True):
        np.testing.assert_array_equal(a, b)
    flips, snapshots, energies, _ = as_bits
    self_interaction = n_rows if dynamics == "parallel" else 0
    counted = 1 if indices == "distinct" else 2  # each pair of sites
    spins, changed, wide = starts.astype(np.int64), np.zeros(n_chains, int), rows.astype(np.int64)
    for sweep in range(3):
        sums = spins @ wide.T @ wide
        fields = 0.5 / n_spins * counted * (sums - self_interaction * spins)
        u = np.array([reference._words(key, 2**32 - 3 + sweep, n_spins, 0) for key in keys])
        x = np.log((u + 0.5) / (2.0**32 - u - 0.5))
        up = np.where(fields == 0, u < 2**31, fields > 0.5 * T[:, None] * x)
        changed += (up != (spins > 0)).sum(axis=1)
        spins = np.where(up, 1, -1)
        np.testing.assert_array_equal(snapshots[:, sweep], spins)
        expected = [memory.energy(s) for s in spins] if sweep == 2 else energies[:, sweep]
        np.testing.assert_allclose(energies[:, sweep], expected, rtol=1e-12)
    np.testing.assert_array_equal(flips, changed)


@of_bits
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_sums_of_rows_that_are_all_alike(kind):
    """Every overlap at its bound: 16 bits do not hold the sums of a block."""
    for n_spins, n_rows, factor in ((20_001, 12, 1), (4000, 170, 2), (300, 161, 300)):
        pattern = np.random.default_rng(n_rows).choice(np.array([-1, 1], np.int8), n_spins)
        packed = signs.signs(np.tile(pattern, (n_rows, 1)))
        spins = np.tile(pattern, (9, 1)).astype(np.float32)
        spins[4] = -spins[4]
        words = np.empty((9, len(packed.words)), np.uint64)
        signs.pack_spins(spins, words)
        sums = np.zeros((9, 64 * len(packed.words)), kind)
        none = sums[:0]
        signs.add_sums(packed, words, np.zeros((2, 0), np.int32), factor, sums, none, np.zeros(9))
        np.testing.assert_array_equal(sums[:, :n_spins], factor * n_rows * n_spins * spins)


@of_bits
@pytest.mark.parametrize(("order", "indices"), [(3, "distinct"), (4, "distinct"), (4, "all")])
def test_tables_of_bits_and_of_floats_agree(order, indices, monkeypatch):
    rows = np.random.default_rng(order).choice(np.array([-1, 1], np.int8), (333, 70))
    memory = Memory(rows=rows, order=order, indices=indices, weight=70.0 ** (1 - order))
    starts, T = rows[:3], np.array([0.0, 0.3, 2.0])
    found = []
    for present in (True, False):
        monkeypatch.setattr(rows_as_bits, "available", lambda present=present: present)
        found.append(advance(memory, starts, T))
        assert isinstance(steps.lower(memory).rows, rows_as_bits.Bits) == present
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_sums_that_would_not_fit_are_left_to_floats(monkeypatch):
    monkeypatch.setattr(rows_as_bits, "available", lambda: True)
    rows = np.ones((3, 100), np.int8)
    for order, kind in ((4, rows_as_bits.Bits), (8, rows_as_floats.Floats)):
        memory = Memory(rows=rows, order=order, indices="distinct", weight=1.0)
        assert isinstance(steps.lower(memory).rows, kind)


@pytest.mark.parametrize("T", [0.05, 0.5, 5.0, 500.0])
def test_every_decision_is_that_of_the_logarithms(T):
    """Single precision decides most spins; all agree with h > (T/2) log(u/(1-u))."""
    n_spins, n_sweeps = 3000, 60
    fields = np.random.default_rng(1).normal(size=n_spins)
    fields[::50] = 0.0
    width = -(-n_spins // 4)
    words, ratio, out = np.empty((4, width), np.uint64), np.empty((4, width)), np.empty((4, width))
    for sweep in range(n_sweeps):
        spins, flips = np.ones((1, n_spins), np.float32), np.zeros(1, np.int64)
        heat_bath.draw_spins(
            spins, fields[None], np.zeros(1), np.zeros(n_spins), 1.0, np.array([T]), KEYS[:1],
            sweep, flips,
        )  # fmt: skip
        fill_logarithms(KEYS[0], 0, sweep, True, width, words, ratio, ratio.view(np.int64), out)
        expected = fields > 0.5 * T * out.T.ravel()[:n_spins]
        np.testing.assert_array_equal(spins[0] > 0, expected)
        assert flips[0] == (~expected).sum()


def test_a_cycle_of_two():
    """Two coupled spins that disagree exchange their values for ever."""
    memory = Memory(rows=np.ones((1, 2), np.int8), order=2, indices="distinct", weight=0.5)
    starts = np.array([[1, -1], [1, 1]], np.int8)
    _, snapshots, _, period = advance(memory, starts, np.zeros(2), n_sweeps=4)
    np.testing.assert_array_equal(period, [2, 1])
    np.testing.assert_array_equal(snapshots[0, 0], -starts[0])
    np.testing.assert_array_equal(snapshots[0, 1], starts[0])


@pytest.mark.parametrize(
    ("indices", "dynamics", "n_spins"),
    [("distinct", "parallel", 100), ("all", "parallel", 100), ("all", "parallel-diagonal", 101)],
)
def test_two_body_descents_end_in_fixed_points_or_cycles_of_two(indices, dynamics, n_spins):
    """Goles and Olivos (1981).  With their diagonal Hebbian couplings are positive
    semi-definite, and then there is no cycle.  51 patterns: no field vanishes."""
    run = montecarlo.simulate(
        Dense(order=2, indices=indices), alpha=51 / n_spins, T=0.0, n_spins=n_spins, n_samples=4,
        n_replicas=20, start="random", dynamics=dynamics,
        schedule=Schedule(warmup=200, sweeps=4, stride=1), keep_spins=True,
    )  # fmt: skip
    assert np.isin(run.period, (1, 2)).all()
    np.testing.assert_array_equal(run.spins[..., 3, :], run.spins[..., 1, :])
    moves = (run.spins[..., 3, :] != run.spins[..., 2, :]).any(axis=-1)
    np.testing.assert_array_equal(moves, run.period == 2)
    np.testing.assert_array_equal(run.fixed_point, run.period == 1)
    assert (run.period == 2).any() == (dynamics == "parallel")
