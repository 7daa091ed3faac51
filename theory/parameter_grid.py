"""The equations of state over grids of the model's own parameters."""

from __future__ import annotations

import dataclasses
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
    law: str,
    rsb: int,
    parameters: dict[str, Any],
) -> Solution:
    """Solve every model of a grid of parameters once, for all its loads and temperatures.

    Parameters
    ----------
    solve : callable
        `theory.solve`, of one model.
    model : Model
        Gives the parameters that are not in the grid.
    alpha, T, start, law, rsb
        As for `theory.solve`; `start` is a name.
    parameters : dict of str to array_like
        Numerical parameters of the model or its rule, broadcast against `alpha` and `T`.

    Returns
    -------
    Solution
        Arrays of the broadcast shape.

    Raises
    ------
    ValueError
        For a parameter the model does not have, a value out of range, or shapes that do not
        broadcast.
    """
    if not isinstance(start, str):
        raise ValueError("start: an array of order parameters does not go with a parameter grid")
    names = list(parameters)
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
    pieces = []
    for number, row in enumerate(distinct):
        here = which.ravel() == number
        pieces.append((here, solve(
            model.replace(**dict(zip(names, row.tolist(), strict=True))),
            alpha=None if load is None else load.ravel()[here],
            T=temperature.ravel()[here],
            start=start,
            law=law,
            rsb=rsb,
        )))  # fmt: skip
    if not pieces:
        raise ValueError(f"{names[0]} = [] is empty")
    return _assemble(pieces, temperature.shape)


def _assemble(pieces: list[tuple[np.ndarray, Solution]], shape: tuple[int, ...]) -> Solution:
    """Put solutions on parts of a grid together; pattern axes must have one length."""
    first = pieces[0][1]
    arrays = {}
    for field in dataclasses.fields(first):
        parts = [np.asarray(getattr(solution, field.name)) for _, solution in pieces]
        trailing = {part.shape[1:] for part in parts}
        if len(trailing) > 1:
            raise ValueError("n_patterns: a grid over the number of patterns has no common shape")
        dtype = np.result_type(*parts)
        whole = np.empty((len(pieces[0][0]), *trailing.pop()), dtype)
        for (here, _), part in zip(pieces, parts, strict=True):
            whole[here] = part
        arrays[field.name] = whole.reshape((*shape, *whole.shape[1:]))
    return type(first)(**arrays)
