"""Parallel dynamics of functions of the overlaps, and of rows that answer with other values."""

import math

import numpy as np
import pytest

import hebbian
import montecarlo
from hebbian import (
    Dense,
    Exponential,
    Memory,
    SparseDistributed,
    Tabulated,
    draw,
    from_examples,
    losses,
    streams,
)
from hebbian.packed import pack
from hebbian.sparse_distributed import shared_share
from montecarlo import Schedule, state, testing
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.lanes.agreements import count_agreements, site_masks, transpose
from montecarlo.kernels.parallel import blocks, steps
from montecarlo.kernels.shared import reference
from phase_diagrams.cli import main

ONCE = Schedule(warmup=0, sweeps=1, stride=1)
SIZES = [(9, 7), (12, 64), (40, 161), (64, 5), (100, 333), (256, 65), (70, 1)]


def signs(shape, seed=0):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), shape)


def kept_log(rows):
    """The exponential memory without its slopes: fields are differences of energies."""
    memory = Exponential(sharpness=0.3).lower(rows)
    return Memory(rows=rows, table=memory.table, outer="log", weight=memory.weight)


def odd_function(rows):
    """Slopes of both signs, some of them alike, some zero."""
    n = rows.shape[1]
    overlaps = np.arange(-n, n + 1, 2)
    return Memory(rows=rows, slopes=np.round(3 * np.sin(overlaps)), weight=0.7, keeps=True)


def signed_values(rows):
    n = rows.shape[1]
    values = np.random.default_rng(3).integers(-9, 10, rows.shape).astype(np.int16)
    slopes = np.round(8 * np.cos(np.arange(n + 1))) / 8  # so that sums of floats are exact
    return Memory(rows=rows, slopes=slopes, values=values, weight=0.4, keeps=True)


def gated(rows):
    """A softmax of which only the rows nearby are read."""
    overlaps = np.arange(-rows.shape[1], rows.shape[1] + 1, 2)
    slopes = np.where(overlaps > 0, 2.0, 0.0)
    return Memory(rows=rows, table=0.1 * overlaps, outer="log", slopes=slopes, weight=1.0)


KINDS = {
    "softmax": Exponential(sharpness=0.4).lower,
    "smooth softmax": Exponential(sharpness=1e-6).lower,
    "nearest": Exponential(sharpness=1000.0).lower,
    "gated softmax": gated,
    "logarithm": kept_log,
    "included": SparseDistributed(radius=0.4).lower,
    "small radius": SparseDistributed(radius=0.2).lower,
    "excluded": SparseDistributed(radius=0.3, own_site="excluded").lower,
    "neurons": SparseDistributed(radius=0.4, n_neurons=150).lower,
    "slopes": odd_function,
    "values": signed_values,
}


def fields_of(memory, spins):
    network = steps.lower(memory)
    form = steps._FORMS[type(network.rows)]
    sums, own = form.field_sums(network.rows, spins.astype(np.float32))
    assert not own.any()
    return network.weight * sums


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_spins", "n_rows"), SIZES)
def test_fields_and_energies_are_those_of_the_definition(kind, n_spins, n_rows):
    rows = signs((n_rows, n_spins))
    memory, spins = KINDS[kind](rows), signs((3, n_spins), seed=1)
    spins[0] = rows[0]
    expected = [[reference.parallel_field(memory, s, i) for i in range(n_spins)] for s in spins]
    scale = max(1e-300, np.abs(expected).max())
    np.testing.assert_allclose(fields_of(memory, spins), expected, rtol=0, atol=4e-15 * scale)
    network = steps.lower(memory)
    found = steps._FORMS[type(network.rows)].energies(network.rows, spins.astype(np.float32))
    np.testing.assert_allclose(found, [memory.energy(s) for s in spins], rtol=1e-13)
    assert np.isnan(found).all() == (not memory.energetic)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_spins", "n_rows"), [(8, 13), (40, 50), (65, 30)])
def test_spins_are_those_of_the_reference(kind, n_spins, n_rows):
    memory = KINDS[kind](signs((n_rows, n_spins), seed=2))
    network, starts = steps.lower(memory), signs((4, n_spins), seed=3)
    starts[1] = memory.rows[-1]
    T, keys = (
        np.array([0.0, 0.0, 0.3, 2.0]),
        [streams.key(1, "dynamics", chain=c) for c in range(4)],
    )
    chains, first = steps.prepare(network, starts), 2**32 - 2
    snapshots, energies = np.empty((4, 3, n_spins), np.int8), np.empty((4, 3))
    flips = steps.run(
        network, chains, np.array(keys), T, PARALLEL, first, 3, 2, snapshots, energies
    )
    period = steps.period(network, chains)
    for c in range(4):
        own = reference.prepare(memory, starts[c])
        spins, energy = np.empty((3, n_spins), np.int8), np.empty(3)
        changed = reference.run(memory, own, keys[c], T[c], PARALLEL, first, 3, 2, spins, energy)
        np.testing.assert_array_equal(snapshots[c], spins)
        np.testing.assert_allclose(energies[c], energy, rtol=1e-12)
        assert flips[c] == changed
        assert period[c] == reference.period(memory, own, PARALLEL)


@pytest.mark.parametrize("sharpness", [0.05, 1.0, 3.0])
def test_softmax_samples_the_law_of_its_transition_matrix(sharpness):
    memory = draw(Exponential(sharpness=sharpness), n_spins=8, alpha=0.3, seed=3).memory
    assert testing.parallel_p(memory) > testing.P_VALUE


@pytest.mark.parametrize("own_site", ["included", "excluded"])
def test_reading_samples_the_law_of_its_transition_matrix(own_site):
    model = SparseDistributed(radius=0.3, own_site=own_site)
    memory = draw(model, n_spins=8, alpha=0.3, seed=3).memory
    assert testing.parallel_p(memory) > testing.P_VALUE


@pytest.mark.parametrize("sharpness", [1e-6, 0.02, 0.3, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize(("n_spins", "alpha"), [(12, 0.2), (40, 0.18), (101, 0.05)])
def test_the_energy_never_rises_in_a_softmax_step_at_zero_temperature(sharpness, n_spins, alpha):
    """H is concave in real spins: it lies below its tangent, which the step minimises."""
    model = Exponential(sharpness=sharpness)
    run = montecarlo.simulate(
        model, alpha=alpha, T=0.0, n_spins=n_spins, n_samples=2, n_replicas=20, start="random",
        dynamics="parallel", seed=4, schedule=Schedule(warmup=0, sweeps=8, stride=1),
    )  # fmt: skip
    began = np.empty((2, 20, 1))
    for sample in range(2):
        data = draw(model, n_spins=n_spins, alpha=alpha, seed=4, sample=sample)
        for replica in range(20):
            spins = state.initial_spins(data, "random", 4, sample, replica)
            began[sample, replica] = data.memory.energy(spins) / n_spins
    changes = np.diff(np.concatenate([began, run.series["energy"]], axis=-1))
    # At the smallest sharpness the logarithm of K is a million times the energy.
    assert changes.max() <= 1e-13 * (1 + np.abs(began).max())
    assert changes.min() < -0.01


def test_fields_of_a_million_rows_keep_their_precision():
    """The far rows count together: against sums in extended precision, row by row."""
    n_spins, n_rows = 24, 1_000_000
    model, key = Exponential(sharpness=0.15), streams.key(1, "patterns")
    packed = model.draw(key, n_rows, n_spins)
    memory, spins = model.lower(packed), signs((2, n_spins), seed=5)
    rows = packed.unpack()
    for s, found in zip(spins, fields_of(memory, spins), strict=True):
        overlaps = rows.astype(np.int32) @ s.astype(np.int32)
        weights = np.exp(np.longdouble(0.15) * (overlaps - overlaps.max()))
        exact = [np.where(rows[:, i] > 0, weights, -weights).sum() for i in range(n_spins)]
        exact = np.array(exact / weights.sum(), float)
        np.testing.assert_allclose(found, exact, rtol=1e-12)


@pytest.mark.parametrize("model", [Exponential(sharpness=0.7), SparseDistributed(radius=0.35),
    SparseDistributed(radius=0.35, own_site="excluded"),
    SparseDistributed(radius=0.4, n_neurons=700)])  # fmt: skip
def test_bits_depend_neither_on_threads_nor_on_neighbours(model, monkeypatch):
    settings = {
        "alpha": 0.12, "n_spins": 45, "n_samples": 2, "start": 0.7, "dynamics": "parallel",
        "schedule": Schedule(warmup=1, sweeps=6, stride=2), "seed": 3,
    }  # fmt: skip
    whole = montecarlo.simulate(model, T=[0.0, 0.2, 1.0], n_replicas=5, n_threads=1, **settings)

    def check(other):
        np.testing.assert_array_equal(whole.last, other.last)
        for name in whole.series:
            np.testing.assert_array_equal(whole.series[name], other.series[name])

    check(montecarlo.simulate(model, T=[0.0, 0.2, 1.0], n_replicas=5, n_threads=2, **settings))
    few = montecarlo.simulate(model, T=0.2, n_replicas=1, **settings)
    np.testing.assert_array_equal(few.last, whole.last[1, :, :1])
    np.testing.assert_array_equal(few.series["energy"], whole.series["energy"][1, :, :1])
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 4000)  # rows are made of bits, a few at a time
    check(montecarlo.simulate(model, T=[0.0, 0.2, 1.0], n_replicas=5, n_threads=1, **settings))


@pytest.mark.parametrize(("n_spins", "n_rows"), [(3, 1), (64, 64), (65, 63), (130, 200)])
def test_words_of_rows_are_those_of_their_bits(n_spins, n_rows):
    rows = signs((n_rows, n_spins))
    masks = site_masks(n_spins)
    words = np.empty((n_rows, masks.size), np.uint64)
    transpose(pack(rows), 0, words)
    sites = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")
    np.testing.assert_array_equal(sites[:, :n_spins], rows > 0)
    assert not sites[:, n_spins:].any()
    assert np.bitwise_count(masks).sum() == n_spins


@pytest.mark.parametrize(("n_spins", "n_rows"), [(50, 70_000), (100, 3000), (300, 40_000)])
@pytest.mark.parametrize("alike", [True, False])
def test_agreements_are_counted_however_many(n_spins, n_rows, alike):
    """Rows that are all alike fill a byte every 255 rows; random ones spread over levels."""
    rows = signs((n_rows, n_spins))
    if alike:
        rows[:] = rows[0]
    rows[n_rows // 2] = -rows[0]
    spins, masks = rows[0], site_masks(n_spins)
    words = np.empty((n_rows, masks.size), np.uint64)
    transpose(pack(rows), 0, words)
    shape = (n_spins + 1, 64 * masks.size)
    octets, counts = np.zeros(shape, np.uint8), np.zeros(shape, np.int64)
    numbers, wanted = np.zeros(n_spins + 1, np.int64), np.ones(n_spins + 1, bool)
    wanted[n_spins // 2] = False
    count_agreements(words, words, words[:1], masks, wanted, octets, counts, numbers)
    agree = rows == spins
    levels = agree.sum(axis=1)
    expected = np.bincount(levels, minlength=n_spins + 1) * wanted
    np.testing.assert_array_equal(numbers, expected)
    assert not octets.any()
    for u in np.flatnonzero(expected):
        np.testing.assert_array_equal(counts[u, :n_spins], agree[levels == u].sum(axis=0))
    assert counts[:, :n_spins].sum() == (np.arange(n_spins + 1) * expected).sum()


def test_what_cancels_leaves_the_spin_or_the_coin():
    """Two patterns at one distance: no field where they differ."""
    rows = signs((2, 40), seed=1)
    spins = np.where(np.arange(40) % 2, rows[0], rows[1]).astype(np.int8)
    apart = np.flatnonzero(rows[0] != rows[1])
    if len(apart) % 2 or (rows[0] * spins).sum() != (rows[1] * spins).sum():
        for site in apart:  # as near to one as to the other
            spins[site] = rows[0, site] if site in apart[::2] else rows[1, site]
    assert (rows[0] * spins).sum() == (rows[1] * spins).sum()
    for model, stays in ((SparseDistributed(radius=0.4), True), (Exponential(), False)):
        run = montecarlo.simulate(
            model, data=from_examples(model, rows, None), T=0.0, start=spins, dynamics="parallel",
            schedule=ONCE, n_replicas=40,
        )  # fmt: skip
        free = run.last[0][:, apart]
        np.testing.assert_array_equal(
            run.last[0][:, rows[0] == rows[1]][0], rows[0][rows[0] == rows[1]]
        )
        if stays:
            assert (free == spins[apart]).all()
        else:
            assert 0.4 < (free == spins[apart]).mean() < 0.6


@pytest.mark.parametrize("radius", [0.02, 0.2, 0.41, 0.499])
@pytest.mark.parametrize("n_spins", [2, 13, 40, 256, 1001])
def test_energies_without_the_own_site_step_by_the_shares(n_spins, radius):
    """Equal shares are equal steps to the last bit, all others to thirteen digits."""
    model = SparseDistributed(radius=radius, own_site="excluded")
    steps = np.diff(model.lower(np.ones((1, n_spins), np.int8)).table)
    share = 2 * shared_share(n_spins - 1, min(model.distance(n_spins), n_spins - 1))[::-1]
    np.testing.assert_allclose(steps, share, rtol=2e-13, atol=0)
    np.testing.assert_array_equal(np.diff(steps) == 0, np.diff(share) == 0)


@pytest.mark.parametrize("distance", [1, 5, 11, 17])
def test_shares_that_are_equal_cancel_though_energies_are_rounded(distance):
    """No address is lost from an odd distance to the next: phi(x) = phi(x + 1)."""
    n_spins = 41
    rows = np.ones((2, n_spins), np.int8)
    rows[0, 1 : 1 + distance] = -1
    rows[1, 0] = -1
    rows[1, 1 : 2 + distance] = -1
    memory = SparseDistributed(radius=0.3, own_site="excluded").lower(rows)
    share = shared_share(n_spins - 1, 12)
    assert share[distance] == share[distance + 1] > 0
    assert fields_of(memory, np.ones((1, n_spins), np.int8))[0, 0] == 0


def test_a_query_without_a_neuron_stays_as_it_is():
    model = SparseDistributed(radius=0.1, n_neurons=20)
    run = montecarlo.simulate(
        model, alpha=0.02, T=0.0, n_spins=200, start="random", dynamics="parallel", schedule=ONCE
    )
    assert (run.acceptance.mean == 0).all()
    assert (run.period == 1).all()
    hot = montecarlo.simulate(
        model, alpha=0.02, T=0.1, n_spins=200, start="random", dynamics="parallel", schedule=ONCE
    )
    assert 0.45 < hot.acceptance.mean < 0.55


def test_tiny_fields_decide_at_zero_temperature():
    """The only pattern within reach is so far that its share is below single precision."""
    n_spins = 1000
    d = 300
    share = shared_share(n_spins, d)
    x = 2 * d - 2
    assert 0 < share[x] < 1e-60
    model = SparseDistributed(radius=d / n_spins)
    pattern = signs((1, n_spins))
    spins = pattern[0].copy()
    spins[:x] *= -1
    run = montecarlo.simulate(
        model, data=from_examples(model, pattern, None), T=0.0, start=spins, dynamics="parallel",
        schedule=ONCE, n_replicas=1,
    )  # fmt: skip
    np.testing.assert_array_equal(run.last[0, 0], pattern[0])


def test_hard_neurons_answer_as_two_layers():
    """Counters and fields from the words of the definition, and many neurons as infinitely many."""
    n_spins, n_patterns = 30, 12
    model = SparseDistributed(radius=0.4, n_neurons=400)
    data = draw(model, n_spins=n_spins, alpha=math.log(n_patterns) / n_spins, seed=2)
    d, neurons, patterns = model.distance(n_spins), data.memory.rows, data.archetypes
    near = (neurons[:, None] != patterns[None]).sum(axis=-1) <= d
    np.testing.assert_array_equal(data.memory.values, near.astype(int) @ patterns)
    query = signs((n_spins,), seed=4)
    active = (neurons != query).sum(axis=-1) <= d
    share = sum(math.comb(n_spins, a) for a in range(d + 1)) / 2**n_spins
    expected = data.memory.values[active].sum(axis=0) / (400 * share)
    np.testing.assert_allclose(fields_of(data.memory, query[None])[0], expected, rtol=1e-12)
    many = model.replace(n_neurons=200_000).lower(patterns)
    exact = SparseDistributed(radius=0.4).lower(patterns)
    apart = fields_of(many, query[None]) - fields_of(exact, query[None])
    # A neuron near both ends adds 1/(r p); their number scatters like its square root.
    assert np.abs(apart).max() < 6 * math.sqrt(n_patterns / (200_000 * share))


def test_neurons_of_given_patterns_are_those_of_the_first_seed():
    model, patterns = SparseDistributed(radius=0.4, n_neurons=50), signs((3, 20))
    found = from_examples(model, patterns, None).memory
    np.testing.assert_array_equal(found.rows, model.lower(patterns).rows)
    assert (found.rows != draw(model, n_spins=20, alpha=0.05, sample=1).memory.rows).any()


def test_one_reading_of_256_sites():
    """N = 256, d = 105, 30000 neurons, 300 patterns, beside means of ten thousand samples."""
    model, n, load, n_samples = (
        SparseDistributed(radius=105 / 256, n_neurons=30_000), 256, math.log(300) / 256, 8,
    )  # fmt: skip
    distances, known = [20, 50, 70, 90, 100], [0.27, 28.7, 69.0, 99.0, 109.5]
    starts = np.empty((n_samples, 5, 8, n), np.int8)
    for sample in range(n_samples):
        pattern = hebbian.draw(
            SparseDistributed(radius=0.4), n_spins=n, alpha=0.0, seed=2, sample=sample
        ).observed(0)[0]
        for k, distance in enumerate(distances):
            for replica in range(8):
                order = np.random.default_rng([sample, k, replica]).permutation(n)
                starts[sample, k, replica] = pattern
                starts[sample, k, replica, order[:distance]] *= -1
    run = montecarlo.simulate(
        model, alpha=load, T=0.0, n_spins=n, n_samples=n_samples, n_replicas=40, seed=2,
        start=starts.reshape(n_samples, 40, n), dynamics="parallel", schedule=ONCE,
    )  # fmt: skip
    assert run.n_patterns == 300
    left = n * (1 - run.series["m"].reshape(n_samples, 5, 8).mean(axis=-1)) / 2
    began = n * (1 - run.start_overlaps.reshape(n_samples, 5, 8)) / 2
    assert (began == np.array(distances)[:, None]).all()
    errors = left.std(axis=0, ddof=1) / math.sqrt(n_samples)
    assert (np.abs(left.mean(axis=0) - known) < 4.5 * np.hypot(errors, 0.1)).all()


@pytest.mark.parametrize(
    ("alpha", "own_site", "least", "most"),
    [(0.20, "included", 0.9, 1.0), (0.20, "excluded", 0.98, 1.0), (0.24, "included", 0.0, 0.01),
     (0.24, "excluded", 0.9, 0.99)],
)  # fmt: skip
def test_the_vote_for_itself_costs_capacity(alpha, own_site, least, most):
    """N = 40, radius 0.2, overlap 0.8: the share of wrong sites that one reading corrects."""
    model, n = SparseDistributed(radius=0.2, own_site=own_site), 40
    run = montecarlo.simulate(
        model, alpha=alpha, T=0.0, n_spins=n, n_samples=12, n_replicas=30, start=0.8,
        dynamics="parallel", schedule=ONCE, seed=6,
    )  # fmt: skip
    corrected = []
    for sample in range(12):
        data = draw(model, n_spins=n, alpha=alpha, seed=6, sample=sample)
        pattern = data.observed(0)[0]
        for replica in range(30):
            start = state.initial_spins(data, 0.8, 6, sample, replica)
            wrong = start != pattern
            corrected.append((run.last[sample, replica] == pattern)[wrong].mean())
    assert least <= np.mean(corrected) <= most


def test_a_memory_without_an_energy_leaves_estimates_without_warnings(tmp_path):
    run = montecarlo.simulate(
        SparseDistributed(radius=0.3), alpha=0.1, T=[0.0, 0.4], n_spins=40, n_samples=3,
        dynamics="parallel", schedule=Schedule(warmup=1, sweeps=6, stride=1),
        observables=["specific_heat"], checkpoint=tmp_path / "run",
    )  # fmt: skip
    assert np.isnan(run.energy.mean).all()
    assert np.isnan(run.series["energy"]).all()
    assert np.isnan(run.specific_heat.mean).all()
    assert np.isfinite(run.m.mean).all()
    (line,) = [x for x in repr(run).splitlines() if x.startswith("energy[0]")]
    assert line.split() == ["energy[0]", *["nan"] * 4]
    again = montecarlo.simulate(
        SparseDistributed(radius=0.3), alpha=0.1, T=[0.0, 0.4], n_spins=40, n_samples=3,
        dynamics="parallel", schedule=Schedule(warmup=1, sweeps=6, stride=1),
        observables=["specific_heat"], checkpoint=tmp_path / "run",
    )  # fmt: skip
    np.testing.assert_array_equal(run.last, again.last)


READ, EXP = SparseDistributed(radius=0.3), Exponential(sharpness=0.5)
STATE = {"alpha": 0.1, "T": 0.5, "n_spins": 30}
LADDER = {**STATE, "T": [0.4, 0.5]}
REFUSED = {
    "heat bath": (lambda: montecarlo.simulate(READ, **STATE), "dynamics = 'parallel'"),
    "neurons": (
        lambda: montecarlo.simulate(READ.replace(n_neurons=9), **STATE, dynamics="metropolis"),
        "dynamics = 'parallel'"),
    "descent": (
        lambda: montecarlo.simulate(READ, **STATE, dynamics="zero-temperature"),
        "dynamics = 'parallel'"),
    "mean field of reading": (
        lambda: montecarlo.simulate(READ, **STATE, dynamics="mean-field"),
        "dynamics = 'parallel'"),
    "exchange": (lambda: montecarlo.temper(READ, **LADDER), "no replica exchange"),
    "ladder": (
        lambda: montecarlo.tune_ladder(READ, alpha=0.1, T=[0.2, 0.4], n_spins=30),
        "dynamics = 'parallel'"),
    "ramp": (
        lambda: montecarlo.ramp(READ, alpha=0.1, T=[0.1, 0.2], n_spins=30),
        "dynamics = 'parallel'"),
    "two starts": (lambda: montecarlo.equilibrated(READ, **STATE), "dynamics = 'parallel'"),
    "basin": (
        lambda: montecarlo.basin(READ, overlaps=[0.5], **STATE), "dynamics = 'parallel'"),
    "plefka of reading": (lambda: montecarlo.plefka(READ, **STATE), "dynamics = 'parallel'"),
    "plefka": (lambda: montecarlo.plefka(EXP, **STATE), "polynomial interactions"),
    "plefka dynamics": (
        lambda: montecarlo.simulate(EXP, **STATE, dynamics="plefka"), "'glauber'"),
    "mean field": (
        lambda: montecarlo.simulate(EXP, **STATE, dynamics="mean-field"), "'parallel'"),
    "mean field without own site": (
        lambda: montecarlo.simulate(
            READ.replace(own_site="excluded"), **STATE, dynamics="mean-field"), "'glauber'"),
    "device": (
        lambda: montecarlo.simulate(EXP, **STATE, backend="cupy"),
        "backend = 'numba' or 'reference'"),
    "parallel on a device": (
        lambda: montecarlo.simulate(READ, **STATE, dynamics="parallel", backend="cupy"),
        "backend = 'numba' or 'reference'"),
    "exchange on a device": (
        lambda: montecarlo.temper(EXP, **LADDER, backend="cupy"),
        "backend = 'numba' or 'reference'"),
    "equations on a device": (
        lambda: montecarlo.plefka(EXP, **STATE, backend="cupy"), "polynomial interactions"),
    "mean field of a function": (
        lambda: montecarlo.simulate(Tabulated(interaction=abs, scaling=2), **STATE,
            dynamics="mean-field"), "polynomial interactions"),
    "function on a device": (
        lambda: montecarlo.simulate(Tabulated(interaction=abs, scaling=2), **STATE,
            backend="cupy"), "backend = 'numba' or 'reference'"),
    "form": (
        lambda: montecarlo.simulate(EXP, **STATE, dynamics="parallel", form="tables"),
        "parallel dynamics take form = 'auto'"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_in_a_line_before_anything_is_drawn(call, words, monkeypatch):
    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr(hebbian, "draw", never)
    monkeypatch.setattr(montecarlo.device, "name", never)
    with pytest.raises(ValueError, match=words) as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "--model", "sparsedistributed"), "dynamics = 'parallel'"),
        (("temper", "--model", "sparsedistributed"), "no replica exchange"),
        (("locate", "--model", "sparsedistributed"), "no replica exchange"),
        (("sweep", "--model", "sparsedistributed"), "dynamics = 'parallel'"),
        (("simulate", "--model", "exponential", "--dynamics", "plefka"), "polynomial"),
        (("simulate", "--model", "exponential", "--backend", "cupy"), "backend = 'numba'"),
        (("sweep", "--model", "exponential", "--backend", "cupy"), "backend = 'numba'"),
        (("sweep", "--model", "exponential", "--dynamics", "mean-field"), "polynomial"),
    ],
)
def test_commands_refuse_in_a_line_and_write_nothing(arguments, words, tmp_path, capsys):
    command, *rest = arguments
    out = ["--out", str(tmp_path / "x.zarr")] if command == "sweep" else []
    state = ["--alpha", "0.1", "--T", "0.3,0.5" if command == "temper" else "0.4"]
    assert main([command, *rest, *state, "--n-spins", "20", *out]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert words in output.err
    assert not list(tmp_path.iterdir())


def test_polynomials_are_refused_nothing():
    for dynamics in ("glauber", "parallel", "plefka"):
        montecarlo.dynamics.check_model(Dense(order=4), dynamics, "cupy")


def test_a_ramp_and_a_basin_of_reading():
    schedule = Schedule(warmup=0, sweeps=4, stride=1)
    settings = {"alpha": 0.05, "n_spins": 60, "dynamics": "parallel", "schedule": schedule}
    heated = montecarlo.ramp(READ, T=[0.0, 5.0], n_samples=3, **settings)
    assert heated.m.mean[0] > 0.95
    assert heated.m.mean[1] < 0.5
    basin = montecarlo.basin(READ, T=0.0, overlaps=[0.05, 0.9], **settings)
    assert basin.success.mean.tolist() == [0.0, 1.0]


def test_losses_make_the_energy_of_pairs_alone():
    data = draw(EXP, n_spins=20, alpha=0.1)
    spins = signs((20,))
    with pytest.raises(ValueError, match="pairs alone, order = 2"):
        losses.energy(data, losses.learnt_losses(data, spins))
