"""The two points between which the overlap of a column falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .crossings import Profile

__all__ = ["Bracket", "bracket"]

#: A fall of the overlap that is smaller than this many of its standard errors is noise.
SIGNIFICANT = 2.0

#: Of a fall over several points, which may be any of many pairs.
VERY_SIGNIFICANT = 3.0

#: A fall smaller than this is no transition.
SMALLEST_FALL = 0.05


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
