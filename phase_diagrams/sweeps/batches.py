"""Points that travel together: what an executor runs, here or on another machine.

A task gets a few points and returns their numbers; the only file it may touch is the
checkpoint of a long point.  Neighbours that differ
in their temperature alone share their disorder: they are one call of the simulation with an
array of temperatures, which draws it once.  No number depends on that, since every random
stream is keyed by what it is for.
"""

from __future__ import annotations

import itertools
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

import hebbian
from hebbian import domain
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS
from phase_diagrams.points import Cell
from phase_diagrams.results import pack, widths
from phase_diagrams.settings import Settings

from . import cells
from .checkpoints import Checkpoints

__all__ = [
    "BUDGET",
    "MOST",
    "Failure",
    "Report",
    "Success",
    "UnfitError",
    "compute",
    "least",
    "rehearse",
    "rows",
    "same_disorder",
]

#: Seconds after which a task begins no other row.
BUDGET = 0.5

#: Points of a task at most.
MOST = 64

#: Chains that a kernel of many at once is given at least: fewer take it about as long.
LANES = 32

#: Rows of a network beyond which a visit of many chains is no longer that of one, about.
FEW_ROWS = 512


class UnfitError(RuntimeError):
    """A worker can compute no point, whichever it is."""


class Success(NamedTuple):
    """The results of a point in a row, and the backend that computed them."""

    backend: str
    values: np.ndarray


class Failure(NamedTuple):
    """Why a point has no numbers."""

    kind: str
    message: str

    @staticmethod
    def of(error: BaseException) -> Failure:
        """Put an exception in words."""
        return Failure(type(error).__name__, str(error))


class Report(NamedTuple):
    """What came of the first points of a task, at least one, and how long they took."""

    outcomes: list[Success | Failure]
    seconds: float


def rows(batch: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Cut points into runs of neighbours that share their disorder.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> from phase_diagrams.grid import Grid
    >>> grid = Grid(Hopfield(), {"alpha": [0.1, 0.2], "T": [0.3, 0.5], "n_spins": 100})
    >>> [[cell.T for cell in row] for row in rows(list(grid.cells()))]
    [[0.3, 0.5], [0.3, 0.5]]
    """
    for _, row in itertools.groupby(batch, same_disorder):
        yield list(row)


def same_disorder(cell: Cell) -> tuple[Any, ...]:
    """Return what neighbours of one row have in common."""
    return cell.model, cell.alpha, cell.n_spins, cell.start


def least(cell: Cell, settings: Settings) -> int:
    """Return how many points of a row are not worth a cut, as one of them takes as long.

    Their chains run together, in a kernel of many chains or on a device.
    """
    if settings.backend == "cupy":
        return MOST
    if DYNAMICS[domain.choice("dynamics", settings.dynamics, DYNAMICS)].expansion:
        return 1
    model, n_spins = cell.model, hebbian.datasets.checked_size(cell.model, cell.n_spins)
    n_rows = model.layout(model.count(cell.alpha, n_spins), n_spins).n_rows
    kernel = resolve(
        settings.backend, settings.dynamics, form=settings.form, n_chains=LANES, n_rows=n_rows
    )
    together = kernel.batched and n_rows <= FEW_ROWS
    return max(1, LANES // settings.n_replicas) if together else 1


def rehearse(asked: tuple[Cell, Settings] | bytes, version: str) -> None:
    """Let this worker show that it can compute the points of a study.

    Parameters
    ----------
    asked : tuple or bytes
        A point and the settings, pickled where a worker would die of what it cannot read.
    version : str

    Raises
    ------
    UnfitError
        If it runs another version, or cannot import what the study is made of.
    ValueError
        As `phase_diagrams.sweeps.cells.rehearse`.
    """
    _check_version(version)
    if isinstance(asked, bytes):
        try:
            asked = pickle.loads(asked)
        except Exception as error:  # noqa: BLE001 - what a module does when it is imported
            raise UnfitError(
                f"{error}: workers find models and observables in modules that they can import"
            ) from None
    cells.rehearse(*asked)


def _check_version(version: str) -> None:
    if version != hebbian.__version__:
        raise UnfitError(
            f"the worker runs version {hebbian.__version__}, the sweep version {version}"
        )


def compute(
    batch: Sequence[Cell],
    settings: Settings,
    components: Mapping[str, int],
    n_threads: int | None,
    checkpoints: Checkpoints | None,
    version: str,
) -> Report:
    """Simulate points in their order until the time is up.

    Raises
    ------
    UnfitError
        If this worker runs another version than the one that asks.
    """
    _check_version(version)
    slots = widths(settings.results, settings.lengths(components))
    tasks = list(rows(batch))
    # Rows that share a task are quick: only one that travels alone may be long.
    kept = checkpoints if len(tasks) == 1 else None

    def outcomes(row: list[Cell]) -> list[Success | Failure]:
        try:
            runs = (kept or cells).simulate_row(row, settings, n_threads=n_threads)
            return [
                Success(str(run.settings["backend"]), pack(run, settings.results, slots))
                for run in runs
            ]
        except Exception as error:  # noqa: BLE001 - a point that fails is data
            if len(row) == 1:
                return [Failure.of(error)]
        return [found for cell in row for found in outcomes([cell])]

    started = time.monotonic()
    found: list[Success | Failure] = []
    for row in tasks:
        found += outcomes(row)
        if time.monotonic() - started > BUDGET:
            break
    return Report(found, time.monotonic() - started)
