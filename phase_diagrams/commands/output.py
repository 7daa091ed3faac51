"""Results on standard output: an aligned table, or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["dataset_rows", "print_counts", "print_json", "print_table"]


def print_json(document: Any) -> None:
    """Print strict JSON: what is not finite is null."""
    print(json.dumps(_finite(document), indent=2))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows under their column names; a list takes one column per entry.

    Examples
    --------
    >>> print_table([{"T": 0.1, "m": [0.7, 0.21]}, {"T": 0.15, "m": [0.69, 0.2]}])
       T   m_1   m_2
     0.1   0.7  0.21
    0.15  0.69   0.2
    """
    lines = [_flat(row) for row in rows]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    cells = [columns, *([line.get(name, "") for name in columns] for line in lines)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _flat(row: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, list):
            flat |= {f"{name}_{i}": _text(entry) for i, entry in enumerate(value, start=1)}
        else:
            flat[name] = _text(value)
    return flat


def _text(value: Any) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def dataset_rows(dataset: xr.Dataset) -> list[dict[str, Any]]:
    """Return one row per point of a data set; patterns become lists, flags their meanings."""
    import numpy as np

    dims = [str(dim) for dim in dataset.sizes if dim != "pattern"]
    grid = dataset.drop_vars(dataset.data_vars).drop_dims("pattern", errors="ignore")
    columns = {}
    fixed = [name for name in dataset.coords if name not in dataset.sizes]
    for name in (*fixed, *dataset.data_vars):
        variable = dataset[name]
        full = variable.broadcast_like(grid).transpose(*dims, ...)
        columns[str(name)] = _meanings(full).tolist()
    rows = []
    for index in np.ndindex(*(dataset.sizes[dim] for dim in dims)):
        where = {dim: dataset[dim].values[i].item() for dim, i in zip(dims, index, strict=True)}
        rows.append(where | {name: _entry(column, index) for name, column in columns.items()})
    return rows


def _entry(nested: Any, index: tuple[int, ...]) -> Any:
    for i in index:
        nested = nested[i]
    return nested


def _meanings(variable: xr.DataArray) -> Any:
    if "flag_meanings" not in variable.attrs:
        return variable.values
    import numpy as np

    words = np.array(variable.attrs["flag_meanings"].split())
    return words[np.searchsorted(variable.attrs["flag_values"], variable.values)]


def print_counts(out: str, counts: dict[str, int]) -> None:
    """Say how much of a study is done."""
    points = f"{counts['done']} of {counts['points']} points done"
    print(f"{out}: {points}, {counts['failed']} failed, {counts['pending']} pending")
