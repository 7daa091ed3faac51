"""An interrupted command ends in a moment with one line, whatever it is in the middle of.

Python answers a signal between two of its own instructions: a long call of compiled code
delays that, at the exit threads and clusters are waited for, and an exception in the middle
of the compiler, which calls back into Python, is swallowed there and leaves half a program.
So a thread counts the signals; the main one raises `KeyboardInterrupt` where that is safe.
A store survives SIGKILL at any moment: nothing is lost by not waiting.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

__all__ = ["PATIENCE", "Departure"]

#: Seconds from a signal to the end, unless there is something to be kept.
PATIENCE = 1.5

#: Seconds from the second signal to the end.
HASTE = 0.2

#: Those of them that the system has (Windows: two).
SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")
    if hasattr(signal, name)
)

_AGAIN = bytes(1)  # no signal has this number


class Departure:
    """From now on let signals end this process in a moment, with exit code 130 and one line.

    Make it in the main thread.  Signals that are ignored, as by ``nohup``, stay so.

    Attributes
    ----------
    patience : float
        Seconds from a signal to the end by force.
    words : str
        What is said if nobody else has said it by then.
    """

    def __init__(self) -> None:
        self.patience, self.words = PATIENCE, "interrupted"
        self._received, self._code, self._raised, self._echoes = 0, -1, False, 0
        self._said = threading.Lock()
        reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reader,), daemon=True).start()
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                signal.signal(number, self._interrupt)
        _soften_limit_of_time()
        sys.unraisablehook = self._unraisable
        atexit.register(_ignore_signals)

    def say(self, words: str) -> None:
        """Tell the user once that the command was interrupted."""
        if self._said.acquire(blocking=False):
            with suppress(OSError):
                os.write(2, f"hebbian: error: {words}\n".encode(errors="backslashreplace"))

    def settle(self) -> bool:
        """Raise nothing any more; return whether a signal has come."""
        interrupted, self._raised = self._raised or self._received > 0, True
        return interrupted

    def finish(self, code: int) -> None:
        """Let signals that come from now on end the process at once: all is done and said."""
        self._code = code

    def leave(self) -> NoReturn:
        """End the process with exit code 130.

        Threads are not waited for; nor could the code be given to Python, which kills itself
        by SIGINT if one has ever passed through an ``exec``.
        """
        self.finish(130)
        atexit._run_exitfuncs()
        os._exit(130)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._code >= 0:
            os._exit(self._code)
        if _compiling(frame):
            os.write(self._writer, _AGAIN)
        elif not self._raised:
            self._raised = True
            raise KeyboardInterrupt

    def _unraisable(self, found: Any) -> None:
        if issubclass(found.exc_type, KeyboardInterrupt):  # raised where it is swallowed
            self._raised = False
            os.write(self._writer, _AGAIN)
        elif not self._received and self._code < 0:
            sys.__unraisablehook__(found)

    def _watch(self, reader: int) -> None:
        end = float("inf")
        while True:
            left = end - time.monotonic()
            if left <= 0:
                break
            if not select.select([reader], [], [], min(left, 3600))[0]:
                continue
            number = os.read(reader, 1)[0]
            if number == 0:
                time.sleep(0.02)
                self._echoes += 1
                os.kill(os.getpid(), self._received or signal.SIGINT)
            elif number in SIGNALS and self._echoes:
                self._echoes -= 1
            elif number in SIGNALS:
                haste = HASTE if self._received else self.patience
                self._received = self._received or number
                end = min(end, time.monotonic() + haste)
        if self._code >= 0:
            os._exit(self._code)
        self.say(self.words)
        os._exit(130)


def _compiling(frame: FrameType | None) -> bool:
    while frame is not None:
        if f"{os.sep}llvmlite{os.sep}" in (name := frame.f_code.co_filename):
            return True
        if f"{os.sep}numba{os.sep}core{os.sep}" in name:
            return True
        frame = frame.f_back
    return False


def _soften_limit_of_time() -> None:
    """Let ``ulimit -t`` send its signal a second before it kills."""
    try:
        import resource
    except ImportError:  # a system without such limits (Windows)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft == hard != resource.RLIM_INFINITY and hard > 1:
        resource.setrlimit(resource.RLIMIT_CPU, (hard - 1, hard))


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
