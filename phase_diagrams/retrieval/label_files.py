"""Labels from text: one a line, or a column of a table."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

import numpy as np

from .labels import is_whole
from .packed import Content

__all__ = ["read"]

#: Bytes of a file of text; a table of all pixels of MNIST has 110 MB.
_LONGEST = 1 << 28


def read(content: Content, column: str) -> np.ndarray:
    """Read labels: whole numbers if all are, else words.

    Parameters
    ----------
    content : Content
        Lines in UTF-8, of entries apart by tabs, commas or semicolons.  The first line is a
        heading if none of its entries is a number and some entry of the second is, or if
        `column` is one of them.
    column : str
        Name or number, from 0; empty for the only one.

    Raises
    ------
    ValueError
        If there is no such column, an entry is missing, or the text is none.
    """
    path = content.path
    rows = _rows(content)
    first, second = next(rows), next(rows, [])
    heading = _heading(first, second)
    known = ", ".join(heading) if heading else f"0 to {len(first) - 1}"
    if column in heading:
        place = heading.index(column)
    elif column.isascii() and column.isdecimal() and int(column) < len(first):
        place = int(column)
    elif column and column in first and not any(map(_number, first)):
        heading, place = first, first.index(column)  # over a table of words
    elif column:
        raise ValueError(f"{path} has no column {column!r}: it has {known}")
    elif len(first) == 1:
        place = 0
    else:
        raise ValueError(
            f"{path} is text with the columns {known}: name that of the labels, as in "
            f"{path.name}:{heading[0] if heading else 0}"
        )
    body = itertools.chain([] if heading else [first], [second] if second else [], rows)
    entries = [row[place] if place < len(row) else "" for row in body]
    if not entries:
        raise ValueError(f"{path} has a heading and no labels")
    if "" in entries:
        line = entries.index("") + 1 + bool(heading)
        raise ValueError(f"{path}: line {line} has no label")
    if all(map(is_whole, entries)):
        return np.array([int(entry) for entry in entries])
    return np.array(entries)


def _rows(content: Content) -> Iterator[list[str]]:
    """Yield the lines, at least one, as their entries."""
    path = content.path
    raw = content.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise ValueError(f"{path} is text of more than {_LONGEST} bytes, not labels")
    try:
        text = raw.decode("utf-8-sig").rstrip()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error}") from None
    lines = io.StringIO(text, newline=None)
    begun = lines.readline()
    apart = next((sign for sign in "\t,;" if sign in begun), ",")
    lines.seek(0)
    try:
        for row in csv.reader(lines, delimiter=apart, skipinitialspace=True):
            yield [entry.strip() for entry in row] or [""]
    except csv.Error as error:
        raise ValueError(f"{path} is no table: {error}") from None


def _heading(first: list[str], second: list[str]) -> list[str]:
    """Return the first line if it names the columns, else nothing."""
    named = any(first) and not any(map(_number, first)) and any(map(_number, second))
    return first if named else []


def _number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True
