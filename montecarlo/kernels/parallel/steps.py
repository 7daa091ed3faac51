r"""Parallel (Little) dynamics of many chains of one disorder sample at once.

The fields of all chains are two matrix products, overlaps ``rows @ spins`` and
``rows.T @ values`` with values a function of the overlaps.  With
:math:`h_i = (H(s_i = -1) - H(s_i = +1))/2` and :math:`x_{ri} = \eta_{ri} s_i`,

* P = 2: :math:`h_i \propto \sum_r \eta_{ri} M_r - s_i \sum_r \eta_{ri}^2`; the diagonal of the
  couplings, the second sum, stays where it is asked for;
* literal powers: :math:`s_i h_i = (w/2) \sum_r [M_r^P - (M_r - 2 x_{ri})^P]`, that is
  :math:`h_i = w \sum_k (-s_i)^k \binom{P}{k+1} 2^k \sum_r \eta_{ri}^{k+1} M_r^{P-1-k}`
  (D. Krotov, J. Hopfield, arXiv:1606.01164);
* distinct sites: :math:`h_i = w \sum_k (-s_i)^k \sum_r \eta_{ri}^{k+1} e_{P-1-k}(x_r)`, the
  elementary symmetric polynomial of the other spins.

For rows +-1 even k share one product and odd k are one number per chain.

Where values v answer the rows, of a sequence the next row of each, there is no energy:
:math:`h_i = w \sum_r v_{ri} M_r^{P-1}` for literal powers and at P = 2, the spin itself included;
of distinct sites :math:`h_i = w \sum_k (-s_i)^k \sum_r v_{ri} \eta_{ri}^k e_{P-1-k}(x_r)`, for
rows +-1 one product for even k and one, with :math:`v_{ri} \eta_{ri}`, for odd k.

Every entry is an integer and every sum is exact or has one order, so the bits of a chain
depend neither on the chains beside it nor on threads.  Rows of +1 and -1 stay bits where the
processor adds them up from tables (`montecarlo.kernels.parallel.rows_as_bits`); all else is
products of floats (`montecarlo.kernels.parallel.rows_as_floats`).  Both give the same integers.

Other functions of the overlaps of rows +-1 take their fields from counts of rows, whole numbers
too (`montecarlo.kernels.parallel.rows_by_level`), whether rows or other signs answer, and any
whole numbers that answer are added up (`montecarlo.kernels.parallel.rows_with_values`).  Rows of
several layers have an overlap with each, and one layer may move after the other
(`montecarlo.kernels.parallel.rows_by_layer`).  Given couplings have fields that follow their flips
(`montecarlo.kernels.parallel.given_couplings`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import Packed
from montecarlo.dynamics import LAYERS, MANY_AT_ONCE, PARALLEL, SEQUENTIAL
from montecarlo.kernels.lanes.signs import add_sums, pack_spins, subtract_crossed
from montecarlo.kernels.shared.philox import njit

from . import (
    given_couplings,
    rows_as_bits,
    rows_as_floats,
    rows_by_layer,
    rows_by_level,
    rows_with_values,
)
from .blocks import row_blocks
from .given_couplings import Given
from .heat_bath import draw_spins
from .rows_as_bits import Bits
from .rows_as_floats import Floats
from .rows_by_layer import Layered
from .rows_by_level import Levels
from .rows_with_values import Valued

__all__ = ["Network", "State", "fields", "lower", "name_of", "period", "prepare", "run"]

_FORMS = {
    Bits: rows_as_bits,
    Floats: rows_as_floats,
    Layered: rows_by_layer,
    Levels: rows_by_level,
    Valued: rows_with_values,
    Given: given_couplings,
}


class Network(NamedTuple):
    """Rows and interaction of a sample.

    Numbers g_i and t of the rows make the field ``weight (g_i - s_i (t + squares_i))``, whole
    ones where the interaction is a polynomial.

    Parameters
    ----------
    rows : Bits, Floats, Layered, Levels, Valued or Given
        Given couplings stand in the place of rows.
    squares : (n_spins,) float32 or float64
        The interaction of a spin with itself, which the two-body field subtracts, else 0;
        single precision where that leaves fields their relative precision.
    weight : float
    keeps : bool
        Whether a spin without a field stays at T = 0.
    """

    rows: Bits | Floats | Layered | Levels | Valued | Given
    squares: np.ndarray
    weight: float
    keeps: bool


class State(NamedTuple):
    """Chains of one sample: spins (c, i) float32, +-1, and of given couplings the fields, int64."""

    spins: np.ndarray
    fields: np.ndarray | None = None


def lower(memory: Memory, diagonal: bool = False) -> Network:
    """Choose the form of the rows, and keep them in it where they are few.

    With `diagonal` couplings of pairs keep J_ii, the interaction of a spin with itself.
    """
    squares = np.zeros(memory.n_spins)
    if memory.couplings is not None:
        weight = memory.weight * memory.whole_couplings.unit
        return Network(given_couplings.lower(memory, diagonal), squares, weight, memory.keeps)
    if memory.order == 2 and memory.values is None and not diagonal:
        counted = 1 if memory.indices == "distinct" else 2  # each pair of sites
        for which, rows in row_blocks(memory):
            of_rows = np.square(rows, dtype=np.int64)
            if memory.strengths is not None:
                of_rows *= memory.strengths[which, None]
            squares += counted * of_rows.sum(axis=0)
    if memory.mixing is not None:
        squares *= np.repeat(np.diagonal(memory.mixing), memory.layers)
    # g is rounded from 2**24 on, and then no small difference to squares below 2**22 is left.
    narrow = memory.order == 2 and np.abs(squares).max() < 2**22
    return Network(
        rows=_rows(memory),
        squares=squares.astype(np.float32) if narrow else squares,
        weight=memory.weight,
        keeps=memory.keeps,
    )


def _rows(memory: Memory) -> Bits | Floats | Layered | Levels | Valued:
    if memory.mixing is not None:
        return rows_by_layer.lower(memory)
    if not memory.polynomial:
        answered = memory.values is not None and not isinstance(memory.values, Packed)
        return rows_with_values.lower(memory) if answered else rows_by_level.lower(memory)
    return rows_as_bits.lower(memory) or rows_as_floats.lower(memory)


def name_of(network: Network) -> str:
    """Return what the form of a network is called."""
    names = {Layered: "layers", Levels: "levels", Valued: "values", Given: "couplings"}
    return names.get(type(network.rows), "products")


def prepare(network: Network, spins: np.ndarray) -> State:
    """Build the state of chains that start from `spins` of shape (c, n_spins)."""
    state = State(np.array(spins, np.float32))
    if isinstance(network.rows, Given):
        return state._replace(fields=given_couplings.field_sums(network.rows, state.spins)[0])
    return state


def run(
    network,
    state,
    key,
    T,
    move,
    first_sweep,
    n_measurements,
    stride,
    snapshots,
    energies,
    site_order=SEQUENTIAL,
):
    """Advance the chains and return their flips, (c,); `montecarlo.kernels` has the axes.

    The order of visits is without effect: all spins of a chain, or of a layer, move at once.
    """
    assert move in MANY_AT_ONCE
    spins = state.spins
    flips = np.zeros(len(spins), np.int64)
    T = np.broadcast_to(np.reshape(T, (len(spins), -1)), (len(spins), n_measurements * stride))
    form = _FORMS[type(network.rows)]
    for k in range(n_measurements):
        first = k * stride
        temperatures = np.array(T[:, first : first + stride].T, order="C")
        if move == LAYERS:
            assert isinstance(network.rows, Layered)
            rows_by_layer.advance(
                network.rows, network.squares, network.weight, spins, temperatures, key,
                first_sweep + first, flips,
            )  # fmt: skip
        else:
            _advance(network, state, temperatures, key, first_sweep + first, flips)
        snapshots[:, k] = spins
        if state.fields is not None:
            known = given_couplings.energies_of(network.rows, state.fields, spins)
            energies[:, k] = network.weight * known
        else:
            energies[:, k] = form.energies(network.rows, spins)
    return flips


def _advance(network, state, temperatures, key, first_sweep, flips):
    """Do a sweep at each of the temperatures (sweep, c)."""
    rows, squares, weight, spins = network.rows, network.squares, network.weight, state.spins
    if isinstance(rows, Given):
        given_couplings.advance(
            rows.matrix, rows.diagonal, weight, spins, state.fields, temperatures, key,
            first_sweep, flips,
        )  # fmt: skip
        return
    if isinstance(rows, Bits) and rows.kept is not None and len(rows.kept) == 1:
        # All sweeps in one call, so that threads do not wait for each other's interpreter.
        words, sums, crossed, own = rows_as_bits.scratch(rows, len(spins), squares.dtype)
        _sweep_bits(
            rows.kept[0], rows.tables, rows.factor, squares, weight, spins, temperatures, key,
            first_sweep, flips, words, sums, crossed, own,
        )  # fmt: skip
        return
    for j, T in enumerate(temperatures):
        sums, own = _FORMS[type(rows)].field_sums(rows, spins)
        own = own.astype(squares.dtype, copy=False)
        if isinstance(rows, Levels | Valued):
            _decide_cold(sums, spins, T, network.keeps)
        draw_spins(spins, sums, own, squares, weight, T, key, first_sweep + j, flips)


def _decide_cold(sums, spins, T, keeps):
    """At T = 0 leave the signs of the fields alone, however small; zero: of the spins, if kept."""
    cold = T == 0
    directions = np.sign(sums[cold])
    sums[cold] = np.where(directions == 0, spins[cold], directions) if keeps else directions


@njit
def _sweep_bits(
    signs, tables, factor, squares, weight, spins, temperatures, key, first_sweep, flips, words,
    sums, crossed, own,
):  # fmt: skip
    for j in range(temperatures.shape[0]):
        sums[:] = 0
        crossed[:] = 0
        own[:] = 0
        pack_spins(spins, words)
        add_sums(signs, words, tables, factor, sums, crossed, own)
        subtract_crossed(sums, crossed, spins)
        draw_spins(spins, sums, own, squares, weight, temperatures[j], key, first_sweep + j, flips)


def fields(network: Network, spins: np.ndarray) -> np.ndarray:
    """Return the fields over the weight in configurations (c, n_spins) float32, of their shape."""
    sums, own = _FORMS[type(network.rows)].field_sums(network.rows, spins)
    others = own[:, None] + network.squares.astype(np.float64)
    return np.asarray(sums[:, : spins.shape[1]] - spins * others)


def period(network: Network, state: State, move: int = PARALLEL) -> np.ndarray:
    """Period of the zero-temperature map of every chain: 1, 2, or 0; shape (c,).

    Layer after layer descends, and has no cycle.
    """
    path = [state.spins]
    for _ in range(1 if move == LAYERS else 2):
        h = fields(network, path[-1])
        path.append(np.where(h == 0, path[-1], np.sign(h)).astype(np.float32))
    back = [(after == state.spins).all(axis=1) for after in path[1:]]
    return np.select(back, [1, 2][: len(back)], 0)
