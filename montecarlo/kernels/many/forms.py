"""The forms of a network that many chains share, and whether they are faster than one at a time.

A form is a file: its arrays, a named tuple whose type is the form for numba, and

* ``holds(memory)``: whether it can be the form of this network;
* ``lower(memory)``: fills the arrays;
* ``visit_time(memory, flips, lanes)``: nanoseconds of a visit of all lanes;
* ``prepare(network, block)``: what a block of chains keeps of its spins;
* ``entry`` and ``energies``;
* ``field`` and ``follow`` of visits one by one (`montecarlo.kernels.many.singly`);
* of pairs ``sums`` and ``absorb``, too, and ``finish`` where that leaves something to do, of a
  sweep in the order of the sites (`montecarlo.kernels.many.in_order`).

Times were fitted on one core of a Zen 4 server to ``benchmarks/test_many_forms.py``.
"""

from __future__ import annotations

from typing import Any

from hebbian import Memory
from montecarlo.dynamics import SEQUENTIAL

from . import coefficients, signs, tabulated
from .visits import blocks_of

__all__ = ["MOST_ROWS", "NAME", "fastest", "time_of_chain"]

#: What a user calls these forms.
NAME = "lanes"

#: Rows of a network that is thought of at all: what 32 chains keep of more leaves the caches.
MOST_ROWS = 4096

FORMS = (signs, coefficients, tabulated)


def fastest(memory: Memory, flips: float, n_chains: int, site_order: int) -> Any:
    """Return the form in which so many chains are visited fastest; None where none holds it."""
    if memory.n_rows > MOST_ROWS:
        return None
    held = [form for form in FORMS if form.holds(memory)]
    return min(
        held,
        key=lambda form: time_of_chain(form, memory, flips, n_chains, site_order),
        default=None,
    )


def time_of_chain(form: Any, memory: Memory, flips: float, n_chains: int, site_order: int) -> float:
    """Return the nanoseconds of a visit of one chain among so many."""
    blocks = blocks_of(n_chains)
    if site_order == SEQUENTIAL:
        return sum(form.visit_time(memory, flips, lanes) for lanes in blocks) / n_chains
    # Every lane is at a site of its own, whose entries are gathered.
    in_order = form.visit_time(memory, flips, 16)
    gathered = 5.6 + (0.28 if form is coefficients else 0.53) * memory.n_rows
    return sum(in_order * lanes / 16 + gathered * lanes for lanes in blocks) / n_chains
