"""Seconds for phase diagrams and lines of the theory.

    pytest benchmarks/test_theory.py --benchmark-group-by=group

The first round compiles (or loads the compiled code) and is left out.
"""

import numpy as np
import pytest

import theory
from hebbian import Dense, Hopfield, Supervised

NOISY = Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))
LARGE = Dense(order=4, rule=Supervised(quality=0.2, n_examples=300))


@pytest.mark.benchmark(group="retrieval on a 200 x 200 grid of (alpha, T)")
@pytest.mark.parametrize(
    ("model", "loads"), [(Hopfield(), 0.2), (Dense(order=4), 0.6), (NOISY, 0.6)], ids=str
)
def test_grid(benchmark, model, loads):
    alpha, T = np.linspace(0, loads, 200)[:, None], np.linspace(0, 1.1, 200)
    state = benchmark.pedantic(
        theory.solve, (model,), {"alpha": alpha, "T": T}, rounds=3, warmup_rounds=1
    )
    assert state.converged.any()


@pytest.mark.benchmark(group="100 points of a line")
@pytest.mark.parametrize("model", [Hopfield(), Dense(order=4), NOISY, LARGE], ids=str)
@pytest.mark.parametrize(
    "line", ["spinodal_temperature", "transition_temperature", "replicon_temperature"]
)
def test_line(benchmark, model, line):
    alpha = np.linspace(0, theory.critical_load(model), 100)
    T = benchmark.pedantic(getattr(theory, line), (model, alpha), rounds=3, warmup_rounds=1)
    assert np.isfinite(T).any()
