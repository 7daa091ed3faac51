"""Parallel dynamics beside the bare matrix products of the same shape.

    pytest benchmarks/test_parallel.py --benchmark-group-by=group

The products are what any kernel in this form has to do: their ratio to the kernel is the
share of the machine's limit that is reached.  ``updates_per_second`` stands in the extra
columns of the JSON.  The library of the products uses as many threads as
``OPENBLAS_NUM_THREADS`` says; `test_simulate` shares the chains between two threads of its
own, for which 1 is best.
"""

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, draw, streams
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels import parallel

CASES = [
    pytest.param(Hopfield(), 2000, 0.05, 64, id="hopfield-N2000-K100-c64"),
    pytest.param(Hopfield(), 2000, 0.5, 64, id="hopfield-N2000-K1000-c64"),
    pytest.param(Dense(order=4), 100, 0.24, 64, id="dense4-N100-K20000-c64"),
]
N_SWEEPS = 30


def measure(benchmark, n_updates, call):
    benchmark.pedantic(call, rounds=10, warmup_rounds=1)
    benchmark.extra_info["updates_per_second"] = f"{n_updates / benchmark.stats['min']:.3g}"


@pytest.mark.parametrize(("model", "n_spins", "alpha", "n_chains"), CASES)
class TestParallel:
    @pytest.fixture
    def data(self, model, n_spins, alpha):
        return draw(model, n_spins=n_spins, alpha=alpha, seed=1)

    def test_kernel(self, benchmark, data, n_chains):
        benchmark.group = f"parallel N={data.n_spins} rows={len(data.memory.rows)}"
        network = parallel.lower(data.memory)
        state = parallel.prepare(network, np.tile(data.archetypes[0], (n_chains, 1)))
        keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(n_chains)])
        T = np.full(n_chains, 0.5)
        snapshots = np.empty((n_chains, 1, data.n_spins), np.int8)
        energies = np.empty((n_chains, 1))
        measure(
            benchmark,
            n_chains * data.n_spins * N_SWEEPS,
            lambda: parallel.run(
                network, state, keys, T, PARALLEL, 0, 1, N_SWEEPS, snapshots, energies
            ),
        )

    def test_products(self, benchmark, data, n_chains):
        benchmark.group = f"parallel N={data.n_spins} rows={len(data.memory.rows)}"
        rows = data.memory.rows.astype(np.float32)
        spins = np.tile(data.archetypes[0], (n_chains, 1)).astype(np.float32)

        def products():
            for _ in range(N_SWEEPS):
                (rows @ spins.T).T @ rows

        measure(benchmark, n_chains * data.n_spins * N_SWEEPS, products)


@pytest.mark.benchmark(group="64 chains of N=2000 K=100, from start to series")
@pytest.mark.parametrize("n_threads", [1, 2])
def test_simulate(benchmark, n_threads):
    schedule = montecarlo.Schedule(warmup=0, sweeps=100, stride=50)
    measure(
        benchmark,
        64 * 2000 * 100,
        lambda: montecarlo.simulate(
            Hopfield(), alpha=0.05, T=0.5, n_spins=2000, n_samples=1, n_replicas=64,
            schedule=schedule, dynamics="parallel", n_threads=n_threads,
        ),
    )  # fmt: skip
