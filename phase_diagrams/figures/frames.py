"""Where figures are drawn: the Axes of the caller, or those of a new figure in our style."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import xarray as xr

from . import drawing, styling
from .progressions import geometric
from .styling import OwnFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["STYLE", "axes"]

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
def axes(
    ax: Axes | None,
    x: xr.DataArray | None = None,
    y: xr.DataArray | None = None,
    *,
    xscale: str | None = None,
    yscale: str | None = None,
) -> Iterator[Axes]:
    """Yield the given Axes, or those of a new figure in our style, with the scales asked for.

    New axes are logarithmic where the values along them are in geometric progression.

    Raises
    ------
    TypeError
        If what is given is not one Axes of two dimensions.
    ValueError
        If matplotlib has no such scale.
    """
    if ax is not None:
        styling.scales(_checked(ax), xscale, yscale)
        yield ax
        for axis, asked in ((ax.xaxis, xscale), (ax.yaxis, yscale)):
            if asked == "log":
                drawing.logarithmic(axis)
        return
    from matplotlib import rc_context

    with rc_context(STYLE):
        ax = _figure().add_subplot()
        scales = {f"{axis}scale": "log" for axis, v in (("x", x), ("y", y)) if geometric(v)}
        ax.set(**scales)
        styling.scales(ax, xscale, yscale)
        yield ax
        for axis in (ax.xaxis, ax.yaxis):
            if axis.get_scale() == "log":
                drawing.logarithmic(axis)
        for each in ax.figure.axes:  # ticks have the colours of now, whenever they are rendered
            for axis in (each.xaxis, each.yaxis):
                axis.get_major_ticks(1)
                axis.get_minor_ticks(1)


def _checked(ax: Any) -> Axes:
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        given = " ".join(repr(ax).split())[:60]
        raise TypeError(f"ax = {given} is not one matplotlib Axes: give one, or leave it out")
    if hasattr(ax, "get_zlim"):
        raise TypeError("ax is an Axes of three dimensions: maps and curves need one of two")
    return ax


def _figure() -> Figure:
    """Return a figure that a notebook shows, or one that no window knows of."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.figure(FigureClass=OwnFigure)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = OwnFigure()
    FigureCanvasAgg(figure)
    return figure
