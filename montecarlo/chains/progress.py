"""What a chain has done so far: all that is needed to go on with the same bits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Progress", "copy_state", "group", "restore_state"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A chain between two sweeps, or all of it; of a batch of chains, their axis comes first.

    A ladder of temperatures or an iteration of equations counts as a chain here.

    Parameters
    ----------
    sweep : int
        Sweeps done.
    arrays : dict of str to numpy.ndarray or numpy.generic
        What has been measured and what the next sweep needs; of one type and number of axes
        for all chains of a run.  Names may have a group in front, as in ``"state/0"``.
    ended : bool
        Whether there is no next sweep.
    """

    sweep: int
    arrays: dict[str, Any] = field(default_factory=dict)
    ended: bool = False

    def group(self, name: str) -> dict[str, np.ndarray]:
        """Return the arrays of a group, without its name."""
        start = f"{name}/"
        return {
            key.removeprefix(start): array
            for key, array in self.arrays.items()
            if key.startswith(start)
        }

    def split(self, n_chains: int) -> list[Progress]:
        """Return the progress of the single chains of a batch."""
        return [
            Progress(
                sweep=self.sweep,
                arrays={name: array[c] for name, array in self.arrays.items()},
                ended=self.ended,
            )
            for c in range(n_chains)
        ]

    @staticmethod
    def join(chains: list[Progress]) -> Progress:
        """Return the batch of chains under way that have done equally many sweeps."""
        first = chains[0]
        return Progress(
            sweep=first.sweep,
            arrays={name: np.stack([c.arrays[name] for c in chains]) for name in first.arrays},
        )


def group(name: str, arrays: dict[str, np.ndarray] | Iterable[np.ndarray]) -> dict[str, Any]:
    """Put a name in front of those of some arrays, or of their numbers."""
    if not isinstance(arrays, dict):
        arrays = {str(i): array for i, array in enumerate(arrays)}
    return {f"{name}/{key}": array for key, array in arrays.items()}


def copy_state(state: Any) -> dict[str, np.ndarray]:
    """Copy the arrays of a kernel's state, a group of a chain's progress.

    All of them are kept, not the spins alone: sums of floats made anew from the spins would
    differ in the last bits from those updated flip by flip.  The state on a device consists
    of integers and of what every call makes of them, so there the spins are all of it.
    """
    return group("state", (np.array(array) for array in state))


def restore_state(state: Any, progress: Progress) -> None:
    """Write the arrays of `copy_state` into a state of the same network.

    Raises
    ------
    ValueError
        If they are those of another network.
    """
    saved = tuple(progress.group("state").values())
    found, wanted = [[(a.shape, a.dtype) for a in arrays] for arrays in (saved, state)]
    if found != wanted:
        raise ValueError("checkpoint: the state of a chain does not fit the network")
    if not isinstance(state, tuple):
        state.load(*saved)
        return
    for array, values in zip(state, saved, strict=True):
        array[...] = values
