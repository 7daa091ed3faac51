"""The equations of state over grids of the model's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hebbian import Model, domain

from .solution import Solution

__all__ = ["over_parameters"]


def over_parameters(
    solve: Callable[..., Solution],
    model: Model,
    *,
    alpha: Any,
    T: Any,
    start: Any,
    parameters: dict[str, Any],
) -> Solution:
    """Solve every model of a grid of parameters once, for all its loads and temperatures.

    Arguments are those of `theory.solve`, which `solve` is with its options, and its
    `parameters` as a dictionary; `model` gives those that are not in the grid.
    """
    if not isinstance(start, str):
        raise ValueError("start: an array of order parameters does not go with a parameter grid")
    names = list(parameters)
    for name in names:
        if not hasattr(model, name) and not hasattr(model.rule, name):
            kind = f"{type(model).__name__} with rule {type(model.rule).__name__}"
            words = f"{name} is not a parameter of {kind}, nor an argument of theory.solve"
            known = (*model.parameters(), "alpha", "T", "n_spins", "start", "law", "rsb")
            raise domain.UnknownWord(words, name, known)
    columns = [domain.real_array(name, parameters[name], "(-inf, inf)") for name in names]
    temperature = domain.real_array("T", T, "[0, inf)")
    loads = [] if alpha is None else [domain.real_array("alpha", alpha, "[0, inf)")]
    try:
        temperature, *rest = np.broadcast_arrays(temperature, *loads, *columns)
    except ValueError:
        shapes = ", ".join(str(np.shape(x)) for x in (temperature, *loads, *columns))
        raise ValueError(f"T, alpha and {', '.join(names)}: {shapes} do not broadcast") from None
    load, columns = (None, rest) if alpha is None else (rest[0], rest[1:])
    values = np.stack([column.ravel() for column in columns], axis=-1)
    distinct, which = np.unique(values, axis=0, return_inverse=True)
    if not distinct.size:
        raise ValueError(f"{names[0]} = [] is empty")
    places = [np.flatnonzero(which.ravel() == number) for number in range(len(distinct))]
    pieces = [
        solve(
            model.replace(**dict(zip(names, row.tolist(), strict=True))),
            alpha=None if load is None else load.ravel()[here],
            T=temperature.ravel()[here],
        )
        for here, row in zip(places, distinct, strict=True)
    ]
    if len({np.shape(piece.m)[1:] for piece in pieces}) > 1:
        raise ValueError("n_patterns: a grid over the number of patterns has no common shape")
    back = np.argsort(np.concatenate(places)).reshape(temperature.shape)
    columns_of = [piece.fields() for piece in pieces]
    fields = {
        name: np.concatenate([fields[name] for fields in columns_of])[back]
        for name in columns_of[0]
    }
    return type(pieces[0])(**fields)
