"""Colours of many values: those of a cycle, the shades of a colour map, and their scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain

from .contrast import LEAST, contrast, face, next_colour, readable
from .progressions import geometric

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap


__all__ = ["colorbar", "colormap", "palette"]

#: Values of an axis that have colours of the cycle; more numbers have shades of a colour map.
MOST_COLOURS = 7


def colormap(given: Any, name: str = "cmap") -> Colormap:
    """Return a colour map by its name.

    Raises
    ------
    ValueError
        If there is none of this name.
    TypeError
        If this is none.
    """
    from matplotlib import colormaps
    from matplotlib.colors import Colormap

    if isinstance(given, Colormap):
        return given
    if not isinstance(given, str):
        raise TypeError(f"{name} = {given!r:.60} is not a colour map of matplotlib, or its name")
    if given not in colormaps:
        words = f"{name} = {given!r} is not a colour map of matplotlib"
        raise domain.UnknownWord(words, given, list(colormaps))
    return colormaps[given]


def palette(ax: Axes, values: xr.DataArray, look: Any) -> tuple[list[Any], ScalarMappable | None]:
    """Return a colour for each value of an axis, and their scale where they are many numbers.

    Few values, and words, have the next colours of the cycle of the Axes; more than seven
    numbers have shades of a colour map, of which nothing is used that is lost on the ground.
    A colour map, or a list of colours, of the caller is used as it is.
    """
    if look.cmap is not None and not isinstance(look.cmap, str) and isinstance(look.cmap, Iterable):
        return list(islice(cycle(_colours(look.cmap)), values.size)), None
    numbers = values.dtype.kind in "iuf"
    many = numbers and values.size > MOST_COLOURS
    if not many and look.cmap is None:
        return [next_colour(ax) for _ in range(values.size)], None
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm, Normalize

    at = values.values.astype(float) if numbers else np.arange(values.size, dtype=float)
    norm = look.norm
    if norm is None:
        norm = (LogNorm if numbers and geometric(at) else Normalize)(look.vmin, look.vmax)
    norm.autoscale_None(at)
    known = _seen(ax) if look.cmap is None else colormap(look.cmap)
    scale = ScalarMappable(norm, known)
    return [scale.to_rgba(value) for value in at], scale if many else None


def _colours(given: Iterable[Any]) -> list[str]:
    from matplotlib.colors import is_color_like, to_hex

    listed = list(given)
    wrong = [colour for colour in listed if not is_color_like(colour)]
    if wrong or not listed:
        raise ValueError(f"cmap = {listed!r:.60}: give colours, or the name of a colour map")
    return [to_hex(colour, keep_alpha=True) for colour in listed]


def _seen(ax: Axes) -> Colormap:
    """Return the part of cividis, which grows lighter, that is seen on the ground of an Axes."""
    from matplotlib.colors import ListedColormap

    shades, ground = np.asarray(colormap("cividis")(np.linspace(0, 1, 512))), face(ax)
    kept = [shade for shade in shades if contrast(shade[:3], ground) >= LEAST]
    return ListedColormap(kept if len(kept) > 128 else shades, "cividis")


def colorbar(ax: Axes, mappable: ScalarMappable, words: str, given: Any = True) -> None:
    """Draw the scale of some colours beside an Axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    mappable : matplotlib.cm.ScalarMappable
    words : str
    given : bool, matplotlib.axes.Axes or mapping
        False for none; the Axes of the scale; arguments of ``Figure.colorbar``.
    """
    from matplotlib.axes import Axes

    if given is False:
        return
    if given is not True and not isinstance(given, Axes | Mapping):
        what = "True, False, an Axes or a dict for Figure.colorbar"
        raise TypeError(f"colorbar = {given!r:.60} is not {what}")
    options = {"cax": given} if isinstance(given, Axes) else dict({} if given is True else given)
    place = {} if "cax" in options else {"ax": ax}
    bar = ax.figure.colorbar(mappable, **({"label": words} | place | options))
    for axis in (bar.ax.xaxis, bar.ax.yaxis):
        axis.label.set_color(readable(axis.label.get_color(), face(ax, outside=True)))
