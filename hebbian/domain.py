"""Domains of the parameters: one clear line for every value outside its range.

All four rooms validate through these functions, so that a user reads the same
sentence from a notebook and from the command line:
``quality = 1.5 is outside the allowed range (0, 1]``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = [
    "Interval",
    "UnknownWord",
    "boolean",
    "choice",
    "did_you_mean",
    "integer",
    "nearest",
    "real",
    "real_array",
    "shown",
]


#: What the literature and other packages say for words that are known here.
_SYNONYMS = {
    "sync": "parallel", "single-spin-flip": "glauber", "mc": "metropolis", "mh": "metropolis",
    "metropolis-hastings": "metropolis", "monte-carlo": "metropolis",
    "shuffle": "permutation", "shuffled": "permutation", "checkerboard": "sequential",
    "retrieved": ("retrieval", "pattern"), "memory": ("retrieval", "pattern"),
    "stored-pattern": ("pattern", "retrieval"), "retrieval": "pattern", "pattern": "retrieval",
    "noisy": "pattern", "fm": "retrieval", "ferro": "retrieval", "ferromagnetic": "retrieval",
    "para": ("paramagnet", "random"), "pm": ("paramagnet", "random"), "random": "paramagnet",
    "paramagnet": "random", "paramagnetic": ("paramagnet", "random"),
    "magnetization": ("m", "solution"), "magnetisation": ("m", "solution"),
    "mattis": ("m", "solution"), "overlap": ("m", "solution"), "overlaps": ("m", "solution"),
    "edwards-anderson": "q", "spin-glass-order-parameter": "q", "chi": "susceptibility",
    "heat-capacity": "specific_heat", "e": "energy", "f": "free_energy",
    "beta": "T", "k": ("n_patterns", "alpha"), "temp": "T", "jax": "cupy", "torch": "cupy",
    "heat-bath": "glauber", "heatbath": "glauber", "gibbs": "glauber", "async": "glauber",
    "asynchronous": "glauber", "sequential": "glauber", "synchronous": "parallel",
    "little": "parallel", "tap": "plefka", "greedy": "zero-temperature", "t=0": "zero-temperature",
    "deterministic": "zero-temperature", "mcmc": "metropolis", "spin-glass": "glass", "sg": "glass",
    "ferromagnet": "retrieval", "recall": "retrieval", "disordered": "paramagnet",
    "stored": "pattern", "gpu": "cupy", "cuda": "cupy", "cpu": "numba", "numpy": "reference",
    "temperature": "T", "load": "alpha", "n": "n_spins", "r": "quality", "d": "dilution",
    "lambda": "sharpness", "lam": "sharpness", "l": "sharpness", "delta": "radius",
    "attention": "exponential", "softmax": "exponential", "modern-hopfield": "exponential",
    "log-sum-exp": "exponential", "pseudo-inverse": "dreaming", "pseudoinverse": "dreaming",
    "projector": "dreaming", "sk": "couplings", "sherrington-kirkpatrick": "couplings",
    "bidirectional": "bam", "heteroassociative": "bam",
    "sdm": "sparsedistributed", "kanerva": "sparsedistributed",
    "student": "teacherstudent", "teacher-student": "teacherstudent",
    "inverse-hopfield": "teacherstudent", "learning": "teacherstudent",
    "forgetting": "palimpsest", "exponential-decay": "palimpsest", "power-law": "zipf",
    "w": "signal", "snr": "signal", "t*": "teacher_temperature", "g": "weights",
    "strengths": "weights", "frequencies": "weights",
    "p": "order", "m": "n_examples", "hebb": "storing", "hebbian": "storing",
    "teacher": "supervised",
}  # fmt: skip


def did_you_mean(word: object, known: Collection[str]) -> str:
    """Return the end of a sentence that proposes the known word nearest to a strange one.

    Examples
    --------
    >>> did_you_mean("retrival", ["retrieval", "glass"]), did_you_mean("heat bath", ["glauber"])
    ('; did you mean retrieval?', '; did you mean glauber?')
    """
    from difflib import get_close_matches

    text = word[:100] if isinstance(word, str) else ""
    usual = _SYNONYMS.get(text.lower().replace(" ", "-").replace("_", "-"), ())
    lower = {each.lower(): each for each in known}
    words = (usual,) if isinstance(usual, str) else usual
    meant = next((each for each in words if each in known), lower.get(text.lower()))
    if meant is None:
        near = get_close_matches(text.lower(), lower, n=1)
        meant = lower[near[0]] if near else None
    return f"; did you mean {meant}?" if meant is not None else ""


class UnknownWord(ValueError):
    """A word that is none of those known; the message proposes the nearest.

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
        super().__init__(message + did_you_mean(word, known))
        self.known = tuple(known)


class Interval:
    """An interval of real numbers, written as mathematicians write it.

    Parameters
    ----------
    text : str
        ``"(0, 1]"``, ``"[0, inf)"`` and the like; ``"[0, inf]"`` alone contains ``inf``.

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
        finite = abs(values) <= sys.float_info.max  # whole numbers may exceed it
        return above & below & (finite | (self._closed[1] & (values == math.inf)))

    def __contains__(self, value: float) -> bool:
        return bool(self.holds(value))

    def __str__(self) -> str:
        return self.text


def shown(value: object) -> str:
    """Return one line, not too long, of anything."""
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):  # digits without end, lists in lists
        text = type(value).__name__
    return text if len(text) <= 100 else text[:97] + "..."


@lru_cache
def _interval(text: str) -> Interval:
    return Interval(text)


def _outside(name: str, value: object, allowed: object) -> ValueError:
    return ValueError(f"{name} = {shown(value)} is outside the allowed range {allowed}")


def _number(value: Any) -> Any:
    """Return what is a number by itself, alone or as an array of no dimension.

    Booleans and text are none, though Python takes them for numbers; of a complex number
    ``float`` would drop a part.

    Raises
    ------
    TypeError
        For anything else.
    """
    if type(value) in (int, float):
        return value
    kind = getattr(getattr(value, "dtype", None), "kind", "i")
    wrong = isinstance(value, (bool, str, bytes, bytearray)) or np.ma.isMaskedArray(value)
    if wrong or kind not in "iuf" or np.ndim(value):
        raise TypeError
    return value


def _array(values: Any) -> np.ndarray:
    """Return numbers as an array; booleans, text and complex numbers are none.

    Raises
    ------
    TypeError, ValueError
        For anything else, ragged lists, and arrays that hide some of their entries.
    """
    if np.ma.isMaskedArray(values):
        raise TypeError
    if isinstance(values, (list, tuple)):
        # Among numbers numpy takes True for 1.
        for value in values:
            if isinstance(value, (bool, np.bool_)):
                raise TypeError
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError
    return array


def real(name: str, value: Any, allowed: str) -> float:
    """Return `value` as a float inside the interval `allowed`.

    Raises
    ------
    ValueError
        If `value` is not a real number (``bool`` and ``str`` are not) or outside.
    """
    try:
        number = float(_number(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {shown(value)} is not a real number in {allowed}") from None
    if number not in _interval(allowed):
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
        number = int(_number(value))
        whole = bool(number == value)
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise ValueError(f"{name} = {shown(value)} is not a whole number in {allowed}")
    if number not in _interval(allowed):
        raise _outside(name, number, allowed)
    return number


def boolean(name: str, value: Any) -> bool:
    """Return `value` if it is true or false: a word, ``"no"`` too, would count as true.

    Raises
    ------
    ValueError
        If `value` is neither a boolean nor 0 or 1.
    """
    if not isinstance(value, (bool, np.bool_)) and not (type(value) is int and value in (0, 1)):
        raise ValueError(f"{name} = {shown(value)} is not True or False")
    return bool(value)


def choice(name: str, value: Any, choices: Collection[str]) -> str:
    """Return `value` if it is one of `choices`.

    Raises
    ------
    UnknownWord
        Naming the parameter, the value and the choices.
    """
    if not isinstance(value, str) or value not in choices:
        message = f"{name} = {shown(value)} is not one of {', '.join(choices)}"
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
        array = _array(values).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"{name} = {shown(values)} is not a real number or an array of them in {allowed}"
        ) from None
    for value in array[~Interval(allowed).holds(array)][:1]:
        raise _outside(name, float(value), allowed)
    return array


def nearest(number: float) -> int:
    """Return the whole number nearest to a real one of twelve significant digits, halves upwards.

    So 0.29 * 50, which is 14.499999999999998 in floating point, is 15 as 14.5 is.

    Examples
    --------
    >>> nearest(0.29 * 50), nearest(2.5), nearest(0.4)
    (15, 3, 0)
    """
    return math.floor(float(f"{number:.12g}") + 0.5)
