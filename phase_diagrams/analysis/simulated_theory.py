"""The theory of what was simulated: at the loads that the networks of a study have.

The stored theory is of the loads that the grid names.  A network has a whole number of
patterns (`phase_diagrams.loads`): where its load is another, the theory is solved there.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from hebbian import Model
from phase_diagrams.grid import Grid
from phase_diagrams.loads import effective, rounded
from phase_diagrams.prediction import predict
from phase_diagrams.results import OVERLAPS
from phase_diagrams.settings import Described
from phase_diagrams.trajectory_prediction import predict_trajectories

__all__ = ["grid_of", "prediction_of"]


def prediction_of(tree: xr.DataTree, *, finite_size: bool = False) -> xr.Dataset:
    """Return the theory of a study at the loads that were simulated.

    Parameters
    ----------
    tree : xarray.DataTree
        With groups ``theory`` and ``simulation``; a selection of a study is one, too.
    finite_size : bool
        With the couplings of the finite networks, everywhere anew.

    Returns
    -------
    xarray.Dataset
        The stored theory where the loads are those of the grid; variables that are solved at
        others may have the axes ``n_spins`` and of parameters of the model in addition.

    Raises
    ------
    ValueError
        If `finite_size` is asked of a model without distinct indices.
    """
    simulation = tree["simulation"].to_dataset().drop_dims("sample", errors="ignore")
    anew = {"simulated": rounded(simulation), "finite_size": finite_size}
    if not any(anew.values()):
        return tree["theory"].to_dataset()
    if finite_size:
        return _predicted(simulation, **anew)
    stored = tree["theory"].to_dataset()
    axis = next((dim for dim in ("point", "alpha") if dim in simulation.dims), None)
    where = {}
    if axis is not None:
        other = effective(simulation) != simulation["alpha"]
        here = other.any([dim for dim in other.dims if dim != axis])
        where = {axis: np.flatnonzero(here.values)}
    solved = _predicted(simulation.isel(where), **anew)
    return stored.assign(
        {
            name: _replaced(stored[name], variable, where)
            for name, variable in solved.data_vars.items()
            if name in stored and (axis is None or axis in variable.dims)
        }
    )


def _predicted(simulation: xr.Dataset, **anew: bool) -> xr.Dataset:
    """Return the theory of a simulation, at its times where it has any."""
    grid, attributes = grid_of(simulation), simulation.attrs
    if "t" not in simulation.coords:
        found = predict(grid, attributes["start"], attributes["law"], **anew)
    else:
        settings = Described.of(attributes["study"])[2]
        found = predict_trajectories(grid, settings, **anew).sel(t=simulation["t"])
    return found.sel(layer=simulation["layer"]) if "layer" in found.coords else found


def _replaced(
    stored: xr.DataArray, solved: xr.DataArray, where: dict[str, np.ndarray]
) -> xr.DataArray:
    """Return a variable with what was solved at some loads in the place of what was stored."""
    found = stored.broadcast_like(solved.isel(dict.fromkeys(where, 0))).transpose(*solved.dims)
    found = found.copy(deep=True)
    found[where] = solved.values
    return found


def grid_of(simulation: xr.Dataset) -> Grid:
    """Return the grid of a study, or of what was selected of it."""
    values: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    for name, coordinate in simulation.coords.items():
        if name not in (*OVERLAPS, "point", "t"):
            swept = "point" in coordinate.dims
            (columns if swept else values)[str(name)] = np.asarray(coordinate).tolist()
    points = {"points": columns} if columns else {}
    return Grid(Model.build(json.loads(simulation.attrs["model"])), {**values, **points})
