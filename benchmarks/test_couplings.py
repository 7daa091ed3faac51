"""Given couplings: a flip against adding a row of float64, a network against its building.

    pytest benchmarks/test_couplings.py -s

Thread time, the best of several runs from several allocations.  The yardstick of a flip is
y += a x with rows x of a matrix of as many float64, compiled by the same compiler, sites at random.
"""

import resource
import time
from functools import partial

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import Dreaming, Memory, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER, PARALLEL
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import couplings
from montecarlo.kernels.single.visits import flip

GOAL = 1.2
ENTRIES = 10_000_000
ALLOCATIONS, RUNS = 6, 6
KEY = streams.key(1, "dynamics")


@njit
def flips(network, state, sites):
    for k in range(sites.shape[0]):
        flip(network, state, sites[k])


@njit
def added_rows(matrix, total, sites, factor):
    for k in range(sites.shape[0]):
        row = matrix[sites[k]]
        for j in range(total.shape[0]):
            total[j] += factor * row[j]


@pytest.mark.parametrize("n_spins", [500, 1000, 2000, 5000])
def test_a_flip_costs_an_added_row(benchmark, n_spins):
    rng = np.random.default_rng(0)
    J = rng.normal(size=(n_spins, n_spins))
    J += J.T
    memory = Memory(rows=np.ones((1, n_spins), np.int8), couplings=J, weight=1.0)
    network = couplings.lower(memory)
    sites = rng.integers(0, n_spins, ENTRIES // n_spins)

    found = []

    def measure():
        for _ in range(ALLOCATIONS):
            state = couplings.prepare(network, np.ones(n_spins, np.int8))
            calls = (
                partial(flips, network, state, sites),
                partial(added_rows, J, np.zeros(n_spins), sites, 1e-3),
            )
            found.append(in_turn(calls, RUNS, time.thread_time)[1:].min(axis=0) / len(sites))
        return np.min(found, axis=0)

    of_flip, of_row = benchmark.pedantic(measure, rounds=1)
    ratio = float(of_flip / of_row)
    report(
        benchmark,
        flip_ns=round(1e9 * float(of_flip), 1),
        row_ns=round(1e9 * float(of_row), 1),
        ratio=round(ratio, 2),
    )
    assert ratio <= GOAL


@pytest.mark.parametrize("n_spins", [500, 1000, 2000])
def test_a_sweep_of_single_spins_and_of_all_at_once(benchmark, n_spins):
    """Nanoseconds of a visit at retrieval and beyond it, with the flips per visit."""
    data = draw(Dreaming(sleep=2.0), n_spins=n_spins, alpha=0.2, seed=1)

    def measure():
        found = {}
        for T in (0.3, 1.5):
            for name, move in (("glauber", GLAUBER), ("parallel", PARALLEL)):
                kernel = resolve("numba", name)
                network = kernel.lower(data.memory)
                n_chains = 8 if kernel.batched else 1
                starts = np.repeat(data.archetypes[:1], n_chains, axis=0)
                spins, energies = np.empty((n_chains, 1, n_spins), np.int8), np.empty((n_chains, 1))
                best, n_sweeps = np.inf, max(4, 100_000 // n_spins)
                of_chains = ... if kernel.batched else 0
                state = kernel.prepare(network, starts[of_chains])
                keys = np.array([KEY] * n_chains)[of_chains]
                T_of = np.full(n_chains, T)[of_chains]
                for run in range(4):
                    begin = time.thread_time()
                    flipped = kernel.run(
                        network, state, keys, T_of, move, run * n_sweeps, 1, n_sweeps,
                        spins[of_chains], energies[of_chains],
                    )  # fmt: skip
                    if run:
                        best = min(best, time.thread_time() - begin)
                visits = n_chains * n_sweeps * n_spins
                found[f"{name}_{T}_ns"] = round(1e9 * best / visits, 1)
                found[f"{name}_{T}_flips"] = round(float(np.sum(flipped)) / visits, 3)
        return found

    report(benchmark, **benchmark.pedantic(measure, rounds=1))


@pytest.mark.parametrize(("n_spins", "sleep"), [(1000, 1.0), (5000, 1.0), (5000, "inf")])
def test_building_a_network(benchmark, n_spins, sleep):
    """Half as many patterns as spins; the peak is that of the process so far."""
    model = Dreaming(sleep=sleep)

    def build():
        begin = time.perf_counter()
        couplings.lower(draw(model, n_spins=n_spins, alpha=0.5).memory)
        return time.perf_counter() - begin

    seconds = benchmark.pedantic(build, rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    report(benchmark, seconds=round(seconds, 2), peak_mb=peak)
    assert seconds < 60
