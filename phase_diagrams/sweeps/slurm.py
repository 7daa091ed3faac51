"""Workers in jobs of a SLURM cluster, through `dask-jobqueue`.

The jobs are described by a TOML file: ``jobs``, their number, and the options of
`dask_jobqueue.SLURMCluster`::

    jobs = 16
    queue = "batch"
    cores = 32
    processes = 32          # one thread each, as the kernels want
    memory = "64GB"
    walltime = "12:00:00"
    job_extra_directives = ["--constraint=avx512"]
"""

from __future__ import annotations

import signal
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Jobs", "job_script", "open_jobs"]


class Jobs(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Options of `dask_jobqueue.SLURMCluster`, and the number of jobs.

    Parameters
    ----------
    jobs : int
        At least 1.
    cores, processes : int
        Of one job; Dask gives every process ``cores / processes`` threads.
    memory, walltime, queue, account, interface : str
        Of one job, in the words of SLURM.
    python, local_directory, log_directory, shared_temp_directory : str
        Interpreter of the workers, and their folders.
    job_cpu : int
    job_mem : str
    job_extra_directives, job_directives_skip, job_script_prologue, worker_extra_args : list
        Lines of the job script, and arguments of the workers.
    scheduler_options : dict
        Of the scheduler in this process, e.g. its ``host`` and ``port``.
    """

    jobs: int
    cores: int
    memory: str
    processes: int | None = None
    walltime: str | None = None
    queue: str | None = None
    account: str | None = None
    interface: str | None = None
    python: str | None = None
    local_directory: str | None = None
    log_directory: str | None = None
    shared_temp_directory: str | None = None
    job_cpu: int | None = None
    job_mem: str | None = None
    job_extra_directives: list[str] = []
    job_directives_skip: list[str] = []
    job_script_prologue: list[str] = []
    worker_extra_args: list[str] = []
    scheduler_options: dict[str, str | int | float | bool] = {}


def read_jobs(path: str) -> Jobs:
    """Read the description of the jobs.

    Raises
    ------
    ValueError
        In one line that names the file and the place.
    """
    try:
        found = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), Jobs)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: {error}") from None
    for name in ("jobs", "cores"):
        if getattr(found, name) < 1:
            raise ValueError(
                f"{path}: {name} = {getattr(found, name)} is outside the allowed range [1, inf)"
            )
    return found


def _dask_jobqueue() -> Any:
    """Import the package, which would turn SIGINT into a silent exit with code 0."""
    usual = signal.getsignal(signal.SIGINT)
    try:
        return import_module("dask_jobqueue")
    except ImportError:
        raise ImportError(
            "executor slurm needs dask-jobqueue: pip install 'hebbian-toolkit[slurm]'"
        ) from None
    finally:
        if signal.getsignal(signal.SIGINT) is not usual:
            signal.signal(signal.SIGINT, usual)


def _cluster(jobs: Jobs, **scheduler: Any) -> Any:
    dask_jobqueue = _dask_jobqueue()
    options: dict[str, Any] = msgspec.to_builtins(jobs)
    del options["jobs"]
    # By default the dashboard listens on every interface of the machine, at one fixed port.
    given = options.get("scheduler_options", {})
    options["scheduler_options"] = {"dashboard_address": "127.0.0.1:0", **given, **scheduler}
    return dask_jobqueue.SLURMCluster(**options)


def job_script(path: str) -> str:
    """Return the script that is submitted for every job, without submitting it.

    Parameters
    ----------
    path : str
        The TOML file.
    """
    with _cluster(read_jobs(path), host="127.0.0.1", interface=None) as cluster:
        return str(cluster.job_script())


@contextmanager
def open_jobs(path: str) -> Iterator[Any]:
    """Submit the jobs; cancel them at the end."""
    jobs = read_jobs(path)
    with _cluster(jobs) as cluster:
        cluster.scale(jobs=jobs.jobs)
        yield cluster
