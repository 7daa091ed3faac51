"""A sweep that is killed inside a long point goes on inside it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import crashes
import numpy as np
import pytest
from long_runs import sweeps_in

import montecarlo
import phase_diagrams
from hebbian import Hopfield
from montecarlo.engine import archive
from montecarlo.engine.checkpoint import Checkpoint
from phase_diagrams.grid import Grid
from phase_diagrams.results import DONE
from phase_diagrams.settings import Settings
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps import batches, cells, checkpoints
from phase_diagrams.sweeps.checkpoints import Checkpoints

pytestmark = pytest.mark.heavy

LONG = {
    "grid": {"alpha": 0.1, "T": 0.5}, "n_spins": 100, "n_samples": 1, "n_replicas": 2,
    "schedule": montecarlo.Schedule(warmup=0, sweeps=200_000, stride=1000), "theory": False,
}  # fmt: skip

#: Writes the progress about once a second of work.
PROGRAM = """
import sys
import phase_diagrams, test_long_points
from hebbian import Hopfield
from phase_diagrams.sweeps import checkpoints
if __name__ == "__main__":
    checkpoints.EVERY = 0.001
    out, executor = sys.argv[1:]
    phase_diagrams.sweep(Hopfield(), out=out, executor=executor, **test_long_points.LONG)
"""


@pytest.fixture
def resumed(monkeypatch):
    """Sweeps that were there when a point was begun."""
    found, ledger = [], Checkpoint.ledger

    def noted(self, *arguments):
        opened = ledger(self, *arguments)
        found.append(opened.sweeps)
        return opened

    monkeypatch.setattr(Checkpoint, "ledger", noted)
    return found


def files(out):
    return list(out.glob("cells/*/rows/checkpoints/[!.]*"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), out=out, **LONG)
    assert files(out) == []
    return out


@pytest.mark.parametrize("executor", ["serial", "process:1"])
def test_a_killed_sweep_goes_on_inside_its_point(executor, whole, resumed, tmp_path):
    out = tmp_path / "study.zarr"
    folders = [str(folder) for folder in Path(__file__).parents[:2]]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(out), executor],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)}, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (kept := files(out)) or sum(sweeps_in(*kept)) == 0:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert Store(out).counts()["pending"] == 1
    (done,) = sweeps_in(*kept)
    assert done > 0
    tree = phase_diagrams.open(out)
    assert tree["simulation/status"] == 0
    phase_diagrams.sweep(Hopfield(), out=out, resume=True, **LONG)
    assert len(resumed) == 1
    assert resumed[0] >= done
    assert crashes.rows(out) == crashes.rows(whole)
    assert not Store(out).journal.checkpoints.exists()


SHORT = {"n_samples": 2, "n_replicas": 1, "warmup": 2, "sweeps": 40, "stride": 2}


@pytest.fixture
def point():
    (cell,) = Grid(Hopfield(), {"alpha": 0.1, "T": 0.5, "n_spins": 30}).cells()
    return cell


def test_a_quick_point_writes_no_file(point, tmp_path):
    kept = Checkpoints(str(tmp_path), 10.0)
    (run,) = kept.simulate_row([point], Settings(**SHORT))
    assert list(tmp_path.iterdir()) == []
    plain = cells.simulate(point, Settings(**SHORT))
    np.testing.assert_array_equal(run.series["m"], plain.series["m"])


def test_an_interrupt_keeps_the_progress(point, tmp_path, resumed):
    """Serial sweeps and workers alike, long before the file is due."""
    kept, settings = Checkpoints(str(tmp_path), 10.0), Settings(**{**SHORT, "sweeps": 4_000_000})

    def interrupted(*_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGALRM, interrupted)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            kept.simulate_row([point], settings)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert kept.path(point).exists()
    (done,) = sweeps_in(kept.path(point))
    assert 0 < done < 2 * 4_000_000
    with pytest.raises(ZeroDivisionError):
        resume_and_stop(kept, point, settings)
    assert resumed == [0, done]


def resume_and_stop(kept, point, settings):
    """Open the ledger and go no further."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("montecarlo.engine.running._share_out", lambda *_: 1 / 0)
        kept.simulate_row([point], settings)


@pytest.mark.parametrize(
    "content", ["damaged", "another row", "in use", "changed", "forged", "folder", "pipe"]
)
def test_a_checkpoint_of_no_use_costs_nothing(content, point, tmp_path):
    kept, settings = Checkpoints(str(tmp_path), 10.0), Settings(**SHORT)
    file = kept.path(point)
    holder = None
    if content == "damaged":
        file.write_bytes(b"rubbish")
    elif content == "folder":
        (file / "inside").mkdir(parents=True)
    elif content == "pipe":
        os.mkfifo(file)
    elif content in ("changed", "forged"):
        finished = Checkpoint(file, 10.0, {"run": "point"})
        cells.simulate(point, settings, checkpoint=finished)
        finished.close()
        identity, (part,) = archive.read(file)
        m = part.chains[0].arrays["series/m"]
        if content == "forged":  # by a seal that is right
            part.chains[0].arrays["series/m"] = m[1:]
            with file.open("w+b") as stream:
                archive.write(stream, identity, [part])
        else:
            whole = file.read_bytes()
            file.write_bytes(whole.replace(m.tobytes(), (m / 2).tobytes()))
            assert file.read_bytes() != whole
    else:
        cells.simulate(point, settings, T=[0.5, 0.6], checkpoint=str(file))
        if content == "in use":
            holder = Checkpoint(file, 10.0, {"run": "simulate"})
    (run,) = kept.simulate_row([point], settings)
    plain = cells.simulate(point, settings)
    np.testing.assert_array_equal(run.series["m"], plain.series["m"])
    if holder is not None:
        holder.close()


def test_workers_that_do_not_see_the_folder_go_without(point, tmp_path):
    kept = Checkpoints(str(tmp_path / "elsewhere"), 1e-9)
    (run,) = kept.simulate_row([point], Settings(**SHORT))
    assert run.series["m"].size
    assert list(tmp_path.iterdir()) == []


def test_a_point_that_fails_says_why_and_keeps_nothing(tmp_path, monkeypatch, caplog):
    def bad(model, **arguments):
        if arguments["schedule"].sweeps:
            raise ValueError("it is tepid")
        return simulate(model, **arguments)

    simulate = montecarlo.simulate
    monkeypatch.setattr(montecarlo, "simulate", bad)
    out = tmp_path / "study.zarr"
    phase_diagrams.sweep(Hopfield(), out=out, **LONG)
    assert "ValueError: it is tepid" in caplog.text
    assert files(out) == []


def test_progress_moves_with_a_grid_that_grows(tmp_path, monkeypatch):
    out = tmp_path / "study.zarr"
    grid = {"alpha": 0.1, "T": [0.5, 0.9]}
    options = {"n_spins": 30, "theory": False, "schedule": montecarlo.Schedule(sweeps=50)}

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batches, "compute", die)
        with pytest.raises(KeyboardInterrupt):
            phase_diagrams.sweep(Hopfield(), grid, out=out, **options)
    kept = Checkpoints(str(Store(out).journal.checkpoints), 1e-9)
    cell = next(Store(out).study().grid.cells())
    kept.path(cell).write_bytes(b"progress")
    seen = []
    compute = batches.compute

    def look(batch, settings, n_patterns, n_threads, place, version):
        seen.append(place.path(batch[0]).exists())
        return compute(batch, settings, n_patterns, n_threads, place, version)

    monkeypatch.setattr(batches, "compute", look)
    wider = {**grid, "T": [0.3, 0.5, 0.9]}
    tree = phase_diagrams.sweep(Hopfield(), wider, out=out, resume=True, **options)
    assert True in seen
    assert (tree["simulation/status"] == DONE).all()
    assert files(out) == []
    assert checkpoints.EVERY == 10.0


def test_a_stored_row_keeps_no_checkpoint(tmp_path, monkeypatch):
    compute, left = batches.compute, []

    def look(batch, settings, n_patterns, n_threads, place, version):
        left.append(len(list(Path(place.folder).iterdir())))
        report = compute(batch[:1], settings, n_patterns, n_threads, place, version)
        place.path(batch[0]).touch()
        return report

    monkeypatch.setattr(batches, "compute", look)
    monkeypatch.setattr(checkpoints, "EVERY", 1e-9)  # a file may be there from the start
    grid, schedule = {"alpha": 0.1, "T": [0.3, 0.5, 0.9]}, montecarlo.Schedule(sweeps=20)
    phase_diagrams.sweep(
        Hopfield(), grid, n_spins=30, theory=False, schedule=schedule, out=tmp_path / "a.zarr"
    )
    assert left == [0, 0, 0]
