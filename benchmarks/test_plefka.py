"""Mean-field equations beside a matrix product and beside the heat bath; replica exchange.

    pytest benchmarks/test_plefka.py --benchmark-group-by=group

Read the ratios within a group.  One thread.
"""

import numpy as np
import pytest

from hebbian import Dense, Hopfield, draw
from montecarlo import Schedule, plefka, simulate, temper
from montecarlo.mean_field.equations import Equations

MODEL, N_SPINS, ALPHA, T = Dense(order=4), 100, 0.24, 0.5  # 20000 rows
LADDER = {
    "alpha": 0.1,
    "T": np.geomspace(0.1, 0.9, 12),
    "n_spins": 500,
    "n_samples": 1,
    "n_replicas": 1,
    "schedule": Schedule(warmup=0, sweeps=1000, stride=10),
    "start": "random",
    "n_threads": 1,
}
RETRIEVAL = {"alpha": ALPHA, "T": T, "n_spins": N_SPINS, "n_samples": 1, "n_threads": 1}


def measure(benchmark, call):
    benchmark.pedantic(call, rounds=5, warmup_rounds=1)


@pytest.fixture(scope="module")
def network():
    return draw(MODEL, n_spins=N_SPINS, alpha=ALPHA, seed=1)


@pytest.mark.benchmark(group="one mean-field step, P=4 N=100 K=20000")
class TestStep:
    def test_packed_rows(self, benchmark, network):
        equations = Equations.on_host(network.memory)
        place, m = np.zeros(1, int), 0.9 * network.archetypes[:1]
        measure(benchmark, lambda: equations.fields(place, m))

    def test_yardstick_float_matrix(self, benchmark, network):
        """The same sums with rows in float64, 64 times the memory, and BLAS."""
        rows = network.memory.rows.astype(np.float64)
        weight = network.memory.weight
        m = 0.9 * network.archetypes[0]

        def step():
            p2, p4 = np.sum(m**2), np.sum(m**4)
            p1, p3 = (rows @ np.stack([m, m**3], axis=1)).T
            e2 = (p1**2 - p2) / 2
            e3 = (p1 * e2 - p1 * p2 + p3) / 3
            e4 = (p1 * e3 - e2 * p2 + p1 * p3 - p4) / 4
            slopes = np.stack([e3, p1], axis=1).T @ rows
            field = slopes[0] - m * e2.sum() + m**2 * slopes[1] - m**3 * len(rows)
            return -weight * e4.sum(), weight * field

        equations = Equations.on_host(network.memory)
        energies, fields = equations.fields(np.zeros(1, int), m[None])
        np.testing.assert_allclose(step()[0], energies[0], rtol=1e-9)
        np.testing.assert_allclose(step()[1], fields[0], rtol=1e-9)
        measure(benchmark, step)


@pytest.mark.benchmark(group="magnetization of a sample, P=4 N=100 K=20000 T=0.5")
class TestRetrieval:
    def test_second_order(self, benchmark, network):
        measure(benchmark, lambda: plefka(MODEL, **RETRIEVAL, tol=1e-6))

    def test_yardstick_heat_bath(self, benchmark, network):
        """Two chains of 600 sweeps: an error of about 0.001 on m."""
        schedule = Schedule(warmup=100, sweeps=500, stride=5)
        measure(benchmark, lambda: simulate(MODEL, **RETRIEVAL, n_replicas=2, schedule=schedule))


@pytest.mark.benchmark(group="12 temperatures x 1000 sweeps, Hopfield N=500 K=50")
class TestExchange:
    def test_temper(self, benchmark):
        measure(benchmark, lambda: temper(Hopfield(), **LADDER))

    def test_yardstick_chains_without_exchange(self, benchmark):
        measure(benchmark, lambda: simulate(Hopfield(), **LADDER))
