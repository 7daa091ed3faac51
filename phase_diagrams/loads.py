"""The loads that are simulated: a network has a whole number of patterns.

A grid names loads alpha, and a network of N spins has the whole number K nearest to what alpha
asks for (`hebbian.Model.count`): it is a network of the load of K (`hebbian.Model.load`), the
*effective* load, which may be another.  What compares simulation with theory takes the theory
there.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hebbian import Model
from hebbian.streams import canonical

from .grid import Grid
from .points import STATE

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "Loads",
    "at_simulated",
    "effective",
    "networks",
    "of_grid",
    "of_network",
    "rounded",
    "told",
    "warn",
]

log = logging.getLogger(__name__)

#: Networks that a warning names.
MOST_NAMED = 5


class Loads(NamedTuple):
    """Numbers of patterns and their loads, of the shape of a grid."""

    n_patterns: np.ndarray
    alpha: np.ndarray


def of_network(model: Model, alpha: float, n_spins: int) -> tuple[int, float]:
    """Return the number of patterns of a network, and the load that it has.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> of_network(Hopfield(), 0.05, 50)
    (3, 0.06)
    """
    n_patterns = model.count(alpha, n_spins)
    load = model.load(n_patterns, n_spins)
    if load is None or load == alpha:
        return n_patterns, alpha
    # Whether numbers that are close are one is decided by canonical digits.
    close = abs(load - alpha) < 1e-9 * load and canonical(load) == canonical(alpha)
    return n_patterns, alpha if close else load


@lru_cache(maxsize=2)
def of_grid(grid: Grid) -> Loads | None:
    """Return the loads of a grid at all of its points; None without loads or sizes."""
    known = {*grid.columns, *grid.fixed}
    if not {"alpha", "n_spins"} <= known:
        return None
    names, table, place = _networks(grid)
    models: dict[tuple[float, ...], Model] = {}
    found = []
    for alpha, n_spins, *values in table.tolist():
        key = tuple(values)
        if key not in models:
            chosen = dict(zip(names[2:], values, strict=True))
            models[key] = grid.model.replace(**chosen) if chosen else grid.model
        found.append(of_network(models[key], alpha, int(n_spins)))
    counts, loads = np.array([K for K, _ in found], np.int64), np.array([a for _, a in found])
    return Loads(*(np.broadcast_to(values[place], grid.shape) for values in (counts, loads)))


def _networks(grid: Grid) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the networks of a grid, one row of their parameters for each.

    The names of the parameters, alpha and n_spins first, their values, and the row of every
    point, of a shape that broadcasts to that of the grid: of a rectangle not every temperature
    is looked at.
    """
    names = ["alpha", "n_spins", *(n for n in grid.columns if n not in STATE)]
    shape = [
        len(values) if grid.scattered or name in names else 1 for name, values in grid.axes.items()
    ]
    columns = []
    for name in names:
        values = np.array(grid.columns.get(name, grid.fixed.get(name)), float)
        if name in grid.columns:
            along = [-1 if grid.scattered or other == name else 1 for other in grid.axes]
            values = values.reshape(along)
        columns.append(np.broadcast_to(values, shape).ravel())
    table, place = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    return names, table, place.reshape(shape)


def effective(simulation: xr.Dataset) -> xr.DataArray:
    """Return the load of every point of a simulation: the one that its networks have."""
    known = simulation.get("alpha_effective")
    return simulation.coords["alpha"] if known is None else known


def rounded(simulation: xr.Dataset) -> bool:
    """Return whether networks of a simulation have other loads than the grid names."""
    if "alpha_effective" not in simulation:
        return False
    named = simulation["alpha"].broadcast_like(simulation["alpha_effective"])
    far = abs(simulation["alpha_effective"] - named) > 1e-11 * abs(named)
    return bool(far.any())


def at_simulated(simulation: xr.Dataset) -> xr.Dataset:
    """Return a simulation with the loads that were simulated as its coordinate alpha.

    Of loads that are one network the first is left.  As it is where the loads of a grid are
    others for other sizes or models, or where there is no axis of them.
    """
    if not rounded(simulation) or "alpha" not in simulation.dims:
        return simulation
    load = simulation["alpha_effective"]
    first = load.isel({dim: 0 for dim in load.dims if dim != "alpha"})
    kept = np.unique(first.values, return_index=True)[1]
    if not bool((load == first).all()) or len(kept) < 2:
        return simulation
    moved = simulation["alpha"].copy(data=first.values)
    return simulation.assign_coords(alpha=moved).isel(alpha=np.sort(kept))


def networks(grid: Grid) -> list[dict[str, float]]:
    """Return the networks of a grid: parameters, ``n_patterns`` and ``alpha_effective``.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> networks(Grid(Hopfield(), {"alpha": [0.05, 0.08], "T": 0.1, "n_spins": 50}))[0]
    {'alpha': 0.05, 'n_spins': 50, 'n_patterns': 3, 'alpha_effective': 0.06}
    """
    loads = of_grid(grid)
    if loads is None:
        return []
    names, table, place = _networks(grid)
    first = np.unique(np.broadcast_to(place, grid.shape), return_index=True)[1]
    found = []
    for row, i in zip(table.tolist(), first.tolist(), strict=True):
        n_patterns, alpha = loads.n_patterns.flat[i].item(), loads.alpha.flat[i].item()
        values = dict(zip(names, row, strict=True)) | {"n_spins": int(row[1])}
        found.append({**values, "n_patterns": n_patterns, "alpha_effective": alpha})
    return found


def told(grid: Grid) -> str:
    """Say which networks have other loads than the grid names; empty where none has.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> told(Grid(Hopfield(), {"alpha": [0.05, 0.08], "T": 0.1, "n_spins": 50}))
    'alpha = 0.05 is 0.06 (K = 3, N = 50)'
    """
    return _some(
        [
            f"alpha = {n['alpha']:g} is {n['alpha_effective']:.6g} "
            f"(K = {n['n_patterns']}, N = {n['n_spins']})"
            for n in networks(grid)
            if canonical(n["alpha"]) != canonical(n["alpha_effective"])
        ]
    )


def warn(grid: Grid) -> None:
    """Warn in one line of loads whose networks are the same, and of those without a pattern."""
    shared: dict[tuple[float, ...], dict[float, None]] = {}
    empty = []
    for network in networks(grid):
        alpha, load = network.pop("alpha"), network.pop("alpha_effective")
        K, n_spins = network.pop("n_patterns"), network.pop("n_spins")
        shared.setdefault((K, n_spins, *network.values()), {})[alpha] = None
        if K == 1 and 0 < 2 * alpha < load:
            empty.append(f"alpha = {alpha:g} at N = {n_spins}")
    same = [
        f"alpha = {', '.join(f'{a:g}' for a in alphas)} are K = {K} at N = {n_spins}"
        for (K, n_spins, *_), alphas in shared.items()
        if len(alphas) > 1
    ]
    words = []
    if same:
        words.append(f"loads of one network, of a whole number K of patterns: {_some(same)}")
    if empty:
        words.append(f"less than half a pattern, one is stored: {_some(empty)}")
    if words:
        log.warning("%s; alpha_effective is what is simulated", "; ".join(words))


def _some(items: list[str]) -> str:
    items = list(dict.fromkeys(items))
    more = f" and {len(items) - MOST_NAMED} more" if len(items) > MOST_NAMED else ""
    return "; ".join(items[:MOST_NAMED]) + more
