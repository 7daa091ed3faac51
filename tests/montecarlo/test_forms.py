"""Forms of a network: the same bits in each, integers at the extremes, memory, cache."""

import dataclasses
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from conformance import RULES

from hebbian import Dense, Hopfield, Memory, Multitasking, Supervised, Unsupervised, draw, streams
from montecarlo import Schedule, simulate
from montecarlo.backend import resolve
from montecarlo.dynamics import SEQUENTIAL
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import couplings, forms, visits


@njit
def compiled_field(network, state, i):
    return visits.field(network, state, i)


@njit
def compiled_flip(network, state, i):
    visits.flip(network, state, i)


@njit
def compiled_energy(network, state):
    return visits.energy(network, state)


@pytest.mark.parametrize(
    "model",
    [
        Hopfield(),
        Dense(order=2, indices="all"),
        Hopfield(rule=Supervised(quality=0.7, n_examples=3)),
        Hopfield(rule=Unsupervised(quality=0.7, n_examples=3)),
        Multitasking(n_patterns=3, dilution=0.3),
        Hopfield(weights="zipf:0.3"),
        Dense(order=2, indices="all", weights="palimpsest:1", rule=RULES[1]),
    ],
    ids=repr,
)
def test_every_form_gives_the_same_bits(model):
    alpha = None if model.retrieves_several else 0.4
    memory = draw(model, n_spins=190, alpha=alpha, seed=3).memory
    kernel, key, ones = resolve("numba"), streams.key(1, "dynamics"), np.ones(190, np.int8)
    outcome = {}
    for form in forms.legal(memory):
        network = forms.lower(memory, form, 1.0)
        assert forms.name_of(network) == form
        state = kernel.prepare(network, ones)
        spins, energies = np.empty((3, 190), np.int8), np.empty(3)
        flips = kernel.run(network, state, key, 0.8, 0, 0, 3, 4, spins, energies, SEQUENTIAL)
        outcome[form] = spins, flips, energies
        assert energies[-1] == pytest.approx(memory.energy(spins[-1]), rel=1e-12)
    assert {"overlaps", "couplings"} <= set(outcome)
    spins, flips, energies = outcome.pop("overlaps")
    assert flips > 190
    for other in outcome.values():
        np.testing.assert_array_equal(spins, other[0])
        assert flips == other[1]
        np.testing.assert_array_equal(energies, other[2])


def test_the_form_is_recorded_and_can_be_chosen():
    schedule = Schedule(warmup=0, sweeps=4, stride=1)
    runs = {
        form: simulate(
            Hopfield(), alpha=0.1, T=0.5, n_spins=60, n_samples=1, schedule=schedule, form=form
        )
        for form in ("auto", "overlaps", "couplings", "tables")
    }
    assert runs["auto"].settings["form"] in ("overlaps", "couplings")
    assert runs["tables"].settings["form"] == "tables"
    for run in runs.values():
        np.testing.assert_array_equal(run.series["m"], runs["auto"].series["m"])
    with pytest.raises(ValueError, match="form = 'couplings' is not one of tables"):
        simulate(Dense(order=3), alpha=0.1, T=0.5, n_spins=20, form="couplings")
    with pytest.raises(ValueError, match="form = 'fast' is not one of auto"):
        simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=20, form="fast")


def test_the_model_of_the_cost_prefers_couplings_where_spins_are_frozen():
    cold = draw(Hopfield(), n_spins=1000, alpha=0.13).memory
    assert forms.fastest(cold, 0.05) == "couplings"
    assert forms.fastest(cold, 2.0) == "overlaps"
    assert forms.fastest(draw(Dense(order=4), n_spins=20, alpha=0.1).memory, 0.5) == "tables"
    many = draw(Hopfield(), n_spins=4200, alpha=0.1).memory
    blank = draw(Multitasking(n_patterns=6, dilution=0.3), n_spins=1000).memory
    assert {forms.fastest(memory, 0.05) for memory in (many, blank)} == {"overlaps"}
    large = draw(Hopfield(), n_spins=2000, alpha=0.05).memory
    hot, idle = (couplings.visit_time(large, flips) for flips in (0.5, 0.0))
    assert hot > 5 * idle


def test_auto_takes_couplings_only_where_their_fields_fit():
    rows = np.random.default_rng(0).integers(-3000, 3001, (200, 200)).astype(np.int16)
    memory = Memory(rows=rows, order=2, indices="distinct", weight=1e-10)
    assert forms.fastest(memory, 0.1) == "couplings"
    with pytest.raises(ValueError, match=r"form = 'couplings' needs fields below 2\*\*31"):
        forms.lower(memory, "couplings", 0.1)
    assert forms.name_of(forms.lower(memory, "auto", 0.1)) == "overlaps"
    small = dataclasses.replace(memory, rows=rows // 100)
    assert forms.name_of(forms.lower(small, "auto", 0.1)) == "couplings"


@pytest.mark.parametrize("T", [0.3, 0.4, 0.6, 1.2])
@pytest.mark.parametrize("alpha", [0.03, 0.1, 0.3, 1.0])
def test_the_flip_rate_chooses_as_that_of_the_simulation_would(T, alpha):
    """Retrieval, its edge, paramagnet and glass: right to a third, which costs a fifth at most."""
    schedule = Schedule(warmup=300, sweeps=200, stride=200)
    run = simulate(
        Hopfield(), alpha=alpha, T=T, n_spins=1000, n_samples=4, n_replicas=1, seed=2,
        schedule=schedule,
    )  # fmt: skip
    measured = float(run.acceptance.mean)
    if (T, alpha) != (0.3, 0.1):  # where some samples keep the pattern
        assert measured == pytest.approx(forms.flip_rate(T, alpha), rel=1 / 3)
    for n_spins in (100, 500, 1000, 4000):
        memory = draw(Hopfield(), n_spins=n_spins, alpha=alpha).memory
        times = {name: f.visit_time(memory, measured) for name, f in forms.legal(memory).items()}
        assert times[forms.fastest(memory, T)] <= 1.2 * min(times.values())


def exact_field(memory, spins, site):
    """h_i of binary rows in Python integers, by Newton's identities."""
    n, order = memory.n_spins, memory.order

    def interaction(overlap):
        if memory.indices == "all":
            return overlap**order
        powers = [overlap if k % 2 else n for k in range(order + 1)]
        e = [1]
        for k in range(1, order + 1):
            e.append(sum((-1) ** (j - 1) * e[k - j] * powers[j] for j in range(1, k + 1)) // k)
        return e[order]

    change = 0
    for overlap, own in zip(memory.overlaps(spins), memory.rows[:, site], strict=True):
        others = int(overlap) - int(own) * int(spins[site])
        change += interaction(others + int(own)) - interaction(others - int(own))
    return 0.5 * memory.weight * change


@pytest.mark.heavy
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("order", [2, 3, 4, 5, 6, 7, 8])
def test_nothing_overflows_at_a_hundred_thousand_spins(order, indices):
    """The largest overlaps there are: archetypes themselves, and all but one spin of them."""
    n = 100_000
    rng = np.random.default_rng(order)
    first = rng.choice(np.array([-1, 1], np.int8), n)
    rows = np.stack([first, -first, rng.choice(np.array([-1, 1], np.int8), n)])
    memory = Memory(rows=rows, order=order, indices=indices, weight=float(n) ** (1 - order))
    scale = abs(exact_field(memory, first, 5)) + 1
    for form in list(forms.legal(memory).values())[:1]:  # couplings need 10**10 entries
        network = form.lower(memory)
        state = visits.prepare(network, first)
        for site in (5, 99_999):
            exact = exact_field(memory, np.asarray(state.spins), site)
            assert abs(compiled_field(network, state, site) - exact) < 1e-11 * scale
            compiled_flip(network, state, site)
            fresh = visits.prepare(network, np.asarray(state.spins))
            np.testing.assert_array_equal(state.overlaps, fresh.overlaps)
            assert compiled_energy(network, state) == compiled_energy(network, fresh)
    # The largest value that a row reaches, as a power of the number of spins.
    largest = n**order if indices == "all" else math.comb(n, order)
    even = 2.0 if order % 2 == 0 else 0.0  # odd orders: the reversed archetype cancels
    fresh = compiled_energy(network, visits.prepare(network, first))
    assert -fresh == pytest.approx(even * largest * memory.weight, rel=1e-2, abs=1.0)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_integer_rows_at_the_extremes(order):
    """Sums of a hundred examples, all alike: every power sum at its bound."""
    n, M = 2000, 100
    rows = np.full((2, n), M, np.int8)
    rows[1] = 0
    rows[1, 0] = 1
    memory = Memory(rows=rows, order=order, indices="all", weight=float(n * M) ** (1 - order))
    network = next(iter(forms.legal(memory).values())).lower(memory)
    assert network.rows.dtype == np.int8
    state = visits.prepare(network, np.ones(n, np.int8))
    assert -compiled_energy(network, state) == pytest.approx(n * M + memory.weight, rel=1e-12)
    change = (n * M) ** order - (n * M - 2 * M) ** order + 1 - (-1) ** order
    exact = 0.5 * memory.weight * change
    assert compiled_field(network, state, 0) == pytest.approx(exact, rel=1e-10)
    for site in range(n):
        compiled_flip(network, state, site)
    sign = (-1) ** order
    assert -compiled_energy(network, state) == pytest.approx(sign * (n * M + memory.weight))


PEAK = """
import resource, sys
import numpy as np
from hebbian import Dense, draw
from montecarlo.kernels.single import visits
from montecarlo.kernels.single import tables
from hebbian import streams

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def run(n_spins, n_rows):
    data = draw(Dense(order=4), n_spins=n_spins, alpha=n_rows * 12 / n_spins**3, seed=1)
    network = tables.lower(data.memory)
    state = visits.prepare(network, data.observed([0])[0][0])
    spins, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    visits.run(network, state, streams.key(1, "x"), 0.5, 0, 0, 1, 1, spins, energies)

run(400, 6400)  # the compiler's own memory
before = peak()
run(400, 640_000)
print(peak() - before, 640_000 * 400 // 8)
"""

CACHE = """
import numba
from hebbian import Dense, Hopfield
from montecarlo import Schedule, simulate
from montecarlo.kernels.single import visits
for model, alpha in ((Hopfield(), 0.1), (Dense(order=4), 0.1)):
    simulate(model, alpha=alpha, T=0.5, n_spins=40, n_samples=1, schedule=Schedule(sweeps=5))
stats = visits.run.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def in_a_new_process(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return [int(x) for x in done.stdout.split()]


@pytest.mark.heavy
def test_memory_is_that_of_the_packed_rows():
    used, rows = in_a_new_process(PEAK)
    assert used < 1.2 * rows + 2**22


@pytest.mark.heavy
def test_a_second_process_compiles_nothing(tmp_path):
    in_a_new_process(CACHE, NUMBA_CACHE_DIR=str(tmp_path))
    hits, misses = in_a_new_process(CACHE, NUMBA_CACHE_DIR=str(tmp_path))
    assert hits == 2
    assert misses == 0


@pytest.mark.parametrize(
    ("order", "M", "kind"),
    [
        (2, 100_000, np.int32),
        (3, 32_767, np.int16),
        pytest.param(4, 100_000, np.int32, marks=pytest.mark.heavy),
    ],
)
@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_sums_of_many_examples(order, M, kind, indices):
    """Beyond 8 and 16 bits, at their bound on the first row: fields stay those of integers."""
    n = 30
    rng = np.random.default_rng(order)
    spins = rng.choice(np.array([-1, 1], np.int8), n)
    rows = np.stack([M * spins.astype(int), rng.integers(-M, M + 1, n)]).astype(kind)
    memory = Memory(rows=rows, order=order, indices=indices, weight=float(n * M) ** (1 - order))
    network = next(iter(forms.legal(memory).values())).lower(memory)
    assert network.rows.dtype == kind
    state = visits.prepare(network, spins)
    for site in (0, 7, n - 1):
        exact = 0.5 * int(state.spins[site]) * memory.flip_cost(state.spins, site)
        assert compiled_field(network, state, site) == pytest.approx(exact, rel=1e-11)
        compiled_flip(network, state, site)
    assert compiled_energy(network, state) == pytest.approx(memory.energy(state.spins), rel=1e-11)


@pytest.mark.parametrize("order", [5, 6, 7, 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_power_sums_beyond_62_bits(order, indices):
    """Sums of a million examples: fields of exact integers, and flips that do not drift."""
    n, M = 40, 10**6
    rng = np.random.default_rng(order)
    spins = rng.choice(np.array([-1, 1], np.int8), n)
    rows = np.stack([M * spins.astype(int), rng.integers(-M, M + 1, n)]).astype(np.int32)
    memory = Memory(rows=rows, order=order, indices=indices, weight=float(n * M) ** (1 - order))
    network = next(iter(forms.legal(memory).values())).lower(memory)
    assert network.shifts.max() > 0
    state = visits.prepare(network, spins.copy())
    first = [array.copy() for array in state]
    for site in (0, 7, n - 1):
        exact = 0.0
        for row in rows:
            x = [int(e) * int(s) for e, s in zip(row, spins, strict=True)]
            flipped = [-value if i == site else value for i, value in enumerate(x)]
            exact += float(_interaction(x, order, indices) - _interaction(flipped, order, indices))
        scale = float(n * M) * order / n
        found = int(spins[site]) * compiled_field(network, state, site)
        assert found == pytest.approx(0.5 * memory.weight * exact, rel=1e-10, abs=1e-14 * scale)
    for site in [*rng.integers(0, n, 200)] * 2:
        compiled_flip(network, state, site)
    for before, after in zip(first[:3], state, strict=False):
        np.testing.assert_array_equal(before, after)


def _interaction(x, order, indices):
    """Return the power of the sum of integers, or their elementary symmetric polynomial."""
    if indices == "all":
        return sum(x) ** order
    elementary = [1] + [0] * order
    for value in x:
        for k in range(order, 0, -1):
            elementary[k] += value * elementary[k - 1]
    return elementary[order]
