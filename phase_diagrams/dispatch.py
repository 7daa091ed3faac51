"""Tasks go to an executor, results come back: a bounded number under way, deaths forgiven."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from .executors import ExecutorLost
from .grid import Cell

__all__ = ["AHEAD", "DEATHS", "Task", "outcomes"]

#: Tasks under way at most: enough for as many workers, and no queue of 1e5 points.
AHEAD = 1024

#: A point under way at so many deaths of workers has failed.
DEATHS = 3


class Task(NamedTuple):
    """A point and its position in the journal."""

    position: int
    cell: Cell


def outcomes(
    tasks: Iterator[Task], submit: Callable[[Cell], Future[Any]], ahead: int = AHEAD
) -> Iterator[tuple[Task, Future[Any]]]:
    """Yield every task with its finished future, in the order in which they finish.

    When a worker dies (`BrokenExecutor`) every task under way is suspect and tried again;
    those that see a second death are tried one by one, so that the third hits the culprit
    alone, whose future is then yielded with its exception.

    Raises
    ------
    ExecutorLost
        If there is nobody left to try again.
    """
    finished: SimpleQueue[Future[Any]] = SimpleQueue()
    running: dict[Future[Any], Task] = {}
    again: deque[Task] = deque()
    alone: deque[Task] = deque()
    deaths: Counter[int] = Counter()

    def start(task: Task) -> bool:
        """Submit a task; tell whether it is still under way."""
        future = submit(task.cell)
        running[future] = task
        future.add_done_callback(finished.put)
        return not future.done()

    while True:
        if alone:
            if not running:
                start(alone.popleft())
        else:
            while len(running) < ahead:
                task = again.popleft() if again else next(tasks, None)
                if task is None or not start(task):
                    break
        if not running:
            return
        future = _wait(finished)
        task = running.pop(future)
        error = _error(future)
        if isinstance(error, ExecutorLost):
            raise error
        if isinstance(error, BrokenExecutor):
            deaths[task.position] += 1
            if deaths[task.position] < DEATHS:
                (again if deaths[task.position] < DEATHS - 1 else alone).append(task)
                continue
        yield task, future


def _wait(finished: SimpleQueue[Future[Any]]) -> Future[Any]:
    """Wait in short naps: a signal may reach another thread, and not wake this one."""
    while True:
        with suppress(Empty):
            return finished.get(timeout=0.5)


def _error(future: Future[Any]) -> BaseException | None:
    if future.cancelled():
        return ExecutorLost("the executor was closed")
    return future.exception()
