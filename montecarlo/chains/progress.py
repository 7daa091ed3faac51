"""What a chain has done so far: all that is needed to go on with the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Progress", "copy_state", "restore_state"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A chain between two sweeps, or a batch of chains; their axis then comes first.

    Parameters
    ----------
    sweep : int
        Sweeps done.
    flips : int
        Flips in these sweeps.
    start_overlap : float
        Overlap of the first configuration with the first observed pattern.
    series : dict of str to numpy.ndarray
        What was measured, first axis measurement.
    state : tuple of numpy.ndarray
        The arrays of the kernel's state; empty where the chain has ended.
    last : (n_spins,) int8, or None
        Last configuration, where the chain has ended.
    period : int
        See `montecarlo.chains.chain.Record`; 0 where the chain has not ended.
    """

    sweep: int
    flips: Any
    start_overlap: Any
    series: dict[str, np.ndarray]
    state: tuple[np.ndarray, ...] = ()
    last: np.ndarray | None = None
    period: Any = 0

    def split(self) -> list[Progress]:
        """Return the progress of the single chains of a batch."""
        return [
            Progress(
                sweep=self.sweep,
                flips=self.flips[c],
                start_overlap=self.start_overlap[c],
                series={name: values[c] for name, values in self.series.items()},
                state=tuple(array[c] for array in self.state),
                last=None if self.last is None else self.last[c],
                period=np.broadcast_to(self.period, len(self.flips))[c],
            )
            for c in range(len(self.flips))
        ]

    @staticmethod
    def join(chains: list[Progress]) -> Progress:
        """Return the batch of chains under way that have done equally many sweeps."""
        first = chains[0]
        return Progress(
            sweep=first.sweep,
            flips=np.array([chain.flips for chain in chains]),
            start_overlap=np.array([chain.start_overlap for chain in chains]),
            series={name: np.stack([c.series[name] for c in chains]) for name in first.series},
            state=tuple(
                np.stack(arrays) for arrays in zip(*(c.state for c in chains), strict=True)
            ),
        )


def copy_state(state: Any) -> tuple[np.ndarray, ...]:
    """Copy the arrays of a kernel's state.

    All of them are kept, not the spins alone: sums of floats made anew from the spins would
    differ in the last bits from those updated flip by flip.  The state on a device consists
    of integers and of what every call makes of them, so there the spins are all of it.
    """
    return tuple(np.array(array) for array in state)


def restore_state(state: Any, saved: tuple[np.ndarray, ...]) -> None:
    """Write the arrays of `copy_state` into a state of the same network.

    Raises
    ------
    ValueError
        If they are those of another network.
    """
    found, wanted = [[(a.shape, a.dtype) for a in arrays] for arrays in (saved, state)]
    if found != wanted:
        raise ValueError("checkpoint: the state of a chain does not fit the network")
    if not isinstance(state, tuple):
        state.load(*saved)
        return
    for array, values in zip(state, saved, strict=True):
        array[...] = values
