r"""Rows +-1, two bodies, many chains: one pass over many rows for a block of sites.

At a block of sites a row has one of 16 patterns of signs.  Rows are added pattern by pattern,
those of the opposite one subtracted, and the sums at the sites are signed sums of these eight:
every row is read once for four visits, where `montecarlo.kernels.many.signs` reads half of them
at each.  The pass also adds what the flips of the block before change (the signed sums of
`Signs`), so that overlaps which no longer fit the nearest cache travel once.

Of an overlap :math:`M` the level :math:`(M + N)/2` is kept, which is not negative.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit

from . import signs
from .entries import entry_of
from .signs import entry, flips_together
from .state import SITES, Block
from .vectors import like, load, same, store
from .wide import apart, in_pairs

__all__ = [
    "Grouped",
    "absorb",
    "energies",
    "entry",
    "field",
    "finish",
    "follow",
    "holds",
    "lower",
    "prepare",
    "sums",
    "visit_time",
]

PATTERNS = 1 << SITES


class Grouped(NamedTuple):
    """Rows +-1.

    Parameters
    ----------
    order : (n_blocks, K) uint16 or uint32
        Rows by their pattern on a block: those of pattern 0, of its opposite, of pattern 1, ...
    starts : (n_blocks, PATTERNS + 1) uint16 or uint32
        Where those of a pattern begin.
    patterns, gram, own
        As in `Signs`.
    shifts : (n_spins in whole blocks,) int64
        N times the sum of the entries over rows.
    kind, whole, table : (0,) of types as in `Signs`
    n_rows, n_spins : int
    unit, self_energy, half, weight
        As in `Signs`.
    """

    order: np.ndarray
    starts: np.ndarray
    patterns: np.ndarray
    gram: np.ndarray
    own: np.ndarray
    shifts: np.ndarray
    kind: np.ndarray
    whole: np.ndarray
    table: np.ndarray
    n_rows: int
    n_spins: int
    unit: float
    self_energy: int
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are those of `Signs`."""
    return signs.holds(memory)


def lower(memory: Memory) -> Grouped:
    """Order the rows by their patterns on every block."""
    single = signs.lower(memory)
    n_blocks = len(single.patterns)
    order = np.empty((n_blocks, memory.n_rows), single.listed.dtype)
    starts = np.empty((n_blocks, PATTERNS + 1), single.listed.dtype)
    _order(single.patterns, order, starts)
    return Grouped(
        order=order,
        starts=starts,
        shifts=memory.n_spins * single.row_sums,
        **{name: value for name, value in single._asdict().items() if name in Grouped._fields},
    )


def visit_time(memory: Memory, flips: float, lanes: int) -> float:
    """Nanoseconds of a visit of all lanes: a quarter of a pass, which stores if a flip came."""
    moved, K = flips_together(flips, lanes), memory.n_rows
    if lanes == 16:
        return 1e9
    return 1e9


@njit
def _order(patterns, order, starts):
    n_blocks, n_rows = patterns.shape
    for b in range(n_blocks):
        at = np.zeros(PATTERNS + 1, np.int64)
        for r in range(n_rows):
            at[_place(patterns[b, r]) + 1] += 1
        for p in range(PATTERNS):
            at[p + 1] += at[p]
        for p in range(PATTERNS + 1):
            starts[b, p] = at[p]
        for r in range(n_rows):
            p = _place(patterns[b, r])
            order[b, at[p]] = r
            at[p] += 1


@njit
def _place(pattern):
    """Return where the rows of a pattern come: just behind those of its opposite, if that is less."""
    p = np.int64(pattern)
    return 2 * p if 2 * p < PATTERNS else 2 * (PATTERNS - 1 - p) + 1


def prepare(network: Grouped, block: Block) -> None:
    """Fill the levels from the spins."""
    _levels(network, block.spins, block.overlaps)


@njit
def _levels(network, spins, levels):
    levels[:] = 0
    for i in range(network.n_spins):
        for r in range(network.n_rows):
            sign = entry(network, i, r)
            for c in range(spins.shape[1]):
                levels[r, c] += sign == spins[i, c]


@njit(forceinline=True)
def _level(lanes, state, room, r, pattern, moved):
    """Return a level; where the block before moved, after its changes to rows of this pattern."""
    level = load(lanes, state.overlaps, r)
    if moved:
        level = level + load(lanes, room.table, pattern)
        store(state.overlaps, r, level)
    return level


@njit(forceinline=True)
def _add_groups(network, lanes, state, room, block, moved):
    """Fill room.groups[p] with the sum over rows of pattern p less that of its opposite."""
    order, starts = network.order[block], network.starts[block]
    before = network.patterns[block - 1 if moved else block]
    none = like(load(lanes, room.fields, 0), 0)
    words = in_pairs(load(lanes, state.overlaps, network.n_rows))
    for p in range(PATTERNS // 2):
        both, high = words, words
        # Unsigned: no index is counted from the end.
        for k in range(np.uint64(starts[2 * p]), np.uint64(starts[2 * p + 1])):
            r = np.uint64(order[k])
            level = in_pairs(_level(lanes, state, room, np.int64(r), np.int64(before[r]), moved))
            both, high = both + level, high + (level >> 16)
        for k in range(np.uint64(starts[2 * p + 1]), np.uint64(starts[2 * p + 2])):
            r = np.uint64(order[k])
            level = in_pairs(_level(lanes, state, room, np.int64(r), np.int64(before[r]), moved))
            both, high = both - level, high - (level >> 16)
        store(room.groups, p, apart(both, high, none))


def sums(network, lanes, state, room, first, moved):
    """Fill room.fields[j] with the sum at site first + j, after the changes of the block before."""
    if moved:
        _add_groups(network, lanes, state, room, first // SITES, True)
    else:
        _add_groups(network, lanes, state, room, first // SITES, False)
    none = like(load(lanes, room.fields, 0), 0)
    # Bit by bit: groups differ by it, or are added to one.
    count = PATTERNS // 2
    for j in range(SITES - 1):
        count //= 2
        found = none
        for p in range(count):
            clear, set_ = load(lanes, room.groups, 2 * p), load(lanes, room.groups, 2 * p + 1)
            found = found + (set_ - clear)
            store(room.groups, p, set_ + clear)
        store(room.fields, j, found + found - network.shifts[first + j])
    last = SITES - 1  # whose bit is clear in all
    found = load(lanes, room.groups, 0)
    store(room.fields, last, none - found - found - network.shifts[first + last])


def absorb(network, lanes, state, room, first):
    """Tabulate what the changes of a block of sites do to the level of a row of every pattern."""
    lowest = load(lanes, state.overlaps, network.n_rows)
    for j in range(SITES):
        lowest = lowest - (same(load(lanes, room.changes, j), lowest) >> 1)
    store(room.table, 0, lowest)
    size = 1
    for j in range(SITES):
        change = same(load(lanes, room.changes, j), lowest)
        for p in range(size):
            store(room.table, size + p, load(lanes, room.table, p) + change)
        size *= 2


def finish(network, lanes, state, room, moved):
    """Bring the levels up to date with the last block of a sweep."""
    if moved:
        pattern = network.patterns[len(network.patterns) - 1]
        for r in range(network.n_rows):
            _level(lanes, state, room, r, np.int64(pattern[r]), True)


def field(network, lanes, state, room, entries, spin):
    """Return the whole numbers of the fields, of rows with these entries in all lanes."""
    found = spin - spin
    for r in range(network.n_rows):
        level = load(lanes, state.overlaps, r)
        overlap = level + level - network.n_spins
        found = found + same(overlap * entry_of(lanes, entries, r), found)
    return found - spin * load(lanes, room.own, 0)


def follow(network, lanes, state, room, entries, change, flipped):
    """Bring the levels up to date with flips."""
    for r in range(network.n_rows):
        level = load(lanes, state.overlaps, r)
        step = (same(change, level) >> 1) * entry_of(lanes, entries, r)
        store(state.overlaps, r, level + step)


@njit
def energies(network, state, out):
    """Fill out (lanes,) with H."""
    out[:] = 0.0
    for r in range(network.n_rows):
        for c in range(out.shape[0]):
            overlap = 2 * np.int64(state.overlaps[r, c]) - network.n_spins
            out[c] += np.float64(overlap) ** 2
    for c in range(out.shape[0]):
        out[c] = -network.weight * network.half * (out[c] - np.float64(network.self_energy))
