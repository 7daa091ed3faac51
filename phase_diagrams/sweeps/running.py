"""From a study to its store: what is missing is computed, and stored as it ends."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

import hebbian
from montecarlo.engine.bars import compilation, progress_bar
from phase_diagrams.points import Cell
from phase_diagrams.results import DONE, FAILED
from phase_diagrams.shards import Shard
from phase_diagrams.stores.groups import awaits_theory, damages, lacks_theory, publish, write_theory
from phase_diagrams.stores.journal import Journal
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study
from phase_diagrams.trajectory_prediction import predicted

from . import batches, checkpoints
from .checkpoints import Checkpoints
from .clusters import ExecutorLost
from .dispatch import Task, outcomes
from .executors import Serial, open_executor
from .rehearsal import rehearse

__all__ = ["check_observables", "complete", "compute", "finish"]

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
    """Compute what the store of a study lacks, which need not exist, and return it.

    Everything else is as for `phase_diagrams.sweep`.
    """
    settings = study.settings
    if part is not None and not settings.simulate:
        raise ValueError(f"shard = {part} of a study without simulation: there are no points")
    if store.exists() and _finished(store, study, part, resume):
        return store
    with _terminable(), open_executor(executor) as pool:
        if settings.simulate:
            with compilation(progress):
                rehearse(study, pool)
        new = not store.exists()
        if new:
            store.create(study, part)
        with store.lock():
            check_observables(store.study())
            whole = store.study().united(study)
            if whole.describe() != store.study().describe():
                store.adopt(whole)
            complete(store, pool, new=new, progress=progress)
            finish(store)
    return store


def check_observables(study: Study) -> None:
    """Refuse a stored study whose observables are not defined as it keeps them.

    Raises
    ------
    ValueError
        If the definition of one cannot be imported, or is another by now.
    """
    if study.slots() != replace(study, recorded=None).slots():
        raise ValueError(f"observables = {list(study.recorded or ())} are defined otherwise by now")


def complete(store: Store, pool: Executor, *, new: bool = False, progress: bool = False) -> None:
    """Compute theory and points that a store lacks, inside ``with store.lock()``.

    A `new` one, which holds nothing yet, goes again if the theory refuses its study.
    """
    try:
        store.withdraw()
        with compilation(progress):
            _predict(store, new)
        for part in store.parts() if store.study().settings.simulate else ():
            _simulate(store, part, pool, progress)
    except (KeyboardInterrupt, SystemError) as error:
        # Compiled code on its way back to Python makes one out of the other.
        if isinstance(error, SystemError) and not _from_interrupt(error):
            raise
        raise KeyboardInterrupt(f"{store.path} keeps what is done") from None


def _from_interrupt(error: BaseException | None) -> bool:
    """Whether an interrupt is among what an error was made of, by one call or by several."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def finish(store: Store) -> None:
    """Publish what `complete` has computed; a theory that went meanwhile is predicted again."""
    _predict(store)
    if store.study().settings.simulate:
        publish(store)


def _predict(store: Store, new: bool = False) -> None:
    """Write the theory that is lacking; a new store goes again if it refuses the study."""
    settings = store.study().settings
    for part in store.parts():
        if not lacks_theory(store, part):
            continue
        try:
            found = predicted(part.grid, settings)
        except ValueError:
            if new:
                store.discard()
            raise
        write_theory(store, part, found)


def _finished(store: Store, asked: Study, part: Shard | None, resume: bool) -> bool:
    """Whether the store holds all that is asked and needs no work; another study is refused."""
    attributes, here = store.attributes(), store.study()
    if attributes["fingerprint"] != asked.fingerprint():
        difference = asked.difference(attributes["study"])
        raise ValueError(f"{store.path} holds another study ({difference}): choose another path")
    if store.shard != part:
        there, at_hand = (f"shard {s}" if s else "all" for s in (store.shard, part))
        raise ValueError(
            f"{store.path} holds {there} of this study, not {at_hand}: choose another path"
        )
    lacking = _lacking(here, here.united(asked))
    if lacking and part is not None:
        raise ValueError(f"{store.path} is a shard without {lacking}: merge the shards first")
    predicted = not any(awaits_theory(store, each) for each in store.parts())
    finished = bool(attributes["published"]) and predicted
    counts, added = store.counts(), store.refined()
    if resume:
        failed = counts["failed"] + added["failed"]
        return not lacking and finished and not failed and not damages(store)
    way_out = "(resume=True, --resume) or choose another path"
    if lacking:
        raise ValueError(f"{store.path} holds this study without {lacking}: extend it {way_out}")
    if not finished:
        n_left = sum(found["pending"] + found["damaged"] for found in (counts, added))
        left = f"{n_left} of {counts['points'] + added['points']} points"
        left += "" if predicted else " and its theory"
        raise ValueError(
            f"{store.path} holds this study with {left} pending: "
            "resume it (resume=True, --resume) or choose another path"
        )
    return True


def _lacking(here: Study, whole: Study) -> str:
    """Say what a store has to get to hold `whole`; how it is computed is no part of it."""
    ours, wanted = here.settings, whole.settings
    n_new = whole.grid.size - here.grid.size
    lacking = {
        f"{n_new} of {whole.grid.size} points": n_new > 0,
        "its simulation": wanted.simulate and not ours.simulate,
        "its theory": wanted.theory and not ours.theory,
        f"the theory of law = {wanted.law!r}": wanted.law != ours.law,
    }
    return " and ".join(words for words, lacks in lacking.items() if lacks)


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


def _simulate(store: Store, journal: Journal, pool: Executor, progress: bool) -> None:
    """Compute the points that are pending, failed or damaged, and store each as it ends."""
    settings, grid = store.study().settings, journal.grid
    n_threads = pool.n_threads if isinstance(pool, Serial) else 1
    backends: set[str] = set()
    kept = Checkpoints(str(journal.checkpoints), checkpoints.EVERY)

    def submit(batch: Sequence[Cell]) -> Future[batches.Report]:
        arguments = (batch, settings, grid.components, n_threads, kept, hebbian.__version__)
        return pool.submit(batches.compute, *arguments)

    def least(cell: Cell) -> int:
        return batches.least(cell, settings)

    with journal, kept.open() as discard:
        wanted = journal.status() != DONE
        if store.shard is not None and journal.number == 0:
            wanted &= store.shard.mask(grid)
        tasks = (Task(n, cell) for n, cell in grid.numbered() if wanted.flat[n])
        with progress_bar(progress, total=int(wanted.sum()), unit="point") as bar:
            try:
                for task, found in outcomes(tasks, submit, least=least):
                    if isinstance(found, batches.Failure):
                        journal.write(task.position, FAILED, np.nan)
                        log.warning("%s failed: %s: %s", _name(task.cell), *found)
                    else:
                        journal.write(task.position, DONE, found.values)
                        if found.backend not in backends:
                            backends.add(found.backend)
                            store.note_backend(found.backend)
                    discard(task.cell)
                    bar.update()
            except ExecutorLost as error:
                rest = f"{store.path} keeps what is done: resume it"
                raise BrokenExecutor(
                    f"{error}; {rest if store.durable else 'nothing is kept'}"
                ) from None


def _name(cell: Cell) -> str:
    load = "" if cell.alpha is None else f"alpha={cell.alpha}, "
    start = "" if cell.start is None else f", start={cell.start}"
    return f"point {load}T={cell.T}, n_spins={cell.n_spins}{start} of {cell.model!r}"
