"""Spins, patterns and examples: arrays of -1 and +1, of 0 where entries may be blank.

Every door that takes them asks here, so that bits, grey values and arrays turned round are
told what they are instead of being taken for spins.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["signs"]


def signs(
    name: str,
    values: Any,
    axes: tuple[str, ...],
    *,
    blank: bool = False,
    lengths: tuple[int | None, ...] = (),
) -> np.ndarray:
    """Return spins, patterns or examples as int8: +1 and -1, or 0 where entries may be blank.

    Parameters
    ----------
    name : str
    values : array_like
        Integers or floats.
    axes : tuple of str
        What its dimensions are, by their names; ``"..."`` in front: any others before them.
    blank : bool
        Whether 0 is allowed.
    lengths : tuple of int or None, optional
        Of the axes, where they are known; None is any.

    Raises
    ------
    ValueError
        For anything else: a shape of other dimensions, or an entry that is no sign.  What holds
        0 and 1, booleans and grey values are told how to become signs.

    Examples
    --------
    >>> signs("pattern", [1, -1, 1], ("n_spins",))
    array([ 1, -1,  1], dtype=int8)
    >>> signs("pattern", [1, 0, 1], ("n_spins",))
    Traceback (most recent call last):
    ValueError: pattern: entries are 0 and 1, not -1 and +1: 2 * pattern - 1 makes them
    """
    words = "-1, 0 and +1" if blank else "-1 and +1"
    try:
        if np.ma.isMaskedArray(values):
            raise TypeError("it hides some of its entries: fill them first")
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{name} is not an array of {words}: {reason}") from None
    if array.dtype.kind == "b":
        raise ValueError(
            f"{name}: entries are booleans, not {words}: 2 * {name}.astype(int) - 1 makes them"
        )
    if array.dtype.kind not in "iuf":
        kind = type(values).__name__ if array.ndim == 0 else f"array of {array.dtype}"
        raise ValueError(f"{name}: {kind} is not an array of {words} (numpy, integers or floats)")
    _check_shape(name, array.shape, axes, lengths)
    right = (array == 1) | (array == -1) | ((array == 0) & blank)
    if not right.all():
        raise ValueError(f"{name}: {_no_signs(name, array, array[~right][0], words)}")
    return array.astype(np.int8)


def _check_shape(
    name: str, shape: tuple[int, ...], axes: tuple[str, ...], lengths: tuple[int | None, ...]
) -> None:
    free = axes[:1] == ("...",)
    named = axes[1:] if free else axes
    wanted = lengths or (None,) * len(named)
    last = shape[len(shape) - len(named) :] if free else shape
    fits = len(last) == len(named) and all(
        n == length or length is None for n, length in zip(last, wanted, strict=False)
    )
    if fits and 0 not in shape:
        return
    known = [n if k is None else f"{n} = {k}" for n, k in zip(named, wanted, strict=True)]
    text = ", ".join([*axes[: len(axes) - len(named)], *known])
    text += "," if len(axes) == 1 else ""
    message = f"{name}: shape {shape}, but ({text}) is needed"
    turned = len(shape) == 2 and len(named) == 2 and not fits
    if turned and all(n == k or k is None for n, k in zip(shape[::-1], wanted, strict=True)):
        message += f": transpose it ({name}.T)"
    raise ValueError(message)


def _no_signs(name: str, array: np.ndarray, wrong: Any, words: str) -> str:
    """Say what the entries are, and what makes signs of them."""
    low, high = array.min(), array.max()
    if low == 0 < high and bool(((array == low) | (array == high)).all()):
        scale = name if high == 1 else f"{name} / {high:g}"
        two = "2.0" if array.dtype.kind == "u" else "2"  # unsigned numbers have no -1
        return f"entries are 0 and {high:g}, not {words}: {two} * {scale} - 1 makes them"
    return f"entry {wrong:g} is not one of {words}"
