"""A quantity along one axis: simulation as points with errors, theory as lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian.calling import checked
from phase_diagrams.analysis.simulated_theory import prediction_of
from phase_diagrams.loads import at_simulated
from phase_diagrams.phases import Phase

from . import drawing, frames, marks, styling
from .plotting import Plot
from .series import Roles, roles
from .shown import Studies, squeezed, studies, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["overlap_curve"]


@checked
def overlap_curve(
    tree: Studies,
    ax: Axes | None = None,
    *,
    variable: str = "m",
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
    r"""Draw a quantity along one axis: simulation as points with errors, theory as a line.

    Points stand at the loads that were simulated, of whole numbers of patterns, and a line along
    another axis is of that load.  Of several sizes that have no colours the lines are of the loads
    that the grid names, and a warning says where networks are at others.

    Parameters
    ----------
    tree : xarray.DataTree, or mapping or list of them
        A study with one axis of more than one value beside that of `hue`; select values of the
        others first.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    variable : str
        Quantity to show; of all patterns where a network retrieves several, and of all layers.
    x : str, optional
        The horizontal axis, needed where two are possible.
    hue : str, optional
        The axis, or a coordinate along one, whose values have a curve and a colour each.  By
        default the axis that is left beside `x`, else the patterns or layers, else the sizes.
    label : str or sequence of str, optional
        Name of the study, or names of several, for the legend; those of a mapping are its keys.
        Each study goes on in the cycle of colours.
    xscale, yscale : str, optional
        Scales of matplotlib, ``"log"`` for example; what has no place on them is left out with a
        warning.  By default those of `ax`; axes of a new figure are logarithmic where the values
        along them are in geometric progression.
    cmap, norm, vmin, vmax : optional
        Colours of the values of `hue`, as in matplotlib; a list of colours as `cmap` is used in
        turn.  By default few values have the next colours of the cycle of `ax`, more than seven
        numbers shades.
    colorbar : bool, matplotlib.axes.Axes or dict
        Draw the scale of shades, into these Axes, or with arguments of ``Figure.colorbar``.
    legend : bool or dict
        Name the curves; arguments of ``Axes.legend``.
    theory_style, simulation_style : mapping, optional
        Properties of the lines, and of the points and their error bars.
    **style
        Properties of both, as in matplotlib.  Markers are of the points, patterns of the lines.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the study has no such quantity or axis, or too many axes.
    TypeError
        If `tree` or `ax` is something else, or matplotlib has no such property.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": [0.02, 0.1], "T": [0.1, 0.5, 1.2]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    >>> ax = overlap_curve(tree, x="T", hue="alpha")
    >>> [text.get_text() for text in ax.get_legend().get_texts()], ax.get_xlabel()
    (['$\\alpha = 0.02$', '$\\alpha = 0.1$'], 'temperature $T$')
    """
    look = styling.look(
        overlap_curve,
        style,
        theory_style,
        simulation_style,
        cmap=cmap,
        norm=norm,
        vmin=vmin,
        vmax=vmax,
        colorbar=colorbar,
    )
    shown = [(name, *_prepared(each, variable, x, hue)) for name, each in studies(tree, label)]
    data, first = shown[0][1], shown[0][3]
    with frames.axes(ax, data[first.x], xscale=xscale, yscale=yscale) as ax:
        for _, data, _, what in shown:
            drawing.placed(data[what.x], ax)
        for name, _, groups, what in shown:
            Plot(
                ax, groups, variable, what, _stepped(look, variable), name,
                entries=legend is not False, sizes_named=False,
            ).draw()  # fmt: skip
        styling.label_axes(ax, drawing.label(data[first.x]), drawing.label(data))
        styling.whole_ticks(ax.xaxis, data[first.x])
        if variable == "phase":
            codes = np.unique([code for _, data, *_ in shown for code in np.unique(data)])
            ax.set_yticks(codes, [Phase(code).text for code in codes.astype(int).tolist()])
        if variable != "phase" or first.hue is not None or len(shown) > 1:
            styling.legend(ax, legend)
    return ax


def _stepped(look: styling.Look, variable: str) -> styling.Look:
    """Return a look whose lines are steps between phases."""
    return look.under({"drawstyle": "steps-mid"}) if variable == "phase" else look


def _prepared(
    tree: xr.DataTree, variable: str, x: str | None, hue: str | None
) -> tuple[xr.DataArray, dict[str, xr.Dataset], Roles]:
    """Return the quantity, theory and simulation of a study, and the roles of its axes."""
    data = values(tree, variable, None)
    groups = {}
    if "theory" in tree.children:
        # The overlaps of the theory are sorted as they are.
        groups["theory"] = _renamed(squeezed(tree["theory"].to_dataset()), variable)
    if "simulation" in tree.children:
        groups["simulation"] = squeezed(at_simulated(tree["simulation"].to_dataset()))
    what = roles("overlap_curve", groups, variable, x=x, hue=hue)
    if len(groups) == 2:
        if "n_spins" in data.dims and "n_spins" not in (what.x, what.across):
            marks.warn_of_loads(groups["simulation"])
        elif what.x != "alpha":
            groups["theory"] = _renamed(squeezed(prediction_of(tree)), variable)
    return data, groups, what


def _renamed(theory: xr.Dataset, variable: str) -> xr.Dataset:
    name = variable.removesuffix("_sorted")
    if name == variable or name not in theory or variable in theory:
        return theory
    return theory.assign({variable: theory[name]})
