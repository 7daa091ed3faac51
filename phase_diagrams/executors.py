"""Who computes the points: anything with the interface of `concurrent.futures.Executor`.

A pool of processes and a cluster's executor take the same tasks and yield the same bits;
`dask.distributed.Client.get_executor()` can be passed as it is.  This module imports no
numerical package: workers limit their threads in it before they import one.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

__all__ = ["Serial", "open_executor"]

_THREAD_LIMITS = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)


class Serial(Executor):
    """Runs every task at once in the calling thread; kernels may use all threads."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run the task and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future hands every error to its reader
            future.set_exception(error)
        return future


def _start_worker() -> None:
    """Give one thread to this worker and let it end with the process that started it."""
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _workers(text: str) -> int:
    """Return the number of processes in ``process:N``."""
    kind, _, number = text.partition(":")
    if kind != "process" or not number.isascii() or not number.isdigit():
        raise ValueError(f"executor = {text!r} is not one of serial, process:N")
    if len(number) > 4 or not 1 <= int(number) <= 1024:
        raise ValueError(f"executor = {text!r}: the number of processes must be in [1, 1024]")
    return int(number)


@contextmanager
def open_executor(executor: str | Executor) -> Iterator[Executor]:
    """Open the executor of a name; one that is passed in stays open.

    Parameters
    ----------
    executor : str or concurrent.futures.Executor
        ``"serial"``, ``"process:N"`` or an executor.

    Yields
    ------
    concurrent.futures.Executor

    Raises
    ------
    ValueError
        For any other name.

    Examples
    --------
    >>> with open_executor("serial") as pool:
    ...     pool.submit(divmod, 7, 2).result()
    (3, 1)
    """
    if isinstance(executor, Executor):
        yield executor
    elif executor == "serial":
        yield Serial()
    elif isinstance(executor, str):
        pool = ProcessPoolExecutor(
            _workers(executor),
            mp_context=multiprocessing.get_context("forkserver"),
            initializer=_start_worker,
        )
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    else:
        raise ValueError(f"executor = {executor!r} is not a name or a concurrent.futures.Executor")
