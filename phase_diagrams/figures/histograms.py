"""How often chains have which values: overlaps on the lattice of their values, energies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hebbian import domain
from montecarlo.mean_field.plefka import Magnetizations
from montecarlo.run import Run

from . import chains, drawing, palettes, styling
from .families import joined, place_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = ["bin_edges", "energies", "histogram", "sites"]

#: Bins of a picture by default, at most.
MOST_BINS = 60


def bin_edges(values: np.ndarray, n_spins: int, bins: int | None = None) -> np.ndarray:
    """Return edges of bins of equal width, each of which holds as many possible values.

    Overlaps are whole numbers over N, often of one parity: edges that cut that lattice anyhow make
    teeth of their own.

    Parameters
    ----------
    values : numpy.ndarray
    n_spins : int
    bins : int, optional
        About how many; default: as many as the number of values makes smooth, at most 60.

    Examples
    --------
    >>> bin_edges(np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), 4)
    array([-1.25, -0.75, -0.25,  0.25,  0.75,  1.25])
    """
    low, high = float(values.min()), float(values.max())
    most = bins or int(np.clip(np.sqrt(values.size), 5, MOST_BINS))
    whole = np.rint(values * n_spins)
    if low == high:
        width = 2 / n_spins
        return np.array([low - 0.5 * width, low + 0.5 * width])
    if not np.allclose(values * n_spins, whole, rtol=0, atol=1e-6):
        return np.linspace(low, high, most + 1)
    step = int(np.gcd.reduce((whole - whole.min()).astype(np.int64).ravel()))
    n_values = round((high - low) * n_spins) // step + 1
    together = max(1, -(-n_values // most))
    n_bins = -(-n_values // together)
    first = (whole.min() - 0.5 * step) / n_spins
    return np.asarray(first + np.arange(n_bins + 1) * together * step / n_spins)


def histogram(
    run: Run,
    ax: Axes,
    look: Look,
    *,
    variable: str = "m",
    index: int | None = None,
    component: int = 0,
    bins: int | None = None,
    fill: bool = False,
) -> None:
    """Draw the law of a quantity over chains and times, a curve for each temperature."""
    if bins is not None:
        bins = domain.integer("bins", bins, "[1, 100000]")
    every = range(np.size(run.T)) if index is None else [index]
    parts = [chains.chains(run, variable, k, component) for k in every]
    edges = bin_edges(np.stack([part.values for part in parts]), run.settings["n_spins"], bins)
    heats = xr.DataArray(np.ravel(run.T)[list(every)], dims="T", name="T", attrs={"symbol": "T"})
    colours, scale = palettes.palette(ax, heats, look)
    if "color" in look.style:
        colours, scale = [look.style["color"]] * len(parts), None
    for k, (part, colour) in enumerate(zip(parts, colours, strict=True)):
        density = np.histogram(part, edges, density=True)[0]
        given = look.style.get("label") if k == 0 or scale is None else None
        named = place_named(heats, k) if len(parts) > 1 and scale is None else None
        style = {"linewidth": 1.0} | look.of_lines()
        style |= {"color": colour, "label": joined(given, named)}
        ax.stairs(density, edges, **style)
        if fill:
            ax.stairs(density, edges, fill=True, color=colour, alpha=0.25)
    ax.set_ylim(bottom=0)
    if scale is not None:
        palettes.colorbar(ax, scale, "temperature $T$", look.colorbar)
    symbol = parts[0].attrs.get("symbol", variable)
    styling.label_axes(ax, drawing.label(parts[0]), f"density $P({symbol})$")


def energies(run: Run, ax: Axes, look: Look, *, bins: int | None = None) -> None:
    """Draw the laws of the energy at all temperatures: exchanges need neighbours that overlap."""
    histogram(run, ax, look, variable="energy", bins=bins, fill=True)


def sites(
    found: Magnetizations, ax: Axes, look: Look, *, index: int | None = None, bins: int = 40
) -> None:
    """Draw the law of the magnetizations of the sites, a curve for each temperature."""
    bins = domain.integer("bins", bins, "[1, 100000]")
    values = found.magnetizations.reshape(np.size(found.T), -1)
    every = (
        range(len(values))
        if index is None
        else [domain.integer("index", index, f"[0, {len(values) - 1}]")]
    )
    heats = xr.DataArray(np.ravel(found.T), dims="T", name="T", attrs={"symbol": "T"})
    for k in every:
        density, edges = np.histogram(values[k], bins, (-1, 1), density=True)
        words = place_named(heats, k) if len(every) > 1 else None
        ax.stairs(density, edges, **{"linewidth": 1.0, "label": words} | look.of_lines())
    ax.set_ylim(bottom=0)
    styling.label_axes(ax, "magnetization of a spin $m_i$", "density $P(m_i)$")
