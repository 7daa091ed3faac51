"""The boundary that a simulation shows, beside the one of the theory."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from hebbian import domain
from hebbian.calling import checked

from .brackets import bracket
from .crossings import (
    Column,
    Profile,
    axis_along,
    columns,
    first_crossing,
    line_of,
    profiles,
    sample_crossings,
    simulated_load,
)
from .expectations import flagged
from .simulated_theory import prediction_of

__all__ = ["Reason", "boundary"]

#: Confidence of the interval in which the theory's line is looked for.
LEVEL = 0.95


class Reason(IntEnum):
    """Why a column has no boundary."""

    FOUND = 0
    TOO_FEW_POINTS = 1
    NO_FALL = 2


@checked
def boundary(
    tree: xr.DataTree,
    along: str | None = None,
    pattern: int = 0,
    criterion: str = "overlap",
    *,
    finite_size: bool = False,
) -> xr.Dataset:
    r"""Compare the transition of the simulation with the theory's line, column by column.

    Parameters
    ----------
    tree : xarray.DataTree
        A study with a simulation, refined or not; of an assembly it is that of the worst layer.
    along : str, optional
        Axis of the transition; default T, then alpha.
    pattern : int
        Pattern of networks that retrieve several.
    criterion : {"overlap", "success"}
        Look for the fall of m, or of the fraction of chains that did not leave the state in
        which they started (1 - ``escaped`` - ``switched``).
    finite_size : bool
        The theory's line for the couplings of the finite network: that of the infinite one at
        :math:`\alpha/\Pi, T/\Pi`, in units of :math:`\Pi = \prod_{k<P}(1 - k/N)`.

    Returns
    -------
    xarray.Dataset
        One row for every column of the grid: ``low`` and ``high``, the points that bracket
        the fall; ``simulation``, where m of a disorder sample falls below the middle between
        both, mean over the samples that cross it (a fraction ``crossed``), halfway between low
        and high where samples are not told apart; ``error``, the standard error over samples
        and the resolution of the grid in quadrature; ``theory``, its line (spinodal, or
        glass temperature for chains started at random; NaN if there is none); ``distance``,
        simulation / theory - 1; ``inside``, whether the line runs between low and high, where
        these are neighbours, or within half a step of the grid from the crossing, where m
        falls gradually, give or take the error of the samples at 95 %; ``reason``: ``found``, or
        why all of these are NaN: ``too_few_points`` that are done, or ``no_fall`` of m beyond
        its noise.  Loads are those that were simulated, of whole numbers of patterns: places along
        alpha, and ``alpha_effective`` of a column along T, at which the line is taken.

    Raises
    ------
    ValueError
        If the study has no simulation or no axis with two values; if `finite_size` is asked of
        a model without distinct indices.

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
    finite_size = domain.boolean("finite_size", finite_size)
    theory = prediction_of(tree, finite_size=True) if finite_size else None
    known = profiles(tree, along, pattern, criterion)
    rows = [
        _row(column, known.get(column), line_of(tree, along, column, theory))
        for column in sorted({*columns(tree, along), *known})
    ]
    names = [name for name, _ in columns(tree, along)[0]]
    table = xr.Dataset(
        {name: ("column", np.array([row[name] for row in rows])) for name in NUMBERS},
        coords={name: ("column", np.array([row[name] for row in rows])) for name in names},
        attrs={"along": along, "criterion": criterion, "finite_size": int(finite_size)},
    )
    table["distance"] = table["simulation"] / table["theory"] - 1
    table["inside"] = (table["from"] <= table["theory"]) & (table["theory"] <= table["to"])
    table["reason"] = flagged(table["reason"], Reason)
    if along != "T" or "alpha" not in tree["simulation"].coords:
        return table[[*SHOWN]]
    loads = [_load(tree, column) for column in sorted({*columns(tree, along), *known})]
    table["alpha_effective"] = ("column", np.array(loads))
    return table[[*SHOWN, "alpha_effective"]]


NUMBERS = ("low", "high", "simulation", "error", "theory", "from", "to", "crossed", "reason")
SHOWN = (
    "low", "high", "simulation", "error", "theory", "distance", "inside", "crossed", "reason",
)  # fmt: skip


def _load(tree: xr.DataTree, column: Column) -> float:
    """Return the load of the networks of a column."""
    found = simulated_load(tree, column)
    named = dict(column).get("alpha", tree["simulation"].coords["alpha"])
    return float(named) if found is None else found[1]


def _row(column: Column, profile: Profile | None, line: float) -> dict[str, float]:
    """Return the boundary of one column."""
    row: dict[str, float] = {**dict(column), **dict.fromkeys(NUMBERS, np.nan), "theory": line}
    grid_points = 0 if profile is None else int((profile.round == 0).sum())
    if profile is None or grid_points < 2:
        return {**row, "reason": Reason.TOO_FEW_POINTS}
    here = bracket(profile, line)
    if here is None:
        return {**row, "reason": Reason.NO_FALL}
    row |= {"low": here.low, "high": here.high, "reason": Reason.FOUND}
    crossings = sample_crossings(profile, here.level)
    found = crossings[np.isfinite(crossings)]
    if found.size < 2:
        middle, error = (here.low + here.high) / 2, here.width / np.sqrt(12)
        return row | {"simulation": middle, "error": error, "from": here.low, "to": here.high}
    step, mean = _step(profile, here.level), float(found.mean())
    spread = float(found.std(ddof=1)) / np.sqrt(found.size)
    reach = spread * float(stdtrit(found.size - 1, (1 + LEVEL) / 2))
    first, last = here.low, here.high
    if ((here.low < profile.x) & (profile.x < here.high)).any():
        first, last = mean - step / 2, mean + step / 2
    return row | {
        "simulation": mean,
        "error": float(np.hypot(spread, step / np.sqrt(12))),
        "from": first - reach,
        "to": last + reach,
        "crossed": found.size / crossings.size,
    }


def _step(profile: Profile, level: float) -> float:
    """Return the part of the step of the grid within which a jump could stand anywhere."""
    x, mean = profile.x, np.abs(profile.m)[None]
    if mean[0, 0] < mean[0, -1]:
        x, mean = -x[::-1], mean[:, ::-1]
    _, width, fall = (float(a[0]) for a in first_crossing(x, mean, level))
    return width * min(abs(fall) / (2 * level), 1.0)
