"""A sweep of many chains in the order of the sites, whose flips are taken in four at a time."""

from __future__ import annotations

import numpy as np
from numba.extending import overload

from montecarlo.kernels.shared.philox import ACCEPTANCE, njit

from . import coefficients, signs
from .acceptance import close, draws, excess, is_heat, settle
from .memory import half_of, load, store
from .state import SITES, VISITS
from .vectors import as_bits, as_mask, cast, choose, like, same
from .words import fill_words

__all__ = ["FORMS", "change_of", "decide", "sweep_in_order"]

#: Forms of two-body networks: sums over rows at a block of sites, and what its flips change.
FORMS = {signs.Signs: signs, coefficients.Coefficients: coefficients}


def sums(network, lanes, state, room, first, moved):
    """Fill the fields of a block of sites; `moved`, if the block before. Overloaded on the form."""
    raise TypeError("compiled code only")


def absorb(network, lanes, state, room, first):
    """Bring the overlaps up to date with a block of sites, or prepare to; overloaded likewise."""
    raise TypeError("compiled code only")


def finish(network, lanes, state, room, moved):
    """Do what the last block of a sweep has left; overloaded likewise."""
    raise TypeError("compiled code only")


def _nothing_left(network, lanes, state, room, moved):
    pass


for function in (sums, absorb):
    vars(function)["implementations"] = [
        getattr(form, function.__name__) for form in FORMS.values()
    ]
vars(finish)["implementations"] = [_nothing_left, signs.finish]


@overload(sums, jit_options={"forceinline": True})
def _overload_sums(network, lanes, state, room, first, moved):
    return FORMS[network.instance_class].sums


@overload(absorb, jit_options={"forceinline": True})
def _overload_absorb(network, lanes, state, room, first):
    return FORMS[network.instance_class].absorb


@overload(finish, jit_options={"forceinline": True})
def _overload_finish(network, lanes, state, room, moved):
    return getattr(FORMS[network.instance_class], "finish", _nothing_left)


@njit(inline="always")
def directed(rule, value, spin):
    """Return the number that decides: that of the field, or of the cost of a flip."""
    return value if is_heat(rule) else value * spin


@njit(inline="always")
def flips_of(rule, below, spin):
    """Return the lanes that flip, of those that go up or flip."""
    return below ^ (spin > 0) if is_heat(rule) else below


@njit(inline="always")
def change_of(flip, spin):
    """Return what the flips add to the spins."""
    none = like(spin, 0)
    return choose(flip, none - spin - spin, none)


@njit(inline="always")
def decide(rule, value, spin, slope, most, word):
    """Return which lanes flip, and those, as bits, in which single precision is not sure."""
    if not draws(rule):
        return value * spin < 0, np.uint64(0)
    x = excess(is_heat(rule), directed(rule, value, spin), slope, most, word)
    return flips_of(rule, x < np.float32(0.0), spin), close(x)


@njit
def sweep_in_order(network, lanes, state, room, rule, sweep):
    """Visit all sites in their order; return the lanes with a flip, as bits."""
    keys, n_spins, slope = state.keys, state.spins.shape[0], load(lanes, room.slopes.slopes, 0)
    most = load(lanes, room.slopes.most, 0)
    fields, changes, none = room.fields, room.changes, like(load(lanes, room.own, 0), 0)
    ever, moved = np.uint64(0), False
    for first in range(0, n_spins, VISITS):
        stop, count = min(first + VISITS, n_spins), none
        if draws(rule):
            n_counters = (stop - first) // SITES
            fill_words(
                half_of(lanes), keys, first // SITES, sweep, ACCEPTANCE, n_counters, room.words
            )
        for begin in range(first, stop, SITES):
            sums(network, lanes, state, room, begin, moved)
            # Slices, whose indices are never counted from the end.
            gram, own = network.gram[begin : begin + SITES], network.own[begin : begin + SITES]
            spins = state.spins[begin : begin + SITES]
            words = room.words[begin - first : begin - first + SITES]
            s0, s1 = same(load(lanes, spins, 0), none), same(load(lanes, spins, 1), none)
            s2, s3 = same(load(lanes, spins, 2), none), same(load(lanes, spins, 3), none)
            field = load(lanes, fields, 0) - s0 * own[0]
            f0, near0 = decide(rule, field, s0, slope, most, load(lanes, words, 0))
            c0 = change_of(f0, s0)
            field = load(lanes, fields, 1) - s1 * own[1]
            # Not the product of a change: it would wait for the flips before it.
            field = field - choose(f0, (s0 + s0) * gram[1, 0], none)
            f1, near1 = decide(rule, field, s1, slope, most, load(lanes, words, 1))
            c1 = change_of(f1, s1)
            field = load(lanes, fields, 2) - s2 * own[2] + c0 * gram[2, 0]
            field = field - choose(f1, (s1 + s1) * gram[2, 1], none)
            f2, near2 = decide(rule, field, s2, slope, most, load(lanes, words, 2))
            c2 = change_of(f2, s2)
            field = load(lanes, fields, 3) - s3 * own[3] + c0 * gram[3, 0] + c1 * gram[3, 1]
            field = field - choose(f2, (s2 + s2) * gram[3, 2], none)
            f3, near3 = decide(rule, field, s3, slope, most, load(lanes, words, 3))
            flipped = as_bits(f0) | as_bits(f1) | as_bits(f2) | as_bits(f3)
            unsure = near0 | near1 | near2 | near3
            moved = flipped | unsure != 0
            if not moved:
                continue
            store(changes, 0, c0)
            store(changes, 1, c1)
            store(changes, 2, c2)
            store(changes, 3, change_of(f3, s3))
            if unsure:
                carefully(network, lanes, state, room, rule, sweep, begin, words)
            for j in range(SITES):
                change = load(lanes, changes, j)
                if begin + j >= network.n_spins:  # no site: its flip is none
                    change = none
                    store(changes, j, none)
                store(spins, j, load(lanes, spins, j) + cast(change, np.int8))
                count = count + choose(change != 0, like(none, 1), none)
                ever |= as_bits(change != 0)
            absorb(network, lanes, state, room, begin)
        store(room.flips, 0, load(lanes, room.flips, 0) + cast(count, np.int64))
    finish(network, lanes, state, room, moved)
    return ever


@njit
def carefully(network, lanes, state, room, rule, sweep, first, words):
    """Fill the changes of a block of sites as the contract says."""
    slope, most = load(lanes, room.slopes.slopes, 0), load(lanes, room.slopes.most, 0)
    for j in range(SITES):
        i, field = first + j, load(lanes, room.fields, j)
        for k in range(j):
            field = field + load(lanes, room.changes, k) * network.gram[i, k]
        spin = same(load(lanes, state.spins, i), field)
        field = field - spin * network.own[i]
        flip, near = decide(rule, field, spin, slope, most, load(lanes, words, j))
        if near:
            bits = settle(
                room.slopes, state.streams, rule, network.unit, i, sweep, near, as_bits(flip),
                field, state.spins[i],
            )  # fmt: skip
            flip = as_mask(bits, flip)
        store(room.changes, j, change_of(flip, spin))
