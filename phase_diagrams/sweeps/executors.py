"""Who computes the points: anything with the interface of `concurrent.futures.Executor`.

====================  ================================================================
``serial``            this process; the kernels use all its threads
``process:N``         N processes with one thread each (forkserver)
``dask:ADDRESS``      the workers of a running Dask scheduler, e.g. ``dask:tcp://host:8786``
``dask-file:F``       the same, the address in the file that ``--scheduler-file`` names
``slurm:F``           Dask workers in jobs of a SLURM cluster, described by a TOML file
====================  ================================================================

They take the same tasks and yield the same bits.  A worker that dies is replaced.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .clusters import open_cluster

__all__ = ["Processes", "Serial", "checked", "open_executor"]

_ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)

_NAMES = "serial, process:N, dask:ADDRESS, dask-file:F, slurm:F"


class Serial(Executor):
    """Runs every task at once in the calling thread.

    Parameters
    ----------
    n_threads : int, optional
        Threads of the kernels; default: what the surroundings allow.
    """

    def __init__(self, n_threads: int | None = None) -> None:
        self.n_threads = n_threads

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run the task and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future hands every error to its reader
            future.set_exception(error)
        return future


class Processes(Executor):
    """A pool of processes that outlives its workers and ends at once when it is told to.

    The death of a worker breaks all tasks under way, with `BrokenExecutor`; the next task
    starts a new pool.

    Parameters
    ----------
    n_workers : int
    """

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self._start()

    def _start(self) -> None:
        context = _fork_server()
        self._leash, self._held = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            self.n_workers,
            mp_context=context,
            initializer=_start_worker,
            initargs=(self._leash,),
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a task to the pool, to a new one if a worker of the old one died."""
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self.stop()
            self._start()
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the tasks under way end."""
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._held.close()
        self._leash.close()

    def stop(self) -> None:
        """End the workers in the middle of whatever they do."""
        self._held.close()
        self.shutdown(cancel_futures=True)


def _fork_server() -> ForkServerContext:
    """Start the server that workers are forked from; it has imported what they need.

    So a worker in the place of a dead one is there in a moment.  One thread is all that the
    libraries may start, and they read that when they are imported.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.batches"])
    before = {name: os.environ.pop(name) for name in _ONE_THREAD if name in os.environ}
    os.environ.update(_ONE_THREAD)
    # Control-C reaches the whole group; the server would die of it while it imports.  The
    # tracker unblocks the signal when it is started, so it is started before.
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name in _ONE_THREAD:
            del os.environ[name]
        os.environ.update(before)
    return context


def _start_worker(leash: Connection) -> None:
    """Give one thread to this worker; let it end with its parent, or when told to."""
    os.environ.update(_ONE_THREAD)
    # By default a bar holds a semaphore of the system, which a killed worker would leave.
    tqdm.set_lock(threading.RLock())
    # The parent is interrupted, too, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()


def _follow(leash: Connection) -> None:
    parent = multiprocessing.parent_process()
    wait([leash] if parent is None else [leash, parent.sentinel])
    os._exit(1)


def checked(executor: Any) -> tuple[str, str]:
    """Split the name of an executor into its kind and the rest.

    Raises
    ------
    ValueError
        If it is no name of an executor, or names a file that does not exist.

    Examples
    --------
    >>> checked("process:4"), checked("dask:tcp://127.0.0.1:8786")
    (('process', '4'), ('dask', 'tcp://127.0.0.1:8786'))
    """
    if not isinstance(executor, str):
        raise ValueError(f"executor = {executor!r} is not a name or a concurrent.futures.Executor")
    kind, _, rest = executor.partition(":")
    known = {
        "serial": executor == "serial",
        "process": rest.isascii() and rest.isdigit(),
        **dict.fromkeys(("dask", "dask-file", "slurm"), bool(rest) and rest.isprintable()),
    }
    if not known.get(kind):
        raise ValueError(f"executor = {executor!r} is not one of {_NAMES}")
    if kind == "process" and (len(rest) > 4 or not 1 <= int(rest) <= 1024):
        raise ValueError(f"executor = {executor!r}: the number of processes must be in [1, 1024]")
    if kind in ("dask-file", "slurm") and not Path(rest).is_file():
        raise ValueError(f"executor = {executor!r}: there is no file {rest}")
    return kind, rest


@contextmanager
def open_executor(executor: str | Executor) -> Iterator[Executor]:
    """Open the executor of a name; one that is passed in stays open.

    Parameters
    ----------
    executor : str or concurrent.futures.Executor
        A name (see the table of the module) or an executor, such as
        ``dask.distributed.Client.get_executor()``.

    Yields
    ------
    concurrent.futures.Executor
        Its workers end in a moment if the block ends by an exception.

    Raises
    ------
    ValueError
        For any other name.
    OSError
        If no scheduler answers.
    ImportError
        If Dask is needed and not installed.

    Examples
    --------
    >>> with open_executor("serial") as pool:
    ...     pool.submit(divmod, 7, 2).result()
    (3, 1)
    """
    if isinstance(executor, Executor):
        yield executor
        return
    kind, rest = checked(executor)
    if kind == "serial":
        yield Serial()
    elif kind == "process":
        pool = Processes(int(rest))
        try:
            yield pool
        except BaseException:
            pool.stop()
            raise
        pool.shutdown()
    else:
        with open_cluster(kind, rest) as cluster:
            yield cluster
