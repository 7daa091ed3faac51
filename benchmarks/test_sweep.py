"""What the engine costs beside the physics: a point that does nothing, stored 1e4 times.

Yardsticks in the same run: the bare task (submit and result, no_simulation stored) and a line of
JSON per point, appended to a file.  ``--benchmark-columns=mean,stddev,rounds`` shows the
figures; the extra columns are milliseconds per point and megabytes.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from yardsticks import no_simulation

import phase_diagrams
from hebbian import Hopfield, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study
from phase_diagrams.sweeps import batches
from phase_diagrams.sweeps.executors import open_executor
from phase_diagrams.sweeps.sweeping import run

N_POINTS = 10_000


def study(n_points):
    grid = {"alpha": np.linspace(0.01, 0.2, n_points // 100), "T": np.linspace(0.1, 1, 100)}
    return Study(grid=Grid(Hopfield(), {**grid, "n_spins": 100}), settings=Settings(theory=False))


@pytest.fixture
def idle(monkeypatch):
    monkeypatch.setattr(batches, "compute", no_simulation)


def stores(folder):
    number = 0
    while True:
        number += 1
        yield folder / f"{number}.zarr"


@pytest.mark.parametrize("executor", ["serial", "process:2"])
def test_ten_thousand_points(benchmark, idle, executor, tmp_path):
    paths = stores(tmp_path)
    asked = study(N_POINTS)
    benchmark.pedantic(lambda: run(asked, next(paths), executor=executor), rounds=2)
    per_point = 1e3 * benchmark.stats["mean"] / N_POINTS
    benchmark.extra_info["ms_per_point"] = round(per_point, 3)
    assert per_point < 5


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A Dask scheduler and two workers on loopback, which find the modules of this folder."""
    pytest.importorskip("distributed")
    here = Path(__file__).parent
    path = [str(here), str(here.parent / "tests"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    monkeypatch.syspath_prepend(path[1])
    from dask_cluster import Scheduler

    found = Scheduler(tmp_path)
    for _ in range(2):
        found.hire()
    yield found.name
    found.close()


def test_ten_thousand_points_on_dask(benchmark, idle, cluster, tmp_path):
    paths = stores(tmp_path)
    asked = study(N_POINTS)
    benchmark.pedantic(lambda: run(asked, next(paths), executor=cluster), rounds=2)
    per_point = 1e3 * benchmark.stats["mean"] / N_POINTS
    benchmark.extra_info["ms_per_point"] = round(per_point, 3)
    assert per_point < 5


@pytest.mark.parametrize("executor", ["serial", "process:2"])
def test_yardstick_tasks_without_a_store(benchmark, executor):
    asked = study(N_POINTS)
    cell = next(asked.grid.cells())

    def work():
        with open_executor(executor) as pool:
            futures = [pool.submit(no_simulation, [cell], asked.settings) for _ in range(N_POINTS)]
            return [future.result() for future in futures]

    benchmark.pedantic(work, rounds=2)
    benchmark.extra_info["ms_per_point"] = round(1e3 * benchmark.stats["mean"] / N_POINTS, 3)


def test_yardstick_lines_of_json(benchmark, tmp_path):
    rows = [[0.1] * 16] * N_POINTS

    def work():
        with (tmp_path / "lines").open("w") as file:
            for row in rows:
                file.write(json.dumps(row) + "\n")
                file.flush()

    benchmark(work)
    benchmark.extra_info["ms_per_point"] = round(1e3 * benchmark.stats["mean"] / N_POINTS, 3)


def large_study(kind):
    """Return a study of 1e5 points, as many models, or scattered points."""
    if kind == "loads":
        return study(100_000)
    if kind == "models":
        model = Multitasking(rule=Supervised(quality=0.5, n_examples=5))
        values = {"dilution": np.linspace(0, 0.9, 1000), "quality": np.linspace(0.1, 1, 100)}
        grid = Grid(model, {**values, "T": 0.1, "n_spins": 100})
    else:
        alpha, T = np.random.default_rng(1).random((2, 100_000))
        grid = Grid(Hopfield(), {"points": {"alpha": alpha, "T": T}, "n_spins": 100})
    return Study(grid=grid, settings=Settings(theory=False))


@pytest.fixture(scope="module", params=["loads", "models", "points"])
def large(request, tmp_path_factory):
    """A store of 1e5 points, all computed, not published: as after a crash at the end."""
    store = Store(tmp_path_factory.mktemp("large") / "study.zarr")
    asked = large_study(request.param)
    store.create(asked)
    with store.journal as journal:
        for position in range(asked.grid.size):
            journal.write(position, 1, position)
    return store.path


def test_opening_a_hundred_thousand_points(benchmark, large):
    tree = benchmark(phase_diagrams.open, large)
    assert tree["simulation/status"].size == 100_000
    assert benchmark.stats["mean"] < 1


def test_counting_a_hundred_thousand_points(benchmark, large):
    assert benchmark(lambda: Store(large).counts())["done"] == 100_000
    assert benchmark.stats["mean"] < 1


@pytest.mark.parametrize("executor", ["serial", "process:2"])
def test_from_a_signal_to_the_end(benchmark, executor, tmp_path):
    """The points of this sweep take minutes; SIGINT reaches it in the middle of them."""
    paths = stores(tmp_path)
    asked = ["--model", "hopfield", "--alpha", "0.05,0.1", "--T", "0.2,0.5", "--n-spins", "1000"]
    asked += ["--sweeps", "5000000", "--set", "settings.theory=false", "--executor", executor]

    def under_way():
        out = next(paths)
        words = [sys.executable, "-m", "phase_diagrams", "sweep", *asked, "--out", str(out)]
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        while not out.exists():
            time.sleep(0.01)
        time.sleep(2)
        return (process,), {}

    def interrupt(process):
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130

    benchmark.pedantic(interrupt, setup=under_way, rounds=3)
    assert benchmark.stats["max"] < 2


MEMORY = """
import resource, sys
import numpy as np
sys.path[:0] = [{here!r}]
import test_sweep
from yardsticks import no_simulation
from phase_diagrams.sweeps import batches
from phase_diagrams.sweeps.sweeping import run
batches.compute = no_simulation
run(test_sweep.study({n}), sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_points(benchmark, tmp_path):
    def peak(n):
        script = MEMORY.format(here=str(__file__.rpartition("/")[0]), n=n)
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / f"{n}.zarr")],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return int(done.stdout)

    few = peak(1000)
    many = benchmark.pedantic(peak, args=(100_000,), rounds=1)
    benchmark.extra_info["MB_at_1e3_points"] = few
    benchmark.extra_info["MB_at_1e5_points"] = many
    assert many - few < 20
