"""What the theory predicts along time: overlaps of an infinite network from the start on."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from theory.closure import equations

from .grid import Grid
from .loads import of_grid, of_network
from .points import STATE
from .prediction import factor, predict
from .schema import coordinates, describe, with_times
from .settings import Settings
from .times import law_of

__all__ = ["predict_trajectories", "predicted", "start_of"]

#: What of a trajectory is kept.
KEPT = ("m", "m_err", "n", "n_err")

#: Parameters that one call of the theory takes as arrays.
SWEPT = ("alpha", "T", "start")


def predicted(grid: Grid, settings: Settings, **anew: bool) -> xr.Dataset:
    """Compute what the theory says about a study, whatever it keeps of its points.

    Parameters
    ----------
    grid : Grid
    settings : Settings
    **anew : bool
        ``finite_size`` and ``simulated``, as for `phase_diagrams.prediction.predict`.
    """
    if settings.n_steps is None:
        return predict(grid, settings.start, settings.law, **anew)
    return predict_trajectories(grid, settings, **anew)


def predict_trajectories(
    grid: Grid,
    settings: Settings,
    *,
    finite_size: bool = False,
    simulated: bool = False,
    **course: Any,
) -> xr.Dataset:
    r"""Compute the trajectories that the theory predicts on a grid.

    Parameters
    ----------
    grid : Grid
    settings : Settings
        With `n_steps`.
    finite_size : bool
        Of the infinite network with the couplings of the finite one: fields are those of load
        :math:`\alpha/\Pi` and temperature :math:`T/\Pi`, times :math:`\Pi`.
    simulated : bool
        Take every load at which networks of ``n_spins`` are in its place.
    **course
        How `theory.trajectory` follows it: `method`, `n_trajectories`, `time_step`, `n_threads`.

    Returns
    -------
    xarray.Dataset
        On the coordinates of the grid (without ``n_spins`` unless `finite_size` or `simulated`)
        and ``t``: m and n, and their sampling errors, 0 where they are exact.

    Raises
    ------
    ValueError
        If the model, the dynamics or the start has no theory along time; if `finite_size` is asked
        of interactions without distinct indices, or of scattered points.
    """
    law, sized = law_of(grid, settings), finite_size or simulated
    if grid.scattered and finite_size:
        raise ValueError("finite_size needs a rectangular grid, not scattered points")
    if grid.scattered:
        variables = _scattered(grid, settings, law, simulated, course)
    else:
        sizes = [int(n) for n in grid.values("n_spins")] if sized else []
        outer = [n for n in grid.axes if n not in STATE or (n == "n_spins" and sized)]
        swept = [name for name in grid.axes if name in SWEPT]
        blocks = []
        for _, model in grid.models():
            for n_spins in sizes or [0]:
                scale = factor(model, n_spins) if finite_size else 1.0
                values = {name: np.array(grid.values(name)) for name in SWEPT}
                if simulated:
                    loads = [of_network(model, alpha, n_spins)[1] for alpha in values["alpha"]]
                    values["alpha"] = np.array(loads)
                mesh = np.meshgrid(*(values[name] for name in swept), indexing="ij")
                state = {name: x[0] for name, x in values.items() if x.size}
                state |= dict(zip(swept, mesh, strict=True))
                for name in ("alpha", "T"):
                    if name in state:
                        state[name] = state[name] / scale
                blocks.append(_solved(grid, model, settings, law, state | course))
        shape = [len(grid.axes[name]) for name in outer]
        variables = {}
        for name in KEPT:
            stacked = np.stack([block[name] for block in blocks])
            dims = (*outer, *swept, *_own(grid))
            variables[name] = (dims, stacked.reshape(*shape, *stacked.shape[1:]))
    dataset = xr.Dataset(variables, coords=coordinates(grid, without=() if sized else ("n_spins",)))
    dataset = dataset.transpose(*grid.axes, ..., missing_dims="ignore")
    return _described(dataset, grid.model)


def _own(grid: Grid) -> tuple[str, ...]:
    """Return the axes of a trajectory beyond those of the grid."""
    return (*grid.components, "t")


def _scattered(
    points: Grid, settings: Settings, law: str, simulated: bool, course: dict[str, Any]
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return dimensions and values of every variable at scattered points."""
    cells = list(points.cells())
    loads = of_grid(points) if simulated else None
    blocks: dict[str, np.ndarray] = {}
    for _, model in points.models():
        rows = [i for i, cell in enumerate(cells) if cell.model == model]
        state = {"T": np.array([cells[i].T for i in rows])}
        if cells[rows[0]].alpha is not None:
            named = [cells[i].alpha for i in rows]
            state["alpha"] = np.array(named, float) if loads is None else loads.alpha[rows]
        if cells[rows[0]].start is not None:
            state["start"] = np.array([cells[i].start for i in rows], float)
        for name, values in _solved(points, model, settings, law, state | course).items():
            empty = np.full((len(cells), *values.shape[1:]), np.nan)
            blocks.setdefault(name, empty)[rows] = values
    return {name: (("point", *_own(points)), values) for name, values in blocks.items()}


def _solved(
    grid: Grid, model: Model, settings: Settings, law: str, state: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Solve one model at arrays of states, in keywords: axes of these, [pattern,] t."""
    start = state.pop("start", settings.start)
    found = theory.trajectory(
        model,
        start=start_of(model, start, settings.law),
        n_steps=settings.n_steps or 0,
        dynamics=law,
        law=settings.law,
        seed=settings.seed,
        **state,
    )
    kept = {name: np.asarray(getattr(found, name)) for name in KEPT}
    if not grid.components:
        return kept
    return {name: _of_components(values, grid) for name, values in kept.items()}


def start_of(model: Model, start: Any, law: str) -> Any:
    """Return a start as the theory takes it: networks of several patterns have overlaps with all.

    Parameters
    ----------
    model : Model
    start : str or array_like
        A name, or overlaps with the first pattern.
    law : str
    """
    if isinstance(start, str) or not model.retrieves_several:
        return start
    known = equations(model, law)
    overlaps = [known.start_overlaps(x) for x in np.ravel(start)]
    return np.reshape(overlaps, (*np.shape(start), -1))


def _of_components(values: np.ndarray, grid: Grid) -> np.ndarray:
    """Put patterns or layers, in number those of the grid, before the times."""
    (length,) = grid.components.values()
    values = np.moveaxis(values, -1, -2)
    missing = length - values.shape[-2]
    width = [(0, 0)] * (values.ndim - 2) + [(0, missing), (0, 0)]
    return np.pad(values, width, constant_values=np.nan)


def _described(dataset: xr.Dataset, model: Model) -> xr.Dataset:
    """Put words on every variable; the errors are those of the theory."""
    dataset = with_times(describe(dataset, model))
    for name in ("m", "n"):
        dataset[name].attrs["comment"] += "; of the infinite network"
        words = f"sampling error of the {dataset[name].attrs['long_name']}"
        comment = "of the trajectories that the theory samples, 0 where it is exact"
        dataset[f"{name}_err"].attrs |= {"long_name": words, "comment": comment}
    return dataset
