r"""Replica exchange on one disorder sample: a ladder of walkers that swap temperatures.

Neighbours i, i + 1 of the ladder exchange their temperatures with probability

.. math:: \min(1, e^{D}), \qquad D = (\beta_i - \beta_{i+1}) (E_i - E_{i+1}),

which leaves the product of the Boltzmann laws unchanged [1]_.  Exchange number e tries
the pairs that begin at e mod 2: even and odd pairs in turn, the schedule whose walkers
drift along the ladder instead of diffusing [2]_.  A walker keeps its spins and its stream
of random numbers; only its temperature moves.

References
----------
.. [1] K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn 65, 1604 (1996),
   doi:10.1143/JPSJ.65.1604.
.. [2] S. Syed, A. Bouchard-Cote, G. Deligiannidis, A. Doucet, J. R. Stat. Soc. B 84, 321
   (2022), doi:10.1111/rssb.12464.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hebbian import Dataset, streams
from montecarlo.backend import Backend
from montecarlo.chains.chain import Stopped
from montecarlo.chains.record import Record
from montecarlo.observables import overlaps
from montecarlo.schedule import Schedule

__all__ = ["Ladder", "LadderRecord", "exchange", "round_trips"]


BUFFER = 256  # configurations, and random numbers of exchanges, made and reduced at a time


class Observed(NamedTuple):
    """Observables of a batch of configurations; see `montecarlo.chains.chain.Record`."""

    m: np.ndarray
    n: np.ndarray
    packed: np.ndarray


@dataclass(frozen=True, kw_only=True)
class LadderRecord:
    """What one ladder leaves behind.

    Parameters
    ----------
    records : list of Record
        One for each temperature.
    attempts, accepted : (n_T - 1,) int64
        Exchanges between neighbours after the warm-up.
    visits : (n_walkers, 1 + n_exchanges) int16
        Temperature index of every walker at the end of the warm-up and after each later
        exchange.
    """

    records: list[Record]
    attempts: np.ndarray
    accepted: np.ndarray
    visits: np.ndarray


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
    rule : int
        Code of the dynamics.
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
    schedule: Schedule
    exchange_every: int
    patterns: np.ndarray

    def run(self, advance: Callable[[int], None], stop: threading.Event) -> LadderRecord:
        """Run to the end of the schedule.

        Parameters
        ----------
        advance : callable
            Told the number of sweeps of a walker done since it was last called.
        stop : threading.Event
            Looked at between exchanges.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        schedule, n_T = self.schedule, len(self.T)
        walkers = _Walkers(self)
        at = np.arange(n_T)  # at[k]: the walker at temperature k
        energies = np.zeros(n_T)
        series = _Series(self)
        attempts, accepted = np.zeros((2, n_T - 1), np.int64)
        flips = np.zeros(n_T, np.int64)
        visits = [] if schedule.warmup else [np.argsort(at)]
        beta, logs = 1 / self.T, np.empty((0, 0))
        sweep = 0
        while sweep < schedule.total:
            if stop.is_set():
                raise Stopped
            n_sweeps = self._next_event(sweep) - sweep
            flipped, energies = walkers.advance(at, sweep, n_sweeps)
            flips += flipped
            sweep += n_sweeps
            advance(n_sweeps)
            since = sweep - schedule.warmup
            if since > 0 and since % schedule.stride == 0:
                series.add(walkers.spins[at], energies)
            if sweep % self.exchange_every == 0:
                number = sweep // self.exchange_every
                if number % BUFFER == 0 or not len(logs):
                    logs = self._logarithms(number - number % BUFFER)
                first, swapped = exchange(number, at, beta, energies, logs[number % BUFFER])
                if since > 0:
                    attempts[first::2] += 1
                    accepted[first::2] += swapped
                    visits.append(np.argsort(at))
            if since == 0:
                visits.append(np.argsort(at))
        return LadderRecord(
            records=series.records(flips / max(sweep, 1), walkers.spins[at], walkers.periods[at]),
            attempts=attempts,
            accepted=accepted,
            visits=np.array(visits, np.int16).reshape(-1, n_T).T,
        )

    def _next_event(self, sweep: int) -> int:
        """Sweep of the next exchange, measurement or end of the warm-up."""
        schedule = self.schedule
        exchange = (sweep // self.exchange_every + 1) * self.exchange_every
        if sweep < schedule.warmup:
            return min(exchange, schedule.warmup)
        since = sweep - schedule.warmup
        return min(exchange, schedule.warmup + (since // schedule.stride + 1) * schedule.stride)

    def _logarithms(self, first: int) -> np.ndarray:
        """Random log(u) of the exchanges first..first + BUFFER - 1, shape (BUFFER, >= pairs).

        Pair k of exchange e has word k % 4 of the counter (k // 4, e mod 2**32, e >> 32).
        """
        number = np.arange(first, first + BUFFER)[:, None]
        group = np.arange(-(-(len(self.T) - 1) // 4))
        words = streams.philox(self.swap_key, group, number & 0xFFFFFFFF, number >> 32)
        return np.log((words.reshape(BUFFER, -1) + 0.5) / 2.0**32)


class _Walkers:
    """The states of a ladder: of every walker, or of all together where the kernel is batched."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder, backend = ladder, ladder.backend
        one_each = range(len(ladder.T))
        self._parts: list[Any] = [...] if backend.batched else list(one_each)
        self._states = [backend.prepare(ladder.network, ladder.spins[p]) for p in self._parts]
        self.spins = np.array(ladder.spins, np.int8)

    def advance(self, at: np.ndarray, sweep: int, n_sweeps: int) -> tuple[np.ndarray, np.ndarray]:
        """Do sweeps, walker at[k] at temperature k; return flips and energies by temperature."""
        ladder, n_T = self._ladder, len(at)
        T, flips, energies = np.empty(n_T), np.empty(n_T, np.int64), np.empty((n_T, 1))
        T[at] = ladder.T
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
                self.spins[:, None][part],
                energies[part],
            )
        return flips[at], energies[at, 0]

    @property
    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from the last configurations."""
        ladder, periods = self._ladder, np.empty(len(self.spins), np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = ladder.backend.period(ladder.network, state)
        return periods


class _Series:
    """Measurements of a running ladder, a buffer of configurations reduced at a time."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._archetypes, self._averages = ladder.data.observed(ladder.patterns)
        n_measurements, n_T = ladder.schedule.n_measurements, len(ladder.T)
        width = min(n_measurements, BUFFER)
        self._kept = np.empty((n_T, width, ladder.data.n_spins), np.int8)
        self._energy = np.empty((n_T, n_measurements))
        self._reduced: list[list[Observed]] = [[] for _ in range(n_T)]
        self._measured = 0

    def add(self, spins: np.ndarray, energies: np.ndarray) -> None:
        """Take one configuration and its energy at each temperature."""
        filled = self._measured % BUFFER
        self._kept[:, filled] = spins
        self._energy[:, self._measured] = energies
        self._measured += 1
        if filled + 1 == BUFFER or self._measured == self._energy.shape[1]:
            for kept, reduced in zip(self._kept, self._reduced, strict=True):
                reduced.append(self._observe(kept[: filled + 1]))

    def records(self, flips: np.ndarray, last: np.ndarray, periods: np.ndarray) -> list[Record]:
        """Return a record for each temperature from its flips a sweep and last configuration."""
        n_spins = self._ladder.data.n_spins
        empty = self._observe(np.empty((0, n_spins), np.int8))
        records = []
        for k, reduced in enumerate(self._reduced):
            m, n, packed = (np.concatenate(x) for x in zip(empty, *reduced, strict=True))
            records.append(
                Record(
                    m=m,
                    n=n,
                    energy=self._energy[k] / n_spins,
                    packed=packed,
                    flip_rate=flips[k] / n_spins if self._ladder.schedule.total else np.nan,
                    start_overlap=float(self._observe(self._ladder.spins[k]).m[0]),
                    last=last[k],
                    period=periods[k],
                )
            )
        return records

    def _observe(self, spins: np.ndarray) -> Observed:
        scale = self._ladder.data.model.example_overlap_scale()
        return Observed(
            m=overlaps(spins, self._archetypes),
            n=scale * overlaps(spins, self._averages),
            packed=np.packbits(spins > 0, axis=-1),
        )


def exchange(
    number: int, at: np.ndarray, beta: np.ndarray, energies: np.ndarray, logs: np.ndarray
) -> tuple[int, np.ndarray]:
    """Do exchange `number`: swap walkers in place.

    Parameters
    ----------
    number : int
        Its parity chooses the pairs.
    at : (n_T,) int
        Walker at each temperature, changed.
    beta, energies : (n_T,) float64
        Inverse temperatures and the energies found there.
    logs : (>= n_T - 1,) float64
        Random log(u) of each pair.

    Returns
    -------
    first : int
        Pairs first, first + 2, ... were tried.
    swapped : numpy.ndarray of bool
        Which of them swapped.
    """
    first = number % 2
    lower = np.arange(first, len(at) - 1, 2)
    drive = (beta[lower] - beta[lower + 1]) * (energies[lower] - energies[lower + 1])
    swapped = logs[lower] <= drive
    chosen = lower[swapped]
    at[chosen], at[chosen + 1] = at[chosen + 1], at[chosen]
    return first, swapped


def round_trips(visits: np.ndarray, n_T: int) -> np.ndarray:
    """Count the journeys of every walker from one end of the ladder to the other and back.

    Parameters
    ----------
    visits : (n_walkers, n_times) int
        Temperature index of every walker.
    n_T : int
        Number of temperatures, at least 2.

    Returns
    -------
    numpy.ndarray
        Shape (n_walkers,), int64: returns to the end that the walker touched first, with
        the other end in between.

    Examples
    --------
    >>> round_trips(np.array([[0, 1, 2, 1, 0, 1, 2], [1, 0, 1, 0, 1, 1, 1]]), 3)
    array([1, 0])
    """
    trips = np.zeros(len(visits), np.int64)
    for walker, path in enumerate(visits):
        ends = path[(path == 0) | (path == n_T - 1)]
        trips[walker] = np.count_nonzero(np.diff(ends)) // 2
    return trips
