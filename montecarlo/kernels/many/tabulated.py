"""Rows +-1, a polynomial of any degree, many chains: values of the rows from a table.

A visit adds the values of all rows in all lanes; a flip moves the levels of its own lane alone and
looks their values up, so that it costs what it costs a single chain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import tables

from .entries import entry_at, entry_of
from .memory import load
from .state import Block
from .vectors import same

__all__ = [
    "Tabulated",
    "energies",
    "entry",
    "field",
    "follow",
    "holds",
    "lower",
    "prepare",
    "visit_time",
]


class Tabulated(NamedTuple):
    """Rows +-1 and their values A, sums of which 62 bits hold, over the level (M + N)/2.

    Parameters
    ----------
    rows : (n_spins, K) int8
    table, common : (n_spins + 1,) int32 or int64
        A and B of `montecarlo.kernels.single.tables`.
    interaction : (n_spins + 1,) float64
    kind, whole : (0,) of the type of the table, int64
        Empty; their types hold a level, a sum of values.
    flush : int
        Values that their type can add.
    n_rows, n_spins : int
    unit : float
        Field of the whole number 1.
    weight : float
    """

    rows: np.ndarray
    table: np.ndarray
    common: np.ndarray
    interaction: np.ndarray
    kind: np.ndarray
    whole: np.ndarray
    flush: int
    n_rows: int
    n_spins: int
    unit: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether rows +-1 have a polynomial of three bodies or more, in whole numbers."""
    if not (memory.order > 2 and memory.weight > 0 and tables.holds(memory)):
        return False
    return memory.values is None and tables.whole(memory)


def lower(memory: Memory) -> Tabulated:
    """Take the tables of the form of a single chain."""
    single = tables.lower(memory)
    return Tabulated(
        rows=np.ascontiguousarray(memory.rows.T),
        table=single.signed,
        common=single.common,
        interaction=single.interaction,
        kind=np.empty(0, single.signed.dtype),
        whole=np.empty(0, np.int64),
        flush=min(single.flush, memory.n_rows),
        n_rows=memory.n_rows,
        n_spins=memory.n_spins,
        unit=0.5 * memory.weight,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float, lanes: int) -> float:
    """Nanoseconds of a visit of all lanes: it adds all rows, and a flip is that of one lane."""
    rows = 46.0 + 0.72 * memory.n_rows if lanes == 16 else 62.0 + 0.95 * memory.n_rows
    return rows + flips * lanes * (10.0 + 1.8 * memory.n_rows)


def prepare(network: Tabulated, block: Block) -> None:
    """Fill levels, values and their sums from the spins."""
    _levels(network, block.spins, block.overlaps, block.values, block.totals)


@njit
def _levels(network, spins, levels, values, totals):
    levels[:] = 0
    totals[:] = 0
    for i in range(network.n_spins):
        for r in range(network.n_rows):
            for c in range(spins.shape[1]):
                levels[r, c] += np.int32(network.rows[i, r] == spins[i, c])
    for r in range(network.n_rows):
        for c in range(spins.shape[1]):
            values[r, c] = network.table[levels[r, c]]
            totals[0, c] += values[r, c]
            totals[1, c] += network.common[levels[r, c]]


@njit
def entry(network, i, r):
    """Return the entry of row r at site i."""
    return network.rows[i, r]


def field(network, lanes, state, room, entries, spin):
    """Return the whole numbers of the fields, of rows with these entries in all lanes."""
    found = spin - spin
    for begin in range(0, network.n_rows, network.flush):
        part = load(lanes, state.values, begin) * entry_of(lanes, entries, begin)
        for r in range(begin + 1, min(begin + network.flush, network.n_rows)):
            part = part + load(lanes, state.values, r) * entry_of(lanes, entries, r)
        found = found + same(part, found)
    return found - spin * load(lanes, state.totals, 1)


def follow(network, lanes, state, room, entries, change, flipped):
    """Bring levels, values and sums up to date in the lanes that flip."""
    for c in range(state.spins.shape[1]):
        if flipped >> np.uint64(c) & np.uint64(1):
            step = np.int32(room.spins[0, c])
            first, second = np.int64(0), np.int64(0)
            for r in range(network.n_rows):
                level = state.overlaps[r, c] - step * np.int32(entry_at(entries, r, c))
                state.overlaps[r, c] = level
                value = network.table[level]
                state.values[r, c] = value
                first += value
                second += network.common[level]
            state.totals[0, c], state.totals[1, c] = first, second


@njit
def energies(network, state, out):
    """Fill out (lanes,) with H."""
    out[:] = 0.0
    for r in range(network.n_rows):
        for c in range(out.shape[0]):
            out[c] += network.interaction[state.overlaps[r, c]]
    for c in range(out.shape[0]):
        out[c] *= -network.weight
