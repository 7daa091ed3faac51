"""Waiting for workers, aloud."""

from __future__ import annotations

import logging
import time
from concurrent import futures
from concurrent.futures import Future
from typing import Any

__all__ = ["SAID", "Clock", "wait_for"]

log = logging.getLogger(__name__)

#: Seconds after which a wait is told of, again after twice as many, and so on.
SAID = 10.0


class Clock:
    """How long something has lasted, told of now and then.

    Parameters
    ----------
    words : str
        What is waited for, and how that ends.
    """

    def __init__(self, words: str) -> None:
        self._words, self._began, self._next = words, time.monotonic(), SAID

    def reset(self) -> None:
        """Begin anew."""
        self._began, self._next = time.monotonic(), SAID

    def tell(self) -> float:
        """Log the wait if it is time to, and return its seconds."""
        seconds = time.monotonic() - self._began
        if seconds >= self._next:
            self._next *= 2
            log.warning("%s since %.0f s (Control-C ends it)", self._words, seconds)
        return seconds


def wait_for(future: Future[Any], name: str, limit: float = float("inf")) -> Any:
    """Return the first result of an executor.

    Raises
    ------
    TimeoutError
        If it takes longer than `limit` seconds.
    """
    clock = Clock(f"{name}: waiting for the first worker")
    # A short nap: a signal may reach another thread, and not wake this one.
    while not futures.wait([future], timeout=0.5).done:
        if clock.tell() > limit:
            raise TimeoutError(f"no answer in {limit:.0f} s")
    return future.result()
