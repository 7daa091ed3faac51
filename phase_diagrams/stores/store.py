"""Results on disk: a Zarr v3 store that survives the death of its writer.

============================  ===========================================================
``zarr.json``                 the study and its origin, verified by a digest; a copy
                              stands in ``cells``
``cells/grid``                the points of the grid as they are computed
                              (`phase_diagrams.stores.journal`); ``cells/larger`` and
                              ``cells/grid`` in turn when it grows
``cells/refinement_001`` ...  points that were added where the physics is
``theory``                    labelled variables, written before the first point
``simulation``                the rows as labelled variables, published when no point is
                              pending
``refinement/001`` ...        the same two groups for the added points
============================  ===========================================================

The rows are what is read here; ``simulation`` is for every other reader of Zarr.  The store
appears by a rename, so that no reader sees half of it.

A study is known by what changes the bits of its points (`Study.fingerprint`); its grid may
grow.  Then a larger array takes the rows that are there, each by the key of its point, and
takes their place when ``zarr.json`` names it: the store is the one that a sweep of the
larger grid would have made.

A killed process loses the points it was computing.  Against the loss of power the store is
flushed to the disk (fsync) before it appears, the rows at most once a second and when the
sweep ends: a crashed machine costs a second of results.  ``simulation`` is not flushed; it
can be made again from the rows.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from phase_diagrams.grid import Grid
from phase_diagrams.results import DAMAGED, DONE, FAILED, PENDING, written
from phase_diagrams.schema import SCHEMA_VERSION, study_attributes
from phase_diagrams.shards import Shard, parse_shard
from phase_diagrams.study import Study

from .files import appearing, flush, held
from .headers import attributes, identify, write_header
from .journal import Journal, grid_of
from .provenance import provenance

__all__ = ["OWN", "Store"]

_FORMAT = "hebbian phase diagram"

_STATES = {"done": DONE, "failed": FAILED, "pending": PENDING, "damaged": DAMAGED}

#: Attributes that are about the store, not about the results.
OWN = (
    "asked", "digest", "format", "n_patterns", "observables", "predicted", "published", "rows",
    "shard",
)  # fmt: skip


class Store:
    """The store of one study.

    Parameters
    ----------
    path : path-like
    durable : bool
        Flush to the disk; a store in a temporary folder need not.
    """

    def __init__(self, path: str | os.PathLike[str], *, durable: bool = True) -> None:
        self.path = Path(path).absolute()
        self.durable = durable
        self._attributes: dict[str, Any] = {}
        self._mark: tuple[int, int, int] | None = None  # of the file that they were read from
        self._forget()

    def _forget(self) -> None:
        """Read again what another process, or this one, may have changed."""
        self._study: Study | None = None
        self._parts: list[Journal] | None = None

    def exists(self) -> bool:
        """Whether anything stands at the path."""
        return self.path.exists()

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the root, or their copy if the root is damaged.

        Raises
        ------
        ValueError
            If this is not a store written by `phase_diagrams.sweep`, one of another layout,
            or damaged beyond its copy.
        """
        try:
            found = (self.path / "zarr.json").stat()
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError:
            mark = None
        if mark is None or mark != self._mark:
            self._attributes = identify(self.path, _FORMAT, SCHEMA_VERSION)
            self._mark = mark
        return self._attributes

    def study(self) -> Study:
        """Return the study that the store holds."""
        if self._study is None:
            found = self.attributes()
            self._study = Study.stored(
                json.loads(found["study"]), found["n_patterns"], found["observables"]
            )
        return self._study

    def parts(self) -> list[Journal]:
        """Return the rows of the grid, and of the rounds of its refinement, oldest first."""
        if self._parts is None:
            study, cells = self.study(), self.path / "cells"
            rows = cells / self.attributes()["rows"]
            self._parts = [Journal(rows, study.grid, study.slots())]
            for header in sorted(cells.glob("refinement_*/zarr.json")):
                grid = grid_of(header.parent)
                self._parts.append(Journal(header.parent, grid, study.slots(grid)))
        return self._parts

    @property
    def journal(self) -> Journal:
        """The rows of the grid."""
        return self.parts()[0]

    @property
    def shard(self) -> Shard | None:
        """The part of the study that belongs here; None: all of it."""
        return parse_shard(self.attributes()["shard"] or None)

    def create(
        self,
        study: Study,
        shard: Shard | None = None,
        fill: Callable[[Store], None] = lambda store: None,
    ) -> None:
        """Make a store without points and theory; it appears complete or not at all.

        Parameters
        ----------
        study : Study
        shard : Shard, optional
        fill : callable
            Puts into the store what it appears with.

        Raises
        ------
        OSError
            If there is no room for it.
        ValueError
            If another process has made one meanwhile.
        """
        entries = {
            "format": _FORMAT,
            "backend": "",
            "n_patterns": study.grid.n_patterns,
            "observables": written(study.results),
            "shard": "" if shard is None else str(shard),
            "rows": "grid",
            "asked": 0,
            "predicted": 0,
            "published": not study.settings.simulate,
            **study_attributes(study, provenance()),
        }
        with appearing(self.path, durable=self.durable) as making:
            write_header(making, entries)
            if study.settings.simulate:
                write_header(making / "cells", entries)
                self._allocate(making / "cells" / "grid", study, study.grid)
            fill(Store(making))

    def _allocate(self, folder: Path, study: Study, grid: Grid) -> Journal:
        """Make an array of rows in the place of what a dead process may have left."""
        shutil.rmtree(folder, ignore_errors=True)
        journal = Journal(folder, grid, study.slots(grid))
        try:
            journal.create()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return journal

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; the kernel frees it if this process dies.

        Raises
        ------
        ValueError
            If another process writes it.
        """
        with held(self.path, self.path):
            self._forget()
            yield

    def adopt(self, study: Study) -> None:
        """Hold another study of this fingerprint: what is there stays, a larger grid has room.

        Parameters
        ----------
        study : Study
            With all points of the one that is here.
        """
        here = self.study()
        changes = {**study_attributes(study, {}), "n_patterns": study.grid.n_patterns}
        larger = study.grid.describe() != here.grid.describe()
        if larger or study.settings.law != here.settings.law:
            changes["predicted"] = 0
        if study.settings.simulate and (larger or not here.settings.simulate):
            changes["rows"] = "grid" if self.attributes()["rows"] == "larger" else "larger"
            folder = self.path / "cells" / changes["rows"]
            folder.parent.mkdir(exist_ok=True)
            journal = self._allocate(folder, study, study.grid)
            if here.settings.simulate:
                with journal:
                    for part in self.parts():
                        journal.insert(part)
                # Progress inside of points is keyed by them, and moves along.
                with suppress(FileNotFoundError):
                    self.journal.checkpoints.rename(journal.checkpoints)
            if self.durable:
                flush(folder)
        self.note(**changes)
        self._forget()

    def add_round(self, grid: Grid) -> None:
        """Make room for scattered points, inside ``with store.lock()``."""
        folder = self.path / "cells" / f"refinement_{len(self.parts()):03d}"
        self.parts().append(self._allocate(folder, self.study(), grid))
        if self.durable:
            flush(folder)

    def note_backend(self, name: str) -> None:
        """Add a backend to those that computed points."""
        known = set(self.attributes()["backend"].split())
        if name not in known:
            self.note(backend=" ".join(sorted({*known, name})))

    def note(self, **changes: Any) -> None:
        """Change some attributes."""
        write_header(self.path, {**self.attributes(), **changes})

    def discard(self) -> None:
        """Remove the store of a study that the theory refuses."""
        shutil.rmtree(self.path)

    def withdraw(self) -> None:
        """Say that the labelled variables are behind the rows; mend headers, remove leftovers."""
        self.note(published=False)
        if not self._has_copy():
            write_header(self.path / "cells", self.attributes())
        for part in self.parts():
            part.write_header()
        for folder in (self.path / "cells" / name for name in ("grid", "larger")):
            if folder != self.journal.folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _has_copy(self) -> bool:
        """Whether the copy of the attributes is sound, and of the study that is here."""
        root = self.attributes()
        try:
            copy = attributes(self.path / "cells")
        except (OSError, ValueError):
            return False
        return all(copy[name] == root[name] for name in ("study", "rows", "predicted"))

    def counts(self) -> dict[str, int]:
        """Count the points of the grid, of a shard its own: by state, and all."""
        study = self.study()
        if not study.settings.simulate:
            state = "done" if self.attributes()["predicted"] else "pending"
            return {"points": study.grid.size, **dict.fromkeys(_STATES, 0), state: study.grid.size}
        return _count(self.own(self.journal))

    def own(self, part: Journal) -> np.ndarray:
        """Return the status of the points of a part, of a shard its own alone."""
        status, shard = part.status(), self.shard
        return status if shard is None or part.number else status[shard.mask(part.grid)]

    def refined(self) -> dict[str, int]:
        """Count the points of refinements: those asked for, made room for, and by state."""
        rounds = [_count(part.status()) for part in self.parts()[1:]]
        total = {name: sum(count[name] for count in rounds) for name in ("points", *_STATES)}
        return {**total, "asked": max(self.attributes()["asked"], total["points"])}


def _count(status: np.ndarray) -> dict[str, int]:
    return {"points": status.size} | {k: int((status == v).sum()) for k, v in _STATES.items()}
