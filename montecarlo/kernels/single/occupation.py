"""How many rows are at each level u = (M + N)/2, and how many of them are +1 on a spin.

Exact integers, from the digits of the levels of all rows (`montecarlo.kernels.lanes.slices`).
Levels without a row need no count, and the number of rows at every level follows the flips by
the counts of the visit before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from montecarlo.kernels.lanes.signs import aligned
from montecarlo.kernels.lanes.slices import (
    CHUNK,
    LARGEST,
    LEAST,
    WORDS,
    count_products,
    shift_digits,
)
from montecarlo.kernels.shared.philox import njit

__all__ = ["Occupation", "count_site", "move_rows", "occupation", "tails_of"]

OVERHEAD = 8  # of a group: loads and the loop


class Occupation(NamedTuple):
    """Levels of all rows, and the numbers of rows at each.

    Parameters
    ----------
    planes : (n_blocks, n_planes, 8) uint64
        Binary digits of the levels, the lowest first, of blocks of 512 rows.
    rows : (n_levels,) int64
        Rows at each level; zeros past the last one, to whole groups.
    positive : (n_levels,) int64
        Those that are +1 on the spin that was counted last.
    partial : (n_levels, 8) int64, scratch
    groups : (n_levels, 2) int64
        Number of free low digits and first level of the groups that are counted.
    numbers : (4,) int64
        The spin counted last, or -1; groups; lowest and highest occupied level.
    """

    planes: np.ndarray
    rows: np.ndarray
    positive: np.ndarray
    partial: np.ndarray
    groups: np.ndarray
    numbers: np.ndarray


def tails_of(bits: np.ndarray) -> np.ndarray:
    """Return the last words of all lines, less than a vector of them, and zeros: (n_lines, 8)."""
    tails = np.zeros((len(bits), WORDS), np.uint64)
    rest = bits.shape[1] % WORDS
    tails[:, :rest] = bits[:, bits.shape[1] - rest :]
    return tails


def occupation(bits: np.ndarray, n_rows: int, spins: np.ndarray) -> Occupation:
    """Count the levels of rows (n_spins, n_words) uint64 at spins (n_spins,)."""
    n_spins, n_words = bits.shape
    n_planes = max(LEAST, n_spins.bit_length())
    planes = aligned((-(-n_words // WORDS), n_planes, WORDS), np.uint64)
    planes[:] = 0
    n_levels = -(-(n_spins + 1) >> LARGEST) << LARGEST
    found = Occupation(
        planes=planes,
        rows=np.zeros(n_levels, np.int64),
        positive=np.zeros(n_levels, np.int64),
        partial=np.zeros((n_levels, WORDS), np.int64),
        groups=np.zeros((n_levels, 2), np.int64),
        numbers=np.zeros(4, np.int64),
    )
    every = np.full((1, n_words), ~np.uint64(0))
    every[0, -1] >>= np.uint64(64 * n_words - n_rows)
    _fill(bits, tails_of(bits), spins, every, tails_of(every), n_rows, found)
    return found


@njit
def _fill(bits, tails, spins, every, every_tail, n_rows, found):
    n_blocks, n_planes, _ = found.planes.shape
    whole = bits.shape[1] // WORDS
    for first in range(0, whole, CHUNK):
        stop = min(first + CHUNK, whole)
        for i in range(spins.shape[0]):
            integers = (first, stop, n_planes, np.int64(spins[i]), 0)
            shift_digits(bits, i, found.planes, integers)
    if whole < n_blocks:
        for i in range(spins.shape[0]):
            shift_digits(tails, i, found.planes[whole:], (0, 1, n_planes, np.int64(spins[i]), 0))
    found.rows[: spins.shape[0] + 1] = 1
    _regroup(found)
    _count(every, every_tail, 0, n_rows, found)
    found.rows[:] = found.positive
    _regroup(found)


@njit
def _regroup(found):
    """Choose the groups that hold all occupied levels at the least cost.

    From the lowest level up, an aligned group replaces those within it where it is cheaper.  The
    largest one comes first, as its sums take as long as the rows from the second cache; of the
    single levels one comes last, for which what is left of all rows is the count.
    """
    rows, groups, n_planes = found.rows, found.groups, found.planes.shape[1]
    largest = min(LARGEST, n_planes)
    costs = np.zeros(largest + 1, np.int64)  # of what an open block holds, by its free digits
    n_groups, lowest, highest = 0, -1, 0
    for u in range(rows.shape[0]):
        if rows[u] > 0:
            lowest = u if lowest < 0 else lowest
            highest = u
            groups[n_groups, 0], groups[n_groups, 1] = 0, u
            n_groups += 1
            costs += _cost(0, n_planes)
        for low in range(1, largest + 1):
            if (u + 1) & ((1 << low) - 1):
                break
            start, cost = u + 1 - (1 << low), _cost(low, n_planes)
            if cost < costs[low]:
                while n_groups > 0 and groups[n_groups - 1, 1] >= start:
                    n_groups -= 1
                groups[n_groups, 0], groups[n_groups, 1] = low, start
                n_groups += 1
                costs[low + 1 :] -= costs[low] - cost
            costs[low] = 0
    _exchange(groups, 0, groups[:n_groups, 0].argmax())
    _exchange(groups, n_groups - 1, groups[:n_groups, 0].argmin())
    found.numbers[0], found.numbers[1] = -1, n_groups
    found.numbers[2], found.numbers[3] = lowest, highest
    found.positive[:] = 0


@njit
def _exchange(groups, a, b):
    for column in range(2):
        groups[a, column], groups[b, column] = groups[b, column], groups[a, column]


@njit
def _cost(low, n_planes):
    """Quarters of a cycle: three instructions a level, one for each digit that is shared."""
    return 3 * (1 << low) + n_planes - low + OVERHEAD


@njit
def _count(bits, tails, line, n_set, found):
    """Fill `positive` with the set rows of bits[line], n_set of them, at each level."""
    planes, partial, groups, n_groups = found.planes, found.partial, found.groups, found.numbers[1]
    n_blocks, n_planes, _ = planes.shape
    whole = bits.shape[1] // WORDS
    left = groups[n_groups - 1, 0] == 0
    n_counted = n_groups - 1 if left else n_groups
    for g in range(n_counted):
        low, start = groups[g]
        partial[start : start + (1 << low)] = 0
    for first in range(0, whole, CHUNK):
        stop = min(first + CHUNK, whole)
        for g in range(n_counted):
            low, start = groups[g]
            count_products(bits, line, planes, (first, stop, n_planes, low, start), partial)
    if whole < n_blocks:
        last = planes[whole:]
        for g in range(n_counted):
            low, start = groups[g]
            count_products(tails, line, last, (0, 1, n_planes, low, start), partial)
    for g in range(n_counted):
        low, start = groups[g]
        n_set -= _solve(partial, found.positive, low, start)
    if left:
        found.positive[groups[n_groups - 1, 1]] = n_set


@njit
def _solve(partial, counts, low, start):
    """Turn counts of rows with all digits of k into those at level start + k; return their sum."""
    n, total = 1 << low, np.int64(0)
    for k in range(n):
        counts[start + k] = partial[start + k].sum()
        total = counts[start] if k == 0 else total
    for digit in range(low):
        for k in range(n):
            if not k >> digit & 1:
                counts[start + k] -= counts[start + k + (1 << digit)]
    return total


@njit
def count_site(network, i, found):
    """Count the rows that are +1 on spin i, unless that is known."""
    if found.numbers[0] != i:
        _count(network.bits, network.tails, i, network.n_positive[i], found)
        found.numbers[0] = i


@njit
def move_rows(network, i, spin, found):
    """Follow a flip of spin i from `spin`; return whether other levels are occupied now.

    Rows that agree with the spin go one level down, the others one up.
    """
    count_site(network, i, found)
    bits, tails = network.bits, network.tails
    rows, positive = found.rows, found.positive
    n_blocks, n_planes, _ = found.planes.shape
    n_spins, whole = bits.shape[0], bits.shape[1] // WORDS
    changed, rising = False, np.int64(0)  # rows that opposed the spin one level below
    for u in range(max(found.numbers[2] - 1, 0), min(found.numbers[3] + 1, n_spins) + 1):
        falling = np.int64(0)
        if u < n_spins:
            falling = positive[u + 1] if spin > 0 else rows[u + 1] - positive[u + 1]
        before, after = rows[u], falling + rising
        rising = rows[u] - positive[u] if spin > 0 else positive[u]
        rows[u] = after
        changed = changed or (before > 0) != (after > 0)
    shift_digits(bits, i, found.planes, (0, whole, n_planes, np.int64(spin), 1))
    if whole < n_blocks:
        shift_digits(tails, i, found.planes[whole:], (0, 1, n_planes, np.int64(spin), 1))
    found.numbers[0] = -1
    if changed:
        _regroup(found)
    return changed
