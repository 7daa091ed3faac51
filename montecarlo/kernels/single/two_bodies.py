"""Two-body networks: rows packed as bits, or couplings with maintained local fields.

Both give every field as the same integer times the same weight, so that a chain has the
same bits in either form; `montecarlo.kernels.single.forms` says which one is faster.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import pack

__all__ = ["Couplings", "Pairs", "couplings", "pairs"]

_EXACT = 2**24  # integers up to here are exact in float32


class Pairs(NamedTuple):
    r"""Rows +-1 with a two-body interaction: the field is a signed sum of the overlaps.

    :math:`h_i = w (\sum_r \eta_{ri} M_r - K s_i)`.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    row_sums : (n_spins,) int64
        Sum over rows of the entries of each spin.
    overlap_type : (0,) int16 or int32
        Empty; its type holds the overlaps.
    flush : int
        Words after which partial sums have to be widened.
    n_rows : int
    self_energy : float
        K N where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    bits: np.ndarray
    row_sums: np.ndarray
    overlap_type: np.ndarray
    flush: int
    n_rows: int
    self_energy: float
    half: float
    weight: float


class Couplings(NamedTuple):
    r"""Couplings :math:`J_{ij} = \sum_r \eta_{ri} \eta_{rj}` without diagonal.

    Parameters
    ----------
    matrix : (n_spins, n_spins) int8, int16 or int32
    diagonal : float
        Sum of the squares of all entries of the rows where a site interacts with itself,
        which adds to the energy alone; else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    matrix: np.ndarray
    diagonal: float
    half: float
    weight: float


def pairs(memory: Memory) -> Pairs:
    """Lower binary rows with a two-body interaction."""
    n_rows, n_spins = memory.n_rows, memory.n_spins
    bits = pack(memory.kept_rows)
    narrow = n_spins < 2**15 and n_rows * n_spins < 2**31
    distinct = memory.indices == "distinct"
    limit = 2**15 if narrow else 2**29
    return Pairs(
        bits=bits,
        row_sums=2 * _set_bits(bits) - n_rows,
        overlap_type=np.empty(0, np.int16 if narrow else np.int32),
        flush=max(1, (limit - 1) // n_spins),
        n_rows=n_rows,
        self_energy=float(n_rows * n_spins) if distinct else 0.0,
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )


def _set_bits(bits: np.ndarray) -> np.ndarray:
    """Count the set bits of every spin, some spins at a time: an eighth of the rows is much."""
    blocks = np.array_split(bits, 1 + (bits.nbytes >> 24))
    return np.concatenate([np.bitwise_count(x).sum(axis=1, dtype=np.int64) for x in blocks])


def couplings(memory: Memory) -> Couplings:
    """Multiply the rows out; exact, because blocks of them fit the floats of BLAS."""
    rows, n_spins = memory.rows, memory.n_spins
    largest = max(1, int(np.abs(rows).max()))
    squares = np.square(rows, dtype=np.int64).sum()
    step = max(1, _EXACT // largest**2)
    matrix: Any = np.zeros((n_spins, n_spins), np.int64 if len(rows) > step else np.float32)
    for first in range(0, len(rows), step):
        block: Any = rows[first : first + step].astype(np.float32 if step > 1 else np.float64)
        matrix += (block.T @ block).astype(matrix.dtype)
    np.fill_diagonal(matrix, 0)
    bound = int(np.abs(matrix).max())
    if bound * n_spins >= 2**31:
        raise ValueError(
            f"form = 'couplings' needs fields below 2**31, the couplings reach {bound} at "
            f"n_spins {n_spins}: use form = 'overlaps'"
        )
    kind = next(t for t in (np.int8, np.int16, np.int32) if bound <= np.iinfo(t).max)
    distinct = memory.indices == "distinct"
    return Couplings(
        matrix=matrix.astype(kind),
        diagonal=0.0 if distinct else float(squares),
        half=0.5 if distinct else 1.0,
        weight=memory.weight,
    )
