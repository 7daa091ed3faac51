"""Trajectories of the effective spin beside matrix products of the same shape

    pytest benchmarks/test_trajectory.py -s

At time t of n trajectories there are 4 n t multiplications and additions: fields from spins and
from normal numbers, correlations and projections.  The yardstick does them as four products of
numpy in single precision, on data that are there, with neither random numbers nor spins to draw.
Both run in turn on the processor time of one thread (``OPENBLAS_NUM_THREADS=1``), and the best
round of each counts.  The cost grows like the square of the number of steps, and from below:
random orders are linear in it.
"""

import time

import numpy as np
import pytest
from paired import in_turn, report

import theory
from hebbian import Dense, Hopfield

N = 100_000
POPULATION = N // 10  # trajectories that share their order parameters
ROUNDS = 5


def followed(model, n_steps, T):
    return lambda: theory.trajectory(
        model, alpha=0.1, T=T, start=0.4, n_steps=n_steps, n_trajectories=N, n_threads=1
    )


def products(n_steps):
    """The sums of all steps of all populations."""
    rng = np.random.default_rng(0)
    spins = rng.choice(np.array([-1, 1], np.float32), (n_steps + 1, POPULATION))
    noise = rng.standard_normal((n_steps, POPULATION), np.float32)
    weights = rng.standard_normal(n_steps, np.float32)

    def run():
        for _ in range(N // POPULATION):
            for t in range(1, n_steps + 1):
                weights[:t] @ spins[:t] + weights[:t] @ noise[:t]
                spins[:t] @ spins[t]
                noise[:t] @ spins[t]

    return run


@pytest.mark.benchmark(group="1e5 trajectories, 50 steps, one core")
@pytest.mark.parametrize("T", [0.0, 0.3])
@pytest.mark.parametrize("model", [Hopfield(), Dense(order=4)], ids=str)
def test_trajectories(benchmark, model, T):
    ours, theirs = followed(model, 50, T), products(50)
    ours(), theirs()
    found = []
    benchmark.pedantic(
        lambda: found.append(in_turn((ours, theirs), 1, time.process_time)), rounds=ROUNDS
    )
    seconds = np.concatenate(found).min(axis=0)
    report(
        benchmark,
        processor_seconds=round(float(seconds[0]), 3),
        yardstick=round(float(seconds[1]), 3),
        ratio=round(float(seconds[1] / seconds[0]), 2),
    )


@pytest.mark.benchmark(group="cost against the number of steps, 1e5 trajectories")
def test_cost_grows_like_the_square_of_time(benchmark):
    lengths = (25, 50, 100, 200)
    calls = [followed(Hopfield(), n_steps, 0.3) for n_steps in lengths]
    calls[0]()
    found = []
    benchmark.pedantic(lambda: found.append(in_turn(calls, 1, time.process_time)), rounds=3)
    seconds = np.concatenate(found).min(axis=0)
    report(
        benchmark,
        processor_seconds=[round(float(one), 3) for one in seconds],
        steps=list(lengths),
        exponents=np.log2(seconds[1:] / seconds[:-1]).round(2).tolist(),
    )


@pytest.mark.benchmark(
    group="boundary of the basin at 40 loads x 20 temperatures, 50 steps, two threads"
)
def test_basin_map(benchmark):
    alpha, T = np.linspace(0.01, 0.14, 40)[:, None], np.linspace(0, 0.6, 20)
    at = {"alpha": alpha, "T": T, "n_steps": 50, "n_threads": 2}
    theory.basin(Hopfield(), alpha=0.05, n_steps=5, n_trajectories=1000)
    begin = time.process_time()
    found = benchmark.pedantic(theory.basin, (Hopfield(),), at, rounds=1)
    report(benchmark, processor_seconds=round(time.process_time() - begin, 1))
    assert np.isfinite(found.overlap).any()
