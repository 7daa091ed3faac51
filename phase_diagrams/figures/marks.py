"""What tells curves apart beside their colours: markers, strokes, and the names of them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import xarray as xr

from phase_diagrams.loads import effective

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MARKERS", "STYLES", "entry", "named", "warn_of_loads"]

log = logging.getLogger(__name__)

#: Of the sizes of a simulation, in ascending order; more sizes begin again.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

#: Of the patterns of a network, in their order; more patterns begin again.
STYLES = ("solid", "dashed", "dotted", "dashdot")

#: Difference of two loads, relative to them, that is worth a line.
APPRECIABLE = 0.01


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
    symbol, found = value.attrs.get("symbol"), value.item()
    if not isinstance(found, int | float):
        return f"${symbol}$ = {found}" if symbol else str(found)
    return f"${symbol} = {found:g}$" if symbol else f"{value.name} {found:g}"


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
