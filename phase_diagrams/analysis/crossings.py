r"""Where a simulated overlap falls: profiles along one axis, and the bracket of the fall.

A *column* is a study at fixed values of all parameters but one.  Along that one the overlap
falls from a state with memory to one without; the pair of neighbouring points around the
fall *brackets* the transition.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from hebbian import domain
from phase_diagrams.results import DONE

__all__ = [
    "CRITERIA",
    "Bracket",
    "Profile",
    "axes",
    "axis_along",
    "bracket",
    "checked_pattern",
    "columns",
    "first_crossing",
    "line_of",
    "profiles",
    "sample_crossings",
]

#: A fall of the overlap that is smaller than this many of its standard errors is noise.
SIGNIFICANT = 2.0

#: Of a fall over several points, which may be any of many pairs.
VERY_SIGNIFICANT = 3.0

#: A fall smaller than this is no transition.
SMALLEST_FALL = 0.05

#: What falls at a transition: the overlap, or the fraction of chains that keep theirs.
CRITERIA = ("overlap", "success")

Column = tuple[tuple[str, float], ...]


class Profile(NamedTuple):
    """Overlaps of one column, in ascending order of the axis.

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


@dataclass(frozen=True)
class Bracket:
    """Two points between which the overlap passes a level.

    Parameters
    ----------
    low, high : float
        The interval.
    level : float
        Overlap halfway between the ends of the grid's interval.
    resolved : bool
        Whether the fall inside is lost in the noise: the transition is as sharp as the size
        of the network and the number of samples allow.
    gap : tuple of float
        The neighbours with the largest fall inside the interval of the grid.
    spent : int
        Points of refinements that narrowed the interval.
    """

    low: float
    high: float
    level: float
    resolved: bool
    gap: tuple[float, float]
    spent: int

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.high - self.low


def axes(tree: xr.DataTree) -> list[str]:
    """Return the axes on which a transition can be looked for, temperature and load first."""
    sizes = tree["simulation"].sizes
    found = [str(dim) for dim in sizes if sizes[dim] > 1]
    others = [name for name in found if name not in ("T", "alpha", "n_spins", "pattern", "sample")]
    return [name for name in ("T", "alpha", *others) if name in found]


def axis_along(tree: xr.DataTree, along: str | None = None) -> str:
    """Return the axis on which a transition is looked for.

    By default T, alpha, or the only axis, whichever is the first with two values.

    Raises
    ------
    ValueError
        If the study has no simulation, or no such axis.
    """
    if "simulation" not in tree.children:
        raise ValueError("the study has no simulation: there is no transition to look for")
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
            dataset = tree[group].to_dataset()
            if criterion == "success":
                dataset = _successes(dataset)
            for column, point in _points(dataset, along, others, pattern):
                found.setdefault(column, []).append(point)
    return {
        column: Profile(*map(np.array, zip(*sorted(points, key=itemgetter(0)), strict=True)))
        for column, points in found.items()
    }


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


def bracket(profile: Profile, line: float = np.nan) -> Bracket | None:
    r"""Bracket the fall of the overlap.

    The interval of the grid is the one that holds the theory's `line`, if the overlap falls
    there by at least half of the largest fall between neighbours, else the one of the
    largest fall; where neighbours differ by no more than noise it is widened until its ends
    do.  Points of refinements halve it: those on the side of the level where an
    end lies replace that end, in the order in which they were asked for.

    Parameters
    ----------
    profile : Profile
    line : float
        Where the theory expects the transition; NaN if nowhere.

    Returns
    -------
    Bracket or None
        None where the overlap does not fall by more than its noise.

    Examples
    --------
    >>> x, m = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.99, 0.97, 0.2, 0.1])
    >>> flat = np.full(4, 0.01)
    >>> found = bracket(Profile(x, m, flat, np.empty((4, 0)), np.zeros(4, int)))
    >>> found.low, found.high
    (0.2, 0.3)
    """
    grid = profile.round == 0
    x, m, error = profile.x[grid], np.abs(profile.m[grid]), np.nan_to_num(profile.error[grid])
    if len(x) < 2:
        return None
    fall = np.abs(np.diff(m))
    i = int(fall.argmax())
    inside = np.flatnonzero((x[:-1] <= line) & (line <= x[1:]))
    if inside.size and fall[inside[0]] >= fall.max() / 2:
        i = int(inside[0])
    j, level = i + 1, (m[i] + m[i + 1]) / 2
    if _lost([(x[i], m[i], error[i]), (x[j], m[j], error[j])]):
        i, j = _gradual(m, error)
        level = (m.max() + m.min()) / 2
    ends = [(x[i], m[i], error[i]), (x[j], m[j], error[j])]
    if _lost(ends, SIGNIFICANT if j == i + 1 else VERY_SIGNIFICANT):
        return None
    upper = int(m[j] > level)  # the end above the level
    first, last = x[i], x[j]
    spent = 0
    for number in np.unique(profile.round[~grid]):
        for new in np.flatnonzero(profile.round == number):
            if ends[0][0] < profile.x[new] < ends[1][0] and not _lost(ends):
                height = abs(profile.m[new])
                side = upper if height > level else 1 - upper
                ends[side] = (profile.x[new], height, np.nan_to_num(profile.error[new]))
                spent += 1
    inside = np.flatnonzero((profile.x[:-1] >= first) & (profile.x[1:] <= last))
    k = inside[np.abs(np.diff(np.abs(profile.m)))[inside].argmax()]
    return Bracket(
        low=float(ends[0][0]),
        high=float(ends[1][0]),
        level=float(level),
        resolved=_lost(ends),
        gap=(float(profile.x[k]), float(profile.x[k + 1])),
        spent=spent,
    )


def _gradual(m: np.ndarray, error: np.ndarray) -> tuple[int, int]:
    """Return the ends of a fall no single step of which stands out of the noise.

    The two points around the middle between the extremes, and as many beside them as it takes
    until the ends differ; the whole column if nothing does.
    """
    rising = m[0] < m[-1]
    beyond = (m > (m.max() + m.min()) / 2) == rising
    high = max(int(beyond.argmax()), 1)
    low = high - 1
    while abs(m[high] - m[low]) < VERY_SIGNIFICANT * np.hypot(error[low], error[high]):
        if low == 0 and high == len(m) - 1:
            break
        low, high = max(low - 1, 0), min(high + 1, len(m) - 1)
    return low, high


def _lost(ends: list[tuple[float, float, float]], significant: float = SIGNIFICANT) -> bool:
    """Whether the overlap hardly falls between the ends, or by no more than its noise."""
    (_, first, error), (_, last, other) = ends
    return bool(abs(first - last) < max(SMALLEST_FALL, significant * np.hypot(error, other)))


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

    Parameters
    ----------
    tree : xarray.DataTree
    along : str
    column : tuple
    theory : xarray.Dataset, optional
        Prediction in the place of the study's own.
    """
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
    return float(line.sel(where)) if known and set(where) == set(line.dims) else np.nan
