"""Figures of a study: simulation as colour or points, theory as lines.

Figures take a data set and an Axes and return the Axes; nothing is computed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.figure import FigureBase

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.analysis.simulated_theory import prediction_of
from phase_diagrams.layers import worst_layer
from phase_diagrams.loads import at_simulated, effective
from phase_diagrams.phases import Phase
from phase_diagrams.results import OVERLAPS

from . import drawing
from . import files as figure_files
from .drawing import STYLE
from .lines import draw_theory
from .regions import fill

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "STYLE",
    "overlap_curve",
    "phase_map",
    "save",
    "squeezed",
    "values",
]

#: Quantities shown between 0 and 1.
_UNIT = ("m", "n", "m_sorted", "n_sorted", "q", "acceptance", "escaped")


@checked
def phase_map(
    tree: xr.DataTree,
    ax: Axes | None = None,
    *,
    variable: str = "m",
    pattern: int = 0,
    finite_size: bool = False,
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
    tree : xarray.DataTree
        A study with two axes of more than one value; select values of the others first.
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

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no such quantity, or not two axes; if `finite_size` is asked of several
        sizes.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.1], "T": [0.1, 0.5, 1.2]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    >>> phase_map(tree).get_xlabel()
    'load $\\alpha$'
    """
    data = values(tree, variable=variable, pattern=pattern)
    if data.ndim != 2:
        raise ValueError(_wrong_axes("phase_map", "two axes", data))
    y = "T" if "T" in data.dims else str(data.dims[-1])
    x = next(str(dim) for dim in data.dims if dim != y)
    data = data.transpose(y, x)
    with drawing.axes(ax, data[x], data[y]) as ax:
        data = drawing.placed(data, ax)
        low, high = (0, 1) if variable in _UNIT else (None, None)
        if variable == "phase":
            fill(ax, data)
            ax.set(xlabel=drawing.label(data[x]), ylabel=drawing.label(data[y]))
            ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
        else:
            mesh = drawing.heat_map(data, ax, low=low, high=high)
            _refined_points(ax, tree, (x, y, variable), pattern, mesh)
        # Cells around small values reach beyond 0, loads and temperatures do not.
        for axis, positive in ((ax.xaxis, x == "alpha"), (ax.yaxis, y == "T")):
            bottom, top = sorted(axis.get_view_interval())
            if positive and bottom < 0:
                drawing.limit(axis, 0, top)
        if "theory" in tree.children:
            n_spins = _size(tree) if finite_size else None
            draw_theory(ax, squeezed(tree["theory"].to_dataset()), (x, y), variable, n_spins)
    return ax


def _size(tree: xr.DataTree) -> int:
    """Return the one size of a study."""
    for child in tree.children.values():
        if "n_spins" in child.coords and child.coords["n_spins"].size == 1:
            return int(child.coords["n_spins"].item())
    raise ValueError("finite_size = True: the study has no n_spins, or several: select one")


@checked
def overlap_curve(
    tree: xr.DataTree,
    ax: Axes | None = None,
    *,
    variable: str = "m",
    label: str | None = None,
) -> Axes:
    """Draw a quantity along one axis: simulation as points with errors, theory as a line.

    Points stand at the loads that were simulated, of whole numbers of patterns, and a line along
    another axis is of that load.

    Parameters
    ----------
    tree : xarray.DataTree
        A study with one axis of more than one value; select values of the others first.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    variable : str
        Quantity to show; of all patterns where a network retrieves several, and of all layers.
    label : str, optional
        Name of the study, for the legend of several on one Axes.  Each study goes on in the
        cycle of colours.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no such quantity, or not one axis.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": 0.02, "T": [0.1, 0.5, 1.2]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    >>> overlap_curve(tree).get_xlabel()
    'temperature $T$'
    """
    data = values(tree, variable=variable, pattern=None)
    own = next((dim for dim in OVERLAPS if dim in data.dims), None)
    if data.ndim != 1 + (own is not None):
        raise ValueError(_wrong_axes("overlap_curve", "one axis", data))
    x = next(str(dim) for dim in data.dims if dim != own)
    with drawing.axes(ax, data[x]) as ax:
        data = drawing.placed(data.transpose(..., x), ax)
        simulation: Any = {}
        if "simulation" in tree.children:
            simulation = at_simulated(tree["simulation"].to_dataset())
        theory = tree["theory"].to_dataset() if "theory" in tree.children else {}
        if x != "alpha" and theory and simulation:
            theory = prediction_of(tree)
        predicted = variable.removesuffix("_sorted")  # those of the theory are
        study = "" if label is None else f"{label}: "
        style = "steps-mid" if variable == "phase" else "default"
        for place in range(1 if own is None else data.sizes[own]):
            colour = {}
            if predicted in theory:
                line = _one(theory, predicted, place)
                if x not in line.dims:  # the theory does not know the size
                    line = line.expand_dims({x: data[x]})
                named = f"{study}theory" if place == 0 else None
                line = line.isel({x: drawing.inside(line[x].values, ax.xaxis)})
                (drawn,) = ax.plot(line[x], line, lw=0.9, label=named, drawstyle=style)
                colour = {"color": drawn.get_color()}
            if variable in simulation:
                points = _one(simulation, variable, place).sel({x: data[x]})
                error = None
                if f"{variable}_err" in simulation:
                    error = _one(simulation, f"{variable}_err", place).sel({x: data[x]})
                named = own if variable == predicted else "overlap"
                named = study + ("simulation" if own is None else f"{named} {place + 1}")
                drawing.points(ax, points[x], points, error, label=named, **colour)
        ax.set(xlabel=drawing.label(data[x]), ylabel=drawing.label(data))
        if variable == "phase":
            codes = np.unique(data)
            ax.set_yticks(codes, [Phase(code).text for code in codes.tolist()])
        else:
            ax.legend()
    return ax


@checked
def save(figure: Figure | SubFigure, name: str | Path) -> tuple[Path, ...]:
    """Write a figure in the format of the suffix, without one as PDF and PNG.

    Fonts are embedded.  Figures that were made here are rendered in `STYLE`; any other is left
    as it is, with its layout and the rcParams in force.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Of a part, the whole is written.
    name : path-like
        ``map.svg`` alone, or ``map`` for ``map.pdf`` and ``map.png``
        (`phase_diagrams.figures.files.FORMATS`); its folder is made if it is missing.

    Returns
    -------
    tuple of pathlib.Path

    Raises
    ------
    TypeError
        If this is no figure.
    ValueError
        If the name is none, or its suffix that of no figure.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in save(Figure(), f"{folder}/map")]
    ['map.pdf', 'map.png']
    """
    if not isinstance(figure, FigureBase):
        given = " ".join(repr(figure).split())[:60]
        raise TypeError(f"figure = {given} is no matplotlib Figure: that of an Axes is ax.figure")
    whole = figure.get_figure(root=True)
    assert whole is not None
    for target in figure_files.names(name):
        target.parent.mkdir(parents=True, exist_ok=True)
    return figure_files.save(whole, name, STYLE if isinstance(whole, drawing.OwnFigure) else {})


def squeezed(dataset: xr.Dataset) -> xr.Dataset:
    """Drop axes of one value and sort the others."""
    dataset = dataset.squeeze([dim for dim in dataset.dims if dataset.sizes[dim] == 1])
    return dataset.sortby(list(dataset.sizes))


@checked
def values(
    tree: xr.DataTree,
    variable: str,
    pattern: int | None,
) -> xr.DataArray:
    """Return the quantity to show, of the simulation if there is one.

    Of all patterns and layers, or of one pattern and the worst layer.
    """
    for group in ("simulation", "theory"):
        if group in tree.children and variable in tree[group]:
            dataset = at_simulated(tree[group].to_dataset())
            if pattern is not None:
                dataset = worst_layer(dataset)
            data = squeezed(dataset)[variable]
            if "pattern" not in data.dims and pattern:
                raise ValueError(f"pattern = {pattern}: {variable} is not one of each pattern")
            if pattern is None or "pattern" not in data.dims:
                return data
            if not 0 <= pattern < data.sizes["pattern"]:
                allowed = f"[0, {data.sizes['pattern'] - 1}]"
                raise ValueError(f"pattern = {pattern} is outside the allowed range {allowed}")
            return data.isel(pattern=pattern)
    known = sorted({str(n) for child in tree.children for n in tree[child].data_vars})
    words = f"variable = {variable!r} is not one of {', '.join(known)}"
    raise domain.UnknownWord(words, variable, known)


def _one(dataset: Any, variable: str, place: int) -> xr.DataArray:
    data = squeezed(dataset)[variable]
    return data.isel({dim: place for dim in OVERLAPS if dim in data.dims})


def _wrong_axes(name: str, needed: str, data: xr.DataArray) -> str:
    axes = ", ".join(f"{dim} ({data.sizes[dim]})" for dim in data.dims)
    if not axes:
        return f"{name} needs {needed} of more than one value, this is one point"
    return f"{name} needs {needed} of more than one value, this has {axes}: select the others"


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
