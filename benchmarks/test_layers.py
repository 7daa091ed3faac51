"""Layer-by-layer heat bath of assemblies beside parallel dynamics of a Hopfield network

    pytest benchmarks/test_layers.py -s

The yardstick has as many spins, rows and chains, and a sweep of either meets every spin of every
row twice.  Both run in turn on the processor time of one thread (``OPENBLAS_NUM_THREADS=1``), the
best round of each counts; their ratio and the updates per second stand in the extra columns of
the JSON.
"""

import time

import numpy as np
import pytest
from paired import in_turn, report

from hebbian import BAM, TAM, Assembly, Hopfield, Supervised, draw, streams
from montecarlo.dynamics import LAYERS, PARALLEL
from montecarlo.kernels.parallel import steps

N_SWEEPS = 30
ROUNDS = 12
N_CHAINS = 64
TENTHS = Assembly(couplings=((0, 0.7, -0.3), (0.7, 0, 1.1), (-0.3, 1.1, 0)))
LEARNT = Supervised(quality=0.7, n_examples=10)


def sweeps(model, n_spins, n_patterns, move, T):
    data = draw(model, n_spins=n_spins, alpha=model.load(n_patterns, n_spins), seed=1)
    network = steps.lower(data.memory)
    start = np.tile(data.archetypes[0], (N_CHAINS, 1))
    state = steps.prepare(network, start)
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(N_CHAINS)])
    temperatures, energies = np.full(N_CHAINS, T), np.empty((N_CHAINS, 1))
    snapshots = np.empty((N_CHAINS, 1, n_spins), np.int8)
    return lambda: steps.run(
        network, state, keys, temperatures, move, 0, 1, N_SWEEPS, snapshots, energies
    )


@pytest.mark.parametrize(
    ("model", "n_spins", "n_patterns"),
    [
        pytest.param(BAM(), 2000, 100, id="bam-N2000-K100"),
        pytest.param(BAM(), 2000, 1000, id="bam-N2000-K1000"),
        pytest.param(TAM(), 3000, 100, id="tam-N3000-K100"),
        pytest.param(TENTHS, 3000, 100, id="tenths-N3000-K100"),
        pytest.param(BAM(rule=LEARNT), 2000, 100, id="supervised-N2000-K100"),
    ],
)
def test_against_parallel_dynamics(benchmark, model, n_spins, n_patterns):
    ours = sweeps(model, n_spins, n_patterns, LAYERS, 0.4)
    theirs = sweeps(Hopfield(rule=model.rule), n_spins, n_patterns, PARALLEL, 0.4)
    ours(), theirs()
    found = []
    benchmark.pedantic(
        lambda: found.append(in_turn((ours, theirs), 1, time.thread_time)), rounds=ROUNDS
    )
    layers, parallel = np.concatenate(found).min(axis=0)
    n_updates = N_CHAINS * n_spins * N_SWEEPS
    report(
        benchmark,
        updates_per_second=f"{n_updates / layers:.3g}",
        of_parallel_dynamics=f"{n_updates / parallel:.3g}",
        ratio=round(float(parallel / layers), 2),
    )
