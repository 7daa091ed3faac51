import itertools

import crashes
import numpy as np
import pytest

import hebbian
import montecarlo
import phase_diagrams
from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.sweeps import batches, cells, dispatch
from phase_diagrams.sweeps.batches import Failure, Report, Success

SHORT = {"n_samples": 3, "warmup": 3, "sweeps": 40, "stride": 2}

MODELS = {
    "hopfield": (Hopfield(), {"alpha": 0.1, "n_spins": 60}, {}),
    "random start": (Hopfield(), {"alpha": 0.1, "n_spins": 61}, {"start": "random"}),
    "dense": (Dense(order=3), {"alpha": 0.1, "n_spins": 24}, {"dynamics": "metropolis"}),
    "examples": (
        Hopfield(rule=Supervised(quality=0.6, n_examples=5)), {"alpha": 0.05, "n_spins": 50},
        {"start": 0.5},
    ),
    "several": (Multitasking(n_patterns=3), {"n_spins": 70}, {"start": "random"}),
    "parallel": (Hopfield(), {"alpha": 0.1, "n_spins": 60}, {"dynamics": "parallel"}),
    "plefka": (Hopfield(), {"alpha": 0.05, "n_spins": 60}, {"dynamics": "plefka"}),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_row_has_the_bits_of_its_points(name):
    model, where, settings = MODELS[name]
    grid = Grid(model, {**where, "T": [0.2, 0.5, 0.9, 1.4]})
    asked = Settings(**SHORT, **settings)
    row = list(grid.cells())
    arguments = (asked, grid.components, 1, None, hebbian.__version__)
    together = batches.compute(row, *arguments).outcomes
    apart = [found for cell in row for found in batches.compute([cell], *arguments).outcomes]
    assert len(together) == len(apart) == 4
    for ours, theirs in zip(together, apart, strict=True):
        assert ours.backend == theirs.backend
        assert ours.values.tobytes() == theirs.values.tobytes()
    assert len({found.values.tobytes() for found in together}) == 4


def test_a_row_is_one_call_of_the_simulation(monkeypatch):
    simulate, called = montecarlo.simulate, []

    def count(model, **arguments):
        called.append((arguments["alpha"], arguments["T"]))
        return simulate(model, **arguments)

    monkeypatch.setattr(montecarlo, "simulate", count)
    grid = Grid(Hopfield(), {"T": [0.2, 0.5], "alpha": [0.1, 0.2], "n_spins": 30})
    batch = [cell for _, cell in grid.numbered()]
    report = batches.compute(batch, Settings(**SHORT), {}, 1, None, hebbian.__version__)
    assert called == [(0.1, [0.2, 0.5]), (0.2, [0.2, 0.5])]
    assert all(isinstance(found, Success) for found in report.outcomes)


def test_numbers_of_points_follow_the_order_of_the_grid():
    grid = Grid(Dense(), {"T": [0.2, 0.5], "order": [3, 4], "alpha": [0.1, 0.2], "n_spins": 30})
    cells_of_grid = list(grid.cells())
    numbered = list(grid.numbered())
    assert sorted(n for n, _ in numbered) == list(range(8))
    assert all(cells_of_grid[n] == cell for n, cell in numbered)
    assert [cell.T for _, cell in numbered] == [0.2, 0.5] * 4
    points = Grid(Hopfield(), {"points": {"alpha": [0.1, 0.2], "T": [0.3, 0.1]}})
    assert list(points.numbered()) == list(enumerate(points.cells()))


def test_one_bad_point_of_a_row_fails_alone(monkeypatch):
    simulate = cells.simulate

    def moody(cell, settings, **changes):
        if 0.5 in changes.get("T", [cell.T]):
            raise FloatingPointError("it is tepid")
        return simulate(cell, settings, **changes)

    monkeypatch.setattr(cells, "simulate", moody)
    grid = Grid(Hopfield(), {"alpha": 0.1, "T": [0.2, 0.5, 0.9], "n_spins": 30})
    report = batches.compute(
        list(grid.cells()), Settings(**SHORT), {}, 1, None, hebbian.__version__
    )
    first, second, third = report.outcomes
    assert isinstance(first, Success)
    assert isinstance(third, Success)
    assert second == Failure("FloatingPointError", "it is tepid")


def sizes(seconds_per_point, n, **options):
    """Return the sizes of the tasks in which n points of this duration are dealt."""
    found = []

    def submit(batch):
        future = dispatch.Future()
        spent = itertools.accumulate(seconds_per_point(cell) for cell in batch)
        n_done = sum(before <= batches.BUDGET for before in [0.0, *spent][:-1])
        found.append(n_done)
        report = Report(
            [Success("", cell) for cell in batch[:n_done]],
            sum(map(seconds_per_point, batch[:n_done])),
        )
        future.set_result(report)
        return future

    tasks = (dispatch.Task(i, i) for i in range(n))
    ended = [task.position for task, _ in dispatch.outcomes(tasks, submit, **options)]
    assert sorted(ended) == list(range(n))
    return found


def test_tasks_are_as_long_as_they_may_be():
    assert sizes(lambda _: 0.0, 200)[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert sizes(lambda _: 3.0, 5) == [1] * 5
    assert max(sizes(lambda _: 0.1, 100)) == 5
    # Points that turn slow: a task ends with the first that takes too long.
    assert max(sizes(lambda i: 0.0 if i < 300 else 9.0, 310)[-9:]) == 1


def test_a_device_gets_whole_rows():
    grid = Grid(Hopfield(), {"alpha": [0.1, 0.2, 0.3], "T": np.linspace(0.1, 1, 20), "n_spins": 9})
    dealt = []

    def submit(batch):
        dealt.append(list(batch))
        future = dispatch.Future()
        future.set_result(Report([Success("", None)] * len(batch), 100.0))
        return future

    tasks = (dispatch.Task(*numbered) for numbered in grid.numbered())
    assert len(list(dispatch.outcomes(tasks, submit, least=lambda _: batches.MOST))) == 60
    assert [len(batch) for batch in dealt] == [20, 20, 20]
    assert [{cell.alpha for cell in batch} for batch in dealt] == [{0.1}, {0.2}, {0.3}]


def dealt(n_alphas, n_T, least, seconds):
    """Return the temperatures of the tasks in which rows of points that slow are dealt."""
    axes = {"alpha": np.linspace(0.1, 0.2, n_alphas), "T": np.linspace(0.1, 1, n_T), "n_spins": 9}
    grid, found = Grid(Hopfield(), axes), []

    def submit(batch):
        found.append([len(row) for row in batches.rows(batch)])
        future = dispatch.Future()
        future.set_result(Report([Success("", None)] * len(batch), seconds))
        return future

    tasks = (dispatch.Task(*numbered) for numbered in grid.numbered())
    ended = [task.position for task, _ in dispatch.outcomes(tasks, submit, least=lambda _: least)]
    assert sorted(ended) == list(range(grid.size))
    return found


def test_points_that_run_together_stay_together():
    # Slow ones, too: half a row would take as long.
    assert dealt(3, 21, 32, 100.0) == [[21]] * 3
    assert dealt(2, 70, 32, 100.0) == [[32], [38]] * 2
    assert dealt(1, 70, 64, 100.0) == [[64], [6]]
    # Quick ones share a task, of whole rows.
    assert dealt(9, 21, 32, 0.0) == [[21], [21, 21], [21] * 3, [21] * 3]
    assert dealt(2, 21, 1, 100.0) == [[1]] * 42


def test_what_runs_together_depends_on_the_kernel():
    (cell,) = Grid(Hopfield(), {"alpha": 0.1, "T": 0.5, "n_spins": 30}).cells()
    for settings, n in (
        ({"dynamics": "parallel", "n_replicas": 4}, 8),
        ({"dynamics": "parallel", "n_replicas": 100}, 1),
        ({"dynamics": "plefka"}, 1),
        ({"backend": "reference"}, 1),
        ({"backend": "cupy", "n_replicas": 4}, batches.MOST),
    ):
        assert batches.least(cell, Settings(**settings)) == n


def test_batches_of_processes_leave_the_same_rows(tmp_path):
    grid = {"T": np.linspace(0.1, 1.2, 12), "alpha": [0.03, 0.1]}
    arguments = {
        "n_spins": 30, "n_samples": 2, "theory": False,
        "schedule": montecarlo.Schedule(warmup=2, sweeps=10),
    }  # fmt: skip
    for name in ("serial", "process:2"):
        phase_diagrams.sweep(
            Hopfield(), grid, executor=name, out=tmp_path / f"{name}.zarr", **arguments
        )
    assert crashes.rows(tmp_path / "serial.zarr") == crashes.rows(tmp_path / "process:2.zarr")
