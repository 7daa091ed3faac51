"""Parallel steps of sequences beside two matrix products of the same shape, and beside `Dense`

    pytest benchmarks/test_sequence.py -s

The products are those in single precision of `benchmarks/test_parallel.py`, and a step of
`hebbian.Dense` is one of as many spins and patterns, where every pattern answers for itself.  All
three run in turn on the processor time of one thread (``OPENBLAS_NUM_THREADS=1``) and the best
round of each counts.
"""

import time

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import Dense, Exponential, ExponentialSequence, Sequence, draw, streams
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.parallel import steps

N_SWEEPS = 30
ROUNDS = 8
N_CHAINS = 64
KEYS = np.array([streams.key(1, "dynamics", chain=c) for c in range(N_CHAINS)])


def stepping(model, n_spins, alpha):
    """Return the data of a network and a call that does sweeps of all chains."""
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
    network = steps.lower(data.memory)
    start = np.tile(np.where(data.archetypes[0] < 0, -1, 1), (N_CHAINS, 1))
    state = steps.prepare(network, start)
    T, energies = np.full(N_CHAINS, 0.5), np.empty((N_CHAINS, 1))
    snapshots = np.empty((N_CHAINS, 1, n_spins), np.int8)

    def kernel():
        steps.run(network, state, KEYS, T, PARALLEL, 0, 1, N_SWEEPS, snapshots, energies)

    return data, kernel


@pytest.mark.parametrize(
    ("model", "other", "n_spins", "alpha"),
    [
        pytest.param(Sequence(), Dense(order=2), 2000, 0.2, id="order2-N2000-K400"),
        pytest.param(Sequence(order=3), Dense(order=3), 200, 0.2, id="order3-N200-K2667"),
        pytest.param(Sequence(order=4), Dense(order=4), 100, 0.24, id="order4-N100-K20000"),
        pytest.param(Sequence(order=4), Dense(order=4), 100, 1.2, id="order4-N100-K100000"),
        pytest.param(
            Sequence(order=4, indices="all"), Dense(order=4, indices="all"), 100, 0.24,
            id="order4-all-N100-K20000",
        ),
        pytest.param(
            ExponentialSequence(sharpness=1.0), Exponential(sharpness=1.0), 30, 0.4,
            id="exponential-N30-K162755",
        ),
    ],
)  # fmt: skip
def test_against_products_and_dense(benchmark, model, other, n_spins, alpha):
    data, sequence = stepping(model, n_spins, alpha)
    _, dense = stepping(other, n_spins, alpha)
    rows = data.memory.rows.astype(np.float32)
    spins = np.tile(rows[0], (N_CHAINS, 1))

    def products():
        for _ in range(N_SWEEPS):
            (rows @ spins.T).T @ rows

    sequence(), dense(), products()
    found = []
    benchmark.pedantic(
        lambda: found.append(in_turn((sequence, dense, products), 1, time.thread_time)),
        rounds=ROUNDS,
    )
    ours, theirs, least = np.concatenate(found).min(axis=0)
    report(
        benchmark,
        updates_per_second=f"{N_CHAINS * n_spins * N_SWEEPS / ours:.3g}",
        times_products=round(float(ours / least), 2),
        times_dense=round(float(ours / theirs), 2),
    )
