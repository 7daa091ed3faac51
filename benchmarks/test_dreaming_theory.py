"""Seconds for diagrams of networks that have slept, beside the Hopfield network's.

    pytest benchmarks/test_dreaming_theory.py -s

The first round compiles (or loads the compiled code) and is left out.  A curve of states has one
equation more than that of the Hopfield network, and after a long sleep more nodes.
"""

import math

import numpy as np
import pytest
from paired import in_turn, report

import theory
from hebbian import Dreaming, Hopfield


@pytest.mark.benchmark(group="200 x 200 grid of (alpha, T), every branch, after a sleep")
@pytest.mark.parametrize("start", ["retrieval", "glass", "paramagnet"])
@pytest.mark.parametrize("sleep", [1.0, 1000.0, math.inf], ids=str)
def test_grid(benchmark, sleep, start):
    model, T = Dreaming(sleep=sleep), np.linspace(0, 1.1, 200)
    # Loads in units of the capacity: as many states to solve for, with sleep and without.
    alpha = [
        np.linspace(0, 1.3 * theory.critical_load(m), 200)[:, None] for m in (model, Hopfield())
    ]

    def diagram():
        return theory.solve(model, alpha=alpha[0], T=T, start=start)

    def yardstick():
        return theory.solve(Hopfield(), alpha=alpha[1], T=T, start=start)

    state = benchmark.pedantic(diagram, rounds=3, warmup_rounds=1)
    yardstick()
    assert state.converged.any()
    seconds = in_turn([diagram, yardstick], 5).min(axis=0)
    report(
        benchmark,
        diagram=float(seconds[0]),
        hopfield=float(seconds[1]),
        ratio=float(seconds[0] / seconds[1]),
    )
    assert seconds[0] < 3 * seconds[1]


@pytest.mark.benchmark(group="lines of the diagram, 100 points each, after a sleep")
@pytest.mark.parametrize("line", ["spinodal_temperature", "transition_temperature"])
def test_lines(benchmark, line):
    model = Dreaming(sleep=10.0)
    alpha = np.linspace(0, theory.critical_load(model), 100)
    T = benchmark.pedantic(getattr(theory, line), (model, alpha), rounds=3, warmup_rounds=1)
    assert np.isfinite(T).any()
