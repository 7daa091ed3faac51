"""The chains of a simulation as tasks: on the threads of the CPU, or in launches of a device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from hebbian import Dataset, streams
from montecarlo.backend import Backend
from montecarlo.observables import Measure
from montecarlo.schedule import Schedule
from montecarlo.state import initial_spins

from .chain import Chain
from .launch import DeviceSamples, Launch, run_split
from .ledger import Ledger, Unit
from .record import Record
from .running import divide, run_all
from .samples import Samples

__all__ = ["Tasks"]


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """What the chains of a simulation share.

    Parameters
    ----------
    kernel : Backend
    samples : Samples
    on_device : DeviceSamples
        The same samples, where the kernel is a device's.
    start : str, float or numpy.ndarray
        See `montecarlo.state.resolve_start`.
    seed : int
    identity : dict
        What the streams of all chains depend on.
    T : (n_T,) float64
    rule, order : int
        Codes of the dynamics and of the order of the sites.
    schedule : Schedule
    first_sweep : int
    patterns : (n_patterns,) intp
        Archetypes to observe.
    observables : dict of str to callable
        The user's.
    ledger : Ledger
    """

    kernel: Backend
    samples: Samples
    on_device: DeviceSamples
    start: Any
    seed: int
    identity: dict[str, Any]
    T: np.ndarray
    rule: int
    order: int
    schedule: Schedule
    first_sweep: int
    patterns: np.ndarray
    observables: dict[str, Measure]
    ledger: Ledger
    _forms: set[str] = field(default_factory=set)

    @property
    def forms(self) -> str:
        """Forms of the networks that ran (`montecarlo.backend.Backend.form_of`)."""
        return ", ".join(sorted(self._forms))

    def run(self, n_threads: int, progress: bool) -> np.ndarray:
        """Run the chains of a grid (temperature, sample, replica); return their records."""
        kernel, samples, shape = self.kernel, self.samples, self.ledger.shape
        if kernel.on_device:
            n_threads, units = 1, self.on_device.units(shape)
        else:
            units = divide(shape, n_threads if kernel.batched else 0)
        units = self.ledger.unfinished(units)
        users = Counter(unit[0][1] for unit in units)
        task = self._launches if kernel.on_device else partial(self._chains, users)
        run_all(task, units, self.ledger, self.schedule.total, n_threads, progress)
        records = np.empty(shape, object)
        for index, done in self.ledger.progress.items():
            records[index] = Record.of(done, samples.n_spins)
        if kernel.on_device:
            self._forms.add("device")
        elif not units and 0 not in shape:  # all chains had ended in the checkpoint
            with samples.use(0, 1) as (_, network):
                self._forms.add(self.kernel.form_of(network))
        return records

    def _chains(self, users: Counter[int], unit: Unit, advance: Callable[[int], None]) -> None:
        """Run the chains of a unit, all on one sample."""
        sample = unit[0][1]
        with self.samples.use(sample, users[sample]) as (dataset, network):
            self._forms.add(self.kernel.form_of(network))
            made = self._common(unit, {sample: dataset})
            if not self.kernel.batched:
                made |= {"spins": made["spins"][0], "key": made["key"][0], "T": float(made["T"][0])}
            examples = dataset.examples()
            chain = Chain(data=dataset, network=network, examples=examples, **made)
            self._finish(chain, unit, advance)

    def _launches(self, unit: Unit, advance: Callable[[int], None]) -> None:
        """Run the chains of a unit on the device, in parts where it is too small."""
        run_split(unit, lambda part: self._launch(part, advance))

    def _launch(self, unit: Unit, advance: Callable[[int], None]) -> None:
        numbers = sorted({sample for _, sample, _ in unit})
        datasets = [self.on_device.dataset(sample) for sample in numbers]
        sample_of = np.array([numbers.index(sample) for _, sample, _ in unit])
        chains = Launch(
            data=datasets[0],
            datasets=datasets,
            finders=[data.examples() for data in datasets],
            sample_of=sample_of,
            network=self.on_device.networks(numbers, datasets)._replace(sample_of=sample_of),
            **self._common(unit, dict(zip(numbers, datasets, strict=True))),
        )
        self._finish(chains, unit, advance)

    def _common(self, unit: Unit, datasets: dict[int, Dataset]) -> dict[str, Any]:
        """What chains are made of, an axis of chains in front."""
        starts = [initial_spins(datasets[s], self.start, self.seed, s, r) for _, s, r in unit]
        return {
            "backend": self.kernel,
            "spins": np.array(starts),
            "key": np.array([self._key(*index) for index in unit]),
            "T": np.array([float(self.T[at]) for at, _, _ in unit]),
            "rule": self.rule,
            "order": self.order,
            "schedule": self.schedule,
            "first_sweep": self.first_sweep,
            "patterns": self.patterns,
            "observables": self.observables,
        }

    def _key(self, at: int, sample: int, replica: int) -> np.ndarray:
        where = {**self.identity, "T": float(self.T[at])}
        return streams.key(self.seed, "dynamics", **where, sample=sample, replica=replica)

    def _finish(self, chain: Chain, unit: Unit, advance: Callable[[int], None]) -> None:
        watch = self.ledger.watch(unit, advance, batched=self.kernel.batched)
        watch.keep(chain.run(watch))
