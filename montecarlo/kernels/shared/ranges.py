"""Integers that have to fit."""

from __future__ import annotations

from hebbian import Memory

__all__ = ["check_range", "exact_pairs"]


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


def exact_pairs(memory: Memory) -> bool:
    """Whether 62 bits hold the sums over rows of unequal strengths, two bodies."""
    if memory.strengths is None:
        return True
    largest = 1 if memory.binary else int(abs(memory.rows).max())
    total = sum(memory.strengths.tolist())
    return 4 * largest**2 * memory.n_spins * total < 2**62
