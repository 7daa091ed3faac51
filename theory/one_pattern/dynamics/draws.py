"""Random numbers of one population of trajectories, the same at every point.

Normal numbers, coins and the example means of all trajectories are the quantiles of their laws in
a random order, one order for each time (a Latin hypercube), and the normal numbers of a time are
made orthogonal to those before: the first step is then exact, and the later ones have far less
scatter than with independent numbers.  Each of the `PARTS` of a population has quantiles spread
over all of the law, so that it estimates on its own.  The numbers depend on the seed and
the number of the population alone, and the first steps are those of any longer course: what is
followed at several loads, temperatures and starts shares them, and they are drawn once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hebbian.streams import stream
from theory.averages.example_law import ExampleLaw

__all__ = ["BYTES", "Draws", "draw"]

#: Of a trajectory and a step: a normal number and a coin.
BYTES = 8
#: Of a population, whose order parameters are estimated apart.
PARTS = 3


class Draws(NamedTuple):
    """Numbers of j trajectories.

    Parameters
    ----------
    means, starts : numpy.ndarray
        Shape (j,): example means u, and uniform numbers in (0, 1) that set the spins of a start.
    normal, coins : numpy.ndarray
        Shape (t, j): normal and uniform numbers of every step.
    """

    means: np.ndarray
    starts: np.ndarray
    normal: np.ndarray
    coins: np.ndarray


def parts(size: int) -> list[slice]:
    """Return the places of the parts of a population, which is a multiple of them."""
    return [slice(i * size // PARTS, (i + 1) * size // PARTS) for i in range(PARTS)]


def draw(law: ExampleLaw, seed: int, size: int, number: int, n_steps: int) -> Draws:
    """Return the numbers of `n_steps` steps of the population `number`."""
    stream_of = stream(seed, "trajectories", size=size, number=number)
    rng = np.random.Generator(np.random.SFC64(stream_of))
    n_part, middle, quantiles = size // PARTS, _middle(size), _normal(size)
    order = np.arange(n_part, dtype=np.int32)

    def shuffled(values: np.ndarray) -> np.ndarray:
        """Return every part's own values, which are spread over all of them, in random order."""
        found = np.empty_like(values)
        for i, part in enumerate(parts(size)):
            rng.shuffle(order)
            found[part] = values[i::PARTS][order]
        return found

    means, starts = _example_means(law, shuffled(middle)), shuffled(middle)
    normal, coins = np.empty((2, n_steps, size), np.float32)
    for t in range(n_steps):
        normal[t], coins[t] = shuffled(quantiles), shuffled(middle)
        for part in parts(size):
            z, before = normal[t, part], normal[: min(t, n_part // 8), part]
            z -= (before @ z / np.float32(n_part)) @ before
            if t:
                z /= z.std()
    return Draws(means, starts, normal, coins)


def _middle(size: int) -> np.ndarray:
    """Return the middles of equal parts of (0, 1)."""
    return ((np.arange(size) + 0.5) / size).astype(np.float32)


def _normal(size: int) -> np.ndarray:
    """Return quantiles of the normal law, of variance one."""
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(size) + 0.5) / size)
    return np.asarray(quantiles / quantiles.std(), np.float32)


def _example_means(law: ExampleLaw, quantiles: np.ndarray) -> np.ndarray:
    """Return u at quantiles of its law."""
    if law.spread:
        from scipy.special import ndtri

        return np.asarray(law.mean + math.sqrt(law.spread) * ndtri(quantiles), np.float32)
    place = np.searchsorted(np.cumsum(law.weight)[:-1], quantiles)
    return law.u[place].astype(np.float32)
