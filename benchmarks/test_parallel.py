"""Parallel dynamics beside the two matrix products of the same shape, in single precision

    pytest benchmarks/test_parallel.py -s

The products are what a kernel that multiplies floats has to do at least.  Both run in turn
on the processor time of one thread (``OPENBLAS_NUM_THREADS=1``) and the best round of each
counts; their ratio and the updates per second stand in the extra columns of the JSON.
"""

import time

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import Dense, Hopfield, Multitasking, draw, streams
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.parallel import steps

N_SWEEPS = 30
ROUNDS = 12
N_CHAINS = 64


@pytest.mark.parametrize(
    ("model", "n_spins", "alpha"),
    [
        pytest.param(Hopfield(), 2000, 0.05, id="hopfield-N2000-K100"),
        pytest.param(Hopfield(), 2000, 0.5, id="hopfield-N2000-K1000"),
        pytest.param(Dense(order=4), 100, 0.24, id="dense4-N100-K20000"),
        pytest.param(Dense(order=4, indices="all"), 100, 0.24, id="dense4-all-N100-K20000"),
        pytest.param(Multitasking(n_patterns=100, dilution=0.3), 2000, None, id="ternary-N2000"),
    ],
)
def test_against_products(benchmark, model, n_spins, alpha):
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
    network = steps.lower(data.memory)
    start = np.tile(np.where(data.archetypes[0] < 0, -1, 1), (N_CHAINS, 1))
    state = steps.prepare(network, start)
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(N_CHAINS)])
    T, energies = np.full(N_CHAINS, 0.5), np.empty((N_CHAINS, 1))
    snapshots = np.empty((N_CHAINS, 1, n_spins), np.int8)
    rows, spins = data.memory.rows.astype(np.float32), start.astype(np.float32)

    def kernel():
        steps.run(network, state, keys, T, PARALLEL, 0, 1, N_SWEEPS, snapshots, energies)

    def products():
        for _ in range(N_SWEEPS):
            (rows @ spins.T).T @ rows

    kernel(), products()
    found = []
    benchmark.pedantic(
        lambda: found.append(in_turn((kernel, products), 1, time.thread_time)), rounds=ROUNDS
    )
    ours, theirs = np.concatenate(found).min(axis=0)
    n_updates = N_CHAINS * n_spins * N_SWEEPS
    report(
        benchmark,
        updates_per_second=f"{n_updates / ours:.3g}",
        of_products=f"{n_updates / theirs:.3g}",
        ratio=round(float(theirs / ours), 2),
    )
