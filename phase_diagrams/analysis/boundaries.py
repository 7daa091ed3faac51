"""The boundary that a simulation shows, beside the one of the theory."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .crossings import axis_along, bracket, line_of, profiles

__all__ = ["boundary"]


def boundary(
    tree: xr.DataTree,
    along: str | None = None,
    pattern: int = 0,
    criterion: str = "overlap",
) -> xr.Dataset:
    """Compare the transition of the simulation with the theory's line, column by column.

    Parameters
    ----------
    tree : xarray.DataTree
        A study with a simulation, refined or not.
    along : str, optional
        Axis of the transition; default T, then alpha.
    pattern : int
        Pattern of networks that retrieve several.
    criterion : {"overlap", "success"}
        Look for the fall of m, or of the fraction of chains that did not leave the state in
        which they started (1 - ``escaped``).

    Returns
    -------
    xarray.Dataset
        One row per column of the grid in which it falls: ``low`` and ``high``, the points
        that bracket the fall; ``simulation``, halfway; ``theory``, its line (spinodal, or
        glass temperature for chains started at random; NaN if there is none); ``distance``,
        simulation / theory - 1; ``inside``, whether the line runs inside the bracket.

    Raises
    ------
    ValueError
        If the study has no simulation or no axis with two values.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": 0.02, "T": [0.2, 0.5, 0.8, 1.1]}
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, n_spins=300)
    >>> found = boundary(tree)
    >>> found["low"].values, found["high"].values
    (array([0.5]), array([0.8]))
    """
    along = axis_along(tree, along)
    rows = []
    for column, profile in sorted(profiles(tree, along, pattern, criterion).items()):
        line = line_of(tree, along, column)
        here = bracket(profile, line)
        if here is not None:
            rows.append({**dict(column), "low": here.low, "high": here.high, "theory": line})
    names = [name for name in (rows[0] if rows else {}) if name not in ("low", "high", "theory")]
    table = xr.Dataset(
        {n: ("column", np.array([row[n] for row in rows])) for n in ("low", "high", "theory")},
        coords={name: ("column", np.array([row[name] for row in rows])) for name in names},
        attrs={"along": along, "criterion": criterion},
    )
    table["simulation"] = (table["low"] + table["high"]) / 2
    table["distance"] = table["simulation"] / table["theory"] - 1
    table["inside"] = (table["low"] <= table["theory"]) & (table["theory"] <= table["high"])
    return table[["low", "high", "simulation", "theory", "distance", "inside"]]
