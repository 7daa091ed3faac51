"""The axis of time: studies of trajectories, and what the theory has a law of along it.

The theory describes all spins at once (``parallel``, ``parallel-diagonal``) and, in continuous
time, single spins in random order by heat bath: ``glauber`` with ``site_order="random"``, whose
sweep is the unit of time.  In another order of the visits the curves differ on their way.  At T = 0
that is ``zero-temperature``, too, which leaves spins without a field alone where the heat bath
draws a coin: under a load there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hebbian import domain

from .grid import Grid
from .settings import Settings

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["check_single_time", "has_times", "law_of"]

#: Dynamics of the simulation -> the law of the theory for it.
LAWS = {
    "parallel": "parallel",
    "parallel-diagonal": "parallel-diagonal",
    "glauber": "glauber",
    "zero-temperature": "glauber",
}


def law_of(grid: Grid, settings: Settings) -> str:
    """Return the dynamics of `theory.trajectory` that describes the simulation of a study.

    Raises
    ------
    ValueError
        If there is none; the line says how to go without it.
    """
    dynamics, without = settings.dynamics, "or theory=False (theory = false under settings)"
    if settings.simulate:
        from montecarlo.dynamics import DYNAMICS, SITE_ORDERS

        domain.choice("dynamics", dynamics, (*DYNAMICS, *LAWS))
        domain.choice("site_order", settings.site_order, SITE_ORDERS)
    law = LAWS.get(dynamics)
    if law is None:
        raise ValueError(
            f"dynamics = {dynamics!r} has no theory along n_steps: choose one of "
            f"{', '.join(LAWS)}, {without}"
        )
    if law == "glauber" and settings.simulate and settings.site_order != "random":
        raise ValueError(
            f"site_order = {settings.site_order!r}: the theory along n_steps is of sites in random "
            f"order: choose site_order='random', {without}"
        )
    if dynamics == "zero-temperature" and any(grid.values("T")):
        raise ValueError(
            f"dynamics = 'zero-temperature' has a theory along n_steps at T = 0 alone: choose "
            f"T = 0 or dynamics='glauber', {without}"
        )
    if dynamics == "zero-temperature" and not grid.values("alpha"):
        raise ValueError(
            "dynamics = 'zero-temperature' leaves spins without a field alone, of which there are "
            f"many without a load: choose dynamics='glauber', {without}"
        )
    return law


def has_times(tree: xr.DataTree) -> bool:
    """Return whether a study keeps trajectories."""
    return any("t" in node.dims for node in tree.subtree)


def check_single_time(tree: xr.DataTree, what: str) -> None:
    """Refuse a study of trajectories where numbers at one time are needed.

    Parameters
    ----------
    tree : xarray.DataTree
    what : str
        What needs them.

    Raises
    ------
    ValueError
        Saying how to choose a time.
    """
    if has_times(tree):
        raise ValueError(f"{what} is of one time, and the study has an axis t: tree.sel(t=...)")
