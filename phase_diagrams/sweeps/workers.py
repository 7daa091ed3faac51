"""A worker process, from its start on.

It imports the script of its parent again.  One that sweeps outside of ``if __name__ ==
"__main__":`` would sweep in every worker, and is noticed here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType

__all__ = [
    "GUARD",
    "NAME",
    "ONE_THREAD",
    "SAFE",
    "UNGUARDED",
    "UnguardedError",
    "hello",
    "in_one_line",
    "refuse",
    "start",
]

#: What the names of worker processes begin with.
NAME = "hebbian worker"

#: Libraries read these when they are imported.
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)

#: Files of the current folder stand for no module of Python or of a library.
SAFE = {"PYTHONSAFEPATH": "1"}

#: Exit code of a worker whose script starts processes while it is imported.
UNGUARDED = 97

GUARD = (
    "every worker imports the script anew, and would sweep itself: "
    'put the sweep below `if __name__ == "__main__":`'
)


class UnguardedError(RuntimeError):
    """Processes were asked for in a process that still imports its parent's script."""


def refuse() -> None:
    """Refuse to start processes in one that still imports its parent's script.

    Raises
    ------
    UnguardedError
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise UnguardedError(GUARD)


def start(leash: Connection) -> None:
    """Give one thread to this worker; let it end with its parent, or when told to."""
    from tqdm import tqdm

    os.environ.update(ONE_THREAD)
    for name in SAFE:
        os.environ.pop(name, None)
    # By default a bar holds a semaphore of the system, which a killed worker would leave.
    tqdm.set_lock(threading.RLock())
    # The parent is interrupted, too, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()


def _follow(leash: Connection) -> None:
    parent = multiprocessing.parent_process()
    wait([leash] if parent is None else [leash, parent.sentinel])
    os._exit(1)


def hello() -> None:
    """Do nothing: a worker that did it has started."""


def in_one_line(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say why a worker does not start, for `sys.excepthook`."""
    name = multiprocessing.current_process().name
    if name == "MainProcess":  # the server itself: its parent tells
        return
    if not name.startswith(NAME):
        sys.__excepthook__(kind, error, trace)
        return
    if isinstance(error, UnguardedError):
        os._exit(UNGUARDED)
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" ({Path(code.co_filename).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    words = " ".join(f"{kind.__name__}: {error}".split())
    sys.stderr.write(f"hebbian: a worker does not start: {words}{place}\n")
