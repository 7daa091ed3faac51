"""Ladders of walkers that exchange their temperatures: chains in the hands of one more job.

A walker keeps its spins and its stream of random numbers; only its temperature moves.  Series
belong to temperatures, whichever walkers feed them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import streams
from montecarlo.engine.job import Batch
from montecarlo.engine.ledger import Entries
from montecarlo.engine.measuring import Measurement
from montecarlo.engine.moves import Moves, States
from montecarlo.engine.progress import ORDER, Form, Progress, Series, group
from montecarlo.engine.samples import Disorder

from .exchange import BUFFER, exchange, logarithms

__all__ = ["Ladders"]

KEPT = 256  # configurations of a temperature that are measured together


class _Climb(Batch):
    """Ladders under way together; arrays have axes (ladder, temperature or walker, ...).

    Progress has the spins of the walkers, the ``flips`` and series of the temperatures;
    ``at``, the walker at every temperature; ``attempts``, ``accepted``, (n_T - 1,), exchanges
    between neighbours after the warm-up; ``visits``, (1 + n_exchanges, n_walkers) int16, the
    temperature index of every walker at the end of the warm-up and after each later exchange.
    The result is what chains leave behind (`montecarlo.engine.chains`), and these.
    """

    def __init__(
        self, job: Ladders, entries: Entries, disorder: Disorder, begun: Progress | None
    ) -> None:
        self._job, plan = job, job.plan
        self._shape = n_ladders, n_T = len(entries), plan.T.size
        walkers = np.repeat(disorder.places(entries), n_T)
        keys = [job.keys(sample, replica) for _, sample, replica in entries]
        self._swap_keys, self._logs = [swaps for _, swaps in keys], np.empty(0)
        self._T, self._beta = np.tile(plan.T, n_ladders), 1 / plan.T
        self._first = n_T * np.arange(n_ladders)[:, None]
        self._measure = Measurement(plan, disorder, walkers, self._T, job.observables)
        if begun:
            spins = _flat(begun.arrays["spins"])
        else:
            spins = np.repeat(job.starts(entries, disorder), n_T, axis=0)
        own = np.concatenate([own for own, _ in keys])
        self._states = States(job, disorder, walkers, own, spins)
        begun = begun or self._beginning()
        self._sweep, found = begun.sweep, begun.arrays
        self._at, self._flips = found["at"], found["flips"]
        self._first_measured = begun.group("first")
        self._attempts, self._accepted = found["attempts"], found["accepted"]
        self._visits = Series({"visits": found["visits"]})
        self._like = {name: _flat(x) for name, x in begun.group("series").items()}
        self._series = Series(self._like)
        width = min(job.schedule.n_measurements, KEPT)
        self._kept = np.empty((n_ladders * n_T, width, plan.n_spins), np.int8)
        self._energies, self._filled = np.empty((n_ladders * n_T, width)), 0
        if self._sweep == job.schedule.warmup == 0:
            self._look()

    def _beginning(self) -> Progress:
        """Every walker at its first temperature, and nothing measured yet."""
        n_ladders, n_T = self._shape
        known = self._job.beginning(self._states, self._measure, self._T)
        found = {
            "at": np.tile(np.arange(n_T), (n_ladders, 1)),
            "attempts": np.zeros((n_ladders, n_T - 1), np.int64),
            "accepted": np.zeros((n_ladders, n_T - 1), np.int64),
            "visits": np.empty((n_ladders, 0, n_T), np.int16),
        }
        deep = {name: self._deep(x) for name, x in known.items()}
        return Progress(sweep=0, arrays=found | deep)

    def _deep(self, flat: np.ndarray) -> np.ndarray:
        """Give an array of all walkers or temperatures an axis of ladders."""
        return flat.reshape(*self._shape, *flat.shape[1:])

    @property
    def _walkers(self) -> np.ndarray:
        """Walker at every temperature, among those of all ladders."""
        return (self._first + self._at).ravel()

    @property
    def done(self) -> bool:
        """Whether the schedule is over."""
        return self._sweep == self._job.n_sweeps

    def advance(self) -> int:
        """Sweep to the next event; measure and exchange where it is time to."""
        job, schedule, walkers = self._job, self._job.schedule, self._walkers
        n_sweeps = job.next_event(self._sweep) - self._sweep
        T = np.empty(len(walkers))
        T[walkers] = self._T
        spins, energies, flips = self._states.advance(T, self._sweep, 1, n_sweeps)
        self._flips += self._deep(flips[walkers])
        self._sweep += n_sweeps
        since, found = self._sweep - schedule.warmup, energies[walkers, 0]
        if since > 0 and since % schedule.stride == 0:
            self._keep(spins[walkers, 0], found)
        if self._sweep % job.exchange_every == 0:
            self._exchange(self._deep(found), counted=since > 0)
        if since == 0:
            self._look()
        return n_sweeps * self._shape[0]

    def _exchange(self, energies: np.ndarray, *, counted: bool) -> None:
        """Do the exchange after this sweep; after the warm-up it counts."""
        number = self._sweep // self._job.exchange_every
        place = number % BUFFER
        if place == 0 or not self._logs.size:
            n_pairs = self._shape[1] - 1
            drawn = [logarithms(key, n_pairs, number - place) for key in self._swap_keys]
            self._logs = np.stack(drawn)
        first, swapped = exchange(number, self._at, self._beta, energies, self._logs[:, place])
        if counted:
            self._attempts[:, first::2] += 1
            self._accepted[:, first::2] += swapped
            self._look()

    def _look(self) -> None:
        """Note the temperature of every walker."""
        self._visits.add({"visits": np.argsort(self._at)[:, None].astype(np.int16)})

    def _keep(self, spins: np.ndarray, energies: np.ndarray) -> None:
        """Take one configuration and its energy at each temperature."""
        self._kept[:, self._filled], self._energies[:, self._filled] = spins, energies
        self._filled += 1
        if self._filled == self._kept.shape[1]:
            self._reduce()

    def _reduce(self) -> None:
        """Measure the configurations that were kept."""
        n = self._filled
        kept, energies = self._kept[:, :n], self._energies[:, :n]
        schedule, stop = self._job.schedule, self._sweep - self._job.schedule.warmup
        last = schedule.warmup + stop // schedule.stride * schedule.stride
        times = last - schedule.stride * np.arange(n)[::-1]
        self._series.add(self._measure(kept, energies, self._like, times))
        self._filled = 0

    def _measured(self) -> dict[str, np.ndarray]:
        if self._filled:
            self._reduce()
        series = {name: self._deep(x) for name, x in self._series.whole().items()}
        counts = {"attempts": self._attempts.copy(), "accepted": self._accepted.copy()}
        counts |= {"flips": self._flips.copy(), **group("first", self._first_measured)}
        counts |= self._visits.whole()
        return counts | group("series", series)

    def save(self) -> list[Progress]:
        """Return all that the next sweep needs and what was measured."""
        walkers = {"spins": self._deep(self._states.spins), "at": self._at.copy()}
        arrays = self._measured() | walkers
        return Progress(sweep=self._sweep, arrays=arrays).split(self._shape[0])

    def result(self) -> list[Progress]:
        """Return what the ladders leave behind."""
        walkers = self._walkers
        arrays = self._measured() | {
            "last": self._deep(self._states.spins[walkers]),
            "period": self._deep(self._states.periods()[walkers]),
        }
        return Progress(sweep=self._sweep, arrays=arrays, ended=True).split(self._shape[0])


@dataclass(frozen=True, kw_only=True)
class Ladders(Moves):
    """Ladders on the temperatures of the plan, which increase and are positive.

    Parameters
    ----------
    exchange_every : int
        Sweeps between exchanges.
    """

    exchange_every: int
    batch: ClassVar[type[Batch]] = _Climb
    whole: ClassVar[int | None] = 0  # an entry holds all temperatures

    @property
    def smallest(self) -> str:
        """What an entry is, in a message."""
        return f"a ladder of {self.plan.T.size} temperatures"

    @property
    def settings(self) -> dict[str, Any]:
        """What runs, in plain data."""
        return super().settings | {"exchange_every": self.exchange_every}

    def form(self, sweep: int, *, ended: bool) -> dict[str, Form] | None:
        """Return what a ladder holds after so many sweeps; None if it never stops there."""
        n_measured, n_T = self.measured(sweep, ended=ended), self.plan.T.size
        if n_measured is None:
            return None
        warmup, every = self.schedule.warmup, self.exchange_every
        n_looks = 1 + sweep // every - warmup // every if sweep >= warmup else 0
        form = self.form_of((n_T,), n_measured, ended=ended) | {
            "attempts": Form(np.int64, (n_T - 1,)),
            "accepted": Form(np.int64, (n_T - 1,)),
            "visits": Form(np.int16, (n_looks, n_T)),
        }
        return form if ended else form | {"at": Form(np.int64, (n_T,), ORDER)}

    def keys(self, sample: int, replica: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the streams of the walkers of a ladder, and that of its exchanges."""
        plan = self.plan
        where = {
            **self.streams,
            "ladder": " ".join(streams.canonical(x) for x in plan.T),
            "sample": sample,
            "replica": replica,
        }
        walkers = range(plan.T.size)
        own = [streams.key(plan.seed, "tempering", **where, walker=walker) for walker in walkers]
        return np.array(own), streams.key(plan.seed, "exchange", **where)

    def next_event(self, sweep: int) -> int:
        """Sweep of the next exchange, measurement or end of the warm-up."""
        schedule = self.schedule
        exchange = (sweep // self.exchange_every + 1) * self.exchange_every
        if sweep < schedule.warmup:
            return min(exchange, schedule.warmup)
        since = sweep - schedule.warmup
        return min(exchange, schedule.warmup + (since // schedule.stride + 1) * schedule.stride)


def _flat(deep: np.ndarray) -> np.ndarray:
    """Take the ladders of an array one after the other."""
    return deep.reshape(deep.shape[0] * deep.shape[1], *deep.shape[2:])
