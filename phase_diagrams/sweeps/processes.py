"""A pool of processes that outlives its workers, and says why when it cannot.

A pool has started when its first worker has: one that dies earlier has not failed at a point,
and no other would fare better.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from . import workers
from .clusters import ExecutorLost
from .waiting import wait_for

__all__ = ["Processes"]

log = logging.getLogger(__name__)

#: Seconds after which a stopped worker is told of, and after which it is ended.
TOLD, ENDED = 10, 60

#: Seconds in which idle workers end by themselves.
GRACE = 5.0

#: Seconds in which the first worker starts.
PATIENCE = 600.0

#: Held while the server of workers starts: it inherits an environment of its own.
_starting = threading.Lock()


class _Context(ForkServerContext):
    """The context of one pool, which knows the processes that were made in it."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[ForkServerProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> ForkServerProcess:  # type: ignore[override]
        """Make a process under a name by which it knows itself."""
        process = ForkServerProcess(*args, **kwargs)
        process.name = f"{workers.NAME} {process.name}"
        self.made.append(process)
        return process

    def pids(self) -> list[int]:
        """Return the processes that have started and not ended, as far as is known."""
        started = [one for one in self.made if one.pid is not None]
        return [int(one.pid or 0) for one in started if not connection.wait([one.sentinel], 0)]


class Processes(Executor):
    """A pool of processes that outlives its workers and ends at once when it is told to.

    The death of a worker breaks all tasks under way, with `BrokenExecutor`; the next task
    starts a new pool.  Where the system has no room for as many workers there are fewer.

    Parameters
    ----------
    n_workers : int

    Raises
    ------
    ExecutorLost
        If no worker starts; from `submit`, too.
    """

    def __init__(self, n_workers: int) -> None:
        self.name, self._n_workers = f"executor = 'process:{n_workers}'", n_workers
        if multiprocessing.current_process().daemon:
            raise ExecutorLost(
                f"{self.name} cannot run inside a daemonic process, such as a worker of "
                "multiprocessing.Pool or of Dask: use executor='serial' there"
            )
        self._start()

    def _start(self, *, again: bool = True) -> None:
        self._context, self._ended = _Context(), threading.Event()
        self._under_way: set[Future[Any]] = set()
        self._leash, self._held = connection.Pipe(duplex=False)
        self._pool: ProcessPoolExecutor | None = None
        self._patience = float("inf")
        try:
            _check_surroundings()
            _ensure_server()
            self._pool = ProcessPoolExecutor(
                self._n_workers,
                mp_context=self._context,
                initializer=workers.start,
                initargs=(self._leash,),
            )
            threading.Thread(target=self._watch, args=(self._ended,), daemon=True).start()
            wait_for(self._pool.submit(workers.hello), self.name, PATIENCE)
        except Exception as error:  # noqa: BLE001 - whatever the system refuses
            killed = -signal.SIGKILL in self._codes()
            self.stop()
            if again and (killed or isinstance(error, (EOFError, ConnectionError))):
                # The server died a moment ago: nobody may have noticed yet.  Or the worker did.
                time.sleep(0.1)
                self._start(again=False)
                return
            raise ExecutorLost(f"{self.name}: no worker starts: {self._reason(error)}") from None
        except BaseException:
            self.stop()
            raise

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a task to the pool, to a new one if a worker of the old one died."""
        if self._pool is None or self._ended.is_set():
            raise ExecutorLost(f"{self.name} has been shut down")
        try:
            future = self._pool.submit(fn, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - it starts a worker, by what the system has
            n_alive = len(self._context.pids())
            self.stop()
            if not isinstance(error, BrokenExecutor):
                self._shrink(n_alive, error)
            self._start()
            return self.submit(fn, *args, **kwargs)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def _shrink(self, n_alive: int, error: Exception) -> None:
        """Do with the workers that could be started."""
        if self._n_workers == 1:
            raise ExecutorLost(f"{self.name}: no worker starts: {self._reason(error)}") from None
        self._n_workers = max(1, min(n_alive, self._n_workers - 1))
        words = f"{self.name}: only %d could be started: %s"
        log.warning(words, self._n_workers, self._reason(error))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the tasks under way end."""
        self._patience = min(self._patience, time.monotonic() + GRACE)
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._ended.set()
        self._held.close()
        self._leash.close()

    def stop(self) -> None:
        """End the workers in the middle of whatever they do."""
        self._held.close()
        self._patience = 0.0
        _end(self._context.pids())
        self.shutdown(cancel_futures=True)

    def _watch(self, ended: threading.Event) -> None:
        """Tell of workers that are stopped, and end those that would never end."""
        seen: Counter[int] = Counter()
        context = self._context
        while True:
            ending = self._patience < float("inf") and not self._under_way
            if ended.wait(0.1 if ending else 1.0):
                return
            if ending and time.monotonic() > self._patience:
                _end(context.pids())
            for pid in [*context.pids(), *_server()]:
                seen[pid] = seen[pid] + 1 if _is_stopped(pid) else 0
                if seen[pid] == TOLD and not ending:
                    log.warning(
                        "%s: process %d is stopped: 'kill -CONT %d' lets it go on, "
                        "in %d s it is replaced",
                        *(self.name, pid, pid, ENDED - TOLD),
                    )
                if seen[pid] >= (TOLD if ending else ENDED):
                    _end([pid])

    def _codes(self) -> list[int]:
        """Return the exit codes of workers that did not end well."""
        return [one.exitcode for one in self._context.made if one.pid is not None and one.exitcode]

    def _reason(self, error: Exception) -> str:
        """Say why no worker is there, in one line."""
        if isinstance(error, BrokenExecutor):
            code = next(iter(self._codes()), 0)
            if code == workers.UNGUARDED:
                return workers.GUARD
            main = getattr(sys.modules["__main__"], "__file__", None)
            ended = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            return f"it ended as it started ({ended})" + (f"; it imports {main}" if main else "")
        if isinstance(error, (EOFError, ConnectionError)):
            return "the process that they are forked from died"
        words = " ".join(str(error).split())
        if "AF_UNIX" in words:
            words += f": set TMPDIR, now {tempfile.gettempdir()}, to a folder with a shorter name"
        return f"{words or type(error).__name__}; executor='serial' needs none"


def _check_surroundings() -> None:
    """Refuse what every worker would stumble over."""
    try:
        Path.cwd()
    except OSError:
        raise FileNotFoundError("the current folder is gone") from None
    method = multiprocessing.get_start_method(allow_none=True)
    if method not in (None, *multiprocessing.get_all_start_methods()):
        raise RuntimeError(f"they cannot run inside a worker of {method}, such as joblib's")
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    if path == "<stdin>":  # no file, and workers would look for it
        del main.__file__
    elif path and getattr(main, "__spec__", None) is None and not Path(path).exists():
        raise FileNotFoundError(f"{path} is gone, which every worker imports")


def _ensure_server() -> None:
    """Start the server that workers are forked from, with its own environment."""
    changes = {**workers.ONE_THREAD, **workers.SAFE}
    with _starting:
        forkserver.set_forkserver_preload([f"{__package__}.serving"])
        before = {name: os.environ.pop(name) for name in changes if name in os.environ}
        os.environ.update(changes)
        # Control-C reaches the whole group; the server would die of it while it imports.  The
        # tracker unblocks the signal when it is started, so it is started before.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        try:
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            try:
                forkserver.ensure_running()
            except ChildProcessError:
                # A child of ours no more: of the process that this one was forked from.
                forkserver._forkserver.__init__()  # type: ignore[misc]
                forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for name in changes:
                del os.environ[name]
            os.environ.update(before)


def _renew_lock() -> None:
    global _starting
    _starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _server() -> list[int]:
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    return [] if pid is None else [pid]


def _is_stopped(pid: int) -> bool:
    """Whether a signal has stopped the process, where the system says so (Linux)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def _end(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
