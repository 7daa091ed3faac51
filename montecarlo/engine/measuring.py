"""What is measured of the configurations of a batch of chains: the one place of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from montecarlo.observables import Configurations, Measure, observe
from montecarlo.overlaps import Observed, packed

from .plan import Plan
from .samples import Disorder

__all__ = ["Measurement"]


class Measurement:
    """Measures chains, each on one of some disorder samples and at a temperature of its own.

    Parameters
    ----------
    plan : Plan
    disorder : Disorder
    places : (c,) int
        Place of every chain's sample in the disorder.
    T : (c,) float64
    own : dict of str to callable
        The user's observables.
    """

    def __init__(
        self,
        plan: Plan,
        disorder: Disorder,
        places: np.ndarray,
        T: np.ndarray,
        own: Mapping[str, Measure],
    ) -> None:
        self._data, self._places, self._T, self._own = disorder.datasets, places, T, own
        self._patterns = plan.patterns
        self._observed = [Observed(data, plan.patterns) for data in self._data]
        self._examples = [data.examples() for data in self._data]

    def overlaps(self, spins: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n of configurations (c, n_measurements, n_spins)."""
        if len(self._observed) == 1:
            return self._observed[0].overlaps(spins, times)
        m = np.empty((*spins.shape[:-1], self._observed[0].n_patterns))
        n = np.empty_like(m)
        for place, observed in enumerate(self._observed):
            chains = self._places == place
            m[chains], n[chains] = observed.overlaps(spins[chains], times)
        return m, n

    def __call__(
        self,
        spins: np.ndarray,
        energies: np.ndarray,
        like: Mapping[str, np.ndarray],
        times: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Measure configurations.

        Parameters
        ----------
        spins : (c, n_measurements, n_spins) int8
        energies : (c, n_measurements) float64
            H.
        like : dict of str to numpy.ndarray
            Earlier values, which tell the number of components of the user's observables.
        times : (n_measurements,) integer
            Sweeps done since the start.

        Returns
        -------
        dict of str to numpy.ndarray
            ``m``, ``n``, ``energy`` per spin, ``packed`` and the user's observables: axes
            (c, n_measurements, ...).
        """
        energy = energies / spins.shape[-1]
        found = dict(zip("mn", self.overlaps(spins, times), strict=True))
        found |= {"energy": energy, "packed": packed(spins)}
        seen: dict[str, list[np.ndarray]] = {name: [] for name in self._own}
        for c, place in enumerate(self._places if self._own else ()):
            state = Configurations(
                spins=spins[c],
                energy=energy[c],
                data=self._data[place],
                T=float(self._T[c]),
                patterns=self._patterns,
                times=times,
                find_examples=self._examples[place],
            )
            for name, function in self._own.items():
                before = like[name][c] if name in like else next(iter(seen[name]), None)
                seen[name].append(observe(name, function, state, before))
        return found | {name: np.stack(values) for name, values in seen.items()}
