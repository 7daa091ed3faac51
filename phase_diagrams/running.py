"""From a study to its store: what is missing is computed, and stored as it ends."""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager

import numpy as np
from tqdm import tqdm

import hebbian

from . import cells
from .dispatch import Task, outcomes
from .executors import ExecutorLost, Serial, open_executor
from .grid import Cell
from .journal import DONE, FAILED
from .prediction import predict
from .shards import Shard
from .store import Store
from .study import Study

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
            cells.rehearse(next(study.grid.cells()), settings)
        predicted = None
        if settings.theory and (part is None or part.number == 1) and not _sound_theory(store):
            predicted = predict(study.grid, settings.start, settings.law)
        if not store.exists():
            store.create(study, predicted, part)
            predicted = None
        with store.lock():
            if predicted is not None:
                store.replace_theory(predicted)
            if settings.simulate:
                store.withdraw()
                try:
                    _simulate(store, pool, progress)
                except KeyboardInterrupt:
                    raise KeyboardInterrupt(f"{store.path} keeps what is done") from None
                store.publish()
    return store


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
    if resume:
        return bool(attributes["published"]) and not store.counts()["failed"] and not store.flaws()
    if not attributes["published"]:
        counts = store.counts()
        left = counts["pending"] + counts["damaged"]
        raise ValueError(
            f"{store.path} holds this study with {left} of {counts['points']} points "
            "pending: resume it (resume=True, --resume) or choose another path"
        )
    return True


def _sound_theory(store: Store) -> bool:
    try:
        return store.exists() and store.theory() is not None
    except ValueError:
        return False


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

    def submit(cell: Cell) -> Future[tuple[str, np.ndarray]]:
        arguments = (cell, settings, grid.n_patterns, n_threads, hebbian.__version__)
        return pool.submit(cells.compute, *arguments)

    with journal:
        status = journal.status()
        wanted = status != DONE
        if store.shard is not None:
            wanted &= store.shard.mask(grid)
        tasks = (
            Task(position, cell)
            for position, (cell, open_) in enumerate(zip(grid.cells(), wanted.flat, strict=True))
            if open_
        )
        total = int(wanted.sum())
        bar = tqdm(total=total, unit="point", disable=None if progress else True)
        with bar:
            try:
                for task, future in outcomes(tasks, submit):
                    error = future.exception()
                    if error is not None:
                        journal.write(task.position, FAILED, np.nan)
                        log.warning(
                            "%s failed: %s: %s", _name(task.cell), type(error).__name__, error
                        )
                    else:
                        backend, values = future.result()
                        journal.write(task.position, DONE, values)
                        if backend not in backends:
                            backends.add(backend)
                            store.note_backend(backend)
                    bar.update()
            except ExecutorLost as error:
                raise BrokenExecutor(
                    f"{error}; {store.path} keeps what is done: resume it"
                ) from None


def _name(cell: Cell) -> str:
    load = "" if cell.alpha is None else f"alpha={cell.alpha}, "
    start = "" if cell.start is None else f", start={cell.start}"
    return f"point {load}T={cell.T}, n_spins={cell.n_spins}{start} of {cell.model!r}"
