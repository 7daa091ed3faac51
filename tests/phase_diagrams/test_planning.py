"""The time that a dry run announces, on a clock that the points themselves advance."""

import pytest

from hebbian import Hopfield
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study
from phase_diagrams.sweeps import planning

#: Seconds to draw a network, and for a sweep of one chain.
DRAWING, SWEEP = 3.0, 0.01


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]

    def simulate(cell, settings, T=(0.3,), **_):
        chains = settings.n_samples * settings.n_replicas * len(T)
        now[0] += settings.n_samples * DRAWING
        now[0] += chains * (settings.warmup + settings.sweeps) * SWEEP

    monkeypatch.setattr(planning, "simulate", simulate)
    monkeypatch.setattr(planning.time, "perf_counter", lambda: now[0])


@pytest.mark.parametrize("change", [
    {}, {"n_samples": 7}, {"n_replicas": 5}, {"warmup": 900}, {"sweeps": 40},
])  # fmt: skip
def test_the_time_is_that_of_all_samples_chains_and_sweeps(change, clock):
    asked = Settings(**{"n_samples": 4, "n_replicas": 2, "warmup": 100, "sweeps": 300, **change})
    grid = Grid(Hopfield(), {"alpha": 0.1, "T": [0.2, 0.4, 0.6], "n_spins": 50})
    sweeps = asked.n_replicas * (asked.warmup + asked.sweeps) * SWEEP
    row = asked.n_samples * (DRAWING + 3 * sweeps)  # a network is drawn for all temperatures
    study = Study(grid=grid, settings=asked)
    assert planning.estimate_time(study, workers=1) == pytest.approx(row)
    assert planning.estimate_time(study, workers=4, of=5) == pytest.approx(row / 20)
