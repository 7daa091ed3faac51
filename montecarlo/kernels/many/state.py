"""A block of chains, one a lane, and the scratch memory of its sweeps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .acceptance import Slopes
from .memory import Lanes16, Lanes32
from .words import round_keys

__all__ = ["SITES", "VISITS", "Block", "Room", "by_lane", "new_block", "set_streams"]

SITES = 4  # sites whose flips change the overlaps together; words of a counter, too
VISITS = 64  # visits whose random words are made at a time


class Block(NamedTuple):
    """As many chains as a vector has lanes; those beyond the last repeat the first.

    Parameters
    ----------
    spins : (n_spins rounded up to whole blocks of sites, lanes) int8, +-1
    overlaps : (K + 1, lanes) int16 or int32
        M, or levels, by the form; the last row is zero.
    values : (K or 0, lanes) int32 or int64
        Of the rows, of a tabulated interaction.
    totals : (2, lanes) int32 or int64
        Sums over rows that the form keeps.
    streams : (lanes, 2) uint32
    keys : (40, lanes / 2) uint64
        Of the rounds of Philox (`round_keys`).
    """

    spins: np.ndarray
    overlaps: np.ndarray
    values: np.ndarray
    totals: np.ndarray
    streams: np.ndarray
    keys: np.ndarray


class Room(NamedTuple):
    """Scratch memory of a sweep.

    Parameters
    ----------
    words : (VISITS, lanes) uint32
    fields, changes : (SITES, lanes) of the type of the totals
    groups : (2**SITES / 2, lanes) of that type
    table : (2**SITES, lanes) of the type of the overlaps
    entries : (K, lanes) of that type
        Of the rows, at the site of each lane.
    own : (1, lanes) of the type of the totals
    spins : (1, lanes) int8
    sites : (n_spins, lanes) int32
    flips : (1, lanes) int64
    slopes : Slopes
    """

    words: np.ndarray
    fields: np.ndarray
    changes: np.ndarray
    groups: np.ndarray
    table: np.ndarray
    entries: np.ndarray
    own: np.ndarray
    spins: np.ndarray
    sites: np.ndarray
    flips: np.ndarray
    slopes: Slopes


def _aligned(shape, dtype) -> np.ndarray:
    """Return zeros that begin where a cache line does, so that no vector spans two of them."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    first = -raw.ctypes.data % 64
    return raw[first : first + size].view(dtype).reshape(shape)


def new_block(network, spins: np.ndarray) -> tuple[Lanes16 | Lanes32, Block, Room]:
    """Return the lanes, a block whose overlaps are not known yet, and room for its sweeps.

    Parameters
    ----------
    network : Signs, Coefficients or Tabulated
    spins : (c, n_spins) int8
        At most 32 chains.
    """
    lanes = Lanes16() if len(spins) <= 16 else Lanes32()
    n_lanes, n_spins = lanes.lanes, spins.shape[1]
    kind, whole, n_rows = network.kind.dtype, network.whole.dtype, network.n_rows
    inside = _aligned((-(-n_spins // SITES) * SITES, n_lanes), np.int8)
    inside[:] = 1
    inside[:n_spins] = spins[_repeated(len(spins), n_lanes)].T
    n_values = n_rows if network.table.size else 0
    block = Block(
        spins=inside,
        overlaps=_aligned((n_rows + 1, n_lanes), kind),
        values=_aligned((n_values, n_lanes), network.table.dtype),
        totals=_aligned((2, n_lanes), whole),
        streams=np.zeros((n_lanes, 2), np.uint32),
        keys=_aligned((40, n_lanes // 2), np.uint64),
    )
    slopes = Slopes(
        slopes=_aligned((1, n_lanes), np.float32),
        most=_aligned((1, n_lanes), whole),
        half_T=np.zeros(n_lanes),
        exact=np.zeros((3, 4, 1)),
        value=_aligned((1, n_lanes), whole),
    )
    room = Room(
        words=_aligned((VISITS, n_lanes), np.uint32),
        fields=_aligned((SITES, n_lanes), whole),
        changes=_aligned((SITES, n_lanes), whole),
        groups=_aligned((1 << (SITES - 1), n_lanes), whole),
        table=_aligned((1 << SITES, n_lanes), kind),
        entries=_aligned((n_rows, n_lanes), kind),
        own=_aligned((1, n_lanes), whole),
        spins=_aligned((1, n_lanes), np.int8),
        sites=np.zeros((n_spins, n_lanes), np.int32),
        flips=_aligned((1, n_lanes), np.int64),
        slopes=slopes,
    )
    return lanes, block, room


def _repeated(n_chains: int, n_lanes: int) -> np.ndarray:
    """Return the chain of every lane."""
    which = np.arange(n_lanes)
    return np.where(which < n_chains, which, 0)


def set_streams(block: Block, keys: np.ndarray) -> None:
    """Give the lanes their streams, (c, 2) uint32."""
    block.streams[:] = keys[_repeated(len(keys), len(block.streams))]
    block.keys[:] = round_keys(block.streams)


def by_lane(values: np.ndarray, n_lanes: int) -> np.ndarray:
    """Return values of chains (c, n) as values of lanes, (n, lanes) float64."""
    return np.ascontiguousarray(values[_repeated(len(values), n_lanes)].T, np.float64)
