"""Every kind of run, stopped at any moment and begun again, gives the same bits."""

import copy
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import long_runs
import numpy as np
import pytest
from long_runs import LENGTHS, RUNS, assert_same_bits, bits, simulate, sweeps_in

import montecarlo
from hebbian import Hopfield
from montecarlo import Schedule
from montecarlo.engine.checkpoint import Checkpoint
from montecarlo.engine.ledger import Ledger

pytestmark = pytest.mark.heavy


def start(kind, checkpoint, out):
    program = long_runs.__file__
    environment = {**os.environ, "PYTHONPATH": str(Path(montecarlo.__file__).parents[1])}
    arguments = [sys.executable, program, kind, str(checkpoint), str(out)]
    return subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(signal.SIGINT, "simulate"), (signal.SIGTERM, "ramp"), (signal.SIGKILL, "temper")],
)
def test_killed_processes_are_resumed(number, kind, tmp_path):
    checkpoint, out = tmp_path / "run.ckpt.npz", tmp_path / "bits.npz"
    rng = np.random.default_rng(int(number))
    reached = []
    for _ in range(2):
        process = start(kind, checkpoint, out)
        while sweeps_in(checkpoint) <= reached and process.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        assert process.returncode != 0, "the run ended before it was killed: nothing was tested"
        if number == signal.SIGINT:
            assert complaint.rstrip().endswith("KeyboardInterrupt")
            assert "Stopped" not in complaint
        else:
            assert process.returncode == -number
        assert sweeps_in(checkpoint) > reached
        reached = sweeps_in(checkpoint)
    done = start(kind, checkpoint, out)
    _, complaint = done.communicate(timeout=120)
    assert done.returncode == 0, complaint
    with np.load(out) as found:
        assert_same_bits(dict(found), bits(RUNS[kind](LENGTHS[kind], n_threads=1)))


@pytest.fixture(scope="module", params=RUNS)
def kind(request):
    """A kind of run and what it gives undisturbed."""
    run = RUNS[request.param]
    return run, bits(run(n_threads=1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_at_any_moment(number, kind, tmp_path, monkeypatch):
    run, whole = kind
    path, rng = tmp_path / "run.npz", np.random.default_rng(int(number))
    looks = {"left": 2}
    look = Ledger.look

    def nervous(self, entries, save, kept):
        looks["left"] -= 1
        if looks["left"] == 0:
            os.kill(os.getpid(), number)
        return look(self, entries, save, kept)

    monkeypatch.setattr(Ledger, "look", nervous)
    monkeypatch.setattr(montecarlo.engine.chains, "PATIENCE", 1e-3)
    before = signal.signal(number, lambda *_: None)  # a program that would survive
    stops, reached = 0, []
    try:
        while True:
            try:
                found = run(checkpoint=path, n_threads=1 + stops % 2)
                break
            except KeyboardInterrupt:
                stops += 1
                assert sweeps_in(path) >= reached
                reached = sweeps_in(path)
                looks["left"] = int(rng.integers(2, 60))
    finally:
        signal.signal(number, before)
    assert stops > 0
    assert_same_bits(bits(found), whole)


def test_the_file_can_be_taken_up_after_any_save(kind, tmp_path, monkeypatch):
    """What a process that dies without a word leaves behind."""
    run, whole = kind
    saves = []
    save = Checkpoint.save

    def copying(self):
        save(self)
        saves.append(tmp_path / f"{len(saves)}.npz")
        shutil.copy(self.path, saves[-1])

    monkeypatch.setattr(Checkpoint, "save", copying)
    monkeypatch.setattr(montecarlo.engine.chains, "PATIENCE", 1e-3)
    assert_same_bits(bits(run(checkpoint=tmp_path / "run.npz", checkpoint_every=1e-5)), whole)
    monkeypatch.undo()
    underway = [path for path in saves[:-1] if sweeps_in(path) != sweeps_in(saves[-1])]
    assert underway
    for path in np.random.default_rng(len(saves)).choice(underway, 2):
        assert_same_bits(bits(run(checkpoint=path, n_threads=2)), whole)


def test_what_is_kept_does_not_change_while_the_run_goes_on(kind, monkeypatch):
    """It is written by another thread, at a moment of its own."""
    look, seen = Ledger.look, []

    def keeping(self, entries, save, kept):
        if len(seen) < 40:
            seen.extend((p.arrays, copy.deepcopy(p.arrays)) for p in save())
        return look(self, entries, save, kept)

    monkeypatch.setattr(Ledger, "look", keeping)
    kind[0](n_threads=1)
    assert seen
    for arrays, before in seen:
        for name, array in before.items():
            np.testing.assert_array_equal(arrays[name], array)


def test_a_complete_file_is_the_result(kind, tmp_path, monkeypatch):
    def busy(*_):
        raise AssertionError("nothing is left to run")

    run, whole = kind
    path = tmp_path / "run.npz"
    run(checkpoint=path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    monkeypatch.setattr(Ledger, "look", busy)
    assert_same_bits(bits(run(checkpoint=str(path))), whole)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("temper", {"T": [0.3, 0.5, 0.9]}, r"T = \[0.3, 0.5, 0.8\] there, \[0.3, 0.5, 0.9\] here"),
        ("temper", {"exchange_every": 1}, "exchange_every = 3 there, 1 here"),
        ("temper", {"patterns": [1]}, r"patterns = \[0\] there, \[1\] here"),
        ("temper", {"start": np.ones(60)}, "start = 'random' there, '"),
        ("ramp", {"T": [0.3, 0.9, 0.4]}, r"T = \[0.3, 0.9, 0.3\] there, \[0.3, 0.9, 0.4\] here"),
        ("ramp", {"carry": False}, "carry = True there, False here"),
        ("ramp", {"dynamics": "metropolis"}, "dynamics = 'glauber' there, 'metropolis' here"),
        ("load_ramp", {"alpha": [0.02, 0.2]}, "alpha = "),
        ("trajectories", {"dynamics": "mean-field"}, "dynamics = 'plefka' there, 'mean-field'"),
        ("plefka", {"damping": 0.5}, "damping = 0.9 there, 0.5 here"),
        ("tune_ladder", {"target": 0.4}, "target = 0.3 there, 0.4 here"),
        ("tune_ladder", {"seed": 1}, "seed = 3 there, 1 here"),
        ("basin", {"overlaps": [0.2, 0.5]}, "overlaps = "),
        ("equilibrated", {"n_samples": 1}, "n_samples = 2 there, 1 here"),
    ],
)
def test_the_file_of_another_run_is_refused_and_kept(name, changes, message, tmp_path):
    path = tmp_path / "run.npz"
    RUNS[name](checkpoint=path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(ValueError, match=message) as caught:
        RUNS[name](**changes, checkpoint=path)
    assert "belongs to another run" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_no_kind_of_run_takes_the_file_of_another_kind(tmp_path):
    """Not even the first step of a ramp, which is a plain run."""
    path = tmp_path / "run.npz"
    ramp = RUNS["ramp"](checkpoint=path)
    message = "belongs to another run: run = 'ramp' there, 'simulate' here"
    with pytest.raises(ValueError, match=message):
        simulate(T=0.3, n_spins=60, schedule=Schedule(**ramp.settings["schedule"]), checkpoint=path)


def test_a_bad_argument_leaves_no_file(tmp_path):
    for name, run in RUNS.items():
        with pytest.raises(ValueError, match="seed = -1"):
            run(seed=-1, checkpoint=tmp_path / name)
        with pytest.raises(ValueError, match=r"checkpoint_every = 0\.0"):
            run(checkpoint=tmp_path / name, checkpoint_every=0)
    assert not list(tmp_path.iterdir())


def test_what_changes_the_analysis_alone_reads_the_same_file(tmp_path):
    path = tmp_path / "basin.npz"
    strict = RUNS["basin"](threshold=1.0, checkpoint=path)
    mild = RUNS["basin"](threshold=0.0, checkpoint=path)
    assert (mild.success.mean == 1.0).all()
    np.testing.assert_array_equal(mild.final, strict.final)
    montecarlo.equilibrated(
        Hopfield(), alpha=0.1, T=1.0, n_spins=20, limit=1.0, checkpoint=tmp_path / "two.npz"
    )
    montecarlo.equilibrated(
        Hopfield(), alpha=0.1, T=1.0, n_spins=20, limit=3.0, checkpoint=tmp_path / "two.npz"
    )
