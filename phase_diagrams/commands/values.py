"""What a word of the command line means: a number, a list, a range, a value of TOML."""

from __future__ import annotations

import argparse
import math
from typing import Any

__all__ = [
    "Number",
    "couplings",
    "listed",
    "number",
    "numbers",
    "plain_value",
    "shown",
    "start",
    "whole",
]

Number = int | float

_MOST_VALUES = 100_000


def shown(given: object) -> str:
    """Write what was given, not too long."""
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def number(text: str) -> Number:
    """Read a number: whole ones as int.

    Examples
    --------
    >>> number("3"), number("0.5"), number("1e2")
    (3, 0.5, 100.0)
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a number") from None


def whole(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number") from None


def numbers(text: str) -> Number | list[Number]:
    """Read a number, a comma list, or a range ``lo:hi:n`` of n equally spaced values.

    The values of a range are canonical (`hebbian.streams.canonical`): 0.06, where the step
    added up gives 0.060000000000000005.

    Examples
    --------
    >>> numbers("0.5"), numbers("2,3"), numbers("0:1:3"), numbers("0.02:0.1:3")
    (0.5, [2, 3], [0.0, 0.5, 1.0], [0.02, 0.06, 0.1])
    """
    if ":" not in text:
        values = [number(part) for part in text.split(",")]
        return values if "," in text else values[0]
    parts = text.split(":")
    wrong = argparse.ArgumentTypeError(
        f"{shown(text)} is not a number, a comma list, or a range lo:hi:n of finite numbers "
        f"with n in [1, {_MOST_VALUES}]"
    )
    if len(parts) != 3:
        raise wrong
    low, high, n = (number(part) for part in parts)
    if not isinstance(n, int) or not 1 <= n <= _MOST_VALUES:
        raise wrong
    try:
        values = [low + (high - low) * i / max(n - 1, 1) for i in range(n)]
    except OverflowError:
        raise wrong from None
    if not all(map(math.isfinite, values)):
        raise wrong
    from hebbian.streams import canonical

    return [float(canonical(value)) for value in values]


def listed(text: str) -> list[Number]:
    """Read a comma list, of one number too.

    Examples
    --------
    >>> listed("1,2.5"), listed("1")
    ([1, 2.5], [1])
    """
    return [number(part) for part in text.split(",")]


def couplings(text: str) -> str | list[list[Number]]:
    """Read the rows of a matrix; a single word that is no number is a file or a name.

    Examples
    --------
    >>> couplings("0,1;1,0"), couplings("J.npy"), couplings("1")
    ([[0, 1], [1, 0]], 'J.npy', [[1]])
    """
    if text.endswith(".npy"):
        return text
    try:
        return [listed(row) for row in text.split(";")]
    except argparse.ArgumentTypeError:
        if "," not in text and ";" not in text:
            return text
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is not a matrix, rows of numbers as in 0,1;1,0"
        ) from None


def start(text: str) -> str | float | list[Number]:
    """Read a start: a name, an overlap, or a list or range of overlaps.

    Examples
    --------
    >>> start("random"), start("cue:0:0.8"), start("1"), start("0.2,0.4")
    ('random', 'cue:0:0.8', 1.0, [0.2, 0.4])
    """
    if text.split(":")[0] in ("mixture", "cue"):
        return text
    if ":" in text or "," in text:
        found = numbers(text)
        return found if isinstance(found, list) else float(found)
    try:
        return float(text)
    except ValueError:
        return text


def plain_value(text: str) -> Any:
    """Read a TOML value; what is none is a string."""
    from hebbian.documents import decode_toml

    try:
        return decode_toml(f"value = {text}".encode(), shown(text))["value"]
    except ValueError as error:
        if text.lstrip().startswith(("[", "{")):
            raise ValueError(f"{shown(text)} is no value of TOML: {error}") from None
        return text
