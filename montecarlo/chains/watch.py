"""What a task reports while it runs, and how it is told to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from .progress import Progress

__all__ = ["Stopped", "Watch"]


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


def _ignore(_: object) -> None:
    """Hear nothing."""


@dataclass(kw_only=True)
class Watch:
    """The ear of a task; by default nobody listens.

    Parameters
    ----------
    advance : callable
        Told the number of sweeps done since it was last called.
    stop : threading.Event
        Set when the task is to stop.
    saved : Progress, optional
        Where an earlier process left the task.
    keep : callable
        Given the progress every `every` seconds, and when the task is stopped.
    """

    advance: Callable[[int], None] = _ignore
    stop: Event = field(default_factory=Event)
    saved: Progress | None = None
    keep: Callable[[Progress], None] = _ignore
    every: float = math.inf
    _kept: float = field(default_factory=time.monotonic)

    def look(self, progress: Callable[[], Progress]) -> None:
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
