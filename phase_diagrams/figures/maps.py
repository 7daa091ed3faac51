"""Maps of a study over two axes: simulation as colour, theory as lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import xarray as xr

from hebbian.calling import checked
from phase_diagrams.layers import worst_layer
from phase_diagrams.loads import effective

from . import drawing, frames, marks, styling
from .contrast import ink, next_colour
from .curves import BLUE
from .lines import draw_theory, traces
from .regions import fill
from .shown import Studies, squeezed, studies, values, wrong_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["phase_map"]

#: Quantities shown between 0 and 1.
_UNIT = ("m", "n", "m_sorted", "n_sorted", "q", "acceptance", "escaped")

#: Limits that maps have given to the axes they are on; any other are the caller's.
_LIMITS: WeakKeyDictionary[Any, dict[str, tuple[float, float]]] = WeakKeyDictionary()


@checked
def phase_map(
    tree: Studies,
    ax: Axes | None = None,
    *,
    variable: str = "m",
    pattern: int = 0,
    finite_size: bool = False,
    x: str | None = None,
    y: str | None = None,
    label: Any = None,
    xscale: str | None = None,
    yscale: str | None = None,
    names: bool = True,
    cmap: Any = None,
    norm: Any = None,
    vmin: float | None = None,
    vmax: float | None = None,
    colorbar: Any = True,
    legend: Any = True,
    theory_style: Mapping[str, Any] | None = None,
    **style: Any,
) -> Axes:
    r"""Draw a phase diagram: simulation as a heat map, boundaries of the theory as lines.

    Lines are as fine as the figure, whatever the grid of the study (`theory.phase_lines`).
    The transition, below which retrieval is the ground state, is solid, the spinodal dashed:
    dark grey where it is replica symmetric and below the replicon line, and black in its place
    with one step of breaking.  The glass transition is blue.  Along a parameter of the model
    there are the spinodal and the transition; elsewhere the borders between the phases of the
    theory are solid.  Phases are named in the map; points of refinements are dots.
    Temperature is the vertical axis.  Cells of a simulation stand at the loads that were
    simulated, of whole numbers of patterns, where these are the same for all that is shown.

    Parameters
    ----------
    tree : xarray.DataTree, or mapping or list of them
        A study with two axes of more than one value; select values of the others first.  Of
        several only the lines are drawn, in a colour each.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    variable : str
        Quantity of the heat map; of the theory if there is no simulation.
    pattern : int
        Pattern of networks that retrieve several.  Of an assembly the worst layer is shown; select
        another one first.
    finite_size : bool
        Draw the lines of a network of the size of the study, with the entropy of its patterns
        in the transition, in place of those of the infinite one.
    x, y : str, optional
        The horizontal and the vertical axis.
    label : str or sequence of str, optional
        Names of several studies; those of a mapping are its keys.
    xscale, yscale : str, optional
        Scales of matplotlib, ``"log"`` for example; what has no place on them is left out with a
        warning.  By default those of `ax`; axes of a new figure are logarithmic where the values
        along them are in geometric progression.
    names : bool
        Write the names of the phases.
    cmap, norm, vmin, vmax : optional
        Colours, as in matplotlib.
    colorbar : bool, matplotlib.axes.Axes or dict
        Draw the scale of the colours, into these Axes, or with arguments of ``Figure.colorbar``.
    legend : bool or dict
        Name several studies; arguments of ``Axes.legend``.
    theory_style : mapping, optional
        Properties of the lines.
    **style
        Properties of the mesh; of several studies those of the lines.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no such quantity, or not two axes; if `finite_size` is asked of several
        sizes.
    TypeError
        If `tree` or `ax` is something else, or matplotlib has no such property.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.1], "T": [0.1, 0.5, 1.2]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    >>> phase_map(tree).get_xlabel()
    'load $\\alpha$'
    """
    shown = studies(tree, label)
    scales = {"xscale": xscale, "yscale": yscale}
    chosen = styling.look(phase_map, {}, theory_style, cmap=cmap, norm=norm, colorbar=colorbar)
    data = [_plane(each, variable, pattern, x, y) for _, each in shown]
    if len(shown) > 1:
        lines = styling.look(phase_map, style, theory_style).of_lines(alone=True)
        with frames.axes(ax, data[0][data[0].dims[1]], data[0][data[0].dims[0]], **scales) as ax:
            _several(ax, shown, data, finite_size, lines)
            styling.legend(ax, legend)
        return ax
    ((_, study),), (shown_data,) = shown, data
    mesh_style = styling.mesh_style(phase_map, style, chosen)
    vertical, horizontal = map(str, shown_data.dims)
    with frames.axes(ax, shown_data[horizontal], shown_data[vertical], **scales) as ax:
        cells = drawing.placed(shown_data, ax)
        before = _ours(ax)
        if variable == "phase":
            fill(ax, cells, **style)
            styling.label_axes(ax, drawing.label(cells[horizontal]), drawing.label(cells[vertical]))
            ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
        else:
            unit = variable in _UNIT and vmin is None and vmax is None
            low, high = (0, 1) if unit else (vmin, vmax)
            mesh = drawing.heat_map(cells, ax, low=low, high=high, colourbar=colorbar, **mesh_style)
            _refined_points(ax, study, (horizontal, vertical, variable), pattern, mesh)
        _frame(ax, cells, before)
        if "theory" in study.children:
            n_spins = _size(study) if finite_size else None
            draw_theory(
                ax, squeezed(study["theory"].to_dataset()), (horizontal, vertical), variable,
                n_spins, names=names, style=chosen.theory,
            )  # fmt: skip
    return ax


def _plane(
    tree: xr.DataTree, variable: str, pattern: int, x: str | None, y: str | None
) -> xr.DataArray:
    """Return a quantity on its vertical and its horizontal axis.

    Raises
    ------
    ValueError
        If it has not two axes, or not those that were named.
    """
    data = values(tree, variable, pattern)
    if data.ndim != 2:
        raise ValueError(wrong_axes("phase_map", "two axes", data.sizes))
    for name, axis in (("x", x), ("y", y)):
        if axis is not None and axis not in data.dims:
            known = ", ".join(map(str, data.dims))
            raise ValueError(f"{name} = {axis!r} is not one of the axes {known}")
    if x is not None and x == y:
        raise ValueError(f"x = y = {x!r}: a map has two axes")
    default = "T" if "T" in data.dims else str(data.dims[-1])
    vertical = y or next((str(d) for d in data.dims if x is not None and d != x), default)
    return data.transpose(vertical, ...)


def _size(tree: xr.DataTree) -> int:
    """Return the one size of a study."""
    for child in tree.children.values():
        if "n_spins" in child.coords and child.coords["n_spins"].size == 1:
            return int(child.coords["n_spins"].item())
    raise ValueError("finite_size = True: the study has no n_spins, or several: select one")


def _ours(ax: Axes) -> dict[str, tuple[float, float]]:
    """Return the limits that maps have given to an Axes, or to others that share them."""
    found: dict[str, tuple[float, float]] = {}
    for name, shared in (("x", ax.get_shared_x_axes()), ("y", ax.get_shared_y_axes())):
        now = tuple(getattr(ax, f"get_{name}lim")())
        if any(_LIMITS.get(other, {}).get(name) == now for other in shared.get_siblings(ax)):
            found[name] = now
    return found


def _frame(ax: Axes, cells: xr.DataArray, before: Mapping[str, tuple[float, float]]) -> None:
    """Give a map its limits, those of earlier maps on the same axes included."""
    vertical, horizontal = map(str, cells.dims)
    for letter, axis, name in (("x", ax.xaxis, horizontal), ("y", ax.yaxis, vertical)):
        low, high = sorted(axis.get_view_interval())
        if letter in before:
            ends = (*before[letter], *drawing.edges(cells[name].values, axis)[[0, -1]])
            low, high = min(ends), max(ends)
            drawing.limit(axis, low, high)
        # Cells around small values reach beyond 0, loads and temperatures do not.
        if name in ("alpha", "T") and low < 0:
            drawing.limit(axis, 0, high)
        styling.whole_ticks(axis, cells[name])
    _LIMITS[ax] = {letter: tuple(getattr(ax, f"get_{letter}lim")()) for letter in "xy"}


def _several(
    ax: Axes,
    shown: list[tuple[str | None, xr.DataTree]],
    data: list[xr.DataArray],
    finite_size: bool,
    style: Mapping[str, Any],
) -> None:
    """Draw the lines of several studies, in a colour each.

    Raises
    ------
    ValueError
        If they are not over the same axes, or have no lines.
    """
    y, x = map(str, data[0].dims)
    for (label, study), part in zip(shown, data, strict=True):
        if set(part.dims) != {x, y}:
            raise ValueError(f"{label} is over {', '.join(map(str, part.dims))}, not {x}, {y}")
        if "theory" not in study.children:
            raise ValueError(f"{label} has no theory: of several studies the lines are drawn")
    places = {name: np.concatenate([part[name] for part in data]) for name in (x, y)}
    fresh = ax.get_autoscalex_on(), ax.get_autoscaley_on()
    limits = None if x in ("alpha", "T") else (places[x].min(), places[x].max())
    kinds: dict[str, str] = {}
    for label, study in shown:
        prediction = squeezed(study["theory"].to_dataset())
        found = traces(prediction, (x, y), _size(study) if finite_size else None, limits)
        if not found:
            raise ValueError(f"{label} has no lines over {x} and {y}")
        own = {"color": next_colour(ax), "linewidth": 0.9} | dict(style)
        for each in found:
            pattern = "dashdot" if each.colour == BLUE else each.style
            ax.plot(each.x, each.y, **({"linestyle": pattern} | own))
            kinds[each.label] = pattern
        ax.plot([], [], label=label, **(own | {"linewidth": 2.0}))
    for words, pattern in kinds.items():
        if words:
            marks.entry(ax, words, ink(ax), linestyle=pattern)
    for axis, name, free in ((ax.xaxis, x, fresh[0]), (ax.yaxis, y, fresh[1])):
        if free:
            drawing.limit(axis, *(float(end) for end in np.sort(places[name])[[0, -1]]))
        styling.whole_ticks(axis, places[name])
    styling.label_axes(ax, drawing.label(data[0][x]), drawing.label(data[0][y]))


def _refined_points(
    ax: Axes, tree: xr.DataTree, names: tuple[str, str, str], pattern: int, mesh: Any
) -> None:
    """Draw the points of refinements in the colours of the map."""
    refined = tree.children.get("refinement")
    if refined is None or "simulation" not in refined.children:
        return
    points = worst_layer(refined["simulation"].to_dataset())
    if "pattern" in points.dims:
        points = points.isel(pattern=pattern)
    if "alpha" in names:
        points["alpha"] = effective(points).reset_coords(drop=True)
    x, y, colour = (points[name] for name in names)
    if x.dims == y.dims == ("point",):
        ax.scatter(
            x, y, c=colour, s=5, cmap=mesh.cmap, norm=mesh.norm, edgecolors="white", linewidths=0.3
        )
