"""Rounds of refinement inside a store: studies of scattered points, each complete in itself.

=============================  =======================================================
``refinement``                 attributes: points asked for in all
``refinement/round_001`` ...   a store of `Points` with the settings of the whole study
=============================  =======================================================

Numbers that exist never change: a round only adds points, and is written, resumed and
checked like any other study.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
import zarr

from .store import Store

__all__ = ["ask", "asked", "gather", "next_round", "rounds"]

_GROUP = "refinement"


def rounds(path: Path) -> list[Store]:
    """Return the rounds of the store at `path`, oldest first."""
    return [Store(folder) for folder in sorted((path / _GROUP).glob("round_*"))]


def next_round(path: Path) -> Path:
    """Return where the next round belongs."""
    return path / _GROUP / f"round_{len(rounds(path)) + 1:03d}"


def asked(path: Path) -> int:
    """Return how many points all refinements were asked for."""
    if not (path / _GROUP).exists():
        return 0
    group = zarr.open_group(path / _GROUP, mode="r", zarr_format=3)
    points = group.attrs.get("points_asked", 0)
    return points if isinstance(points, int) else 0


def ask(path: Path, points: int) -> None:
    """Note how many points all refinements are asked for."""
    zarr.open_group(path / _GROUP, mode="a", zarr_format=3).attrs["points_asked"] = points


def gather(path: Path) -> dict[str, xr.Dataset]:
    """Return the points of all rounds as groups ``refinement/theory``, ``.../simulation``."""
    found: dict[str, list[xr.Dataset]] = {}
    first = 0
    for number, store in enumerate(rounds(path), start=1):
        tree = store.read()
        size = 0
        for name, child in tree.children.items():
            dataset = child.to_dataset()
            size = dataset.sizes["point"]
            dataset["round"] = ("point", np.full(size, number, np.int16))
            dataset["round"].attrs = {"long_name": "round of refinement", "units": "1"}
            renamed = dataset.assign_coords(
                point=dataset["point"].copy(data=first + np.arange(size))
            )
            found.setdefault(name, []).append(renamed)
        first += size
    return {
        f"{_GROUP}/{name}": xr.concat(
            datasets, "point", data_vars="minimal", coords="minimal", compat="override",
            join="outer", combine_attrs="override",
        )
        for name, datasets in found.items()
    }  # fmt: skip
