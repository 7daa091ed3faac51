"""What a chain has done so far: all that is needed to go on with the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Progress", "copy_state", "restore_state"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A chain between two sweeps.

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
    """

    sweep: int
    flips: int
    start_overlap: float
    series: dict[str, np.ndarray]
    state: tuple[np.ndarray, ...] = ()


def copy_state(state: Any) -> tuple[np.ndarray, ...]:
    """Copy the arrays of a kernel's state.

    All of them are kept, not the spins alone: sums of floats made anew from the spins would
    differ in the last bits from those updated flip by flip.
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
    for array, values in zip(state, saved, strict=True):
        array[...] = values
