"""Basins of attraction: the smallest start overlap that retrieves, along another axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian.calling import checked
from phase_diagrams.analysis.basin_lines import basin_lines
from phase_diagrams.loads import at_simulated

from . import drawing, marks
from .maps import squeezed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["basin"]

NAME = "critical_overlap"


@checked
def basin(
    tree: xr.DataTree,
    ax: Axes | None = None,
    *,
    times: Any = None,
    threshold: float = 0.7,
    label: str | None = None,
    legend: bool = True,
) -> Axes:
    r"""Draw the smallest start overlap that retrieves: simulation as points, theory as lines.

    Times have a colour each, sizes of the simulation a marker.  What is drawn is
    `phase_diagrams.analysis.basin_lines.basin_lines`, and where the starts of the study do not
    enclose it there is nothing.  Points stand at the loads that were simulated.

    Parameters
    ----------
    tree : xarray.DataTree
        A study of trajectories (`phase_diagrams.sweep` with `n_steps`) with an axis ``start`` and
        another one, alpha or T for example, beside ``n_spins``; select values of the others.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    times : array_like, optional
        Some times of the study; the last one by default.
    threshold : float
        Overlap that counts as retrieval, in (0, 1].
    label : str, optional
        Name of the study, for the legend of several on one Axes.  Each study goes on in the
        cycle of colours.
    legend : bool
        Name the curves.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no axis of times or of starts, not such a time, or not one other axis.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Multitasking
    >>> grid = {"start": [0.0, 0.2, 0.4], "T": [0.1, 0.5, 0.7], "dilution": 0.2}
    >>> tree = phase_diagrams.sweep(
    ...     Multitasking(n_patterns=1), grid, dynamics="parallel", n_steps=4, simulate=False,
    ... )
    >>> basin(tree, times=[2, 4], threshold=0.4).get_xlabel()
    'temperature $T$'
    """
    found = basin_lines(tree, times=times, threshold=threshold)
    groups = {name: _plane(child.to_dataset()) for name, child in found.children.items()}
    x = _along(list(groups.values()))
    axis = next(group[x] for group in groups.values() if x in group.dims)
    study = "" if label is None else f"{label}: "
    with drawing.axes(ax, axis) as ax:
        moments = next(iter(groups.values()))["t"]
        shades = marks.colours(ax, moments, study if legend else None)
        ink = shades[0] if len(shades) == 1 else drawing.ink(ax)
        if "theory" in groups:
            theory = groups["theory"]
            _lines(ax, theory if x in theory.dims else theory.expand_dims({x: axis}), x, shades)
            if legend:
                marks.entry(ax, f"{study}theory", ink)
        if "simulation" in groups:
            name = study if legend else None
            for part, marker in marks.sizes(
                ax, groups["simulation"], name, [ink], told=x != "n_spins"
            ):
                _points(ax, part, x, shades, marker)
        words = next(iter(groups.values()))[NAME]
        ax.set(xlabel=drawing.label(axis), ylabel=drawing.label(words))
        if legend:
            marks.legend(ax)
    return ax


def _plane(group: xr.Dataset) -> xr.Dataset:
    """Return what is drawn on the axes that have more than one value, and the times."""
    found = squeezed(at_simulated(group))
    return found if "t" in found.dims else found.expand_dims("t")


def _along(groups: list[xr.Dataset]) -> str:
    """Return the horizontal axis.

    Raises
    ------
    ValueError
        If there is none, or several.
    """
    lengths = {str(dim): n for group in groups for dim, n in group[NAME].sizes.items()}
    swept = [dim for dim in lengths if dim not in ("t", "n_spins")]
    if len(swept) == 1 or (not swept and "n_spins" in lengths):
        return (*swept, "n_spins")[0]
    text = ", ".join(f"{dim} ({lengths[dim]})" for dim in swept) or "none"
    raise ValueError(
        f"basin needs one axis of more than one value beside start, this has {text}"
        + (": select the others" if swept else "")
    )


def _lines(ax: Axes, theory: xr.Dataset, x: str, shades: list[Any]) -> None:
    for place, line, error, colour in _each(ax, theory, x, shades):
        ax.plot(place, line, lw=0.9, color=colour)
        ax.fill_between(place, line - error, line + error, color=colour, alpha=0.2, lw=0)


def _points(ax: Axes, simulation: xr.Dataset, x: str, shades: list[Any], marker: str) -> None:
    for place, values, error, colour in _each(ax, simulation, x, shades):
        drawing.points(ax, place, values, error, fmt=marker, color=colour)


def _each(
    ax: Axes, group: xr.Dataset, x: str, shades: list[Any]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, Any]]:
    """Yield places, values, errors and the colour of every time."""
    place = drawing.placed(group[x], ax)
    here = group.sel({x: place.values}).transpose("t", x)
    for i, colour in enumerate(shades):
        yield place.values, here[NAME].values[i], here[f"{NAME}_err"].values[i], colour
