"""Basins of attraction: the smallest start overlap that retrieves, along another axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from hebbian.calling import checked
from phase_diagrams.analysis.basin_lines import basin_lines
from phase_diagrams.loads import at_simulated

from . import drawing, frames, styling
from .plotting import Plot
from .series import Roles, roles
from .shown import Studies, squeezed, studies

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["basin"]

NAME = "critical_overlap"


@checked
def basin(
    tree: Studies,
    ax: Axes | None = None,
    *,
    times: Any = None,
    threshold: float = 0.7,
    x: str | None = None,
    hue: str | None = None,
    label: Any = None,
    xscale: str | None = None,
    yscale: str | None = None,
    cmap: Any = None,
    norm: Any = None,
    vmin: float | None = None,
    vmax: float | None = None,
    colorbar: Any = True,
    legend: Any = True,
    theory_style: Mapping[str, Any] | None = None,
    simulation_style: Mapping[str, Any] | None = None,
    **style: Any,
) -> Axes:
    r"""Draw the smallest start overlap that retrieves: simulation as points, theory as lines.

    Times have a colour each, sizes of the simulation a marker.  What is drawn is
    `phase_diagrams.analysis.basin_lines.basin_lines`, and where the starts of the study do not
    enclose it there is nothing.  Points stand at the loads that were simulated.

    Parameters
    ----------
    tree : xarray.DataTree, or mapping or list of them
        A study of trajectories (`phase_diagrams.sweep` with `n_steps`) with an axis ``start`` and
        another one, alpha or T for example, beside ``n_spins``; select values of the others.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    times : array_like, optional
        Some times of the study; the last one by default.
    threshold : float
        Overlap that counts as retrieval, in (0, 1].
    x : str, optional
        The horizontal axis, needed where two are possible.
    hue : str, optional
        The axis whose values have the colours, in place of the times.
    label, xscale, yscale, cmap, norm, vmin, vmax, colorbar, legend, theory_style, simulation_style
        As in `overlap_curve`.
    **style
        Properties of lines and points, as in matplotlib.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no axis of times or of starts, not such a time, or not one other axis.
    TypeError
        If `tree` or `ax` is something else, or matplotlib has no such property.

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
    look = styling.look(
        basin,
        style,
        theory_style,
        simulation_style,
        cmap=cmap,
        norm=norm,
        vmin=vmin,
        vmax=vmax,
        colorbar=colorbar,
    )
    shown = [
        (name, *_prepared(each, times, threshold, x, hue)) for name, each in studies(tree, label)
    ]
    first, x = shown[0][2], shown[0][3].x
    axis = next(group[x] for group in first.values() if x in group.dims)
    with frames.axes(ax, axis, xscale=xscale, yscale=yscale) as ax:
        for _, _, groups, what in shown:
            for group in groups.values():
                if what.x in group.dims:
                    drawing.placed(group[what.x], ax)
                    break
        for name, _, groups, what in shown:
            Plot(
                ax, groups, NAME, what, look, name, entries=legend is not False,
                sizes_named=what.x != "n_spins",
            ).draw()  # fmt: skip
        styling.label_axes(ax, drawing.label(axis), drawing.label(shown[0][1][NAME]))
        styling.whole_ticks(ax.xaxis, axis)
        styling.legend(ax, legend)
    return ax


def _prepared(
    tree: xr.DataTree, times: Any, threshold: float, x: str | None, hue: str | None
) -> tuple[xr.Dataset, dict[str, xr.Dataset], Roles]:
    """Return what names a study, its theory and simulation, and the roles of its axes."""
    found = basin_lines(tree, times=times, threshold=threshold)
    groups = {}
    for name, child in found.children.items():
        group = squeezed(at_simulated(child.to_dataset()))
        of_times = hue in (None, "t") and "t" not in group.dims
        groups[str(name)] = group.expand_dims("t") if of_times else group
    if not any(set(group[NAME].dims) - {"t"} for group in groups.values()):
        needed = "one axis of more than one value beside start"
        raise ValueError(f"basin needs {needed}, this has none")
    return next(iter(groups.values())), groups, roles("basin", groups, NAME, x=x, hue=hue or "t")
