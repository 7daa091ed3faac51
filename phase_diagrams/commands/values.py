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
    "strengths_of",
    "weights",
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


def weights(text: str) -> str | list[Number]:
    """Read strengths: a list of numbers, or a law or file, a word.

    Examples
    --------
    >>> weights("1,0.5"), weights("zipf:1.5"), weights("ranks.npy")
    ([1, 0.5], 'zipf:1.5', 'ranks.npy')
    """
    try:
        return listed(text)
    except argparse.ArgumentTypeError:
        if "," not in text:
            return text
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is not a list of numbers as in 1,0.5,0.25"
        ) from None


def strengths_of(given: Any) -> Any:
    """Return strengths as a model takes them: those of a file as a list of numbers.

    Raises
    ------
    ValueError
        If the file cannot be read, or holds something else.
    """
    if not isinstance(given, str) or not given.endswith((".npy", ".txt")):
        return given
    import io

    import numpy as np

    from hebbian.documents import contents

    try:
        raw = contents(given)
        if given.endswith(".txt"):
            return [float(word) for word in raw.decode().replace(",", " ").split()]
        found = np.load(io.BytesIO(raw), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"weights = {shown(given)} cannot be read: {reason}") from None
    return found.tolist() if found.dtype.kind in "iuf" else found


def start(text: str) -> str | float | list[Number]:
    """Read a start: a name, an overlap, or a list or range of overlaps.

    Examples
    --------
    >>> start("pattern:7"), start("cue:0:0.8"), start("1"), start("0.2,0.4")
    ('pattern:7', 'cue:0:0.8', 1.0, [0.2, 0.4])
    """
    if text.split(":")[0] in ("pattern", "mixture", "cue"):
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
