"""An interrupted command ends in a moment, whatever it is in the middle of.

Python answers a signal between two of its own instructions: a long call of compiled code
delays that, and at the exit threads and clusters are waited for.  A store survives SIGKILL
at any moment, so nothing is lost by not waiting.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

__all__ = ["PATIENCE", "leave_soon", "told"]

#: Seconds from a signal to the end.
PATIENCE = 1.5

#: Set by whoever has told the user about the interrupt.
told = threading.Event()


def leave_soon(store: str) -> None:
    """From now on let SIGINT and SIGTERM end this process in a moment, with exit code 130.

    Call it in the main thread of a process whose results are in `store`.  The handlers of
    the signals do their work, if they are done with it in time.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, store), daemon=True).start()


def _watch(reader: int, store: str) -> None:
    while os.read(reader, 1)[0] not in (signal.SIGINT, signal.SIGTERM):
        pass
    time.sleep(PATIENCE)
    if not told.is_set():
        sys.stderr.write(f"hebbian: error: interrupted: {store} keeps what is done\n")
    sys.stderr.flush()
    os._exit(130)
