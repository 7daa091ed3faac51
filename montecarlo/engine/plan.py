"""What a run is of: networks, temperatures and starts, checked once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import hebbian
from hebbian import Dataset, Model, domain
from hebbian.layout import Layout
from montecarlo.dynamics import check_model
from montecarlo.observables import checked_patterns
from montecarlo.state import initial_spins, names_patterns, resolve_start, started_from

from .ledger import Index

__all__ = ["Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Disorder samples, temperatures and starts of a run: the one place of these facts.

    Parameters
    ----------
    model : Model
    alpha : float or None
    T : numpy.ndarray
        Temperatures in the shape the user gave them.
    n_spins, n_patterns, n_samples, n_replicas, seed : int
    start : str, float or numpy.ndarray
        See `montecarlo.state.resolve_start`.
    data : Dataset or None
        Given data: one sample.
    several : bool
        Whether m and n have an axis: of archetypes, or of the layers of each in turn.
    patterns : (n_patterns,) intp
        Archetypes to observe.
    """

    model: Model
    alpha: float | None
    T: np.ndarray
    n_spins: int
    n_patterns: int
    n_samples: int
    n_replicas: int
    seed: int
    start: str | float | np.ndarray
    data: Dataset | None
    several: bool
    patterns: np.ndarray

    @staticmethod
    def of(
        model: Model,
        *,
        alpha: float | None,
        T: np.ndarray,
        n_spins: int | None,
        n_samples: int,
        n_replicas: int,
        start: Any,
        seed: int,
        data: Dataset | None,
        patterns: Sequence[int] | None,
        dynamics: str,
        backend: str,
    ) -> Plan:
        """Check what every run is asked for; parameters are those of `montecarlo.simulate`.

        Parameters
        ----------
        T : numpy.ndarray
            Checked temperatures.

        Raises
        ------
        ValueError
            If a parameter is outside its range or contradicts `data`, or the model is not one
            of the dynamics or the backend.
        """
        check_model(model, dynamics, backend)
        if T.size == 0:
            raise ValueError("T = [] holds no temperature")
        seed = domain.integer("seed", seed, "[0, inf)")
        n_replicas = domain.integer("n_replicas", n_replicas, "[1, 1000000]")
        if data is None:
            if n_spins is None and model.size is None:
                raise ValueError("n_spins is missing: the size of the network, at least 2")
            n_spins = hebbian.datasets.checked_size(model, n_spins)
            n_samples = domain.integer("n_samples", n_samples, "[1, 1000000]")
            n_patterns = model.count(alpha, n_spins)
            model.check_number(n_patterns, n_spins)
        else:
            if not isinstance(data, Dataset):
                raise ValueError(f"data = {data!r} is not a Dataset: see hebbian.from_examples")
            if data.model != model or alpha is not None or n_spins not in (None, data.n_spins):
                raise ValueError("data: model, alpha and n_spins must be those of the data")
            n_spins, n_samples, n_patterns = data.n_spins, 1, data.n_patterns
        start = resolve_start(model, start, (n_samples, n_replicas, n_spins), n_patterns)
        several = model.retrieves_several or model.n_layers > 1 or patterns is not None
        alone = None if model.retrieves_several else [started_from(start)]
        return Plan(
            model=model,
            alpha=None if alpha is None else float(alpha),
            T=T,
            n_spins=n_spins,
            n_patterns=n_patterns,
            n_samples=n_samples,
            n_replicas=n_replicas,
            seed=seed,
            start=start,
            data=data,
            several=several,
            patterns=checked_patterns(alone if patterns is None else patterns, n_patterns),
        )

    @property
    def n_overlaps(self) -> int:
        """Number of overlaps m of a configuration."""
        return len(self.patterns) * self.model.n_layers

    @property
    def grid(self) -> Index:
        """Temperatures, samples, replicas."""
        return self.T.size, self.n_samples, self.n_replicas

    @property
    def layout(self) -> Layout:
        """What is known of the rows of a network that is drawn."""
        return self.model.layout(self.n_patterns, self.n_spins)

    @property
    def n_rows(self) -> int:
        """Rows of a network."""
        return self.layout.n_rows if self.data is None else self.data.memory.n_rows

    @property
    def anonymous(self) -> bool:
        """Whether several archetypes are observed in an order, or with signs, left to chance."""
        if self.model.n_layers > 1:
            return False
        return self.several and not names_patterns(self.model, self.start, self.n_patterns)

    @property
    def effective_load(self) -> float | None:
        """Load of the whole number of patterns; None for a model without one."""
        known = self.model.load(self.n_patterns, self.n_spins)
        return self.alpha if known is None else known

    @property
    def settings(self) -> dict[str, Any]:
        """What ran: the entries that all runs share."""
        return {
            "model": self.model.describe(),
            "alpha": self.alpha,
            "T": self.T.tolist(),
            "n_spins": self.n_spins,
            "n_samples": self.n_samples,
            "n_replicas": self.n_replicas,
            "n_patterns": self.n_patterns,
            "alpha_effective": self.effective_load,
            "start": "array" if isinstance(self.start, np.ndarray) else self.start,
            "patterns": self.patterns.tolist(),
            "seed": self.seed,
            "version": hebbian.__version__,
        }

    @property
    def fingerprint(self) -> dict[str, Any]:
        """What else tells this run from others: the spins and data given."""
        found: dict[str, Any] = {}
        if isinstance(self.start, np.ndarray):
            found["start"] = hashlib.sha256(self.start.tobytes()).hexdigest()
        if self.data is not None:
            digest = hashlib.sha256()
            memory = self.data.memory
            arrays = [self.data.archetypes, self.data.sums, memory.rows]
            for array in arrays if memory.couplings is None else [*arrays, memory.couplings]:
                digest.update(np.ascontiguousarray(array).tobytes())
            found["data"] = digest.hexdigest()
        return found

    def streams_of(self, dynamics: str, site_order: str) -> dict[str, Any]:
        """Return what the streams of random numbers of all chains depend on."""
        found = {**self.model.stream_key(), "n_spins": self.n_spins, "dynamics": dynamics}
        if self.alpha is not None:
            found["alpha"] = self.alpha
        if site_order != "sequential":
            found["site_order"] = site_order
        return found

    def dataset(self, sample: int, keep: int | None = None) -> Dataset:
        """Return the data given, or draw a sample; of its archetypes the first `keep`."""
        if self.data is not None:
            return self.data
        return hebbian.draw(
            self.model,
            n_spins=self.n_spins,
            alpha=self.alpha,
            seed=self.seed,
            sample=sample,
            keep=keep,
        )

    def initial_spins(self, data: Dataset, sample: int, replica: int) -> np.ndarray:
        """Return the first configuration of a chain."""
        return initial_spins(data, self.start, self.seed, sample, replica)
