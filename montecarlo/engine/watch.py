"""What a task reports while it runs, and how it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from .progress import Progress

__all__ = ["Stopped", "Watch"]


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


@dataclass(kw_only=True)
class Watch:
    """The ear of a task.

    Parameters
    ----------
    advance : callable
        Told the number of sweeps done since it was last called.
    stop : threading.Event
        Set when the task is to stop.
    keep : callable
        Given the progress of every entry each `every` seconds, and when the task is stopped.
    every : float
    """

    advance: Callable[[int], None]
    stop: Event
    keep: Callable[[list[Progress]], None]
    every: float
    _kept: float = field(default_factory=time.monotonic)

    def look(self, progress: Callable[[], list[Progress]]) -> None:
        """Look around between two sweeps: report the progress where it is time to.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        stopped = self.stop.is_set()
        if stopped or time.monotonic() - self._kept > self.every:
            self.keep(progress())
            self._kept = time.monotonic()
        if stopped:
            raise Stopped
