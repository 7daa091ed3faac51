r"""Rows +-1, two bodies, many chains: sums over listed rows, brought up to date in blocks.

All chains are at the same site, where a row has one sign.  With
:math:`\sum_r \eta_{ri} M_r = \pm(2 \sum_{r \in R_i} M_r - \sum_r M_r)`, :math:`R_i` the rows of the
rarer sign, no row is added more often than in every second visit.

The overlaps stay as they are for a block of sites: what its flips :math:`\Delta_j` change at the
sites after them are couplings within the block, :math:`\sum_r \eta_{ri} \eta_{rj}`.  Then every
row adds one of the signed sums of the changes, tabulated, by the signs that it has on those sites.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit

from .state import SITES, Block
from .vectors import like, load, same, store

__all__ = [
    "Signs",
    "absorb",
    "energies",
    "entry",
    "holds",
    "lower",
    "prepare",
    "sums",
    "visit_time",
]

LARGEST = 2**30  # of a sum of overlaps, with room for the changes of a block


class Signs(NamedTuple):
    """Rows +-1.

    Parameters
    ----------
    listed : (n_spins in whole blocks, K // 2) uint16 or uint32
        Rows of the rarer sign at a site, and then K, a row without an overlap.
    rarer : (n_spins in whole blocks,) int64
        That sign.
    patterns : (n_blocks, K) uint8
        Bit j is set where a row is +1 on the j-th site of a block.
    gram : (n_spins in whole blocks, SITES) int64
        Sums over rows of the products of a site with the sites of its block.
    own : (n_spins in whole blocks,) int64
        What a spin adds to the overlaps it feels: K.
    row_sums : (n_spins in whole blocks,) int64
        Sums of the entries over rows.
    kind, whole : (0,) int16 or int32
        Empty; their types hold an overlap, a sum of overlaps.
    table : (0,) int32
        Empty: rows have no values.
    flush : int
        Overlaps that the type of an overlap can add.
    n_rows, n_spins : int
    unit : float
        Field of the whole number 1.
    self_energy : int
        K N where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    listed: np.ndarray
    rarer: np.ndarray
    patterns: np.ndarray
    gram: np.ndarray
    own: np.ndarray
    row_sums: np.ndarray
    kind: np.ndarray
    whole: np.ndarray
    table: np.ndarray
    flush: int
    n_rows: int
    n_spins: int
    unit: float
    self_energy: int
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows are +-1, alike, and interact in pairs whose sums 30 bits hold."""
    alike = memory.mixing is None and memory.strengths is None and memory.values is None
    pairs = memory.polynomial and memory.order == 2 and alike and memory.weight > 0
    return pairs and memory.binary and 2 * memory.n_rows * (memory.n_spins + 1) < LARGEST


def lower(memory: Memory) -> Signs:
    """List the rows of every site, and tabulate their signs on blocks of sites."""
    n_rows, n_spins = memory.n_rows, memory.n_spins
    rows = np.ascontiguousarray(memory.rows.T)
    whole_spins = -(-n_spins // SITES) * SITES
    kind: type = np.int16 if n_spins < 2**15 else np.int32
    listed = np.full((whole_spins, max(1, n_rows // 2)), n_rows, _index_type(n_rows))
    patterns = np.zeros((whole_spins // SITES, n_rows), np.uint8)
    rarer = np.ones(whole_spins, np.int64)
    _fill(rows, listed, rarer, patterns)
    distinct = memory.indices == "distinct"
    half = 0.5 if distinct else 1.0
    return Signs(
        listed=listed,
        rarer=rarer,
        patterns=patterns,
        gram=block_products(rows),
        own=in_blocks(np.full(n_spins, n_rows)),
        row_sums=in_blocks(rows.sum(axis=1, dtype=np.int64)),
        kind=np.empty(0, kind),
        whole=np.empty(0, np.int32),
        table=np.empty(0, np.int32),
        flush=max(1, np.iinfo(kind).max // n_spins),
        n_rows=n_rows,
        n_spins=n_spins,
        unit=2.0 * half * memory.weight,
        self_energy=n_rows * n_spins if distinct else 0,
        half=half,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float, lanes: int) -> float:
    """Nanoseconds of a visit of all lanes: it adds half of the rows, a block's flips change all."""
    moved, K = flips_together(flips, lanes), memory.n_rows
    if lanes == 16:
        return 27.0 + 0.15 * K + moved * (6.5 + 0.07 * K)
    return 35.0 + 0.26 * K + moved * (6.5 + 0.12 * K)


def flips_together(flips: float, lanes: int) -> float:
    """Return how likely it is that any lane flips in a block of sites, from flips per visit."""
    return 1.0 - (1.0 - flips) ** (SITES * lanes)


def _index_type(n_rows: int) -> type:
    return np.uint16 if n_rows < 2**16 else np.uint32


def in_blocks(values: np.ndarray) -> np.ndarray:
    """Fill numbers of sites up to whole blocks with zeros."""
    return np.pad(values, (0, -len(values) % SITES))


@njit
def _fill(rows, listed, rarer, patterns):
    n_spins, n_rows = rows.shape
    for i in range(n_spins):
        plus = 0
        block, bit = i // SITES, np.uint8(1 << (i % SITES))
        for r in range(n_rows):
            if rows[i, r] > 0:
                plus += 1
                patterns[block, r] |= bit
        sign = 1 if 2 * plus <= n_rows else -1
        rarer[i] = sign
        n = 0
        for r in range(n_rows):
            if rows[i, r] == sign:
                listed[i, n] = r
                n += 1


def block_products(rows: np.ndarray) -> np.ndarray:
    """Return the products, int64, of rows (n_spins, K) with those of the sites of their block."""
    n_spins, n_rows = rows.shape
    found = np.zeros((-(-n_spins // SITES) * SITES, SITES), np.int64)
    step = SITES * max(1, 2**22 // (SITES * n_rows))
    for first in range(0, n_spins, step):
        some = rows[first : first + step].astype(np.float64)
        some = np.pad(some, ((0, -len(some) % SITES), (0, 0))).reshape(-1, SITES, n_rows)
        products = some @ some.transpose(0, 2, 1)
        found[first : first + SITES * len(some)] = products.reshape(-1, SITES)
    return found


def prepare(network: Signs, block: Block) -> None:
    """Fill the overlaps and their sum from the spins."""
    _overlaps(network, block.spins, block.overlaps)
    block.totals[0] = block.overlaps.sum(axis=0, dtype=np.int64)


@njit
def _overlaps(network, spins, overlaps):
    overlaps[:] = 0
    for i in range(network.n_spins):
        for r in range(network.n_rows):
            sign = entry(network, i, r)
            for c in range(spins.shape[1]):
                overlaps[r, c] += sign * spins[i, c]


@njit
def entry(network, i, r):
    """Return the entry of row r at site i."""
    bit = network.patterns[i // SITES, r] >> np.uint8(i % SITES) & np.uint8(1)
    return 2 * np.int64(bit) - 1


def sums(network, lanes, state, room, first, moved):
    """Fill room.fields[j] with the signed sum of the overlaps at site first + j."""
    total = load(lanes, state.totals, 0)
    length = network.listed.shape[1]
    for j in range(SITES):
        i = first + j
        found = like(total, 0)
        for begin in range(0, length, network.flush):
            part = load(lanes, state.overlaps, network.n_rows)
            # Unsigned: no index is counted from the end.
            for k in range(np.uint64(begin), np.uint64(min(begin + network.flush, length))):
                part = part + load(lanes, state.overlaps, np.int64(network.listed[i, k]))
            found = found + same(part, found)
        store(room.fields, j, (found + found - total) * network.rarer[i])


def absorb(network, lanes, state, room, first):
    """Add room.changes[j] of the spins from `first` on to the overlaps of all rows."""
    total = load(lanes, state.totals, 0)
    lowest = load(lanes, state.overlaps, network.n_rows)
    for j in range(SITES):
        change = load(lanes, room.changes, j)
        total = total + change * network.row_sums[first + j]
        lowest = lowest - same(change, lowest)
    store(state.totals, 0, total)
    store(room.table, 0, lowest)
    size = 1
    for j in range(SITES):
        change = same(load(lanes, room.changes, j), lowest)
        for p in range(size):
            store(room.table, size + p, load(lanes, room.table, p) + change + change)
        size *= 2
    pattern = network.patterns[first // SITES]
    for r in range(network.n_rows):
        added = load(lanes, room.table, np.int64(pattern[r]))
        store(state.overlaps, r, load(lanes, state.overlaps, r) + added)


@njit
def energies(network, state, out):
    """Fill out (lanes,) with H."""
    out[:] = 0.0
    for r in range(network.n_rows):
        for c in range(out.shape[0]):
            out[c] += np.float64(state.overlaps[r, c]) ** 2
    for c in range(out.shape[0]):
        out[c] = -network.weight * network.half * (out[c] - np.float64(network.self_energy))
