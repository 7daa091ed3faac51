"""What the engine runs: a job, in batches that advance, are saved and leave a result."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hebbian import Dataset
from hebbian.datasets import check_memory, physical_memory
from montecarlo.observables import Measure

from .device_samples import DeviceSamples
from .ledger import Entries, Index
from .plan import Plan
from .progress import Form, Progress
from .samples import Disorder

__all__ = ["Batch", "Job"]

#: Bytes of the progress of an entry beyond its arrays, about.
RECORD = 1500


class Batch(ABC):
    """Entries of a job's grid under way together.

    Parameters
    ----------
    job : Job
    entries : Entries
    disorder : Disorder
        Their samples.
    begun : Progress, optional
        Where earlier processes left them: all have done equally many sweeps.
    """

    @abstractmethod
    def __init__(
        self, job: Any, entries: Entries, disorder: Disorder, begun: Progress | None
    ) -> None: ...

    @property
    @abstractmethod
    def done(self) -> bool:
        """Whether no sweep is left."""

    @abstractmethod
    def advance(self) -> int:
        """Do a few sweeps and measure; return how many were done, summed over entries."""

    @abstractmethod
    def save(self) -> list[Progress]:
        """Return, for each entry, all that the next sweep needs and what was measured."""

    @abstractmethod
    def result(self) -> list[Progress]:
        """Return, for each entry, what it leaves behind."""


@dataclass(frozen=True, kw_only=True)
class Job(ABC):
    """A run to be done.

    The entries of its grid (temperature, sample, replica) depend on their sample and on
    nothing of each other, so that any of them may be done together, or apart.

    Parameters
    ----------
    plan : Plan
    backend : str
        Name of what computes.
    n_sweeps : int
        Sweeps of an entry, at most.
    options : dict
        What runs besides the plan, in plain data.
    observables : dict of str to callable
        The user's.
    batched : bool
        Whether entries of one sample are better done together on the host.
    """

    plan: Plan
    backend: str
    n_sweeps: int
    options: dict[str, Any]
    observables: dict[str, Measure] = field(default_factory=dict)
    batched: bool = False
    batch: ClassVar[type[Batch]]
    #: Axis of the plan's grid that an entry holds as a whole.
    whole: ClassVar[int | None] = None

    @property
    def grid(self) -> Index:
        """Entries along every axis."""
        temperatures, samples, replicas = (
            1 if axis == self.whole else n for axis, n in enumerate(self.plan.grid)
        )
        return temperatures, samples, replicas

    @property
    def on_device(self) -> bool:
        """Whether a device computes."""
        return self.backend == "cupy"

    @cached_property
    def there(self) -> DeviceSamples:
        """The samples of the plan on a device."""
        return DeviceSamples(plan=self.plan, all_seen=bool(self.observables))

    @property
    def settings(self) -> dict[str, Any]:
        """What runs, in plain data."""
        return self.plan.settings | self.options | {"backend": self.backend}

    @property
    def identity(self) -> dict[str, Any]:
        """What changes a bit of the result; of the backend, the last bits of energies depend."""
        return self.settings | self.plan.fingerprint

    @property
    def smallest(self) -> str:
        """What an entry is, in a message."""
        return "one chain"

    @property
    def entry_bytes(self) -> float:
        """Estimate the bytes of an entry on a device."""
        chains = 1 if self.whole is None else self.plan.grid[self.whole]
        return chains * self.chain_bytes

    @property
    def chain_bytes(self) -> float:
        """Estimate the bytes of a chain, or a state, on a device."""
        return self.there.chain_bytes

    def check_memory(self, n_threads: int) -> None:
        """Refuse a run whose networks, or what its entries leave, exceed this machine.

        Raises
        ------
        ValueError
            Naming their size.
        """
        self._check_networks(n_threads)
        form = self.form(self.n_sweeps, ended=True) or {}
        of_entry = sum(np.dtype(f.kind).itemsize * math.prod(f.shape) for f in form.values())
        needed = math.prod(self.grid) * (of_entry + RECORD) + self.pair_bytes
        there = physical_memory()
        if needed > there:
            raise ValueError(
                f"memory = {needed / 2**30:.3g} GiB for what {math.prod(self.plan.grid)} chains "
                f"leave behind is outside the allowed range [0, {there / 2**30:.3g} GiB]: reduce "
                "n_samples, n_replicas or sweeps, or measure less often (stride)"
            )

    def _check_networks(self, n_threads: int) -> None:
        plan, (n_T, n_samples, n_replicas) = self.plan, self.grid
        if plan.data is not None or self.on_device:
            return
        together = min(n_threads, math.prod(self.grid))
        check_memory(
            plan.model,
            plan.n_spins,
            lambda n: min(plan.n_patterns, plan.model.count(plan.alpha, n)),
            copies=min(n_samples, -(-together // (n_T * n_replicas))),
            chains=0 if self.batched else together,
        )

    @property
    def pair_bytes(self) -> int:
        """Bytes of the overlaps between replicas that are made of what the entries leave."""
        return 0

    def fits(self, chains: list[Progress]) -> bool:
        """Return whether what was read from a file may be the progress of entries of this job."""
        lengths: dict[str, set[tuple[int, ...]]] = {}
        for chain in chains:
            form = self.form(chain.sweep, ended=chain.ended)
            if form is None or form.keys() != chain.arrays.keys():
                return False
            for name, one in form.items():
                array = chain.arrays[name]
                if not one.holds(array):
                    return False
                lengths.setdefault(name, set()).add(array.shape[len(one.shape) :])
        return all(len(found) == 1 for found in lengths.values())

    @abstractmethod
    def form(self, sweep: int, *, ended: bool) -> dict[str, Form] | None:
        """Return what an entry holds after so many sweeps; None if it never stops there."""

    @abstractmethod
    def lower(self, data: Dataset) -> Any:
        """Return what the host needs of a sample."""

    @abstractmethod
    def upload(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Return what the device needs of some samples."""
