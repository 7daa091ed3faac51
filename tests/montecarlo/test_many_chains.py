"""Chains of a sample in the lanes of vectors: the bits of single chains, and Boltzmann's law."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from many_chains import (
    BINARY,
    FORMS,
    MODELS,
    Plan,
    advance,
    apart,
    assert_alike,
    in_lanes,
    keys_of,
    memory_of,
    starts_of,
    temperatures,
)

from hebbian import Memory
from montecarlo.backend import resolve
from montecarlo.dynamics import SITE_ORDERS
from montecarlo.kernels.many import coefficients, signs, tabulated, visits
from montecarlo.testing import (
    P_VALUE,
    boltzmann,
    chi_square_p,
    final_configurations,
    moderate_temperature,
    state_numbers,
)

SINGLE_SPINS = ("glauber", "metropolis", "zero-temperature")

#: Form, network, spins, chains, dynamics, order, whether it cools: every line is compiled anew.
USUAL = [
    ("signs", "hopfield", 101, 33, "glauber", "sequential", False),
    ("signs", "pairs, all", 190, 17, "metropolis", "sequential", True),
    ("signs", "hopfield", 190, 3, "zero-temperature", "sequential", False),
    ("signs", "pairs, all", 5, 17, "glauber", "permutation", True),
    ("coefficients", "blank", 101, 17, "glauber", "sequential", True),
    ("coefficients", "supervised", 64, 17, "metropolis", "sequential", False),
    ("coefficients", "supervised", 190, 3, "zero-temperature", "random", False),
    ("coefficients", "blank", 190, 17, "glauber", "random", True),
    ("tabulated", "3 bodies, distinct", 101, 17, "glauber", "sequential", False),
    ("tabulated", "4 bodies, all", 64, 17, "metropolis", "sequential", True),
    ("tabulated", "5 bodies, distinct", 101, 17, "glauber", "permutation", False),
]

HELD = [
    (form, name)
    for form, name in itertools.product(FORMS, MODELS)
    if FORMS[form].holds(memory_of(name, 16))
]


def check(form, name, n_spins, n_chains, dynamics, site_order, cools):
    memory = memory_of(name, n_spins)
    T = temperatures(n_chains, 15 if cools else 0)
    plan = Plan(T, dynamics, site_order)
    starts, keys = starts_of(memory, n_chains), keys_of(n_chains)
    found = in_lanes(FORMS[form].lower(memory), starts, keys, plan, cuts=(2, 3))
    assert_alike(found, apart(memory, starts, keys, plan))
    assert found[2].max() > 0


@pytest.mark.parametrize(
    ("form", "name", "n_spins", "n_chains", "dynamics", "site_order", "cools"),
    [
        *USUAL,
        # Values of 64 bits.
        ("tabulated", "5 bodies, all", 190, 3, "zero-temperature", "random", False),
    ],
)
def test_lanes_give_the_bits_of_single_chains(
    form, name, n_spins, n_chains, dynamics, site_order, cools
):
    check(form, name, n_spins, n_chains, dynamics, site_order, cools)


@pytest.mark.heavy
@pytest.mark.parametrize(("form", "name"), HELD)
@pytest.mark.parametrize("dynamics", SINGLE_SPINS)
@pytest.mark.parametrize("site_order", SITE_ORDERS)
def test_lanes_give_the_bits_of_single_chains_in_every_way(form, name, dynamics, site_order):
    cooling = (False,) if dynamics == "zero-temperature" else (False, True)
    ways = itertools.product((5, 64, 101, 190), (2, 3, 16, 17, 33), cooling)
    for n_spins, n_chains, cools in ways:
        check(form, name, n_spins, n_chains, dynamics, site_order, cools)


def test_a_chain_depends_on_neither_its_lane_nor_its_company():
    """33 chains, and some of them in another order, taken up from the spins half way."""
    memory, T = memory_of("hopfield", 101), temperatures(33, 15)
    network, starts, keys = signs.lower(memory), starts_of(memory, 33), keys_of(33)
    spins, energies, _, periods = in_lanes(network, starts, keys, Plan(T))
    some = np.random.default_rng(2).permutation(33)[:18]
    for chosen in (some, some[:5]):
        plan = Plan(T[chosen]).of(2, 5)
        found = in_lanes(network, spins[chosen, 1], keys[chosen], plan)
        np.testing.assert_array_equal(found[0], spins[chosen, 2:])
        np.testing.assert_array_equal(found[1], energies[chosen, 2:])
        np.testing.assert_array_equal(found[3], periods[chosen])


@pytest.mark.parametrize(
    ("form", "name"),
    [("signs", "hopfield"), ("coefficients", "blank"), ("tabulated", "3 bodies, all")],
)
def test_what_is_kept_follows_the_spins_in_every_way(form, name):
    """One state, moved in one way after another: overlaps and sums are those of its spins."""
    memory, keys, T = memory_of(name, 101), keys_of(17), temperatures(17)
    network = FORMS[form].lower(memory)
    state = visits.prepare(network, starts_of(memory, 17))
    ways = [("glauber", "permutation"), ("glauber", "sequential"), ("metropolis", "sequential")]
    for k, (dynamics, site_order) in enumerate([*ways, *ways]):
        plan = Plan(T, dynamics, site_order, n_measurements=1, first_sweep=10 * k)
        before = state.spins
        spins, energies, flips = advance(network, state, keys, plan)
        assert_alike((spins, energies, flips), apart(memory, before, keys, plan)[:3])
        (kept,), (made,) = state.parts, visits.prepare(network, spins[:, 0]).parts
        assert (kept.block.spins[101:] == 1).all()
        np.testing.assert_array_equal(kept.block.overlaps, made.block.overlaps)
        np.testing.assert_array_equal(kept.block.values, made.block.values)
        if form != "coefficients":
            np.testing.assert_array_equal(kept.block.totals, made.block.totals)


def test_a_random_sweep_without_a_flip_certifies_nothing():
    """One spin off a fixed point of T = 0, which a sweep misses with probability 1/e."""
    memory, keys, T = memory_of("supervised", 190), keys_of(2), np.zeros(2)
    network, descent = coefficients.lower(memory), Plan(T, "zero-temperature", "random")
    rest = in_lanes(network, starts_of(memory, 2), keys, descent._replace(stride=40))[0][:, -1]
    assert (visits.period(network, visits.prepare(network, rest)) == 1).all()
    missed = 0
    for site in range(190):
        starts = rest.copy()
        starts[:, site] *= -1
        plan = descent._replace(first_sweep=site, n_measurements=3, stride=1)
        found = in_lanes(network, starts, keys, plan)
        assert_alike(found, apart(memory, starts, keys, plan))
        missed += bool((found[0][:, 0] == starts).all() and (found[0][:, 2] != starts).any())
    assert missed > 0


@pytest.mark.parametrize(
    ("largest", "n_rows", "kind"),
    [(31, 1, np.int16), (14, 5, np.int16), (32, 1, np.int32), (15, 5, np.int32), (44, 1, np.int32)],
)
def test_sums_of_examples_at_the_bounds_of_their_types(largest, n_rows, kind):
    """All rows alike, and all spins along them: no sum of this many rows is larger."""
    rows = np.full((n_rows, 32), largest, np.int8)
    memory = Memory(rows=rows, order=2, indices="all", weight=1 / (32 * n_rows * largest**2))
    network = coefficients.lower(memory)
    assert network.kind.dtype == kind
    check_decisions(memory, network, scale=1.0)


def check_decisions(memory, network, scale):
    """Compare with single chains that start along the first row, at fields of about a scale."""
    start = np.where(memory.rows[0] < 0, -1, 1).astype(np.int8)
    starts, keys = np.tile(start, (17, 1)), keys_of(17)
    starts[1::2] *= -1
    plan = Plan(scale * np.resize([0.0, 0.2, 0.5, 1.0, 2.0], 17), n_measurements=2, stride=1)
    found = in_lanes(network, starts, keys, plan)
    assert_alike(found, apart(memory, starts, keys, plan))
    assert 0 < found[2].sum() < 17 * 2 * memory.n_spins


def test_sums_of_levels_leave_16_bits():
    """Hundreds of rows of one pattern, all of which overlap with all spins."""
    rows = np.ones((1000, 191), np.int8)
    for i in range(0, 12, 2):
        rows[: 440 + 10 * i, i] = -1
    memory = Memory(rows=rows, order=2, indices="distinct", weight=1e-4)
    network = signs.lower(memory)
    assert network.kind.dtype == np.int16
    alike = np.diff(network.starts.astype(int), axis=1).max()
    assert alike * 170 > 2**16
    check_decisions(memory, network, scale=1.0)


@pytest.mark.heavy
def test_overlaps_of_more_than_32767_spins():
    rows = np.ones((3, 2**15), np.int8)
    rows[1, ::2] = rows[2, ::3] = -1
    memory = Memory(rows=rows, order=2, indices="distinct", weight=2.0**-15)
    network = signs.lower(memory)
    assert network.kind.dtype == np.int32
    check_decisions(memory, network, scale=1.0)


def test_values_of_rows_leave_32_bits_between_two_flushes():
    """Order five, all rows alike: a twentieth of their values fits 32 bits."""
    rows = np.ones((100, 190), np.int8)
    memory = Memory(rows=rows, order=5, indices="distinct", weight=1e-10)
    network = tabulated.lower(memory)
    assert network.table.dtype == np.int32
    assert network.flush * int(network.table.max()) < 2**31
    assert 20 * network.flush <= 100
    check_decisions(memory, network, scale=0.5)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize(
    ("name", "form"),
    [("pairs, all", "signs"), ("blank", "coefficients"), ("3 bodies, distinct", "tabulated")],
)
def test_lanes_follow_boltzmann(name, form, dynamics):
    memory, n_chains = memory_of(name, 8, n_rows=5), 4000
    T = 0.6 * moderate_temperature(memory)
    kernel = resolve("numba", dynamics, form="lanes", n_chains=n_chains)
    final = final_configurations(
        kernel._replace(lower=FORMS[form].lower), memory, T,
        dynamics=dynamics, site_order="sequential", n_chains=n_chains, n_sweeps=40,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=256)
    assert chi_square_p(counts, boltzmann(memory, T)) > P_VALUE
    assert chi_square_p(counts, boltzmann(memory, 1.4 * T)) < 1e-6  # the check sees another law


@st.composite
def integer_memories(draw):
    n_rows, n_spins = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    entries = st.sampled_from(draw(st.sampled_from([(-1, 1), (-1, 0, 1), (-3, -1, 0, 2, 3)])))
    row = st.lists(entries, min_size=n_spins, max_size=n_spins)
    rows = np.array(draw(st.lists(row, min_size=n_rows, max_size=n_rows)), np.int8)
    indices = draw(st.sampled_from(["distinct", "all"]))
    return Memory(rows=rows, order=2, indices=indices, weight=draw(st.sampled_from([1.0, 0.07])))


@given(integer_memories(), st.integers(17, 32), st.integers(0, 2**40), st.data())
@settings(max_examples=60)
def test_small_networks_of_any_integers(memory, n_chains, first_sweep, data):
    T = data.draw(st.lists(st.floats(0, 1e3), min_size=n_chains, max_size=n_chains))
    spins = st.lists(st.sampled_from([-1, 1]), min_size=memory.n_spins, max_size=memory.n_spins)
    starts = np.resize(np.array(data.draw(spins), np.int8), (n_chains, memory.n_spins))
    starts[::3] *= -1
    plan = Plan(np.array(T), n_measurements=3, stride=2, first_sweep=first_sweep)
    expected = apart(memory, starts, keys_of(n_chains), plan)
    for form in (signs, coefficients):
        if form.holds(memory):
            network = form.lower(memory)
            assert_alike(in_lanes(network, starts, keys_of(n_chains), plan), expected)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize(
    ("form", "name", "n_spins"),
    [
        ("signs", "hopfield", 64),
        ("tabulated", "3 bodies, distinct", 101),
        ("signs", "hopfield", 101),
        ("signs", "hopfield", 5),
        ("coefficients", "blank", 101),
    ],
)
def test_at_any_temperature_there_are_no_more_spins_than_spins(form, name, n_spins, dynamics):
    memory = memory_of(name, n_spins)
    T = np.resize([1e6, 1e8, 1e12, 1e40, 1e300, 0.5], 17)
    starts, keys, plan = starts_of(memory, 17), keys_of(17), Plan(T, dynamics)
    found = in_lanes(FORMS[form].lower(memory), starts, keys, plan)
    assert_alike(found, apart(memory, starts, keys, plan))


def test_chains_fill_few_blocks():
    for n_chains in range(1, 100):
        blocks = visits.blocks_of(n_chains)
        assert set(blocks) <= {16, 32}
        assert sum(blocks[:-1]) < n_chains <= sum(blocks) < n_chains + 16
    memory = memory_of("hopfield", 5)
    state = visits.prepare(signs.lower(memory), np.tile(BINARY[:1], (70, 5)))
    assert [part.lanes.lanes for part in state.parts] == [32, 32, 16]
    assert state.spins.shape == (70, 5)
