import logging
import os
import pickle
import signal
import subprocess
import sys
import time
import types
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import forkserver, get_context
from pathlib import Path

import pytest

import hebbian
import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.sweeps import batches, processes, workers
from phase_diagrams.sweeps.batches import UnfitError
from phase_diagrams.sweeps.clusters import ExecutorLost
from phase_diagrams.sweeps.dispatch import Task, outcomes
from phase_diagrams.sweeps.executors import open_executor
from phase_diagrams.sweeps.waiting import Clock

ORPHAN = """
import os, time
from phase_diagrams.sweeps.executors import open_executor
if __name__ == "__main__":
    with open_executor("process:1") as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(100)
"""


def square(x):
    if x < 0:
        raise ValueError("negative")
    return x * x


@pytest.mark.parametrize("name", ["serial", "process:2"])
def test_results_and_errors_come_back(name):
    with open_executor(name) as pool:
        futures = [pool.submit(square, x) for x in (3, -1)]
        assert futures[0].result() == 9
        assert isinstance(futures[1].exception(), ValueError)


def test_workers_use_one_thread():
    with open_executor("process:1") as pool:
        assert pool.submit(os.getenv, "NUMBA_NUM_THREADS").result() == "1"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
def test_control_c_is_not_for_the_server_of_workers():
    """A terminal interrupts the whole group, also while the server still imports."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with open_executor("process:1"):
        server = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/status").read_text()
    blocked = int(server.partition("SigBlk:")[2].split()[0], 16)
    assert blocked >> (signal.SIGINT - 1) & 1
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


def test_a_given_executor_stays_open():
    with ThreadPoolExecutor(1) as given:
        with open_executor(given) as pool:
            assert pool is given
        assert given.submit(square, 2).result() == 4


@pytest.mark.parametrize(
    "name",
    ["", "parallel", "process", "process:", "process:0", "process:-1", "process:x",
     "process:99999999999999999999", "process:1025", "process:²", 3, None],
)  # fmt: skip
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="executor = "), open_executor(name):
        pass


def alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
def test_workers_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(worker)


SWEEP = {"grid": {"alpha": 0.05, "T": [0.1, 0.4]}, "n_spins": 40, "n_samples": 2, "theory": False}


def raises():
    raise ValueError("bad start")


def test_executors_of_the_user_that_never_start(tmp_path):
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    logging.getLogger("concurrent.futures").disabled = True
    pools = [
        ProcessPoolExecutor(1, initializer=raises, mp_context=get_context("forkserver")),
        ThreadPoolExecutor(1, initializer=raises),
        closed,
    ]
    for pool in pools:
        with pytest.raises(OSError, match="no worker starts, nothing was computed"):
            phase_diagrams.sweep(Hopfield(), out=tmp_path / "a.zarr", executor=pool, **SWEEP)
        pool.shutdown()
    logging.getLogger("concurrent.futures").disabled = False
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_workers_cannot_import_computes_nothing(monkeypatch):
    module = types.ModuleType("only_here")
    module.Ours = type("Ours", (), {"__module__": "only_here"})
    monkeypatch.setitem(sys.modules, "only_here", module)
    study = pickle.dumps(module.Ours())
    with open_executor("process:1") as pool:
        error = pool.submit(batches.rehearse, study, hebbian.__version__).exception()
        assert pool.submit(square, 3).result() == 9
    assert isinstance(error, UnfitError)
    assert "No module named 'only_here': workers find models" in str(error)


@pytest.mark.parametrize(
    "error",
    [UnfitError("0.0.0"), ModuleNotFoundError("no hebbian"), pickle.UnpicklingError("odd"),
     RuntimeError("Error during deserialization of the task graph")],
)  # fmt: skip
def test_a_worker_that_cannot_read_a_task_fails_no_point(error):
    future = Future()
    future.set_exception(error)
    with pytest.raises(ExecutorLost, match="a worker cannot compute"):
        list(outcomes(iter([Task(0, 0)]), lambda _: future))


def test_an_executor_that_takes_no_tasks_ends_the_sweep():
    def submit(_):
        raise RuntimeError("cannot schedule new futures after shutdown")

    with pytest.raises(ExecutorLost, match="takes no tasks: cannot schedule"):
        list(outcomes(iter([Task(0, 0)]), submit))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
@pytest.mark.parametrize("whose", ["worker", "server"])
def test_the_end_does_not_wait_for_what_is_stopped(whose):
    with open_executor("process:1") as pool:
        pid = pool.submit(os.getpid).result()
        server = forkserver._forkserver._forkserver_pid
        os.kill(pid if whose == "worker" else server, signal.SIGSTOP)
    assert not alive(pid)
    with open_executor("process:1") as pool:
        assert pool.submit(square, 2).result() == 4


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
def test_a_stopped_worker_is_told_of_and_replaced(monkeypatch, caplog):
    monkeypatch.setattr(processes, "TOLD", 1)
    monkeypatch.setattr(processes, "ENDED", 2)
    with open_executor("process:1") as pool:
        pid = pool.submit(os.getpid).result()
        os.kill(pid, signal.SIGSTOP)
        assert isinstance(pool.submit(os.getpid).exception(timeout=60), BrokenExecutor)
        assert pool.submit(os.getpid).result(timeout=60) != pid
    assert f"process {pid} is stopped: 'kill -CONT {pid}'" in caplog.text


def test_a_worker_killed_at_the_rehearsal_is_replaced(settings, monkeypatch):
    asked = []

    def submit(pool, fn, *task):
        asked.append(fn)
        future = usual(pool, fn, *task)
        if asked.count(fn) == 1 and fn is batches.rehearse:
            future = Future()
            future.set_exception(BrokenExecutor("killed"))
        return future

    usual = processes.Processes.submit
    monkeypatch.setattr(processes.Processes, "submit", submit)
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.05, "T": [0.1, 0.2]}, executor="process:1", **settings
    )
    assert tree["simulation/m"].notnull().all()
    assert asked.count(batches.rehearse) == 2


def test_a_wait_is_told_of_less_and_less_often(monkeypatch, caplog):
    monkeypatch.setattr(time, "monotonic", iter(range(101)).__next__)
    clock = Clock("waiting")
    for _ in range(100):
        clock.tell()
    assert [r.getMessage().split()[2] for r in caplog.records] == ["10", "20", "40", "80"]


def test_workers_know_themselves():
    with open_executor("process:1") as pool:
        assert pool.submit(name_of_this_process).result().startswith(workers.NAME)


def name_of_this_process():
    return get_context().current_process().name
