"""Results on standard output: an aligned table, or JSON."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from typing import Any

__all__ = ["count_words", "print_json", "print_table", "report_counts"]

log = logging.getLogger(__name__)


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


def count_words(out: str, counts: dict[str, int]) -> str:
    """Say how much of a study is done."""
    points = f"{counts['done']} of {counts['points']} points done"
    words = f"{out}: {points}, {counts['failed']} failed, {counts['pending']} pending"
    return words + (f", {counts['damaged']} damaged" if counts.get("damaged") else "")


def report_counts(out: str, *, as_json: bool) -> int:
    """Print what a store holds and return the exit code: 3 if anything is missing or damaged."""
    from phase_diagrams.stores.groups import damages
    from phase_diagrams.stores.store import Store

    store = Store(out)
    found, damage = store.counts(), damages(store)
    for line in damage:
        log.warning("%s: resume it (--resume)", line)
    if as_json:
        print_json({"out": out, **found})
    else:
        print(count_words(out, found))
    return 0 if found["done"] == found["points"] and not damage else 3
