"""Integers that have to fit."""

from __future__ import annotations

import numpy as np

from hebbian import Memory

from .philox import njit

__all__ = ["add_product", "as_float", "check_range", "exact_pairs", "fits"]

LARGEST = 2**62

_LOW_BITS = 20


def check_range(largest: int, order: int, n_spins: int) -> None:
    """Refuse integer rows whose overlaps or power sums would not fit.

    Raises
    ------
    ValueError
        Naming the largest entry.
    """
    power = 1 if order == 2 else order - 1 + order % 2
    if largest**power * n_spins >= 2**62 or largest * n_spins >= 2**31 - 1:
        raise ValueError(
            f"n_examples is too large for 64-bit overlaps: rows reach {largest} at order "
            f"{order} and n_spins {n_spins}"
        )


def fits(bound: int) -> bool:
    """Whether 62 bits hold a sum of this size."""
    return bound < LARGEST


def exact_pairs(memory: Memory) -> bool:
    """Whether 62 bits hold the sums over rows of unequal strengths, two bodies."""
    if memory.strengths is None:
        return True
    largest = 1 if memory.binary else int(abs(memory.rows).max())
    total = int(memory.strengths.sum())
    return fits(4 * largest**2 * memory.n_spins * total)


@njit
def add_product(high, low, x, y):
    """Add the product of two integers, x the larger, to a sum of two words."""
    return high + (x >> _LOW_BITS) * y, low + (x & ((1 << _LOW_BITS) - 1)) * y


@njit
def as_float(high, low):
    """Sum of two words, rounded once: the same number however it was added up."""
    return np.float64(high) * 2.0**_LOW_BITS + np.float64(low)
