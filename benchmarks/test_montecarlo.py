"""Spin updates per second of the compiled kernel beside a straightforward one.

    pytest benchmarks/test_montecarlo.py --benchmark-group-by=group

Read the ratios within a group; ``updates_per_second`` stands in the extra columns of the
JSON (``--benchmark-json=FILE``).  One thread, start from the retrieved pattern.
"""

import numpy as np
import pytest
from yardsticks import dense4_sweeps, hopfield_sweeps

from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised, draw, streams
from montecarlo.backend import resolve

RNG = np.random.default_rng(1)


def measure(benchmark, n_updates, call):
    benchmark.pedantic(call, rounds=5, warmup_rounds=1)
    benchmark.extra_info["updates_per_second"] = f"{n_updates / benchmark.stats['min']:.3g}"


def bench_kernel(benchmark, model, n_spins, alpha, T, n_sweeps):
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
    kernel = resolve("numba")
    network = kernel.lower(data.memory)
    start = np.where(data.archetypes[0] == 0, 1, data.archetypes[0])
    state = kernel.prepare(network, start)
    key = streams.key(1, "dynamics")
    snapshots, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    measure(
        benchmark,
        n_spins * n_sweeps,
        lambda: kernel.run(network, state, key, T, 0, 0, 1, n_sweeps, snapshots, energies),
    )


@pytest.mark.benchmark(group="Hopfield N=2000 K=100 T=0.5")
class TestHopfield:
    def test_kernel(self, benchmark):
        bench_kernel(benchmark, Hopfield(), 2000, 0.05, 0.5, 500)

    def test_yardstick(self, benchmark):
        data = draw(Hopfield(), n_spins=2000, alpha=0.05, seed=1)
        xi = data.archetypes.astype(np.float64)
        couplings = xi.T @ xi / 2000
        np.fill_diagonal(couplings, 0)
        spins = data.archetypes[0].astype(np.int64)
        fields = couplings @ spins
        measure(
            benchmark, 2000 * 50, lambda: hopfield_sweeps(couplings, spins, fields, 0.5, 50, RNG)
        )


@pytest.mark.benchmark(group="P=4 N=100 K=20000 T=0.5")
class TestDense:
    def test_kernel(self, benchmark):
        bench_kernel(benchmark, Dense(order=4), 100, 0.24, 0.5, 200)

    def test_yardstick(self, benchmark):
        data = draw(Dense(order=4), n_spins=100, alpha=0.24, seed=1)
        rows = np.ascontiguousarray(data.archetypes.T)
        spins = data.archetypes[0].astype(np.int64)
        overlaps = data.archetypes.astype(np.int64) @ spins
        scale = 12 / 100**3
        measure(
            benchmark,
            100 * 10,
            lambda: dense4_sweeps(rows, spins, overlaps, scale, 0.5, 10, RNG),
        )


@pytest.mark.benchmark(group="other networks")
@pytest.mark.parametrize(
    ("model", "n_spins", "alpha", "T", "n_sweeps"),
    [
        pytest.param(Hopfield(), 10000, 0.1, 0.3, 20, id="hopfield-N10000-K1000"),
        pytest.param(Dense(order=4), 100, 0.024, 0.5, 500, id="dense4-N100-K2000"),
        pytest.param(Dense(order=4), 100, 0.24, 1.2, 30, id="dense4-N100-K20000-paramagnet"),
        pytest.param(
            Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=6)),
            100, 0.1, 0.4, 50, id="dense4-unsupervised-N100-K8333-M6",
        ),
        pytest.param(
            Dense(order=4, rule=Supervised(quality=0.8, n_examples=6)),
            100, 0.1, 0.4, 5, id="dense4-supervised-N100-K8333-M6",
        ),
        pytest.param(
            Multitasking(n_patterns=3, dilution=0.3), 4000, None, 0.1, 200, id="multitasking-N4000"
        ),
    ],
)  # fmt: skip
def test_other_networks(benchmark, model, n_spins, alpha, T, n_sweeps):
    bench_kernel(benchmark, model, n_spins, alpha, T, n_sweeps)
