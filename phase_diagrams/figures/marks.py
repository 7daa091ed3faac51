"""What tells curves apart: a colour for each value of an axis, a marker for each size."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import xarray as xr

from phase_diagrams.loads import effective

from . import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MARKERS", "STYLES", "colours", "entry", "legend", "named", "sizes", "warn_of_loads"]

log = logging.getLogger(__name__)

#: Of the sizes of a simulation, in ascending order; more sizes begin again.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

#: Of the patterns of a network, in their order.
STYLES = ("solid", "dashed", "dotted", "dashdot")

#: Values of an axis that have colours of their own; more have shades along a scale.
MOST_COLOURS = 7

#: Difference of two loads, relative to them, that is worth a line.
APPRECIABLE = 0.01


def colours(ax: Axes, values: xr.DataArray, study: str | None = "") -> list[Any]:
    """Return a colour for each value of an axis, and put the values into the legend.

    Colours go on in the cycle of the Axes; of more than seven values they are shades, and stand on
    a scale beside the Axes in the place of the legend.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : xarray.DataArray
    study : str or None
        What their names begin with; None: they are not named.
    """
    if values.size > MOST_COLOURS:
        from matplotlib import colormaps
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import LogNorm, Normalize

        kind = LogNorm if drawing.geometric(values) else Normalize
        norm = kind(float(values.min()), float(values.max()))
        shades = ScalarMappable(norm, colormaps["cividis"])
        if study is not None:
            ax.figure.colorbar(shades, ax=ax, label=study + drawing.label(values))
        return [shades.to_rgba(value) for value in values.values]
    found = []
    for value in values:
        (line,) = ax.plot([], [], lw=0.9, label=None if study is None else study + named(value))
        found.append(line.get_color())
    return found


def entry(ax: Axes, text: str, colour: Any, **style: Any) -> None:
    """Put a stroke or a marker into the legend."""
    chosen: dict[str, Any] = {"lw": 0.9, "ms": 2.5} | style
    ax.plot([], [], label=text, color=colour, **chosen)


def named(value: xr.DataArray) -> str:
    """Return the symbol of a coordinate and one value of it.

    Examples
    --------
    >>> named(xr.DataArray(0.3, name="start", attrs={"symbol": "m_0"}))
    '$m_0 = 0.3$'
    """
    symbol = value.attrs.get("symbol")
    return f"${symbol} = {value.item():g}$" if symbol else f"{value.name} = {value.item():g}"


def sizes(
    ax: Axes, simulation: xr.Dataset, study: str | None, inks: Sequence[Any], *, told: bool = True
) -> list[tuple[xr.Dataset, str]]:
    """Return a simulation of every size with its marker, and name the markers as `colours` does.

    Sizes that need not be told apart are returned as one.  The markers have the `inks` in turn.
    """
    several = told and "n_spins" in simulation.dims
    count = simulation.sizes["n_spins"] if several else 1
    parts = [simulation.isel(n_spins=i) if several else simulation for i in range(count)]
    found = [(part, MARKERS[i % len(MARKERS)]) for i, part in enumerate(parts)]
    if study is not None:
        for (part, marker), ink in zip(found, cycle(inks), strict=False):
            known = "n_spins" in part.coords and part["n_spins"].ndim == 0
            text = named(part["n_spins"]) if known else "simulation"
            entry(ax, study + text, ink, linestyle="none", marker=marker)
    return found


def warn_of_loads(simulation: xr.Dataset) -> None:
    """Say where networks have another load than the theory beside them."""
    if "alpha_effective" not in simulation:
        return
    named, load = xr.broadcast(simulation["alpha"], effective(simulation))
    pairs = dict.fromkeys(zip(named.values.flat, load.values.flat, strict=True))
    far = [f"{a:g} is {b:.4g}" for a, b in pairs if abs(b - a) > APPRECIABLE * abs(a)]
    if far:
        more = f" and {len(far) - 3} more" if len(far) > 3 else ""
        first = ", ".join(far[:3])
        log.warning("alpha = %s%s in the networks; the lines are of the former", first, more)


def legend(ax: Axes) -> None:
    """Draw a legend of the entries there are, that hides little of what is below it."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(
            fontsize=6, labelspacing=0.25, handlelength=1.6, frameon=True, framealpha=0.7,
            edgecolor="none",
        )  # fmt: skip
