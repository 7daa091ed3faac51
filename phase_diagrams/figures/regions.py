"""Regions of a diagram: their borders, and their names where they have most room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from phase_diagrams.phases import Phase

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

__all__ = ["COLOURS", "along", "draw_borders", "draw_names", "fill", "raster"]

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
    Phase.CONDENSED: "#999999",
}

#: Width of a letter of a name, in inches, and what is left free around a name.
_LETTER, MARGIN = 0.05, 0.06

#: Share of the frame below which a region that is too narrow for its name goes without.
SLIVER = 0.05

#: Rows and columns of the raster on which names look for room.
RASTER = 200


def fill(ax: Axes, phases: xr.DataArray, **style: Any) -> tuple[Colormap, Normalize]:
    """Colour a diagram by phase, pale; return what gives points the colours of their phases.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    phases : xarray.DataArray
        Codes of `Phase`, with dimensions (vertical, horizontal).
    **style
        Properties of the mesh.
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap

    codes = sorted(COLOURS)
    colours = ListedColormap([COLOURS[code] for code in codes])
    norm = BoundaryNorm([code - 0.5 for code in (*codes, codes[-1] + 1)], len(codes))
    y, x = (
        drawing.edges(phases[dim].values, axis)
        for dim, axis in zip(phases.dims, (ax.yaxis, ax.xaxis), strict=True)
    )
    chosen: dict[str, Any] = {"cmap": colours, "norm": norm, "alpha": 0.75, "rasterized": True}
    ax.pcolormesh(x, y, phases, **(chosen | style))
    ax.set_facecolor("white")  # on which the colours are pale
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

    A name lies inside its region as far as it fits: in two rows if it has two words, in small
    letters, and as a last resort over its border; without `room` slivers have none.  It
    keeps away from the legend.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its final limits.
    regions : xarray.DataArray
        Integers, with dimensions (vertical, horizontal).
    name : callable
        Name of an integer.
    room : float
        Regions narrower than this fraction of the diagram stay without a name.
    points : tuple of numpy.ndarray, optional
        Vertical and horizontal places of points that names keep away from.
    """
    fine = _seen(ax, regions)
    free = np.ones(fine.shape, bool)
    if points is not None:
        to_frame = ax.transData + ax.transAxes.inverted()
        places = to_frame.transform(np.column_stack([np.ravel(x) for x in points[::-1]]))
        places = places[((places >= 0) & (places <= 1)).all(axis=1)]
        columns, rows = (places.T * (RASTER - 1)).round().astype(int)
        free[rows, columns] = False
    legend = ax.get_legend()
    if legend is not None:
        box = legend.get_window_extent().transformed(ax.transAxes.inverted())
        low, high = (np.clip(corner, 0, 1) for corner in (box.min, box.max))
        (left, bottom), (right, top) = (np.rint(c * RASTER).astype(int) for c in (low, high))
        free[bottom:top, left:right] = False
    width, height = ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi
    if min(width, height) <= MARGIN:
        return
    for code in np.unique(regions):
        words = name(int(code))
        inside = (fine == code) & free
        if words and inside.any():
            place = _place(inside, words, (height, width), room)
            if place is not None:
                row, column, text, size = place
                x, y = (ax.transAxes + ax.transData.inverted()).transform(
                    ((column + 0.5) / RASTER, (row + 0.5) / RASTER)
                )
                drawing.name(ax, x, y, text, size=size)


def along(*curves: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return points close to each other on curves (vertical, horizontal): names keep away."""
    passed = [np.empty((2, 0))]
    for curve in curves:
        at, number = np.arange(len(curve[0])), np.linspace(0, len(curve[0]) - 1, 2000)
        passed.append(np.stack([np.interp(number, at, values) for values in curve]))
    places = np.concatenate(passed, axis=1)
    vertical, horizontal = places[:, np.isfinite(places).all(axis=0)]
    return vertical, horizontal


def raster(ax: Axes) -> np.ndarray:
    """Return the horizontal and vertical places of a fine raster of the frame, shape (2, n)."""
    centres = (np.arange(RASTER) + 0.5) / RASTER
    frame = ax.transAxes + ax.transData.inverted()
    return np.asarray(frame.transform(np.column_stack([centres, centres]))).T


def _seen(ax: Axes, regions: xr.DataArray) -> np.ndarray:
    """Return the regions on a fine raster of the frame, the bottom row first."""
    places = raster(ax)
    seen = []
    for i, dim in ((1, regions.dims[0]), (0, regions.dims[1])):
        middle = drawing.edges(regions[dim].values, (ax.xaxis, ax.yaxis)[i])[1:-1]
        seen.append(np.searchsorted(middle, places[i]))
    return np.asarray(regions.values[np.ix_(*seen)])


def _place(
    inside: np.ndarray, words: str, size: tuple[float, float], room: float
) -> tuple[int, int, str, float] | None:
    """Return row, column, text and font size of a name in a region."""
    from scipy.ndimage import distance_transform_edt, minimum_filter

    height, width = size
    # Words are wide: room to the sides counts three times.
    depth = distance_transform_edt(np.pad(inside, 1), sampling=(3 / RASTER, 1 / RASTER))
    depth = depth[1:-1, 1:-1]
    if depth.max() < room:
        return None
    padded = np.pad(inside, RASTER // 2)
    for text, points in [(words, 6.5), (words.replace(" ", "\n"), 6.5), (words, 5.0)]:
        rows = text.split("\n")
        box = (
            (len(rows) * points / 55 + MARGIN) / height,
            (max(map(len, rows)) * _LETTER * points / 6.5 + MARGIN) / width,
        )
        cells = [max(1, round(part * RASTER)) for part in box]
        if max(cells) > RASTER:
            continue
        fits = minimum_filter(padded, size=cells, mode="constant")
        fits = fits[RASTER // 2 : -(RASTER // 2), RASTER // 2 : -(RASTER // 2)]
        if fits.any():
            return (*_deepest(np.where(fits, depth, 0)), text, points)
    if room == 0 and inside.mean() < SLIVER:
        return None
    row, column = _deepest(depth)
    half = min(0.5, 0.5 * len(words) * _LETTER * 5.0 / 6.5 / width)
    column = int(np.clip(column, half * RASTER, (1 - half) * RASTER))
    return row, column, words, 5.0


def _deepest(depth: np.ndarray) -> tuple[int, int]:
    """Return the middle of the places that are farthest from any border."""
    rows, columns = np.nonzero(depth > 0.97 * depth.max())
    middle = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
    return int(rows[middle]), int(columns[middle])
