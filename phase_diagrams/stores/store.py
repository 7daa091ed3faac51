"""Results on disk: a Zarr v3 store that survives the death of its writer.

============================  ===========================================================
``zarr.json``                 the study and its origin, verified by a digest; a copy
                              stands in ``cells`` (`phase_diagrams.stores.identity`)
``cells/grid``                the points of the grid as they are computed
                              (`phase_diagrams.stores.journal`); ``cells/larger`` and
                              ``cells/grid`` in turn when it grows
``cells/refinement_001`` ...  points that were added where the physics is
``theory``                    labelled variables, written before the first point
``simulation``                the rows as labelled variables, published when no point is
                              pending
``refinement/001`` ...        the same two groups for the added points
============================  ===========================================================

Of ``cells`` that is part of the store which ``zarr.json`` names, under ``rows`` and ``rounds``;
what it does not name yet was left by a dead process.

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

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from hebbian.documents import decode
from hebbian.provenance import provenance
from phase_diagrams.grid import Grid
from phase_diagrams.keys import coordinates
from phase_diagrams.results import DAMAGED, DONE, FAILED, PENDING, written
from phase_diagrams.schema import study_attributes
from phase_diagrams.shards import Shard
from phase_diagrams.study import Study

from .files import FULL, appearing, flush, held
from .headers import attributes, named, write_header
from .identity import FORMAT, Identity, grid_of, identify, judged
from .journal import Journal

__all__ = ["OWN", "Store"]

log = logging.getLogger(__name__)

_STATES = {"done": DONE, "failed": FAILED, "pending": PENDING, "damaged": DAMAGED}

#: Names of the rows of parts.
_OURS = re.compile(r"grid|larger|refinement_\d{3,}")

#: Attributes that are about the store, not about the results.
OWN = (
    "asked", "digest", "format", "n_patterns", "observables", "points", "predicted", "published",
    "rounds", "rows", "shard", "variables",
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
        self._mark: tuple[int, int, int] | None = None  # of the file that was read
        self._found: Identity | None = None
        self._forget()

    def _forget(self) -> None:
        """Read again what another process, or this one, may have changed."""
        self._parts: list[Journal] | None = None
        self._lost: list[int] = []

    def exists(self) -> bool:
        """Whether anything stands at the path."""
        return self.path.exists()

    def _identity(self) -> Identity:
        try:
            found = (self.path / "zarr.json").stat()
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError:
            mark = None
        if self._found is None or mark is None or mark != self._mark:
            self._found = identify(self.path)
            self._mark = mark
        return self._found

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the root, or their copy if the root is damaged.

        Raises
        ------
        ValueError
            If this is not a store written by `phase_diagrams.sweep`, one of another layout,
            or damaged beyond its copy.
        """
        return self._identity().attributes

    def study(self) -> Study:
        """Return the study that the store holds."""
        return self._identity().study

    def parts(self) -> list[Journal]:
        """Return the rows of the grid, and of the rounds of its refinement, oldest first."""
        if self._parts is None:
            self._parts = [self._journal(self.attributes()["rows"], self.study().grid)]
            for number in self.attributes()["rounds"]:
                grid = self._points_of(number)
                if grid is None:
                    self._lost.append(number)
                else:
                    self._parts.append(self._journal(_round(number), grid))
            if self._lost:
                words = "%s: nothing says any more which points %d rounds of refinement had"
                log.warning(words, self.path, len(self._lost))
        return self._parts

    def _journal(self, name: str, grid: Grid) -> Journal:
        slots, fingerprint = self.study().slots(grid), self.attributes()["fingerprint"]
        return Journal(self.path / "cells" / name, grid, slots, fingerprint)

    def _points_of(self, number: int) -> Grid | None:
        """Return the points of a round: four headers say which they are."""
        folder, labelled = self.path / "cells" / _round(number), f"refinement/{number:03d}"
        for place in (folder, folder / "rows"):
            with suppress(OSError, ValueError):
                return self._believed(attributes(place), number)
        for group in ("simulation", "theory"):
            with suppress(OSError, ValueError, KeyError):
                points = attributes(self.path / labelled / group)["points"]
                return self._believed(decode(points, dict[str, Any], "points"), number)
        return None

    def _believed(self, points: dict[str, Any], number: int) -> Grid:
        """Return the grid of `Journal.points` if they are scattered points of this study."""
        grid = grid_of(points)
        own = {name: value for name, value in points.items() if name != "digest"}
        known = coordinates(grid).keys() == coordinates(self.study().grid).keys()
        if not (grid.scattered and known) or self._journal(_round(number), grid).points != own:
            raise ValueError("of another study")
        return grid

    @property
    def journal(self) -> Journal:
        """The rows of the grid."""
        return self.parts()[0]

    @property
    def shard(self) -> Shard | None:
        """The part of the study that belongs here; None: all of it."""
        return self._identity().shard

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
            "format": FORMAT,
            "backend": "",
            "n_patterns": study.grid.n_patterns,
            "observables": written(study.results),
            "shard": "" if shard is None else str(shard),
            "rows": "grid",
            "rounds": [],
            "asked": 0,
            "predicted": 0,
            "published": not study.settings.simulate,
            **study_attributes(study, provenance()),
        }
        with appearing(self.path, durable=self.durable) as making:
            new = Store(making, durable=self.durable)
            new._write(entries)
            if study.settings.simulate:
                new._allocate(new.journal)
            fill(new)

    def _allocate(self, journal: Journal) -> Journal:
        """Make an array of rows in the place of what a dead process may have left."""
        shutil.rmtree(journal.folder, ignore_errors=True)
        try:
            journal.create()
            if self.durable:
                flush(journal.folder)
        except BaseException:
            shutil.rmtree(journal.folder, ignore_errors=True)
            raise
        return journal

    def _write(self, entries: dict[str, Any]) -> None:
        """Write the header and its copy: from the first moment on it is the header that counts."""
        for folder in (self.path, self.path / "cells"):
            write_header(folder, entries)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; the kernel frees it if this process dies.

        Raises
        ------
        ValueError
            If another process, or another thread of this one, writes it.
        OSError
            On a full disk, too, which loses nothing that is done.
        """
        with held(self.path, self.path):
            self._forget()
            try:
                yield
            except OSError as error:
                if error.errno not in FULL or error.filename is not None:
                    raise
                words = f"{error.strerror}: {self.path} keeps what is done, with room again resume"
                raise OSError(error.errno, f"{words} (--resume)") from None

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
            fingerprint = self.attributes()["fingerprint"]
            journal = self._allocate(Journal(folder, study.grid, study.slots(), fingerprint))
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
        rounds = self.attributes()["rounds"]
        number = max(rounds, default=0) + 1
        journal = self._allocate(self._journal(_round(number), grid))
        self.note(rounds=[*rounds, number])
        self.parts().append(journal)

    def note_backend(self, name: str) -> None:
        """Add a backend to those that computed points."""
        known = set(self.attributes()["backend"].split())
        if name not in known:
            self.note(backend=" ".join(sorted({*known, name})))

    def note(self, **changes: Any) -> None:
        """Change some attributes."""
        self._write({**self.attributes(), **changes})

    def discard(self) -> None:
        """Remove the store of a study that the theory refuses."""
        shutil.rmtree(self.path)

    def withdraw(self) -> None:
        """Say that the labelled variables are behind the rows; mend headers, remove leftovers.

        Rounds of refinement of which nothing says any more which points they had go, too.
        """
        parts = self.parts()
        changes: dict[str, Any] = {"published": not self.study().settings.simulate}
        if self._lost:
            changes["rounds"] = [part.number for part in parts[1:]]
            changes["asked"] = self.refined()["points"]
        self.note(**changes)
        for part in parts if self.study().settings.simulate else ():
            part.write_headers()
        kept = {part.folder.name for part in parts}
        for folder in (self.path / "cells").iterdir():
            if _OURS.fullmatch(folder.name) and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for number in self._lost:
            shutil.rmtree(self.path / f"refinement/{number:03d}", ignore_errors=True)
        self._lost = []

    def flaws(self) -> Iterator[str]:
        """Yield one line for every damage of the header, its copy and the list of rounds."""
        for folder in (self.path, self.path / "cells"):
            try:
                # The copy of a killed process may be one change behind, no worse than that.
                if judged(folder).attributes["study"] != self.attributes()["study"]:
                    yield f"{folder / 'zarr.json'} is damaged: it is not of this study"
            except (OSError, ValueError) as error:
                yield named(error)
        self.parts()
        for number in self._lost:
            yield f"{self.path / 'cells' / _round(number)}: nothing says which points were here"

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


def _round(number: int) -> str:
    """Return the name of the rows of a round of refinement."""
    return f"refinement_{number:03d}"
