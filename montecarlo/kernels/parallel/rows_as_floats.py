r"""Fields of parallel dynamics from products of float matrices: any rows, any processor.

Every entry is a whole number, so a product is exact, whatever the order of its sums, in
single precision below 2**24 and in double precision below 2**53; past that it is summed in
a fixed order (`montecarlo.kernels.parallel.products`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.kernels.shared import levels
from montecarlo.kernels.shared.philox import njit

from .blocks import row_blocks, small
from .products import column_sums, product

__all__ = ["Floats", "energies", "field_sums", "level_tables", "lower"]


class Floats(NamedTuple):
    """Rows to be multiplied as floats.

    Parameters
    ----------
    memory : Memory
    kept : (n_rows, n_spins) float32 or None
        All rows, where they are few.
    largest : int
        Largest absolute entry.
    tables : (3, n_spins + 1) float32 or float64, or None
        For rows +-1 beyond order 2; see `level_tables`.
    even : (order // 2, n_rows) float64
        Power sums 2, 4, ... of the rows where sites are distinct; no flip changes them.
    """

    memory: Memory
    kept: np.ndarray | None
    largest: int
    tables: np.ndarray | None
    even: np.ndarray


def lower(memory: Memory) -> Floats:
    """Keep the rows in single precision where they are few."""
    return Floats(
        memory=memory,
        kept=memory.rows.astype(np.float32) if small(memory, 4) else None,
        largest=max(int(np.abs(rows).max()) for _, rows in row_blocks(memory)),
        tables=level_tables(memory) if memory.binary and memory.order > 2 else None,
        even=_even_power_sums(memory),
    )


def level_tables(memory: Memory) -> np.ndarray:
    """Tabulate what a row +-1 gives, over its level (M + N)/2: shape (3, n_spins + 1).

    To the fields, to the number common to all spins of a chain, and to the interaction;
    float32 where that is exact.
    """
    signed, common, interaction = levels.level_tables(memory.n_spins, memory.order, memory.indices)
    halves = [[value // 2 for value in table] for table in (signed, common)]
    tables = np.array([*halves, interaction], np.float64)
    return tables.astype(np.float32) if np.abs(tables).max() < 2**24 else tables


def _even_power_sums(memory: Memory) -> np.ndarray:
    sums = np.zeros((memory.order // 2, memory.n_rows))
    if memory.indices == "distinct":
        for which, rows in row_blocks(memory):
            squares = np.square(rows, dtype=np.float64)
            for k in range(len(sums)):
                sums[k, which] = _power(squares, k + 1).sum(axis=1)
    return sums


def field_sums(network: Floats, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return g (c, i) and t (c,); see `montecarlo.kernels.parallel.steps`."""
    memory = network.memory
    own = np.zeros(len(spins))
    total: np.ndarray | None = None
    for rows, powers, even in _overlaps(network, spins):
        if memory.order == 2:
            values = powers[0] if memory.indices == "distinct" else 2 * powers[0]
            part = product(values.T, rows, network.largest)
        elif network.tables is not None:
            values = _look_up(powers[0], network.tables[:2], own)
            part = product(values.T, rows, 1)
        else:
            part = np.zeros(spins.shape)
            for k, value in enumerate(_values(memory, powers, even)):
                factor = _power(rows, k + 1)
                part += (-spins) ** k * product(value.T, factor, network.largest ** (k + 1))
        total = part if total is None else total.astype(np.float64) + part
    return total, own


def _values(memory: Memory, powers: list[np.ndarray], even: np.ndarray) -> list[np.ndarray]:
    """Return what multiplies eta, -s_i eta^2, eta^3, ... in the field of a row."""
    order = memory.order
    if memory.indices == "distinct":
        return _elementary(powers, even, order - 1)[::-1]
    overlaps = powers[0].astype(np.float64)
    values = [np.ones_like(overlaps)]
    for _ in range(order - 1):
        values.append(values[-1] * overlaps)
    factors = (math.comb(order, k + 1) << k for k in range(order))
    return [factor * value for factor, value in zip(factors, values[::-1], strict=True)]


def energies(network: Floats, spins: np.ndarray) -> np.ndarray:
    """Return the energies of all chains: shape (c,)."""
    memory = network.memory
    total = np.zeros(len(spins))
    for _, powers, even in _overlaps(network, spins, memory.order):
        if network.tables is not None:
            _look_up(powers[0], network.tables[1:], total)
        elif memory.indices == "all":
            total += column_sums(_power(powers[0], memory.order))
        else:
            total += column_sums(_elementary(powers, even, memory.order)[-1])
    return -memory.weight * total


def _overlaps(
    network: Floats, spins: np.ndarray, order: int | None = None
) -> Iterator[tuple[np.ndarray, list[np.ndarray], np.ndarray]]:
    """Yield blocks of rows with their odd power sums, each (n_rows, c), and the even ones."""
    memory = network.memory
    order = memory.order - 1 if order is None else order
    highest = 1 if network.tables is not None or memory.indices == "all" else max(order, 1)
    all_rows = [(slice(None), network.kept)] if network.kept is not None else row_blocks(memory)
    for which, block in all_rows:
        rows = block.astype(np.float32, copy=False)
        powers = []
        for power in range(1, highest + 1, 2):
            factor = rows if power == 1 else _power(rows, power)
            powers.append(product(factor, spins.T, network.largest**power, ones=True))
        yield rows, powers, network.even[:, which]


@njit
def _look_up(overlaps, tables, total):
    """Return the first table for every row in every chain, (n_rows, c); add the second to total."""
    values = np.empty(overlaps.shape, tables.dtype)
    n_spins = tables.shape[1] - 1
    for r in range(overlaps.shape[0]):
        for c in range(overlaps.shape[1]):
            level = (np.int64(overlaps[r, c]) + n_spins) >> 1
            values[r, c] = tables[0, level]
            total[c] += tables[1, level]
    return values


def _power(base: np.ndarray, exponent: int) -> np.ndarray:
    # Products are rounded alike everywhere; numpy's power differs between vector widths.
    result = base.astype(np.float64)
    for _ in range(exponent - 1):
        result = result * base
    return result


def _elementary(powers: list[np.ndarray], even: np.ndarray, order: int) -> list[np.ndarray]:
    """Elementary symmetric polynomials 0..order of every row, by Newton's identities."""
    odd = [power.astype(np.float64) for power in powers]
    sums = [
        even[k // 2 - 1][:, None] if k % 2 == 0 else odd[min(k // 2, len(odd) - 1)]
        for k in range(1, order + 1)
    ]
    polynomials = [np.ones_like(odd[0])]
    for k in range(1, order + 1):
        total = np.zeros_like(odd[0])
        for j in range(1, k + 1):
            total += (-1) ** (j - 1) * polynomials[k - j] * sums[j - 1]
        polynomials.append(total / k)
    return polynomials
