"""What the theory predicts on a grid: order parameters, phases and boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from theory.closure import Closure, equations
from theory.lines import LINES

from .blocks import ENERGIES, model_block, network_block, predicted_lines
from .classification import of_patterns, under_load
from .following import ended, follow
from .grid import Grid
from .loads import of_grid, of_network
from .points import STATE, Cell
from .schema import coordinates, describe
from .started import network

__all__ = ["ends", "factor", "predict"]

#: Of which state a variable is, under a load.
FOLLOWED = ("m", "n", "converged")
ENDED = ("q", *ENERGIES, "replicon", "residual")


def ends(theory: xr.Dataset) -> xr.Dataset:
    """Return a prediction with overlaps 0 where chains end in a state without one.

    Where the retrieval state does not exist, m and n are NaN: it has none.  A chain that
    started there loses its overlap, and what it should be compared with is 0.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> found = predict(Grid(Hopfield(), {"alpha": 0.2, "T": [0.5, 2.0]}), "pattern", "binomial")
    >>> found["m"].values, ends(found)["m"].values
    (array([nan, nan]), array([0., 0.]))
    """
    if "rsb" not in theory:
        return theory
    known = {name: ended(theory[name], theory["q"]) for name in ("m", "n")}
    return theory.assign(known)


def predict(
    grid: Grid, start: str | float, law: str, *, finite_size: bool = False, simulated: bool = False
) -> xr.Dataset:
    r"""Compute what the theory says about a grid.

    Parameters
    ----------
    grid : Grid
    start : str or float
        Start of the simulations to compare with.
    law : str
        Law of the example mean.
    finite_size : bool
        Map every point to the infinite network with the couplings of its finite one:
        load :math:`\alpha/\Pi`, temperature :math:`T/\Pi`, energies times :math:`\Pi`; of a
        student the teacher, too, at temperature :math:`T^*/\Pi`.
    simulated : bool
        Take every load at which networks of ``n_spins`` are in its place, with a whole number of
        patterns (`phase_diagrams.loads`); labels stay those of the grid.

    Returns
    -------
    xarray.Dataset
        On the coordinates of the grid (without ``start``, and without ``n_spins`` unless
        `finite_size` or `simulated`): m, n and converged on the branch that the simulations
        follow, NaN where it does not exist; q, energy, free_energy, replicon and residual of the
        state in which chains then end, which ``phase`` names; ``rsb``, its steps of
        replica-symmetry breaking; and the lines of the model that belong to predictions
        (`theory.lines`), along ``alpha`` or ``T``.  Unequal strengths are those of every network
        where the grid has ``n_spins`` (`phase_diagrams.started`): then everything is along
        ``n_spins`` where that is an axis, and lines along ``T`` are left out, since networks of
        other loads have other strengths.  With ``indices="all"`` at even order >= 4 the
        energies are those of a finite network (`theory.solve`), along ``n_spins`` where that is
        an axis.

    Raises
    ------
    ValueError
        If `finite_size` is asked of interactions without distinct indices.
    """
    sizes = [int(n) for n in grid.values("n_spins")]
    unequal = not grid.model.uniform and bool(sizes)
    sized = finite_size or simulated or unequal
    outer = [name for name in grid.axes if name not in STATE]
    if sized and "n_spins" in grid.axes:
        outer.append("n_spins")
    if grid.scattered:
        if finite_size:
            raise ValueError("finite_size needs a rectangular grid, not scattered points")
        return _predict_points(grid, start, law, simulated)
    blocks = []
    named = np.array(grid.values("alpha"))
    for _, model in grid.models():
        for n_spins in (sized and sizes) or [0]:
            scale = factor(model, n_spins) if finite_size and n_spins else 1.0
            loads = named
            if simulated:
                loads = np.array([of_network(model, alpha, n_spins)[1] for alpha in named])
            if unequal:
                blocks.append(network_block(grid, model, start, law, loads, scale, n_spins))
                continue
            whole = network(model.weakened(scale) if finite_size else model, None, None, start)
            blocks.append(model_block(grid, whole, start, law, loads, scale))
            if not finite_size:
                known, here = equations(model, law), [n_spins] if simulated else sizes
                axes = [name for name in grid.axes if name not in outer]
                _add_diagonal(grid, known, blocks[-1], loads, here, axes)
    lengths = [len(grid.axes[name]) for name in outer]
    variables = {}
    for name, (dims, values) in blocks[0].items():
        stacked = np.stack([block[name][1] for block in blocks])
        variables[name] = ((*outer, *dims), stacked.reshape((*lengths, *values.shape)))
    sized = sized or any("n_spins" in dims for dims, _ in variables.values())
    without = ("start",) if sized else ("start", "n_spins")
    dataset = xr.Dataset(variables, coords=coordinates(grid, without=without))
    dataset = dataset.transpose(*grid.axes, ..., missing_dims="ignore")
    return _described(dataset, grid.model)


def _predict_points(points: Grid, start: str | float, law: str, simulated: bool) -> xr.Dataset:
    """Compute what the theory says about scattered points, the boundaries at each of them."""
    cells = list(points.cells())
    if simulated and (loads := of_grid(points)):
        cells = [replace(c, alpha=a) for c, a in zip(cells, loads.alpha.tolist(), strict=True)]
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for rows, model in _networks(points, cells, start):
        state = {"T": np.array([cells[i].T for i in rows])}
        if cells[rows[0]].alpha is not None:
            state["alpha"] = np.array([cells[i].alpha for i in rows], dtype=float)
        alpha, T = state.get("alpha"), state["T"]
        found = follow(model, alpha, T, start, law)
        known = equations(model, law)
        at_points = cache(partial(_at_points, known, state))
        lines = {line.name: at_points(line.name) for line in predicted_lines(known)}
        if alpha is None:
            found["phase"] = of_patterns(known, T)
        else:
            found["phase"] = under_load(known, found, alpha, T, at_points, start)
            for n_spins in {cells[i].n_spins for i in rows}:
                if n_spins is None:
                    continue
                here = np.array([cells[i].n_spins == n_spins for i in rows])
                for name in ENERGIES:
                    found[name][here] += known.diagonal_energy(alpha[here], n_spins)
        found |= lines
        for name, block in found.items():
            components = points.components if block.ndim == 2 else {}
            shape: tuple[int, ...] = (len(cells), *components.values())
            dims: tuple[str, ...] = ("point", *components)
            empty = np.zeros(shape, block.dtype)
            if block.dtype.kind == "f":
                empty[...] = np.nan
            whole = variables.setdefault(name, (dims, empty))[1]
            whole[(rows, slice(block.shape[1])) if block.ndim == 2 else rows] = block
    dataset = xr.Dataset(variables, coords=coordinates(points, without=("n_spins",)))
    return _described(dataset, points.model)


def _networks(
    points: Grid, cells: list[Cell], start: str | float
) -> Iterator[tuple[list[int], Model]]:
    """Yield the numbers of scattered points whose theory is of one model, and it."""
    for _, model in points.models():
        rows = [i for i, cell in enumerate(cells) if cell.model == model]
        if model.uniform:
            yield rows, model
            continue
        of_each: dict[tuple[Any, ...], list[int]] = {}
        for i in rows:
            of_each.setdefault((cells[i].alpha, cells[i].n_spins), []).append(i)
        for (alpha, n_spins), here in of_each.items():
            yield here, network(model, alpha, n_spins, start)


def _at_points(known: Closure, state: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Return a line at scattered points."""
    values, place = np.unique(state[LINES[name].along], return_inverse=True)
    return np.asarray(known.line(name, values)[place])


def _described(predicted: xr.Dataset, model: Model) -> xr.Dataset:
    """Put words on every variable; under a load they say of which state it is."""
    predicted = describe(predicted, model)
    if "rsb" not in predicted:
        return predicted
    for name in FOLLOWED:
        predicted[name].attrs["comment"] += "; of the branch that is followed, NaN where it ends"
    for name in ENDED:
        predicted[name].attrs["comment"] += "; of the state in which chains end, named by phase"
    predicted["replicon"].attrs["comment"] += "; replica symmetric where rsb is 1, too"
    return predicted


def factor(model: Model, n_spins: float) -> float:
    """Return the couplings of a finite network in units of those of the infinite one.

    Raises
    ------
    ValueError
        For interactions without distinct indices.
    """
    if not hasattr(model, "order") or getattr(model, "indices", "distinct") != "distinct":
        raise ValueError(f"finite_size needs interactions with distinct indices, not {model!r}")
    return theory.conventions.weakness(model, int(n_spins))


def _add_diagonal(
    grid: Grid,
    known: Closure,
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]],
    loads: np.ndarray,
    sizes: list[int],
    axes: list[str],
) -> None:
    """Add the energy that depends on the size and not on the state, where there is one.

    Only along `axes`; there is one size where it is none of them.
    """
    if not loads.size or not sizes:
        return
    constants = np.stack([known.diagonal_energy(loads, n_spins) for n_spins in sizes], axis=-1)
    shift = xr.DataArray(constants, dims=("alpha", "n_spins"))
    shift = shift.squeeze([name for name in shift.dims if name not in axes])
    if "n_spins" in shift.dims and not _sized(grid):
        return
    for name in ENERGIES:
        shifted = xr.DataArray(variables[name][1], dims=variables[name][0]) + shift
        variables[name] = tuple(map(str, shifted.dims)), shifted.values


def _sized(grid: Grid) -> bool:
    """Return whether energies of any model of a grid depend on the size."""
    load = np.ones(1)
    known = (equations(model) for _, model in grid.models())
    return any(closure.diagonal_energy(load, 2).any() for closure in known)
