"""The disorder samples of a run, made when first used and dropped after the last use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from hebbian import Dataset

from .ledger import Entries
from .plan import Plan

__all__ = ["Disorder", "Samples"]


class Disorder(NamedTuple):
    """Disorder that a batch of chains is lent.

    Parameters
    ----------
    samples : list of int
        Numbers of the disorder samples.
    datasets : list of Dataset
        Of these samples; on a device as much of them as starts and observables need.
    network : object
        What the job's kernel makes of them: of one sample, or on a device of all.
    """

    samples: list[int]
    datasets: list[Dataset]
    network: Any

    def places(self, entries: Entries) -> np.ndarray:
        """Return the place of every entry's sample among `samples`."""
        return np.array([self.samples.index(sample) for _, sample, _ in entries])


class Samples:
    """Datasets and their lowered networks, shared by the threads of a run.

    Parameters
    ----------
    plan : Plan
    lower : callable
        Dataset -> what the kernel needs of it.
    """

    def __init__(self, plan: Plan, lower: Callable[[Dataset], Any]) -> None:
        self._plan, self._lower = plan, lower
        self._made: dict[int, Disorder] = {}
        self._left: dict[int, int] = {}
        self._locks = [threading.Lock() for _ in range(plan.n_samples)]

    @contextmanager
    def use(self, sample: int, users: int) -> Iterator[Disorder]:
        """Lend the sample to one of its `users`; the last to return it frees it."""
        with self._locks[sample]:
            if sample not in self._made:
                data = self._plan.dataset(sample)
                self._made[sample] = Disorder([sample], [data], self._lower(data))
                self._left[sample] = users
            lent = self._made[sample]
        try:
            yield lent
        finally:
            with self._locks[sample]:
                self._left[sample] -= 1
                if self._left[sample] == 0:
                    del self._made[sample]
