"""Signals that end a run in good order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["deferred"]


@contextmanager
def deferred(stop: threading.Event) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `stop`; at the end let them do what they would have done.

    A handler cannot be trusted to raise in the middle of a write, so it sets a flag.  On
    leaving, the handlers are put back and called: SIGINT becomes `KeyboardInterrupt`, SIGTERM
    ends the process unless the program handles it.  Outside the main thread, and for signals
    that are ignored, nothing is changed.
    """
    received: list[signal.Signals] = []

    def handler(number: int, frame: FrameType | None) -> None:
        received.append(signal.Signals(number))
        stop.set()

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            # None: installed by another language, out of our reach.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
        if received:
            # How the run ended is no cause: it was told to.
            try:
                previous = before[received[0]]
                if callable(previous):
                    previous(received[0], None)
                else:
                    signal.raise_signal(received[0])
            except KeyboardInterrupt as interrupt:
                raise interrupt from None
            raise KeyboardInterrupt from None
