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

Dask runs whatever it is sent, so nobody is heard without a certificate.  The certificates are
made for one run, in a folder that its user alone may read and every node sees, and go at its
end.  ``security = false`` keeps a scheduler without them on loopback, for a tunnel;
``protocol = "tcp://"`` opens it to everybody who reaches its port.
"""

from __future__ import annotations

import ipaddress
import logging
import shlex
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgspec

from hebbian import documents

from .submitted import Submitted

__all__ = ["Jobs", "job_script", "open_jobs"]


log = logging.getLogger(__name__)

#: Bytes of a description of jobs.
LONGEST = 1 << 20


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
    python, local_directory, log_directory : str
        Interpreter of the workers, and their folders.
    shared_temp_directory : str
        Folder that all nodes see, for the certificates; default: the current one.
    security : bool
        Whether scheduler and workers prove themselves by certificates; default: yes, unless
        the protocol has none.
    protocol : {"tls://", "tcp://"}
    job_cpu : int
    job_mem : str
    job_extra_directives, job_directives_skip, job_script_prologue, worker_extra_args : list
        Lines of the job script, and arguments of the workers.
    scheduler_options : dict
        Of the scheduler in this process, e.g. its ``host`` and ``port``.

    Raises
    ------
    ValueError
        For options that contradict each other.
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
    security: bool | None = None
    protocol: Literal["tls://", "tcp://"] | None = None
    job_cpu: int | None = None
    job_mem: str | None = None
    job_extra_directives: list[str] = []
    job_directives_skip: list[str] = []
    job_script_prologue: list[str] = []
    worker_extra_args: list[str] = []
    scheduler_options: dict[str, str | int | float | bool] = {}

    @property
    def encrypted(self) -> bool:
        """Whether nobody is heard without a certificate."""
        return self.protocol != "tcp://" if self.security is None else self.security

    def __post_init__(self) -> None:
        for name in ("jobs", "cores"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} = {getattr(self, name)} is outside the allowed range [1, inf)"
                )
        for name in sorted({"security", "protocol"} & {*self.scheduler_options}):
            raise ValueError(f"scheduler_options.{name} has no effect there: put it beside them")
        tls = None if self.protocol is None else self.protocol == "tls://"
        if None not in (self.security, tls) and self.security != tls:
            word = str(self.security).lower()
            raise ValueError(f"security = {word} contradicts protocol = {self.protocol!r}")
        if not self.encrypted and self.protocol is None and not self.on_loopback:
            raise ValueError(
                "security = false keeps the scheduler on loopback: "
                "protocol = 'tcp://' opens it to everybody who reaches it"
            )

    @property
    def on_loopback(self) -> bool:
        """Whether the scheduler listens to this machine alone."""
        given = self.scheduler_options
        interfaces = {self.interface, given.get("interface")} - {None, "lo"}
        host = str(given.get("host", "" if self.protocol else "127.0.0.1"))
        try:
            return not interfaces and ipaddress.ip_address(host).is_loopback
        except ValueError:
            return not interfaces and host == "localhost"


def read_jobs(path: str) -> Jobs:
    """Read the description of the jobs.

    Raises
    ------
    ValueError
        In one line that names the file and the place.
    """
    content = documents.contents(path, longest=LONGEST)
    return documents.convert(documents.decode_toml(content, path), Jobs, path)


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


@contextmanager
def _cluster(jobs: Jobs, job_class: type | None = None, **scheduler: Any) -> Iterator[Any]:
    """Open the scheduler, with certificates of its own."""
    dask_jobqueue = _dask_jobqueue()
    options: dict[str, Any] = msgspec.to_builtins(jobs)
    options["job_cls"] = job_class
    for name in ("jobs", "security", "protocol"):
        options.pop(name, None)
    shared = Path(options.pop("shared_temp_directory", ".")).expanduser().resolve()
    # By default the dashboard listens on every interface of the machine, at one fixed port.
    given = {"dashboard_address": "127.0.0.1:0", **options.pop("scheduler_options", {})}
    if not jobs.encrypted:
        if jobs.protocol is None:
            given = {"host": "127.0.0.1", **given}
        options["scheduler_options"] = {**given, **scheduler}
        with dask_jobqueue.SLURMCluster(**options, protocol="tcp://") as cluster:
            yield cluster
        return
    if shlex.quote(str(shared)) != str(shared):
        raise ValueError(f"shared_temp_directory = {str(shared)!r} has a blank or a quote in it")
    options["scheduler_options"] = {**given, **scheduler}
    with TemporaryDirectory(prefix=".hebbian-tls-", dir=shared) as folder:
        security = _certificates(Path(folder))
        with dask_jobqueue.SLURMCluster(**options, protocol="tls://", security=security) as cluster:
            try:
                yield cluster
            finally:
                # Before the jobs are cancelled, which may take longer than an interrupt lasts.
                for file in Path(folder).iterdir():
                    file.unlink()


def _certificates(folder: Path) -> Any:
    """Make a key and a certificate for scheduler, workers and client of one run."""
    security: Any = import_module("distributed.security").Security
    try:
        made = security.temporary()
    except ImportError:
        raise ImportError(
            "executor slurm needs cryptography: pip install 'hebbian-toolkit[slurm]'"
        ) from None
    files = {}
    for name, content in {"cert": made.tls_ca_file, "key": made.tls_client_key}.items():
        file = folder / f"{name}.pem"
        file.touch(mode=0o600)
        file.write_text(content)
        files[name] = str(file)
    roles = {
        f"tls_{role}_{name}": file
        for role in ("client", "scheduler", "worker")
        for name, file in files.items()
    }
    return security(require_encryption=True, tls_ca_file=files["cert"], **roles)


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
def open_jobs(path: str) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Submit the jobs; cancel them at the end.

    Yields
    ------
    cluster : dask_jobqueue.SLURMCluster
    check : callable
        Raises OSError if no job is left that may bring a worker.

    Raises
    ------
    OSError
        If there is no SLURM.
    """
    jobs, name = read_jobs(path), f"executor = 'slurm:{path}'"
    if shutil.which("sbatch") is None:
        raise OSError(f"{name}: there is no command sbatch here")
    if not (jobs.encrypted or jobs.on_loopback):
        log.warning(
            "%s: protocol = 'tcp://': whoever reaches the scheduler's port can run code as you",
            path,
        )
    _dask_jobqueue()
    submitted = Submitted(name, jobs.jobs)
    with _cluster(jobs, submitted.job_class()) as cluster:
        cluster.scale(jobs=jobs.jobs)
        yield cluster, submitted.check
