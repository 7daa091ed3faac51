"""What the engine runs: a job, in batches that advance, are saved and leave a result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from hebbian import Dataset

from .device_samples import DeviceSamples
from .ledger import Index, Unit
from .plan import Plan
from .progress import Progress
from .samples import Networks

__all__ = ["Batch", "Job"]


class Batch(ABC):
    """Entries of a job's grid under way together."""

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
    there : DeviceSamples
        The samples of the plan on a device.
    """

    plan: Plan
    there: DeviceSamples

    @property
    @abstractmethod
    def on_device(self) -> bool:
        """Whether the job runs there."""

    @property
    def grid(self) -> Index:
        """Its entries; an axis that a batch holds as a whole has length 1."""
        return self.plan.grid

    @property
    def batched(self) -> bool:
        """Whether entries of one sample are better done together on the host."""
        return False

    @property
    def smallest(self) -> str:
        """What an entry is, in a message."""
        return "one chain"

    @property
    @abstractmethod
    def entry_bytes(self) -> float:
        """Estimate the bytes of an entry on a device."""

    @property
    @abstractmethod
    def n_sweeps(self) -> int:
        """Sweeps of an entry, at most."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """What runs, in plain data."""

    @property
    def identity(self) -> dict[str, Any]:
        """What changes a bit of the result, in plain data; energies depend on the backend."""
        return self.settings | self.plan.fingerprint

    @abstractmethod
    def lower(self, data: Dataset) -> Any:
        """Return what the host needs of a sample."""

    @abstractmethod
    def upload(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Return what the device needs of some samples."""

    @abstractmethod
    def begin(self, unit: Unit, networks: Networks, saved: list[Progress] | None) -> Batch:
        """Return a batch of entries at their start, or where earlier processes left them.

        `saved` holds the progress of every entry; all have done equally many sweeps.
        """
