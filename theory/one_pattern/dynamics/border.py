r"""Smallest start that retrieves: the boundary of the basin of attraction at given times.

The boundary at time t is where m(t) of a start :math:`m_0` crosses a threshold.  Every population
of trajectories (`sampled`) has its own, found by bisection over multiples of 1/`CELLS` with the
random numbers that it uses at all starts, and by the chord over the last cell; the boundary is
their mean and its error their scatter.  The first population bisects [0, 1], the others look
around its boundary.  One trajectory tells of all its times: a start that was followed for one
boundary narrows down the others.

Without a load, and in statistical neurodynamics, nothing is sampled and the boundary is found to
rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np

from theory.course import Course
from theory.one_pattern.replica import MeanField
from theory.roots import bisect, root

from .closed import overlaps
from .draws import draw
from .population import evolve
from .sampled import POPULATIONS, blocks, check_memory, size_of
from .unloaded import follow

__all__ = ["CELLS", "borders", "exact_borders"]

#: Starts that are tried are multiples of one part of so many.
CELLS = 512
#: First step away from the boundary of another population: about what they differ by.
NEAR = 8
#: Where nothing is sampled, a start that counts as any positive one.
LEAST = 1e-12


def borders(
    field: MeanField,
    alpha: np.ndarray,
    T: np.ndarray,
    times: np.ndarray,
    threshold: float,
    course: Course,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the boundaries and their errors, (j, times), at points (j,).

    Parameters
    ----------
    field : MeanField
    alpha, T : numpy.ndarray
    times : numpy.ndarray
        Ascending, the last one `course.n_steps`.
    threshold : float
    course : Course
    """
    if course.method == "neurodynamics":
        return exact_borders(
            lambda start, t: overlaps(field, alpha, T, start, t)[0][:, t],
            alpha.shape, times, threshold,
        )  # fmt: skip
    found, error = np.empty((2, alpha.size, times.size))
    for i in np.flatnonzero(alpha == 0):
        found[i] = [_unloaded(field, float(T[i]), int(t), threshold, course) for t in times]
        error[i] = np.where(np.isnan(found[i]), np.nan, 0.0)
    loaded = np.flatnonzero(alpha > 0)
    found[loaded], error[loaded] = _sampled(
        field, alpha[loaded], T[loaded], times, threshold, course
    )
    return found, error


def exact_borders(
    overlap: Callable[[np.ndarray, int], np.ndarray],
    shape: tuple[int, ...],
    times: np.ndarray,
    threshold: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the boundaries, to rounding, and their errors, 0, where nothing is sampled.

    Parameters
    ----------
    overlap : callable
        Starts of all points, of this shape, and a time t to m(t).
    shape : tuple of int
    times : numpy.ndarray
    threshold : float
    """
    found = np.empty((*shape, times.size))
    for k, t in enumerate(times):

        def retrieves(start: np.ndarray, t: int = int(t)) -> np.ndarray:
            return overlap(start, t) >= threshold

        low = np.full(shape, LEAST)
        at_once = retrieves(low)
        border = bisect(retrieves, low, np.where(at_once, low, 1.0))
        border = np.where(at_once, 0.0, border)
        found[..., k] = np.where(retrieves(np.ones(shape)), border, np.nan)
    return found, np.where(np.isnan(found), np.nan, 0.0)


def _unloaded(field: MeanField, T: float, t: int, threshold: float, course: Course) -> float:
    asked = course._replace(n_steps=t)

    def beyond(start: float) -> float:
        return float(follow(field, T, start, asked)[0][t]) - threshold

    if beyond(1.0) < 0:
        return np.nan
    return 0.0 if beyond(LEAST) >= 0 else root(beyond, LEAST, 1.0)


def _sampled(
    field: MeanField,
    alpha: np.ndarray,
    T: np.ndarray,
    times: np.ndarray,
    threshold: float,
    course: Course,
) -> tuple[np.ndarray, np.ndarray]:
    check_memory(1, course)
    size, n_times = size_of(course), course.n_steps * course.substeps
    found = np.full((POPULATIONS, alpha.size, times.size), np.nan)

    def search(block: range, number: int) -> None:
        draws = draw(field.law, course.seed, size, number, n_times)
        for i in block:

            def overlap(start: float, t: int, i: int = i) -> np.ndarray:
                asked = course._replace(n_steps=t)
                return evolve(field, float(alpha[i]), float(T[i]), start, asked, draws)[0]

            known = _Starts(overlap, times, threshold)
            for k in reversed(range(times.size)):  # what is followed for long tells of all times
                found[number, i, k] = known.border(k, found[0, i, k] if number else 1.0)

    shared = blocks(alpha.size)
    with ThreadPoolExecutor(course.n_threads) as pool:
        for numbers in (range(1), range(1, POPULATIONS)):
            list(pool.map(lambda task: search(*task), product(shared, numbers)))
    # Where most retrieve, a population in which no start does has its boundary at the end.
    seen = np.where(np.isnan(found), 1.0, found)
    seldom = np.isnan(found).sum(axis=0) > POPULATIONS // 2
    scatter = seen.std(axis=0, ddof=1) / math.sqrt(POPULATIONS)
    error = np.hypot(scatter, 1 / (CELLS * math.sqrt(12)))
    return np.where(seldom, np.nan, seen.mean(axis=0)), np.where(seldom, np.nan, error)


class _Starts:
    """The starts that one population has been followed from at one point.

    Parameters
    ----------
    overlap : callable
        A start and a last time to m(0), ..., m(t).
    times : numpy.ndarray
    threshold : float
    """

    def __init__(
        self, overlap: Callable[[float, int], np.ndarray], times: np.ndarray, threshold: float
    ) -> None:
        self._overlap, self._times, self._threshold = overlap, times, threshold
        self._known: dict[int, np.ndarray] = {0: np.zeros(times[-1] + 1)}

    def border(self, k: int, guess: float) -> float:
        """Return the boundary at the time `k`, near a guess; NaN where start 1 does not retrieve.

        A start of exactly 0 never does; 0 where the first cell does.
        """
        near = guess < 1
        place, step = (math.ceil(guess * CELLS), NEAR) if near else (CELLS, CELLS)
        if self._beyond(place, k) >= 0:
            low, high = max(0, place - step), place
            while low > 0 and self._beyond(low, k) >= 0:
                step *= 2
                low, high = max(0, low - step), low
        else:
            low, high = place, min(CELLS, place + step)
            while low < CELLS and self._beyond(high, k) < 0:
                step *= 2
                low, high = high, min(CELLS, high + step)
            if low == CELLS:
                return math.nan
        for place in self._known:  # of other times
            if low < place < high and self._knows(place, k):
                low, high = (low, place) if self._beyond(place, k) >= 0 else (place, high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._beyond(middle, k) >= 0 else (middle, high)
        if high == 1:
            return 0.0
        below, above = self._beyond(low, k), self._beyond(high, k)
        return (low - below / (above - below)) / CELLS

    def _knows(self, place: int, k: int) -> bool:
        return place in self._known and self._known[place].size > self._times[k]

    def _beyond(self, place: int, k: int) -> float:
        """Return by how much the overlap from a start exceeds the threshold."""
        t = int(self._times[k])
        if not self._knows(place, k):
            self._known[place] = self._overlap(place / CELLS, t)
        return float(self._known[place][t]) - self._threshold
