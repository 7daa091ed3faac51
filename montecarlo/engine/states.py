"""The chains of a batch in the hands of a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from montecarlo.backend import Backend

from .progress import group

__all__ = ["States"]


class States:
    """Chains that a kernel advances: one state for all where it is batched, else one for each.

    Parameters
    ----------
    kernel : Backend
    network : object
        Lowered, of all chains.
    spins : (c, n_spins) int8
        First configurations.
    keys : (c, 2) uint32
        Their streams.
    rule, order : int
        Codes of the dynamics and of the order of the sites.
    """

    def __init__(
        self,
        kernel: Backend,
        network: Any,
        spins: np.ndarray,
        keys: np.ndarray,
        *,
        rule: int,
        order: int,
    ) -> None:
        self._kernel, self._network, self._keys = kernel, network, keys
        self._rule, self._order = rule, order
        self._shape = spins.shape
        self._parts: list[Any] = [...] if kernel.batched else list(range(len(spins)))
        self._states = [kernel.prepare(network, spins[part]) for part in self._parts]

    def advance(
        self, T: np.ndarray, first_sweep: int, n_measured: int, stride: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Do `n_measured` times `stride` sweeps.

        Parameters
        ----------
        T : (c,) or (c, n_measured * stride) float64
        first_sweep, n_measured, stride : int

        Returns
        -------
        spins : (c, n_measured, n_spins) int8
        energies : (c, n_measured) float64
            H.
        flips : (c,) int64
        """
        n_chains, n_spins = self._shape
        spins = np.empty((n_chains, n_measured, n_spins), np.int8)
        energies, flips = np.empty((n_chains, n_measured)), np.empty(n_chains, np.int64)
        for part, state in zip(self._parts, self._states, strict=True):
            flips[part] = self._kernel.run(
                self._network,
                state,
                self._keys[part],
                T[part],
                self._rule,
                first_sweep,
                n_measured,
                stride,
                spins[part],
                energies[part],
                self._order,
            )
        return spins, energies, flips

    @property
    def spins(self) -> np.ndarray:
        """Copies of the present configurations, (c, n_spins) int8."""
        spins = np.empty(self._shape, np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            spins[part] = state.spins
        return spins

    def arrays(self) -> dict[str, np.ndarray]:
        """Return copies of what the states are made of, the chains in front.

        Integers follow from the spins, in whatever form the network is; sums of floats that
        were updated flip by flip would differ in their last bits if they were made anew.
        """
        floats = zip(*map(_floats, self._states), strict=True)
        kept = {str(k): np.stack(arrays) for k, arrays in enumerate(floats)}
        return {"spins": self.spins} | group("state", kept)

    def restore(self, kept: dict[str, np.ndarray]) -> None:
        """Take the group ``state`` of `arrays` into states made of its spins.

        Raises
        ------
        ValueError
            If they are those of another network.
        """
        if not kept:
            return
        for part, state in zip(self._parts, self._states, strict=True):
            floats = _floats(state)
            if [x.shape for x in floats] != [values[part].shape for values in kept.values()]:
                raise ValueError("checkpoint: the state of a chain does not fit the network")
            for array, values in zip(floats, kept.values(), strict=True):
                array[...] = values[part]

    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from here, (c,) int8; ends the states."""
        periods = np.empty(self._shape[0], np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = self._kernel.period(self._network, state)
        return periods


def _floats(state: Any) -> list[np.ndarray]:
    """Arrays of floats beside the spins, the first."""
    return [array for array in list(state)[1:] if array.dtype.kind == "f"]
