r"""Spend points where the physics is: at the transition.

Every column of the grid is bisected around its fall of the overlap (`crossings`), the widest
bracket first.  Where the theory's line runs inside a bracket the longer side is cut off just
beyond the line instead: if the theory is right two points narrow the bracket sixteen times,
if it is wrong one point is wasted and bisection goes on.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import Executor
from typing import Any

import xarray as xr

from hebbian import domain
from hebbian.calling import checked
from hebbian.streams import canonical
from phase_diagrams.grid import Grid
from phase_diagrams.stores.opening import tree_of
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps.executors import open_executor
from phase_diagrams.sweeps.running import check_observables, complete, finish

from .brackets import Bracket, bracket
from .crossings import Column, axis_along, checked_pattern, line_of, profiles, simulated_load

__all__ = ["MOST_BUDGET", "gain", "refine"]

#: Points of one refinement: more belong in the grid.
MOST_BUDGET = "[1, 100000]"

#: How far beyond the theory's line a bracket is cut, in units of its width.
MARGIN = 1 / 32


@checked
def refine(
    path: str | os.PathLike[str],
    budget: int | None = None,
    *,
    along: str | None = None,
    pattern: int = 0,
    executor: str | Executor = "serial",
    resume: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Spend `budget` points near the transition of a stored study.

    The points go into the same store, under ``refinement``; no existing number changes, and
    each has the bits that it would have as a point of a grid.

    Parameters
    ----------
    path : path-like
        A finished study with a simulation.
    budget : int, optional
        Points to spend; fewer are spent once all columns are resolved.  Needed unless an
        interrupted refinement is resumed.
    along : str, optional
        Axis on which the transition is narrowed down; default T, then alpha.
    pattern : int
        Pattern of networks that retrieve several.
    executor : str or concurrent.futures.Executor
        As for `phase_diagrams.sweep`.
    resume : bool
        Go on with an interrupted refinement.
    progress : bool
        Show a progress bar, in a terminal or a notebook.

    Returns
    -------
    xarray.DataTree
        The study; the attributes of its group ``refinement`` are those of `gain`.

    Raises
    ------
    ValueError
        If the store is unfinished, has no simulation or keeps trajectories, if no column has a
        transition, if
        an earlier refinement was interrupted and `resume` is not set, or if it is set and
        there is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import montecarlo, phase_diagrams
    >>> from hebbian import Hopfield
    >>> schedule = montecarlo.Schedule(warmup=20, sweeps=100)
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/h.zarr"
    ...     grid = {"alpha": 0.03, "T": [0.1, 0.4, 0.7, 1.0]}
    ...     tree = phase_diagrams.sweep(
    ...         Hopfield(), grid, n_spins=300, schedule=schedule, out=path
    ...     )
    ...     tree = phase_diagrams.refine(path, 3)
    >>> tree["refinement"].attrs["points"]
    3
    """
    store = Store(path)
    study = store.study()
    if not study.settings.simulate:
        raise ValueError(f"{store.path} has no simulation: there is nothing to refine")
    if study.settings.n_steps is not None:
        raise ValueError(f"{store.path} keeps trajectories: there is no transition to refine")
    if budget is None and not resume:
        raise ValueError(f"budget is missing: a number of points in {MOST_BUDGET}")
    spend = 0 if budget is None else domain.integer("budget", budget, MOST_BUDGET)
    tree = tree_of(store)
    along, pattern = axis_along(tree, along), checked_pattern(tree, pattern)
    counts, added = store.counts(), store.refined()
    n_open = counts["pending"] + counts["damaged"]
    if n_open:
        raise ValueError(f"{store.path} has {n_open} points pending: finish the sweep first")
    if added["pending"] + added["damaged"] and not resume:
        raise ValueError(f"{store.path} has an interrupted refinement: resume it (--resume)")
    if not _brackets(tree, along, pattern):
        raise ValueError(f"m does not fall along {along} anywhere: there is nothing to refine")
    # Of an interrupted call nothing may be there but its number: the same call is that one again.
    total = added["asked"] + spend if resume else max(added["asked"], added["points"] + spend)
    if not total:
        raise ValueError(f"{store.path} has no refinement to resume: give it a budget")
    with store.lock(), open_executor(executor) as pool:
        check_observables(store.study())
        store.note(asked=total)
        complete(store, pool, progress=progress)
        while (left := total - store.refined()["points"]) > 0:
            batch = _proposals(tree_of(store), along, pattern)[:left]
            if not batch:
                store.note(asked=store.refined()["points"])
                break
            store.add_round(_points(store.study().grid, batch))
            complete(store, pool, progress=progress)
        finish(store)
    tree = tree_of(store)
    if "refinement" not in tree.children:
        raise ValueError(f"no value along {along} is left between those of the study")
    tree["refinement"].attrs = gain(tree, along, pattern)
    return tree


def _brackets(tree: xr.DataTree, along: str, pattern: int) -> dict[Any, Bracket]:
    """Return the bracket of every column that has one."""
    found = {}
    for column, profile in profiles(tree, along, pattern).items():
        here = bracket(profile, line_of(tree, along, column))
        if here is not None:
            found[column] = here
    return found


def _proposals(tree: xr.DataTree, along: str, pattern: int) -> list[dict[str, float]]:
    """Return one new point for every column whose bracket is among the widest.

    Once all brackets are lost in the noise: one inside the largest gap of every fall.
    """
    taken = {
        column: {float(canonical(x)) for x in profile.x}
        for column, profile in profiles(tree, along, pattern).items()
    }
    bisecting: dict[Any, tuple[float, float]] = {}
    filling: dict[Any, tuple[float, float]] = {}
    for column, here in _brackets(tree, along, pattern).items():
        if not here.resolved:
            x = _next(here.low, here.high, line_of(tree, along, column), along)
            x = _possible(tree, column, along, x)
            if x not in taken[column]:
                bisecting[column] = (here.width, x)
                continue
        x = _possible(tree, column, along, _next(*here.gap, math.nan, along))
        if x not in taken[column]:
            filling[column] = (here.gap[1] - here.gap[0], x)
    wanted = bisecting or filling
    widest = max((width for width, _ in wanted.values()), default=0.0)
    order = sorted(wanted, key=lambda column: (-wanted[column][0], column))
    return [
        {**dict(column), along: wanted[column][1]}
        for column in order
        if wanted[column][0] >= widest / 2
    ]


def _next(low: float, high: float, line: float, along: str) -> float:
    """Return where to look next: beside the theory's line, or halfway."""
    margin = MARGIN * (high - low)
    x = (low + high) / 2
    if low + margin < line < high - margin:
        x = line + margin if high - line > line - low else line - margin
    return round(x) if along in ("n_spins", "n_examples") else float(canonical(x))


def _possible(tree: xr.DataTree, column: Column, along: str, x: float) -> float:
    """Return the place that a network can have: a load of a whole number of patterns."""
    found = simulated_load(tree, column, x) if along == "alpha" else None
    return x if found is None else float(canonical(found[1]))


def _points(grid: Grid, batch: list[dict[str, float]]) -> Grid:
    columns = {name: [point[name] for point in batch] for name in grid.axes}
    return Grid(grid.model, {"points": columns, **{n: grid.labels[n] for n in grid.fixed}})


def gain(tree: xr.DataTree, along: str, pattern: int = 0) -> dict[str, Any]:
    """Say what the refinement of a study gained over a uniform grid.

    Parameters
    ----------
    tree : xarray.DataTree
        A study with a group ``refinement``.
    along : str
        Axis on which it was refined.
    pattern : int
        Pattern of networks that retrieve several.

    Returns
    -------
    dict
        ``points`` spent, ``bisecting`` of them to narrow brackets (the rest lies inside the
        falls once those are lost in the noise); ``columns`` with a transition, ``resolved``
        of them down to the noise; mean ``width_before`` and ``width_after`` of their
        brackets; ``uniform_points`` that equally spaced points inside the same brackets
        would have needed for these widths; ``gain`` = uniform_points / bisecting;
        ``summary``, a sentence.
    """
    after = _brackets(tree, along, pattern)
    bare = xr.DataTree.from_dict(
        {name: child.to_dataset() for name, child in tree.children.items() if name != "refinement"}
    )
    before = _brackets(bare, along, pattern)
    points = tree["refinement/simulation"].sizes["point"] if "refinement" in tree.children else 0
    uniform = sum(
        math.ceil(round(before[column].width / after[column].width, 6)) - 1 for column in after
    )
    count = max(len(after), 1)
    bisecting = sum(here.spent for here in after.values())
    found: dict[str, Any] = {
        "along": along,
        "points": points,
        "bisecting": bisecting,
        "columns": len(after),
        "resolved": sum(bool(here.resolved) for here in after.values()),
        "width_before": sum(here.width for here in before.values()) / count,
        "width_after": sum(here.width for here in after.values()) / count,
        "uniform_points": uniform,
        "gain": uniform / bisecting if bisecting else math.nan,
    }
    found["summary"] = (
        f"{len(after)} columns have a transition along {along}. {bisecting} of {points} points "
        f"narrowed its bracket from {found['width_before']:.3g} to {found['width_after']:.3g} on "
        f"average; equally spaced points would have needed {uniform}, {found['gain']:.3g} times "
        f"as many. In {found['resolved']} columns the fall is now as sharp as size, length of "
        f"the chains and number of samples allow; {points - bisecting} points lie inside falls."
    )
    return found
