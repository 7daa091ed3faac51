"""What a notebook shows of every result: short, readable, and tables in HTML."""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Hopfield, Multitasking

SCHEDULE = montecarlo.Schedule(warmup=2, sweeps=20, stride=2)
SMALL = {"alpha": 0.05, "n_spins": 40, "n_samples": 2, "seed": 1}
RESULTS = {
    "solution": lambda: theory.solve(Hopfield(), alpha=0.05, T=[0.1, 0.2]),
    "multitasking": lambda: theory.solve(Multitasking(n_patterns=2), T=[0.1, 0.2]),
    "run": lambda: montecarlo.simulate(Hopfield(), T=[0.1, 0.2], schedule=SCHEDULE, **SMALL),
    "estimate": lambda: RESULTS["run"]().m,
    "relaxation": lambda: RESULTS["run"]().relaxation(),
    "success": lambda: RESULTS["run"]().success(),
    "ramp": lambda: montecarlo.ramp(Hopfield(), T=[0.1, 0.2], schedule=SCHEDULE, **SMALL),
    "tempered": lambda: montecarlo.temper(Hopfield(), T=[0.1, 0.2], schedule=SCHEDULE, **SMALL),
    "ladder": lambda: montecarlo.tune_ladder(
        Hopfield(), T=[0.2, 0.6], rounds=1, schedule=SCHEDULE, **SMALL
    ),
    "plefka": lambda: montecarlo.plefka(Hopfield(), T=[0.1, 0.2], **SMALL),
    "basin": lambda: montecarlo.basin(
        Hopfield(), T=[0.1, 0.2], overlaps=[0.2, 0.8], schedule=SCHEDULE, **SMALL
    ),
    "equilibrated": lambda: montecarlo.equilibrated(
        Hopfield(), T=[0.1, 0.2], schedule=SCHEDULE, **SMALL
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_readable(name):
    result = RESULTS[name]()
    text, page = repr(result), result._repr_html_()
    assert len(text.splitlines()) < 40
    assert "array(" not in text
    assert page.count("<table") >= 1
    assert page.count("<tr") == page.count("</tr>") >= 2


def test_plefka_of_several_patterns_and_one_temperature():
    fixed = montecarlo.plefka(Multitasking(n_patterns=2), T=0.2, n_spins=60, n_samples=2, seed=1)
    page = fixed._repr_html_()
    for m in np.round(fixed.m.mean(axis=(0, 1)), 6):
        assert str(m) in page
