"""What every run is asked for, checked once: networks, temperatures, starts, archetypes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import hebbian
from hebbian import Dataset, Model, domain
from montecarlo.backend import Backend
from montecarlo.observables import checked_patterns
from montecarlo.state import initial_spins, resolve_start

from .ledger import Index
from .samples import Samples

__all__ = ["Setup", "checked"]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Disorder samples, temperatures and starts of a run.

    Parameters
    ----------
    model : Model
    alpha : float or None
    T : numpy.ndarray
        Temperatures in the shape the user gave them.
    samples : Samples
    n_replicas, seed : int
    start : str, float or numpy.ndarray
        See `montecarlo.state.resolve_start`.
    several : bool
        Whether m and n have an axis of archetypes.
    patterns : (n_patterns,) intp
        Archetypes to observe.
    """

    model: Model
    alpha: float | None
    T: np.ndarray
    samples: Samples
    n_replicas: int
    seed: int
    start: str | float | np.ndarray
    several: bool
    patterns: np.ndarray

    @property
    def shape(self) -> Index:
        """Temperatures, samples, replicas."""
        return self.T.size, self.samples.n_samples, self.n_replicas

    @property
    def anonymous(self) -> bool:
        """Whether several archetypes are observed and the start singled out none of them."""
        return self.several and isinstance(self.start, str) and self.start == "random"

    @property
    def settings(self) -> dict[str, Any]:
        """What ran: the entries that all runs share."""
        return {
            "model": self.model.describe(),
            "alpha": self.alpha,
            "T": self.T.tolist(),
            "n_spins": self.samples.n_spins,
            "n_samples": self.samples.n_samples,
            "n_replicas": self.n_replicas,
            "n_patterns": self.samples.n_patterns,
            "start": "array" if isinstance(self.start, np.ndarray) else self.start,
            "seed": self.seed,
            "version": hebbian.__version__,
        }

    @property
    def fingerprint(self) -> dict[str, Any]:
        """What else tells this run from others: the archetypes, spins and data given."""
        found: dict[str, Any] = {"patterns": self.patterns.tolist()}
        if isinstance(self.start, np.ndarray):
            found["start"] = hashlib.sha256(self.start.tobytes()).hexdigest()
        return found | self.samples.fingerprint()

    def streams_of(self, dynamics: str, site_order: str) -> dict[str, Any]:
        """Return what the streams of random numbers of all chains depend on."""
        found = {**self.model.describe(), "n_spins": self.samples.n_spins, "dynamics": dynamics}
        if self.alpha is not None:
            found["alpha"] = self.alpha
        if site_order != "sequential":
            found["site_order"] = site_order
        return found

    def initial_spins(self, data: Dataset, sample: int, replica: int) -> np.ndarray:
        """Return the first configuration of a chain."""
        return initial_spins(data, self.start, self.seed, sample, replica)


def checked(
    model: Model,
    kernel: Backend,
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
) -> Setup:
    """Check what every run is asked for; parameters are those of `montecarlo.simulate`.

    Parameters
    ----------
    kernel : Backend
        Lowers the samples.
    T : numpy.ndarray
        Checked temperatures.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if T.size == 0:
        raise ValueError("T = [] holds no temperature")
    seed = domain.integer("seed", seed, "[0, inf)")
    n_replicas = domain.integer("n_replicas", n_replicas, "[1, 1000000]")
    samples = Samples(
        model, kernel, alpha=alpha, n_spins=n_spins, n_samples=n_samples, seed=seed, data=data
    )
    several = model.retrieves_several or patterns is not None
    return Setup(
        model=model,
        alpha=None if alpha is None else float(alpha),
        T=T,
        samples=samples,
        n_replicas=n_replicas,
        seed=seed,
        start=resolve_start(start, (samples.n_samples, n_replicas, samples.n_spins)),
        several=several,
        patterns=checked_patterns(patterns, samples.n_patterns, several),
    )
