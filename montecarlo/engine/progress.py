"""What a chain has done so far: all that is needed to go on with the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

__all__ = ["ANY", "ORDER", "SIGNS", "Form", "Progress", "Series", "group"]

#: Domains of arrays that the next sweep trusts.
ANY, SIGNS, ORDER = "any number", "-1 and 1", "an order of 0 ... n - 1"


class Form(NamedTuple):
    """What an array of a chain has to be.

    Parameters
    ----------
    kind : type
        Of its numbers.
    shape : tuple of int
    domain : {ANY, SIGNS, ORDER}
    open : bool
        Whether one more axis may follow, of the same length for all chains.
    """

    kind: type
    shape: tuple[int, ...]
    domain: str = ANY
    open: bool = False

    def holds(self, array: np.ndarray) -> bool:
        """Return whether an array is of this form."""
        n = len(self.shape)
        if array.dtype != self.kind or array.shape[:n] != self.shape:
            return False
        if array.ndim - n not in ((0, 1) if self.open else (0,)):
            return False
        if self.domain == SIGNS:
            return bool((np.abs(array) == 1).all())
        return self.domain == ANY or bool((np.sort(array) == np.arange(array.size)).all())


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
        for all chains of a run.  Names may have a group in front, as in ``"series/m"``.
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

    def split(self, n_entries: int) -> list[Progress]:
        """Return the progress of the entries of a batch."""
        return [
            replace(self, arrays={name: array[c] for name, array in self.arrays.items()})
            for c in range(n_entries)
        ]

    @staticmethod
    def join(entries: list[Progress]) -> Progress:
        """Return the batch of entries under way that have done equally many sweeps."""
        first = entries[0]
        names = first.arrays
        return replace(first, arrays={n: np.stack([c.arrays[n] for c in entries]) for n in names})


class Series:
    """Measurements of a batch, made a part at a time: axes (entry, measurement, ...).

    Parameters
    ----------
    begun : dict of str to numpy.ndarray
        What was measured before; of length 0 at the start.
    """

    def __init__(self, begun: dict[str, np.ndarray]) -> None:
        self._parts = [begun]

    def add(self, found: dict[str, np.ndarray]) -> None:
        """Take the next measurements."""
        self._parts.append(found)

    def whole(self) -> dict[str, np.ndarray]:
        """Return all measurements so far."""
        names = self._parts[0]
        if len(self._parts) > 1:
            whole = {name: np.concatenate([p[name] for p in self._parts], 1) for name in names}
            self._parts = [whole]
        return self._parts[0]


def group(name: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Put a name in front of those of some arrays."""
    return {f"{name}/{key}": array for key, array in arrays.items()}
