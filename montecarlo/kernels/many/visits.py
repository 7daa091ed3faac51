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
from .singly import FORMS, at_rest, fill_orders, sweep_singly
from .state import Block, Room, by_lane, new_block, set_streams
from .vectors import Lanes16, Lanes32

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
            spins = np.empty((chains.stop - chains.start, room.sites.shape[0]), np.int8)
            write_spins(block.spins, spins)
            found.append(spins)
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
    largest = np.iinfo(network.whole.dtype).max
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
    network, lanes, state, room, T, largest, rule, first_sweep, n_measurements, stride, snapshots, energies,
    site_order,
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
        write_spins(state.spins, snapshots[:, k])
        energies_of(network, state, now)
        energies[:, k] = now[: energies.shape[0]]


@njit
def _all_at_rest(network, lanes, state, room):
    n_lanes = state.spins.shape[1]
    every = (np.uint64(1) << np.uint64(n_lanes)) - np.uint64(1)
    return at_rest(network, lanes, state, room) & every == every


@njit
def write_spins(spins, snapshots):
    """Write the spins (n_spins or more, lanes) of the first lanes to snapshots (c, n_spins)."""
    n_chains, n_spins = snapshots.shape
    for first in range(0, n_spins, 64):
        for c in range(n_chains):
            for i in range(first, min(first + 64, n_spins)):
                snapshots[c, i] = spins[i, c]


def period(network: Any, state: State) -> np.ndarray:
    """Period of the zero-temperature dynamics of every chain: 1, or 0; shape (c,)."""
    found = []
    for chains, lanes, block, room in state.parts:
        resting = at_rest(network, lanes, block, room)
        found += [resting >> c & 1 for c in range(chains.stop - chains.start)]
    return np.array(found, np.int8)
