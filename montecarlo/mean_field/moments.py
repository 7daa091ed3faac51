"""What the second order of the Plefka expansion knows of the rows of a network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Dataset, Memory, Model
from hebbian.packed import Kept, Packed, take

__all__ = ["Moments", "counts_pairs", "counts_powers", "moments_of"]


class Moments(NamedTuple):
    """Second moments of the rows.

    Parameters
    ----------
    n_rows, n_patterns : int
    squares : (n_spins,) float64
        Mean of row**2 over rows.
    class_squares : (n_spins,) float64 or None
        Mean over archetypes of the square of their examples' sum, where `counts_pairs`.
    powers : (P + 1,) float64 or None
        Means of (row**2 / scale)**k over rows and spins, scale the mean of `squares`,
        where `counts_powers`.
    """

    n_rows: int
    n_patterns: int
    squares: np.ndarray
    class_squares: np.ndarray | None
    powers: np.ndarray | None


def counts_pairs(model: Model) -> bool:
    """Whether several rows are examples of one archetype."""
    return model.rule.rows_per_pattern > 1


def counts_powers(memory: Memory) -> bool:
    """Whether the interaction is a literal power that mixes interactions of fewer bodies."""
    return memory.indices == "all" and memory.order > 2


def moments_of(data: Dataset) -> Moments:
    """Measure the rows of `data`."""
    memory, rows = data.memory, data.memory.kept_rows
    squares = _mean_square(rows)
    powers = None
    if counts_powers(memory):
        powers = _power_means(rows, float(squares.mean()), memory.order)
    return Moments(
        n_rows=memory.n_rows,
        n_patterns=data.n_patterns,
        squares=squares,
        class_squares=_mean_square(data.kept_sums) if counts_pairs(data.model) else None,
        powers=powers,
    )


def _mean_square(rows: Kept) -> np.ndarray:
    """Mean of row**2 over rows, block by block: shape (n_spins,)."""
    n_rows, n_spins = rows.shape
    if isinstance(rows, Packed):
        return np.ones(n_spins)
    total = np.zeros(n_spins)
    for first in range(0, n_rows, 4096):
        block = take(rows, slice(first, first + 4096)).astype(np.float64)
        total += np.einsum("ri,ri->i", block, block)
    return total / n_rows


def _power_means(rows: Kept, scale: float, order: int) -> np.ndarray:
    if isinstance(rows, Packed):
        return np.ones(order + 1)
    n_rows, n_spins = rows.shape
    sums = np.zeros(order + 1)
    for first in range(0, n_rows, 4096):
        block = take(rows, slice(first, first + 4096)).astype(np.float64)
        square = np.square(block) / scale
        for k in range(order + 1):
            sums[k] += float((square**k).sum())
    return sums / (n_rows * n_spins)
