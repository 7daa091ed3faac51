"""Entries of the rows at the sites of the lanes: one number a row where all have one site."""

from __future__ import annotations

from numba.extending import overload

from .memory import load

__all__ = ["entry_at", "entry_of"]


def entry_of(lanes, entries, r):
    """Entry of row r, of entries (K,) in all lanes, (K, lanes) in each; overloaded."""
    raise TypeError("compiled code only")


def entry_at(entries, r, c):
    """Entry of row r in lane c; overloaded likewise."""
    raise TypeError("compiled code only")


@overload(entry_of, inline="always")
def _overload_entry_of(lanes, entries, r):
    if entries.ndim == 1:
        return lambda lanes, entries, r: entries[r]
    return lambda lanes, entries, r: load(lanes, entries, r)


@overload(entry_at, inline="always")
def _overload_entry_at(entries, r, c):
    if entries.ndim == 1:
        return lambda entries, r, c: entries[r]
    return lambda entries, r, c: entries[r, c]
