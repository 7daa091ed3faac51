"""Single spins of any number of chains of a sample: in the lanes of vectors, or one by one.

Both give the same bits (`montecarlo.kernels`); the cost of a visit decides.  Axis c stands in
front of spins, keys, T, snapshots and energies, as in parallel dynamics.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Memory
from montecarlo.dynamics import SEQUENTIAL
from montecarlo.kernels.many import forms as of_many
from montecarlo.kernels.many import visits as lanes
from montecarlo.kernels.single import forms, visits

__all__ = ["Apart", "lower", "name_of", "period", "prepare", "run"]

ORDER_TIME = 2.5  # nanoseconds that a visit takes longer where its site is drawn


class Apart:
    """Chains of one sample, each with a state of its own.

    Parameters
    ----------
    states : list of montecarlo.kernels.single.state.State
    """

    def __init__(self, states: list[visits.State]) -> None:
        self.states = states

    @property
    def spins(self) -> np.ndarray:
        """Configurations, (c, n_spins) int8."""
        return np.array([state.spins for state in self.states])


def lower(memory: Memory, *, form: str, T: Any, n_chains: int, site_order: int) -> Any:
    """Lower a network that so many chains share.

    Parameters
    ----------
    memory : Memory
    form : {"auto", "lanes"}
        The faster way, or chains in lanes.
    T : array_like
        Temperatures they will be run at.
    n_chains, site_order : int

    Raises
    ------
    ValueError
        If chains in lanes are asked for and cannot have this network.
    """
    flips = forms.flip_rate(T, memory.n_rows / memory.n_spins)
    found = of_many.fastest(memory, flips, n_chains, site_order)
    if form == of_many.NAME:
        if found is None:
            raise ValueError(
                f"form = {form!r}: {memory.n_rows} rows of this network do not fit lanes: "
                f"polynomials of at most {of_many.MOST_ROWS} rows of one strength do, of pairs, or "
                "of rows +-1, whose sums are whole numbers of 30 and 62 bits"
            )
        return found.lower(memory)
    if found is not None:
        together = of_many.time_of_chain(found, memory, flips, n_chains, site_order)
        single = min(one.visit_time(memory, flips) for one in forms.legal(memory).values())
        single += 0.0 if site_order == SEQUENTIAL else ORDER_TIME
        if together < single:
            return found.lower(memory)
    return forms.lower(memory, form, T)


def _in_lanes(network: Any) -> bool:
    return type(network) in lanes.FORMS


def name_of(network: Any) -> str:
    """Return what the form of a network is called in the settings of a run."""
    return of_many.NAME if _in_lanes(network) else forms.name_of(network)


def prepare(network: Any, spins: np.ndarray) -> lanes.State | Apart:
    """Build the state of chains that start from `spins` of shape (c, n_spins)."""
    if _in_lanes(network):
        return lanes.prepare(network, spins)
    return Apart([visits.prepare(network, of_chain) for of_chain in spins])


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
    """Advance the chains and return their flips, (c,)."""
    if _in_lanes(network):
        return lanes.run(
            network, state, key, T, move, first_sweep, n_measurements, stride, snapshots, energies,
            site_order,
        )  # fmt: skip
    flips = np.empty(len(key), np.int64)
    for c, one in enumerate(state.states):
        flips[c] = visits.run(
            network, one, key[c], T[c], move, first_sweep, n_measurements, stride, snapshots[c],
            energies[c], site_order,
        )  # fmt: skip
    return flips


def period(network: Any, state: lanes.State | Apart) -> np.ndarray:
    """Period of the zero-temperature dynamics of every chain: 1, or 0; shape (c,)."""
    if _in_lanes(network):
        return lanes.period(network, state)
    return np.array([visits.period(network, one) for one in state.states], np.int8)
