r"""Layers of spins: fields of pairs whose coupling depends on their layers.

With one overlap a layer and row, :math:`M_{rA} = \sum_{i \in A} \eta_{ri} s_i`, the field of a spin
of layer A is

.. math:: h_i = w \Bigl[ \sum_r \eta_{ri} V_{rA} - g_{AA}\, s_i \sum_r \eta_{ri}^2 \Bigr],
          \qquad V_{rA} = \sum_B g_{AB} M_{rB},

whole numbers for an integer mixing g.  All spins at once (Little dynamics) take the fields of all
layers from the same overlaps.  Layer after layer, the overlaps of a layer are counted anew once it
has moved, which costs a sweep as much as one of all spins at once: every row meets every spin
twice.

Rows +-1 stay bits (`montecarlo.kernels.lanes.signs`) where 32 bits hold the values of a block of
them, all other rows are multiplied as floats (`montecarlo.kernels.parallel.products`); the integers
are the same.  Either kind is kept as a whole: a third of a byte an entry, or four.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import Packed, take
from montecarlo.kernels.lanes.registers import SITES, TILE
from montecarlo.kernels.lanes.signs import (
    BLOCK,
    Signs,
    add_values,
    aligned,
    available,
    fill_overlaps,
    pack_sites,
    signs,
)
from montecarlo.kernels.shared.philox import njit

from .heat_bath import draw_sites
from .products import column_sums, product

__all__ = ["Layered", "advance", "energies", "field_sums", "lower"]


class Layered(NamedTuple):
    """Rows of every layer.

    Parameters
    ----------
    layers : tuple of Signs, or of (n_rows, n_sites) float32
    ends : (n_layers + 1,) int64
        Where layers begin and end.
    mixing : (n_layers, n_layers) int64
        g.
    squares : (n_layers,) float64
        Sum of the squares of the entries of a layer.
    largest : int
        Largest absolute entry.
    sum_type : type
        int32 where it holds every sum over bits, else int64.
    value_type : type
        float32 where it holds every value, else float64.
    weight : float
    """

    layers: tuple[Signs, ...] | tuple[np.ndarray, ...]
    ends: np.ndarray
    mixing: np.ndarray
    squares: np.ndarray
    largest: int
    sum_type: type
    value_type: type
    weight: float

    @property
    def as_bits(self) -> bool:
        """Whether the rows are bits."""
        return isinstance(self.layers[0], Signs)


def lower(memory: Memory) -> Layered:
    """Cut the rows into layers, as bits where that is possible and fast."""
    assert memory.mixing is not None
    rows = [_of_layer(memory, sites) for sites in memory.layer_slices]
    mixing = memory.mixing.astype(np.int64)
    largest = max(int(np.abs(x).max()) for x in rows)
    value = largest * int((np.abs(mixing) @ np.array(memory.layers)).max())
    as_bits = memory.binary and available() and BLOCK * value < 2**31
    return Layered(
        layers=tuple(map(signs, rows)) if as_bits else tuple(x.astype(np.float32) for x in rows),
        ends=np.cumsum([0, *memory.layers]),
        mixing=mixing,
        squares=np.array([float(np.square(x, dtype=np.int64).sum()) for x in rows]),
        largest=largest,
        sum_type=np.int32 if memory.n_rows * value < 2**31 else np.int64,
        value_type=np.float32 if value < 2**24 else np.float64,
        weight=memory.weight,
    )


def _of_layer(memory: Memory, sites: slice) -> np.ndarray:
    kept = memory.kept_rows
    if isinstance(kept, Packed):
        return take(Packed(kept.bits[sites], len(kept)), slice(None))
    return kept[:, sites]


def advance(
    network: Layered,
    squares: np.ndarray,
    weight: float,
    spins: np.ndarray,
    temperatures: np.ndarray,
    keys: np.ndarray,
    first_sweep: int,
    flips: np.ndarray,
) -> None:
    """Do a sweep of one layer after the other at each of the temperatures (sweep, c)."""
    if network.as_bits:
        for c in range(0, len(spins), TILE):
            part = slice(c, c + TILE)
            words, overlaps, sums = _scratch(network, len(spins[part]))
            _sweep_bits(
                network.layers, network.ends, network.mixing, squares, weight, spins[part],
                np.ascontiguousarray(temperatures[:, part]), keys[part], first_sweep, flips[part],
                words, overlaps, sums,
            )  # fmt: skip
        return
    own, overlaps = np.zeros(len(spins), squares.dtype), _overlaps(network, spins)
    for j, T in enumerate(temperatures):
        for A, rows in enumerate(network.layers):
            begin, end = network.ends[A : A + 2].tolist()
            sums = product(_values(network, overlaps, A).T, rows, network.largest)
            draw_sites(
                spins, begin, end, sums, own, squares, weight, T, keys, first_sweep + j, flips
            )
            overlaps[A] = product(rows, spins[:, begin:end].T, network.largest, ones=True)


def _scratch(network: Layered, n_chains: int) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return words of the spins (c, n_words), overlaps (c, rows) and sums (c, sites) of layers."""
    sizes = [-(-rows.n_spins // SITES) for rows in network.layers]
    width = -(-network.layers[0].n_rows // BLOCK) * BLOCK
    return (
        tuple(np.empty((n_chains, n), np.uint64) for n in sizes),
        tuple(np.empty((n_chains, width), np.int32) for _ in sizes),
        tuple(aligned((n_chains, SITES * n), network.sum_type) for n in sizes),
    )


@njit
def _sweep_bits(
    layers, ends, mixing, squares, weight, spins, temperatures, keys, first_sweep, flips, words,
    overlaps, sums,
):  # fmt: skip
    """Move up to `TILE` chains, which share the bits that they load."""
    n_chains, n_layers = spins.shape[0], len(layers)
    values = np.empty_like(overlaps[0])
    own = np.zeros(n_chains, squares.dtype)
    for A in range(n_layers):
        pack_sites(spins, ends[A], ends[A + 1], words[A])
        fill_overlaps(layers[A], words[A], overlaps[A])
    for j in range(temperatures.shape[0]):
        for A in range(n_layers):
            mix(mixing[A], overlaps, values)
            sums[A][:] = 0
            add_values(layers[A], values, n_chains, sums[A])
            draw_sites(
                spins, ends[A], ends[A + 1], sums[A], own, squares, weight, temperatures[j], keys,
                first_sweep + j, flips,
            )  # fmt: skip
            pack_sites(spins, ends[A], ends[A + 1], words[A])
            fill_overlaps(layers[A], words[A], overlaps[A])


@njit
def mix(mixing, overlaps, values):
    """Fill values (c, rows) int32 with the overlaps of all layers times their mixing."""
    values[:] = 0
    for B in range(len(overlaps)):
        g = np.int32(mixing[B])
        if g != 0:
            of_layer = overlaps[B]
            for c in range(values.shape[0]):
                for r in range(values.shape[1]):
                    values[c, r] += g * of_layer[c, r]


def _overlaps(network: Layered, spins: np.ndarray) -> np.ndarray:
    """Return M (n_layers, n_rows, c), floats that are whole numbers."""
    n_rows = network.layers[0].n_rows if network.as_bits else len(network.layers[0])
    found = np.empty((len(network.layers), n_rows, len(spins)), network.value_type)
    if not network.as_bits:
        for A, rows in enumerate(network.layers):
            part = spins[:, network.ends[A] : network.ends[A + 1]]
            found[A] = product(rows, part.T, network.largest, ones=True)
        return found
    for c in range(0, len(spins), TILE):
        part = slice(c, c + TILE)
        words, overlaps, _ = _scratch(network, len(spins[part]))
        for A, rows in enumerate(network.layers):
            pack_sites(spins[part], network.ends[A], network.ends[A + 1], words[A])
            fill_overlaps(rows, words[A], overlaps[A])
            found[A, :, part] = overlaps[A][:, :n_rows].T
    return found


def _values(network: Layered, overlaps: np.ndarray, layer: int) -> np.ndarray:
    """Return V of a layer, (n_rows, c)."""
    return np.tensordot(network.mixing[layer].astype(network.value_type), overlaps, 1)


def field_sums(network: Layered, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return g (c, i) and 0 (c,); see `montecarlo.kernels.parallel.steps`."""
    overlaps, found = _overlaps(network, spins), []
    for A, rows in enumerate(network.layers):
        values = _values(network, overlaps, A)
        if not network.as_bits:
            found.append(product(values.T, rows, network.largest))
            continue
        padded = np.zeros((len(spins), -(-rows.n_rows // BLOCK) * BLOCK), np.int32)
        padded[:, : rows.n_rows] = values.T
        sums = aligned((len(spins), -(-rows.n_spins // SITES) * SITES), network.sum_type)
        sums[:] = 0
        for c in range(0, len(spins), TILE):
            part = slice(c, c + TILE)
            add_values(rows, padded[part], len(padded[part]), sums[part])
        found.append(sums[:, : rows.n_spins])
    return np.concatenate(found, axis=1), np.zeros(len(spins))


def energies(network: Layered, spins: np.ndarray) -> np.ndarray:
    """Return the energies of all chains: shape (c,)."""
    overlaps, both = _overlaps(network, spins), np.zeros(len(spins))
    for A, of_layer in enumerate(overlaps):
        both += column_sums(_values(network, overlaps, A).astype(np.float64) * of_layer)
    same = float(np.diagonal(network.mixing) @ network.squares)
    return -0.5 * network.weight * (both - same)
