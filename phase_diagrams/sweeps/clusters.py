"""Executors of a cluster: `dask.distributed` through its own Executor interface.

The scheduler and its workers are separate processes, started by hand, by a batch system or
by `dask-jobqueue` (`phase_diagrams.sweeps.slurm`).  Points travel to the workers and their numbers
back; only this process touches the store, so workers need no common folder.  Dask's
protocol runs whatever it is sent: keep a scheduler on loopback
(``dask scheduler --host 127.0.0.1``) or in a trusted network.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["Cluster", "ExecutorLost", "open_cluster"]

#: Seconds in which a scheduler answers.
PATIENCE = 10.0


class ExecutorLost(BrokenExecutor):
    """Nobody is left to compute: unlike the death of one worker, no reason to try again."""


class Cluster(Executor):
    """The executor of a Dask client, deaths told in the words of `concurrent.futures`.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a task to the scheduler."""
        future: Future[Any] = Future()
        if self._client.status != "running":
            future.set_exception(ExecutorLost("the scheduler is gone"))
            return future
        self._executor.submit(fn, *args, **kwargs).add_done_callback(partial(_relay, future))
        return future


def _relay(future: Future[Any], inner: Future[Any]) -> None:
    from distributed import KilledWorker

    error = ExecutorLost("the scheduler is gone") if inner.cancelled() else inner.exception()
    if isinstance(error, KilledWorker):
        error = BrokenExecutor("the workers that computed it died")
    if error is None:
        future.set_result(inner.result())
    else:
        future.set_exception(error)


@contextmanager
def open_cluster(kind: str, rest: str) -> Iterator[Cluster]:
    """Open the executor ``kind:rest``.

    Parameters
    ----------
    kind : {"dask", "dask-file", "slurm"}
    rest : str
        Address of a scheduler, path of its file, or of a description of jobs.

    Raises
    ------
    OSError
        If no scheduler answers.
    ValueError
        If a file is not what it should be.
    ImportError
        If the packages are not installed.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise ImportError(
            f"executor = '{kind}:{rest}' needs dask: pip install 'hebbian-toolkit[dask]'"
        ) from None
    if kind == "slurm":
        from .slurm import open_jobs

        with open_jobs(rest) as jobs, distributed.Client(jobs, set_as_default=False) as client:
            yield Cluster(client)
        return
    with _silence():
        address = _reachable(f"{kind}:{rest}", _address(rest) if kind == "dask-file" else rest)
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise _no_scheduler(f"{kind}:{rest}", error) from None
        try:
            yield Cluster(client)
        finally:
            client.close(timeout=1)


def _address(path: str) -> str:
    """Read the address in a scheduler file."""
    try:
        address = json.loads(Path(path).read_text(encoding="utf-8"))["address"]
    except (ValueError, KeyError, TypeError, RecursionError):
        address = None
    if not isinstance(address, str):
        raise ValueError(f"{path} is not the file of a Dask scheduler")
    return address


def _reachable(name: str, address: str) -> str:
    """Return the address if somebody listens there: a client that fails does so at length."""
    addressing: Any = import_module("distributed.comm.addressing")
    try:
        host, port = addressing.get_address_host_port(address, strict=True)
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except (OSError, ValueError) as error:
        raise _no_scheduler(name, error) from None
    return address


def _no_scheduler(name: str, error: Exception) -> OSError:
    words = " ".join(str(error).split()) or type(error).__name__
    return OSError(f"executor = {name!r}: no scheduler answers ({words})")


@contextmanager
def _silence() -> Iterator[None]:
    """Quieten the loggers of Dask: the sweep reports a lost scheduler, in one line."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {name: logging.getLogger(name).level for name in names}
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
