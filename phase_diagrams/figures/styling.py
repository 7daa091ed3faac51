"""How figures look: palettes, styles of the caller, scales, labels and legends.

Every figure resolves its colours, its `**style`, its scales and its legend here.  Nothing
touches the rcParams of the caller; what they say is kept as far as it can be read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from hebbian import domain

from .contrast import face, readable
from .palettes import colormap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "Look",
    "OwnFigure",
    "check_properties",
    "label_axes",
    "legend",
    "look",
    "mesh_style",
    "scales",
    "whole_ticks",
]

#: What a style says of points alone, and of lines alone.
_OF_POINTS = ("marker", "fillstyle", "fmt", "capsize", "capthick", "ecolor", "elinewidth",
              "errorevery", "barsabove", "lolims", "uplims", "xlolims", "xuplims")  # fmt: skip
_OF_LINES = ("linestyle", "drawstyle", "dash", "solid", "gapcolor")
_OF_BARS = _OF_POINTS[2:]


class OwnFigure(Figure):
    """A figure in our style, in which it is also rendered; any other keeps its own."""


@dataclass(frozen=True)
class Look:
    """What a caller says of the look of a figure: `look` makes it."""

    style: dict[str, Any] = field(default_factory=dict)
    theory: dict[str, Any] = field(default_factory=dict)
    simulation: dict[str, Any] = field(default_factory=dict)
    cmap: Any = None
    norm: Any = None
    vmin: float | None = None
    vmax: float | None = None
    colorbar: Any = True

    def of_lines(self, *, alone: bool = False) -> dict[str, Any]:
        """Return the style of lines; where they are `alone` they may have markers, too."""
        others = _OF_BARS if alone else _OF_POINTS
        return {k: v for k, v in self.style.items() if not k.startswith(others)} | self.theory

    def of_points(self) -> dict[str, Any]:
        """Return the style of points and their error bars."""
        return {
            k: v for k, v in self.style.items() if not k.startswith(_OF_LINES)
        } | self.simulation

    def under(self, usual: Mapping[str, Any]) -> Look:
        """Return the look with properties of the lines that were not given."""
        return replace(self, theory={**usual, **self.of_lines(alone=True)})

    def of_bands(self) -> dict[str, Any]:
        """Return the colour of the bands around lines, if one was given."""
        return {k: v for k, v in self.of_lines().items() if k in ("color", "zorder")}


def look(
    function: Callable[..., Any],
    style: Mapping[str, Any],
    theory_style: Mapping[str, Any] | None = None,
    simulation_style: Mapping[str, Any] | None = None,
    **colours: Any,
) -> Look:
    """Return the look that the arguments of a figure describe.

    Raises
    ------
    TypeError, ValueError
        For what is no property of lines or of points with error bars in matplotlib.
    """
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    parts = []
    for name, given in (
        ("", style), ("theory_style", theory_style), ("simulation_style", simulation_style)
    ):  # fmt: skip
        if given is not None and not isinstance(given, Mapping):
            raise TypeError(f"{name} = {given!r:.60} is not a dict of properties of matplotlib")
        try:
            long = normalize_kwargs(dict(given or {}), Line2D)
        except TypeError as error:
            raise TypeError(f"{name or function.__name__}: {error}") from None
        known = {k: v for k, v in long.items() if not k.startswith(_OF_BARS)}
        check_properties(function, name, known, Line2D([], []))
        parts.append(long)
    lines_and_points, lines, points = parts
    return Look(lines_and_points, lines, points, **colours)


def mesh_style(
    function: Callable[..., Any], style: Mapping[str, Any], chosen: Look
) -> dict[str, Any]:
    """Return the properties of a mesh: those given, and the colours of the look.

    Raises
    ------
    TypeError, ValueError
        For what is no property of a mesh in matplotlib.
    """
    from matplotlib.collections import QuadMesh

    known = {"cmap": None if chosen.cmap is None else colormap(chosen.cmap), "norm": chosen.norm}
    check_properties(function, "", style, QuadMesh(np.zeros((2, 2, 2))))
    return {**style, **{name: value for name, value in known.items() if value is not None}}


def check_properties(
    function: Callable[..., Any], name: str, given: Mapping[str, Any], artist: Any
) -> None:
    """Refuse what is no property of an artist of matplotlib, or no value of one."""
    for key, value in given.items():
        if not hasattr(artist, f"set_{key}"):
            names = [each.name for each in inspect.signature(function).parameters.values()]
            where = name or function.__name__
            like = domain.did_you_mean(key, names) if not name else ""
            raise TypeError(
                f"{where} has no argument {key}, nor has matplotlib such a property{like}"
            )
        try:
            getattr(artist, f"set_{key}")(value)
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"{key} = {value!r:.60}: {reason}") from None


def scales(ax: Axes, xscale: str | None, yscale: str | None) -> None:
    """Set the scales that were asked for.

    Raises
    ------
    ValueError
        If matplotlib has none of this name.
    """
    from matplotlib.scale import get_scale_names

    for name, value in (("xscale", xscale), ("yscale", yscale)):
        if value is not None:
            domain.choice(name, value, tuple(get_scale_names()))
            ax.set(**{name: value})


def whole_ticks(axis: Axis, values: Any) -> None:
    """Have no ticks between whole numbers, orders or times, where an axis has only these."""
    from matplotlib.ticker import MaxNLocator

    found, locator = np.asarray(values), axis.get_major_locator()
    whole = found.dtype.kind in "iuf" and (found == np.rint(found)).all() and np.ptp(found) > 1
    if whole and isinstance(locator, MaxNLocator):
        locator.set_params(integer=True)


def label_axes(ax: Axes, x: str, y: str) -> None:
    """Label the axes that have no label yet."""
    for axis, words in ((ax.xaxis, x), (ax.yaxis, y)):
        if not axis.get_label_text():
            axis.set_label_text(words)
            axis.label.set_color(readable(axis.label.get_color(), face(ax, outside=True)))


def legend(ax: Axes, given: bool | Mapping[str, Any] = True) -> None:
    """Draw one legend of all that has a label, each label once; a dict goes to matplotlib.

    It hides little of what is below it.
    """
    from matplotlib import rcParams

    if given is False:
        return
    if given is not True and not isinstance(given, Mapping):
        raise TypeError(f"legend = {given!r:.60} is not True, False or a dict for Axes.legend")
    handles, labels = ax.get_legend_handles_labels()
    entries = dict(zip(reversed(labels), reversed(handles), strict=True))  # the first of a label
    entries = {text: entries[text] for text in dict.fromkeys(labels)}
    if not entries:
        return
    text, ground = rcParams["legend.labelcolor"], face(ax)
    if text in (None, "None"):
        text = rcParams["text.color"]
    chosen: dict[str, Any] = {
        "labelspacing": 0.25, "handlelength": 2.0, "frameon": True, "framealpha": 0.7,
        "edgecolor": "none", "facecolor": ground,
    }  # fmt: skip
    if isinstance(ax.figure.get_figure(root=True), OwnFigure):
        chosen["fontsize"] = 6
    own = {} if given is True else dict(given)
    drawn = ax.legend([*entries.values()], [*entries], **(chosen | own))
    if not {"labelcolor", "facecolor"} & own.keys():
        for words in drawn.get_texts():
            words.set_color(readable(text if _is_colour(text) else words.get_color(), ground))


def _is_colour(given: Any) -> bool:
    from matplotlib.colors import is_color_like

    return bool(is_color_like(given))
