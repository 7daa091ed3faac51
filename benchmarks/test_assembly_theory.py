"""Seconds for a 200 x 200 grid of (alpha, T) of an assembly, beside that of the Hopfield network

    pytest benchmarks/test_assembly_theory.py -s

The first round compiles and is left out; rounds alternate.
"""

import numpy as np
import pytest
from paired import in_turn, report

import theory
from hebbian import BAM, TAM, Hopfield

ALPHA, T = np.linspace(0, 0.25, 200)[:, None], np.linspace(0, 1.1, 200)


@pytest.mark.benchmark(group="retrieval on a 200 x 200 grid of (alpha, T)")
@pytest.mark.parametrize("model", [BAM(), BAM(sizes=(1, 2)), TAM()], ids=["bam", "1:2", "tam"])
def test_grid(benchmark, model):
    def assembly():
        return theory.solve(model, alpha=ALPHA, T=T)

    def yardstick():
        return theory.solve(Hopfield(), alpha=ALPHA, T=T)

    found = benchmark.pedantic(assembly, rounds=2, warmup_rounds=1)
    assert found.converged.any()
    yardstick()
    seconds = in_turn([assembly, yardstick], 3).min(axis=0)
    report(benchmark, assembly=float(seconds[0]), hopfield=float(seconds[1]))
    assert seconds[0] < 40 * seconds[1]
