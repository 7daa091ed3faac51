"""Runs of a kernel that moves spins, and the chains in its hands."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from hebbian import Dataset, domain
from montecarlo.backend import Backend, resolve
from montecarlo.dynamics import DYNAMICS, SITE_ORDERS
from montecarlo.schedule import Schedule

from .job import Job
from .ledger import Entries
from .measuring import Measurement
from .plan import Plan
from .progress import SIGNS, Form, group
from .samples import Disorder

__all__ = ["Moves", "States"]


@dataclass(frozen=True, kw_only=True)
class Moves(Job):
    """A run of a kernel's moves of spins.

    Parameters
    ----------
    kernel : Backend
    schedule : Schedule
    move, site_order : int
        Codes of the dynamics and of the order of the sites.
    streams : dict
        What the streams of random numbers of all chains depend on.
    """

    kernel: Backend
    schedule: Schedule
    move: int
    site_order: int
    streams: dict[str, Any]
    _forms: set[str] = field(default_factory=set)

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
        **own: Any,
    ) -> Self:
        """Choose the kernel; parameters are those of `montecarlo.simulate` and the job's own."""
        domain.choice("site_order", site_order, SITE_ORDERS)
        kernel = resolve(
            backend,
            dynamics,
            form=form,
            T=plan.T,
            n_chains=plan.T.size * plan.n_replicas,
            n_rows=plan.n_rows,
            site_order=SITE_ORDERS[site_order],
        )
        return cls(
            plan=plan,
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
            move=DYNAMICS[dynamics].move,
            site_order=SITE_ORDERS[site_order],
            streams=plan.streams_of(dynamics, site_order),
            **own,
        )

    @property
    def identity(self) -> dict[str, Any]:
        """What changes a bit of the result."""
        return super().identity | {"observables": sorted(self.observables)}

    def lower(self, data: Dataset) -> Any:
        """Return the network of a sample."""
        network = self.kernel.lower(data.memory)
        self._forms.add(self.kernel.form_of(network))
        return network

    @property
    def outcome(self) -> dict[str, Any]:
        """What ran, in plain data, and in which form: it changes no bit of the result."""
        if self.on_device:
            self._forms.add("device")
        elif not self._forms:  # all entries had ended in the checkpoint
            self.lower(self.plan.dataset(0))
        return self.settings | {"form": ", ".join(sorted(self._forms))}

    def upload(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Return the networks of some samples on the device."""
        return self.there.networks(samples, datasets, self.move)

    def starts(self, entries: Entries, disorder: Disorder) -> np.ndarray:
        """Return the first configuration of every entry."""
        found: dict[tuple[int, int], np.ndarray] = {}  # that of all temperatures
        for place, (_, sample, replica) in zip(disorder.places(entries), entries, strict=True):
            if (sample, replica) not in found:
                data = disorder.datasets[place]
                found[sample, replica] = self.plan.initial_spins(data, sample, replica)
        return np.array([found[sample, replica] for _, sample, replica in entries])

    @property
    def pair_bytes(self) -> int:
        """Bytes of the overlaps q of all pairs of replicas, and of one sample on the way."""
        n_T, n_samples, n_replicas = self.plan.grid
        pairs = n_replicas * (n_replicas - 1) // 2 * self.schedule.n_measurements
        return pairs * (8 * n_T * n_samples + 4 * -(-self.plan.n_spins // 8))

    def measured(self, sweep: int, *, ended: bool) -> int | None:
        """Return the measurements made in so many sweeps; None if an entry never stops there."""
        if ended != (sweep == self.n_sweeps) or sweep > self.n_sweeps:
            return None
        return max(0, sweep - self.schedule.warmup) // self.schedule.stride

    def form_of(self, chains: tuple[int, ...], n_measured: int, *, ended: bool) -> dict[str, Form]:
        """Return what chains of one length hold, an entry of the axes `chains`."""
        n_spins, measured = self.plan.n_spins, (*chains, n_measured)

        def numbers(axes: tuple[int, ...]) -> dict[str, Form]:
            overlaps = Form(np.float64, (*axes, self.plan.n_overlaps))
            own = {name: Form(np.float64, axes, open=True) for name in self.observables}
            return {"m": overlaps, "n": overlaps, "energy": Form(np.float64, axes), **own}

        packed = {"packed": Form(np.uint8, (*measured, -(-n_spins // 8)))}
        spins = Form(np.int8, (*chains, n_spins), SIGNS)
        states = {"last": spins, "period": Form(np.int8, chains)} if ended else {"spins": spins}
        return {
            "flips": Form(np.int64, chains),
            **states,
            **group("first", numbers(chains)),
            **group("series", numbers(measured) | packed),
        }

    def beginning(
        self, states: States, measure: Measurement, T: np.ndarray, sweep: int = 0
    ) -> dict[str, Any]:
        """Measure the first configurations, which tell the shapes of series, too."""
        spins, energies, _ = states.advance(T, 0, 1, 0)
        seen = measure(spins, energies, {}, np.array([sweep]))
        first = {name: values[:, 0] for name, values in seen.items() if name != "packed"}
        series = {name: values[:, :0] for name, values in seen.items()}
        known = {"flips": np.zeros(len(spins), np.int64)}
        return known | group("first", first) | group("series", series)


class States:
    """Chains that a kernel advances: one state for all where it is batched, else one for each.

    Parameters
    ----------
    job : Moves
    disorder : Disorder
    places : (c,) int
        Place of every chain's sample.
    keys : (c, 2) uint32
        Their streams.
    spins : (c, n_spins) int8
        First configurations.
    """

    def __init__(
        self,
        job: Moves,
        disorder: Disorder,
        places: np.ndarray,
        keys: np.ndarray,
        spins: np.ndarray,
    ) -> None:
        self._job, self._kernel, self._keys = job, job.kernel, keys
        self._network, self._shape = disorder.network, spins.shape
        if job.on_device:
            self._network = self._network._replace(sample_of=places)
        self._parts: list[Any] = [...] if self._kernel.batched else list(range(len(spins)))
        self._states = [self._kernel.prepare(self._network, spins[part]) for part in self._parts]

    def advance(
        self, T: np.ndarray, first_sweep: int, n_measured: int, stride: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Do `n_measured` times `stride` sweeps.

        Parameters
        ----------
        T : (c,) or (c, n_measured * stride) float64
        first_sweep, n_measured, stride : int

        Returns
        -------
        spins : (c, n_measured, n_spins) int8
        energies : (c, n_measured) float64
            H.
        flips : (c,) int64
        """
        n_chains, n_spins = self._shape
        spins = np.empty((n_chains, n_measured, n_spins), np.int8)
        energies, flips = np.empty((n_chains, n_measured)), np.empty(n_chains, np.int64)
        for part, state in zip(self._parts, self._states, strict=True):
            flips[part] = self._kernel.run(
                self._network,
                state,
                self._keys[part],
                T[part],
                self._job.move,
                first_sweep,
                n_measured,
                stride,
                spins[part],
                energies[part],
                self._job.site_order,
            )
        return spins, energies, flips

    @property
    def spins(self) -> np.ndarray:
        """Copies of the present configurations, (c, n_spins) int8."""
        spins = np.empty(self._shape, np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            spins[part] = state.spins
        return spins

    def periods(self) -> np.ndarray:
        """Periods of the zero-temperature dynamics from here, (c,) int8; ends the states."""
        periods = np.empty(self._shape[0], np.int8)
        for part, state in zip(self._parts, self._states, strict=True):
            periods[part] = self._kernel.period(self._network, state)
        return periods
