"""The disorder samples of a run on a device: their rows, and how many chains fit beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hebbian import Dataset, streams
from montecarlo import device
from montecarlo.kernels.device import networks as device_networks
from montecarlo.kernels.device import rows as device_rows
from montecarlo.kernels.device import variants
from montecarlo.state import used_patterns

from .ledger import Entries
from .plan import Plan

__all__ = ["DeviceSamples", "run_split"]

SHARE = 0.8  # of the free memory that a launch may plan with


@dataclass(frozen=True, kw_only=True)
class DeviceSamples:
    """The disorder samples of a run whose rows live on the device.

    Parameters
    ----------
    plan : Plan
    all_seen : bool
        Whether observables see all archetypes.
    """

    plan: Plan
    all_seen: bool = False

    def dataset(self, sample: int) -> Dataset:
        """Return the first archetypes of a sample and the network of these alone.

        As many as starts and observables need on the host.
        """
        keep = None
        if self.drawn_there and not self.all_seen:
            used = used_patterns(self.plan.start, self.plan.n_patterns)
            keep = max(used, 1 + int(self.plan.patterns.max()))
        return self.plan.dataset(sample, keep)

    def networks(
        self, samples: list[int], datasets: list[Dataset], move: int
    ) -> device_networks.Networks:
        """Make the networks of some samples on the device, for a dynamics."""
        rows = self.rows(samples, datasets)
        return device_networks.finish(rows, self.n_rows, datasets[0].memory, move)

    def rows(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Make the rows of some samples on the device, without what spins need besides."""
        if not self.drawn_there:
            return device_rows.uploaded_rows([data.memory for data in datasets])
        return device_rows.drawn_rows(self._drawn(samples), self.plan.n_spins)

    def class_sums(self, sample: int) -> Any:
        """Make the sums of each archetype's examples on the device, for one sample."""
        source = self._drawn([sample])._replace(summed=True)
        return device_rows.drawn_rows(source, self.plan.n_spins)

    @property
    def drawn_there(self) -> bool:
        """Whether the rows are drawn on the device, which has to know their law."""
        model = self.plan.model
        return self.plan.data is None and model.drawable and model.rule.drawable

    @cached_property
    def binary(self) -> bool:
        """Whether every entry of the rows is +-1."""
        data = self.plan.data
        return self.plan.layout.entries == "signs" if data is None else data.memory.binary

    @property
    def order(self) -> int:
        """Bodies of the interaction."""
        return getattr(self.plan.model, "order", 2)

    def _drawn(self, samples: list[int]) -> device_rows.Source:
        def keys(stream: str) -> np.ndarray:
            seed = self.plan.seed
            return np.array([streams.key(seed, stream, sample=sample) for sample in samples])

        return self._source._replace(pattern_keys=keys("patterns"), example_keys=keys("examples"))

    @property
    def _source(self) -> device_rows.Source:
        """What the rows of a model are drawn from that says that they are `drawable`."""
        model: Any = self.plan.model
        rule = model.rule
        none = np.zeros((1, 2), np.uint32)
        return device_rows.Source(
            pattern_keys=none,
            example_keys=none,
            n_patterns=self.plan.n_patterns,
            n_examples=rule.n_examples if rule.has_examples else 0,
            quality=rule.quality,
            dilution=model.dilution if model.entries == "ternary" else None,
            summed=rule.has_examples and not rule.by_example,
        )

    @cached_property
    def n_rows(self) -> int:
        """Rows of a network."""
        return self.plan.n_rows

    @property
    def chain_bytes(self) -> float:
        """Estimate the bytes of a chain, for the widest types of integer rows."""
        n_spins, n_rows = self.plan.n_spins, self.n_rows
        if self.binary:
            _, state = variants.binary_bytes(n_spins, n_rows)
        else:
            state = n_rows * (4 if self.order == 2 else 12 * self.order)
        return state + 12 * n_spins

    def launches(self, grid: tuple[int, int, int], entry_bytes: float) -> list[Entries]:
        """Cut a grid (temperature, sample, replica) into launches that fit the device.

        Sample by sample, so that a launch holds few rows.  `run_split` helps where the estimate
        of the bytes of an entry, or of the rows, is wrong.
        """
        per_sample: float = 4 * self.n_rows * self.plan.n_spins
        if self.binary:
            per_sample, _ = variants.binary_bytes(self.plan.n_spins, self.n_rows)
        left = room = SHARE * device.free_bytes()
        parts: list[Entries] = []
        last = -1
        for at, sample, replica in sorted(np.ndindex(grid), key=lambda index: index[1]):
            need = entry_bytes + (per_sample if sample != last else 0)
            if not parts or need > left:
                parts.append([])
                left, need = room, entry_bytes + per_sample
            parts[-1].append((at, sample, replica))
            left, last = left - need, sample
        return parts


def run_split(entries: Entries, launch: Callable[[Entries], None], smallest: str) -> None:
    """Run some entries together, or their halves where the memory is too small.

    Parameters
    ----------
    entries : Entries
    launch : callable
        Runs some of them.
    smallest : str
        What one entry is.

    Raises
    ------
    ValueError
        If a single entry does not fit the device.
    """
    try:
        launch(entries)
        return
    except Exception as error:
        if not device.exhausted(error):
            raise
        if len(entries) == 1:
            free = device.free_bytes() / 2**30
            raise ValueError(
                f"backend = 'cupy': {smallest} does not fit the {free:.3g} GiB free on the device"
            ) from error
    half = len(entries) // 2
    run_split(entries[:half], launch, smallest)
    run_split(entries[half:], launch, smallest)
