"""Which figure shows a study, and which part of a study a figure shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.times import has_times

from . import frames
from .basins import basin
from .maps import phase_map
from .overlaps import overlap_curve
from .shown import Studies, squeezed, studies, values
from .trajectories import trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["KINDS", "draw", "overlap_shown", "select"]

#: Figures by their names: the kind of a study's own, or one that is asked for.
KINDS = ("auto", "map", "curve", "trajectory", "basin")


@checked
def draw(
    tree: Studies,
    ax: Axes | None = None,
    *,
    variable: str | None = None,
    pattern: int | None = None,
    kind: str = "auto",
    **options: Any,
) -> Axes:
    """Draw a phase map for a study of two axes, a curve for any other; along time trajectories.

    The ``phase`` of a multitasking network that stores its patterns, over dilution and
    temperature, is the diagram of `phase_diagrams.figures.dilution`, with the phases that the
    simulation shows.  Such a study is drawn like this unless a variable or a pattern is named,
    any other by its overlap (`overlap_shown`).

    Parameters
    ----------
    tree : xarray.DataTree, or mapping or list of them
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    variable : str, optional
    pattern : int, optional
        Of networks that retrieve several.
    kind : {"auto", "map", "curve", "trajectory", "basin"}
        A figure by name: `phase_map`, `overlap_curve`, `trajectory` or `basin`.
    **options
        For the figure that is drawn.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the figure cannot show the study; if a basin is asked of another quantity than m.
    TypeError
        If the figure has no such option.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> tree = phase_diagrams.sweep(Hopfield(), {"alpha": 0.02, "T": [0.1, 0.3]}, simulate=False)
    >>> draw(tree).get_xlabel()
    'temperature $T$'
    """
    domain.choice("kind", kind, KINDS)
    several, tree = tree, studies(tree, None)[0][1]
    lone = several is tree
    if kind == "auto" and "hue" in options and not _moves(tree, variable):
        kind = "curve"
    moving = _moves(tree, variable)
    if kind == "trajectory" or (kind == "auto" and moving):
        _refuse(options, "a figure along time", "x", "y")
        return trajectory(several, ax, variable=variable or "m", pattern=pattern, **options)
    if kind == "basin":
        if variable not in (None, "m") or pattern:
            raise ValueError(
                "a basin is of m, of the first pattern: leave variable and pattern out"
            )
        return basin(several, ax, **options)
    if variable is None:
        whole = lone and not options and pattern is None and kind == "auto"
        whole = whole and _stores_diluted_patterns(tree)
        variable = "phase" if whole else overlap_shown(tree)
    pattern = pattern or 0
    plain = lone and not options and kind == "auto" and variable == "phase"
    if plain and _stores_diluted_patterns(tree):
        return _dilution_diagram(tree, ax)
    n_axes = values(tree, variable, pattern).ndim
    if kind == "map" or (kind == "auto" and n_axes == 2):
        _refuse(options, "a map", "hue")
        return phase_map(several, ax, variable=variable, pattern=pattern, **options)
    _refuse(options, "a curve", "y")
    return overlap_curve(several, ax, variable=variable, **options)


def _refuse(options: dict[str, Any], kind: str, *names: str) -> None:
    """Refuse options that a kind of figure has not."""
    for name in names:
        if name in options:
            raise ValueError(f"{name} = {options[name]!r}: {kind} has no {name}")


def _moves(tree: xr.DataTree, variable: str | None) -> bool:
    """Return whether a quantity, the overlap for None, is one along time."""
    if not has_times(tree):
        return False
    named = [
        child[variable or "m"] for child in tree.children.values() if (variable or "m") in child
    ]
    return not named or any("t" in each.dims for each in named)


@checked
def overlap_shown(tree: xr.DataTree) -> str:
    """Return the overlap that a study shows by default: ``m``, sorted where chance named it."""
    simulation = tree.children.get("simulation")
    return "m" if simulation is None or "m_sorted" not in simulation else "m_sorted"


def _stores_diluted_patterns(tree: xr.DataTree) -> bool:
    """Return whether `dilution_map` knows the diagram of this study."""
    if "phase" not in tree.children.get("theory", ()):
        return False
    theory = squeezed(tree["theory"].to_dataset())
    model = json.loads(tree["theory"].attrs.get("model", "{}"))
    known = model.get("model") == "multitasking" and model.get("rule") == "storing"
    return known and set(theory["phase"].dims) == {"dilution", "T"} and "pattern" in theory.sizes


def _dilution_diagram(tree: xr.DataTree, ax: Axes | None) -> Axes:
    from phase_diagrams.analysis.dilution_map import dilution_map

    from .dilution import dilution_diagram

    theory = squeezed(tree["theory"].to_dataset())
    d, T = (theory[name].values for name in ("dilution", "T"))
    fine = np.linspace(d[0], d[-1], 100), np.linspace(T[0], T[-1], 100)
    diagram = dilution_map(theory.sizes["pattern"], *fine)
    with frames.axes(ax) as ax:
        return dilution_diagram(diagram, tree if "simulation" in tree.children else None, ax=ax)


@checked
def select(tree: xr.DataTree, name: str, value: float) -> xr.DataTree:
    """Return the study at the value of one axis that is nearest to `value`.

    Raises
    ------
    ValueError
        If the study has no such axis, or `value` is not finite.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.05], "T": [0.1, 0.3]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    >>> float(select(tree, "alpha", 0.045)["theory"].alpha)
    0.05
    """
    value = domain.real(name, value, "(-inf, inf)")
    axes = {str(dim): child for child in tree.children.values() for dim in child.sizes}
    if name not in axes:
        raise ValueError(f"{name} is not one of the axes {', '.join(axes)}")
    groups = {
        group: child.to_dataset().sel({name: value}, method="nearest")
        if name in child.sizes
        else child.to_dataset()
        for group, child in tree.children.items()
    }
    refined = tree.children.get("refinement")
    for group, child in {} if refined is None else refined.children.items():
        points, here = child.to_dataset(), groups[group]
        if name in points.coords and name in here.coords:
            groups[f"refinement/{group}"] = points.isel(point=points[name] == here[name])
    return xr.DataTree.from_dict({"/": tree.to_dataset(), **groups})
