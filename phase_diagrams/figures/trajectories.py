"""The overlap along time: theory as lines, simulation as points, the samples behind them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.results import OVERLAPS
from phase_diagrams.times import check_times

from . import drawing, marks
from .maps import squeezed, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["trajectory"]

#: How the distribution over samples is shown.
SAMPLES = ("none", "band", "lines")

#: Fractions of the samples below the edges of their band.
QUANTILES = (0.1, 0.9)

#: Sampling errors up to it are rounding.
EXACT = 1e-12

#: Axes that are told apart by something else than a colour.
FREE = ("t", *OVERLAPS, "n_spins")


class Curve(NamedTuple):
    """Where a curve is on the axes of a study, and how it is drawn."""

    where: dict[str, Any]
    colour: Any
    style: str = "solid"

    def of(self, data: xr.DataArray, t: np.ndarray) -> np.ndarray:
        """Return the part of a quantity that the curve shows, at some times."""
        here = {name: value for name, value in self.where.items() if name in data.dims}
        return data.sel({"t": t, **here}).transpose(..., "t").values


@checked
def trajectory(
    tree: xr.DataTree,
    ax: Axes | None = None,
    *,
    variable: str = "m",
    pattern: int | None = None,
    samples: str = "none",
    label: str | None = None,
    legend: bool = True,
) -> Axes:
    r"""Draw a quantity along time: simulation as points with errors, theory as lines.

    The values of one axis, the start for example, have a colour each, or shades where they are
    more than seven; sizes of the simulation have markers, patterns of a network that retrieves
    several, and layers of an assembly, have strokes (without another axis: colours).  The band of a
    line is its sampling error.  Lines are of the loads that the grid names; where networks are at
    others a warning says so.

    Near the border of a basin of attraction some samples retrieve and others fail, and their mean
    is the overlap of none: `samples` shows them.

    Parameters
    ----------
    tree : xarray.DataTree
        A study of trajectories (`phase_diagrams.sweep` with `n_steps`) with one axis of more than
        one value at most, beside ``t``, ``pattern``, ``layer`` and ``n_spins``; select values of
        the others.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    variable : str
        Quantity to show.
    pattern : int, optional
        One pattern of networks that retrieve several; all by default.
    samples : {"none", "band", "lines"}
        Show the samples of m, that of the first pattern: a band from the first to the last decile,
        or a thin line each; means over the replicas of a sample.
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
        If the study has no axis of times, no such quantity, too many axes or no samples.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Multitasking
    >>> model = Multitasking(n_patterns=2, dilution=0.25)
    >>> tree = phase_diagrams.sweep(
    ...     model, {"T": [0.1, 0.3]}, dynamics="parallel", n_steps=5, simulate=False,
    ... )
    >>> trajectory(tree, pattern=0).get_xlabel()
    'time $t$'
    """
    check_times(tree, "trajectory")
    domain.choice("samples", samples, SAMPLES)
    data = values(tree, variable=variable, pattern=pattern)
    if "t" not in data.dims:
        raise ValueError(f"variable = {variable!r} has no axis t")
    groups = {
        name: _one_pattern(squeezed(tree[name].to_dataset()), pattern)
        for name in ("theory", "simulation")
        if name in tree.children
    }
    shown = [group[variable] for group in groups.values() if variable in group]
    axis = _coloured(shown)
    simulation = groups.get("simulation", xr.Dataset())
    if samples != "none":
        _check_samples(simulation, variable, pattern)
    study = "" if label is None else f"{label}: "
    from matplotlib.ticker import MaxNLocator

    with drawing.axes(ax, data["t"]) as ax:
        t = drawing.placed(data["t"], ax).values
        curves = _curves(ax, shown, axis, study if legend else None)
        ink = curves[0].colour if len(curves) == 1 else drawing.ink(ax)
        inks = list(dict.fromkeys(c.colour for c in curves)) if axis == "n_spins" else [ink]
        if variable in groups.get("theory", ()):
            theory = groups["theory"]
            _lines(ax, theory, variable, t, curves)
            if legend and (axis is None or axis not in theory[variable].dims):
                marks.entry(ax, f"{study}theory", ink)
        if variable in simulation:
            marks.warn_of_loads(simulation)
            for part, marker in marks.sizes(ax, simulation, study if legend else None, inks):
                for curve in curves:
                    if "n_spins" in curve.where and curve.where["n_spins"] != part["n_spins"]:
                        continue
                    _points(ax, part, variable, t, curve, marker)
                    if samples != "none" and curve.where.get("pattern", 0) == 0:
                        _samples(ax, t, curve.of(part["m_samples"], t), curve.colour, samples)
        ax.set(xlabel=drawing.label(data["t"]), ylabel=drawing.label(data))
        ticks = ax.xaxis.get_major_locator()
        if isinstance(ticks, MaxNLocator):
            ticks.set_params(integer=True)
        if legend:
            marks.legend(ax)
    return ax


def _one_pattern(dataset: xr.Dataset, pattern: int | None) -> xr.Dataset:
    known = pattern is not None and "pattern" in dataset.dims
    return dataset.isel(pattern=pattern) if known else dataset


def _check_samples(simulation: xr.Dataset, variable: str, pattern: int | None) -> None:
    """Refuse samples that a study does not keep."""
    if variable != "m" or pattern or "m_samples" not in simulation:
        raise ValueError("samples are known of m, of the first pattern, in a simulation")


def _coloured(shown: list[xr.DataArray]) -> str | None:
    """Return the axis whose values have colours; None for a single curve.

    Raises
    ------
    ValueError
        If there are several.
    """
    lengths = {str(dim): each.sizes[dim] for each in shown for dim in each.dims}
    swept = [dim for dim in lengths if dim not in FREE]
    if len(swept) > 1:
        text = ", ".join(f"{dim} ({lengths[dim]})" for dim in swept)
        raise ValueError(
            f"trajectory needs one axis of more than one value at most, this has {text}: "
            "select the others"
        )
    return next((dim for dim in (*swept, *OVERLAPS, "n_spins") if dim in lengths), None)


def _curves(
    ax: Axes, shown: list[xr.DataArray], axis: str | None, study: str | None
) -> list[Curve]:
    """Return the curves, and name what tells them apart unless `study` is None."""
    known = {str(dim): each[dim] for each in shown for dim in each.dims}
    if axis is None:
        (line,) = ax.plot([], [])
        return [Curve({}, line.get_color())]
    own = None if axis == "n_spins" else study  # the names of sizes are those of their markers
    named_colours = zip(known[axis].values, marks.colours(ax, known[axis], own), strict=True)
    component = next((dim for dim in OVERLAPS if dim in known), None)
    if component in (axis, None):
        return [Curve({axis: value}, colour) for value, colour in named_colours]
    styles = []
    for i, value in enumerate(known[component]):
        styles.append((value.item(), marks.STYLES[i % len(marks.STYLES)]))
        if study is not None:
            marks.entry(ax, study + marks.named(value), drawing.ink(ax), linestyle=styles[-1][1])
    return [
        Curve({axis: value, component: place}, colour, style)
        for (value, colour), (place, style) in product(named_colours, styles)
    ]


def _lines(ax: Axes, theory: xr.Dataset, variable: str, t: np.ndarray, curves: list[Curve]) -> None:
    """Draw the theory, each curve of it once, with a band of its sampling error."""
    dims, drawn = theory[variable].dims, set()
    for curve in curves:
        here = tuple((name, value) for name, value in curve.where.items() if name in dims)
        if here in drawn:
            continue
        drawn.add(here)
        colour = curve.colour if here or len(curves) == 1 else drawing.ink(ax)
        line = curve.of(theory[variable], t)
        ax.plot(t, line, lw=0.9, color=colour, linestyle=curve.style)
        if f"{variable}_err" in theory:
            error = curve.of(theory[f"{variable}_err"], t)
            if float(error.max()) > EXACT:
                ax.fill_between(t, line - error, line + error, color=colour, alpha=0.3, lw=0)


def _points(
    ax: Axes, simulation: xr.Dataset, variable: str, t: np.ndarray, curve: Curve, marker: str
) -> None:
    """Draw a simulation of one size."""
    values = curve.of(simulation[variable], t)
    known = simulation.get(f"{variable}_err")
    error = None if known is None else curve.of(known, t)
    drawing.points(ax, t, values, error, fmt=marker, color=curve.colour)


def _samples(ax: Axes, t: np.ndarray, values: np.ndarray, colour: Any, how: str) -> None:
    """Draw the distribution over samples, the last axis but time, behind all else."""
    values = np.atleast_2d(values)
    if how == "lines":
        ax.plot(t, values.T, lw=0.3, color=colour, alpha=0.5, zorder=1)
        return
    low, high = np.quantile(values, QUANTILES, axis=0)
    ax.fill_between(t, low, high, color=colour, alpha=0.15, lw=0, zorder=1)
