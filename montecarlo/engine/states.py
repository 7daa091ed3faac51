"""The chains of a batch in the hands of a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from montecarlo.backend import Backend

__all__ = ["States"]


class States:
    """Chains that a kernel advances: one state for all where it is batched, else one for each.

    All that a state holds besides the spins follows from them without rounding, or is made
    anew at every flip: states made of saved spins go on with the same bits, in any form.

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

    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from here, (c,) int8; ends the states."""
        periods = np.empty(self._shape[0], np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = self._kernel.period(self._network, state)
        return periods
