"""The strokes that figures are made of: heat maps, lines, points and names upon them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from . import palettes, styling
from .contrast import face, ink, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.collections import QuadMesh

__all__ = [
    "edges",
    "heat_map",
    "inside",
    "label",
    "limit",
    "line",
    "logarithmic",
    "name",
    "place",
    "placed",
    "points",
]

log = logging.getLogger(__name__)


def heat_map(
    data: xr.DataArray,
    ax: Axes,
    *,
    low: float | None = None,
    high: float | None = None,
    colourbar: Any = True,
    **style: Any,
) -> QuadMesh:
    """Draw a quantity of two axes, the first of them vertical, as colour; NaN is grey.

    On an axis with another scale than the linear one, set before, cells end in its middles:
    at geometric means on a logarithmic one.  Panels that share one scale of colours are drawn
    without `colourbar` (as `palettes.colorbar`), and get one from their figure.  A `norm` among
    the properties of the mesh takes the place of `low` and `high`.
    """
    y, x = data.dims
    limits: dict[str, Any] = {} if style.get("norm") is not None else {"vmin": low, "vmax": high}
    usual: dict[str, Any] = {"cmap": "cividis", "rasterized": True}
    places = [edges(data[dim].values, axis) for dim, axis in ((x, ax.xaxis), (y, ax.yaxis))]
    mesh = ax.pcolormesh(*places, data, **(usual | limits | style))
    ax.set_facecolor("0.8")
    styling.label_axes(ax, label(data[x]), label(data[y]))
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    palettes.colorbar(ax, mesh, label(data), colourbar)
    return mesh


def edges(centres: np.ndarray, axis: Axis | None = None) -> np.ndarray:
    """Return the borders of cells around `centres`, in the middle as an axis shows them."""
    scale = None if axis is None else axis.get_transform()
    places = np.asarray(centres, float)
    places = places if scale is None else scale.transform(places)
    gaps = np.diff(places) if len(places) > 1 else np.ones(1)
    inner = places[:-1] + 0.5 * gaps[: len(places) - 1]
    edges = np.concatenate([[places[0] - 0.5 * gaps[0]], inner, [places[-1] + 0.5 * gaps[-1]]])
    return edges if scale is None else np.asarray(scale.inverted().transform(edges))


def placed(data: xr.DataArray, ax: Axes) -> xr.DataArray:
    """Return a quantity where its axes, the last horizontal, have a place; say what has none.

    Raises
    ------
    ValueError
        If nothing is left.
    """
    for dim, axis in zip(reversed(data.dims), (ax.xaxis, ax.yaxis), strict=False):
        values, scale = data[dim].values, axis.get_scale()
        kept = inside(values, axis)
        if kept.all():
            continue
        out = f"{dim} = {', '.join(f'{value:g}' for value in values[~kept])}"
        data = data.isel({dim: kept})
        if not kept.any():
            raise ValueError(f"{out} has no place on an axis of scale {scale}")
        log.warning("%s has no place on an axis of scale %s and is left out", out, scale)
    return data


def inside(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Say of every value whether it has a place on an axis.

    Zero has none on a logarithmic one, and infinity on none.
    """
    scale = axis.get_scale()
    positive = (values > 0) & ((values < 1) | (scale == "log"))
    return np.isfinite(values) & ((scale not in ("log", "logit")) | positive)


def limit(axis: Axis, low: float, high: float) -> None:
    """Set the limits of an axis; one that is inverted stays so."""
    ends = (high, low) if axis.get_inverted() else (low, high)
    axis.axes.set(**{"xlim" if axis is axis.axes.xaxis else "ylim": ends})


def label(data: xr.DataArray) -> str:
    """Return the words and the symbol of a quantity."""
    symbol, words = data.attrs.get("symbol"), data.attrs.get("long_name", data.name)
    return f"{words} ${symbol}$" if symbol else str(words)


def line(ax: Axes, x: Any, y: Any, style: str, colour: str = "black", **properties: Any) -> None:
    """Draw a line of the theory on white, over whatever is below."""
    from matplotlib.patheffects import withStroke

    white = [withStroke(linewidth=2.2, foreground="white")]
    chosen: dict[str, Any] = {
        "color": colour,
        "linestyle": style,
        "linewidth": 0.9,
        "path_effects": white,
    }
    ax.plot(x, y, **(chosen | properties))


def points(ax: Axes, x: Any, y: Any, error: Any = None, **style: Any) -> Any:
    """Draw results of a simulation with their error bars; return them as matplotlib does."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    chosen: dict[str, Any] = {"markersize": 2.5, "linewidth": 0.8, "capsize": 1.5}
    if "fmt" not in style:
        chosen |= {"marker": "o", "linestyle": "none"}
    return ax.errorbar(x, y, yerr=error, **(chosen | normalize_kwargs(style, Line2D)))


def logarithmic(axis: Axis) -> None:
    """Label a logarithmic axis, when all is drawn, so that its numbers do not touch.

    Less than two decades have plain numbers at 1, 2 and 5, more have powers of ten.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_minor_formatter(NullFormatter())
    low, high = axis.get_view_interval()
    if high < 100 * low:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def place(ax: Axes, x: float, text: str) -> None:
    """Mark a place on the horizontal axis and write its name above."""
    ax.axvline(x, color=readable("0.6", face(ax)), lw=0.6, ls="--", zorder=0)
    ax.text(
        x, 1.0, text, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=6
    )  # fmt: skip


def name(ax: Axes, x: float, y: float, text: str, *, size: float = 6.5) -> None:
    """Write the name of a phase or of a line at a point."""
    from matplotlib.patheffects import withStroke

    colour = ink(ax)
    ground = [withStroke(linewidth=1.6, foreground="white" if colour == "black" else "black")]
    ax.text(
        x, y, text, ha="center", va="center", fontsize=size, color=colour, path_effects=ground
    )  # fmt: skip
