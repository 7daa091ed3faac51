"""Fields from levels alone: exact at every size they are used for, one byte a row."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from hebbian import Dense, Memory, Supervised, draw, from_examples
from montecarlo import Schedule, simulate
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import polynomials, tables, visits


@njit
def compiled_field(network, state, i):
    return visits.field(network, state, i)


@njit
def compiled_flip(network, state, i):
    visits.flip(network, state, i)


def interaction(M, n, order, indices):
    """F of overlaps M: exact integers, by Newton's identities for distinct sites."""
    M = M.astype(object)
    if indices == "all":
        return M**order
    e = [1 + 0 * M]
    for k in range(1, order + 1):
        powers = [(-1) ** (j - 1) * e[k - j] * (M if j % 2 else n) for j in range(1, k + 1)]
        e.append(sum(powers) // k)
    return e[order]


def exact_field(memory, spins, site):
    own = memory.rows[:, site].astype(np.int64)
    others = memory.overlaps(spins) - own * int(spins[site])
    n, order, indices = memory.n_spins, memory.order, memory.indices
    up, down = (interaction(others + s * own, n, order, indices).sum() for s in (1, -1))
    return 0.5 * memory.weight * (up - down)


@pytest.mark.parametrize("n_spins", [8, 9, 100, 101, 254, 255])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("order", [3, 4])
def test_fields_are_exact_up_to_the_largest_overlaps(order, indices, n_spins):
    """Rows that all agree with the spins fill the lanes to their bound, in 61 words and more."""
    rng = np.random.default_rng(n_spins)
    first = rng.choice(np.array([-1, 1], np.int8), n_spins)
    rows = np.concatenate(
        [
            np.repeat(first[None], 64 * 61, axis=0),
            rng.choice(np.array([-1, 1], np.int8), (37, n_spins)),
        ]
    )
    memory = Memory(rows=rows, order=order, indices=indices, weight=1.0)
    network = tables.lower(memory)
    state = visits.prepare(network, first)
    assert state.overlaps.dtype == np.uint8
    assert state.values.size == 0
    for site in (0, n_spins - 1, 1):
        assert compiled_field(network, state, site) == exact_field(memory, state.spins, site)
        compiled_flip(network, state, site)
        fresh = visits.prepare(network, np.array(state.spins))
        np.testing.assert_array_equal(state.totals, fresh.totals)
        np.testing.assert_array_equal(state.overlaps, fresh.overlaps)
    state = visits.prepare(network, rows[-1])
    assert compiled_field(network, state, 2) == exact_field(memory, rows[-1], 2)


@pytest.mark.parametrize(
    ("order", "n_spins", "alone"),
    [
        (3, 5, False),
        (3, 6, True),
        (4, 255, True),
        (4, 256, False),
        (2, 100, False),
        (5, 100, False),
    ],
)
def test_other_sizes_and_orders_keep_values(order, n_spins, alone):
    rows = np.ones((3, n_spins), np.int8)
    memory = Memory(rows=rows, order=order, indices="distinct", weight=1.0)
    assert bool(tables.lower(memory).powers.size) == alone


PEAK = """
import resource, sys
from hebbian import Dense
from montecarlo import Schedule, simulate

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def run(n_rows):
    simulate(
        Dense(order=4), alpha=n_rows * 12 / 100**3, T=0.1, n_spins=100, n_samples=1, n_replicas=2,
        n_threads=2, schedule=Schedule(warmup=0, sweeps=1, stride=1),
    )

run(2000)  # the compiler's own memory
before = peak()
run(2_000_000)
print((peak() - before) / (2_000_000 * 100 // 8))
"""


def test_two_chains_of_a_hundred_spins_take_little_more_than_the_packed_rows():
    """12.5 bytes a row, one for each chain, and scratch of a few MiB: 1.16 and 0.1 here."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert float(done.stdout) < 1.16 + 0.2


def test_integer_rows_are_kept_once():
    """Kernels read the sums of a drawn data set where they are, and no copy is made on the way."""
    model = Dense(order=4, rule=Supervised(quality=0.8, n_examples=2))
    data = draw(model, n_spins=100, alpha=40_000 * 12 / 100**3, seed=1)
    tracemalloc.start()
    network = polynomials.lower(data.memory)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.shares_memory(network.rows, data.memory.rows)
    assert peak < network.even.nbytes + 0.6 * data.memory.rows.nbytes


@pytest.mark.parametrize("order", [2, 3, 4, 8])
@pytest.mark.parametrize("n_spins", [1, 2, 3])
def test_fewer_spins_than_sites_do_not_interact(order, n_spins):
    """Given data may be smaller than an interaction: no term with distinct sites is left."""
    archetypes = np.ones((3, n_spins), np.int8)
    data = from_examples(Dense(order=order), archetypes, archetypes[:, None])
    run = simulate(data.model, T=1.0, data=data, n_replicas=2, schedule=Schedule(sweeps=200))
    terms = {(2, 2): 1, (2, 3): 3, (3, 3): 1}.get((order, n_spins), 0)
    assert (run.energy.mean != 0) == (terms > 0)
    if not terms:
        assert abs(run.m.mean) < 0.3  # free spins
