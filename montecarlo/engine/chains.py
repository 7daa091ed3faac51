"""Markov chains, each at a temperature of its own, from start to series."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from hebbian import Dataset, domain, streams
from montecarlo.backend import Backend, resolve
from montecarlo.dynamics import DYNAMICS, SITE_ORDERS
from montecarlo.observables import Measure
from montecarlo.run import Run
from montecarlo.schedule import Schedule

from .collect import collect
from .device_samples import DeviceSamples
from .job import Batch, Job
from .ledger import Ledger, Unit
from .measuring import Measurement
from .plan import Plan
from .progress import Progress, Series, group
from .samples import Networks
from .states import States

__all__ = ["ChainBatch", "Chains", "Moves"]

PATIENCE = 0.2  # seconds between two looks at the stop flag and the progress bar


@dataclass(frozen=True, kw_only=True)
class Moves(Job):
    """A run of a kernel's moves of spins.

    Parameters
    ----------
    kernel : Backend
    schedule : Schedule
    rule, order : int
        Codes of the dynamics and of the order of the sites.
    streams : dict
        What the streams of random numbers of all chains depend on.
    """

    kernel: Backend
    schedule: Schedule
    rule: int
    order: int
    streams: dict[str, Any]

    @classmethod
    def of(
        cls,
        plan: Plan,
        schedule: Schedule,
        *,
        dynamics: str,
        site_order: str,
        backend: str,
        form: str = "auto",
        all_seen: bool = False,
        **own: Any,
    ) -> Self:
        """Choose the kernel.

        Parameters are those of `montecarlo.simulate`, `DeviceSamples` and the job's own.
        """
        domain.choice("site_order", site_order, SITE_ORDERS)
        rule = DYNAMICS[dynamics].code
        there = DeviceSamples(plan=plan, rule=rule, all_seen=all_seen)
        kernel = resolve(backend, dynamics, form=form, T=plan.T)
        return cls(
            plan=plan,
            there=there,
            backend=kernel.name,
            batched=kernel.batched,
            n_sweeps=schedule.total,
            options={
                "schedule": dataclasses.asdict(schedule),
                "dynamics": dynamics,
                "site_order": site_order,
            },
            kernel=kernel,
            schedule=schedule,
            rule=rule,
            order=SITE_ORDERS[site_order],
            streams=plan.streams_of(dynamics, site_order),
            **own,
        )

    def lower(self, data: Dataset) -> Any:
        """Return the network of a sample."""
        return self.kernel.lower(data.memory)

    def upload(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Return the networks of some samples on the device."""
        return self.there.networks(samples, datasets)

    def starts(self, unit: Unit, networks: Networks) -> np.ndarray:
        """Return the first configuration of every entry."""
        places = networks.places(unit)
        return np.array(
            [
                self.plan.initial_spins(networks.datasets[place], sample, replica)
                for place, (_, sample, replica) in zip(places, unit, strict=True)
            ]
        )

    def states(
        self, networks: Networks, places: np.ndarray, keys: np.ndarray, spins: np.ndarray
    ) -> States:
        """Put chains on their networks in the hands of the kernel."""
        network = networks.network
        if self.on_device:
            network = network._replace(sample_of=places)
        return States(self.kernel, network, spins, keys, rule=self.rule, order=self.order)


@dataclass(frozen=True, kw_only=True)
class Chains(Moves):
    """Independent chains.

    Parameters
    ----------
    first_sweep : int
        Number of the first sweep in the streams of the chains.
    observables : dict of str to callable
        The user's.
    """

    first_sweep: int
    observables: dict[str, Measure]
    _forms: set[str] = field(default_factory=set)

    @property
    def settings(self) -> dict[str, Any]:
        """What runs, in plain data; the form that ran once it has."""
        form = ", ".join(sorted(self._forms))
        return super().settings | {"first_sweep": self.first_sweep, "form": form}

    @property
    def identity(self) -> dict[str, Any]:
        """What changes a bit of the result: not the form."""
        own = {name: value for name, value in super().identity.items() if name != "form"}
        return own | {"observables": sorted(self.observables)}

    def lower(self, data: Dataset) -> Any:
        """Return the network of a sample."""
        network = super().lower(data)
        self._forms.add(self.kernel.form_of(network))
        return network

    def begin(self, unit: Unit, networks: Networks, saved: list[Progress] | None) -> ChainBatch:
        """Return chains at their start, or where earlier processes left them."""
        return ChainBatch(self, unit, networks, saved)

    def key(self, at: int, sample: int, replica: int) -> np.ndarray:
        """Return the stream of a chain."""
        where = {**self.streams, "T": float(self.plan.T.flat[at])}
        return streams.key(self.plan.seed, "dynamics", **where, sample=sample, replica=replica)

    def collect(self, ledger: Ledger, *, keep_spins: bool) -> Run:
        """Make a run of what the chains left behind."""
        if self.on_device:
            self._forms.add("device")
        elif not self._forms:  # all chains had ended in the checkpoint
            self.lower(self.plan.dataset(0))
        own = list(self.observables)
        return collect(
            self.plan, self.schedule, self.settings, ledger.stack, own=own, keep_spins=keep_spins
        )


class ChainBatch(Batch):
    """Chains under way; see `Job.begin`.

    Progress has ``flips``, ``start_overlap``, the series ``m``, ``n``, ``energy``, ``packed``
    and the user's; the result also the ``last`` configuration and its ``period``.
    """

    def __init__(
        self, job: Chains, unit: Unit, networks: Networks, saved: list[Progress] | None
    ) -> None:
        self._job, self._n, plan = job, len(unit), job.plan
        places = networks.places(unit)
        self._T = np.array([float(plan.T.flat[at]) for at, _, _ in unit])
        self._measure = Measurement(plan, networks, places, self._T, job.observables)
        keys = np.array([job.key(*index) for index in unit])
        if saved:
            begun = Progress.join(saved)
            self._states = job.states(networks, places, keys, begun.arrays["spins"])
        else:
            spins = job.starts(unit, networks)
            self._states = job.states(networks, places, keys, spins)
            begun = self._beginning(spins)
        self._sweep, self._flips = begun.sweep, np.array(begun.arrays["flips"])
        self._start_overlap = begun.arrays["start_overlap"]
        self._like = begun.group("series")
        self._series = Series(self._like)
        self._pieces = self._cut(begun.sweep)

    def _beginning(self, spins: np.ndarray) -> Progress:
        """Nothing measured yet; observables of the start tell their shapes."""
        energies = np.zeros((self._n, 1))
        if self._job.observables:
            _, energies, _ = self._states.advance(self._T, 0, 1, 0)
        seen = self._measure(spins[:, None], energies, {})
        nothing = {name: values[:, :0] for name, values in seen.items()}
        found = {"flips": np.zeros(self._n, np.int64), "start_overlap": seen["m"][:, 0, 0]}
        return Progress(sweep=0, arrays=found | group("series", nothing))

    @property
    def done(self) -> bool:
        """Whether the schedule is over."""
        return self._sweep == self._job.n_sweeps

    def advance(self) -> int:
        """Do a piece of the schedule and measure."""
        n_measured, stride = next(self._pieces)
        n_sweeps = n_measured * stride
        spins, energies, flips = self._states.advance(
            self._temperatures(n_sweeps), self._job.first_sweep + self._sweep, n_measured, stride
        )
        self._flips += flips
        self._sweep += n_sweeps
        if self._sweep > self._job.schedule.warmup:
            self._series.add(self._measure(spins, energies, self._like))
        return n_sweeps * self._n

    def _temperatures(self, n_sweeps: int) -> np.ndarray:
        """Temperatures of the next sweeps: (c,), or one for each of a cooled warm-up."""
        cooling, warmup = self._job.schedule.cooling, self._job.schedule.warmup
        if cooling is None or self._sweep >= warmup:
            return self._T
        sweeps = np.arange(self._sweep, self._sweep + n_sweeps)
        return np.array([cooling.temperatures(sweeps, warmup, T) for T in self._T])

    def _cut(self, done: int) -> Iterator[tuple[int, int]]:
        """Cut what is left after `done` sweeps into calls (n_measured, stride).

        A call takes about `PATIENCE` seconds.  Sweeps are numbered, so the cuts change no bit
        of the result.
        """
        schedule = self._job.schedule
        pace = 1.0  # sweeps per call, adapted to the clock
        warmup = max(0, schedule.warmup - done)
        measured = schedule.n_measurements
        measured -= max(0, done - schedule.warmup) // schedule.stride
        while warmup + measured > 0:
            if warmup:
                call = (1, min(warmup, max(1, int(pace))))
                warmup -= call[1]
            else:
                call = (min(measured, max(1, int(pace / schedule.stride))), schedule.stride)
                measured -= call[0]
            begin = time.perf_counter()
            yield call
            spent = max(time.perf_counter() - begin, 1e-9)
            pace = call[0] * call[1] * min(max(PATIENCE / spent, 0.5), 4.0)

    def _measured(self) -> dict[str, Any]:
        found = {"flips": self._flips.copy(), "start_overlap": self._start_overlap}
        return found | group("series", self._series.whole())

    def save(self) -> list[Progress]:
        """Return all that the next sweep needs and what was measured."""
        arrays = self._measured() | {"spins": self._states.spins}
        return Progress(sweep=self._sweep, arrays=arrays).split(self._n)

    def result(self) -> list[Progress]:
        """Return what the chains leave behind."""
        found = self._measured()
        found["last"] = self._states.spins  # before the states end: a device moves them
        found["period"] = self._states.periods()
        return Progress(sweep=self._sweep, arrays=found, ended=True).split(self._n)
