"""Families of curves: labelled numbers along one axis, a curve for every place on the others."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from hebbian import domain

from . import drawing, palettes, styling
from .contrast import next_colour
from .shown import wrong_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = ["Family", "family", "joined", "numbers", "place_named", "points", "theory"]

#: Axes that curves run along before all others, and those that have curves of their own.
_ALONG = ("rank", "token", "distance", "step", "start")
_APART = ("pattern", "layer", "sample", "component", "t", "swap")
_STROKES = ("solid", "dashed", "dotted", "dashdot")


class Curve(NamedTuple):
    """Where a curve is in the numbers, and how it is drawn."""

    where: dict[str, int]
    label: str | None
    colour: Any
    stroke: str


class Family(NamedTuple):
    """Numbers, what they are drawn along, and the curves."""

    data: xr.DataArray
    x: xr.DataArray
    curves: list[Curve]

    def of(self, data: xr.DataArray, curve: Curve) -> np.ndarray:
        """Return the part of numbers with the same axes that a curve shows."""
        return np.asarray(data.isel({k: i for k, i in curve.where.items() if k in data.dims}))


def numbers(data: xr.Dataset, variable: str) -> xr.DataArray:
    """Return a variable of numbers by its name.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    known = [str(name) for name, each in data.items() if each.dtype.kind in "biuf"]
    return data[domain.choice("variable", variable, known)]


def family(
    ax: Axes,
    data: xr.DataArray,
    look: Look,
    *,
    x: str | None = None,
    least: int = 1,
) -> Family:
    """Return the curves of some numbers along their longest axis, or along `x`.

    Colours tell the first of the other axes apart, strokes the second.

    Raises
    ------
    ValueError
        If there is no such axis, or more than two others.
    """
    if not data.dims:
        data = data.expand_dims("T" if "T" in data.coords else "point")
    along = _along(data, x)
    dim = along.dims[0]
    data = data.squeeze([d for d in data.dims if d != dim and data.sizes[d] == 1], drop=True)
    others = [str(d) for d in data.dims if d != dim]
    if along.size < least or len(others) > 2:
        sizes = {str(d): n for d, n in data.sizes.items() if n > 1}
        raise ValueError(wrong_axes(str(data.name), "one to three axes", sizes, ", or give x"))
    where = [_places(data, other) for other in others]
    scale = None
    if "color" in look.style or not others:
        own = look.style.get("color") or next_colour(ax)
        colours = [own] * (where[0].size if others else 1)
    else:
        colours, scale = palettes.palette(ax, where[0], look)
    if scale is not None:
        palettes.colorbar(ax, scale, drawing.label(where[0]), look.colorbar)
    curves = []
    for index in itertools.product(*(range(each.size) for each in where)):
        named = [
            place_named(each, i)
            for k, (each, i) in enumerate(zip(where, index, strict=True))
            if k or scale is None
        ]
        stroke = _STROKES[index[1] % len(_STROKES)] if len(index) > 1 else "solid"
        words = joined(look.style.get("label") if named or not any(index) else None, *named)
        if named and scale is not None and index[0]:
            words = None
        curves.append(
            Curve(dict(zip(others, index, strict=True)), words,
                  colours[index[0] if index else 0], stroke)
        )  # fmt: skip
    return Family(data.transpose(..., dim), along, curves)


def _along(data: xr.DataArray, x: str | None) -> xr.DataArray:
    """Return the coordinate, or the numbers of the places, that curves run along."""
    if x is not None:
        known = [*map(str, data.dims)]
        known += [str(name) for name, each in data.coords.items() if each.ndim == 1]
        return _places(data, domain.choice("x", x, [*dict.fromkeys(known)]))
    apart = {d: (d in _ALONG, d not in _APART, n > 1, n) for d, n in data.sizes.items()}
    return _places(data, str(max(reversed(data.dims), key=lambda d: apart[d])))


def _places(data: xr.DataArray, name: str) -> xr.DataArray:
    """Return a coordinate by its name; of an axis without one what else varies along it."""
    if name in data.coords:
        return data[name]
    also = [each for each in data.coords.values() if each.dims == (name,)]
    if also:
        return also[0]
    return xr.DataArray(np.arange(data.sizes[name]), dims=name, name=name)


def joined(*words: Any) -> str | None:
    """Return the label that some words make, None without any."""
    return ", ".join(str(word) for word in words if word) or None


def place_named(places: xr.DataArray, index: int) -> str:
    """Return which place of an axis this is: its symbol and value."""
    value, symbol = places.values[index], places.attrs.get("symbol")
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"${symbol} = {text}$" if symbol else f"{places.name} {text}"


def points(
    ax: Axes, shown: Family, look: Look, error: xr.DataArray | None = None, **usual: Any
) -> None:
    """Draw results of a simulation with their errors."""
    for curve in shown.curves:
        style = usual | look.of_points() | {"label": curve.label, "color": curve.colour}
        spread = None if error is None else shown.of(error, curve)
        drawing.points(ax, shown.x.values, shown.of(shown.data, curve), spread, **style)
    _finished(ax, shown)


def theory(
    ax: Axes,
    shown: Family,
    look: Look,
    *,
    error: xr.DataArray | None = None,
    doubtful: xr.DataArray | None = None,
    **usual: Any,
) -> None:
    """Draw theory: lines with bands of their errors, dashed where `doubtful`."""
    x = shown.x.values
    for curve in shown.curves:
        y = shown.of(shown.data, curve)
        style: dict[str, Any] = {"linewidth": 1.0, "linestyle": curve.stroke} | usual
        style |= look.of_lines(alone=True) | {"color": curve.colour}
        if len(x) == 1:
            style = {"marker": "o"} | style
        unsure = np.zeros(len(x), bool)
        if doubtful is not None:
            unsure = np.broadcast_to(shown.of(doubtful, curve), x.shape)
        ax.plot(x, np.where(unsure, np.nan, y), **style | {"label": curve.label})
        if unsure.any():  # with a neighbour on either side, so that no gap is left
            near = unsure | np.append(unsure[1:], False) | np.insert(unsure[:-1], 0, False)
            ax.plot(x, np.where(near, y, np.nan), **style | {"linestyle": "dashed", "label": None})
        if error is not None:
            half = shown.of(error, curve)
            ax.fill_between(x, y - half, y + half, color=curve.colour, alpha=0.3, linewidth=0)
    _finished(ax, shown)


def _finished(ax: Axes, shown: Family) -> None:
    styling.label_axes(ax, drawing.label(shown.x), drawing.label(shown.data))
    styling.whole_ticks(ax.xaxis, shown.x)
