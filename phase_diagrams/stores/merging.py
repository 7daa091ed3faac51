"""Shards of a study become one store."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import xarray as xr

from phase_diagrams.grid import Grid
from phase_diagrams.prediction import predict
from phase_diagrams.study import Study

from .journal import DAMAGED, DONE, FAILED, PENDING
from .store import Store

__all__ = ["merge"]

log = logging.getLogger(__name__)


def merge(paths: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str]) -> xr.DataTree:
    """Unite stores of one study: shards, or parts of it that were computed apart.

    Parameters
    ----------
    paths : sequence of path-like
        Stores of the same study, in any order; they stay as they are.  A point may be in
        several, with the same bits.
    out : path-like
        The store to write.

    Returns
    -------
    xarray.DataTree
        Bit for bit what one sweep of the whole study would have stored.  Points that are in
        no store are pending, for ``resume``.

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
        backends, theory = set(), None
        status = np.full(study.grid.size, PENDING, np.uint8)
        values = np.empty((study.grid.size, sum(stores[0].journal.slots.values())))
        for store in stores:
            _add(study, store, status, values)
            backends.update(store.attributes()["backend"].split())
            theory = _agreed(theory, store)
        if theory is None and study.settings.theory:
            theory = predict(study.grid, study.settings.start, study.settings.law)
        target.create(study)
    with target.lock():
        if theory is not None:
            target.replace_theory(theory)
        with target.journal as journal:
            for position in np.flatnonzero(status != PENDING).tolist():
                journal.write(position, status[position], values[position])
        for name in sorted(backends):
            target.note_backend(name)
        if (status != PENDING).all():
            target.publish()
    return target.read()


def _same_study(study: Study, store: Store) -> None:
    theirs = json.loads(store.attributes()["study"])
    difference = study.difference(theirs)
    if difference:
        raise ValueError(f"{store.path} holds another study ({difference}): nothing is merged")
    if store.attributes()["fingerprint"] != study.fingerprint():
        raise ValueError(
            f"{store.path} was made by another version or was altered: nothing is merged"
        )
    if not study.settings.simulate:
        raise ValueError(f"{store.path} holds no simulation: there is nothing to merge")


def _positions(grid: Grid, other: Grid) -> np.ndarray:
    """Return where the points of `other`, in their order, stand in `grid`."""
    place = np.zeros(other.shape, np.int64)
    for axis, (name, values) in enumerate(other.axes.items()):
        there = {value: i for i, value in enumerate(grid.axes[name])}
        stride = int(np.prod(grid.shape[list(grid.axes).index(name) + 1 :], dtype=np.int64))
        along = stride * np.array([there[value] for value in values])
        place += along.reshape([-1 if k == axis else 1 for k in range(len(other.shape))])
    return place.ravel()


def _add(study: Study, store: Store, status: np.ndarray, values: np.ndarray) -> None:
    """Add the points of a store: done beats failed, and two that are done must agree."""
    journal = store.journal
    positions = _positions(study.grid, journal.grid)
    damaged = 0
    for first, theirs, rows in journal.blocks():
        place = positions[first : first + len(theirs)]
        damaged += int((theirs == DAMAGED).sum())
        done = theirs == DONE
        both = done & (status[place] == DONE)
        same = (values[place].view(np.uint64) == rows.view(np.uint64)).all(axis=1)
        if (both & ~same).any():
            index = np.unravel_index(place[both & ~same][0], study.grid.shape)
            where = ", ".join(
                f"{name}={axis[i]}"
                for i, (name, axis) in zip(index, study.grid.axes.items(), strict=True)
            )
            raise ValueError(
                f"{store.path} disagrees with another store about the point {where}: "
                "nothing is merged"
            )
        new = done | ((theirs == FAILED) & (status[place] == PENDING))
        status[place[new]] = theirs[new]
        values[place[new]] = rows[new]
    if damaged:
        log.warning("%s: %d damaged points are left out", store.path, damaged)


def _agreed(theory: xr.Dataset | None, store: Store) -> xr.Dataset | None:
    theirs = store.theory()
    if theory is None or theirs is None:
        return theirs if theory is None else theory
    ours = theory.drop_attrs()
    same_order = theirs.drop_attrs().sel({name: ours[name] for name in ours.dims})
    if not same_order.transpose(*ours.dims).identical(ours):
        raise ValueError(f"{store.path} disagrees with another store about the theory")
    return theory
