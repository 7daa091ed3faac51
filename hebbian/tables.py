"""Small tables for the eye: numbers and their errors in text and HTML."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["HEADINGS", "Display", "Shown", "cells", "doubts", "labelled", "notes", "table"]

#: Columns of an estimate.
HEADINGS = ("mean", "error", "tau", "n_eff", "")


def cells(row: Sequence[Any]) -> tuple[str, ...]:
    """Format (mean, error, tau, n_eff, short, few): the mean to two digits of its error.

    What is not there is in no doubt.
    """
    mean, error, tau, n_eff, short, few = row
    digits = 4
    if np.isfinite(error) and error > 0:
        digits = int(np.clip(1 - np.floor(np.log10(error)), 0, 12))
    return (
        f"{mean:.{digits}f}",
        f"{error:.{digits}f}",
        f"{tau:.1f}",
        f"{n_eff:.0f}",
        "" if np.isnan(mean) else doubts(short, few),
    )


def doubts(short: bool, few: bool) -> str:
    """Say in words what an estimate is flagged with."""
    return ", ".join(["short chain"] * bool(short) + ["few events"] * bool(few))


def labelled(shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a label, and the index, of every entry of an array."""
    for index in np.ndindex(shape):
        yield ", ".join(map(str, index)), index


class Shown(NamedTuple):
    """A title, a table of headings and lines, and what stands below it."""

    title: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    below: tuple[str, ...] = ()


class Display(ABC):
    """A result that shows itself as a table, in text and in HTML."""

    @abstractmethod
    def _shown(self) -> Shown: ...

    def __repr__(self) -> str:
        title, headings, lines, below = self._shown()
        return "\n".join([title, *_aligned(headings, lines), *below])

    def _repr_html_(self) -> str:
        title, headings, lines, below = self._shown()
        return table(headings, lines, title) + notes(below)


def _aligned(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    """Return lines with aligned columns: the first to the left, the others to the right."""
    grid = [tuple(headings), *map(tuple, lines)]
    widths = [max(len(row[c]) for row in grid) for c in range(len(headings))]
    return [
        "  ".join(
            cell.rjust(width) if c else cell.ljust(width)
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in grid
    ]


def notes(texts: Iterable[str]) -> str:
    """Return what stands below an HTML table."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def table(headings: Sequence[str], lines: Iterable[Sequence[str]], title: str = "") -> str:
    """Return an HTML table."""

    def line(tag: str, values: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(v)}</{tag}>" for v in values) + "</tr>"

    body = "".join(line("td", row) for row in lines)
    caption = f"<caption>{html.escape(title)}</caption>" if title else ""
    return f"<table>{caption}<thead>{line('th', headings)}</thead><tbody>{body}</tbody></table>"
