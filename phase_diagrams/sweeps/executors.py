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

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import workers
from .clusters import ExecutorLost, open_cluster
from .processes import Processes

__all__ = ["Serial", "checked", "open_executor"]

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
        If no worker starts, or no scheduler answers.
    ImportError
        If Dask is needed and not installed.
    RuntimeError
        If the script asks for processes while a worker imports it.

    Examples
    --------
    >>> with open_executor("serial") as pool:
    ...     pool.submit(divmod, 7, 2).result()
    (3, 1)
    """
    if isinstance(executor, Executor):
        if isinstance(executor, ProcessPoolExecutor):
            workers.refuse()
        yield executor
        return
    kind, rest = checked(executor)
    if kind == "serial":
        yield Serial()
    elif kind == "process":
        workers.refuse()
        try:
            pool = Processes(int(rest))
        except ExecutorLost as error:
            raise OSError(str(error)) from None
        try:
            yield pool
        except BaseException:
            pool.stop()
            raise
        pool.shutdown()
    else:
        with open_cluster(kind, rest) as cluster:
            yield cluster
