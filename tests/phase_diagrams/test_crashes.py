import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path

import crashes
import numpy as np
import pytest

import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.stores.groups import damages, lacks_theory
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps import batches, running
from phase_diagrams.sweeps.batches import Failure, Report, Success
from phase_diagrams.sweeps.clusters import ExecutorLost
from phase_diagrams.sweeps.dispatch import DEATHS, Task, outcomes

pytestmark = pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="reads the process table of Linux"
)

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}

#: One point takes minutes.
SLOW = [
    "--set", "settings.sweeps=5000000", "--set", "settings.stride=5000",
    "--set", "settings.theory=false",
]  # fmt: skip


@pytest.mark.heavy
def test_sweeps_killed_at_random_end_bit_for_bit(tmp_path):
    killed, completed = crashes.survive(tmp_path, "process:2", 4, random.Random(4))
    assert killed == 4
    assert completed >= 1


@pytest.mark.heavy
def test_a_dead_worker_is_replaced_and_the_sweep_goes_on(tmp_path):
    out = tmp_path / "study.zarr"
    process = crashes.start(out, "process:2", "--set", "settings.theory=false")
    assert crashes.wait_for(out, process, 2)
    victims = crashes.workers(process)
    assert len(victims) == 2
    code, _, errors = crashes.kill(process, "worker")
    assert (code, errors) == (0, "")
    assert Store(out).counts()["done"] == 24


def test_resuming_computes_the_missing_points_and_no_other(settings, tmp_path, monkeypatch):
    out = tmp_path / "study.zarr"
    compute, computed = batches.compute, []

    def count(batch, *rest):
        if len(computed) == 4:
            computed.append(None)
            raise KeyboardInterrupt
        computed.append(batch[0].index)
        return compute(batch[:1], *rest)

    monkeypatch.setattr(batches, "compute", count)
    with pytest.raises(KeyboardInterrupt):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    assert Store(out).counts()["done"] == 4
    phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)
    assert computed == [(0, 0), (0, 1), (0, 2), (1, 0), None, (1, 1), (1, 2)]


def interrupted(out, executor, kind, *arguments):
    """Start a sweep, interrupt it, and return the seconds from the signal to its end."""
    process = crashes.start(out, executor, *arguments)
    deadline = time.monotonic() + 60
    while not Store(out).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    n_workers = 2 if executor == "process:2" else 0
    while len(crashes.workers(process)) < n_workers and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    sent = time.monotonic()
    # A terminal interrupts the whole group, a batch system ends the command.
    (os.killpg if kind == signal.SIGINT else os.kill)(process.pid, kind)
    _, errors = process.communicate(timeout=60)
    seconds = time.monotonic() - sent
    assert process.returncode == 130
    assert errors == f"hebbian: error: interrupted: {out} keeps what is done\n"
    assert not crashes.workers(process)
    return seconds


@pytest.mark.alone
@pytest.mark.parametrize(
    ("executor", "kind"), [("serial", signal.SIGTERM), ("process:2", signal.SIGINT)]
)
def test_signals_stop_a_sweep_in_a_moment(executor, kind, tmp_path):
    out = tmp_path / "study.zarr"
    assert interrupted(out, executor, kind, *SLOW) < 5  # the point under way takes minutes
    assert Store(out).counts()["pending"] == 24


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_interrupt_inside_compiled_code_is_one(depth, settings, tmp_path, monkeypatch):
    def interrupted(*_):
        error = KeyboardInterrupt()
        for _ in range(depth):
            wrapped = SystemError("returned a result with an exception set")
            wrapped.__cause__ = error
            error = wrapped
        raise error

    monkeypatch.setattr(running, "predicted", interrupted)
    out = tmp_path / "study.zarr"
    with pytest.raises(KeyboardInterrupt, match="keeps what is done"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    monkeypatch.setattr(running, "predicted", lambda *_: (_ for _ in ()).throw(SystemError("bug")))
    with pytest.raises(SystemError, match="bug"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)


def test_a_signal_stops_the_theory_and_leaves_a_store(tmp_path):
    out = tmp_path / "study.zarr"
    grid = ["--set", "grid.alpha=0.01:0.2:300", "--set", "grid.T=0.01:1.2:300"]
    grid += ["--set", "grid.n_spins=2000"]
    interrupted(out, "serial", signal.SIGINT, *grid)
    store = Store(out)
    assert store.counts()["pending"] == 90_000
    assert lacks_theory(store, store.parts()[0])
    assert damages(store) == []
    assert list(phase_diagrams.open(out).children) == ["simulation"]


def test_theory_alone_is_interrupted_and_resumed(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    out = tmp_path / "study.zarr"
    monkeypatch.setattr(running, "predicted", interrupt)
    with pytest.raises(KeyboardInterrupt, match="keeps what is done"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, simulate=False)
    monkeypatch.undo()
    assert Store(out).counts()["pending"] == 6
    with pytest.raises(ValueError, match="6 of 6 points and its theory pending: resume it"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, simulate=False)
    tree = phase_diagrams.sweep(Hopfield(), GRID, out=out, simulate=False, resume=True)
    assert Store(out).counts()["done"] == 6
    assert tree["theory/q"].notnull().all()


HANG = """
import os, signal, sys, threading, time
from phase_diagrams.leaving import Departure
Departure().words = "interrupted: a.zarr keeps what is done"
threading.Timer(0.1, os.kill, (os.getpid(), {kind})).start()
try:
    time.sleep(60)
finally:
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["signal.SIGINT", "signal.SIGTERM"])
def test_a_command_that_hangs_when_interrupted_ends_all_the_same(kind):
    script = HANG.format(kind=kind)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr == "hebbian: error: interrupted: a.zarr keeps what is done\n"


def test_a_study_that_the_theory_refuses_leaves_no_store(settings, tmp_path, monkeypatch):
    def refuse(*_):
        raise ValueError("not for this model")

    out = tmp_path / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    monkeypatch.setattr(running, "predicted", refuse)
    with pytest.raises(ValueError, match="not for this model"):
        phase_diagrams.sweep(Hopfield(), GRID, out=tmp_path / "new.zarr", **settings)
    assert [path.name for path in tmp_path.iterdir()] == ["study.zarr"]
    shutil.rmtree(out / "theory")
    with pytest.raises(ValueError, match="not for this model"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)
    assert Store(out).counts()["done"] == 6


def die(batch, settings, *_):
    if any(cell.T == 0.6 for cell in batch):
        os._exit(1)
    row = [Success("numba", np.zeros(13 + settings.n_samples))]
    return Report(row * len(batch), 0.001)


@pytest.mark.heavy
def test_a_point_that_kills_its_workers_fails_alone(settings, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(batches, "compute", die)
    tree = phase_diagrams.sweep(
        Hopfield(), GRID, out=tmp_path / "a.zarr", executor="process:2", theory=False, **settings
    )
    np.testing.assert_array_equal(tree["simulation/status"], [[1, 2, 1], [1, 2, 1]])
    assert caplog.text.count("T=0.6") == caplog.text.count("failed: BrokenProcessPool") == 2


def futures(script, seconds=1.0):
    """Make a `submit` that follows a script: exceptions for the attempts at every task."""
    attempts = dict.fromkeys(script, 0)

    def submit(batch):
        future = Future()
        errors = [script[cell][min(attempts[cell], len(script[cell]) - 1)] for cell in batch]
        for cell in batch:
            attempts[cell] += 1
        error = next((e for e in errors if e is not None), None)
        if error is None:
            future.set_result(Report([Success("", cell) for cell in batch], seconds))
        else:
            future.set_exception(error)
        return future

    return submit, attempts


def numbered(n):
    return (Task(i, i) for i in range(n))


def test_deaths_are_forgiven_a_bounded_number_of_times():
    dead = BrokenExecutor("dead")
    submit, attempts = futures({0: [dead, None], 1: [dead], 2: [None], 3: [ValueError("bad")]})
    ended = {task.position: found for task, found in outcomes(numbered(4), submit)}
    assert ended[0] == Success("", 0)
    assert ended[2] == Success("", 2)
    assert ended[1] == Failure("BrokenExecutor", "dead")
    assert ended[3] == Failure("ValueError", "bad")
    assert attempts == {0: 2, 1: DEATHS, 2: 1, 3: 1}


@pytest.mark.parametrize("poison", [(7,), (200, 201), (0, 499)])
def test_poisoned_points_of_batches_fail_alone(poison):
    script = {i: [BrokenExecutor("dead")] if i in poison else [None] for i in range(500)}
    submit, attempts = futures(script, seconds=0.0)
    ended = list(outcomes(numbered(500), submit))
    assert sorted(task.position for task, _ in ended) == list(range(500))
    assert {task.position for task, found in ended if isinstance(found, Failure)} == {*poison}
    assert max(attempts.values()) <= DEATHS + 7


def test_a_lost_executor_ends_the_sweep():
    submit, _ = futures({0: [None], 1: [ExecutorLost("gone")]})
    with pytest.raises(ExecutorLost, match="gone"):
        dict(outcomes(numbered(2), submit))


def test_a_bounded_number_is_under_way():
    pending, most = [], 0

    def report(future):
        future.set_result(Report([Success("", None)], 1.0))

    def submit(batch):
        nonlocal most
        pending.append(Future())
        most = max(most, sum(not future.done() for future in pending))
        if len(pending) - sum(f.done() for f in pending) >= 5 or batch[0] > 90:
            report(next(f for f in pending if not f.done()))
        return pending[-1]

    results = outcomes(numbered(100), submit, ahead=5)
    ended = 0
    for _ in results:
        ended += 1
        for future in [future for future in pending if not future.done()][:1]:
            report(future)
    assert (ended, most) == (100, 5)


def test_a_worker_of_another_version_computes_nothing(settings, tmp_path, monkeypatch):
    compute = batches.compute

    def older(*arguments):
        return compute(*arguments[:-1], "0.0.0")

    monkeypatch.setattr(batches, "compute", older)
    out = tmp_path / "study.zarr"
    with pytest.raises(BrokenExecutor, match="the worker runs version"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, theory=False, **settings)
    assert Store(out).counts()["pending"] == 6


def test_unused_processes_end(tmp_path):
    process = subprocess.Popen(
        crashes.command(tmp_path / "study.zarr", "--n-samples", "0"), stderr=subprocess.DEVNULL
    )
    assert process.wait(60) == 2
    assert list(tmp_path.iterdir()) == []
