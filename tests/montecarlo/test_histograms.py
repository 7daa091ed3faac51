"""Tabulated interactions: counts of rows at each level, exact fields, nothing that drifts."""

import decimal
import math
from fractions import Fraction

import numpy as np
import pytest

import montecarlo
from hebbian import Exponential, Hopfield, Memory, SparseDistributed, draw, streams
from hebbian.packed import pack
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS, SEQUENTIAL
from montecarlo.kernels.shared import reference
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import histograms, occupation, visits

KEY = streams.key(3, "dynamics")
SIGNS = np.array([-1, 1], np.int8)


@njit
def compiled_field(network, state, i):
    return visits.field(network, state, i)


@njit
def compiled_flip(network, state, i):
    visits.flip(network, state, i)


@njit
def compiled_energy(network, state):
    return visits.energy(network, state)


@njit
def counted(network, i, found):
    occupation.count_site(network, i, found)


def fields(network, state):
    return np.array([compiled_field(network, state, i) for i in range(len(state.spins))])


def random_rows(n_rows, n_spins, spread, seed=0):
    """Rows that differ from one another at a share of the sites, 1/2 for independent ones."""
    rng = np.random.default_rng(seed)
    centre = rng.choice(SIGNS, n_spins)
    return np.where(rng.random((n_rows, n_spins)) < spread, -centre, centre).astype(np.int8)


def exponential(rows, sharpness):
    return Exponential(sharpness=sharpness).lower(rows)


@pytest.mark.parametrize(
    ("n_spins", "n_rows"),
    [
        (1, 1), (2, 3), (3, 63), (7, 64), (8, 65), (15, 511), (16, 512), (17, 513), (31, 1000),
        (40, 5000), (63, 1024), (64, 700), (126, 900), (127, 900), (128, 900), (200, 1600),
        (1100, 530),
    ],
)  # fmt: skip
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.5])
def test_counts_are_those_of_the_rows_through_any_flips(n_spins, n_rows, spread):
    rows = random_rows(n_rows, n_spins, spread)
    rng = np.random.default_rng(n_spins)
    network = histograms.lower(exponential(rows, 0.1))
    state = visits.prepare(network, rng.choice(SIGNS, n_spins))
    found, whole = state.found, np.arange(n_spins + 1)
    for step in range(40):
        levels = (rows.astype(np.int64) @ state.spins.astype(np.int64) + n_spins) // 2
        kept = np.bincount(levels, minlength=len(found.rows))
        np.testing.assert_array_equal(found.rows, kept)
        assert (found.numbers[2], found.numbers[3]) == (levels.min(), levels.max())
        i = int(rng.integers(n_spins))
        counted(network, i, found)
        positive = np.bincount(levels[rows[:, i] > 0], minlength=len(found.rows))
        np.testing.assert_array_equal(found.positive, positive)
        assert found.positive[whole.size :].sum() == 0
        # Now and then another spin than the one that was counted last.
        compiled_flip(network, state, i if step % 3 else int(rng.integers(n_spins)))


def test_all_levels_at_once():
    """A row at every level of 300 spins, and every group in use."""
    n_spins = 300
    rows = np.where(np.tri(n_spins + 1, n_spins, -1, dtype=bool), 1, -1).astype(np.int8)
    network = histograms.lower(exponential(rows, 0.01))
    state = visits.prepare(network, np.ones(n_spins, np.int8))
    assert (state.found.rows[: n_spins + 1] == 1).all()
    for i in (0, 150, 299):
        counted(network, i, state.found)
        np.testing.assert_array_equal(state.found.positive[: n_spins + 1], np.arange(301) > i)


def exact_logarithm_field(memory, spins, site):
    """(w/2) ln (S_+/S_-) to fifty digits."""
    with decimal.localcontext(prec=60):
        sums = []
        for s in (1, -1):
            turned = spins.astype(np.int64)
            turned[site] = s
            levels = (memory.rows.astype(np.int64) @ turned + memory.n_spins) // 2
            sums.append(sum(decimal.Decimal(float(memory.table[u])).exp() for u in levels))
        return float((sums[0] / sums[1]).ln() / 2 * decimal.Decimal(memory.weight))


@pytest.mark.parametrize("sharpness", [1e-6, 1e-3, 0.1, 1.0, 5.0, 40.0, 300.0, 1000.0])
@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_fields_of_a_logarithm_are_exact_at_every_sharpness(sharpness, spread):
    """No cancellation, no overflow: twelve digits of every field that is not itself a rest."""
    rows = random_rows(90, 33, spread)
    memory = exponential(rows, sharpness)
    network, rng = histograms.lower(memory), np.random.default_rng(5)
    for start in (rows[0], rng.choice(SIGNS, 33)):
        state = visits.prepare(network, start)
        for site in range(0, 33, 4):
            exact = exact_logarithm_field(memory, start, site)
            assert compiled_field(network, state, site) == pytest.approx(exact, rel=1e-12)


def test_a_unit_of_one_is_a_unit():
    """The largest exponential that is reached is 1, which 2**0 times the fraction 1 is."""
    rows = np.array([[1, 1, 1, 1]], np.int8)
    memory = Memory(rows=rows, table=np.linspace(-4.0, 0.0, 5), outer="log", weight=2.0)
    network = histograms.lower(memory)
    assert network.exponents[-1] == 0
    state = visits.prepare(network, rows[0].copy())
    np.testing.assert_allclose(fields(network, state), 1.0, rtol=1e-14)


def test_fields_of_thousands_of_spins_at_the_largest_sharpness():
    rows = random_rows(20, 3000, 0.3)
    memory = exponential(rows, 1000.0)
    network = histograms.lower(memory)
    state = visits.prepare(network, rows[3].copy())
    np.testing.assert_allclose(fields(network, state), rows[3], rtol=1e-12)
    assert compiled_energy(network, state) == -3000.0


@pytest.mark.parametrize("model", [SparseDistributed(radius=0.3, own_site="excluded"), "cubic"])
def test_fields_of_a_sum_are_exact(model):
    rows = random_rows(200, 30, 0.4)
    if model == "cubic":
        table = np.maximum(np.arange(-30.0, 31.0, 2), 0) ** 3
        memory = Memory(rows=rows, table=table, weight=0.1)
    else:
        memory = model.lower(rows)
    network = histograms.lower(memory)
    for start in (rows[0], np.random.default_rng(1).choice(SIGNS, 30)):
        state = visits.prepare(network, start)
        for site in range(30):
            sums = []
            for s in (1, -1):
                turned = start.astype(np.int64)
                turned[site] = s
                levels = (rows.astype(np.int64) @ turned + 30) // 2
                sums.append(sum(Fraction(float(memory.table[u])) for u in levels))
            exact = float((sums[0] - sums[1]) / 2) * memory.weight
            assert compiled_field(network, state, site) == pytest.approx(exact, rel=1e-12)


MEMORIES = {
    "steep": lambda rows: exponential(rows, 300.0),
    "sharp": lambda rows: exponential(rows, 60.0),
    "smooth": lambda rows: exponential(rows, 0.3),
    "sparse": SparseDistributed(radius=0.4, own_site="excluded").lower,
}


@pytest.mark.parametrize("lower", MEMORIES.values(), ids=MEMORIES)
def test_bits_do_not_depend_on_the_order_of_the_rows(lower):
    rows, outcome = random_rows(700, 45, 0.4), []
    for order in (np.arange(700), np.random.default_rng(0).permutation(700)):
        network = histograms.lower(lower(rows[order]))
        state = visits.prepare(network, rows[0].copy())
        spins, energies = np.empty((4, 45), np.int8), np.empty(4)
        visits.run(network, state, KEY, 1.1, 0, 0, 4, 5, spins, energies, SEQUENTIAL)
        outcome.append((spins, energies, fields(network, state)))
    for one, other in zip(*outcome, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("lower", MEMORIES.values(), ids=MEMORIES)
def test_a_field_does_not_depend_on_its_own_spin(lower):
    rows = random_rows(300, 40, 0.5)
    network = histograms.lower(lower(rows))
    state = visits.prepare(network, rows[0].copy())
    for i in range(40):
        before = compiled_field(network, state, i)
        compiled_flip(network, state, i)
        assert compiled_field(network, state, i) == before
        compiled_flip(network, state, i)


@pytest.mark.parametrize("lower", MEMORIES.values(), ids=MEMORIES)
@pytest.mark.parametrize(("n_spins", "n_sweeps"), [(40, 10_000), (127, 500), (128, 500)])
def test_nothing_drifts_in_ten_thousand_sweeps(lower, n_spins, n_sweeps):
    rows = random_rows(150, n_spins, 0.4)
    memory = lower(rows)
    network = histograms.lower(memory)
    state = visits.prepare(network, rows[0].copy())
    spins, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    scale = np.abs(fields(network, state)).max()
    flips = visits.run(
        network, state, KEY, 2 * scale, 0, 0, 1, n_sweeps, spins, energies, SEQUENTIAL
    )
    assert flips > 0.1 * n_sweeps * n_spins
    fresh = visits.prepare(network, spins[0].copy())
    np.testing.assert_array_equal(fields(network, state), fields(network, fresh))
    assert compiled_energy(network, fresh) == energies[0]
    assert energies[0] == pytest.approx(memory.energy(spins[0]), rel=1e-12)
    for i in range(0, n_spins, 9):
        exact = reference.field(memory, spins[0], i)
        assert compiled_field(network, state, i) == pytest.approx(exact, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("lower", MEMORIES.values(), ids=MEMORIES)
def test_rows_that_cancel_leave_a_field_of_exactly_zero(lower):
    """Pairs that differ at site 0 alone: a coin at T > 0, at rest at T = 0."""
    half = random_rows(60, 20, 0.3)
    other = half.copy()
    other[:, 0] *= -1
    memory = lower(np.concatenate([half, other]))
    network = histograms.lower(memory)
    state = visits.prepare(network, half[0].copy())
    assert compiled_field(network, state, 0) == 0
    assert reference.field(memory, half[0], 0) == 0
    assert np.abs(fields(network, state)[1:]).max() > 1e-3
    for start in (1, -1):
        spins = half[0].copy()
        spins[0] = start
        last = {}
        for name, moves in (("zero-temperature", 1), ("metropolis", 1), ("glauber", 200)):
            state = visits.prepare(network, spins.copy())
            path, energies = np.empty((moves, 20), np.int8), np.empty(moves)
            T = 1e-3 * memory.weight * (name == "metropolis") + (name == "glauber")
            visits.run(
                network, state, KEY, T, DYNAMICS[name].move, 0, moves, 1, path, energies, SEQUENTIAL
            )
            last[name] = path[:, 0]
        assert last["zero-temperature"] == start
        assert last["metropolis"] == -start
        assert 70 < (last["glauber"] > 0).sum() < 130


@pytest.mark.parametrize("sharpness", [1e-6, 0.7, 50.0, 1000.0])
def test_one_pattern_is_independent_spins_in_a_unit_field(sharpness):
    rows = random_rows(1, 60, 0.5)
    memory = exponential(rows, sharpness)
    network = histograms.lower(memory)
    state = visits.prepare(network, np.ones(60, np.int8))
    np.testing.assert_allclose(fields(network, state), rows[0], rtol=1e-12)
    overlap = int(memory.overlaps(np.ones(60, np.int8))[0])
    assert compiled_energy(network, state) == pytest.approx(-overlap, rel=1e-12)
    model = Exponential(sharpness=sharpness)
    for T in (0.4, 1.5):
        run = montecarlo.simulate(
            model, alpha=0.0, T=T, n_spins=60, n_samples=4, n_replicas=4, seed=1,
            schedule=Schedule(warmup=10, sweeps=400, stride=1),
        )  # fmt: skip
        exact = math.tanh(1 / T)
        error = math.sqrt((1 - exact**2) / (60 * 16 * 400))
        assert abs(run.m.mean - exact) < 5 * error


def test_a_large_sharpness_leaves_the_nearest_pattern():
    rows = random_rows(500, 40, 0.5)
    memory = exponential(rows, 1000.0)
    network = histograms.lower(memory)
    for seed in range(5):
        spins = np.random.default_rng(seed).choice(SIGNS, 40)
        overlaps = memory.overlaps(spins)
        nearest, ties = overlaps.max(), (overlaps == overlaps.max()).sum()
        found = compiled_energy(network, visits.prepare(network, spins))
        assert found == pytest.approx(-nearest - math.log(ties) / 1000, rel=1e-14)


def test_the_form_is_the_only_one_and_says_so():
    run = montecarlo.simulate(Exponential(), alpha=0.1, T=0.5, n_spins=30, n_samples=1,
                              schedule=Schedule(warmup=0, sweeps=4, stride=1))  # fmt: skip
    assert run.settings["form"] == "histograms"
    for form in ("overlaps", "tables"):
        with pytest.raises(ValueError, match=f"^form = '{form}' is not one of histograms$"):
            montecarlo.simulate(Exponential(), alpha=0.1, T=0.5, n_spins=30, form=form)
    with pytest.raises(ValueError, match="form = 'histograms' is not one of overlaps"):
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=30, form="histograms")


def test_a_chain_keeps_a_bit_a_digit_and_row():
    n_rows, n_spins = 200_000, 40
    data = draw(Exponential(), n_spins=n_spins, alpha=math.log(n_rows) / n_spins, seed=1)
    network = histograms.lower(data.memory)
    assert network.bits is data.memory.kept_rows.bits
    state = visits.prepare(network, np.ones(n_spins, np.int8))
    kept = [*state.found, *(array for array in state if isinstance(array, np.ndarray))]
    assert sum(array.nbytes for array in kept) < 1.02 * 6 / 8 * n_rows + 2**14


@pytest.mark.parametrize("name", ["glauber", "metropolis", "zero-temperature"])
@pytest.mark.parametrize("n_spins", [126, 127, 128, 200])
def test_spins_are_those_of_the_reference_at_any_number_of_planes(name, n_spins):
    rows = random_rows(130, n_spins, 0.3)
    memory, outcome = exponential(rows, 0.05), []
    for backend in ("numba", "reference"):
        kernel = resolve(backend)
        network = kernel.lower(memory)
        state = kernel.prepare(network, np.ones(n_spins, np.int8))
        spins, energies = np.empty((2, n_spins), np.int8), np.empty(2)
        kernel.run(
            network, state, KEY, 0.7, DYNAMICS[name].move, 5, 2, 2, spins, energies, SEQUENTIAL
        )
        outcome.append((spins, energies))
    np.testing.assert_array_equal(outcome[0][0], outcome[1][0])
    np.testing.assert_allclose(outcome[0][1], outcome[1][1], rtol=1e-12)


def test_the_last_words_of_a_line_are_no_other_line():
    """Lines whose words are no multiple of a vector of them: the tails alone are read there."""
    for n_words in (1, 7, 8, 9, 17):
        rows = random_rows(64 * n_words - 3, 5, 0.5)
        bits = pack(rows)
        tails = occupation.tails_of(bits)
        rest = n_words % 8
        np.testing.assert_array_equal(tails[:, :rest], bits[:, n_words - rest :])
        assert not tails[:, rest:].any()
