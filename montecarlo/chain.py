"""One Markov chain from its start to its series."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hebbian import Dataset

from .backend import Backend
from .observables import Configurations, Observable, observe, overlaps
from .progress import Progress, copy_state, restore_state
from .schedule import Schedule

__all__ = ["Chain", "Record", "Stopped"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one chain leaves behind.

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
    observables : dict of str to numpy.ndarray
        The user's, (n_measurements,) or (n_measurements, k) float64.
    """

    m: np.ndarray
    n: np.ndarray
    energy: np.ndarray
    packed: np.ndarray
    flip_rate: float
    start_overlap: float
    observables: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, progress: Progress, n_spins: int) -> Record:
        """Return the record of a chain that has ended."""
        series = dict(progress.series)
        own = {name: series.pop(name) for name in ("m", "n", "energy", "packed")}
        attempts = n_spins * progress.sweep
        return cls(
            **own,
            flip_rate=progress.flips / attempts if attempts else np.nan,
            start_overlap=progress.start_overlap,
            observables=series,
        )


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain ready to run.

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
    rule : int
        Code of the dynamics.
    schedule : Schedule
    patterns : (n_patterns,) intp
        Archetypes to observe.
    observables : dict of str to callable
        The user's observables.
    examples : callable
        Pattern number -> its examples, (n_examples, n_spins).
    """

    backend: Backend
    data: Dataset
    network: Any
    spins: np.ndarray
    key: np.ndarray
    T: float
    rule: int
    schedule: Schedule
    patterns: np.ndarray
    observables: dict[str, Observable] = field(default_factory=dict)
    examples: Callable[[int], np.ndarray] | None = None

    def run(
        self,
        advance: Callable[[int], None],
        stop: threading.Event,
        *,
        saved: Progress | None = None,
        keep: Callable[[Progress], None] | None = None,
        keep_every: float = np.inf,
    ) -> Record:
        """Run to the end of the schedule.

        Parameters
        ----------
        advance : callable
            Told the number of sweeps done since it was last called.
        stop : threading.Event
            Looked at every fraction of a second.
        saved : Progress, optional
            Where an earlier process left this chain.
        keep : callable, optional
            Given the progress every `keep_every` seconds, when stopped and at the end.

        Raises
        ------
        Stopped
            If `stop` was set.
        """
        n_spins = self.data.n_spins
        archetypes = self.data.archetypes[self.patterns]
        averages = self.data.sums[self.patterns]
        scale = self.data.model.example_overlap_scale()
        state = self.backend.prepare(self.network, self.spins)
        begun = saved or self._beginning(state, archetypes)
        if saved:
            restore_state(state, saved.state)
        series = {name: [values] for name, values in begun.series.items()}
        sweep, flips, kept = begun.sweep, begun.flips, time.monotonic()

        def progress(*, ended: bool = False) -> Progress:
            return Progress(
                sweep=sweep,
                flips=flips,
                start_overlap=begun.start_overlap,
                series={name: np.concatenate(pieces) for name, pieces in series.items()},
                state=() if ended else copy_state(state),
            )

        try:
            for n_measured, stride in self._pieces(stop, sweep):
                flipped, snapshots, energy = self._advance(state, sweep, n_measured, stride)
                flips += flipped
                sweep += n_measured * stride
                if sweep > self.schedule.warmup:
                    series["m"].append(overlaps(snapshots, archetypes))
                    series["n"].append(scale * overlaps(snapshots, averages))
                    series["energy"].append(energy)
                    series["packed"].append(np.packbits(snapshots > 0, axis=1))
                    found = self._observe(snapshots, energy, begun.series)
                    for name, values in found.items():
                        series[name].append(values)
                advance(n_measured * stride)
                if keep and time.monotonic() - kept > keep_every:
                    keep(progress())
                    kept = time.monotonic()
        except Stopped:
            if keep:
                keep(progress())
            raise
        final = progress(ended=True)
        if keep:
            keep(final)
        return Record.of(final, n_spins)

    def _advance(
        self, state: Any, sweep: int, n_measured: int, stride: int
    ) -> tuple[int, np.ndarray, np.ndarray]:
        """Return flips, configurations and energies per spin of a call of the kernel."""
        snapshots = np.empty((n_measured, self.data.n_spins), np.int8)
        energies = np.empty(n_measured)
        flips = self.backend.run(
            self.network,
            state,
            self.key,
            self.T,
            self.rule,
            sweep,
            n_measured,
            stride,
            snapshots,
            energies,
        )
        return flips, snapshots, energies / self.data.n_spins

    def _beginning(self, state: Any, archetypes: np.ndarray) -> Progress:
        """Nothing measured yet; the user's observables of the start tell their shapes."""
        n_spins = self.data.n_spins
        found = {}
        if self.observables:
            found = self._observe(*self._advance(state, 0, 1, 0)[1:], {})
        return Progress(
            sweep=0,
            flips=0,
            start_overlap=float(overlaps(self.spins, archetypes[:1])[0]),
            series={
                "m": np.empty((0, len(archetypes))),
                "n": np.empty((0, len(archetypes))),
                "energy": np.empty(0),
                "packed": np.empty((0, -(-n_spins // 8)), np.uint8),
                **{name: values[:0] for name, values in found.items()},
            },
        )

    def _observe(
        self, snapshots: np.ndarray, energy: np.ndarray, like: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        state = Configurations(
            spins=snapshots, energy=energy, data=self.data, T=self.T, find_examples=self.examples
        )
        return {
            name: observe(name, function, state, like.get(name))
            for name, function in self.observables.items()
        }

    def _pieces(self, stop: threading.Event, done: int) -> Iterator[tuple[int, int]]:
        """Cut what is left after `done` sweeps into calls (n_measured, stride).

        A call takes about `PATIENCE` seconds.  Sweeps are numbered, so the cuts change no bit
        of the result.
        """
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup = max(0, self.schedule.warmup - done)
        measured = self.schedule.n_measurements
        measured -= max(0, done - self.schedule.warmup) // self.schedule.stride
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
