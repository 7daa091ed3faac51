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
from hebbian.packed import Packed, take
from montecarlo.kernels.shared import levels
from montecarlo.kernels.shared.philox import njit

from .blocks import row_blocks, small
from .products import column_sums, product

__all__ = ["Floats", "answer_tables", "energies", "field_sums", "level_tables", "lower"]


class Floats(NamedTuple):
    """Rows to be multiplied as floats.

    Parameters
    ----------
    memory : Memory
    kept : tuple of (n_rows, n_spins) float32 or float64, or None
        All rows, where they are few, and behind them those powers of theirs that fields need.
    largest : int
        Largest absolute entry.
    tables : (3, n_spins + 1) float32 or float64, or None
        For rows +-1 beyond order 2; see `level_tables`, or where others answer them
        `answer_tables`, (2, n_spins + 1).
    even : (order // 2, n_rows) float64
        Power sums 2, 4, ... of the rows where sites are distinct; no flip changes them.
    last : (n_spins,) float64
        What multiplies (-s_i)^(order - 1), the term of a field in which no other spin is left;
        empty for tables, at order 2 and where others answer the rows.
    answers : tuple of (n_rows, n_spins) float32 or float64, or None
        The values of all rows, where there are any and they are few, and behind them their
        products with those powers of the rows that fields need.
    largest_answer : int
        Largest absolute value, 0 without any.
    strengths : (n_rows, 1) float64
        Of the rows, 1 where there are none.
    """

    memory: Memory
    kept: tuple[np.ndarray, ...] | None
    largest: int
    tables: np.ndarray | None
    even: np.ndarray
    last: np.ndarray
    answers: tuple[np.ndarray, ...] | None
    largest_answer: int
    strengths: np.ndarray


def lower(memory: Memory) -> Floats:
    """Keep the rows in single precision where they are few."""
    of_tables, order, answered = memory.binary, memory.order, memory.values is not None
    highest = 1 if of_tables else order - 1
    strengths = np.ones(memory.n_rows) if memory.strengths is None else memory.strengths
    strengths = strengths.astype(np.float64)[:, None]
    kept = last = answers = tables = None
    if small(memory, 8 * highest - 4 + 8 * answered * _n_answers(memory, of_tables)):
        rows = memory.rows.astype(np.float32)
        kept = (rows, *(_power(rows, exponent) for exponent in range(2, highest + 1)))
        if answered:
            answers = tuple(_answers(memory, slice(None), rows, of_tables))
    if order > 2 and of_tables:
        tables = answer_tables(memory) if answered else level_tables(memory)
    elif order > 2 and not answered:
        powers = (
            (strengths[which] * _power(rows, order)).sum(axis=0)
            for which, rows in row_blocks(memory)
        )
        last = sum(powers) * (1 if memory.indices == "distinct" else 2 ** (order - 1))
    return Floats(
        memory=memory,
        kept=kept,
        largest=max(int(np.abs(rows).max()) for _, rows in row_blocks(memory)),
        tables=tables,
        even=_even_power_sums(memory),
        last=np.zeros(0) if last is None else last,
        answers=answers,
        largest_answer=_largest_answer(memory),
        strengths=strengths,
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


def answer_tables(memory: Memory) -> np.ndarray:
    """Tabulate what a row +-1 that others answer gives to the fields: shape (2, n_spins + 1).

    By its answer, and by the product of both, which counts against the spin; see `level_tables`.
    """
    if memory.indices == "distinct":
        return level_tables(memory)[:2]
    overlaps = range(-memory.n_spins, memory.n_spins + 1, 2)
    powers = [overlap ** (memory.order - 1) for overlap in overlaps]
    tables = np.array([powers, [0] * len(powers)], np.float64)
    return tables.astype(np.float32) if np.abs(tables).max() < 2**24 else tables


def _largest_answer(memory: Memory) -> int:
    if memory.values is None or isinstance(memory.values, Packed):
        return int(memory.values is not None)
    return int(np.abs(memory.values).max())


def _n_answers(memory: Memory, of_tables: bool) -> int:
    """Products of the values with powers of the rows, the zeroth included, that fields need."""
    if memory.order == 2 or memory.indices == "all":
        return 1
    return 2 if of_tables else memory.order


def _answers(
    memory: Memory, which: slice, rows: np.ndarray, of_tables: bool
) -> Iterator[np.ndarray]:
    assert memory.values is not None
    values = take(memory.values, which).astype(np.float32)
    yield values
    for exponent in range(1, _n_answers(memory, of_tables)):
        yield values * (rows if of_tables else _power(rows, exponent))


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
    for which, rows, powers, even in _overlaps(network, spins):
        if memory.values is not None:
            part = _answered(network, spins, which, rows, powers, even)
        elif memory.order == 2:
            values = powers[0] if memory.indices == "distinct" else 2 * powers[0]
            part = product(_strong(network, which, values).T, rows, network.largest)
        elif network.tables is not None:
            values = _look_up(powers[0], network.tables[:2], network.strengths[which], own)
            part = product(_strong(network, which, values).T, rows, 1)
        else:
            part = np.zeros(spins.shape)
            for k, value in enumerate(_values(memory, powers, even)):
                factor = _row_power(network, rows, k + 1)
                value = _strong(network, which, value)
                part += (-spins) ** k * product(value.T, factor, network.largest ** (k + 1))
        total = part if total is None else total.astype(np.float64) + part
    if network.last.size:
        total = total + (-spins) ** (memory.order - 1) * network.last
    return total, own


def _answered(
    network: Floats,
    spins: np.ndarray,
    which: slice,
    rows: np.ndarray,
    powers: list[np.ndarray],
    even: np.ndarray,
) -> np.ndarray:
    """Return what the values of some rows add to g: sum_k (-s_i)^k sum_r v_ri eta_ri^k f_k(r)."""
    memory, tables, none = network.memory, network.tables, np.zeros(len(spins))
    if memory.order == 2:
        functions = powers
    elif tables is not None:
        ones = network.strengths[which]
        functions = [_look_up(powers[0], tables[k:], ones, none) for k in range(2)]
    elif memory.indices == "all":
        functions = [_power(powers[0], memory.order - 1)]
    else:
        functions = _elementary(powers, even, memory.order - 1)[::-1]
    answers = network.answers or _answers(memory, which, rows, tables is not None)
    parts = [
        product(functions[k].T, factor, network.largest_answer * network.largest**k)
        for k, factor in enumerate(answers)
    ]
    found = parts[0]
    for k, part in enumerate(parts[1:], 1):
        found = found + (-spins) ** k * part.astype(np.float64)
    return found


def _values(memory: Memory, powers: list[np.ndarray], even: np.ndarray) -> list[np.ndarray]:
    """Return what multiplies eta, -s_i eta^2, eta^3, ... in the field of a row; not the last."""
    order = memory.order
    if memory.indices == "distinct":
        return _elementary(powers, even, order - 1)[:0:-1]
    factors = [float(math.comb(order, k + 1) << k) for k in range(order - 1)]
    return list(_monomials(powers[0], np.array(factors)))


@njit
def _monomials(overlaps, factors):
    """Powers of the overlaps down to the first, times the factors: shape (k, n_rows, c)."""
    values = np.empty((factors.size, *overlaps.shape))
    for r in range(overlaps.shape[0]):
        for c in range(overlaps.shape[1]):
            overlap = power = np.float64(overlaps[r, c])
            for k in range(factors.size - 1, -1, -1):
                values[k, r, c] = factors[k] * power
                power *= overlap
    return values


def energies(network: Floats, spins: np.ndarray) -> np.ndarray:
    """Return the energies of all chains, NaN where others answer the rows: shape (c,)."""
    memory = network.memory
    if not memory.energetic:
        return np.full(len(spins), np.nan)
    total = np.zeros(len(spins))
    for which, _, powers, even in _overlaps(network, spins, memory.order):
        if network.tables is not None:
            _look_up(powers[0], network.tables[1:], network.strengths[which], total)
            continue
        if memory.indices == "all":
            terms = _power(powers[0], memory.order)
        else:
            terms = _elementary(powers, even, memory.order)[-1]
        total += column_sums(_strong(network, which, terms))
    return -memory.weight * total


def _overlaps(
    network: Floats, spins: np.ndarray, order: int | None = None
) -> Iterator[tuple[slice, np.ndarray, list[np.ndarray], np.ndarray]]:
    """Yield which rows, those with their odd power sums, each (n_rows, c), and the even ones."""
    memory = network.memory
    order = memory.order - 1 if order is None else order
    highest = 1 if network.tables is not None or memory.indices == "all" else max(order, 1)
    all_rows = [(slice(None), network.kept[0])] if network.kept else row_blocks(memory)
    for which, block in all_rows:
        rows = block.astype(np.float32, copy=False)
        powers = []
        for power in range(1, highest + 1, 2):
            factor = _row_power(network, rows, power)
            powers.append(product(factor, spins.T, network.largest**power, ones=True))
        yield which, rows, powers, network.even[:, which]


def _row_power(network: Floats, rows: np.ndarray, exponent: int) -> np.ndarray:
    """Return a power of the entries of these rows."""
    if network.kept is not None and exponent <= len(network.kept):
        return network.kept[exponent - 1]
    return rows if exponent == 1 else _power(rows, exponent)


def _strong(network: Floats, which: slice, of_rows: np.ndarray) -> np.ndarray:
    """Return numbers (n_rows, c) of some rows times the strengths of these."""
    return of_rows if network.memory.strengths is None else of_rows * network.strengths[which]


@njit
def _look_up(overlaps, tables, strengths, total):
    """Return the first table for every row in every chain, (n_rows, c).

    Add the last, times the strength of the row, to the total.
    """
    values = np.empty(overlaps.shape, tables.dtype)
    n_spins, last = tables.shape[1] - 1, tables.shape[0] - 1
    for r in range(overlaps.shape[0]):
        for c in range(overlaps.shape[1]):
            level = (np.int64(overlaps[r, c]) + n_spins) >> 1
            values[r, c] = tables[0, level]
            total[c] += strengths[r, 0] * tables[last, level]
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
