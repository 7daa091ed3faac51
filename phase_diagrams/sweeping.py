"""Every point of a grid: predicted, simulated, stored as it is computed."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

import montecarlo
from hebbian import Model

from . import cells
from .executors import Serial, open_executor
from .grid import Cell, Grid
from .journal import DONE, PENDING
from .prediction import predict
from .store import Store, counts
from .study import Settings, Study

__all__ = ["run", "run_in_memory", "sweep"]

log = logging.getLogger(__name__)

#: Tasks handed to an executor ahead of their turn, so that 1e5 points do not queue at once.
AHEAD = 64


def sweep(
    model: Model,
    grid: Mapping[str, Any],
    *,
    n_spins: int | None = None,
    n_samples: int = 4,
    n_replicas: int = 2,
    schedule: montecarlo.Schedule | None = None,
    dynamics: str = "glauber",
    start: str | float = "pattern",
    seed: int = 0,
    backend: str = "auto",
    law: str = "binomial",
    simulate: bool = True,
    theory: bool = True,
    out: str | os.PathLike[str] | None = None,
    executor: str | Executor = "serial",
    resume: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Compute a phase diagram by theory and by simulation.

    The numbers of a point depend on the model, the settings, the seed and the point alone:
    not on the rest of the grid, the executor, or how often the sweep was interrupted.

    Parameters
    ----------
    model : Model
    grid : mapping
        ``alpha``, ``T``, ``n_spins`` and numerical parameters of the model or its rule, each
        a number or a sequence of them; see `phase_diagrams.grid.Grid`.
    n_spins : int, optional
        Size of the network, if `grid` does not name it.
    n_samples, n_replicas, schedule, dynamics, start, seed, backend
        As for `montecarlo.simulate`; `start` is a name or an overlap.
    law : {"binomial", "gaussian"}
        Law of the example mean in the theory.
    simulate, theory : bool
        Which of the two to compute.
    out : path-like, optional
        Zarr store to write; without it the result stays in memory.
    executor : str or concurrent.futures.Executor
        ``"serial"``, ``"process:N"``, or an executor.  A script that asks for processes
        needs the usual ``if __name__ == "__main__":``.
    resume : bool
        Go on with an interrupted study, and try failed points again.
    progress : bool
        Show a progress bar on stderr if it is a terminal.

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``.  A point that failed is NaN with status 2; its
        reason is logged.

    Raises
    ------
    ValueError
        If a parameter is outside its range; if `out` holds another study, or the same one
        unfinished and `resume` is not set.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> tree = sweep(
    ...     Hopfield(), {"alpha": 0.02, "T": [0.1, 0.3]}, n_spins=100, n_samples=2,
    ...     schedule=montecarlo.Schedule(warmup=10, sweeps=50),
    ... )
    >>> tree["simulation/m"].dims, bool((tree["simulation/m"] > 0.9).all())
    (('T',), True)
    """
    if n_spins is not None:
        if "n_spins" in grid:
            raise ValueError("n_spins is given twice: in the grid and by itself")
        grid = {**grid, "n_spins": n_spins}
    schedule = schedule or montecarlo.Schedule()
    settings = Settings(
        n_samples=n_samples,
        n_replicas=n_replicas,
        warmup=schedule.warmup,
        sweeps=schedule.sweeps,
        stride=schedule.stride,
        dynamics=dynamics,
        start=start,
        seed=seed,
        backend=backend,
        law=law,
        simulate=simulate,
        theory=theory,
    )
    study = Study(grid=Grid(model, grid), settings=settings.checked())
    if out is None:
        return run_in_memory(study, executor=executor, progress=progress)
    return run(study, out, executor=executor, resume=resume, progress=progress)


def run_in_memory(
    study: Study, *, executor: str | Executor = "serial", progress: bool = False
) -> xr.DataTree:
    """Run a study and keep nothing on disk."""
    with TemporaryDirectory() as folder:
        try:
            return run(study, Path(folder) / "study.zarr", executor=executor, progress=progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt from None


def run(
    study: Study,
    out: str | os.PathLike[str],
    *,
    executor: str | Executor = "serial",
    resume: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Run a study; see `sweep` for the parameters."""
    store, settings = Store(out), study.settings
    if store.exists():
        if _finished(store, study):
            tree = store.read()
            if not resume or counts(tree)["failed"] == 0:
                return tree
        elif not resume:
            n_pending = int((store.journal.status() == PENDING).sum())
            raise ValueError(
                f"{store.path} holds this study with {n_pending} of {study.grid.size} points "
                "pending: resume it (resume=True, --resume) or choose another path"
            )
    with open_executor(executor) as pool:
        if settings.simulate:
            cells.rehearse(next(study.grid.cells()), settings)
        if not store.exists():
            predicted = None
            if settings.theory:
                predicted = predict(study.grid, settings.start, settings.law)
            store.create(study, predicted)
        if settings.simulate:
            with store.lock():
                store.withdraw()
                try:
                    _simulate(store, pool, progress)
                except KeyboardInterrupt:
                    raise KeyboardInterrupt(f"{store.path} keeps what is done") from None
                store.publish()
    return store.read()


def _finished(store: Store, study: Study) -> bool:
    """Whether the store holds this study with no point pending; another study is refused."""
    attributes = store.attributes()
    if attributes["fingerprint"] != study.fingerprint():
        difference = study.difference(json.loads(attributes["study"]))
        raise ValueError(f"{store.path} holds another study ({difference}): choose another path")
    return bool(attributes["published"])


def _simulate(store: Store, pool: Executor, progress: bool) -> None:
    """Compute the points that are pending or failed, and store each as it ends."""
    study = store.study()
    grid, settings = study.grid, study.settings
    wanted = set(map(tuple, np.argwhere(store.journal.status() != DONE).tolist()))
    n_threads = None if isinstance(pool, Serial) else 1
    backends: set[str] = set()
    tasks = (cell for cell in grid.cells() if cell.index in wanted)
    bar = tqdm(total=len(wanted), unit="point", disable=None if progress else True)

    def submit(cell: Cell) -> Future[str]:
        arguments = (cell, settings, grid.n_patterns, store.journal, n_threads)
        return pool.submit(cells.compute, *arguments)

    with bar:
        for cell, future in _in_turn(tasks, submit):
            error = future.exception()
            if isinstance(error, BrokenExecutor):
                raise BrokenExecutor(
                    f"a worker process died; {store.path} keeps what is done: resume it"
                ) from error
            if error is not None:
                cells.fail(cell, grid.n_patterns, store.journal)
                log.warning("%s failed: %s: %s", _name(cell), type(error).__name__, error)
            elif (backend := future.result()) not in backends:
                backends.add(backend)
                store.note_backend(backend)
            bar.update()


def _in_turn(
    tasks: Iterator[Cell], submit: Callable[[Cell], Future[str]]
) -> Iterator[tuple[Cell, Future[str]]]:
    """Yield every task with its finished future, a bounded number being under way."""
    running: dict[Future[str], Cell] = {}
    for cell in tasks:
        future = submit(cell)
        if future.done():
            yield cell, future
            continue
        running[future] = cell
        if len(running) >= AHEAD:
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            yield from ((running.pop(future), future) for future in ended)
    while running:
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        yield from ((running.pop(future), future) for future in ended)


def _name(cell: Cell) -> str:
    load = "" if cell.alpha is None else f"alpha={cell.alpha}, "
    return f"point {load}T={cell.T}, n_spins={cell.n_spins} of {cell.model!r}"
