"""From a study to its store: what is missing is computed, and stored as it ends."""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager

import numpy as np
from tqdm import tqdm

import hebbian
from phase_diagrams.grid import Cell
from phase_diagrams.prediction import predict
from phase_diagrams.stores.journal import DONE, FAILED
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study

from . import batches, cells
from .dispatch import Task, outcomes
from .executors import ExecutorLost, Serial, open_executor
from .shards import Shard

__all__ = ["compute"]

log = logging.getLogger(__name__)


def compute(
    study: Study,
    store: Store,
    *,
    executor: str | Executor,
    part: Shard | None = None,
    resume: bool = False,
    progress: bool = False,
) -> Store:
    """Compute what the store of a study lacks, and return the store.

    Parameters
    ----------
    study : Study
    store : Store
        It need not exist.
    executor : str or concurrent.futures.Executor
    part : Shard, optional
    resume : bool
    progress : bool
        As for `phase_diagrams.sweep`.
    """
    settings = study.settings
    if part is not None and not settings.simulate:
        raise ValueError(f"shard = {part} of a study without simulation: there are no points")
    if store.exists() and _complete(store, study, part, resume):
        return store
    with _terminable(), open_executor(executor) as pool:
        if settings.simulate:
            _rehearse(study, pool)
        new = not store.exists()
        if new:
            store.create(study, part)
        with store.lock():
            try:
                if store.lacks_theory():
                    _predict(store, new)
                if settings.simulate:
                    store.withdraw()
                    _simulate(store, pool, progress)
                    store.publish()
            except (KeyboardInterrupt, SystemError) as error:
                # Compiled code on its way back to Python makes one out of the other.
                if isinstance(error, SystemError) and not _from_interrupt(error):
                    raise
                raise KeyboardInterrupt(f"{store.path} keeps what is done") from None
    return store


def _rehearse(study: Study, pool: Executor) -> None:
    """Let the simulation judge the settings: on a worker where they ask for a device.

    Workers may have devices that this process lacks, and a process that uses a device itself
    takes memory of it from its workers.
    """
    first, settings = next(study.grid.cells()), study.settings
    if settings.backend != "cupy":
        cells.rehearse(first, settings)
        return
    try:
        pool.submit(cells.rehearse, first, settings).result()
    except ExecutorLost as error:
        raise BrokenExecutor(f"{error}: nothing was computed") from None


def _from_interrupt(error: BaseException | None) -> bool:
    """Whether an interrupt is among what an error was made of, by one call or by several."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _predict(store: Store, new: bool) -> None:
    """Write the theory; a new store goes again if the theory refuses its study."""
    study = store.study()
    try:
        predicted = predict(study.grid, study.settings.start, study.settings.law)
    except ValueError:
        if new:
            store.discard()
        raise
    store.replace_theory(predicted)


def _complete(store: Store, study: Study, part: Shard | None, resume: bool) -> bool:
    """Whether the store holds this study and needs no work; another study is refused."""
    attributes = store.attributes()
    if attributes["fingerprint"] != study.fingerprint():
        difference = study.difference(json.loads(attributes["study"]))
        raise ValueError(f"{store.path} holds another study ({difference}): choose another path")
    if store.shard != part:
        there, here = (f"shard {s}" if s else "all" for s in (store.shard, part))
        raise ValueError(
            f"{store.path} holds {there} of this study, not {here}: choose another path"
        )
    predicted = attributes.get("predicted", True)
    finished = bool(attributes["published"]) and predicted
    if resume:
        return finished and not store.counts()["failed"] and not store.flaws()
    if not finished:
        counts = store.counts()
        left = f"{counts['pending'] + counts['damaged']} of {counts['points']} points"
        left += "" if predicted else " and its theory"
        raise ValueError(
            f"{store.path} holds this study with {left} pending: "
            "resume it (resume=True, --resume) or choose another path"
        )
    return True


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, by which batch systems end a job, interrupt like Control-C."""
    usual = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or usual != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def _simulate(store: Store, pool: Executor, progress: bool) -> None:
    """Compute the points that are pending, failed or damaged, and store each as it ends."""
    study, journal = store.study(), store.journal
    grid, settings = study.grid, study.settings
    n_threads = None if isinstance(pool, Serial) else 1
    backends: set[str] = set()

    def submit(batch: Sequence[Cell]) -> Future[batches.Report]:
        arguments = (batch, settings, grid.n_patterns, n_threads, hebbian.__version__)
        return pool.submit(batches.compute, *arguments)

    with journal:
        wanted = journal.status() != DONE
        if store.shard is not None:
            wanted &= store.shard.mask(grid)
        tasks = (Task(n, cell) for n, cell in grid.numbered() if wanted.flat[n])
        bar = tqdm(total=int(wanted.sum()), unit="point", disable=None if progress else True)
        with bar:
            try:
                for task, found in outcomes(tasks, submit, whole_rows=settings.backend == "cupy"):
                    if isinstance(found, batches.Failure):
                        journal.write(task.position, FAILED, np.nan)
                        log.warning("%s failed: %s: %s", _name(task.cell), *found)
                    else:
                        journal.write(task.position, DONE, found.values)
                        if found.backend not in backends:
                            backends.add(found.backend)
                            store.note_backend(found.backend)
                    bar.update()
            except ExecutorLost as error:
                raise BrokenExecutor(
                    f"{error}; {store.path} keeps what is done: resume it"
                ) from None


def _name(cell: Cell) -> str:
    load = "" if cell.alpha is None else f"alpha={cell.alpha}, "
    start = "" if cell.start is None else f", start={cell.start}"
    return f"point {load}T={cell.T}, n_spins={cell.n_spins}{start} of {cell.model!r}"
