"""Executors of a cluster: `dask.distributed` through its own Executor interface.

The scheduler and its workers are separate processes, started by hand, by a batch system or
by `dask-jobqueue` (`phase_diagrams.sweeps.slurm`).  Points travel to the workers and their numbers
back; only this process touches the store, so workers need no common folder.  Dask's
protocol runs whatever it is sent: keep a scheduler on loopback
(``dask scheduler --host 127.0.0.1``) or behind certificates (``tls://``, which Dask reads from
its own configuration, `distributed.comm.tls`).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
)
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any

from hebbian import documents

from .waiting import Clock

__all__ = ["Cluster", "ExecutorLost", "open_cluster"]

#: Seconds in which a scheduler answers when it is called first.
PATIENCE = 10.0

#: Seconds between looks at a scheduler, and in which a busy one answers.
LOOK, SILENT = 5.0, 60.0

#: Seconds in which a running scheduler has its first worker.
WORKERS = 60.0

#: Bytes of a scheduler file, in which the scheduler describes itself and its workers.
LONGEST = 1 << 24


class ExecutorLost(BrokenExecutor):
    """Nobody is left to compute: unlike the death of one worker, no reason to try again."""


class Cluster(Executor):
    """The executor of a Dask client, deaths told in the words of `concurrent.futures`.

    Parameters
    ----------
    client : distributed.Client
    name : str
        Of the executor, for messages.
    check : callable, optional
        Called while there are no workers; raises OSError if none can come.
    """

    def __init__(self, client: Any, name: str, check: Callable[[], None] = lambda: None) -> None:
        self.name, self._client, self._check = name, client, check
        self._executor = client.get_executor(pure=False)
        self._under_way: set[Future[Any]] = set()
        self._lost = ""
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a task to the scheduler."""
        future: Future[Any] = Future()
        if self._lost or self._client.status != "running":
            future.set_exception(ExecutorLost(self._lost or "the scheduler is gone"))
            return future
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        self._executor.submit(fn, *args, **kwargs).add_done_callback(partial(_relay, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Look after the scheduler no more; it and its workers live on."""
        self._closed.set()

    def await_worker(self, limit: float) -> None:
        """Wait until there is a worker.

        Raises
        ------
        OSError
            After `limit` seconds, if none can come, or if the scheduler falls silent.
        """
        clock = Clock(f"{self.name}: waiting for a worker")
        try:
            while not self._n_workers():
                self._check()
                if clock.tell() > limit:
                    raise OSError(
                        f"{self.name}: the scheduler has no workers, waited {limit:.0f} s for one"
                    )
                self._closed.wait(0.2)
        except TimeoutError:
            raise OSError(f"{self.name}: {_silent()}") from None

    def _n_workers(self) -> int:
        client = self._client
        return len(client.sync(client.scheduler.ncores, callback_timeout=SILENT))

    def _watch(self) -> None:
        """Tell of workers that are missing; give up a scheduler that does not answer."""
        clock = Clock(f"{self.name}: no workers, waiting for others")
        while not self._closed.wait(LOOK):
            try:
                if self._n_workers() or not self._under_way:
                    clock.reset()
                    continue
            except TimeoutError:
                self._lose(_silent())
                return
            except Exception:  # noqa: BLE001 - a scheduler that is gone cancels its tasks
                return
            try:
                self._check()
            except OSError as error:
                self._lose(str(error))
                return
            clock.tell()

    def _lose(self, reason: str) -> None:
        self._lost = reason
        for future in [*self._under_way]:
            with suppress(InvalidStateError):
                future.set_exception(ExecutorLost(reason))


def _silent() -> str:
    return f"the scheduler has not answered for {SILENT:.0f} s"


def _relay(future: Future[Any], inner: Future[Any]) -> None:
    from distributed import KilledWorker

    error = ExecutorLost("the scheduler is gone") if inner.cancelled() else inner.exception()
    if isinstance(error, KilledWorker):
        error = BrokenExecutor("the workers that computed it died")
    with suppress(InvalidStateError):  # given up before
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
    name = f"executor = '{kind}:{rest}'"
    if kind == "slurm":
        from .slurm import open_jobs

        with (
            _silence(),
            open_jobs(rest) as (jobs, check),
            distributed.Client(jobs, set_as_default=False) as client,
            Cluster(client, name, check) as cluster,
        ):
            cluster.await_worker(float("inf"))
            yield cluster
        return
    with _silence():
        address = _reachable(name, _address(rest) if kind == "dask-file" else rest)
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise _no_scheduler(name, error) from None
        try:
            with Cluster(client, name) as cluster:
                cluster.await_worker(WORKERS)
                yield cluster
        finally:
            client.close(timeout=1)


def _address(path: str) -> str:
    """Read the address in a scheduler file."""
    content = documents.contents(path, longest=LONGEST)
    try:
        found = documents.decode(content, dict[str, Any], path, longest=LONGEST).get("address")
    except ValueError:
        found = None
    if not isinstance(found, str):
        raise ValueError(f"{path} is not the file of a Dask scheduler")
    return found


def _reachable(name: str, address: str) -> str:
    """Return the address if a scheduler answers there: a client that fails does so at length."""
    addressing: Any = import_module("distributed.comm.addressing")
    try:
        host, port = addressing.get_address_host_port(address, strict=True)
        socket.create_connection((host, port), timeout=PATIENCE).close()
        # A loop of its own: a notebook has one that runs in this thread.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, asyncio.wait_for(_identity(address), PATIENCE)).result()
    except TimeoutError:
        raise _no_scheduler(name, TimeoutError(f"silent for {PATIENCE:.0f} s")) from None
    except TypeError:
        raise ValueError(
            f"{name}: tls:// needs the certificates that Dask's configuration names, "
            "distributed.comm.tls (DASK_DISTRIBUTED__COMM__TLS__CA_FILE, "
            "..._TLS__CLIENT__CERT, ..._TLS__CLIENT__KEY)"
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise _no_scheduler(name, error) from None
    return address


async def _identity(address: str) -> None:
    distributed: Any = import_module("distributed")
    arguments = distributed.Security().get_connection_args("client")
    async with distributed.rpc(address, connection_args=arguments) as scheduler:
        await scheduler.identity()


def _no_scheduler(name: str, error: Exception) -> OSError:
    words = " ".join(str(error).split()) or type(error).__name__
    return OSError(f"{name}: no scheduler answers ({words})")


@contextmanager
def _silence() -> Iterator[None]:
    """Quieten the loggers of Dask: the sweep reports a lost scheduler, in one line."""
    names = [
        name
        for name in logging.root.manager.loggerDict
        if name.startswith(("distributed", "tornado", "asyncio", "dask_jobqueue"))
    ]
    levels = {name: logging.getLogger(name).level for name in names}
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
