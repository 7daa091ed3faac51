"""A study as rows: one per point, and a CSV file of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from phase_diagrams.results import OVERLAPS

__all__ = ["dataset_rows", "write_table"]


def dataset_rows(dataset: xr.Dataset) -> list[dict[str, Any]]:
    """Return one row per point of a data set; patterns and layers become lists, flags words.

    Parameters
    ----------
    dataset : xarray.Dataset
        Variables may lack some of its dimensions; single samples are left out.

    Examples
    --------
    >>> dataset_rows(xr.Dataset({"m": ("T", [0.9, 0.1])}, coords={"T": [0.2, 0.8]}))
    [{'T': 0.2, 'm': 0.9}, {'T': 0.8, 'm': 0.1}]
    """
    dataset = dataset.drop_dims("sample", errors="ignore")
    dims = [str(dim) for dim in dataset.sizes if dim not in OVERLAPS]
    grid = dataset.drop_vars(dataset.data_vars).drop_dims(OVERLAPS, errors="ignore")
    columns = {}
    fixed = [name for name in dataset.coords if name not in dataset.sizes]
    for name in (*fixed, *dataset.data_vars):
        full = dataset[name].broadcast_like(grid).transpose(*dims, ...)
        columns[str(name)] = _meanings(full).tolist()
    named = [dim for dim in dims if dim in dataset.coords]
    rows = []
    for index in np.ndindex(*(dataset.sizes[dim] for dim in dims)):
        place = dict(zip(dims, index, strict=True))
        where = {dim: dataset[dim].values[place[dim]].item() for dim in named}
        rows.append(where | {name: _entry(column, index) for name, column in columns.items()})
    return rows


def _entry(nested: Any, index: tuple[int, ...]) -> Any:
    for i in index:
        nested = nested[i]
    return nested


def _meanings(variable: xr.DataArray) -> Any:
    if "flag_meanings" not in variable.attrs:
        return variable.values
    words = np.array(variable.attrs["flag_meanings"].split())
    return words[np.searchsorted(variable.attrs["flag_values"], variable.values)]


def write_table(tree: xr.DataTree, path: Path) -> None:
    """Write a study, or a group of one, as a CSV file, one line per point.

    Raises
    ------
    ValueError
        If there are no points.
    """
    lines = [line for part in _parts(tree) for line in _lines(part)]
    if not lines:
        raise ValueError("there are no points in groups theory and simulation")
    names = list(dict.fromkeys(name for line in lines for name in line))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(lines)


def _parts(tree: xr.DataTree) -> Iterator[xr.Dataset]:
    """Yield simulation and theory on common coordinates: of the grid, then of refinements."""
    if tree.data_vars:
        yield tree.to_dataset()
    for node in (tree, tree.get("refinement")):
        groups = {} if node is None else {n: c.to_dataset() for n, c in node.children.items()}
        datasets = [groups[name] for name in ("simulation",) if name in groups]
        if "theory" in groups:
            theory = groups["theory"].drop_vars("round", errors="ignore")
            datasets.append(theory.rename({name: f"theory_{name}" for name in theory.data_vars}))
        if datasets:
            yield xr.merge(datasets, compat="override", join="outer", combine_attrs="override")


def _lines(dataset: xr.Dataset) -> Iterator[dict[str, Any]]:
    """Yield rows with one column per pattern or layer; every number reads back to the same bits."""
    for row in dataset_rows(dataset):
        line: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, list):
                line |= {f"{name}_{i}": entry for i, entry in enumerate(value, start=1)}
            else:
                line[name] = value
        line.pop("point", None)
        yield line
