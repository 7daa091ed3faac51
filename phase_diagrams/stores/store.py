"""Results on disk: a Zarr v3 store that survives the death of its writer.

=================  ======================================================================
``zarr.json``      the study and its origin, verified by a digest; a copy stands in ``cells``
``cells/rows``     one row of numbers per point, written in place (`phase_diagrams.stores.journal`)
``theory``         labelled variables, written before the first point
``simulation``     the rows as labelled variables, published when no point is pending
=================  ======================================================================

The rows are what is read here; ``simulation`` is for every other reader of Zarr.  The store
appears by a rename, so that no reader sees half of it.

A killed process loses the points it was computing.  Against the loss of power the store is
flushed to the disk (fsync) before it appears, the rows at most once a second and when the
sweep ends: a crashed machine costs a second of results.  ``simulation`` is not flushed; it
can be made again from the rows.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr
import zarr

from phase_diagrams.schema import SCHEMA_VERSION, arranged, study_attributes, unpack
from phase_diagrams.study import Study
from phase_diagrams.sweeps.shards import Shard, parse_shard

from . import integrity
from .annotation import derived
from .journal import DAMAGED, DONE, FAILED, PENDING, Journal
from .provenance import provenance
from .writing import appearing, held, write_header, write_labelled

__all__ = ["Store"]

log = logging.getLogger(__name__)

_FORMAT = "hebbian phase diagram"

_STATES = {"done": DONE, "failed": FAILED, "pending": PENDING, "damaged": DAMAGED}

#: Attributes that are about the store, not about the results.
_OWN = ("digest", "format", "n_patterns", "predicted", "published", "shard")


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
        return integrity.identify(self.path, _FORMAT, SCHEMA_VERSION)

    def study(self) -> Study:
        """Return the study that the store holds."""
        return self._study

    @cached_property
    def _study(self) -> Study:
        attributes = self.attributes()
        description = json.loads(attributes["study"])
        if "n_patterns" not in attributes:  # written by an earlier version
            return Study.build(description)
        return Study.stored(description, attributes["n_patterns"])

    @cached_property
    def journal(self) -> Journal:
        """The rows of the points."""
        return Journal(self.path, self.study())

    @property
    def shard(self) -> Shard | None:
        """The part of the study that belongs here; None: all of it."""
        return parse_shard(self.attributes()["shard"] or None)

    def create(self, study: Study, shard: Shard | None = None) -> None:
        """Make a store without points and theory; it appears complete or not at all.

        Raises
        ------
        OSError
            If there is no room for it.
        ValueError
            If another process has made one meanwhile.
        """
        origin = study_attributes(study, provenance())
        entries = {
            "format": _FORMAT,
            "backend": "",
            "n_patterns": study.grid.n_patterns,
            "shard": "" if shard is None else str(shard),
            "predicted": not _expects_theory(study, shard),
            "published": not study.settings.simulate,
            **origin,
        }
        with appearing(self.path, durable=self.durable) as making:
            write_header(making, entries)
            if study.settings.simulate:
                write_header(making / "cells", entries)
                cells = zarr.open_group(making / "cells", mode="r+", zarr_format=3)
                Journal(making, study).create(cells)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; the kernel frees it if this process dies.

        Raises
        ------
        ValueError
            If another process is writing the store.
        """
        with held(self.path, self.path):
            yield

    def note_backend(self, name: str) -> None:
        """Add a backend to those that computed points."""
        known = set(self.attributes()["backend"].split())
        if name not in known:
            self._note(backend=" ".join(sorted({*known, name})))

    def _note(self, **changes: Any) -> None:
        write_header(self.path, {**self.attributes(), **changes})

    def discard(self) -> None:
        """Remove the store of a study that the theory refuses."""
        shutil.rmtree(self.path)

    def withdraw(self) -> None:
        """Say that the labelled variables are behind the rows."""
        self._note(published=False)

    def publish(self) -> None:
        """Write the rows as labelled variables, one at a time: memory holds one column."""
        folder = self.path / "simulation"
        shutil.rmtree(folder, ignore_errors=True)
        journal, attributes = self.journal, self._results()
        for name in journal.slots:
            status, column = journal.read([name])
            dataset = unpack(journal.grid, column, status)
            there = [other for other in dataset.variables if (folder / str(other)).exists()]
            write_labelled(
                dataset.drop_vars(there).assign_attrs(attributes), self.path, "simulation"
            )
        self._note(published=True)

    def replace_theory(self, theory: xr.Dataset) -> None:
        """Write the labelled variables of the theory, in the place of those that are there."""
        self._note(predicted=False)
        shutil.rmtree(self.path / "theory", ignore_errors=True)
        origin = {k: v for k, v in self._results().items() if k != "backend"}
        write_labelled(theory.assign_attrs(origin), self.path, "theory")
        self._note(predicted=True)
        if (self.path / "cells").exists():
            write_header(self.path / "cells", self.attributes())

    def _results(self) -> dict[str, Any]:
        return {name: v for name, v in self.attributes().items() if name not in _OWN}

    def counts(self) -> dict[str, int]:
        """Count the points, of a shard its own: all, done, failed, pending and damaged."""
        study = self.study()
        if not study.settings.simulate:
            size = study.grid.size
            state = "done" if self.attributes().get("predicted", True) else "pending"
            return {"points": size, **dict.fromkeys(_STATES, 0), state: size}
        status, shard = self.journal.status(), self.shard
        ours = status if shard is None else status[shard.mask(study.grid)]
        return {"points": ours.size} | {k: int((ours == v).sum()) for k, v in _STATES.items()}

    def flaws(self) -> list[str]:
        """Return one line for every damage; see `phase_diagrams.stores.integrity.check`."""
        attributes = self.attributes()
        study = self.study()
        found = []
        for folder in (self.path, self.path / "cells") if study.settings.simulate else ():
            try:
                integrity.attributes(folder)
            except (OSError, ValueError) as error:
                found.append(str(error))
        damaged = self.counts()["damaged"]
        if damaged:
            found.append(f"{self.path / 'cells' / 'rows'}: {damaged} points are damaged")
        if self._has_theory(study):
            found += integrity.flaws(self.path / "theory", self._sizes(study))
        if attributes["published"] and study.settings.simulate:
            found += integrity.flaws(self.path / "simulation", self._sizes(study))
        return found

    def lacks_theory(self) -> bool:
        """Whether the theory is asked for, and not written yet or damaged."""
        if not _expects_theory(self.study(), self.shard):
            return False
        try:
            return self.theory() is None
        except ValueError:
            return True

    def _has_theory(self, study: Study) -> bool:
        """Whether the theory is written; stores of earlier versions were made with it."""
        return _expects_theory(study, self.shard) and self.attributes().get("predicted", True)

    @staticmethod
    def _sizes(study: Study) -> dict[str, int]:
        sizes = dict(zip(study.grid.axes, study.grid.shape, strict=True))
        return {**sizes, "pattern": study.grid.n_patterns or 1, "sample": study.settings.n_samples}

    def theory(self) -> xr.Dataset | None:
        """Return the labelled variables of the theory; None where they are not (yet).

        Raises
        ------
        ValueError
            If they are damaged.
        """
        study = self.study()
        if not self._has_theory(study):
            return None
        damages = integrity.flaws(self.path / "theory", self._sizes(study))
        if damages:
            raise ValueError(f"{damages[0]}: resuming the sweep (--resume) mends it")
        with xr.open_dataset(
            self.path, group="theory", engine="zarr", zarr_format=3, consolidated=False
        ) as dataset:
            return arranged(dataset.load())

    def read(self) -> xr.DataTree:
        """Return both groups, in memory."""
        attributes = self.attributes()
        study = self.study()
        groups: dict[str, xr.Dataset] = {}
        theory = self.theory()
        if theory is not None:
            groups["theory"] = theory
        if study.settings.simulate:
            status, columns = self.journal.read(self.journal.slots)
            damaged = int((status == DAMAGED).sum())
            if damaged:
                log.warning(
                    "%s: %d points are damaged; resuming the sweep computes them again",
                    self.path,
                    damaged,
                )
            dataset = unpack(study.grid, columns, status)
            groups["simulation"] = arranged(dataset.assign_attrs(self._results()))
        groups |= {**self._refinement(), **derived(self)}
        own = ("digest", "n_patterns", "predicted", "published")
        root = {name: v for name, v in attributes.items() if name not in own}
        return xr.DataTree.from_dict({"/": xr.Dataset(attrs=root), **groups})

    def _refinement(self) -> dict[str, xr.Dataset]:
        """Return the groups of the points that were added to the grid."""
        if not (self.path / "refinement").exists():
            return {}
        from .rounds import gather

        return gather(self.path)


def _expects_theory(study: Study, shard: Shard | None) -> bool:
    """Whether the theory belongs into a store; of several shards only the first has it."""
    return study.settings.theory and (shard is None or shard.number == 1)
