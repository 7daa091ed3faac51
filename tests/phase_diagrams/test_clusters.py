import signal
import threading
import time
from concurrent.futures import BrokenExecutor
from importlib.util import find_spec

import crashes
import pytest
from dask_cluster import Scheduler

import montecarlo
import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps.executors import open_executor
from phase_diagrams.sweeps.slurm import job_script

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


@pytest.mark.parametrize("text", ["", "[]", "{", '{"address": 3}'])
def test_other_files_are_no_scheduler_files(text, tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(text)
    name = f"dask-file:{file}"
    with (
        pytest.raises(ValueError, match="is not the file of a Dask scheduler"),
        open_executor(name),
    ):
        pass


JOBS = """
jobs = 4
queue = "batch"
cores = 8
processes = 8
memory = "16GB"
walltime = "02:00:00"
interface = "ib0"
job_extra_directives = ["--constraint=avx512"]
job_script_prologue = ["module load python"]
"""


def test_the_script_of_a_slurm_job(tmp_path):
    if find_spec("dask_jobqueue") is None:
        pytest.skip("needs dask-jobqueue")
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS)
    usual = signal.getsignal(signal.SIGINT)
    script = job_script(str(file))
    assert signal.getsignal(signal.SIGINT) is usual  # the package installs its own
    for line in ("-p batch", "--cpus-per-task=8", "-t 02:00:00", "--constraint=avx512"):
        assert f"#SBATCH {line}\n" in script
    assert "\nmodule load python\n" in script
    assert "--nworkers 8" in script
    assert "--nthreads 1 " in script
    assert "--interface ib0" in script


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("jobs = 4", ""), "missing required field `jobs`"),
        (("jobs = 4", "jobs = 0"), r"jobs = 0 is outside the allowed range \[1, inf\)"),
        (("cores = 8", 'cores = "8"'), r"Expected `int`, got `str` - at `\$.cores`"),
        (("queue", "queeu"), "unknown field `queeu`"),
        (("jobs = 4", "jobs = "), "Invalid value"),
    ],
)
def test_descriptions_of_jobs_are_checked(change, words, tmp_path):
    file = tmp_path / "cluster.toml"
    file.write_text(JOBS.replace(*change))
    with pytest.raises(ValueError, match=words) as refusal:
        job_script(str(file))
    assert str(refusal.value).startswith(str(file))
