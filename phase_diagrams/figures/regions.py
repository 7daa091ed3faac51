"""Regions of a diagram: their borders, and their names where they have most room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from phase_diagrams.phases import Phase

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

__all__ = ["COLOURS", "between_lines", "draw_borders", "draw_names", "fill"]

#: Colours of the phases, told apart in grey and by most eyes (Okabe and Ito).
COLOURS = {
    Phase.UNKNOWN: "#ffffff",
    Phase.PARAMAGNET: "#bbbbbb",
    Phase.GLASS: "#56b4e9",
    Phase.METASTABLE: "#f0e442",
    Phase.RETRIEVAL: "#e69f00",
    Phase.ERGODIC: "#bbbbbb",
    Phase.PURE: "#56b4e9",
    Phase.HIERARCHICAL: "#e69f00",
    Phase.PARALLEL: "#009e73",
    Phase.MIXED: "#cc79a7",
}

#: Width of a letter of a name, in inches.
_LETTER = 0.05

#: What is below a line and below none before it.
_LINES = {
    "transition": Phase.RETRIEVAL,
    "spinodal": Phase.METASTABLE,
    "glass": Phase.GLASS,
}


def between_lines(lines: xr.Dataset, T: np.ndarray) -> xr.DataArray:
    """Return the phases of a network with a load between the lines of its diagram.

    Parameters
    ----------
    lines : xarray.Dataset
        ``transition_temperature``, ``spinodal_temperature`` and ``glass_temperature`` along
        ``alpha``, NaN where there is none.
    T : numpy.ndarray
        Temperatures, one-dimensional.

    Returns
    -------
    xarray.DataArray
        Codes of `Phase` on (T, alpha).
    """
    below = [T[:, None] < lines[f"{name}_temperature"].values for name in _LINES]
    code = np.select(below, list(_LINES.values()), Phase.PARAMAGNET)
    return xr.DataArray(code, {"T": T, "alpha": lines["alpha"].values}, ("T", "alpha"))


def fill(ax: Axes, phases: xr.DataArray) -> tuple[Colormap, Normalize]:
    """Colour a diagram by phase, pale; return what gives points the colours of their phases.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    phases : xarray.DataArray
        Codes of `Phase`, with dimensions (vertical, horizontal).
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap

    codes = sorted(COLOURS)
    colours = ListedColormap([COLOURS[code] for code in codes])
    norm = BoundaryNorm([code - 0.5 for code in (*codes, codes[-1] + 1)], len(codes))
    y, x = (drawing.edges(phases[dim].values, "linear") for dim in phases.dims)
    ax.pcolormesh(x, y, phases, cmap=colours, norm=norm, alpha=0.75, rasterized=True)
    return colours, norm


def draw_borders(ax: Axes, regions: xr.DataArray, *, width: float = 0.9) -> None:
    """Draw the borders between regions, in black on white.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    regions : xarray.DataArray
        Integers, with dimensions (vertical, horizontal).
    width : float
        Of the black line, in points.
    """
    y, x = (regions[dim].values for dim in regions.dims)
    for code in np.unique(regions)[1:]:
        inside = (regions.values == code).astype(float)
        for colour, lw in (("white", width + 1.3), ("black", width)):
            ax.contour(x, y, inside, levels=[0.5], colors=colour, linewidths=lw)


def draw_names(
    ax: Axes,
    regions: xr.DataArray,
    name: Callable[[int], str],
    *,
    room: float = 0.0,
    points: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:
    """Write the name of every region where it has most room.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    regions : xarray.DataArray
        Integers, with dimensions (vertical, horizontal).
    name : callable
        Name of an integer.
    room : float
        Regions narrower than this fraction of the diagram stay without a name.
    points : tuple of numpy.ndarray, optional
        Vertical and horizontal places of points that names keep away from.
    """
    from scipy.ndimage import distance_transform_edt

    y, x = (regions[dim].values for dim in regions.dims)
    free = np.ones(regions.shape, bool)
    if points is not None:
        rows, columns = (
            np.abs(axis[:, None] - place).argmin(axis=0)
            for axis, place in zip((y, x), points, strict=True)
        )
        free[rows, columns] = False
    for code in np.unique(regions):
        inside = np.pad((regions.values == code) & free, 1)
        # Words are wide: room to the sides counts three times.
        depth = distance_transform_edt(inside, sampling=(3 / len(y), 1 / len(x)))[1:-1, 1:-1]
        if depth.max() < room:
            continue
        rows, columns = np.nonzero(depth > 0.99 * depth.max())
        middle = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
        row, column = rows[middle], columns[middle]
        words = name(int(code))
        # half the words must fit between their middle and the frame
        half = 0.5 * len(words) * _LETTER * ax.figure.dpi / ax.bbox.width
        frame = ax.transAxes + ax.transData.inverted()
        (low, _), (high, _) = frame.transform([(half, 0), (1 - half, 0)])
        drawing.name(ax, np.clip(x[column], low, high), y[row], words)
