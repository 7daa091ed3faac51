"""The strokes that figures are made of: style, axes, heat maps, lines and names upon them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from theory.lines import LINES, Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

__all__ = [
    "STYLE",
    "axes",
    "boundaries",
    "drawn",
    "edges",
    "heat_map",
    "label",
    "line",
    "logarithmic",
    "name",
    "place",
    "points",
]

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


@contextmanager
def axes(ax: Axes | None) -> Iterator[Axes]:
    """Yield the given Axes as they are, or those of a new figure in our style."""
    if ax is not None:
        yield ax
        return
    from matplotlib import rc_context

    with rc_context(STYLE):
        yield _figure().add_subplot()


def _figure() -> Figure:
    """Return a figure that a notebook shows, or one that no window knows of."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.figure()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
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

    On a logarithmic axis, set before, cells end at geometric means.  Panels that share one
    scale of colours are drawn without `colourbar`, and get one from their figure.
    """
    y, x = data.dims
    mesh = ax.pcolormesh(
        edges(data[x].values, ax.get_xscale()),
        edges(data[y].values, ax.get_yscale()),
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


def edges(centres: np.ndarray, scale: str) -> np.ndarray:
    """Return the borders of cells around `centres`."""
    places = np.log(centres) if scale == "log" else np.asarray(centres, float)
    gaps = np.diff(places) if len(places) > 1 else np.ones(1)
    inner = places[:-1] + 0.5 * gaps[: len(places) - 1]
    edges = np.concatenate([[places[0] - 0.5 * gaps[0]], inner, [places[-1] + 0.5 * gaps[-1]]])
    return np.exp(edges) if scale == "log" else edges


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
    ax.text(x, y, text, ha="center", va="center", fontsize=size, path_effects=white)
