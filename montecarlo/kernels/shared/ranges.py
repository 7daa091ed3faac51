"""Integers that have to fit."""

from __future__ import annotations

__all__ = ["check_range"]


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
