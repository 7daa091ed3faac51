"""The disorder samples of a run, made when first used and dropped after the last use."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import hebbian
from hebbian import Dataset, Model, domain
from montecarlo.backend import Backend

__all__ = ["Samples"]


class Samples:
    """Datasets and their lowered networks, shared by the threads of a run.

    Parameters
    ----------
    model : Model
    backend : Backend
        Lowers a sample's memory to the arrays of its kernel.
    alpha : float or None
    n_spins : int or None
        None if `data` is given.
    n_samples : int
    seed : int
    data : Dataset or None
        Given data: one sample.

    Raises
    ------
    ValueError
        If a parameter is outside its range or contradicts `data`.
    """

    def __init__(
        self,
        model: Model,
        backend: Backend,
        *,
        alpha: float | None,
        n_spins: int | None,
        n_samples: int,
        seed: int,
        data: Dataset | None,
    ) -> None:
        self._model, self._backend, self._alpha = model, backend, alpha
        self._seed, self._data = seed, data
        if data is None:
            if n_spins is None:
                raise ValueError("n_spins is missing: the size of the network, at least 2")
            self.n_spins = hebbian.datasets.checked_size(model, n_spins)
            self.n_samples = domain.integer("n_samples", n_samples, "[1, 1000000]")
            self.n_patterns = model.count(alpha, self.n_spins)
        else:
            if not isinstance(data, Dataset):
                raise ValueError(f"data = {data!r} is not a Dataset: see hebbian.from_examples")
            if data.model != model or alpha is not None or n_spins not in (None, data.n_spins):
                raise ValueError("data: model, alpha and n_spins must be those of the data")
            self.n_spins, self.n_samples = data.n_spins, 1
            self.n_patterns = data.n_patterns
        self._made: dict[int, tuple[Dataset, Any]] = {}
        self._left: dict[int, int] = {}
        self._locks = [threading.Lock() for _ in range(self.n_samples)]

    @contextmanager
    def use(self, sample: int, users: int) -> Iterator[tuple[Dataset, Any]]:
        """Lend the sample to one of its `users`; the last to return it frees it."""
        with self._locks[sample]:
            if sample not in self._made:
                data = self._data or hebbian.draw(
                    self._model,
                    n_spins=self.n_spins,
                    alpha=self._alpha,
                    seed=self._seed,
                    sample=sample,
                )
                self._made[sample] = data, self._backend.lower(data.memory)
                self._left[sample] = users
            lent = self._made[sample]
        try:
            yield lent
        finally:
            with self._locks[sample]:
                self._left[sample] -= 1
                if self._left[sample] == 0:
                    del self._made[sample]

    def fingerprint(self) -> dict[str, str]:
        """Return what tells given data from other data; nothing for drawn samples."""
        if self._data is None:
            return {}
        digest = hashlib.sha256()
        for array in (self._data.archetypes, self._data.sums, self._data.memory.rows):
            digest.update(np.ascontiguousarray(array).tobytes())
        return {"data": digest.hexdigest()}
