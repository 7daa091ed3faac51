"""Time of the multitasking equations.

pytest benchmarks/test_theory_multitasking.py
"""

import numpy as np
import pytest

import theory
from hebbian import Multitasking, Supervised
from phase_diagrams.analysis.dilution_map import dilution_map
from theory.many_patterns.parallel import parallel_temperature


def test_diagram_of_three_patterns(benchmark):
    """One column of 200 temperatures of the (d, T) diagram, the ground state with its name."""
    model, T = Multitasking(n_patterns=3, dilution=0.55), np.linspace(0.005, 0.6, 200)
    found = benchmark(theory.ground_state, model, T)
    assert found.converged.all()


@pytest.mark.parametrize("n_patterns", [3, 20, 50])
def test_solve(benchmark, n_patterns):
    model = Multitasking(n_patterns=n_patterns, dilution=0.3)
    assert benchmark(theory.solve, model, T=0.02).converged


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
def test_solve_with_examples(benchmark, law):
    model = Multitasking(n_patterns=3, dilution=0.3, rule=Supervised(quality=0.2, n_examples=300))
    assert benchmark(theory.solve, model, T=0.05, law=law).converged


def test_zero_temperature_of_many_different_overlaps(benchmark):
    model = Multitasking(n_patterns=14, dilution=0.75)
    assert benchmark.pedantic(theory.solve, (model,), {"T": 0.0}, rounds=3).converged


def test_stable_states(benchmark):
    model = Multitasking(n_patterns=3, dilution=0.3)
    assert benchmark(theory.stable_states, model, 0.05)


def test_parallel_line(benchmark):
    low, _ = benchmark(parallel_temperature, np.linspace(0.7, 0.95, 50), 5)
    assert np.isfinite(low).all()


def test_whole_diagram_of_three_patterns(benchmark):
    """The (d, T) diagram of 200 x 200 points with the names of their ground states."""
    axes = np.linspace(0.005, 0.95, 200), np.linspace(0.002, 0.62, 200)
    diagram = benchmark.pedantic(dilution_map, (3, *axes), rounds=1)
    assert diagram["state"].size == 40_000
