"""One Markov chain, or many of one disorder sample at once, from start to series."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Dataset

from .backend import Backend
from .observables import overlaps
from .schedule import Schedule

__all__ = ["Chain", "Record", "Stopped"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one chain leaves behind; axes of several chains come first.

    Parameters
    ----------
    m, n : (n_measurements, n_patterns) float64
    energy : (n_measurements,) float64
        H/N.
    packed : (n_measurements, n_bytes) uint8
        The configurations as bits.
    flip_rate : float
        Flips per attempted update.
    start_overlap : float
        Overlap of the first configuration with the first observed pattern.
    last : (n_spins,) int8
        Last configuration.
    period : int
        1 if it is a fixed point of the zero-temperature dynamics, 2 if it is in a cycle of
        parallel dynamics, else 0.
    """

    m: np.ndarray
    n: np.ndarray
    energy: np.ndarray
    packed: np.ndarray
    flip_rate: Any
    start_overlap: Any
    last: np.ndarray
    period: Any

    def split(self) -> list[Record]:
        """Return the records of the single chains of a batch."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return [
            Record(**{name: value[c] for name, value in fields.items()})
            for c in range(len(self.last))
        ]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain, or a batch of chains of one sample, ready to run.

    Spins, keys and temperatures of a batch have an axis of chains in front.

    Parameters
    ----------
    backend : Backend
    data : Dataset
    network : object
        ``backend.lower(data.memory)``, shared by the chains of the sample.
    spins : (n_spins,) int8
        First configuration.
    key : (2,) uint32
    T : float
    rule, order : int
        Codes of the dynamics and of the order of the sites.
    schedule : Schedule
    first_sweep : int
        Number of the first sweep in the chain's stream.
    patterns : (n_patterns,) intp
        Archetypes to observe.
    """

    backend: Backend
    data: Dataset
    network: Any
    spins: np.ndarray
    key: np.ndarray
    T: Any
    rule: int
    order: int
    schedule: Schedule
    first_sweep: int
    patterns: np.ndarray

    def run(self, advance: Callable[[int], None], stop: threading.Event) -> Record:
        """Run to the end of the schedule.

        Parameters
        ----------
        advance : callable
            Told the number of sweeps done since it was last called.
        stop : threading.Event
            Looked at every fraction of a second.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        schedule, n_spins = self.schedule, self.data.n_spins
        state = self.backend.prepare(self.network, self.spins)
        m: list[np.ndarray] = []
        n: list[np.ndarray] = []
        energy, packed = [], []
        chains = self.spins.shape[:-1]
        sweep, flips = 0, np.zeros(chains, np.int64)
        for n_measured, stride in self._pieces(stop):
            snapshots = np.empty((*chains, n_measured, n_spins), np.int8)
            energies = np.empty((*chains, n_measured))
            flips += self.backend.run(
                self.network,
                state,
                self.key,
                self._temperatures(sweep, n_measured * stride),
                self.rule,
                self.first_sweep + sweep,
                n_measured,
                stride,
                snapshots,
                energies,
                self.order,
            )
            sweep += n_measured * stride
            if sweep > schedule.warmup:
                for series, values in zip((m, n), self.observe(snapshots), strict=True):
                    series.append(values)
                energy.append(energies / n_spins)
                packed.append(np.packbits(snapshots > 0, axis=-1))
            advance(n_measured * stride)
        empty = np.empty((*chains, 0, len(self.patterns)))
        no_bits = np.empty((*chains, 0, -(-n_spins // 8)), np.uint8)
        return Record(
            m=np.concatenate([empty, *m], axis=-2),
            n=np.concatenate([empty, *n], axis=-2),
            energy=np.concatenate([np.empty((*chains, 0)), *energy], axis=-1),
            packed=np.concatenate([no_bits, *packed], axis=-2),
            flip_rate=flips / (n_spins * sweep) if sweep else np.full(chains, np.nan),
            start_overlap=self.observe(self.spins)[0][..., 0],
            last=state.spins.astype(np.int8),
            period=self.backend.period(self.network, state),
        )

    def observe(self, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n of configurations, the axis of chains in front."""
        return self.observe_sample(self.data, spins)

    def observe_sample(self, data: Dataset, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n of configurations (..., n_spins) on the sample `data`."""
        m = overlaps(spins, data.archetypes[self.patterns])
        n = overlaps(spins, data.sums[self.patterns])
        return m, data.model.example_overlap_scale() * n

    def _temperatures(self, sweep: int, n_sweeps: int) -> Any:
        """Temperature of the next sweeps: T, or one for each of a cooled warm-up."""
        cooling, warmup = self.schedule.cooling, self.schedule.warmup
        if cooling is None or sweep >= warmup:
            return self.T
        sweeps = np.arange(sweep, sweep + n_sweeps)
        each = [cooling.temperatures(sweeps, warmup, T) for T in np.ravel(self.T)]
        return np.reshape(each, (*self.spins.shape[:-1], n_sweeps))

    def _pieces(self, stop: threading.Event) -> Iterator[tuple[int, int]]:
        """Cut the schedule into calls (n_measured, stride) of about `PATIENCE` seconds.

        Sweeps are numbered, so the cuts change no bit of the result.
        """
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup, measured = self.schedule.warmup, self.schedule.n_measurements
        while warmup + measured > 0:
            if stop.is_set():
                raise Stopped
            if warmup:
                call = (1, min(warmup, max(1, int(pace))))
                warmup -= call[1]
            else:
                call = (
                    min(measured, max(1, int(pace / self.schedule.stride))),
                    self.schedule.stride,
                )
                measured -= call[0]
            begin = time.perf_counter()
            yield call
            spent = max(time.perf_counter() - begin, 1e-9)
            pace = call[0] * call[1] * min(max(PATIENCE / spent, 0.5), 4.0)
