r"""Where a simulated overlap falls: profiles along one axis, and where they pass a level.

A *column* is a study at fixed values of all parameters but one.  Along that one the overlap
falls from a state with memory to one without: the two points around the
fall bracket the transition (`brackets`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from hebbian import Model, domain
from hebbian.streams import canonical
from phase_diagrams.layers import worst_layer
from phase_diagrams.loads import effective, of_network
from phase_diagrams.results import DONE, OVERLAPS
from phase_diagrams.times import check_single_time
from theory.closure import equations

__all__ = [
    "CRITERIA",
    "Profile",
    "axes",
    "axis_along",
    "checked_pattern",
    "columns",
    "first_crossing",
    "line_of",
    "profiles",
    "sample_crossings",
    "simulated_load",
]

#: What falls at a transition: the overlap, or the fraction of chains that keep theirs.
CRITERIA = ("overlap", "success")

Column = tuple[tuple[str, float], ...]


class Profile(NamedTuple):
    """Overlaps of one column, in ascending order of the axis.

    Along loads the axis is the one that was simulated, of whole numbers of patterns.

    Parameters
    ----------
    x, m, error : numpy.ndarray
        Shape (points,).
    samples : numpy.ndarray
        Shape (points, samples): means of every disorder sample; no column if unknown.
    round : numpy.ndarray of int
        Shape (points,): 0 for points of the grid, k for those of the k-th refinement.
    """

    x: np.ndarray
    m: np.ndarray
    error: np.ndarray
    samples: np.ndarray
    round: np.ndarray


def axes(tree: xr.DataTree) -> list[str]:
    """Return the axes on which a transition can be looked for, temperature and load first."""
    sizes = tree["simulation"].sizes
    found = [str(dim) for dim in sizes if sizes[dim] > 1]
    skipped = ("T", "alpha", "n_spins", *OVERLAPS, "sample", "t")
    others = [name for name in found if name not in skipped]
    return [name for name in ("T", "alpha", *others) if name in found]


def axis_along(tree: xr.DataTree, along: str | None = None) -> str:
    """Return the axis on which a transition is looked for.

    By default T, alpha, or the only axis, whichever is the first with two values.

    Raises
    ------
    ValueError
        If the study has no simulation, or no such axis, or several times.
    """
    if "simulation" not in tree.children:
        raise ValueError("the study has no simulation: there is no transition to look for")
    check_single_time(tree, "a transition")
    known = axes(tree)
    if not known:
        raise ValueError("no axis of the study has two values: there is no transition on it")
    if along is None:
        return known[0]
    return domain.choice("along", along, known)


def columns(tree: xr.DataTree, along: str) -> list[Column]:
    """Return the columns of the grid, whatever is known of their points."""
    simulation = tree["simulation"].to_dataset()
    others = [str(dim) for dim in simulation["status"].dims if dim != along]
    values = (simulation[name].values.tolist() for name in others)
    return [
        tuple((name, float(x)) for name, x in zip(others, chosen, strict=True))
        for chosen in itertools.product(*values)
    ]


def checked_pattern(tree: xr.DataTree, pattern: int) -> int:
    """Return the number of a pattern that the study has; any, if it does not tell them apart.

    Raises
    ------
    ValueError
        For any other.
    """
    sizes = tree["simulation"].sizes
    last = f"{sizes['pattern'] - 1}]" if "pattern" in sizes else "inf)"
    return domain.integer("pattern", pattern, f"[0, {last}")


def profiles(
    tree: xr.DataTree, along: str, pattern: int = 0, criterion: str = "overlap"
) -> dict[Column, Profile]:
    """Return the overlap of every column of a study, its refinements included.

    That of an assembly is the one of its worst layer.

    Parameters
    ----------
    tree : xarray.DataTree
    along : str
        Axis.
    pattern : int
        Pattern of networks that retrieve several.
    criterion : {"overlap", "success"}
        ``"success"``: in the place of the overlap the fraction of chains that stayed in the
        state in which they started, with its binomial error.

    Returns
    -------
    dict
        From the values of the other axes to the points that are done.
    """
    domain.choice("criterion", criterion, CRITERIA)
    pattern = checked_pattern(tree, pattern)
    found: dict[Column, list[tuple[Any, ...]]] = {}
    others = [str(dim) for dim in tree["simulation/status"].dims if dim != along]
    for group in ("simulation", "refinement/simulation"):
        if group.partition("/")[0] in tree.children:
            dataset = worst_layer(tree[group].to_dataset())
            if criterion == "success":
                dataset = _successes(dataset)
            for column, point in _points(dataset, along, others, pattern):
                found.setdefault(column, []).append(point)
    return {column: _profile(points) for column, points in found.items()}


def _profile(points: list[tuple[Any, ...]]) -> Profile:
    """Return the points of a column in order; of loads that are one network the first."""
    known: dict[float, tuple[Any, ...]] = {}
    for point in points:
        known.setdefault(float(canonical(point[0])), point)
    rows = sorted(known.values(), key=itemgetter(0))
    return Profile(*map(np.array, zip(*rows, strict=True)))


def _successes(dataset: xr.Dataset) -> xr.Dataset:
    """Put the fraction of chains that stayed, and its error, in the place of the overlap."""
    chains = dataset.attrs["n_samples"] * dataset.attrs["n_replicas"]
    stayed = 1 - (dataset["escaped"] + dataset["switched"])
    error = np.sqrt(stayed * (1 - stayed) / chains)
    return dataset.drop_vars("m_samples", errors="ignore").assign(m=stayed, m_err=error)


def _points(
    dataset: xr.Dataset, along: str, others: list[str], pattern: int
) -> Iterator[tuple[Column, tuple[Any, ...]]]:
    """Yield the points that are done: their column, and what a `Profile` keeps of them."""
    if "pattern" in dataset["m"].dims:
        dataset = dataset.isel(pattern=pattern)
    status = dataset["status"]
    where = {name: dataset[name].broadcast_like(status) for name in (*others, along)}
    if along == "alpha":
        where[along] = effective(dataset).broadcast_like(status).transpose(*status.dims)
    samples = dataset.get("m_samples")
    if samples is not None:
        samples = samples.transpose(..., "sample")
    for index in itertools.product(*(range(n) for n in status.shape)):
        if status.values[index] != DONE or not np.isfinite(dataset["m"].values[index]):
            continue
        column = tuple((name, float(where[name].values[index])) for name in others)
        yield (
            column,
            (
                where[along].values[index],
                dataset["m"].values[index],
                dataset["m_err"].values[index],
                np.empty(0) if samples is None else samples.values[index],
                dataset["round"].values[index] if "round" in dataset else 0,
            ),
        )


def first_crossing(
    x: np.ndarray, curves: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return crossing, width of its interval and fall inside, for curves (curve, point)."""
    below = curves < level
    i = below.argmax(axis=1)
    crosses = below.any(axis=1) & (i > 0)
    i = np.maximum(i, 1)
    rows = np.arange(len(curves))
    upper, lower = curves[rows, i - 1], curves[rows, i]
    width, fall = x[i] - x[i - 1], upper - lower
    with np.errstate(invalid="ignore", divide="ignore"):
        point = x[i - 1] + width * (upper - level) / fall
    return np.where(crosses, point, np.nan), width, fall


def sample_crossings(profile: Profile, level: float) -> np.ndarray:
    """Return where the overlap of every disorder sample passes a level: shape (samples,).

    The first crossing seen from the end with the larger overlap; NaN for a sample that never
    passes it.
    """
    x, curves = profile.x, np.abs(profile.samples.T)
    if abs(profile.m[0]) < abs(profile.m[-1]):
        return -first_crossing(-x[::-1], curves[:, ::-1], level)[0]
    return first_crossing(x, curves, level)[0]


def line_of(
    tree: xr.DataTree, along: str, column: Column, theory: xr.Dataset | None = None
) -> float:
    """Return where the theory's line crosses a column; NaN where there is none.

    The line is that of the load that was simulated.

    Parameters
    ----------
    tree : xarray.DataTree
    along : str
    column : tuple
    theory : xarray.Dataset, optional
        Prediction in the place of the study's own (`simulated_theory.prediction_of`).
    """
    anew = theory is not None
    if theory is None:
        if "theory" not in tree.children:
            return np.nan
        theory = tree["theory"].to_dataset()
    random = tree["simulation"].attrs["start"] == "random"
    names = {"T": "glass_temperature" if random else "spinodal_temperature"}
    if not random:
        names["alpha"] = "critical_load"
    line = theory.get(names.get(along, ""))
    if line is None:
        return np.nan
    where = {name: value for name, value in column if name in line.dims}
    # Refined along another axis, the study has columns that its grid has not.
    known = all(value in line.indexes[name] for name, value in where.items())
    if not known or set(where) != set(line.dims):
        return np.nan
    if anew or along != "T" or (load := simulated_load(tree, column)) is None:
        return float(line.sel(where))
    model, alpha = load
    return _line(model, theory.attrs.get("law", "binomial"), str(line.name), alpha)


@lru_cache(maxsize=4096)
def _line(model: Model, law: str, name: str, alpha: float) -> float:
    return float(equations(model, law).line(name, np.array([alpha]))[0])


def simulated_load(
    tree: xr.DataTree, column: Column, alpha: float | None = None
) -> tuple[Model, float] | None:
    """Return the model of a column and the load of its networks; None where it is the load named.

    Parameters
    ----------
    tree : xarray.DataTree
    column : tuple
    alpha : float, optional
        Load, where it is none of the column's own.
    """
    simulation = tree["simulation"].to_dataset()
    fixed = {n: x.item() for n, x in simulation.coords.items() if x.ndim == 0}
    at = {str(name): float(canonical(x)) for name, x in (fixed | dict(column)).items()}
    alpha = at.get("alpha") if alpha is None else alpha
    if alpha is None or "n_spins" not in at:
        return None
    model = Model.build(json.loads(simulation.attrs["model"]))
    model = model.replace(**{n: x for n, x in at.items() if n in model.parameters()})
    load = of_network(model, alpha, int(at["n_spins"]))[1]
    return None if load == alpha else (model, load)
