"""What a figure shows: studies and models by their labels, and the quantity of a study."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

import xarray as xr

from hebbian import Model, domain
from hebbian.calling import checked
from phase_diagrams.layers import worst_layer
from phase_diagrams.loads import at_simulated

__all__ = ["Models", "Studies", "models", "squeezed", "studies", "values", "wrong_axes"]

#: One study or several on one Axes: by their labels, or in a list.
Studies = xr.DataTree | Mapping[str, xr.DataTree] | Sequence[xr.DataTree]

#: One model or several on one Axes.
Models = Model | Mapping[str, Model] | Sequence[Model]

Label = str | Sequence[str] | None


def studies(given: Any, label: Label) -> list[tuple[str | None, xr.DataTree]]:
    """Return studies with their labels, those of a list by their models if they have none.

    Raises
    ------
    TypeError
        If one is no study.
    ValueError
        If there are none, or labels that do not fit them.
    """
    found = _listed("tree", given)
    for _, each in found:
        if not isinstance(each, xr.DataTree):
            named = isinstance(each, str | os.PathLike)
            how = f": give phase_diagrams.open({each!r})" if named else ""
            raise TypeError(f"tree is a {type(each).__name__}, not the DataTree of a study{how}")
    return _labelled(found, label, [_model(each) for _, each in found])


def models(given: Any, label: Label) -> list[tuple[str | None, Model]]:
    """Return models with their labels, as `studies` does."""
    found = _listed("model", given)
    for _, each in found:
        if not isinstance(each, Model):
            about = "phase_diagrams.figures.phase_lines: model ="
            if isinstance(each, type):
                raise TypeError(f"{about} {each.__name__} is a class: write {each.__name__}(...)")
            words = f"{about} {each!r:.60} is not a model"
            raise TypeError(f"{words}: give hebbian.Hopfield(), hebbian.Dense(order=4) or another")
    return _labelled(found, label, [_described(each) for _, each in found])


def _listed(name: str, given: Any) -> list[tuple[str | None, Any]]:
    found: list[tuple[str | None, Any]]
    if isinstance(given, Mapping) and not isinstance(given, xr.Dataset | xr.DataTree):
        found = [(str(words), each) for words, each in given.items()]
    else:
        found = [(None, each) for each in (given if isinstance(given, list | tuple) else [given])]
    if not found:
        raise ValueError(f"{name} = {given!r} is empty: there is nothing to draw")
    return found


def _labelled(found: list[tuple[str | None, Any]], label: Label, described: list[str]) -> Any:
    """Return what was found with its labels: its own, those given, or what tells it apart."""
    own = [words for words, _ in found]
    if label is not None:
        given = [label] if isinstance(label, str) else list(label)
        if any(words is not None for words in own):
            raise ValueError(f"label = {label!r:.60}: labels are the keys of what is drawn")
        if len(given) != len(found) or not all(isinstance(words, str) for words in given):
            raise ValueError(f"label = {label!r:.60}: give {len(found)}, one word or text each")
        own = list(given)
    elif len(found) > 1 and None in own:
        counts = Counter(described)
        own = [
            words if counts[words] == 1 else f"{words} {i + 1}" for i, words in enumerate(described)
        ]
    return list(zip(own, (each for _, each in found), strict=True))


def _described(model: Any) -> str:
    """Return a model as it is written: its numbers, and what is not so by default."""
    if not isinstance(model, Model):
        return ""
    known = {each.name: getattr(model, each.name) for each in fields(model)}
    usual = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(model)
    }
    kept = (n for n, v in known.items() if isinstance(v, int | float) or v != usual[n])
    return f"{type(model).__name__}({', '.join(f'{name}={known[name]!r}' for name in kept)})"


def _model(tree: xr.DataTree) -> str:
    """Return the model of a study as it is written, if it is known here."""
    described = [child.attrs["model"] for child in tree.children.values() if "model" in child.attrs]
    try:
        return _described(Model.build(json.loads(described[0])))
    except (IndexError, ValueError):
        return "study"


def squeezed(dataset: xr.Dataset) -> xr.Dataset:
    """Drop axes of one value and sort the others."""
    dataset = dataset.squeeze([dim for dim in dataset.dims if dataset.sizes[dim] == 1])
    return dataset.sortby(list(dataset.sizes))


@checked
def values(tree: xr.DataTree, variable: str, pattern: int | None) -> xr.DataArray:
    """Return the quantity to show, of the simulation if there is one.

    Of all patterns and layers, or of one pattern and the worst layer.
    """
    for group in ("simulation", "theory"):
        if group in tree.children and variable in tree[group]:
            dataset = at_simulated(tree[group].to_dataset())
            if pattern is not None:
                dataset = worst_layer(dataset)
            data = squeezed(dataset)[variable]
            if "pattern" not in data.dims and pattern:
                raise ValueError(f"pattern = {pattern}: {variable} is not one of each pattern")
            if pattern is None or "pattern" not in data.dims:
                return data
            if not 0 <= pattern < data.sizes["pattern"]:
                allowed = f"[0, {data.sizes['pattern'] - 1}]"
                raise ValueError(f"pattern = {pattern} is outside the allowed range {allowed}")
            return data.isel(pattern=pattern)
    known = sorted({str(n) for child in tree.children for n in tree[child].data_vars})
    words = f"variable = {variable!r} is not one of {', '.join(known)}"
    raise domain.UnknownWord(words, variable, known)


def wrong_axes(name: str, needed: str, sizes: Mapping[Any, int], how: str = "") -> str:
    """Say which axes a figure needs, and which a study has."""
    axes = ", ".join(f"{dim} ({n})" for dim, n in sizes.items())
    if not axes:
        return f"{name} needs {needed} of more than one value, this is one point"
    return f"{name} needs {needed} of more than one value, this has {axes}: select the others{how}"
