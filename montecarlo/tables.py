"""Small tables for the eye: numbers and their errors in text and HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

__all__ = ["HEADINGS", "cells", "table", "text_table"]

#: Columns of an estimate.
HEADINGS = ("mean", "error", "tau", "n_eff", "")


def cells(row: Sequence[Any]) -> tuple[str, ...]:
    """Format (mean, error, tau, n_eff, short): the mean to two digits of its error."""
    mean, error, tau, n_eff, short = row
    digits = 4
    if np.isfinite(error) and error > 0:
        digits = int(np.clip(1 - np.floor(np.log10(error)), 0, 12))
    return (
        f"{mean:.{digits}f}",
        f"{error:.{digits}f}",
        f"{tau:.1f}",
        f"{n_eff:.0f}",
        "short chain" if short else "",
    )


def text_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return lines with aligned columns: the first to the left, the others to the right."""
    grid = [tuple(headings), *map(tuple, rows)]
    widths = [max(len(row[c]) for row in grid) for c in range(len(headings))]
    return [
        "  ".join(
            cell.rjust(width) if c else cell.ljust(width)
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in grid
    ]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an HTML table."""

    def line(tag: str, values: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(v)}</{tag}>" for v in values) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', headings)}</thead><tbody>{body}</tbody></table>"
