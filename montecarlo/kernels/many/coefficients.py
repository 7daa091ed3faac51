r"""Integer rows, two bodies, many chains: every row times its entry at a site.

Blank rows and sums of examples, and few rows +-1, not worth putting in order.  As in
`montecarlo.kernels.many.signs` the overlaps stay as they are for a block of sites.
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
from .vectors import same

__all__ = [
    "Coefficients",
    "absorb",
    "energies",
    "entry",
    "field",
    "follow",
    "holds",
    "lower",
    "prepare",
    "sums",
    "visit_time",
]


class Coefficients(NamedTuple):
    """Integer rows.

    Parameters
    ----------
    rows : (n_spins in whole blocks, K) int16 or int32
    gram : (n_spins in whole blocks, SITES) int64
        As in `Signs`.
    own : (n_spins in whole blocks,) int64
        What a spin adds to the overlaps it feels: the sum of the squares of its entries.
    kind, whole, table : (0,) of types as in `Signs`
        The type of an overlap holds their sums, too.
    n_rows, n_spins : int
    unit, self_energy, half, weight
        As in `Signs`.
    """

    rows: np.ndarray
    gram: np.ndarray
    own: np.ndarray
    kind: np.ndarray
    whole: np.ndarray
    table: np.ndarray
    n_rows: int
    n_spins: int
    unit: float
    self_energy: int
    half: float
    weight: float


def largest_sum(memory: Memory) -> int:
    """Return a bound on the sum of the overlaps at a site, its own share included."""
    sizes = np.abs(memory.rows.astype(np.int64))
    largest = int(sizes.max())
    return largest * (int(sizes.sum()) + largest * memory.n_rows)


def holds(memory: Memory) -> bool:
    """Whether rows of integers, alike, interact in pairs whose sums 30 bits hold."""
    return pairs(memory) and 2 * largest_sum(memory) < LARGEST


def lower(memory: Memory) -> Coefficients:
    """Turn the rows to the order of the visits."""
    rows = np.ascontiguousarray(memory.rows.T)
    n_spins, n_rows = rows.shape
    kind: type = np.int16 if largest_sum(memory) < 2**15 else np.int32
    squares = np.einsum("ir,ir->i", rows, rows, dtype=np.int64)
    distinct = memory.indices == "distinct"
    half = 0.5 if distinct else 1.0
    return Coefficients(
        rows=np.pad(rows, ((0, -n_spins % SITES), (0, 0))).astype(kind),
        gram=block_products(rows),
        own=in_blocks(squares),
        kind=np.empty(0, kind),
        whole=np.empty(0, kind),
        table=np.empty(0, np.int32),
        n_rows=n_rows,
        n_spins=n_spins,
        unit=2.0 * half * memory.weight,
        self_energy=int(squares.sum()) if distinct else 0,
        half=half,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float, lanes: int) -> float:
    """Nanoseconds of a visit of all lanes: it multiplies all rows, and so do a block's flips."""
    moved, K = flips_together(flips, lanes), memory.n_rows
    if lanes == 16:
        return 18.0 + 0.61 * K + moved * (7.0 + 0.33 * K)
    return 28.0 + 0.98 * K + moved * (6.5 + 0.68 * K)


def prepare(network: Coefficients, block: Block) -> None:
    """Fill the overlaps from the spins."""
    _overlaps(network.rows, block.spins, block.overlaps)


@njit
def _overlaps(rows, spins, overlaps):
    overlaps[:] = 0
    for i in range(rows.shape[0]):
        for r in range(rows.shape[1]):
            for c in range(spins.shape[1]):
                overlaps[r, c] += rows[i, r] * spins[i, c]


@njit
def entry(network, i, r):
    """Return the entry of row r at site i."""
    return network.rows[i, r]


def sums(network, lanes, state, room, first, moved):
    """Fill room.fields[j] with the sum of the overlaps times the entries at site first + j."""
    for j in range(SITES):
        found = load(lanes, state.overlaps, network.n_rows)
        for r in range(network.n_rows):
            found = found + load(lanes, state.overlaps, r) * network.rows[first + j, r]
        store(room.fields, j, same(found, load(lanes, room.fields, j)))


def absorb(network, lanes, state, room, first):
    """Add room.changes[j] of the spins from `first` on to the overlaps of all rows."""
    for r in range(network.n_rows):
        overlap = load(lanes, state.overlaps, r)
        for j in range(SITES):
            change = same(load(lanes, room.changes, j), overlap)
            overlap = overlap + change * network.rows[first + j, r]
        store(state.overlaps, r, overlap)


def field(network, lanes, state, room, entries, spin):
    """Return the whole numbers of the fields, of rows with these entries in all lanes."""
    found = spin - spin
    for r in range(network.n_rows):
        overlap = load(lanes, state.overlaps, r)
        found = found + same(overlap * entry_of(lanes, entries, r), found)
    return found - spin * load(lanes, room.own, 0)


def follow(network, lanes, state, room, entries, change, flipped):
    """Bring the overlaps up to date with flips."""
    for r in range(network.n_rows):
        overlap = load(lanes, state.overlaps, r)
        step = same(change, overlap) * entry_of(lanes, entries, r)
        store(state.overlaps, r, overlap + step)


@njit
def energies(network, state, out):
    """Fill out (lanes,) with H."""
    out[:] = 0.0
    for r in range(network.n_rows):
        for c in range(out.shape[0]):
            out[c] += np.float64(state.overlaps[r, c]) ** 2
    for c in range(out.shape[0]):
        out[c] = -network.weight * network.half * (out[c] - np.float64(network.self_energy))
