"""Parallel steps of memories that are no polynomials, beside the two products of their shape

    pytest benchmarks/test_reading.py -s

The softmax step of 64 chains in turn with the products in single precision that it needs at
least (as `benchmarks/test_parallel.py`), and a reading of sparse distributed memory, whose
products would be of the same shape.
"""

import time

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import Exponential, SparseDistributed, draw, streams
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.parallel import steps

ROUNDS = 7
N_CHAINS = 64
EXPONENTIAL, SHARED = Exponential(sharpness=1.0), SparseDistributed(radius=0.4)


@pytest.mark.parametrize(
    ("model", "n_spins", "n_patterns"),
    [
        pytest.param(EXPONENTIAL, 40, 100_000, id="softmax-N40-K1e5"),
        pytest.param(EXPONENTIAL, 40, 1_000_000, id="softmax-N40-K1e6"),
        pytest.param(EXPONENTIAL, 100, 20_000, id="softmax-N100-K2e4"),
        pytest.param(EXPONENTIAL, 256, 10_000, id="softmax-N256-K1e4"),
        pytest.param(EXPONENTIAL, 1000, 10_000, id="softmax-N1000-K1e4"),
        pytest.param(SHARED, 256, 300, id="shared-N256-K300"),
        pytest.param(SHARED, 256, 10_000, id="shared-N256-K1e4"),
        pytest.param(SHARED, 1000, 10_000, id="shared-N1000-K1e4"),
        pytest.param(
            SparseDistributed(radius=0.41, n_neurons=30_000), 256, 300, id="neurons-N256-r3e4"
        ),
    ],
)
def test_against_products(benchmark, model, n_spins, n_patterns):
    load = np.log(n_patterns) / n_spins
    data = draw(model, n_spins=n_spins, alpha=load, seed=1)
    memory = data.memory
    network = steps.lower(memory)
    start = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (N_CHAINS, n_spins))
    start[0] = data.observed(0)[0]
    state = steps.prepare(network, start)
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(N_CHAINS)])
    T, energies = np.full(N_CHAINS, 0.5), np.empty((N_CHAINS, 1))
    snapshots = np.empty((N_CHAINS, 1, n_spins), np.int8)
    rows, spins = memory.rows.astype(np.float32), start.astype(np.float32)
    values = rows if memory.values is None else memory.values.astype(np.float32)
    n_steps = max(5, 4_000_000 // memory.n_rows // n_spins)

    def kernel():
        steps.run(network, state, keys, T, PARALLEL, 0, 1, n_steps, snapshots, energies)

    def products():
        for _ in range(n_steps):
            (rows @ spins.T).T @ values

    kernel(), products()
    found = []
    benchmark.pedantic(
        lambda: found.append(in_turn((kernel, products), 1, time.thread_time)), rounds=ROUNDS
    )
    ours, theirs = np.concatenate(found).min(axis=0)
    n_terms = N_CHAINS * memory.n_rows * n_spins * n_steps
    report(
        benchmark,
        row_terms_per_second=f"{n_terms / ours:.3g}",
        of_products=f"{n_terms / theirs:.3g}",
        ratio=round(float(theirs / ours), 2),
    )
