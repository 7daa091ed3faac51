"""One Markov chain, or many of one disorder sample at once, from start to series."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hebbian import Dataset
from montecarlo.backend import Backend
from montecarlo.observables import Configurations, Observable, observe, overlaps
from montecarlo.schedule import Schedule

from .progress import Progress, copy_state, restore_state
from .record import Record

__all__ = ["Chain", "Stopped"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


class Stopped(Exception):
    """The run was interrupted from outside; nothing is wrong with the chain."""


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
    T: Any
    rule: int
    order: int
    schedule: Schedule
    first_sweep: int
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
        state = self.backend.prepare(self.network, self.spins)
        begun = saved or self._beginning(state)
        if saved:
            restore_state(state, saved.state)
        chains = self.spins.ndim - 1  # axis of the measurements
        series = {name: [values] for name, values in begun.series.items()}
        sweep, flips, kept = begun.sweep, np.array(begun.flips), time.monotonic()

        def progress(arrays: tuple[np.ndarray, ...]) -> Progress:
            return Progress(
                sweep=sweep,
                flips=flips.copy(),
                start_overlap=begun.start_overlap,
                series={name: np.concatenate(parts, chains) for name, parts in series.items()},
                state=arrays,
            )

        try:
            for n_measured, stride in self._pieces(stop, sweep):
                flipped, snapshots, energy = self._advance(state, sweep, n_measured, stride)
                flips += flipped
                sweep += n_measured * stride
                if sweep > self.schedule.warmup:
                    found = dict(zip("mn", self._overlaps(snapshots), strict=True))
                    found |= {"energy": energy, "packed": np.packbits(snapshots > 0, axis=-1)}
                    found |= self._observe(snapshots, energy, begun.series)
                    for name, values in found.items():
                        series[name].append(values)
                advance(n_measured * stride)
                if keep and time.monotonic() - kept > keep_every:
                    keep(progress(copy_state(state)))
                    kept = time.monotonic()
        except Stopped:
            if keep:
                keep(progress(copy_state(state)))
            raise
        final = dataclasses.replace(
            progress(()),
            last=state.spins.astype(np.int8),
            period=np.asarray(self.backend.period(self.network, state)),
        )
        if keep:
            keep(final)
        return Record.of(final, n_spins)

    def _advance(
        self, state: Any, sweep: int, n_measured: int, stride: int
    ) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return flips, configurations and energies per spin of a call of the kernel."""
        chains, n_spins = self.spins.shape[:-1], self.data.n_spins
        snapshots = np.empty((*chains, n_measured, n_spins), np.int8)
        energies = np.empty((*chains, n_measured))
        flips = self.backend.run(
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
        return flips, snapshots, energies / n_spins

    def _temperatures(self, sweep: int, n_sweeps: int) -> Any:
        """Temperature of the next sweeps: T, or one for each of a cooled warm-up."""
        cooling, warmup = self.schedule.cooling, self.schedule.warmup
        if cooling is None or sweep >= warmup:
            return self.T
        sweeps = np.arange(sweep, sweep + n_sweeps)
        each = [cooling.temperatures(sweeps, warmup, T) for T in np.ravel(self.T)]
        return np.reshape(each, (*self.spins.shape[:-1], n_sweeps))

    def _beginning(self, state: Any) -> Progress:
        """Nothing measured yet; the user's observables of the start tell their shapes."""
        chains, n_spins = self.spins.shape[:-1], self.data.n_spins
        no_overlaps = np.empty((*chains, 0, len(self.patterns)))
        found = {}
        if self.observables:
            found = self._observe(*self._advance(state, 0, 1, 0)[1:], {})
        return Progress(
            sweep=0,
            flips=np.zeros(chains, np.int64),
            start_overlap=self._overlaps(self.spins)[0][..., 0],
            series={
                "m": no_overlaps,
                "n": no_overlaps,
                "energy": np.empty((*chains, 0)),
                "packed": np.empty((*chains, 0, -(-n_spins // 8)), np.uint8),
                **{name: np.take(values, [], axis=len(chains)) for name, values in found.items()},
            },
        )

    @cached_property
    def _observed(self) -> tuple[np.ndarray, np.ndarray]:
        return self.data.observed(self.patterns)

    def _overlaps(self, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n of configurations (..., n_spins), the axis of chains in front."""
        archetypes, sums = self._observed
        scale = self.data.model.example_overlap_scale()
        return overlaps(spins, archetypes), scale * overlaps(spins, sums)

    def _observe(
        self, snapshots: np.ndarray, energy: np.ndarray, like: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Evaluate the user's observables chain by chain."""
        if not self.observables:
            return {}
        if self.spins.ndim == 1:
            return self._observe_chain(snapshots, energy, like)
        each = [
            self.single(c)._observe_chain(
                snapshots[c], energy[c], {name: values[c] for name, values in like.items()}
            )
            for c in range(len(snapshots))
        ]
        return {name: np.stack([values[name] for values in each]) for name in self.observables}

    def single(self, c: int) -> Chain:
        """Return a chain of the batch by itself."""
        alone = {"spins": self.spins[c], "key": self.key[c], "T": self.T[c]}
        return dataclasses.replace(self, **alone)

    def _observe_chain(
        self, snapshots: np.ndarray, energy: np.ndarray, like: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        state = Configurations(
            spins=snapshots,
            energy=energy,
            data=self.data,
            T=float(self.T),
            find_examples=self.examples,
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
