"""Networks that start at a pattern, and the load at which they lose it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes

import montecarlo
from hebbian import Model
from phase_diagrams.figures import drawing
from theory.conventions import weakness

from .crossings import crossing
from .running import Simulation, averaged

__all__ = ["INSIDE", "OUTSIDE", "kept", "losses", "lost"]

#: Loads, over the capacity, up to which and from which on chains are judged.
INSIDE, OUTSIDE = 0.9, 1.4


def kept(
    models: Sequence[Model],
    alpha: np.ndarray,
    sizes: Sequence[Sequence[int]],
    p: Simulation,
    *,
    T: Sequence[float],
    dynamics: str,
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    r"""Return overlaps with the pattern, means over layers and time, and their errors.

    Parameters
    ----------
    models : sequence of Model
        One for each case.
    alpha : numpy.ndarray
        Shape (n_cases, n_loads); as T, of the infinite network with the couplings of the finite
        one (`theory.conventions.weakness`).
    sizes : sequence of sequence of int
        Numbers of spins, shape (n_cases, n_sizes).
    p : Simulation
    T : sequence of float
        Temperature of every case.
    dynamics : str

    Returns
    -------
    dict
        ``m`` and ``m_err`` along (case, load, size).
    """
    overlaps = np.array(
        [
            [[_final(model, load, heat, n, p, dynamics) for n in row] for load in loads]
            for model, loads, heat, row in zip(models, alpha, T, sizes, strict=True)
        ]
    )
    return averaged({"m": np.moveaxis(overlaps, -1, 0)}, ("case", "load", "size"))


def _final(
    model: Model, alpha: float, T: float, n_spins: int, p: Simulation, dynamics: str
) -> np.ndarray:
    scale = weakness(model, n_spins)
    run = montecarlo.simulate(
        model, alpha=scale * alpha, T=scale * T, n_spins=n_spins, dynamics=dynamics,
        start="pattern", **p.settings(),
    )  # fmt: skip
    m = run.series["m"]
    return np.asarray(m.reshape(len(m), -1).mean(axis=1))


def lost(data: xr.Dataset, level: float) -> xr.Dataset:
    """Add where the overlap falls below a level, in the units of ``load``.

    Parameters
    ----------
    data : xarray.Dataset
        ``m`` and ``m_err`` along (case, load, size).
    level : float
    """
    axes = ("case", "size")
    places = np.full((2, *(data.sizes[axis] for axis in axes)), np.nan)
    for index in np.ndindex(places.shape[1:]):
        one = data.isel(dict(zip(axes, index, strict=True)))
        places[:, *index] = crossing(one["load"], one["m"].values, one["m_err"].values, level)
    return data.assign(lost=(axes, places[0]), lost_err=(axes, places[1]))


def losses(ax: Axes, x: xr.DataArray, data: xr.Dataset, labels: Sequence[str]) -> None:
    """Draw the loads at which every size loses the pattern, dark for large ones."""
    shades = colormaps["cividis"](np.linspace(0.75, 0, data.sizes["size"]))
    for k, (colour, words) in enumerate(zip(shades, labels, strict=True)):
        one = data.isel(size=k)
        place, error = (one[name] * one["capacity"] for name in ("lost", "lost_err"))
        drawing.points(ax, x, place, error, fmt="v^os"[k % 4], color=colour, label=words)
