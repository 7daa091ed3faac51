"""One Markov chain, or many of one disorder sample at once, from start to series."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from hebbian import Dataset
from montecarlo.backend import Backend
from montecarlo.observables import Configurations, Measure, observe, overlaps
from montecarlo.schedule import Schedule

from .progress import Progress, copy_state, group, restore_state
from .watch import Watch

__all__ = ["Chain"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


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
    observables: dict[str, Measure] = field(default_factory=dict)
    examples: Callable[[int], np.ndarray] | None = None

    def run(self, watch: Watch) -> Progress:
        """Run to the end of the schedule, or from where an earlier process left it.

        Raises
        ------
        Stopped
            If the watch said so.
        """
        state = self.backend.prepare(self.network, self.spins)
        begun = watch.saved or self._beginning(state)
        if watch.saved:
            restore_state(state, begun)
        chains = self.spins.ndim - 1  # axis of the measurements
        like = begun.group("series")
        series = {name: [values] for name, values in like.items()}
        sweep, flips = begun.sweep, np.array(begun.arrays["flips"])

        def measured() -> dict[str, np.ndarray]:
            whole = {name: np.concatenate(parts, chains) for name, parts in series.items()}
            found = {"flips": flips.copy(), "start_overlap": begun.arrays["start_overlap"]}
            return found | group("series", whole)

        def progress() -> Progress:
            return Progress(sweep=sweep, arrays=measured() | copy_state(state))

        for n_measured, stride in self._pieces(sweep):
            watch.look(progress)
            flipped, snapshots, energy = self._advance(state, sweep, n_measured, stride)
            flips += flipped
            sweep += n_measured * stride
            if sweep > self.schedule.warmup:
                found = dict(zip("mn", self._overlaps(snapshots), strict=True))
                found |= {"energy": energy, "packed": np.packbits(snapshots > 0, axis=-1)}
                found |= self._observe(snapshots, energy, like)
                for name, values in found.items():
                    series[name].append(values)
            watch.advance(n_measured * stride)
        found = measured()
        found["last"] = state.spins.astype(np.int8)  # before the state ends: a device moves it
        period = np.int8(self.backend.period(self.network, state))
        found["period"] = np.broadcast_to(period, self.spins.shape[:-1])
        return Progress(sweep=sweep, arrays=found, ended=True)

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
        series = {
            "m": no_overlaps,
            "n": no_overlaps,
            "energy": np.empty((*chains, 0)),
            "packed": np.empty((*chains, 0, -(-n_spins // 8)), np.uint8),
            **{name: np.take(values, [], axis=len(chains)) for name, values in found.items()},
        }
        start = self._overlaps(self.spins)[0][..., 0]
        begun = {"flips": np.zeros(chains, np.int64), "start_overlap": start}
        return Progress(sweep=0, arrays=begun | group("series", series))

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
            patterns=self.patterns,
            find_examples=self.examples,
        )
        return {
            name: observe(name, function, state, like.get(name))
            for name, function in self.observables.items()
        }

    def _pieces(self, done: int) -> Iterator[tuple[int, int]]:
        """Cut what is left after `done` sweeps into calls (n_measured, stride).

        A call takes about `PATIENCE` seconds.  Sweeps are numbered, so the cuts change no bit
        of the result.
        """
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup = max(0, self.schedule.warmup - done)
        measured = self.schedule.n_measurements
        measured -= max(0, done - self.schedule.warmup) // self.schedule.stride
        while warmup + measured > 0:
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
