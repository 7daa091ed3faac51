"""A ladder of walkers on one disorder sample, from the start to the series of every temperature.

A walker keeps its spins and its stream of random numbers; only its temperature moves
(`.exchange`).  Series belong to temperatures, whichever walkers feed them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Dataset
from montecarlo.backend import Backend
from montecarlo.chains.progress import Progress, copy_state, group, restore_state
from montecarlo.chains.record import Record
from montecarlo.chains.watch import Watch
from montecarlo.observables import overlaps
from montecarlo.schedule import Schedule

from .exchange import BUFFER, exchange, logarithms

__all__ = ["Ladder", "records"]

KEPT = 256  # configurations of a temperature that are reduced together


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """A ladder ready to run; walker w starts at temperature w.

    Parameters
    ----------
    backend : Backend
    data : Dataset
    network : object
        ``backend.lower(data.memory)``.
    spins : (n_T, n_spins) int8
        First configurations.
    keys : (n_T, 2) uint32
        Streams of the walkers.
    swap_key : (2,) uint32
        Stream of the exchanges.
    T : (n_T,) float64
        Increasing, positive.
    rule, order : int
        Codes of the dynamics and of the order of the sites.
    schedule : Schedule
    exchange_every : int
        Sweeps between exchanges.
    patterns : (n_patterns,) intp
        Archetypes to observe.
    """

    backend: Backend
    data: Dataset
    network: Any
    spins: np.ndarray
    keys: np.ndarray
    swap_key: np.ndarray
    T: np.ndarray
    rule: int
    order: int
    schedule: Schedule
    exchange_every: int
    patterns: np.ndarray

    def run(self, watch: Watch) -> Progress:
        """Run to the end of the schedule, or from where an earlier process left it.

        Returns
        -------
        Progress
            Of axes (n_T, ...): the series ``m``, ``n``, ``energy``, ``packed``, the ``flips``,
            ``start_overlap``, ``last`` configuration and its ``period`` of every temperature;
            ``attempts``, ``accepted``, (n_T - 1,): exchanges between neighbours after the
            warm-up; ``visits``, (1 + n_exchanges, n_walkers) int16: the temperature index of
            every walker at the end of the warm-up and after each later exchange.

        Raises
        ------
        Stopped
            If the watch said so.
        """
        schedule = self.schedule
        walkers, series = _Walkers(self, watch.saved), _Series(self, watch.saved)

        def progress() -> Progress:
            return Progress(sweep=walkers.sweep, arrays=walkers.arrays() | series.arrays())

        while walkers.sweep < schedule.total:
            watch.look(progress)
            n_sweeps = self._next_event(walkers.sweep) - walkers.sweep
            walkers.advance(n_sweeps)
            watch.advance(n_sweeps)
            since = walkers.sweep - schedule.warmup
            if since > 0 and since % schedule.stride == 0:
                series.add(walkers.spins[walkers.at], walkers.energies)
            if walkers.sweep % self.exchange_every == 0:
                walkers.exchange(walkers.sweep // self.exchange_every, counted=since > 0)
            if since == 0:
                walkers.look()
        found = progress().arrays
        kept = {name: array for name, array in found.items() if not name.startswith("state/")}
        last = {"last": walkers.spins[walkers.at], "period": walkers.periods[walkers.at]}
        start = {"start_overlap": self.observe(self.spins)["m"][:, 0]}
        return Progress(sweep=walkers.sweep, arrays=kept | last | start, ended=True)

    def observe(self, spins: np.ndarray) -> dict[str, np.ndarray]:
        """Return m, n and the bits of configurations (n, n_spins)."""
        archetypes, averages = self.data.observed(self.patterns)
        scale = self.data.model.example_overlap_scale()
        return {
            "m": overlaps(spins, archetypes),
            "n": scale * overlaps(spins, averages),
            "packed": np.packbits(spins > 0, axis=-1),
        }

    def _next_event(self, sweep: int) -> int:
        """Sweep of the next exchange, measurement or end of the warm-up."""
        schedule = self.schedule
        exchange = (sweep // self.exchange_every + 1) * self.exchange_every
        if sweep < schedule.warmup:
            return min(exchange, schedule.warmup)
        since = sweep - schedule.warmup
        return min(exchange, schedule.warmup + (since // schedule.stride + 1) * schedule.stride)


class _Walkers:
    """The walkers of a ladder, their temperatures and their exchanges.

    States are of every walker, or of all together where the kernel is batched.
    """

    def __init__(self, ladder: Ladder, saved: Progress | None) -> None:
        self._ladder, backend, n_T = ladder, ladder.backend, len(ladder.T)
        self._parts: list[Any] = [...] if backend.batched else list(range(n_T))
        self._states = [backend.prepare(ladder.network, ladder.spins[p]) for p in self._parts]
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
        for part, state in zip(self._parts, self._states, strict=True):
            arrays = {name: array[part] for name, array in saved.group("state").items()}
            restore_state(state, Progress(sweep=saved.sweep, arrays=group("state", arrays)))
            self.spins[part] = state.spins
        self.sweep, self.at, self.energies = saved.sweep, own["at"], own["energies"]
        self._flips, self._visits = own["flips"], list(own["visits"])
        self._attempts, self._accepted = own["attempts"], own["accepted"]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return copies of all that the next sweep needs and of what was counted."""
        states = [copy_state(state) for state in self._states]
        if not self._ladder.backend.batched:
            states = [{name: np.stack([s[name] for s in states]) for name in states[0]}]
        visits = np.array(self._visits, np.int16).reshape(-1, len(self.at))
        return states[0] | {
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

    def advance(self, n_sweeps: int) -> None:
        """Do sweeps, walker at[k] at temperature k."""
        ladder, at, n_T = self._ladder, self.at, len(self.at)
        T, flips, energies = np.empty(n_T), np.empty(n_T, np.int64), np.empty((n_T, 1))
        T[at] = ladder.T
        for part, state in zip(self._parts, self._states, strict=True):
            flips[part] = ladder.backend.run(
                ladder.network,
                state,
                ladder.keys[part],
                T[part],
                ladder.rule,
                self.sweep,
                1,
                n_sweeps,
                self.spins[:, None][part],
                energies[part],
                ladder.order,
            )
        self._flips += flips[at]
        self.energies = energies[at, 0]
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

    @property
    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from the last configurations."""
        ladder, periods = self._ladder, np.empty(len(self.spins), np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = ladder.backend.period(ladder.network, state)
        return periods


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


def records(done: Progress, n_spins: int) -> list[Record]:
    """Return a record for each temperature of a ladder that has ended."""
    names = ("flips", "start_overlap", "last", "period")
    own = {name: done.arrays[name] for name in names} | group("series", done.group("series"))
    alone = Progress(sweep=done.sweep, arrays=own, ended=True)
    return [Record.of(one, n_spins) for one in alone.split(len(own["last"]))]
