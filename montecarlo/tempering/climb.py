"""A ladder under way: where its walkers are, and the series of every temperature.

Series belong to temperatures, whichever walkers feed them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from montecarlo.chains.progress import Progress, group

from .exchange import BUFFER, exchange, logarithms

if TYPE_CHECKING:
    from .walkers import Ladder

__all__ = ["Climb"]

KEPT = 256  # configurations of a temperature that are reduced together


class Climb:
    """A ladder under way: whoever moves its walkers tells it where they are.

    Parameters
    ----------
    ladder : Ladder
    saved : Progress or None
        Where an earlier process left it.
    states : object
        Holds the walkers: ``arrays(spins)`` is what ``restore(saved)`` takes, and returns
        the spins of.
    """

    def __init__(self, ladder: Ladder, saved: Progress | None, states: Any) -> None:
        self._ladder = ladder
        self.walkers, self._series = _Walkers(ladder, saved, states), _Series(ladder, saved)

    @property
    def sweep(self) -> int:
        """Sweeps done."""
        return self.walkers.sweep

    @property
    def T(self) -> np.ndarray:
        """Temperature of every walker, (n_T,)."""
        T = np.empty(len(self.walkers.at))
        T[self.walkers.at] = self._ladder.T
        return T

    def note(
        self, n_sweeps: int, spins: np.ndarray, energies: np.ndarray, flips: np.ndarray
    ) -> None:
        """Take the walkers as `n_sweeps` sweeps left them: measure, exchange.

        Parameters
        ----------
        n_sweeps : int
        spins : (n_T, n_spins) int8
        energies : (n_T,) float64
        flips : (n_T,) int64
            Flips of these sweeps.
        """
        ladder, walkers = self._ladder, self.walkers
        walkers.note(n_sweeps, spins, energies, flips)
        since = walkers.sweep - ladder.schedule.warmup
        if since > 0 and since % ladder.schedule.stride == 0:
            self._series.add(walkers.spins[walkers.at], walkers.energies)
        if walkers.sweep % ladder.exchange_every == 0:
            walkers.exchange(walkers.sweep // ladder.exchange_every, counted=since > 0)
        if since == 0:
            walkers.look()

    def progress(self) -> Progress:
        """Return all that the next sweep needs and what was measured."""
        arrays = self.walkers.arrays() | self._series.arrays()
        return Progress(sweep=self.sweep, arrays=arrays)

    def ended(self, periods: np.ndarray) -> Progress:
        """Return the result, told the period of every walker; see `Ladder.run`."""
        walkers = self.walkers
        found = walkers.counts() | self._series.arrays()
        last = {"last": walkers.spins[walkers.at], "period": periods[walkers.at]}
        start = {"start_overlap": self._ladder.observe(self._ladder.spins)["m"][:, 0]}
        return Progress(sweep=self.sweep, arrays=found | last | start, ended=True)


class _Walkers:
    """The walkers of a ladder, their temperatures and their exchanges."""

    def __init__(self, ladder: Ladder, saved: Progress | None, states: Any) -> None:
        self._ladder, self.states, n_T = ladder, states, len(ladder.T)
        self._logs = np.empty((0, 0))
        self.spins = np.array(ladder.spins, np.int8)
        self.sweep = 0
        self.at = np.arange(n_T)  # at[k]: the walker at temperature k
        self.energies = np.zeros(n_T)
        self._flips = np.zeros(n_T, np.int64)
        self._attempts, self._accepted = np.zeros((2, n_T - 1), np.int64)
        self._visits: list[np.ndarray] = []
        if saved:
            self._restore(saved)
        elif ladder.schedule.warmup == 0:
            self.look()

    def _restore(self, saved: Progress) -> None:
        own = {name: array.copy() for name, array in saved.arrays.items()}
        self.spins = self.states.restore(saved)
        self.sweep, self.at, self.energies = saved.sweep, own["at"], own["energies"]
        self._flips, self._visits = own["flips"], list(own["visits"])
        self._attempts, self._accepted = own["attempts"], own["accepted"]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return copies of all that the next sweep needs and of what was counted."""
        return self.states.arrays(self.spins) | self.counts()

    def counts(self) -> dict[str, np.ndarray]:
        """Return copies of what was counted, and of where the walkers are."""
        visits = np.array(self._visits, np.int16).reshape(-1, len(self.at))
        return {
            "at": self.at.copy(),
            "energies": self.energies.copy(),
            "flips": self._flips.copy(),
            "attempts": self._attempts.copy(),
            "accepted": self._accepted.copy(),
            "visits": visits,
        }

    def look(self) -> None:
        """Note the temperature of every walker."""
        self._visits.append(np.argsort(self.at))

    def note(
        self, n_sweeps: int, spins: np.ndarray, energies: np.ndarray, flips: np.ndarray
    ) -> None:
        """Take the walkers as `n_sweeps` sweeps left them, walker at[k] at temperature k."""
        self.spins = spins
        self._flips += flips[self.at]
        self.energies = energies[self.at]
        self.sweep += n_sweeps

    def exchange(self, number: int, *, counted: bool) -> None:
        """Do exchange `number`; after the warm-up it counts."""
        beta, place = 1 / self._ladder.T, number % BUFFER
        if place == 0 or not len(self._logs):
            n_pairs = len(beta) - 1
            self._logs = logarithms(self._ladder.swap_key, n_pairs, number - place)
        first, swapped = exchange(number, self.at, beta, self.energies, self._logs[place])
        if counted:
            self._attempts[first::2] += 1
            self._accepted[first::2] += swapped
            self.look()


class _Series:
    """Measurements of a running ladder, a buffer of configurations reduced at a time."""

    def __init__(self, ladder: Ladder, saved: Progress | None) -> None:
        self._ladder = ladder
        n_measurements, n_T = ladder.schedule.n_measurements, len(ladder.T)
        width = min(n_measurements, KEPT)
        self._kept = np.empty((n_T, width, ladder.data.n_spins), np.int8)
        self._filled = 0
        self._energies: list[np.ndarray] = []
        none = ladder.observe(np.empty((0, ladder.data.n_spins), np.int8))
        begun = {name: np.stack([array] * n_T) for name, array in none.items()}
        begun["energy"] = np.empty((n_T, 0))
        self._reduced = [saved.group("series") if saved else begun]

    def add(self, spins: np.ndarray, energies: np.ndarray) -> None:
        """Take one configuration and its energy at each temperature."""
        self._kept[:, self._filled] = spins
        self._energies.append(energies / self._ladder.data.n_spins)
        self._filled += 1
        if self._filled == self._kept.shape[1]:
            self._reduce()

    def _reduce(self) -> None:
        seen = [self._ladder.observe(kept[: self._filled]) for kept in self._kept]
        found = {name: np.stack([one[name] for one in seen]) for name in seen[0]}
        self._reduced.append(found | {"energy": np.stack(self._energies, axis=1)})
        self._filled, self._energies = 0, []

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the series so far, axes (n_T, measurement, ...)."""
        if self._filled:
            self._reduce()
        names = self._reduced[0]
        whole = {name: np.concatenate([x[name] for x in self._reduced], 1) for name in names}
        self._reduced = [whole]
        return group("series", whole)
