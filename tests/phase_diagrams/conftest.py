import pytest
from dask_cluster import Scheduler

import montecarlo
import phase_diagrams
from hebbian import Hopfield

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}


@pytest.fixture(scope="session")
def schedule():
    return montecarlo.Schedule(warmup=4, sweeps=20, stride=2)


@pytest.fixture(scope="session")
def settings(schedule):
    return {"n_spins": 40, "n_samples": 3, "schedule": schedule, "seed": 5}


@pytest.fixture(scope="session")
def tree(settings):
    """A complete small study, theory and simulation."""
    return phase_diagrams.sweep(Hopfield(), GRID, **settings)


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory):
    """A Dask scheduler with one worker."""
    pytest.importorskip("distributed")
    found = Scheduler(tmp_path_factory.mktemp("dask"))
    found.hire()
    yield found
    found.close()
