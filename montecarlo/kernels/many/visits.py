"""The kernel: many chains of one sample, visited spin by spin; see `montecarlo.kernels`.

Axis c stands in front of spins, keys, T, snapshots and energies, as in parallel dynamics.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from montecarlo.dynamics import RANDOM, SEQUENTIAL
from montecarlo.kernels.shared.philox import njit

from .acceptance import RULES, draws, is_heat, set_slopes
from .in_order import FORMS as PAIRS
from .in_order import sweep_in_order
from .memory import Lanes16, Lanes32
from .singly import FORMS, at_rest, fill_orders, sweep_singly
from .state import Block, Room, by_lane, new_block, set_streams

__all__ = ["State", "period", "prepare", "run"]


class Part(NamedTuple):
    """Some chains in the lanes of a block."""

    chains: slice
    lanes: Lanes16 | Lanes32
    block: Block
    room: Room


class State:
    """Chains of one sample.

    Parameters
    ----------
    parts : list of Part
        At most 32 chains each.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    @property
    def spins(self) -> np.ndarray:
        """Configurations, (c, n_spins) int8."""
        found = []
        for chains, _, block, room in self.parts:
            spins = np.empty((chains.stop - chains.start, 1, len(room.sites)), np.int8)
            write_spins(block.spins, spins, 0)
            found.append(spins[:, 0])
        return np.concatenate(found)


def prepare(network: Any, spins: np.ndarray) -> State:
    """Build the state of chains that start from `spins` of shape (c, n_spins)."""
    parts, first = [], 0
    for size in blocks_of(len(spins)):
        chains = slice(first, min(first + size, len(spins)))
        lanes, block, room = new_block(network, spins[chains])
        FORMS[type(network)].prepare(network, block)
        parts.append(Part(chains, lanes, block, room))
        first += size
    return State(parts)


def blocks_of(n_chains: int) -> list[int]:
    """Return the lanes of the blocks that hold so many chains.

    Examples
    --------
    >>> blocks_of(70), blocks_of(20)
    ([32, 32, 16], [32])
    """
    full, rest = divmod(n_chains, 32)
    return [32] * full + ([] if rest == 0 else [16 if rest <= 16 else 32])


def energies_of(network, state, out):
    """Energies of all lanes; overloaded on the form."""
    raise TypeError("compiled code only")


@overload(energies_of)
def _overload_energies_of(network, state, out):
    found = FORMS[network.instance_class].energies
    return lambda network, state, out: found(network, state, out)


def sweep_of(network, lanes, state, room, rule, sweep, site_order):
    """Do a sweep; overloaded on the form, and on whether there is an order of the sites."""
    raise TypeError("compiled code only")


vars(energies_of)["implementations"] = [form.energies.py_func for form in FORMS.values()]
vars(sweep_of)["implementations"] = [
    function.py_func for function in (sweep_in_order, sweep_singly, fill_orders)
]


@overload(sweep_of, inline="always")
def _overload_sweep_of(network, lanes, state, room, rule, sweep, site_order):
    def of_pairs(network, lanes, state, room, rule, sweep, site_order):
        return sweep_in_order(network, lanes, state, room, rule, sweep)

    def in_order(network, lanes, state, room, rule, sweep, site_order):
        return sweep_singly(network, lanes, state, room, rule, sweep, None)

    def any_order(network, lanes, state, room, rule, sweep, site_order):
        sites = fill_orders(network, state, room, sweep, site_order)
        return sweep_singly(network, lanes, state, room, rule, sweep, sites)

    if isinstance(site_order, types.NoneType):
        return of_pairs if network.instance_class in PAIRS else in_order
    return any_order


def random_order(site_order):
    """Whether sites may be left out of a sweep; overloaded."""
    raise TypeError("compiled code only")


@overload(random_order, inline="always")
def _overload_random_order(site_order):
    if isinstance(site_order, types.NoneType):
        return lambda site_order: False
    return lambda site_order: site_order == RANDOM


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
    """Advance the chains and return their flips, (c,); `montecarlo.kernels` has the axes."""
    flips = np.empty(len(key), np.int64)
    T = np.reshape(T, (len(key), -1))
    largest = np.nextafter(2.0 ** (8 * network.whole.dtype.itemsize - 1), 0.0)
    for chains, lanes, block, room in state.parts:
        set_streams(block, key[chains])
        room.flips[:] = 0
        _advance(
            network, lanes, block, room, by_lane(T[chains], lanes.lanes), largest, RULES[move],
            first_sweep,
            n_measurements, stride, snapshots[chains], energies[chains],
            None if site_order == SEQUENTIAL else site_order,
        )  # fmt: skip
        flips[chains] = room.flips[0, : chains.stop - chains.start]
    return flips


@njit
def _advance(
    network, lanes, state, room, T, largest, rule, first_sweep, n_measurements, stride, snapshots,
    energies, site_order,
):  # fmt: skip
    now, fixed = np.empty(state.spins.shape[1]), False
    for k in range(n_measurements):
        for j in range(k * stride, (k + 1) * stride):
            if fixed:
                break
            if j == 0 or T.shape[0] > 1:
                set_slopes(room.slopes, T[j], network.unit, largest, is_heat(rule))
            flipped = sweep_of(network, lanes, state, room, rule, first_sweep + j, site_order)
            if not draws(rule) and flipped == 0:
                # A sweep that visited every site is its own certificate.
                fixed = not random_order(site_order) or _all_at_rest(network, lanes, state, room)
        write_spins(state.spins, snapshots, k)
        energies_of(network, state, now)
        energies[:, k] = now[: energies.shape[0]]


@njit
def _all_at_rest(network, lanes, state, room):
    n_lanes = state.spins.shape[1]
    every = (np.uint64(1) << np.uint64(n_lanes)) - np.uint64(1)
    return at_rest(network, lanes, state, room) & every == every


@njit
def write_spins(spins, snapshots, k):
    """Write the spins (n_spins or more, lanes) of the first lanes to snapshots (c, k, n_spins)."""
    n_chains, _, n_spins = snapshots.shape
    if n_spins & 7:
        for i in range(n_spins):
            for c in range(n_chains):
                snapshots[c, k, i] = spins[i, c]
        return
    octets, turned = spins.view(np.uint64), snapshots.view(np.uint64)
    for j in range(n_spins >> 3):
        i = j << 3
        for part in range((n_chains + 7) >> 3):
            square = _turned(
                octets[i, part], octets[i + 1, part], octets[i + 2, part], octets[i + 3, part],
                octets[i + 4, part], octets[i + 5, part], octets[i + 6, part], octets[i + 7, part],
            )  # fmt: skip
            c = part << 3
            for row in square:
                if c < n_chains:
                    turned[c, k, j] = row
                c += 1


@njit(forceinline=True)
def _turned(x0, x1, x2, x3, x4, x5, x6, x7):
    """Return the columns of eight rows of eight bytes."""
    x0, x4 = _exchanged(x0, x4, 32, np.uint64(0x00000000FFFFFFFF))
    x1, x5 = _exchanged(x1, x5, 32, np.uint64(0x00000000FFFFFFFF))
    x2, x6 = _exchanged(x2, x6, 32, np.uint64(0x00000000FFFFFFFF))
    x3, x7 = _exchanged(x3, x7, 32, np.uint64(0x00000000FFFFFFFF))
    x0, x2 = _exchanged(x0, x2, 16, np.uint64(0x0000FFFF0000FFFF))
    x1, x3 = _exchanged(x1, x3, 16, np.uint64(0x0000FFFF0000FFFF))
    x4, x6 = _exchanged(x4, x6, 16, np.uint64(0x0000FFFF0000FFFF))
    x5, x7 = _exchanged(x5, x7, 16, np.uint64(0x0000FFFF0000FFFF))
    x0, x1 = _exchanged(x0, x1, 8, np.uint64(0x00FF00FF00FF00FF))
    x2, x3 = _exchanged(x2, x3, 8, np.uint64(0x00FF00FF00FF00FF))
    x4, x5 = _exchanged(x4, x5, 8, np.uint64(0x00FF00FF00FF00FF))
    x6, x7 = _exchanged(x6, x7, 8, np.uint64(0x00FF00FF00FF00FF))
    return x0, x1, x2, x3, x4, x5, x6, x7


@njit(forceinline=True)
def _exchanged(x, y, shift, low):
    """Exchange the high parts of x with the low parts of y."""
    by = np.uint64(shift)
    apart = ((x >> by) ^ y) & low
    return x ^ (apart << by), y ^ apart


def period(network: Any, state: State) -> np.ndarray:
    """Period of the zero-temperature dynamics of every chain: 1, or 0; shape (c,)."""
    found = []
    for chains, lanes, block, room in state.parts:
        resting = at_rest(network, lanes, block, room)
        found += [resting >> c & 1 for c in range(chains.stop - chains.start)]
    return np.array(found, np.int8)
