"""The labelled groups of a store: the theory of its parts, and their rows for other readers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from phase_diagrams.results import DAMAGED, DONE, FAILED, PENDING
from phase_diagrams.schema import arranged, unpack

from .headers import named
from .journal import Journal
from .labelled import flat, flaws, read_labelled, seal, write_labelled
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
    return {**sizes, **store.study().settings.lengths(part.grid.components)}


def _about(store: Store, part: Journal, group: str) -> dict[str, Any]:
    """Return the attributes by which labelled variables belong to a part."""
    of = {"fingerprint": part.fingerprint, "points": json.dumps(part.points)}
    return of | ({"law": store.study().settings.law} if group == "theory" else {})


def publish(store: Store) -> None:
    """Write the rows as labelled variables, one at a time: memory holds one column."""
    results, origin = store.study().results, _origin(store)
    for part in store.parts():
        lengths = store.study().settings.lengths(part.grid.components)
        group = f"{part.group}simulation"
        folder = store.path / group
        shutil.rmtree(folder, ignore_errors=True)
        for result in results:
            status, column = part.read([result.name])
            dataset = unpack(part.grid, [result], lengths, column, status)
            there = [other for other in dataset.variables if (folder / str(other)).exists()]
            write_labelled(dataset.drop_vars(there).assign_attrs(origin), store.path, group)
        seal(store.path, group, _about(store, part, "simulation"))
    store.note(published=True)


def simulation_of(store: Store, part: Journal) -> xr.Dataset:
    """Return the labelled rows of a part, in memory."""
    status, columns = part.read(part.slots)
    study = store.study()
    lengths = study.settings.lengths(part.grid.components)
    dataset = unpack(part.grid, study.results, lengths, columns, status)
    return arranged(dataset.assign_attrs(_origin(store)))


def write_theory(store: Store, part: Journal, theory: xr.Dataset) -> None:
    """Write the labelled variables of the theory of a part; later parts follow in turn."""
    store.note(predicted=min(part.number, store.attributes()["predicted"]))
    shutil.rmtree(store.path / part.group / "theory", ignore_errors=True)
    origin = {name: value for name, value in _origin(store).items() if name != "backend"}
    group = f"{part.group}theory"
    write_labelled(theory.assign_attrs(origin), store.path, group)
    seal(store.path, group, _about(store, part, "theory"))
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
    if not _expects_theory(store):
        return False
    return awaits_theory(store, part) or any(_flaws_of_theory(store, part))


def _flaws_of_theory(store: Store, part: Journal) -> Iterator[str]:
    about = _about(store, part, "theory")
    return flaws(store.path, f"{part.group}theory", _sizes(store, part), about)


def theory_of(store: Store, part: Journal) -> xr.Dataset | None:
    """Return the labelled variables of the theory of a part; None where they are not (yet).

    Raises
    ------
    ValueError
        If they are damaged.
    """
    if not _expects_theory(store) or awaits_theory(store, part):
        return None
    for flaw in _flaws_of_theory(store, part):
        raise ValueError(f"{flaw}: resuming the sweep (--resume) mends it")
    found = arranged(read_labelled(store.path, f"{part.group}theory"))
    found.attrs = {name: value for name, value in found.attrs.items() if name not in OWN}
    return found


def damages(store: Store) -> list[str]:
    """Return one line for every damage; see `phase_diagrams.stores.integrity.check`."""
    simulated, published = store.study().settings.simulate, store.attributes()["published"]
    found = [*store.flaws()]
    for part in store.parts():
        if simulated:
            status = store.own(part)
            lost = {"damaged": DAMAGED, **({"lost, pending again,": PENDING} if published else {})}
            for word, state in lost.items():
                if n := int((status == state).sum()):
                    found.append(f"{part.folder / 'rows'}: {n} points are {word}")
            found += part.flaws()
        if _expects_theory(store) and not awaits_theory(store, part):
            found += _flaws_of_theory(store, part)
        if simulated and published:
            found += _flaws_of_simulation(store, part)
    return [*dict.fromkeys(found)]


def _flaws_of_simulation(store: Store, part: Journal) -> list[str]:
    """Return what is wrong with the labelled rows, or that they are not the rows."""
    group = f"{part.group}simulation"
    about = _about(store, part, "simulation")
    found = [*flaws(store.path, group, _sizes(store, part), about)]
    if found:
        return found
    folder = store.path / group
    try:
        columns = {name: flat(folder / name) for name in ("status", *part.slots)}
    except OSError as error:
        return [named(error)]
    differing = set()
    for first, status, values in part.blocks():
        known = np.isin(status, (DONE, FAILED))
        ours = {"status": status, **{name: values[:, at] for name, at in part.places.items()}}
        for name, column in columns.items():
            theirs = column.reshape(part.grid.size, -1)[first : first + len(status)][known]
            if not np.array_equal(ours[name][known].reshape(theirs.shape), theirs, equal_nan=True):
                differing.add(name)
    return [f"{folder / name} is damaged: it differs from the rows" for name in sorted(differing)]
