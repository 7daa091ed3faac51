"""Seconds for phase diagrams and lines of the theory.

    pytest benchmarks/test_theory.py --benchmark-group-by=group

The first round compiles (or loads the compiled code) and is left out.
"""

import numpy as np
import pytest
from paired import in_turn, report

import theory
from hebbian import Dense, Exponential, Hopfield, Supervised, Unsupervised
from phase_diagrams.grid import Grid
from phase_diagrams.prediction import predict

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


@pytest.mark.benchmark(group="100 points of a line for 300 examples")
@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
@pytest.mark.parametrize(
    "line", ["spinodal_temperature", "transition_temperature", "replicon_temperature"]
)
def test_line_of_a_fine_law(benchmark, line, rule, order):
    model = Dense(order=order, rule=rule(quality=0.2, n_examples=300))
    alpha = np.linspace(0, theory.critical_load(model), 100)
    T = benchmark.pedantic(getattr(theory, line), (model, alpha), rounds=3, warmup_rounds=1)
    assert np.isfinite(T).any()


@pytest.mark.benchmark(group="capacity for 100 qualities of 300 examples")
@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
def test_capacity_over_quality(benchmark, rule):
    def capacities():
        return [
            theory.critical_load(Dense(order=4, rule=rule(quality=r, n_examples=300)))
            for r in np.linspace(0.1, 0.3, 100)
        ]

    assert np.isfinite(benchmark.pedantic(capacities, rounds=3, warmup_rounds=1)).all()


@pytest.mark.benchmark(group="200 x 200 diagram: order parameters, phases and all lines")
@pytest.mark.parametrize(
    ("model", "loads"), [(Hopfield(), 0.2), (Dense(order=4), 0.6), (NOISY, 0.6)], ids=str
)
def test_diagram(benchmark, model, loads):
    axes = {"alpha": np.linspace(0, loads, 200), "T": np.linspace(0, 1.1, 200), "n_spins": [100]}
    grid = Grid(model, axes)
    diagram = benchmark.pedantic(predict, (grid, "pattern", "binomial"), rounds=3, warmup_rounds=1)
    assert diagram.phase.max() > 0


@pytest.mark.benchmark(group="cost per grid point: the same for every size of the grid")
@pytest.mark.parametrize("side", [25, 50, 100, 200, 400])
def test_cost_is_linear(benchmark, side):
    alpha, T = np.linspace(0, 0.6, side)[:, None], np.linspace(0, 1.1, side)
    benchmark.pedantic(
        theory.solve, (Dense(order=4),), {"alpha": alpha, "T": T}, rounds=3, warmup_rounds=1
    )
    benchmark.extra_info["microseconds per point"] = benchmark.stats["min"] / side**2 * 1e6


@pytest.mark.benchmark(group="200 x 200 diagram in closed form: parameters, phases, lines")
@pytest.mark.parametrize("sharpness", [0.25, 1.0, 4.0])
def test_diagram_in_closed_form(benchmark, sharpness):
    """A small part of 0.2 s, seen beside a hundred hyperbolic tangents of such a grid."""
    axes = {"alpha": np.linspace(0, 0.69, 200), "T": np.linspace(0, 3, 200), "n_spins": [30]}
    grid, plane = Grid(Exponential(sharpness=sharpness), axes), np.ones((100, 200, 200))

    def diagram():
        return predict(grid, "pattern", "binomial")

    def yardstick():
        return np.tanh(plane)

    found = benchmark.pedantic(diagram, rounds=3, warmup_rounds=1)
    assert found.phase.max() > 0
    seconds = in_turn([diagram, yardstick], 5).min(axis=0)
    report(benchmark, diagram=float(seconds[0]), yardstick=float(seconds[1]))
    assert seconds[0] < 5 * seconds[1]
