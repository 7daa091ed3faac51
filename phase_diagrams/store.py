"""Results on disk: a Zarr v3 store that survives the death of its writer.

=================  ======================================================================
``cells/values``   one packed row of numbers per point, each a chunk of its own
``cells/status``   0 pending, 1 done, 2 failed; written after the row, read first
``theory``         labelled variables, written with the store
``simulation``     the cells as labelled variables, published when no point is pending
=================  ======================================================================

Points are written through zarr (2 ms each; xarray takes twenty times longer), and the
finished store opens in plain xarray.  Every file appears by a rename, and the store itself
by one, so that no reader sees half of anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr
import zarr

from .journal import DONE, FAILED, PENDING, Journal, create_journal
from .provenance import provenance
from .schema import arranged, study_attributes, unpack
from .study import Study

__all__ = ["Store", "counts", "export", "open"]

_FORMAT = "hebbian phase diagram"


class Store:
    """The store of one study.

    Parameters
    ----------
    path : path-like
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self.journal = Journal(self.path)

    def exists(self) -> bool:
        """Whether anything stands at the path."""
        return self.path.exists()

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the root.

        Raises
        ------
        ValueError
            If this is not a store written by `phase_diagrams.sweep`.
        """
        try:
            attributes = dict(zarr.open_group(self.path, mode="r", zarr_format=3).attrs)
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
            attributes = {}
        if attributes.get("format") != _FORMAT:
            what = "is not the store of a study" if self.exists() else "does not exist"
            raise ValueError(f"{self.path} {what}")
        return attributes

    def study(self) -> Study:
        """Return the study that the store holds."""
        return Study.build(json.loads(self.attributes()["study"]))

    def create(self, study: Study, theory: xr.Dataset | None) -> None:
        """Make a store without points; it appears complete or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        making = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        shutil.rmtree(making, ignore_errors=True)
        try:
            root = zarr.open_group(making, mode="w-", zarr_format=3)
            origin = study_attributes(study, provenance())
            root.attrs.update({"format": _FORMAT, "backend": "", **origin})
            root.attrs["published"] = not study.settings.simulate
            if study.settings.simulate:
                create_journal(root, study.grid)
            if theory is not None:
                theory = theory.assign_attrs(origin)
                theory.to_zarr(making, group="theory", zarr_format=3, consolidated=False)
            making.rename(self.path)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; the kernel frees it if this process dies.

        Raises
        ------
        ValueError
            If another process is writing the store.
        """
        handle = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(f"{self.path} is being written by another process") from None
            yield
        finally:
            os.close(handle)

    def note_backend(self, name: str) -> None:
        """Add a backend to those that computed points."""
        known = set(self.attributes()["backend"].split())
        if name not in known:
            self._note(backend=" ".join(sorted({*known, name})))

    def _note(self, **attributes: Any) -> None:
        zarr.open_group(self.path, mode="r+", zarr_format=3).attrs.update(attributes)

    def withdraw(self) -> None:
        """Say that the labelled variables are behind the cells."""
        self._note(published=False)

    def publish(self) -> None:
        """Write the cells as labelled variables, for any reader of Zarr."""
        dataset = self._assemble()
        dataset.to_zarr(self.path, group="simulation", mode="w", zarr_format=3, consolidated=False)
        self._note(published=True)

    def _assemble(self) -> xr.Dataset:
        attributes = self.attributes()
        grid = Study.build(json.loads(attributes["study"])).grid
        del attributes["published"], attributes["format"]
        dataset = unpack(grid, self.journal.values(), self.journal.status())
        return arranged(dataset.assign_attrs(attributes))

    def read(self) -> xr.DataTree:
        """Return both groups, in memory."""
        attributes = self.attributes()
        asked = json.loads(attributes["study"])
        groups: dict[str, xr.Dataset] = {}
        if asked["theory"]:
            groups["theory"] = self._group("theory")
        if asked["simulate"]:
            published = attributes["published"]
            groups["simulation"] = self._group("simulation") if published else self._assemble()
        groups |= self._refinement()
        del attributes["published"]
        return xr.DataTree.from_dict({"/": xr.Dataset(attrs=attributes), **groups})

    def _refinement(self) -> dict[str, xr.Dataset]:
        """Return the groups of the points that were added to the grid."""
        if not (self.path / "refinement").exists():
            return {}
        from .refinement import gather

        return gather(self.path)

    def _group(self, name: str) -> xr.Dataset:
        with xr.open_dataset(
            self.path, group=name, engine="zarr", zarr_format=3, consolidated=False
        ) as dataset:
            return arranged(dataset.load())


def open(path: str | os.PathLike[str]) -> xr.DataTree:
    """Open a study, finished or not.

    Parameters
    ----------
    path : path-like
        A store written by `phase_diagrams.sweep`.

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``, in memory, with the same names of variables on
        the same coordinates; points that are not done are NaN.

    Raises
    ------
    ValueError
        If there is no such store.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.05], "T": 0.3}
    >>> with TemporaryDirectory() as folder:
    ...     tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=f"{folder}/h.zarr")
    ...     phase_diagrams.export(tree, f"{folder}/h.nc")
    ...     phase_diagrams.open(f"{folder}/h.zarr")["theory/m"].values.round(4).tolist()
    [0.9959, 0.9912]
    """
    return Store(path).read()


def counts(tree: xr.DataTree) -> dict[str, int]:
    """Count the points of a study: all, done, failed and pending."""
    if "simulation" not in tree.children:
        points = tree["theory"]["phase"].size
        return {"points": points, "done": points, "failed": 0, "pending": 0}
    status = tree["simulation"]["status"]
    found = {"done": DONE, "failed": FAILED, "pending": PENDING}
    return {"points": status.size} | {k: int((status == v).sum()) for k, v in found.items()}


def export(tree: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a study as one netCDF file.

    Parameters
    ----------
    tree : xarray.DataTree
    path : path-like
        A file that does not exist yet; it appears complete or not at all.

    Raises
    ------
    ValueError
        If the file exists.
    """
    target = Path(path).absolute()
    if target.exists():
        raise ValueError(f"{target} exists already")
    making = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        tree.to_netcdf(making, engine="h5netcdf")
        making.rename(target)
    finally:
        making.unlink(missing_ok=True)
