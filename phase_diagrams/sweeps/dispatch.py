"""Tasks go to an executor, results come back: a bounded number under way, deaths forgiven.

A task is as many points as take a fraction of a second: one at first, and while points turn
out to be quick twice as many as in the task before.  So the cost of a task is shared by many
quick points, a slow point travels alone, and no worker is busy for long when others idle.  Points
of a row that run together, at the price of one, stay together however slow they are.
"""

from __future__ import annotations

import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from phase_diagrams.points import Cell

from .batches import BUDGET, MOST, Failure, Report, Success, UnfitError, same_disorder
from .clusters import ExecutorLost

__all__ = ["AHEAD", "DEATHS", "Task", "handed", "outcomes"]

#: Tasks under way at most: enough for as many workers, and no queue of 1e5 points.
AHEAD = 1024

#: Points under way at most.
POINTS = 4096

#: Tasks under way, and seconds to wait, before the first of them says how long points take.
EARLY, PATIENCE = 64, 5.0

#: A point under way at so many deaths of workers has failed, unless it was in company.
DEATHS = 3


class Task(NamedTuple):
    """A point and its position in the journal."""

    position: int
    cell: Cell


Batch = list[Task]


class _Queue:
    """Points that wait, cut into batches."""

    def __init__(self, tasks: Iterator[Task], least: Callable[[Cell], int]) -> None:
        self._tasks, self._least = tasks, least
        self._again: deque[Task] = deque()
        self._size = 1

    def put_back(self, batch: Batch) -> None:
        self._again.extendleft(reversed(batch))

    def learn(self, n: int, seconds: float) -> None:
        """Choose the size of the next batches from the time that `n` points took."""
        affordable = int(BUDGET * n / max(seconds, 1e-9))
        self._size = max(1, min(2 * max(n, self._size), MOST, affordable))

    def batch(self) -> Batch:
        """Return as many points as are affordable, and of a row no fewer than belong together."""
        found = self._piece()
        while 0 < len(found) < self._size:
            more = self._piece()
            if not more or len(found) + len(more) > self._size:
                self.put_back(more)
                break
            found += more
        return found

    def _piece(self) -> Batch:
        """Take the points of a row that belong together, and the rest where it is too short."""
        first = self._next()
        if first is None:
            return []
        n = min(self._least(first.cell), MOST)
        if n == 1:
            return [first]
        row, disorder, long = [first], same_disorder(first.cell), min(2 * n, MOST + 1)
        for task in iter(self._next, None):
            if len(row) == long or same_disorder(task.cell) != disorder:
                self._again.appendleft(task)
                break
            row.append(task)
        if len(row) == long:
            self.put_back(row[n:])
            del row[n:]
        return row

    def _next(self) -> Task | None:
        return self._again.popleft() if self._again else next(self._tasks, None)


def outcomes(
    tasks: Iterator[Task],
    submit: Callable[[Sequence[Cell]], Future[Report]],
    *,
    ahead: int = AHEAD,
    least: Callable[[Cell], int] = lambda _: 1,
) -> Iterator[tuple[Task, Success | Failure]]:
    """Yield every task with what came of it, in the order in which they finish.

    When a worker dies (`BrokenExecutor`) every point under way is suspect and tried again;
    batches that see a second death are tried one by one, and halved, so that in the end the
    culprit dies alone and has failed.

    Parameters
    ----------
    tasks : iterator of Task
    submit : callable
        Hands points to the executor; its report may leave out the last of them.
    ahead : int
        Tasks under way at most.
    least : callable
        Point -> how many of the neighbours that share its disorder belong together, since they
        take about as long as one (`phase_diagrams.sweeps.batches.least`).

    Raises
    ------
    ExecutorLost
        If there is nobody left to try again, or a worker can compute no point at all.
    """
    finished: SimpleQueue[Future[Report]] = SimpleQueue()
    running: dict[Future[Report], Batch] = {}
    queue = _Queue(tasks, least)
    alone: deque[Batch] = deque()
    deaths: Counter[int] = Counter()
    by_itself = False
    limit, began = min(EARLY, ahead), time.monotonic()

    def start(batch: Batch) -> bool:
        """Submit a batch; tell whether it is still under way."""
        future = handed(submit, [task.cell for task in batch])
        running[future] = batch
        future.add_done_callback(finished.put)
        return not future.done()

    while True:
        if alone:
            if not running:
                by_itself = True
                start(alone.popleft())
        elif not by_itself or not running:
            by_itself = False
            while len(running) < limit and sum(map(len, running.values())) < POINTS:
                batch = queue.batch()
                if not batch or not start(batch):
                    break
        if not running:
            return
        future = _wait(finished)
        if limit < ahead and (future or time.monotonic() - began > PATIENCE):
            limit = ahead
        if future is None:
            continue
        batch = running.pop(future)
        error = _error(future)
        if isinstance(error, ExecutorLost):
            raise error
        if isinstance(error, BrokenExecutor):
            deaths.update(task.position for task in batch)
            most = max(deaths[task.position] for task in batch)
            if most < DEATHS - 1:
                queue.put_back(batch)
                continue
            if not by_itself:
                alone.append(batch)
                continue
            if len(batch) > 1:
                half = len(batch) // 2
                alone.extendleft((batch[half:], batch[:half]))
                continue
        if error is not None:
            yield from ((task, Failure.of(error)) for task in batch)
            continue
        report = future.result()
        n = len(report.outcomes)
        queue.learn(n, report.seconds)
        (alone.appendleft if by_itself and n < len(batch) else queue.put_back)(batch[n:])
        yield from zip(batch, report.outcomes, strict=False)


def _wait(finished: SimpleQueue[Future[Report]]) -> Future[Report] | None:
    """Wait for a short nap: a signal may reach another thread, and not wake this one."""
    try:
        return finished.get(timeout=0.5)
    except Empty:
        return None


def handed(submit: Callable[..., Future[Any]], *task: Any) -> Future[Any]:
    """Submit a task to an executor that may take none any more.

    Raises
    ------
    ExecutorLost
        If it is broken or was shut down.
    """
    try:
        return submit(*task)
    except ExecutorLost:
        raise
    except Exception as error:  # noqa: BLE001 - anybody's executor
        words = " ".join(str(error).split()) or type(error).__name__
        raise ExecutorLost(f"the executor takes no tasks: {words}") from None


#: What comes of a task that never ran: its worker could not read it.
_UNREAD = (UnfitError, ImportError, AttributeError, pickle.PickleError)


def _error(future: Future[Report]) -> BaseException | None:
    if future.cancelled():
        return ExecutorLost("the executor was closed")
    error = future.exception()
    if isinstance(error, _UNREAD) or "deserializ" in str(error):
        return ExecutorLost(" ".join(f"a worker cannot compute: {error}".split()))
    return error
