"""Before anything is written: the settings are judged, and the first worker is met."""

from __future__ import annotations

import pickle
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import hebbian
from phase_diagrams.study import Study

from . import batches, cells
from .clusters import ExecutorLost
from .dispatch import DEATHS, handed
from .executors import Serial
from .processes import Processes
from .waiting import wait_for

__all__ = ["rehearse"]


def rehearse(study: Study, pool: Executor) -> None:
    """Let the simulation judge the settings, here and on a worker.

    A worker may lack what this process has: the package in this version, the module of a
    model or an observable.  It may have devices that this process lacks, and a process that
    uses a device itself takes memory of it from its workers: then it alone judges.

    Raises
    ------
    ValueError
        For settings that the simulation would refuse.
    OSError
        If no worker can compute anything.
    """
    first, settings = next(study.grid.cells()), study.settings
    elsewhere = settings.backend == "cupy" or any(":" in name for name in settings.observables)
    if not elsewhere:
        cells.rehearse(first, settings)
        if isinstance(pool, Serial):
            return
    asked: tuple | bytes = (first, settings)
    if isinstance(pool, (Processes, ProcessPoolExecutor)):
        # A worker that cannot read what it is sent would die of it.
        asked = pickle.dumps(asked)
    name = getattr(pool, "name", f"executor = {type(pool).__name__}")
    try:
        _ask(pool, asked, name)
    except (ValueError, OSError, ArithmeticError, MemoryError):
        raise
    except BrokenExecutor as error:
        hint = ""
        if isinstance(pool, ProcessPoolExecutor) and isinstance(error, BrokenProcessPool):
            hint = '; a script that starts processes needs `if __name__ == "__main__":`'
        raise OSError(f"{name}: no worker starts, nothing was computed: {error}{hint}") from None
    except Exception as error:
        if isinstance(pool, Serial):
            raise
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise OSError(f"{name}: a worker cannot compute: {words}") from None


def _ask(pool: Executor, asked: tuple | bytes, name: str) -> None:
    """Have a worker rehearse; a pool that replaces its dead is asked again."""
    for attempt in range(DEATHS):
        try:
            wait_for(handed(pool.submit, batches.rehearse, asked, hebbian.__version__), name)
        except BrokenExecutor as error:
            lasting = isinstance(error, ExecutorLost) or not isinstance(pool, Processes)
            if lasting or attempt == DEATHS - 1:
                raise
        else:
            return
