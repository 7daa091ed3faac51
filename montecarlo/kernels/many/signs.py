r"""Rows +-1, two bodies, many chains: one pass over the rows for a block of sites.

All chains are at the same block of four sites, where a row has one of 16 patterns of signs.  Rows
are added pattern by pattern, those of the opposite one subtracted; the sums at the sites are
signed sums of these eight, so that every row is read once for four visits.

Overlaps stay as they are for a block: what its flips :math:`\Delta_j` change at the sites after
them are couplings within the block, :math:`\sum_r \eta_{ri} \eta_{rj}`.  The pass of the next
block adds to every row one of the signed sums of the changes, tabulated, by its pattern.

Of an overlap :math:`M` the level :math:`(M + N)/2` is kept, which is never negative.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit

from .blocks import LARGEST, block_products, flips_together, in_blocks, pairs
from .entries import entry_of
from .memory import load, store
from .state import SITES, Block
from .vectors import like, same
from .wide import apart, words

__all__ = [
    "Signs",
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


class Signs(NamedTuple):
    """Rows +-1.

    Parameters
    ----------
    patterns : (n_blocks, K) uint8
        Bit j is set where a row is +1 on the j-th site of a block.
    order : (n_blocks, K) uint16 or uint32
        Rows by their patterns on a block: pattern 0, its opposite, pattern 1, its opposite, ...
    starts : (n_blocks, PATTERNS + 1) of that type
        Where in that order a pattern begins.
    gram : (n_spins in whole blocks, SITES) int64
        Sums over rows of the products of a site with the sites of its block.
    own : (n_spins in whole blocks,) int64
        What a spin adds to the overlaps it feels: K.
    shifts : (n_spins in whole blocks,) int64
        N times the sum of the entries over rows.
    kind, whole : (0,) int16 or int32, int32
        Empty; their types hold an overlap, a sum of overlaps.
    table : (0,) int32
        Empty: rows have no values.
    n_rows, n_spins : int
    unit : float
        Field of the whole number 1.
    self_energy : int
        K N where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    patterns: np.ndarray
    order: np.ndarray
    starts: np.ndarray
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
    """Whether rows are +-1, alike, and interact in pairs whose sums 30 bits hold."""
    return pairs(memory) and memory.binary and 2 * memory.n_rows * (memory.n_spins + 1) < LARGEST


def lower(memory: Memory) -> Signs:
    """Find the patterns of the rows on every block of sites, and order the rows by them."""
    n_rows, n_spins = memory.n_rows, memory.n_spins
    rows = np.ascontiguousarray(memory.rows.T)
    kind: type = np.int16 if n_spins < 2**15 else np.int32
    index: type = np.uint16 if n_rows < 2**16 else np.uint32
    n_blocks = -(-n_spins // SITES)
    patterns = np.zeros((n_blocks, n_rows), np.uint8)
    order = np.empty((n_blocks, n_rows), index)
    starts = np.empty((n_blocks, PATTERNS + 1), index)
    _fill(rows, patterns, order, starts)
    distinct = memory.indices == "distinct"
    half = 0.5 if distinct else 1.0
    return Signs(
        patterns=patterns,
        order=order,
        starts=starts,
        gram=block_products(rows),
        own=in_blocks(np.full(n_spins, n_rows)),
        shifts=in_blocks(n_spins * rows.sum(axis=1, dtype=np.int64)),
        kind=np.empty(0, kind),
        whole=np.empty(0, np.int32),
        table=np.empty(0, np.int32),
        n_rows=n_rows,
        n_spins=n_spins,
        unit=2.0 * half * memory.weight,
        self_energy=n_rows * n_spins if distinct else 0,
        half=half,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float, lanes: int) -> float:
    """Nanoseconds of a visit of all lanes: a quarter of a pass, which stores what flips changed."""
    moved, K = flips_together(flips, lanes), memory.n_rows
    if lanes == 16:
        return 27.0 + 0.098 * K + moved * (5.5 + 0.083 * K)
    return 35.0 + 0.133 * K + moved * (8.0 + 0.158 * K)


@njit
def _fill(rows, patterns, order, starts):
    n_spins, n_rows = rows.shape
    for i in range(n_spins):
        block, bit = i // SITES, np.uint8(1 << (i % SITES))
        for r in range(n_rows):
            if rows[i, r] > 0:
                patterns[block, r] |= bit
    for block in range(patterns.shape[0]):
        begin = np.zeros(PATTERNS + 1, np.int64)
        for r in range(n_rows):
            begin[_place(patterns[block, r]) + 1] += 1
        for p in range(PATTERNS):
            begin[p + 1] += begin[p]
        starts[block] = begin
        for r in range(n_rows):
            p = _place(patterns[block, r])
            order[block, begin[p]] = r
            begin[p] += 1


@njit
def _place(pattern):
    """Return where in the order a pattern comes: opposites stand side by side."""
    p = np.int64(pattern)
    return 2 * p if 2 * p < PATTERNS else 2 * (PATTERNS - 1 - p) + 1


def prepare(network: Signs, block: Block) -> None:
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


@njit
def entry(network, i, r):
    """Return the entry of row r at site i."""
    bit = network.patterns[i // SITES, r] >> np.uint8(i % SITES) & np.uint8(1)
    return 2 * np.int64(bit) - 1


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
    for p in range(PATTERNS // 2):
        found = like(load(lanes, room.groups, p), 0)
        # Unsigned: no index is counted from the end.
        for k in range(np.uint64(starts[2 * p]), np.uint64(starts[2 * p + 1])):
            r = np.uint64(order[k])
            level = _level(lanes, state, room, np.int64(r), np.int64(before[r]), moved)
            found = found + words(level)
        for k in range(np.uint64(starts[2 * p + 1]), np.uint64(starts[2 * p + 2])):
            r = np.uint64(order[k])
            level = _level(lanes, state, room, np.int64(r), np.int64(before[r]), moved)
            found = found - words(level)
        store(room.groups, p, found)


def sums(network, lanes, state, room, first, moved):
    """Fill room.fields[j] with the sum at site first + j, after the changes of the block before."""
    if moved:
        _add_groups(network, lanes, state, room, first // SITES, True)
    else:
        _add_groups(network, lanes, state, room, first // SITES, False)
    # Bit by bit: groups differ by it, or are added to one.
    level = load(lanes, state.overlaps, network.n_rows)
    none = like(load(lanes, room.groups, 0), 0)
    count = PATTERNS // 2
    for j in range(SITES - 1):
        count //= 2
        found = none
        for p in range(count):
            clear, set_ = load(lanes, room.groups, 2 * p), load(lanes, room.groups, 2 * p + 1)
            found = found + (set_ - clear)
            store(room.groups, p, set_ + clear)
        found = apart(found + found, level)
        store(room.fields, j, found - network.shifts[first + j])
    found = none - load(lanes, room.groups, 0)  # the last bit is clear in all
    found = apart(found + found, level)
    store(room.fields, SITES - 1, found - network.shifts[first + SITES - 1])


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
