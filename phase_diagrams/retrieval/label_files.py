"""Labels from text: one a line, or a column of a table."""

from __future__ import annotations

import csv

import numpy as np

from .packed import Content

__all__ = ["read"]

#: Bytes of a file of text; the labels of all 402953 digits of NIST have 12 MB.
_LONGEST = 1 << 28


def read(content: Content, column: str) -> np.ndarray:
    """Read labels: whole numbers if all are, else words.

    Parameters
    ----------
    content : Content
        Lines in UTF-8, of entries apart by tabs, commas or semicolons.  The first line is a
        heading if none of its entries is a number and some entry below them is.
    column : str
        Name or number, from 0; empty for the only one.

    Raises
    ------
    ValueError
        If there is no such column, an entry is missing, or the text is none.
    """
    path = content.path
    rows = _rows(content)
    width = len(rows[0])
    heading = _heading(rows)
    if column in heading:
        place = heading.index(column)
    elif column.isascii() and column.isdecimal() and int(column) < width:
        place = int(column)
    elif column and column in rows[0] and not any(map(_number, rows[0])):
        heading = rows[0]  # over a table of words
        place = heading.index(column)
    elif column:
        known = ", ".join(heading) if heading else f"0 to {width - 1}"
        raise ValueError(f"{path} has no column {column!r}: it has {known}")
    elif width == 1:
        place = 0
    else:
        known = ", ".join(heading) if heading else f"0 to {width - 1}"
        first = heading[0] if heading else 0
        raise ValueError(
            f"{path} is text with the columns {known}: name that of the labels, as in "
            f"{path.name}:{first}"
        )
    body = rows[1:] if heading else rows
    entries = [row[place] if place < len(row) else "" for row in body]
    if not entries:
        raise ValueError(f"{path} has a heading and no labels")
    if "" in entries:
        line = entries.index("") + 1 + bool(heading)
        raise ValueError(f"{path}: line {line} has no label")
    if all(_whole(entry) for entry in entries):
        return np.array([int(entry) for entry in entries])
    return np.array(entries)


def _rows(content: Content) -> list[list[str]]:
    path = content.path
    raw = content.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise ValueError(f"{path} is text of more than {_LONGEST} bytes, not labels")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error}") from None
    lines = text.rstrip().splitlines()
    apart = next((sign for sign in "\t,;" if sign in lines[0]), ",")
    try:
        found = list(csv.reader(lines, delimiter=apart, skipinitialspace=True))
    except csv.Error as error:
        raise ValueError(f"{path} is no table: {error}") from None
    return [[entry.strip() for entry in row] or [""] for row in found]


def _heading(rows: list[list[str]]) -> list[str]:
    """Return the first line if it names the columns, else nothing."""
    if len(rows) < 2 or any(map(_number, rows[0])):
        return []
    return rows[0] if any(map(_number, rows[1])) else []


def _whole(entry: str) -> bool:
    """Whether this is a whole number and written as Python writes it: 007 is a word."""
    digits = entry.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19 and str(int(entry)) == entry


def _number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True
