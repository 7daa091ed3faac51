"""Trees as files for other programs can hold them: attributes of anything as numbers or text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

__all__ = ["portable"]

#: Bytes that fit into the header of an HDF5 object.
_LARGEST_ATTRIBUTE = 60_000


def portable(tree: xr.DataTree) -> xr.DataTree:
    """Return a copy of a tree, or of a branch, with plain attributes and indexes.

    Numbers, arrays of numbers, words and lists of words stay what they are.  Anything else, a
    boolean, None, a dictionary, a date, becomes text: JSON where there are parts.  An index of
    several levels becomes the coordinates of its levels.

    Raises
    ------
    ValueError
        For a variable that is neither of real numbers, nor of words, nor of times.

    Examples
    --------
    >>> tree = xr.DataTree.from_dict({"/": xr.Dataset(attrs={"note": {"T": 0.1}, "good": True})})
    >>> portable(tree).attrs
    {'note': '{"T": 0.1}', 'good': 'true'}
    """
    whole = tree.copy()
    return xr.DataTree.from_dict(
        {node.path: _plain(node.to_dataset(inherit=False)) for node in whole.subtree}
    )


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    levels = [name for name, index in dataset.indexes.items() if index.nlevels > 1]
    dims = {dataset[name].dims[0] for name in levels}
    dataset = dataset.reset_index(list(dims)).copy().drop_encoding()
    dataset.attrs = _attributes(dataset.attrs)
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "O":
            strange = [v for v in variable.values.flat if not isinstance(v, str)]
            if strange:
                raise ValueError(f"variable {name!r} holds objects ({type(strange[0]).__name__})")
        elif variable.dtype.kind not in "biufSUMmT":
            raise ValueError(f"variable {name!r} is of type {variable.dtype}: give its real parts")
        dataset[name].attrs = _attributes(variable.attrs)
    return dataset


def _attributes(given: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _attribute(value) for name, value in given.items()}


def _attribute(value: Any) -> Any:
    """Return a number, an array of numbers, a word, words, or text of anything else."""
    if isinstance(value, str):
        printable = value.encode("utf-8", "replace").decode() == value and "\0" not in value
        return value if printable else json.dumps(value)
    if isinstance(value, list | tuple) and value and all(type(v) is str for v in value):
        return list(value)
    truths = isinstance(value, list | tuple) and any(isinstance(v, bool) for v in value)
    with suppress(ValueError):  # of lists of several lengths
        array = np.asarray(value)
        numbers = array.dtype.kind in "iuf" and array.size and array.ndim < 2 and not truths
        if numbers and array.nbytes < _LARGEST_ATTRIBUTE:
            return array if array.ndim else array[()]
    try:
        text = json.dumps(_parts(value), default=_text)
    except (TypeError, ValueError, RecursionError):
        return str(value)
    return json.loads(text) if text.startswith('"') and "\\u0000" not in text else text


def _parts(value: Any) -> Any:
    """Return dictionaries with names that are text."""
    if isinstance(value, Mapping):
        return {str(name): _parts(part) for name, part in value.items()}
    return [_parts(part) for part in value] if isinstance(value, list | tuple) else value


def _text(value: Any) -> Any:
    """Return what JSON can hold of anything else."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind not in "Mmc":
        return value.tolist()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)
