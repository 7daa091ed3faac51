"""Chains of several disorder samples advanced together on a device."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import hebbian
from hebbian import Dataset, Model, streams
from hebbian.layout import Layout
from montecarlo import device
from montecarlo.kernels.device import networks as device_networks
from montecarlo.kernels.device import rows as device_rows
from montecarlo.kernels.device import variants

from .chain import Chain
from .ledger import Index, Unit
from .setup import Setup

__all__ = ["DeviceSamples", "Launch", "run_split"]

SHARE = 0.8  # of the free memory that a launch may plan with


@dataclass(frozen=True, kw_only=True)
class Launch(Chain):
    """A batch of chains, each on one of several samples.

    Parameters
    ----------
    datasets : list of Dataset
        The samples, as much of them as the observables need.
    finders : list of callable or None
        What makes the examples of each sample (`hebbian.Dataset.examples`).
    sample_of : (n_chains,) int
        Index into `datasets` of every chain's sample.
    """

    datasets: list[Dataset]
    finders: list[Callable[[int], np.ndarray] | None]
    sample_of: np.ndarray

    @cached_property
    def _samples(self) -> list[Chain]:
        """The chains of each sample, a batch without chains."""
        return [self._on(sample, slice(0)) for sample in range(len(self.datasets))]

    def _on(self, sample: int, which: int | slice) -> Chain:
        names = [f.name for f in dataclasses.fields(Chain)]
        shared = {name: getattr(self, name) for name in names}
        return Chain(
            **shared
            | {name: shared[name][which] for name in ("spins", "key", "T")}
            | {"data": self.datasets[sample], "examples": self.finders[sample]}
        )

    def single(self, c: int) -> Chain:
        """Return a chain of the batch by itself."""
        return self._on(self.sample_of[c], c)

    def _overlaps(self, spins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shape = (*spins.shape[:-1], len(self.patterns))
        m, n = np.empty(shape), np.empty(shape)
        for sample, chains in enumerate(self._samples):
            own = self.sample_of == sample
            m[own], n[own] = chains._overlaps(spins[own])
        return m, n


@dataclass(frozen=True, kw_only=True)
class DeviceSamples:
    """The disorder samples of a run whose rows live on the device.

    Parameters
    ----------
    model : Model
    alpha : float or None
    n_spins, n_patterns, seed : int
    n_kept : int
        Archetypes, from the first on, that starts and observables need on the host.
    data : Dataset or None
        Given data: one sample.
    rule : int
        Code of the dynamics.
    """

    model: Model
    alpha: float | None
    n_spins: int
    n_patterns: int
    seed: int
    n_kept: int
    data: Dataset | None
    rule: int

    @staticmethod
    def of(
        setup: Setup, data: Dataset | None, rule: int, *, all_seen: bool = False
    ) -> DeviceSamples:
        """Return the samples of a run; observables that see `all_seen` need all archetypes."""
        n_patterns = setup.samples.n_patterns
        mixed = isinstance(setup.start, str) and setup.start in ("hierarchical", "parallel")
        return DeviceSamples(
            model=setup.model,
            alpha=setup.alpha,
            n_spins=setup.samples.n_spins,
            n_patterns=n_patterns,
            seed=setup.seed,
            n_kept=n_patterns if all_seen or mixed else 1 + int(setup.patterns.max()),
            data=data,
            rule=rule,
        )

    def dataset(self, sample: int) -> Dataset:
        """Return the first archetypes of a sample and the network of these alone."""
        if self.data is not None:
            return self.data
        keep = self.n_kept if self.drawn_there else None
        return hebbian.draw(
            self.model,
            n_spins=self.n_spins,
            alpha=self.alpha,
            seed=self.seed,
            sample=sample,
            keep=keep,
        )

    def networks(self, samples: list[int], datasets: list[Dataset]) -> device_networks.Networks:
        """Make the networks of some samples on the device."""
        if not self.drawn_there:
            return device_networks.upload([data.memory for data in datasets], self.rule)
        return device_networks.draw(self._drawn(samples), datasets[0].memory, self.rule)

    def rows(self, samples: list[int], datasets: list[Dataset]) -> Any:
        """Make the rows of some samples on the device, without what spins need besides."""
        if not self.drawn_there:
            return device_rows.uploaded_rows([data.memory for data in datasets])
        return device_rows.drawn_rows(self._drawn(samples), self.n_spins)

    def class_sums(self, sample: int) -> Any:
        """Make the sums of each archetype's examples on the device, for one sample."""
        source = self._drawn([sample])._replace(summed=True)
        return device_rows.drawn_rows(source, self.n_spins)

    @property
    def drawn_there(self) -> bool:
        """Whether the rows are drawn on the device, which has to know their law."""
        model = self.model
        return self.data is None and model.drawable and model.rule.drawable

    @cached_property
    def binary(self) -> bool:
        """Whether every entry of the rows is +-1."""
        return self._layout.entries == "signs" if self.data is None else self.data.memory.binary

    @property
    def order(self) -> int:
        """Bodies of the interaction."""
        return getattr(self.model, "order", 2)

    def _drawn(self, samples: list[int]) -> device_rows.Source:
        def keys(stream: str) -> np.ndarray:
            return np.array([streams.key(self.seed, stream, sample=sample) for sample in samples])

        return self._source._replace(pattern_keys=keys("patterns"), example_keys=keys("examples"))

    @property
    def _layout(self) -> Layout:
        return self.model.layout(self.n_patterns, self.n_spins)

    @property
    def _source(self) -> device_rows.Source:
        """What the rows of a model are drawn from that says that they are `drawable`."""
        model, rule = self.model, self.model.rule
        none = np.zeros((1, 2), np.uint32)
        return device_rows.Source(
            pattern_keys=none,
            example_keys=none,
            n_patterns=self.n_patterns,
            n_examples=rule.n_examples if rule.has_examples else 0,
            quality=rule.quality,
            dilution=getattr(model, "dilution") if model.entries == "ternary" else None,  # noqa: B009
            summed=rule.has_examples and not rule.by_example,
        )

    @cached_property
    def n_rows(self) -> int:
        """Rows of a network."""
        return self._layout.n_rows if self.data is None else self.data.memory.n_rows

    def units(self, shape: Index, per_chain: float | None = None, n_chains: int = 1) -> list[Unit]:
        """Cut the grid (temperature, sample, replica) into launches that fit the device.

        Sample by sample, so that a launch holds few rows.  An entry has `n_chains` chains.
        The estimate of their bytes is for the widest types of integer rows; `run_split` helps
        where it is wrong.
        """
        if self.binary:
            per_sample, state = variants.binary_bytes(self.n_spins, self.n_rows)
        else:
            per_sample = 4 * self.n_rows * self.n_spins
            state = self.n_rows * (4 if self.order == 2 else 12 * self.order)
        if per_chain is None:
            per_chain = state + 12 * self.n_spins
        per_chain *= n_chains
        left = room = SHARE * device.free_bytes()
        units: list[Unit] = []
        last = -1
        for at, sample, replica in sorted(np.ndindex(shape), key=lambda index: index[1]):
            need = per_chain + (per_sample if sample != last else 0)
            if not units or need > left:
                units.append([])
                left, need = room, per_chain + per_sample
            units[-1].append((at, sample, replica))
            left, last = left - need, sample
        return units


def run_split(unit: Unit, launch: Callable[[Unit], None], smallest: str = "one chain") -> None:
    """Run the chains of a unit together, or its halves where the memory is too small.

    Parameters
    ----------
    unit : Unit
    launch : callable
        Runs a part of the unit.
    smallest : str
        What a unit of one entry is.

    Raises
    ------
    ValueError
        If a single entry does not fit the device.
    """
    try:
        launch(unit)
        return
    except Exception as error:
        if not device.exhausted(error):
            raise
        if len(unit) == 1:
            free = device.free_bytes() / 2**30
            raise ValueError(
                f"backend = 'cupy': {smallest} does not fit the {free:.3g} GiB free on the device"
            ) from error
    half = len(unit) // 2
    run_split(unit[:half], launch, smallest)
    run_split(unit[half:], launch, smallest)
