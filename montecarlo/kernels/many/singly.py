"""A sweep of many chains visit by visit: any order of the sites, any interaction."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from montecarlo.kernels.shared.philox import ACCEPTANCE, fill_sites, njit

from . import tabulated
from .acceptance import draws, settle
from .in_order import FORMS as PAIRS
from .in_order import change_of, decide
from .memory import half_of, load, store
from .state import SITES, VISITS
from .vectors import as_bits, as_mask, cast, choose, like, same
from .words import fill_words

__all__ = ["FORMS", "at_rest", "fill_orders", "sweep_singly"]

#: All forms.
FORMS = {**PAIRS, tabulated.Tabulated: tabulated}


def entry(network, i, r):
    """Entry of row r at site i; overloaded on the form."""
    raise TypeError("compiled code only")


def own_of(network, i):
    """What a spin of pairs adds to the overlaps it feels, else 0; overloaded."""
    raise TypeError("compiled code only")


def field(network, lanes, state, room, entries, spin):
    """Whole numbers of the fields at the sites of all lanes; overloaded on the form."""
    raise TypeError("compiled code only")


def follow(network, lanes, state, room, entries, change, flipped):
    """Bring what the form keeps up to date with flips; overloaded likewise."""
    raise TypeError("compiled code only")


vars(entry)["implementations"] = [form.entry.py_func for form in FORMS.values()]
for function in (field, follow):
    vars(function)["implementations"] = [
        getattr(form, function.__name__) for form in FORMS.values()
    ]


@overload(entry, inline="always")
def _overload_entry(network, i, r):
    found = FORMS[network.instance_class].entry
    return lambda network, i, r: found(network, i, r)


@overload(own_of, inline="always")
def _overload_own_of(network, i):
    if network.instance_class in PAIRS:
        return lambda network, i: network.own[i]
    return lambda network, i: 0


@overload(field, jit_options={"forceinline": True})
def _overload_field(network, lanes, state, room, entries, spin):
    return FORMS[network.instance_class].field


@overload(follow, jit_options={"forceinline": True})
def _overload_follow(network, lanes, state, room, entries, change, flipped):
    return FORMS[network.instance_class].follow


@njit(forceinline=True)
def _gather(network, state, room, sites):
    """Take the sites (lanes,) to their lanes: spins, entries of the rows, and what is their own."""
    for c in range(sites.shape[0]):
        i = np.uint64(sites[c])
        room.spins[0, c] = state.spins[i, c]
        room.own[0, c] = own_of(network, i)
        for r in range(network.n_rows):
            room.entries[r, c] = entry(network, i, r)


def look(network, state, room, visit, sites):
    """Take the sites of a visit to the lanes and return the entries of the rows; overloaded."""
    raise TypeError("compiled code only")


@overload(look, jit_options={"forceinline": True})
def _overload_look(network, state, room, visit, sites):
    def same_site(network, state, room, visit, sites):
        room.spins[0] = state.spins[visit]
        return network.rows[visit]

    def own_sites(network, state, room, visit, sites):
        _gather(network, state, room, sites[visit])
        return room.entries

    return same_site if isinstance(sites, types.NoneType) else own_sites


def leave(state, room, visit, sites):
    """Put the spins of a visit back to their sites; overloaded likewise."""
    raise TypeError("compiled code only")


@overload(leave, jit_options={"forceinline": True})
def _overload_leave(state, room, visit, sites):
    def same_site(state, room, visit, sites):
        state.spins[visit] = room.spins[0]

    def own_sites(state, room, visit, sites):
        for c in range(sites.shape[1]):
            state.spins[sites[visit, c], c] = room.spins[0, c]

    return same_site if isinstance(sites, types.NoneType) else own_sites


vars(look)["implementations"] = [_gather.py_func]


@njit
def fill_orders(network, state, room, sweep, site_order):
    """Return the sites of all visits, (n_spins, lanes)."""
    words = np.empty((4, VISITS), np.uint64)
    of_lane = np.empty(network.n_spins, np.int32)
    for c in range(room.sites.shape[1]):
        fill_sites(state.streams[c], sweep, site_order, network.n_spins, words, of_lane)
        for v in range(network.n_spins):
            room.sites[v, c] = of_lane[v]
    return room.sites


@njit
def sweep_singly(network, lanes, state, room, rule, sweep, sites):
    """Visit N sites, those of every lane, or, without, all in their order.

    Returns the lanes with a flip, as bits.
    """
    n_spins, slope, spins = network.n_spins, load(lanes, room.slopes.slopes, 0), room.spins
    like_own, ever = load(lanes, room.own, 0), np.uint64(0)
    most = load(lanes, room.slopes.most, 0)
    for v in range(n_spins):
        at = v % VISITS
        if at == 0 and draws(rule):
            n = (min(VISITS, n_spins - v) + SITES - 1) // SITES
            fill_words(half_of(lanes), state.keys, v // SITES, sweep, ACCEPTANCE, n, room.words)
        entries = look(network, state, room, v, sites)
        spin = same(load(lanes, spins, 0), like_own)
        value = field(network, lanes, state, room, entries, spin)
        flip, near = decide(rule, value, spin, slope, most, load(lanes, room.words, at))
        if near:
            bits = settle(
                room.slopes, state.streams, rule, network.unit, v, sweep, near, as_bits(flip),
                value, spins[0],
            )  # fmt: skip
            flip = as_mask(bits, flip)
        flipped = as_bits(flip)
        if flipped:
            change = change_of(flip, spin)
            follow(network, lanes, state, room, entries, change, flipped)
            store(spins, 0, load(lanes, spins, 0) + cast(change, np.int8))
            leave(state, room, v, sites)
            count = choose(flip, like(spin, 1), like(spin, 0))
            store(room.flips, 0, load(lanes, room.flips, 0) + cast(count, np.int64))
            ever |= flipped
    return ever


@njit
def at_rest(network, lanes, state, room):
    """Return the lanes, as bits, none of whose spins opposes its field."""
    like_own, moving = load(lanes, room.own, 0), np.uint64(0)
    sites = np.empty(state.spins.shape[1], np.int32)
    for i in range(network.n_spins):
        sites[:] = i
        _gather(network, state, room, sites)
        spin = same(load(lanes, room.spins, 0), like_own)
        moving |= as_bits(field(network, lanes, state, room, room.entries, spin) * spin < 0)
    return ~moving
