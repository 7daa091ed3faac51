"""What is derived from the results of a store and kept beside them: its ``comparison``."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import xarray as xr

from .headers import attributes, write_header
from .labelled import flaws, read_labelled, seal, write_labelled
from .store import Store

__all__ = ["annotate", "derived"]


def annotate(store: Store, groups: Mapping[str, xr.Dataset]) -> None:
    """Write data sets derived from the results as groups of ``comparison``.

    They replace those of an earlier call, and are read while no point is added.
    """
    folder = store.path / "comparison"
    with store.lock():
        shutil.rmtree(folder, ignore_errors=True)
        write_header(folder, {"done": _done(store)})
        for name, dataset in groups.items():
            if all(dataset.sizes.values()):
                write_labelled(dataset, folder, name)
                seal(folder, name, {})


def derived(store: Store) -> dict[str, xr.Dataset]:
    """Return what `annotate` wrote, if it is about the points that are there now."""
    folder = store.path / "comparison"
    try:
        if attributes(folder)["done"] != _done(store):
            return {}
    except (OSError, ValueError, KeyError):
        return {}
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    sound = [name for name in names if not any(flaws(folder, name, None, {}))]
    return {f"comparison/{name}": read_labelled(folder, name) for name in sound}


def _done(store: Store) -> int:
    """Return how many points are done, those of refinements included."""
    return store.counts()["done"] + store.refined()["done"]
