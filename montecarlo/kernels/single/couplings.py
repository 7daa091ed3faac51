"""Two bodies, local fields maintained at every flip."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import take
from montecarlo.kernels.shared.ranges import add_product, as_float, exact_pairs

from .state import State

__all__ = ["Couplings", "TooLarge", "energy", "field", "flip", "lower", "prepare"]

NAME = "couplings"

_EXACT = 2**24  # integers up to here are exact in float32
_EXACT_DOUBLE = 2**53
ROW_BLOCK = 1 << 20  # entries of the matrix widened at a time
SWEEPS = 5000  # of all chains of a sample that share the couplings: the default schedule
LEAST_LOAD = 0.02  # below it the flips of rows with blanks are those of the blanks: unknown
MOST_SPINS = 4096  # whose couplings stay in the last cache and build in a moment


class TooLarge(ValueError):
    """The fields would not fit 32 bits, or their products the floats of BLAS."""


class Couplings(NamedTuple):
    r"""Couplings :math:`J_{ij} = \sum_r \eta_{ri} \eta_{rj}` without diagonal, or given ones.

    Rows of unequal strengths are summed times these.  Given couplings are those of the memory
    itself, however large: fields leave their diagonal out.

    Parameters
    ----------
    matrix : (n_spins, n_spins) int8, int16 or int32; int64 where couplings are given or rows
        are of unequal strengths
    diagonal : int
        Sum of the squares of all entries of the rows, times their strengths, where a site
        interacts with itself, which adds to the energy alone; else 0.
    strong : int
        1 where rows are of unequal strengths, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    matrix: np.ndarray
    diagonal: int
    strong: int
    half: float
    weight: float


def holds(memory: Memory) -> bool:
    """Whether the interaction is of two bodies."""
    return memory.couplings is not None or (memory.order == 2 and exact_pairs(memory))


def lower(memory: Memory) -> Couplings:
    """Multiply the rows out; exact, because blocks of them fit the floats of BLAS.

    Raises
    ------
    TooLarge
        Which is known once the couplings are.
    """
    if memory.couplings is not None:
        whole = memory.whole_couplings
        return Couplings(whole.matrix, 0, 0, 0.5, memory.weight * whole.unit)
    if memory.strengths is not None:
        return _of_strengths(memory, memory.strengths)
    rows, n_spins = memory.rows, memory.n_spins
    largest = max(1, int(np.abs(rows).max()))
    squares = np.square(rows, dtype=np.int64).sum()
    step = max(1, _EXACT // largest**2)
    matrix: Any = np.zeros((n_spins, n_spins), np.int64 if len(rows) > step else np.float32)
    for first in range(0, len(rows), step):
        block: Any = rows[first : first + step].astype(np.float32 if step > 1 else np.float64)
        matrix += (block.T @ block).astype(matrix.dtype)
    if memory.mixing is not None:
        matrix = matrix.astype(np.int64) * np.repeat(
            np.repeat(memory.mixing, memory.layers, axis=0), memory.layers, axis=1
        )
    np.fill_diagonal(matrix, 0)
    bound = int(np.abs(matrix).max())
    if bound * n_spins >= 2**31:
        raise TooLarge(
            f"form = 'couplings' needs fields below 2**31, the couplings reach {bound} at "
            f"n_spins {n_spins}: use form = {'overlaps' if memory.mixing is None else 'layers'!r}"
        )
    kind = next(t for t in (np.int8, np.int16, np.int32) if bound <= np.iinfo(t).max)
    distinct = memory.indices == "distinct"
    return Couplings(
        matrix=matrix.astype(kind),
        diagonal=0 if distinct else int(squares),
        strong=0,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def _of_strengths(memory: Memory, strengths: np.ndarray) -> Couplings:
    """Multiply rows of unequal strengths out, as many at a time as doubles hold exactly."""
    largest = max(1, int(np.abs(memory.rows).max()))
    step = _EXACT_DOUBLE // (largest**2 * max(1, int(strengths.max())))
    if step == 0:
        raise TooLarge(
            f"form = 'couplings' needs squares of entries below 2**21, entries reach {largest} in "
            "rows of unequal strengths: use form = 'overlaps'"
        )
    n_spins = memory.n_spins
    matrix = np.zeros((n_spins, n_spins), np.int64)
    for first in range(0, memory.n_rows, step):
        which = slice(first, first + step)
        block = take(memory.kept_rows, which).astype(np.float64)
        matrix += ((block.T * strengths[which]) @ block).astype(np.int64)
    squares = int(matrix.trace())
    np.fill_diagonal(matrix, 0)
    distinct = memory.indices == "distinct"
    return Couplings(
        matrix=matrix,
        diagonal=0 if distinct else squares,
        strong=1,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit: it reads a field, a flip changes them all; the building shared.

    Fields cost more with the bytes of the matrix, which leave one cache after the other.
    Infinite where the couplings are too many or the flips unknown.
    """
    n_spins, n_rows = memory.n_spins, memory.n_rows
    if memory.couplings is not None:
        return 0.0  # no other form holds them
    if n_spins > MOST_SPINS or (not memory.binary and n_rows < LEAST_LOAD * n_spins):
        return math.inf
    width, per_row = 1 if n_rows < 600 else 2, 0.0099  # couplings rarely exceed 5 sqrt(n_rows)
    if memory.strengths is not None:  # eight bytes, which few caches hold
        width, per_row = 16, 0.024
    per_field = 0.034 + 0.0031e-6 * width * n_spins**2
    build = n_spins * (4.9 + per_row * n_rows) / SWEEPS
    return 4.9 + flips * (38.5 + n_spins * per_field) + build


def prepare(network: Couplings, spins: np.ndarray) -> State:
    """Build the state of a chain from `spins`; its overlaps (1, n_spins) are the fields."""
    step = max(1, ROW_BLOCK // len(spins))
    kind = np.int64 if network.matrix.dtype == np.int64 else np.int32
    fields = np.empty((1, len(spins)), kind)
    for first in range(0, len(spins), step):
        block = network.matrix[first : first + step].astype(kind)
        fields[0, first : first + step] = block @ spins.astype(kind)
    fields[0] -= network.matrix.diagonal().astype(kind) * spins
    unused = np.zeros(1, np.int64)
    return State(spins, fields, unused, unused)


def field(network, state, i):
    """Local field h_i."""
    return 2.0 * network.half * network.weight * np.float64(state.overlaps[0, i])


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    fields, row = state.overlaps[0], network.matrix[i]
    own = fields[i]  # no field sees its own spin
    down = fields.dtype.type(-1 if state.spins[i] > 0 else 0)  # -1 or 0: x ^ down - down is -x or x
    for j in range(fields.shape[0]):
        fields[j] += ((fields.dtype.type(row[j]) << 1) ^ down) - down
    fields[i] = own
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H."""
    if network.strong:
        high, low = add_product(0, 0, np.int64(network.diagonal), 1)
        for i in range(state.spins.shape[0]):
            x = np.int64(state.overlaps[0, i])
            high, low = add_product(high, low, x, np.int64(state.spins[i]))
        return -network.weight * network.half * as_float(high, low)
    total = 0.0
    for i in range(state.spins.shape[0]):
        total += np.float64(state.spins[i]) * np.float64(state.overlaps[0, i])
    return -network.weight * network.half * (total + np.float64(network.diagonal))
