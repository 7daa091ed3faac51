"""Observables: pure functions of a batch of configurations, no averaging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hebbian import Dataset, domain
from hebbian.calling import checked

from .destinations import overlap_blocks
from .overlaps import overlaps
from .softmax import Softmax, softmax

__all__ = [
    "Configurations",
    "Measure",
    "checked_patterns",
    "example_overlaps",
    "largest_overlap",
    "observe",
    "participation",
    "softmax_weight",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Configurations:
    """Configurations of one chain at successive measurements: what an observable sees.

    Parameters
    ----------
    spins : numpy.ndarray
        Shape (n_measurements, n_spins), int8, +-1.
    energy : numpy.ndarray
        Shape (n_measurements,): energy per spin H/N.
    data : Dataset
        The disorder sample: ``data.archetypes``, ``data.sums``, ``data.memory``.
    T : float
    patterns : numpy.ndarray
        Shape (n_observed,): numbers of the archetypes that the run observes.
    times : numpy.ndarray
        Shape (n_measurements,): sweeps done since the start.
    find_examples : callable, optional
        Makes the examples of a pattern; see `examples`.
    """

    spins: np.ndarray
    energy: np.ndarray
    data: Dataset
    T: float
    patterns: np.ndarray
    times: np.ndarray
    find_examples: Callable[[int], np.ndarray] | None = None

    @property
    def archetypes(self) -> np.ndarray:
        """Shape (n_patterns, n_spins), int8."""
        return self.data.archetypes

    def examples(self, pattern: int = 0) -> np.ndarray:
        """Return the single examples of a pattern: shape (n_examples, n_spins), int8.

        Raises
        ------
        ValueError
            Where nobody has them: data given with their sums alone.
        """
        if self.find_examples is None:
            raise ValueError("examples: this network was built from sums of examples alone")
        return self.find_examples(pattern)

    @cached_property
    def softmax(self) -> Softmax:
        """Sums of the softmax weights of all patterns (`montecarlo.softmax`)."""
        return softmax(self.data, self.spins)

    def overlaps(self, patterns: np.ndarray) -> np.ndarray:
        """Return (1/N) sum_i pattern_i s_i: shape (n_measurements, n_patterns)."""
        return overlaps(self.spins, patterns)


#: Configurations -> numbers of shape (n_measurements,) or (n_measurements, k).
Measure = Callable[[Configurations], Any]


@checked
def example_overlaps(state: Configurations) -> np.ndarray:
    """Overlaps with the single examples of archetype 0: (n_measurements, n_examples).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Hopfield, Supervised
    >>> model = Hopfield(rule=Supervised(quality=0.6, n_examples=3))
    >>> run = montecarlo.simulate(model, alpha=0.01, T=0.1, n_spins=200,
    ...                           observables={"examples": montecarlo.example_overlaps})
    >>> run.series["examples"].shape, run.estimate("examples").mean.shape
    ((8, 2, 200, 3), (3,))
    """
    return state.overlaps(state.examples(0))


def largest_overlap(state: Configurations) -> np.ndarray:
    r"""Largest overlap with any archetype: :math:`\max_\mu |m_\mu|`, signed at odd order.

    Where a state and its reversal have one energy, as at even order; else, as at odd order, only
    the pattern itself is retrieved, and the largest :math:`m_\mu` is returned with its sign.
    Sums are exact.  It costs 2KN operations per measurement, by a matrix product: 60 microseconds
    for the 8333 patterns of 100 spins, about three sweeps of that network.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Dense
    >>> run = montecarlo.simulate(Dense(order=4), alpha=0.1, T=0.5, n_spins=40, n_samples=2,
    ...                           observables=["largest_overlap"])
    >>> bool((run.series["largest_overlap"] >= run.series["m"]).all())
    True
    """
    data, n_spins = state.data, state.data.n_spins
    found = np.full(len(state.spins), -n_spins, np.float32)
    reversible = data.model.reversible
    for sums, _ in overlap_blocks(data, state.spins):
        np.maximum(found, (np.abs(sums) if reversible else sums).max(axis=1), out=found)
    return found.astype(np.float64) / n_spins


def softmax_weight(state: Configurations) -> np.ndarray:
    r"""Softmax weights :math:`p_\mu = e^{\lambda M_\mu} / \sum_\nu e^{\lambda M_\nu}`.

    Of the observed patterns: the share that each has in the fields of an exponential memory
    (`montecarlo.softmax`).  It costs about what `largest_overlap` does.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,), or (n_measurements, n_observed) of several patterns.

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Exponential
    >>> run = montecarlo.simulate(Exponential(sharpness=0.5), alpha=0.2, T=0.3, n_spins=24,
    ...                           observables=["softmax_weight", "participation"])
    >>> bool((run.series["softmax_weight"] <= 1).all())
    True
    >>> bool((run.series["participation"] >= 1).all())
    True
    """
    weights = state.softmax.weights(state.data, state.spins, state.patterns)
    return weights[:, 0] if len(state.patterns) == 1 else weights


def participation(state: Configurations) -> np.ndarray:
    r"""Patterns that share the softmax weight: :math:`1/\sum_\mu p_\mu^2`, from 1 to K.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Exponential
    >>> run = montecarlo.simulate(Exponential(sharpness=2.0), alpha=0.2, T=0.1, n_spins=24,
    ...                           observables=["participation"])
    >>> bool((run.series["participation"] >= 1).all())
    True
    """
    return state.softmax.participation


def checked_patterns(patterns: Sequence[int] | None, n_patterns: int) -> np.ndarray:
    """Return the archetypes to observe: all of them where none are named.

    Raises
    ------
    ValueError
        If there is none or one that the network does not have.
    """
    if patterns is None:
        return np.arange(n_patterns)
    if not np.iterable(patterns):
        raise ValueError(f"patterns = {patterns!r} is not a sequence of archetypes to observe")
    last = f"[0, {n_patterns - 1}]"
    chosen = [domain.integer("patterns", mu, last) for mu in patterns]
    if not chosen:
        raise ValueError("patterns = [] is empty: name at least one archetype to observe")
    return np.array(chosen)


def observe(
    name: str, function: Measure, state: Configurations, like: np.ndarray | None = None
) -> np.ndarray:
    """Evaluate a user's observable.

    Parameters
    ----------
    name : str
    function : callable
    state : Configurations
    like : numpy.ndarray, optional
        Earlier values, which tell the number of components.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,) or (n_measurements, k), float64.

    Raises
    ------
    ValueError
        If the function returns anything else.
    """
    n = len(state.spins)
    returned = function(state)
    try:
        values = np.asarray(returned)
    except ValueError:
        values = np.empty((), object)
    if values.dtype.kind not in "biuf" or values.ndim not in (1, 2) or len(values) != n:
        kind = f"shape {values.shape} and type {values.dtype}"
        raise ValueError(
            f"observables: {name!r} returned {kind}, not real numbers of shape "
            f"(n_measurements,) or (n_measurements, k) with n_measurements = {n}"
        )
    if like is not None and values.shape[1:] != like.shape[1:]:
        raise ValueError(
            f"observables: {name!r} returned shape {values.shape} after {like.shape}: the "
            "number of components must not change"
        )
    return values.astype(np.float64)
