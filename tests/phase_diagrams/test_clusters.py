import signal
import socket
import threading
import time
from concurrent.futures import BrokenExecutor

import crashes
import pytest
from dask_cluster import Scheduler

import montecarlo
import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps import clusters, slurm
from phase_diagrams.sweeps.clusters import ExecutorLost
from phase_diagrams.sweeps.executors import open_executor

pytestmark = pytest.mark.heavy

pytest.importorskip("distributed")

GRID = {"alpha": [0.02, 0.1], "T": [0.1, 0.5, 0.9]}
SETTINGS = {
    "n_spins": 150, "schedule": montecarlo.Schedule(warmup=50, sweeps=2000), "theory": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    out = tmp_path_factory.mktemp("reference") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **SETTINGS)
    return crashes.rows(out)


def soon(action, out, points):
    """Act in a thread once some points are stored."""

    def watch():
        deadline = time.monotonic() + 60
        while crashes.n_done(out) < points and time.monotonic() < deadline:
            time.sleep(0.002)
        action()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_sweep_survives_the_death_of_every_worker(scheduler, reference, tmp_path):
    out = tmp_path / "study.zarr"

    def replace():
        for worker in scheduler.workers:
            worker.kill()
        scheduler.hire()

    thread = soon(replace, out, 2)
    tree = phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=scheduler.name, **SETTINGS)
    thread.join()
    assert (tree["simulation/status"] == 1).all()
    assert crashes.rows(out) == reference


def test_an_executor_of_a_client_is_taken_as_it_is(scheduler, reference, tmp_path):
    from distributed import Client

    out = tmp_path / "study.zarr"
    with Client(scheduler_file=str(scheduler.file), set_as_default=False) as client:
        pool = client.get_executor()
        phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=pool, **SETTINGS)
    assert crashes.rows(out) == reference


def test_an_interrupt_does_not_wait_for_the_workers(scheduler, tmp_path):
    out = tmp_path / "study.zarr"
    slow = {**SETTINGS, "schedule": montecarlo.Schedule(sweeps=10**6)}
    thread = threading.Timer(1.5, lambda: signal.raise_signal(signal.SIGINT))
    thread.start()
    with pytest.raises(KeyboardInterrupt, match="keeps what is done"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=scheduler.name, **slow)
    thread.join()
    assert Store(out).counts()["pending"] == 6
    for worker in scheduler.workers:
        worker.kill()
    scheduler.hire()


def test_a_lost_scheduler_is_one_line_and_a_resumable_store(reference, tmp_path, capfd):
    out = tmp_path / "study.zarr"
    scheduler = Scheduler(tmp_path)
    scheduler.hire()
    try:
        thread = soon(scheduler.process.kill, out, 1)
        with pytest.raises(BrokenExecutor, match=r"scheduler is gone; .* resume it"):
            phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=scheduler.name, **SETTINGS)
        thread.join()
        with pytest.raises(OSError, match="no scheduler answers"), open_executor(scheduler.name):
            pass
    finally:
        scheduler.close()
    phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **SETTINGS)
    assert crashes.rows(out) == reference
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dask:", "is not one of"),
        ("dask:nonsense", "no scheduler answers"),
        ("dask:tcp://127.0.0.1:1", "no scheduler answers"),
        ("dask-file:/nowhere/scheduler.json", "there is no file"),
        ("slurm:/nowhere/cluster.toml", "there is no file"),
    ],
)
def test_schedulers_that_are_not_there(name, words):
    with pytest.raises((OSError, ValueError), match=words) as refusal, open_executor(name):
        pass
    assert "\n" not in str(refusal.value)


def test_an_address_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        name = f"dask:tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(OSError, match="silent for 1 s"):
            open_executor(name).__enter__()


def test_a_scheduler_without_workers_is_given_up(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(clusters, "WORKERS", 1.0)
    monkeypatch.setattr("phase_diagrams.sweeps.waiting.SAID", 0.5)
    scheduler = Scheduler(tmp_path)
    out = tmp_path / "study.zarr"
    try:
        with pytest.raises(OSError, match="the scheduler has no workers, waited 1 s"):
            phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=scheduler.name, **SETTINGS)
    finally:
        scheduler.close()
    assert not out.exists()
    assert "waiting for a worker since" in caplog.text
    assert "Control-C" in caplog.text


def test_a_scheduler_that_falls_silent_is_given_up(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(clusters, "LOOK", 0.2)
    monkeypatch.setattr(clusters, "SILENT", 2.0)
    monkeypatch.setattr("phase_diagrams.sweeps.waiting.SAID", 0.5)
    scheduler = Scheduler(tmp_path)
    worker = scheduler.hire()
    try:
        with open_executor(scheduler.name) as pool:
            assert pool.submit(divmod, 7, 2).result(60) == (3, 1)
            future = pool.submit(time.sleep, 60)
            worker.kill()
            deadline = time.monotonic() + 30
            while "no workers, waiting for others" not in caplog.text:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            scheduler.process.send_signal(signal.SIGSTOP)
            with pytest.raises(ExecutorLost, match="has not answered for 2 s"):
                future.result(60)
            with pytest.raises(ExecutorLost, match="has not answered for 2 s"):
                pool.submit(divmod, 7, 2).result(60)
    finally:
        scheduler.close()


def test_a_scheduler_hears_those_with_a_certificate_alone(tmp_path):
    pytest.importorskip("cryptography")
    import dask

    security = slurm._certificates(tmp_path)
    words = ("--protocol", "tls://", "--tls-ca-file", tmp_path / "cert.pem")
    words += ("--tls-cert", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem")
    scheduler = Scheduler(tmp_path, *map(str, words))
    scheduler.hire()

    def known(security):
        return dask.config.set({
            "distributed.comm.tls.ca-file": str(tmp_path / "cert.pem"),
            "distributed.comm.tls.client.cert": security.tls_client_cert,
            "distributed.comm.tls.client.key": security.tls_client_key,
        })  # fmt: skip

    try:
        with pytest.raises(ValueError, match="tls:// needs the certificates"):
            open_executor(scheduler.name).__enter__()
        with known(security), open_executor(scheduler.name) as pool:
            assert pool.submit(divmod, 7, 2).result(60) == (3, 1)
        (tmp_path / "other").mkdir()
        other = slurm._certificates(tmp_path / "other")
        with known(other), pytest.raises(OSError, match="no scheduler answers"):
            open_executor(scheduler.name).__enter__()
    finally:
        scheduler.close()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"address": 3}', '{"address":' + "[" * 100_000])
def test_other_files_are_no_scheduler_files(text, tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(text)
    name = f"dask-file:{file}"
    with (
        pytest.raises(ValueError, match="is not the file of a Dask scheduler"),
        open_executor(name),
    ):
        pass
