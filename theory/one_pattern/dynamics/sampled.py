"""Trajectories of networks with a load: populations side by side, and their scatter.

The order parameters of a population are its own, so that what a sampling error of one step does
to all later ones is in the scatter of the populations as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from hebbian.datasets import physical_memory
from theory.course import Course, Trajectory
from theory.one_pattern.replica import MeanField

from .draws import BYTES, PARTS, Draws, draw
from .population import evolve
from .unloaded import follow

__all__ = ["POPULATIONS", "blocks", "check_memory", "populations", "sampled", "size_of"]

#: Independent populations: their scatter is known to a quarter of itself.
POPULATIONS = 10
#: Points that are followed with the same numbers before they are drawn again.
BLOCK = 8


def size_of(course: Course) -> int:
    """Return the number of trajectories in a population, so many in each part."""
    return -(-course.n_trajectories // (PARTS * POPULATIONS)) * PARTS


def blocks(n_points: int) -> list[range]:
    """Return the points that share random numbers once drawn."""
    return [range(i, min(i + BLOCK, n_points)) for i in range(0, n_points, BLOCK)]


def populations(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
) -> Iterator[list[tuple[np.ndarray, ...]]]:
    """Follow all populations at points, (j,) each, whatever the signs of their starts.

    Yields
    ------
    list
        For every point, of all populations: m, n, C and G of `population.evolve`; a single one
        where there is no load and nothing to sample.
    """
    size, n_times = size_of(course), course.n_steps * course.substeps

    def one(block: range, number: int) -> list[tuple[np.ndarray, ...] | None]:
        draws = draw(field.law, course.seed, size, number, n_times if alpha[block].any() else 0)
        return [follow_one(point, number, draws) for point in block]

    def follow_one(point: int, number: int, draws: Draws) -> tuple[np.ndarray, ...] | None:
        load, temperature, first = float(alpha[point]), float(T[point]), float(start[point])
        if load == 0:
            return follow(field, temperature, first, course) if number == 0 else None
        # Even orders know no sign: opposite starts go opposite ways, to the last bit.
        sign = -1.0 if first < 0 and field.order % 2 == 0 else 1.0
        m, n, C, G = evolve(field, load, temperature, sign * first, course, draws)
        return sign * m, sign * n, C, G

    shared = blocks(alpha.size)
    tasks = [(block, number) for block in shared for number in range(POPULATIONS)]
    with ThreadPoolExecutor(course.n_threads) as pool:
        found = pool.map(one, *zip(*tasks, strict=True)) if tasks else iter(())
        for _ in shared:
            for values in zip(*islice(found, POPULATIONS), strict=True):
                yield [each for each in values if each is not None]


def sampled(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray, course: Course
) -> Trajectory:
    """Average over the populations, at points of one shape."""
    check_memory(alpha.size, course)
    n_times, c = course.n_steps + 1, field.law.mean
    averages, errors = [], []
    for found in populations(field, alpha.ravel(), T.ravel(), start.ravel(), course):
        averages.append([_mean(values) for values in zip(*found, strict=True)])
        errors.append([_error([one[k] for one in found]) for k in (0, 1)])

    def arranged(rows: list[np.ndarray], *axes: int) -> np.ndarray:
        return np.array(rows).reshape(*alpha.shape, *axes)

    m, n = (arranged([row[k] for row in averages], n_times) for k in (0, 1))
    m_err, n_err = (arranged([row[k] for row in errors], n_times) for k in (0, 1))
    C, G = (arranged([row[k] for row in averages], n_times, n_times) for k in (2, 3))
    t = np.arange(n_times, dtype=float)
    return Trajectory(t=t, m=m, n=c * n, m_err=m_err, n_err=c * n_err, C=C, G=G)


def _mean(values: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(sum(values) / len(values))


def _error(values: Sequence[np.ndarray]) -> np.ndarray:
    if len(values) == 1:
        return np.zeros_like(values[0])
    return np.std(values, axis=0, ddof=1) / np.sqrt(len(values))


def check_memory(n_points: int, course: Course) -> None:
    """Refuse what the memory of this machine does not hold.

    Raises
    ------
    ValueError
        Naming what is needed.
    """
    n_times = course.n_steps * course.substeps + 1
    populations = course.n_threads * n_times * ((BYTES + 1) * size_of(course) + 200 * n_times)
    results = 32 * (n_points + BLOCK * POPULATIONS) * (course.n_steps + 1) ** 2
    there = physical_memory()
    if populations + results > there:
        raise ValueError(
            f"n_trajectories = {course.n_trajectories} over {n_times - 1} steps at {n_points} "
            f"points need {(populations + results) / 2**30:.3g} GiB, this machine has "
            f"{there / 2**30:.3g} GiB: reduce n_trajectories, n_steps or the points"
        )
