"""The labelled groups of a store: the theory of its parts, and their rows for other readers."""

from __future__ import annotations

import shutil
from typing import Any

import xarray as xr

from phase_diagrams.results import DAMAGED
from phase_diagrams.schema import arranged, unpack

from .headers import attributes
from .journal import Journal
from .labelled import flaws, read_labelled, write_labelled
from .store import OWN, Store

__all__ = [
    "awaits_theory",
    "damages",
    "lacks_theory",
    "publish",
    "simulation_of",
    "theory_of",
    "write_theory",
]


def _origin(store: Store) -> dict[str, Any]:
    return {name: value for name, value in store.attributes().items() if name not in OWN}


def _sizes(store: Store, part: Journal) -> dict[str, int]:
    sizes = dict(zip(part.grid.axes, part.grid.shape, strict=True))
    n_samples = store.study().settings.n_samples
    return {**sizes, "pattern": part.grid.n_patterns or 1, "sample": n_samples}


def publish(store: Store) -> None:
    """Write the rows as labelled variables, one at a time: memory holds one column."""
    results, origin = store.study().results, _origin(store)
    for part in store.parts():
        group = f"{part.group}simulation"
        folder = store.path / group
        shutil.rmtree(folder, ignore_errors=True)
        for result in results:
            status, column = part.read([result.name])
            dataset = unpack(part.grid, [result], column, status)
            there = [other for other in dataset.variables if (folder / str(other)).exists()]
            write_labelled(dataset.drop_vars(there).assign_attrs(origin), store.path, group)
    store.note(published=True)


def simulation_of(store: Store, part: Journal) -> xr.Dataset:
    """Return the labelled rows of a part, in memory."""
    status, columns = part.read(part.slots)
    dataset = unpack(part.grid, store.study().results, columns, status)
    return arranged(dataset.assign_attrs(_origin(store)))


def write_theory(store: Store, part: Journal, theory: xr.Dataset) -> None:
    """Write the labelled variables of the theory of a part; later parts follow in turn."""
    store.note(predicted=min(part.number, store.attributes()["predicted"]))
    shutil.rmtree(store.path / part.group / "theory", ignore_errors=True)
    origin = {name: value for name, value in _origin(store).items() if name != "backend"}
    write_labelled(theory.assign_attrs(origin), store.path, f"{part.group}theory")
    store.note(predicted=part.number + 1)


def _expects_theory(store: Store) -> bool:
    """Whether the theory belongs here; of several shards only the first has it."""
    shard = store.shard
    return store.study().settings.theory and (shard is None or shard.number == 1)


def awaits_theory(store: Store, part: Journal) -> bool:
    """Whether the theory of a part is asked for and not written yet."""
    predicted: int = store.attributes()["predicted"]
    return _expects_theory(store) and part.number >= predicted


def lacks_theory(store: Store, part: Journal) -> bool:
    """Whether the theory of a part is asked for, and not written yet or damaged."""
    try:
        return _expects_theory(store) and theory_of(store, part) is None
    except ValueError:
        return True


def theory_of(store: Store, part: Journal) -> xr.Dataset | None:
    """Return the labelled variables of the theory of a part; None where they are not (yet).

    Raises
    ------
    ValueError
        If they are damaged.
    """
    if not _expects_theory(store) or awaits_theory(store, part):
        return None
    group = f"{part.group}theory"
    for flaw in flaws(store.path / group, _sizes(store, part)):
        raise ValueError(f"{flaw}: resuming the sweep (--resume) mends it")
    return arranged(read_labelled(store.path, group))


def damages(store: Store) -> list[str]:
    """Return one line for every damage; see `phase_diagrams.stores.integrity.check`."""
    simulated, parts = store.study().settings.simulate, store.parts()
    found, folders = [], [store.path]
    if simulated:
        folders += [store.path / "cells", *(part.folder for part in parts)]
    for folder in folders:
        try:
            attributes(folder)
        except (OSError, ValueError) as error:
            found.append(str(error))
    for part in parts:
        folder, sizes = store.path / part.group, _sizes(store, part)
        n_damaged = int((store.own(part) == DAMAGED).sum()) if simulated else 0
        if n_damaged:
            found.append(f"{part.folder / 'rows'}: {n_damaged} points are damaged")
        if _expects_theory(store) and not awaits_theory(store, part):
            found += flaws(folder / "theory", sizes)
        if simulated and store.attributes()["published"]:
            found += flaws(folder / "simulation", sizes)
    return found
