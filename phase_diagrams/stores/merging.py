"""Stores of one study become one: every point is inserted by its key, and compared."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import xarray as xr

from hebbian.calling import checked
from phase_diagrams.keys import find, united
from phase_diagrams.results import PENDING
from phase_diagrams.schema import relabelled
from phase_diagrams.study import Study
from phase_diagrams.trajectory_prediction import predicted

from .groups import publish, theory_of, write_theory
from .opening import tree_of
from .store import Store

__all__ = ["merge"]

log = logging.getLogger(__name__)


@checked
def merge(paths: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> xr.DataTree:
    """Unite stores of one study: shards, grids and refinements that were computed apart.

    Parameters
    ----------
    paths : sequence of path-like
        Stores of one fingerprint, in any order; they stay as they are.  A point may be in
        several, with the same bits.
    out : path-like
        The store to write.

    Returns
    -------
    xarray.DataTree
        Bit for bit what one sweep of the whole study would have stored, on the smallest grid
        with all points.  Those that are in no store are pending, for ``resume``.  The theory
        is of the law of the first store that has one.

    Raises
    ------
    ValueError
        If `out` exists; if a store is of another study or version, is being written, or
        disagrees with another about a point.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import montecarlo
    >>> from hebbian import Hopfield
    >>> from phase_diagrams import sweep
    >>> study = {"grid": {"alpha": 0.02, "T": [0.1, 0.3]}, "n_spins": 60,
    ...          "schedule": montecarlo.Schedule(warmup=2, sweeps=10)}
    >>> with TemporaryDirectory() as folder:
    ...     for i in (1, 2):
    ...         _ = sweep(Hopfield(), **study, out=f"{folder}/{i}.zarr", shard=(i, 2))
    ...     tree = merge([f"{folder}/1.zarr", f"{folder}/2.zarr"], f"{folder}/all.zarr")
    >>> tree["simulation/status"].values.tolist()
    [1, 1]
    """
    target = Store(out)
    if target.exists():
        raise ValueError(f"{target.path} exists already")
    if isinstance(paths, (str, os.PathLike)) or not paths:
        raise ValueError(f"paths = {paths!r} is not a list of stores")
    stores = [Store(path) for path in paths]
    study = stores[0].study()
    for store in stores:
        _same_study(study, store)
    with ExitStack() as stack:
        for path in dict.fromkeys(Path(store.path).resolve() for store in stores):
            stack.enter_context(Store(path).lock())
        stores = [Store(path) for path in paths]  # as they are, now that nobody writes
        studies = [store.study() for store in stores]
        settings = next((s.settings for s in studies if s.settings.theory), study.settings)
        whole = replace(
            study,
            grid=united(*(each.grid for each in studies)),
            settings=msgspec.structs.replace(
                study.settings, law=settings.law, theory=settings.theory
            ),
        )
        theory = _theory(whole, stores)
        if theory is None and whole.settings.theory:
            theory = predicted(whole.grid, whole.settings)
        target.create(whole, fill=lambda making: _fill(making, stores))
    with target.lock():
        first, *rounds = target.parts()
        if theory is not None:
            write_theory(target, first, theory)
            for part in rounds:
                write_theory(target, part, predicted(part.grid, whole.settings))
        if all((target.own(part) != PENDING).all() for part in target.parts()):
            publish(target)
    return tree_of(target)


def _same_study(study: Study, store: Store) -> None:
    attributes = store.attributes()
    if attributes["fingerprint"] != study.fingerprint():
        difference = study.difference(attributes["study"]) or "it was altered"
        raise ValueError(f"{store.path} holds another study ({difference}): nothing is merged")
    if not store.study().settings.simulate:
        raise ValueError(f"{store.path} holds no simulation: there is nothing to merge")


def _fill(target: Store, stores: Sequence[Store]) -> None:
    """Put the points of all stores into a new one."""
    for store in stores:
        for part in store.parts()[1:]:
            new = np.ones(part.grid.size, bool)
            for there in target.parts():
                new &= find(there.grid, part.grid) < 0
            if new.any():
                target.add_round(part.grid.subset(new))
    for there in target.parts():
        with there:
            for store in stores:
                damaged = sum(there.insert(part) for part in store.parts())
                if damaged and there.number == 0:
                    log.warning("%s: %d damaged points are left out", store.path, damaged)
    for name in sorted({n for store in stores for n in store.attributes()["backend"].split()}):
        target.note_backend(name)


def _theory(whole: Study, stores: Sequence[Store]) -> xr.Dataset | None:
    """Return the theory of the stores that have it on the whole grid, and agree on it."""
    found: xr.Dataset | None = None
    for store in stores:
        study = store.study()
        if study.settings.law != whole.settings.law or study.grid.size != whole.grid.size:
            continue
        theirs = theory_of(store, store.parts()[0])
        theirs = None if theirs is None else relabelled(theirs, whole.grid)
        if found is None or theirs is None:
            found = theirs if found is None else found
            continue
        ours = found.drop_attrs()
        same_order = theirs.drop_attrs().sel({name: ours[name] for name in ours.dims})
        if not same_order.transpose(*ours.dims).identical(ours):
            raise ValueError(f"{store.path} disagrees with another store about the theory")
    return found
