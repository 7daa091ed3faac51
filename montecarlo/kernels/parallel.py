r"""Parallel (Little) dynamics of many chains of one disorder sample at once.

The fields of all chains are two matrix products, overlaps ``rows @ spins`` and
``rows.T @ values`` with values a function of the overlaps.  With
:math:`h_i = -\partial H/\partial s_i` and :math:`x_{ri} = \eta_{ri} s_i`,

* P = 2: :math:`h_i \propto \sum_r \eta_{ri} M_r`, less :math:`s_i \sum_r \eta_{ri}^2` for
  distinct sites;
* literal powers: :math:`h_i = w P \sum_r \eta_{ri} M_r^{P-1}`;
* distinct sites: :math:`h_i = w \sum_k (-s_i)^k \sum_r \eta_{ri}^{k+1} e_{P-1-k}(x_r)`, the
  elementary symmetric polynomial of the other spins; for rows +-1 even k share one product
  and odd k are one number per chain.

Every entry is an integer, so a product is exact, whatever the order of its sums, in single
precision below 2**24 and in double precision below 2**53; past that it is summed in a
fixed order (`montecarlo.kernels.products`).  The bits of a chain therefore depend neither
on the chains beside it nor on the threads of the matrix library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import take
from montecarlo.dynamics import PARALLEL, SEQUENTIAL

from .heat_bath import draw_spins
from .philox import njit
from .products import column_sums, product

__all__ = ["Network", "State", "lower", "period", "prepare", "run"]

BLOCK_BYTES = 1 << 26  # of rows that are kept in single precision or made at a time


class Network(NamedTuple):
    """Rows and interaction of a sample.

    Parameters
    ----------
    memory : Memory
    kept : (n_rows, n_spins) float32 or None
        All rows, where they are few.
    largest : int
        Largest absolute entry.
    tables : (3, n_spins + 1) float32 or float64, or None
        For rows +-1 beyond order 2, over the level (M + N)/2 of a row: what it gives the
        fields, what it gives the number common to a chain, and its interaction.
    squares : (n_spins,) float64
        What the two-body field subtracts for distinct sites, else 0.
    even : (order // 2, n_rows) float64
        Power sums 2, 4, ... of the rows where sites are distinct; no flip changes them.
    """

    memory: Memory
    kept: np.ndarray | None
    largest: int
    tables: np.ndarray | None
    squares: np.ndarray
    even: np.ndarray


class State(NamedTuple):
    """Chains of one sample: spins (c, i) float32, +-1."""

    spins: np.ndarray


def lower(memory: Memory) -> Network:
    """Keep the rows in single precision where they are few."""
    few = 4 * memory.n_rows * memory.n_spins <= BLOCK_BYTES
    squares = np.zeros(memory.n_spins)
    if memory.order == 2 and memory.indices == "distinct":
        for _, rows in _blocks(memory):
            squares += np.square(rows, dtype=np.int64).sum(axis=0)
    return Network(
        memory=memory,
        kept=memory.rows.astype(np.float32) if few else None,
        largest=max(int(np.abs(rows).max()) for _, rows in _blocks(memory)),
        tables=_tables(memory) if memory.binary and memory.order > 2 else None,
        squares=squares,
        even=_even_power_sums(memory),
    )


def _tables(memory: Memory) -> np.ndarray:
    n, order = memory.n_spins, memory.order
    levels = np.arange(-n, n + 1, 2.0)[:, None]
    if memory.indices == "all":
        slope, interaction = order * _power(levels, order - 1), _power(levels, order)
        tables = np.hstack([slope, np.zeros_like(slope), interaction])
    else:
        even = np.full((order // 2, n + 1), float(n))
        polynomials = _elementary([levels], even, order)
        others = polynomials[-2::-1]
        tables = np.hstack([sum(others[0::2]), sum(others[1::2]), polynomials[-1]])
    exact = np.abs(tables).max() < 2**24
    return np.ascontiguousarray(tables.T, np.float32 if exact else np.float64)


def _even_power_sums(memory: Memory) -> np.ndarray:
    sums = np.zeros((memory.order // 2, memory.n_rows))
    if memory.indices == "distinct":
        for which, rows in _blocks(memory):
            squares = np.square(rows, dtype=np.float64)
            for k in range(len(sums)):
                sums[k, which] = _power(squares, k + 1).sum(axis=1)
    return sums


def _blocks(memory: Memory) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows, unpacked, a block at a time."""
    step = max(1, BLOCK_BYTES // (8 * memory.n_spins))
    for first in range(0, memory.n_rows, step):
        which = slice(first, first + step)
        yield which, take(memory.kept_rows, which)


def prepare(network: Network, spins: np.ndarray) -> State:
    """Build the state of chains that start from `spins` of shape (c, n_spins)."""
    return State(np.array(spins, np.float32))


def run(
    network,
    state,
    key,
    T,
    rule,
    first_sweep,
    n_measurements,
    stride,
    snapshots,
    energies,
    order=SEQUENTIAL,
):
    """Advance the chains; see `montecarlo.kernels`.

    Parameters
    ----------
    network : Network
    state : State
    key : (c, 2) uint32
    T : (c,) or (c, n_measurements * stride) float64
    rule : int
        PARALLEL.
    first_sweep, n_measurements, stride : int
    snapshots : (c, n_measurements, n_spins) int8
    energies : (c, n_measurements) float64
    order : int
        Without effect: all spins move at once.

    Returns
    -------
    numpy.ndarray
        Flips of every chain, shape (c,).
    """
    assert rule == PARALLEL
    spins = state.spins
    flips = np.zeros(len(spins), np.int64)
    T = np.broadcast_to(np.reshape(T, (len(spins), -1)), (len(spins), n_measurements * stride))
    weight = network.memory.weight
    for k in range(n_measurements):
        for j in range(k * stride, (k + 1) * stride):
            sums, own = field_sums(network, spins)
            temperature = np.ascontiguousarray(T[:, j])
            draw_spins(
                spins, sums, own, network.squares, weight, temperature, key, first_sweep + j, flips
            )
        snapshots[:, k] = spins
        energies[:, k] = _energies(network, spins)
    return flips


def period(network: Network, state: State) -> np.ndarray:
    """Period of the zero-temperature map of every chain: 1, 2, or 0; shape (c,)."""
    path = [state.spins]
    for _ in range(2):
        sums, own = field_sums(network, path[-1])
        fields = sums - path[-1] * (own[:, None] + network.squares)
        path.append(np.where(fields == 0, path[-1], np.sign(fields)).astype(np.float32))
    back = [(after == state.spins).all(axis=1) for after in path[1:]]
    return np.select(back, [1, 2], 0)


def field_sums(network: Network, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integers g (c, i) and t (c,): the field is weight (g_i - s_i (t + squares_i))."""
    memory = network.memory
    own = np.zeros(len(spins))
    total: np.ndarray | None = None
    for rows, powers, even in _overlaps(network, spins):
        if memory.order == 2:
            values = powers[0] if memory.indices == "distinct" else 2 * powers[0]
            part = product(values.T, rows, network.largest)
        elif network.tables is not None:
            part = product(_look_up(powers[0], network.tables[0]).T, rows, 1)
            if memory.indices == "distinct":
                own += column_sums(_look_up(powers[0], network.tables[1]))
        elif memory.indices == "all":
            values = memory.order * _power(powers[0], memory.order - 1)
            part = product(values.T, rows, network.largest)
        else:
            part = np.zeros(spins.shape)
            for k, other in enumerate(_elementary(powers, even, memory.order - 1)[::-1]):
                factor = _power(rows, k + 1)
                part += (-spins) ** k * product(other.T, factor, network.largest ** (k + 1))
        total = part if total is None else total.astype(np.float64) + part
    return total, own


def _energies(network: Network, spins: np.ndarray) -> np.ndarray:
    memory = network.memory
    total = np.zeros(len(spins))
    for _, powers, even in _overlaps(network, spins, memory.order):
        if network.tables is not None:
            total += column_sums(_look_up(powers[0], network.tables[2]))
        elif memory.indices == "all":
            total += column_sums(_power(powers[0], memory.order))
        else:
            total += column_sums(_elementary(powers, even, memory.order)[-1])
    return -memory.weight * total


def _overlaps(
    network: Network, spins: np.ndarray, order: int | None = None
) -> Iterator[tuple[np.ndarray, list[np.ndarray], np.ndarray]]:
    """Yield blocks of rows with their odd power sums, each (n_rows, c), and the even ones."""
    memory = network.memory
    order = memory.order - 1 if order is None else order
    highest = 1 if network.tables is not None or memory.indices == "all" else max(order, 1)
    all_rows = [(slice(None), network.kept)] if network.kept is not None else _blocks(memory)
    for which, block in all_rows:
        rows = block.astype(np.float32, copy=False)
        powers = []
        for power in range(1, highest + 1, 2):
            factor = rows if power == 1 else _power(rows, power)
            powers.append(product(factor, spins.T, network.largest**power, ones=True))
        yield rows, powers, network.even[:, which]


@njit
def _look_up(overlaps, table):
    """Tabulated values of every row in every chain: shape (n_rows, c)."""
    values = np.empty(overlaps.shape, table.dtype)
    n_spins = table.shape[0] - 1
    for r in range(overlaps.shape[0]):
        for c in range(overlaps.shape[1]):
            values[r, c] = table[(np.int64(overlaps[r, c]) + n_spins) >> 1]
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
