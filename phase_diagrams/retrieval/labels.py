"""Labels of any kind as an array: whole numbers, or the words of the user."""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian.domain import shown

__all__ = ["is_whole", "named"]


def named(labels: Any, n_images: int | None = None) -> np.ndarray:
    """Return labels as an array of whole numbers or of words.

    Parameters
    ----------
    labels : array-like
        One for every image, by position: whatever NumPy takes for an array of one dimension.
        Booleans are 0 and 1; words remain words, but numbers written as words are refused:
        ordered as words, "10" is before "2".
    n_images : int, optional
        How many there must be.

    Returns
    -------
    numpy.ndarray
        Shape (n_images,), int64 or text.

    Raises
    ------
    ValueError
        If they are anything else, or one is missing: the line says which and what to give.

    Examples
    --------
    >>> named([3, 8.0]), named(["coat", "bag"]).tolist()
    (array([3, 8]), ['coat', 'bag'])
    """
    found = _column(labels)
    if n_images is not None and len(found) != n_images:
        raise ValueError(f"labels: there are {len(found)} for {n_images} images")
    if not len(found):
        raise ValueError("labels: there are none")
    if found.dtype.kind in "OT":
        found = _plain(found)
    if found.dtype.kind in "b":
        found = found.astype(np.int64)
    if found.dtype.kind in "US":
        return _words(found)
    if found.dtype.kind == "O":
        raise ValueError("labels are whole numbers of more than 64 bits")
    if found.dtype.kind not in "iuf":
        raise ValueError(f"labels are {found.dtype}, neither whole numbers nor words")
    if found.dtype.kind == "f":
        missing = np.flatnonzero(np.isnan(found))
        if missing.size:
            raise ValueError(f"labels[{missing[0]}] is missing: {_WITHOUT}")
        whole = (found == np.rint(found)) & (np.abs(found) < 2.0**63)
    else:
        whole = found <= np.iinfo(np.int64).max
    wrong = np.flatnonzero(~whole)
    if wrong.size:
        raise ValueError(f"labels[{wrong[0]}] = {found[wrong[0]]} is not a whole number of 64 bits")
    return found.astype(np.int64)


_WITHOUT = "leave out images without a label"


def _column(labels: Any) -> np.ndarray:
    """Return labels as an array of one dimension."""
    if np.ma.isMaskedArray(labels) and np.ma.getmaskarray(labels).any():
        place = int(np.flatnonzero(np.ma.getmaskarray(labels))[0])
        raise ValueError(f"labels[{place}] is masked: {_WITHOUT}")
    if isinstance(labels, (list, tuple)):  # NumPy makes text of a list of words and numbers
        kinds = {next((k for k in (str, bytes) if isinstance(label, k)), 0) for label in labels}
        labels = np.array(labels, object) if len(kinds) > 1 else labels
    try:
        found = np.asarray(labels)
    except (ValueError, OverflowError):
        raise ValueError("labels have different lengths: give one for every image") from None
    if found.ndim == 1:
        return found
    words = f"labels have the shape {found.shape}, not one for every image"
    if found.ndim == 0 and found.dtype.kind in "US":
        name = shown(str(labels))
        words = f"labels = {name} is a name: phase_diagrams.retrieval.load reads files"
    elif found.ndim == 2:
        how = "labels.argmax(axis=1), if each row marks one class"
        if 1 in found.shape:
            how = "numpy.ravel(labels)"
        words += f": give one column, as {how}"
    raise ValueError(words)


def _plain(found: np.ndarray) -> np.ndarray:
    """Return objects as words or as numbers."""
    words = numbers = -1
    plain: list[Any] = []
    for place, label in enumerate(found.tolist()):
        if isinstance(label, (float, np.floating)) and label != label:
            label = None
        if label is None or type(label).__name__ in ("NAType", "NaTType"):
            raise ValueError(f"labels[{place}] is missing: {_WITHOUT}")
        if isinstance(label, (str, bytes)):
            words = place
        elif isinstance(label, (bool, int, float, np.number, np.bool_)):
            numbers = place
        else:
            given = shown(label)
            raise ValueError(f"labels[{place}] = {given} is neither a whole number nor a word")
        if words >= 0 and numbers >= 0:
            first, second = sorted((words, numbers))
            raise ValueError(f"labels mix words and numbers: labels[{first}], labels[{second}]")
        plain.append(label.decode("utf-8", "replace") if isinstance(label, bytes) else label)
    return np.array(plain)


def _words(found: np.ndarray) -> np.ndarray:
    """Return text as text, none of it empty."""
    if found.dtype.kind == "S":
        try:
            found = np.strings.decode(found, "utf-8")
        except UnicodeDecodeError:
            raise ValueError("labels are bytes that are no text in UTF-8") from None
    empty = np.flatnonzero(found == "")
    if empty.size:
        raise ValueError(f"labels[{empty[0]}] is missing, an empty word: {_WITHOUT}")
    if all(map(is_whole, found.tolist())):
        raise ValueError(
            f"labels are numbers written as words, such as {str(found[0])!r}: give "
            "numpy.asarray(labels).astype(int)"
        )
    return found


def is_whole(word: str) -> bool:
    """Whether this is a whole number and written as Python writes it: 007 is a word."""
    digits = word.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19 and str(int(word)) == word
