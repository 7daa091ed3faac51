"""Fields of parallel dynamics from rows +-1 that stay bits (`montecarlo.kernels.lanes.signs`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import Packed, take
from montecarlo.kernels.lanes.registers import SITES
from montecarlo.kernels.lanes.signs import (
    BLOCK,
    Signs,
    add_energies,
    add_sums,
    aligned,
    available,
    pack_spins,
    signs,
    subtract_crossed,
)

from .blocks import row_blocks, small
from .rows_as_floats import answer_tables, level_tables

__all__ = ["Bits", "energies", "field_sums", "lower", "scratch"]

BYTES_PER_ENTRY = 1 / 8 + 1 / 5  # of `Signs`


class Bits(NamedTuple):
    """Rows +-1 to be added up in integers.

    Parameters
    ----------
    memory : Memory
    kept : tuple of Signs, or None
        All rows, where they are few.
    tables : (2, n_spins + 1) int32, or (2, 0)
        Beyond order 2, over the level (M + N)/2 of a row: what it gives the fields, and
        what it gives the number common to a chain, or the fields by the product with its answer.
    interaction : (n_spins + 1,) or (0,) float
        Likewise.
    factor : int
        What the overlap of a row is multiplied by at order 2.
    sum_type : type
        int32 where it holds every sum, else int64.
    crossed : bool
        Whether the products of rows with their answers are added up, too.
    """

    memory: Memory
    kept: tuple[Signs, ...] | None
    tables: np.ndarray
    interaction: np.ndarray
    factor: int
    sum_type: type
    crossed: bool


def lower(memory: Memory) -> Bits | None:
    """Pack the rows, or None where that is not possible or not fast."""
    answered = memory.values is not None
    if (
        memory.strengths is not None
        or not (memory.binary and available())
        or (answered and not isinstance(memory.values, Packed))
    ):
        return None
    factor = 1 if memory.indices == "distinct" or answered else 2
    tables, largest = np.zeros((3, 0)), factor * memory.n_spins
    crossed = answered and memory.order > 2 and memory.indices == "distinct"
    if memory.order > 2:
        tables = answer_tables(memory) if answered else level_tables(memory)
        largest = float(np.abs(tables[:2]).max())
    if BLOCK * largest >= 2**31:
        return None
    n_terms, n_bytes = (1 + crossed) * memory.n_rows, BYTES_PER_ENTRY + crossed / 5
    return Bits(
        memory=memory,
        kept=tuple(_packed(memory, crossed)) if small(memory, n_bytes) else None,
        tables=tables[:2].astype(np.int32),
        interaction=np.ascontiguousarray(tables[2:].ravel()),
        factor=factor,
        sum_type=np.int32 if n_terms * largest < 2**31 else np.int64,
        crossed=crossed,
    )


def _packed(memory: Memory, crossed: bool) -> Iterator[Signs]:
    for which, rows in row_blocks(memory):
        answers = None if memory.values is None else take(memory.values, which)
        yield signs(rows, answers, crossed=crossed)


def field_sums(network: Bits, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return g (c, i) and t (c,); see `montecarlo.kernels.parallel.steps`."""
    words, sums, crossed, own = scratch(network, len(spins), np.float64)
    pack_spins(spins, words)
    sums[:], crossed[:] = 0, 0
    for block in network.kept or _packed(network.memory, network.crossed):
        add_sums(block, words, network.tables, network.factor, sums, crossed, own)
    subtract_crossed(sums, crossed, spins)
    return sums, own


def scratch(network: Bits, n_chains: int, own_type: type) -> tuple[np.ndarray, ...]:
    """Return arrays for the words of the spins, g, its crossed part and t; t is 0."""
    n_words = -(-network.memory.n_spins // SITES)
    return (
        np.empty((n_chains, n_words), np.uint64),
        aligned((n_chains, SITES * n_words), network.sum_type),
        aligned((network.crossed * n_chains, SITES * n_words), network.sum_type),
        np.zeros(n_chains, own_type),
    )


def energies(network: Bits, spins: np.ndarray) -> np.ndarray:
    """Return the energies of all chains, NaN where others answer the rows: shape (c,)."""
    if not network.memory.energetic:
        return np.full(len(spins), np.nan)
    words, _, _, total = scratch(network, len(spins), np.float64)
    pack_spins(spins, words)
    distinct = network.memory.indices == "distinct"
    for block in network.kept or _packed(network.memory, network.crossed):
        add_energies(block, words, network.interaction, distinct, total)
    return -network.memory.weight * total
