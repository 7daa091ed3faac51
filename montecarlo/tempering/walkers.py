"""A ladder of walkers on one disorder sample, from the start to the series of every temperature.

A walker keeps its spins and its stream of random numbers; only its temperature moves
(`.climb`).
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

from .climb import Climb

__all__ = ["Ladder", "records"]


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
        climb = Climb(self, watch.saved, _States(self))
        while climb.sweep < self.schedule.total:
            watch.look(climb.progress)
            n_sweeps = self.next_event(climb.sweep) - climb.sweep
            climb.note(n_sweeps, *climb.walkers.states.advance(climb.T, climb.sweep, n_sweeps))
            watch.advance(n_sweeps)
        return climb.ended(climb.walkers.states.periods)

    def observe(self, spins: np.ndarray) -> dict[str, np.ndarray]:
        """Return m, n and the bits of configurations (n, n_spins)."""
        archetypes, averages = self.data.observed(self.patterns)
        scale = self.data.model.example_overlap_scale()
        return {
            "m": overlaps(spins, archetypes),
            "n": scale * overlaps(spins, averages),
            "packed": np.packbits(spins > 0, axis=-1),
        }

    def next_event(self, sweep: int) -> int:
        """Sweep of the next exchange, measurement or end of the warm-up."""
        schedule = self.schedule
        exchange = (sweep // self.exchange_every + 1) * self.exchange_every
        if sweep < schedule.warmup:
            return min(exchange, schedule.warmup)
        since = sweep - schedule.warmup
        return min(exchange, schedule.warmup + (since // schedule.stride + 1) * schedule.stride)


class _States:
    """The kernel's states of a ladder: of every walker, or of all where it is batched."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder, backend, n_T = ladder, ladder.backend, len(ladder.T)
        self._parts: list[Any] = [...] if backend.batched else list(range(n_T))
        self._states = [backend.prepare(ladder.network, ladder.spins[p]) for p in self._parts]

    def restore(self, saved: Progress) -> np.ndarray:
        """Take the states that `arrays` returned; return the spins."""
        spins = np.empty_like(self._ladder.spins, np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            arrays = {name: array[part] for name, array in saved.group("state").items()}
            restore_state(state, Progress(sweep=saved.sweep, arrays=group("state", arrays)))
            spins[part] = state.spins
        return spins

    def arrays(self, _spins: np.ndarray) -> dict[str, np.ndarray]:
        """Return copies of the states, which hold the spins, the walkers in front."""
        states = [copy_state(state) for state in self._states]
        if self._ladder.backend.batched:
            return states[0]
        return {name: np.stack([state[name] for state in states]) for name in states[0]}

    def advance(
        self, T: np.ndarray, sweep: int, n_sweeps: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Do sweeps; return spins, energies and flips of every walker."""
        ladder, n_T = self._ladder, len(T)
        flips, energies = np.empty(n_T, np.int64), np.empty((n_T, 1))
        spins = np.empty((n_T, 1, ladder.data.n_spins), np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            flips[part] = ladder.backend.run(
                ladder.network,
                state,
                ladder.keys[part],
                T[part],
                ladder.rule,
                sweep,
                1,
                n_sweeps,
                spins[part],
                energies[part],
                ladder.order,
            )
        return spins[:, 0], energies[:, 0], flips

    @property
    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from the last configurations."""
        ladder, periods = self._ladder, np.empty(len(self._ladder.spins), np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = ladder.backend.period(ladder.network, state)
        return periods


def records(done: Progress, n_spins: int) -> list[Record]:
    """Return a record for each temperature of a ladder that has ended."""
    names = ("flips", "start_overlap", "last", "period")
    own = {name: done.arrays[name] for name in names} | group("series", done.group("series"))
    alone = Progress(sweep=done.sweep, arrays=own, ended=True)
    return [Record.of(one, n_spins) for one in alone.split(len(own["last"]))]
