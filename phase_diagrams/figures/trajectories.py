"""The overlap along time: theory as lines, simulation as points, the samples behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.times import check_times

from . import drawing, frames, marks, styling
from .plotting import Plot
from .series import Curve, Roles, roles
from .shown import Studies, squeezed, studies, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["trajectory"]

#: How the distribution over samples is shown.
SAMPLES = ("none", "band", "lines")

#: Fractions of the samples below the edges of their band.
QUANTILES = (0.1, 0.9)


@checked
def trajectory(
    tree: Studies,
    ax: Axes | None = None,
    *,
    variable: str = "m",
    pattern: int | None = None,
    samples: str = "none",
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
    tree : xarray.DataTree, or mapping or list of them
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
    hue : str, optional
        The axis, or a coordinate along one, whose values have the colours.
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
        If the study has no axis of times, no such quantity, too many axes or no samples.
    TypeError
        If `tree` or `ax` is something else, or matplotlib has no such property.

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
    domain.choice("samples", samples, SAMPLES)
    look = styling.look(
        trajectory,
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
        (name, *_prepared(each, variable, pattern, hue, samples))
        for name, each in studies(tree, label)
    ]
    data = shown[0][1]
    with frames.axes(ax, data["t"], xscale=xscale, yscale=yscale) as ax:
        for _, each, _, _ in shown:
            drawing.placed(each["t"], ax)
        for name, _, groups, what in shown:
            simulation = groups.get("simulation", xr.Dataset())
            if variable in simulation:
                marks.warn_of_loads(simulation)
            curves = Plot(
                ax, groups, variable, what, look, name, entries=legend is not False,
                kinds_named=False,
            ).draw()  # fmt: skip
            if samples != "none" and variable in simulation:
                _samples(ax, simulation, what, curves, samples)
        styling.label_axes(ax, drawing.label(data["t"]), drawing.label(data))
        styling.whole_ticks(ax.xaxis, data["t"])
        styling.legend(ax, legend)
    return ax


def _prepared(
    tree: xr.DataTree, variable: str, pattern: int | None, hue: str | None, samples: str
) -> tuple[xr.DataArray, dict[str, xr.Dataset], Roles]:
    """Return the quantity, theory and simulation of a study, and the roles of its axes."""
    check_times(tree, "trajectory")
    data = values(tree, variable, pattern)
    if "t" not in data.dims:
        raise ValueError(f"variable = {variable!r} has no axis t")
    groups = {
        name: _one_pattern(squeezed(tree[name].to_dataset()), pattern)
        for name in ("theory", "simulation")
        if name in tree.children
    }
    known = variable == "m" and not pattern and "m_samples" in groups.get("simulation", ())
    if samples != "none" and not known:
        raise ValueError("samples are known of m, of the first pattern, in a simulation")
    return data, groups, roles("trajectory", groups, variable, x="t", hue=hue)


def _one_pattern(dataset: xr.Dataset, pattern: int | None) -> xr.Dataset:
    known = pattern is not None and "pattern" in dataset.dims
    return dataset.isel(pattern=pattern) if known else dataset


def _samples(ax: Axes, simulation: xr.Dataset, what: Roles, curves: list[Curve], how: str) -> None:
    """Draw the distribution over the samples of every curve and size, behind all else."""
    data = simulation["m_samples"]
    kept = drawing.inside(data["t"].values, ax.xaxis)
    t = data["t"].values[kept]
    loose = "n_spins" in data.dims and what.across != "n_spins"
    for part in data.transpose("n_spins", ...) if loose else [data]:
        for curve in curves:
            if curve.where.get("pattern", 0) != 0:
                continue
            values = np.atleast_2d(curve.of(part, "t", kept))
            if how == "lines":
                ax.plot(t, values.T, lw=0.3, color=curve.colour, alpha=0.5, zorder=1)
                continue
            low, high = np.quantile(values, QUANTILES, axis=0)
            ax.fill_between(t, low, high, color=curve.colour, alpha=0.15, lw=0, zorder=1)
