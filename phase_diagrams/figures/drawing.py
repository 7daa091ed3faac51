"""The strokes that figures are made of: style, axes, heat maps, lines and names upon them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from theory.lines import LINES, Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.collections import QuadMesh

__all__ = [
    "STYLE",
    "OwnFigure",
    "axes",
    "boundaries",
    "drawn",
    "edges",
    "geometric",
    "heat_map",
    "ink",
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

#: Colours that most eyes tell apart, also in grey (Okabe and Ito): blue, orange, green, ...
_CYCLE = "cycler('color', ['0072b2', 'e69f00', '009e73', 'd55e00', 'cc79a7', '56b4e9', '000000'])"

#: One column of a journal, Type 42 fonts embedded.
STYLE: dict[Any, Any] = {
    "figure.figsize": (3.4, 2.6),
    "figure.constrained_layout.use": True,
    "font.size": 8,
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "axes.linewidth": 0.6,
    "axes.titlesize": 8,
    "axes.prop_cycle": _CYCLE,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
}


class OwnFigure(Figure):
    """A figure in our style, in which it is also rendered; any other keeps its own."""


@contextmanager
def axes(
    ax: Axes | None, x: xr.DataArray | None = None, y: xr.DataArray | None = None
) -> Iterator[Axes]:
    """Yield the given Axes as they are, or those of a new figure in our style.

    New axes are logarithmic where the values along them are in geometric progression.

    Raises
    ------
    TypeError
        If what is given is not one Axes of two dimensions.
    """
    if ax is not None:
        yield _checked(ax)
        return
    from matplotlib import rc_context

    with rc_context(STYLE):
        ax = _figure().add_subplot()
        scales = {f"{axis}scale": "log" for axis, v in (("x", x), ("y", y)) if geometric(v)}
        ax.set(**scales)
        yield ax
        for axis in (ax.xaxis, ax.yaxis):
            if axis.get_scale() == "log":
                logarithmic(axis)


def _checked(ax: Any) -> Axes:
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        given = " ".join(repr(ax).split())[:60]
        raise TypeError(f"ax = {given} is not one matplotlib Axes: give one, or leave it out")
    if hasattr(ax, "get_zlim"):
        raise TypeError("ax is an Axes of three dimensions: maps and curves need one of two")
    return ax


def geometric(values: Any) -> bool:
    """Whether values are rather in geometric than in arithmetic progression.

    Examples
    --------
    >>> geometric([2, 5, 10, 20, 50]), geometric([0.05, 0.1, 0.15]), geometric([0, 1, 10])
    (True, False, False)
    """
    found = np.unique([] if values is None else np.asarray(values, float))
    if len(found) < 3 or not 0 < 4 * found[0] <= found[-1]:
        return False
    steps, ratios = np.diff(found), np.diff(np.log(found))
    return bool(steps.max() / steps.min() >= 2 * ratios.max() / ratios.min())


def _figure() -> Figure:
    """Return a figure that a notebook shows, or one that no window knows of."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.figure(FigureClass=OwnFigure)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = OwnFigure()
    FigureCanvasAgg(figure)
    return figure


def heat_map(
    data: xr.DataArray,
    ax: Axes,
    *,
    low: float | None = None,
    high: float | None = None,
    colourbar: bool = True,
) -> QuadMesh:
    """Draw a quantity of two axes, the first of them vertical, as colour; NaN is grey.

    On an axis with another scale than the linear one, set before, cells end in its middles:
    at geometric means on a logarithmic one.  Panels that share one scale of colours are drawn
    without `colourbar`, and get one from their figure.
    """
    y, x = data.dims
    mesh = ax.pcolormesh(
        edges(data[x].values, ax.xaxis),
        edges(data[y].values, ax.yaxis),
        data,
        cmap="cividis",
        rasterized=True,
        vmin=low,
        vmax=high,
    )
    ax.set_facecolor("0.8")
    ax.set(xlabel=label(data[x]), ylabel=label(data[y]))
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    if colourbar:
        ax.figure.colorbar(mesh, ax=ax, label=label(data))
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


def ink(ax: Axes) -> str:
    """Return black, or white on a dark ground."""
    from matplotlib.colors import to_rgb

    return "black" if np.dot(to_rgb(ax.get_facecolor()), (0.3, 0.59, 0.11)) > 0.4 else "white"


def label(data: xr.DataArray) -> str:
    """Return the words and the symbol of a quantity."""
    symbol, words = data.attrs.get("symbol"), data.attrs.get("long_name", data.name)
    return f"{words} ${symbol}$" if symbol else str(words)


def line(ax: Axes, x: Any, y: Any, style: str, colour: str = "black") -> None:
    """Draw a line of the theory on white, over whatever is below."""
    from matplotlib.patheffects import withStroke

    white = [withStroke(linewidth=2.2, foreground="white")]
    ax.plot(x, y, color=colour, linestyle=style, lw=0.9, path_effects=white)


def points(ax: Axes, x: Any, y: Any, error: Any = None, **style: Any) -> None:
    """Draw results of a simulation with their error bars."""
    chosen: dict[str, Any] = {"fmt": "o", "ms": 2.5, "lw": 0.8, "capsize": 1.5} | style
    ax.errorbar(x, y, yerr=error, **chosen)


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
    ax.axvline(x, color="0.6", lw=0.6, ls="--", zorder=0)
    ax.text(
        x, 1.0, text, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=6
    )  # fmt: skip


def boundaries(ax: Axes, theory: xr.Dataset) -> None:
    """Draw the lines of the plane of load and temperature; one known along both axes once."""
    curves: dict[str, list[np.ndarray]] = {}
    for entry in drawn(theory):
        axis, values = theory[entry.along].values, theory[entry.name].values
        pair = [axis, values] if entry.along == "alpha" else [values, axis]
        curves.setdefault(entry.same_as or entry.name, []).append(np.column_stack(pair))
    for name, pieces in curves.items():
        points = np.concatenate(pieces)
        if len(pieces) > 1:
            points = points[np.isfinite(points).all(axis=1)]
            points = points[np.argsort(np.arctan2(points[:, 1], points[:, 0]))]
        line(ax, points[:, 0], points[:, 1], LINES[name].style)


def drawn(theory: xr.Dataset) -> list[Line]:
    """Return the lines of a prediction that are drawn in the plane of load and temperature."""
    return [
        entry
        for entry in LINES.values()
        if entry.style and entry.name in theory and theory[entry.name].dims == (entry.along,)
    ]


def name(ax: Axes, x: float, y: float, text: str, *, size: float = 6.5) -> None:
    """Write the name of a phase or of a line at a point."""
    from matplotlib.patheffects import withStroke

    white = [withStroke(linewidth=1.6, foreground="white")]
    ax.text(
        x, y, text, ha="center", va="center", fontsize=size, color="black", path_effects=white
    )  # fmt: skip
