"""What is derived from the results of a store and kept beside them: its ``comparison``."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

import xarray as xr

from . import integrity
from .writing import write_header, write_labelled

if TYPE_CHECKING:
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


def derived(store: Store) -> dict[str, xr.Dataset]:
    """Return what `annotate` wrote, if it is about the points that are there now."""
    folder = store.path / "comparison"
    try:
        if integrity.attributes(folder)["done"] != _done(store):
            return {}
    except (OSError, ValueError, KeyError):
        return {}
    found = {}
    for path in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        with xr.open_dataset(
            folder, group=path.name, engine="zarr", zarr_format=3, consolidated=False
        ) as dataset:
            found[f"comparison/{path.name}"] = dataset.load()
    return found


def _done(store: Store) -> int:
    """Return how many points are done, those of refinements included."""
    from .rounds import rounds

    return sum(part.counts()["done"] for part in (store, *rounds(store.path)))
