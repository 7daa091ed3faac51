"""Figures of multitasking networks: the (d, T) diagram and the staircase of their overlaps.

Theory comes as lines and regions, simulation as points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from phase_diagrams.analysis.dilution_map import observed_phase
from phase_diagrams.phases import Phase

from . import drawing, palettes, styling
from .regions import COLOURS, draw_borders, draw_names, fill

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

__all__ = ["dilution_diagram", "staircase"]


def dilution_diagram(diagram: xr.Dataset, study: xr.DataTree | None = None, *, ax: Axes) -> Axes:
    """Draw phases over dilution and temperature, with those of a simulation as points.

    Regions are the ground states of the theory, coloured by phase and named by their
    overlaps (equal ones share a letter); solid lines are its exact transitions, the dotted
    one ends the island in which the odd mixture is metastable.  A point has the colour
    of the phase that the simulation shows there: invisible but for its edge where both agree.

    Parameters
    ----------
    diagram : xarray.Dataset
        From `phase_diagrams.analysis.dilution_map.dilution_map`.
    study : xarray.DataTree, optional
        With a simulation over dilution and T.
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no simulation of several patterns over dilution and T.
    """
    from matplotlib.patches import Patch

    phase, state = (diagram[name].transpose("T", "dilution") for name in ("phase", "state"))
    d, T = diagram["dilution"].values, diagram["T"].values
    colours, norm = fill(ax, phase)
    ax.set(xlim=d[[0, -1]], ylim=T[[0, -1]])
    draw_borders(ax, state, width=0.4)
    ergodic = "0" * diagram.attrs["n_patterns"]  # the legend names it
    meanings = state.attrs["flag_meanings"].split()
    shown = None if study is None else _observed(study)
    points = None if shown is None else np.meshgrid(shown["T"], shown["dilution"])
    draw_names(
        ax, state, lambda code: meanings[code].replace(ergodic, ""), room=0.035,
        points=None if points is None else (points[0].ravel(), points[1].ravel()),
    )  # fmt: skip
    island = d < 0.5
    for name in ("critical_temperature", "pure_temperature"):
        ax.plot(d, diagram[name], "k-", lw=0.9)
    for end in ("low", "high"):
        line = diagram[f"parallel_temperature_{end}"]
        ax.plot(d, line.where(~island), "k-", lw=0.9)
        ax.plot(d, line.where(island), "k:", lw=0.9)
    if shown is not None:
        _points(ax, shown, colours, norm)
    styling.label_axes(ax, "dilution $d$", "temperature $T$")
    # above two rows of the legend, which hides no point there
    ax.set_title(f"$K = {diagram.attrs['n_patterns']}$", pad=24)
    ax.legend(
        handles=[
            Patch(facecolor=COLOURS[Phase(code)], alpha=0.75, label=Phase(code).text)
            for code in np.unique(phase)
        ],
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=6, frameon=False,
        handlelength=1.2, columnspacing=1.0,
    )  # fmt: skip
    return ax


def _observed(study: xr.DataTree) -> xr.DataArray:
    if "simulation" not in study.children:
        raise ValueError("there are no points to draw: the study has no simulation")
    shown = observed_phase(study["simulation"].to_dataset())
    if set(shown.dims) != {"dilution", "T"}:
        raise ValueError(f"the study has axes {', '.join(map(str, shown.dims))}: not dilution, T")
    return shown


def _points(ax: Axes, shown: xr.DataArray, colours: Colormap, norm: Normalize) -> None:
    x, y = np.meshgrid(shown["dilution"], shown["T"])
    values = shown.transpose("T", "dilution").values
    ax.scatter(
        x, y, c=values.ravel(), cmap=colours, norm=norm, s=7, edgecolors="k", linewidths=0.3,
        zorder=3, clip_on=False,
    )  # fmt: skip


def staircase(
    lines: xr.DataTree,
    study: xr.DataTree | None = None,
    *,
    ax: Axes,
    marks: Mapping[str, float] | None = None,
    cmap: Any = None,
    legend: Any = True,
    theory_style: Mapping[str, Any] | None = None,
    simulation_style: Mapping[str, Any] | None = None,
    **style: Any,
) -> Axes:
    """Draw the overlaps of all patterns along one axis: the steps of a hierarchy.

    Parameters
    ----------
    lines : xarray.DataTree
        With a theory on a fine axis.
    study : xarray.DataTree, optional
        With a simulation on points of the same axis.
    ax : matplotlib.axes.Axes
    marks : mapping of str to float, optional
        Places on the axis to mark, a transition say, and their names.
    cmap : optional
        Colours of the patterns: a list, or a colour map of matplotlib; by default the next of the
        cycle of `ax`.
    legend : bool or dict
        Name the patterns; arguments of ``Axes.legend``.
    theory_style, simulation_style : mapping, optional
        Properties of the lines, and of the points and their error bars.
    **style
        Properties of both.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is more than one axis besides that of the patterns.
    """
    exact = lines["theory"].to_dataset()["m"].squeeze()
    axes = [str(dim) for dim in exact.dims if dim != "pattern"]
    if len(axes) != 1:
        raise ValueError(f"a staircase needs one axis, not {', '.join(axes) or 'none'}")
    x = axes[0]
    look = styling.look(staircase, style, theory_style, simulation_style, cmap=cmap)
    points = study["simulation"].to_dataset() if study is not None else None
    patterns = xr.DataArray(np.arange(exact.sizes["pattern"]), dims="pattern")
    for mu, colour in enumerate(palettes.palette(ax, patterns, look)[0]):
        line = exact.isel(pattern=mu)
        usual: dict[str, Any] = {"linewidth": 0.9, "label": rf"$m_{{{mu + 1}}}$", "color": colour}
        ax.plot(line[x], line, **(usual | look.of_lines(alone=points is None)))
        if points is not None:
            m, error = (points[name].squeeze().isel(pattern=mu) for name in ("m", "m_err"))
            drawing.points(ax, m[x], m, error, **({"color": colour} | look.of_points()))
    for name, place in (marks or {}).items():
        drawing.place(ax, place, name)
    label = f"{exact[x].attrs.get('long_name', x)} ${exact[x].attrs.get('symbol', x)}$"
    styling.label_axes(ax, label, "Mattis magnetizations $m_\\mu$")
    if legend is not False:
        ax.legend(**({"frameon": False} | ({} if legend is True else dict(legend))))
    return ax
