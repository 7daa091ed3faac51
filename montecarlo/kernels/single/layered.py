r"""Layers of spins: the field from the overlaps that a row has with each of them.

:math:`h_i = w [\sum_r \eta_{ri} V_{rA} - g_{AA}\, s_i \sum_r \eta_{ri}^2]` of a site of layer A,
with :math:`V_{rA} = \sum_B g_{AB} M_{rB}` kept up to date: a flip shifts those of every layer
that is coupled to its own.  No couplings of spins are kept, so that N may be large.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import overload
from numba.np.numpy_support import as_dtype

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.lanes.bits import masked_sum, shift_levels

from .overlaps import set_bits
from .state import State, initial_levels

__all__ = ["Layered", "energy", "field", "flip", "lower", "prepare"]

NAME = "layers"


class Layered(NamedTuple):
    """Rows, the layers of the sites and the mixing of the layers.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
        Rows +-1; without words where they have other entries.
    rows : (n_spins, n_rows) int8, int16 or int32
        Those; without rows where they are bits.
    row_sums : (n_spins,) int64
        Sum over rows of the entries of each spin.
    squares : (n_spins,) int64
        Sum of their squares, times the mixing of the layer with itself.
    layer_of : (n_spins,) int64
    mixing : (n_layers, n_layers) int64
    value_type : (0,) int16, int32 or int64
        Empty; its type holds the values.
    flush : int
        Words after which partial sums have to be widened.
    weight : float
    """

    bits: np.ndarray
    rows: np.ndarray
    row_sums: np.ndarray
    squares: np.ndarray
    layer_of: np.ndarray
    mixing: np.ndarray
    value_type: np.ndarray
    flush: int
    weight: float


def holds(memory: Memory) -> bool:
    """Whether there are layers."""
    return memory.mixing is not None


def lower(memory: Memory) -> Layered:
    """Pack the rows, and choose the narrowest values."""
    assert memory.mixing is not None
    mixing, sizes = memory.mixing.astype(np.int64), np.array(memory.layers)
    layer_of = np.repeat(np.arange(len(sizes)), sizes)
    bits = np.zeros((memory.n_spins, 0), np.uint64)
    rows = np.zeros((memory.n_spins, 0), np.int8)
    largest = 1
    if memory.binary:
        bits = pack(memory.kept_rows)
        row_sums = 2 * set_bits(bits) - memory.n_rows
        squares = np.full(memory.n_spins, memory.n_rows)
    else:
        rows = np.ascontiguousarray(memory.rows.T)
        largest = int(np.abs(rows).max())
        row_sums = rows.sum(axis=1, dtype=np.int64)
        squares = np.einsum("ir,ir->i", rows, rows, dtype=np.int64)
    most = max(1, largest * int((np.abs(mixing) @ sizes).max()))
    limits = {np.int16: 2**15, np.int32: 2**29, np.int64: 2**62}
    kind = next(kind for kind, limit in limits.items() if most < limit)
    return Layered(
        bits=bits,
        rows=rows,
        row_sums=row_sums,
        squares=squares * np.diagonal(mixing)[layer_of],
        layer_of=layer_of,
        mixing=mixing,
        value_type=np.empty(0, kind),
        flush=max(1, (limits[kind] - 1) // most),
        weight=memory.weight,
    )


def visit_time(memory: Memory, flips: float) -> float:
    """Nanoseconds of a visit: it adds the values of all rows, a flip shifts those of layers.

    Those of `overlaps` and `integer_overlaps`, whose loops it runs.
    """
    assert memory.mixing is not None
    met = float((memory.mixing != 0).sum(axis=1).mean())
    a_row, a_shift = (0.0143, 0.019) if memory.binary else (0.085, 0.055)
    return 9.4 + a_row * memory.n_rows + flips * met * (30.0 + a_shift * memory.n_rows)


def prepare(network: Layered, spins: np.ndarray) -> State:
    """Build the state of a chain that starts from `spins` of shape (n_spins,).

    Its overlaps (n_layers, rows) are V, rows of the padding -1; its totals (n_layers,) their sums.
    """
    n_words, layer_of = network.bits.shape[1], network.layer_of
    width = 64 * n_words or network.rows.shape[1]
    M = np.zeros((len(network.mixing), width), np.int64)
    for A in range(len(M)):
        sites = np.flatnonzero(layer_of == A)
        if n_words:
            level = np.zeros(width, np.uint32)
            initial_levels(network.bits[sites], spins[sites], level)
            M[A] = 2 * level.astype(np.int64) - len(sites)
        else:
            M[A] = spins[sites].astype(np.int64) @ network.rows[sites].astype(np.int64)
    totals = np.zeros(len(M), np.int64)
    for i, s in enumerate(spins):
        totals += network.mixing[layer_of[i]] * network.row_sums[i] * s
    values = (network.mixing @ M).astype(network.value_type.dtype)
    return State(spins, values, np.zeros(1, np.int64), totals)


def _whole_field(network, state, i):
    """Local field over w; overloaded to be shared."""
    raise TypeError("compiled code only")


@overload(_whole_field, inline="always")
def _overload_whole_field(network, state, i):
    def whole_field(network, state, i):
        n_words, values = network.bits.shape[1], state.overlaps[network.layer_of[i]]
        if n_words > 0:
            positive = masked_sum(network.bits, i, values, n_words, network.flush)
            total = 2 * positive - state.totals[network.layer_of[i]]
        else:
            total = np.int64(0)
            for r in range(network.rows.shape[1]):
                total += np.int64(network.rows[i, r]) * np.int64(values[r])
        return total - state.spins[i] * network.squares[i]

    return whole_field


def field(network, state, i):
    """Local field h_i."""
    return network.weight * np.float64(_whole_field(network, state, i))


def _shift(network, state, i, layer, step):
    """Shift the values of a layer; overloaded on their type."""
    raise TypeError("compiled code only")


@overload(_shift, inline="always")
def _overload_shift(network, state, i, layer, step):
    kind = as_dtype(state.types[state.fields.index("overlaps")].dtype).type

    def shift(network, state, i, layer, step):
        if network.bits.shape[1] > 0:
            values = state.overlaps[layer]
            shift_levels(network.bits, i, values, kind(step), network.bits.shape[1])
        else:
            for r in range(network.rows.shape[1]):
                state.overlaps[layer, r] -= kind(step * network.rows[i, r])

    return shift


def flip(network, state, i):
    """Flip spin i and bring the state up to date."""
    own = network.layer_of[i]
    for layer in range(network.mixing.shape[0]):
        g = network.mixing[own, layer]
        if g != 0:
            step = 2 * g * state.spins[i]
            _shift(network, state, i, layer, step)
            state.totals[layer] -= step * network.row_sums[i]
    state.spins[i] = -state.spins[i]


def energy(network, state):
    """Energy H: each pair of sites enters the fields of both."""
    total = 0.0
    for i in range(state.spins.shape[0]):
        total += np.float64(state.spins[i] * _whole_field(network, state, i))
    return -0.5 * network.weight * total
