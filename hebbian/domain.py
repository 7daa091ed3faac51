"""Domains of the parameters: one clear line for every value outside its range.

All four rooms validate through these functions, so that a user reads the same
sentence from a notebook and from the command line:
``quality = 1.5 is outside the allowed range (0, 1]``.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import numpy as np

__all__ = ["Interval", "UnknownWord", "choice", "integer", "real", "real_array"]


class UnknownWord(ValueError):
    """A word that is none of those known; the command line proposes the nearest.

    Parameters
    ----------
    message : str
        One line.
    word : object
        What was given.
    known : collection of str
        What could have been meant.
    """

    def __init__(self, message: str, word: object, known: Collection[str]) -> None:
        super().__init__(message)
        self.word, self.known = word, tuple(known)


class Interval:
    """An interval of real numbers, written as mathematicians write it.

    Parameters
    ----------
    text : str
        ``"(0, 1]"``, ``"[0, inf)"`` and the like; ``inf`` is never contained.

    Examples
    --------
    >>> 0.5 in Interval("(0, 1]"), 0.0 in Interval("(0, 1]")
    (True, False)
    """

    def __init__(self, text: str) -> None:
        low, high = text[1:-1].split(",")
        self.text = text
        self.low, self.high = float(low), float(high)
        self._closed = (text[0] == "[", text[-1] == "]")

    def holds(self, values: Any) -> Any:
        """Say of every value whether it is inside."""
        above = values >= self.low if self._closed[0] else values > self.low
        below = values <= self.high if self._closed[1] else values < self.high
        return above & below & (abs(values) <= sys.float_info.max)  # whole numbers may exceed it

    def __contains__(self, value: float) -> bool:
        return bool(self.holds(value))

    def __str__(self) -> str:
        return self.text


def _shown(value: object) -> str:
    """Return one line, not too long, of anything."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 100 else text[:97] + "..."


def _outside(name: str, value: object, allowed: object) -> ValueError:
    return ValueError(f"{name} = {_shown(value)} is outside the allowed range {allowed}")


def real(name: str, value: Any, allowed: str) -> float:
    """Return `value` as a float inside the interval `allowed`.

    Raises
    ------
    ValueError
        If `value` is not a real number (``bool`` and ``str`` are not) or outside.
    """
    if isinstance(value, (bool, str, bytes)):
        raise ValueError(f"{name} = {_shown(value)} is not a real number in {allowed}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {_shown(value)} is not a real number in {allowed}") from None
    if number not in Interval(allowed):
        raise _outside(name, number, allowed)
    return number


def integer(name: str, value: Any, allowed: str) -> int:
    """Return `value` as an int inside the interval `allowed`.

    Raises
    ------
    ValueError
        If `value` is not a whole number (``2.0`` is, ``2.5`` is not) or outside.
    """
    try:
        number = int(value)
        whole = not isinstance(value, (bool, str, bytes)) and number == value
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise ValueError(f"{name} = {_shown(value)} is not a whole number in {allowed}")
    if number not in Interval(allowed):
        raise _outside(name, number, allowed)
    return number


def choice(name: str, value: Any, choices: Collection[str]) -> str:
    """Return `value` if it is one of `choices`.

    Raises
    ------
    UnknownWord
        Naming the parameter, the value and the choices.
    """
    if not isinstance(value, str) or value not in choices:
        message = f"{name} = {_shown(value)} is not one of {', '.join(choices)}"
        raise UnknownWord(message, value, choices)
    return value


def real_array(name: str, values: Any, allowed: str) -> np.ndarray:
    """Return `values` as a float64 array, every entry inside `allowed`.

    Raises
    ------
    ValueError
        Naming the first entry outside the interval; for ragged or non-numeric input.
    """
    try:
        raw = np.asarray(values)
        if raw.dtype.kind not in "iuf":
            raise TypeError
        array = raw.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"{name} = {_shown(values)} is not a real number or an array of them in {allowed}"
        ) from None
    for value in array[~Interval(allowed).holds(array)][:1]:
        raise _outside(name, float(value), allowed)
    return array
