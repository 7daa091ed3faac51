"""Where a chain starts."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain, streams
from hebbian.spins import signs

__all__ = ["STARTS", "initial_spins", "names_patterns", "resolve_start"]

STARTS = ("pattern", "random", "hierarchical", "parallel")


def resolve_start(
    model: Model, start: Any, shape: tuple[int, int, int]
) -> str | float | np.ndarray:
    """Validate a start: a name, an overlap in [0, 1], or spins.

    Parameters
    ----------
    model : Model
        Whose `natural_start` ``"auto"`` is.
    start : str, float or array_like
        An array broadcasts to (n_samples, n_replicas, n_spins) and holds +-1 alone.
    shape : tuple of int
        (n_samples, n_replicas, n_spins).

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(start, str):
        known = domain.choice("start", start, ("auto", *STARTS))
        return model.natural_start if known == "auto" else known
    if isinstance(start, Number) or getattr(start, "ndim", 1) == 0:
        return domain.real("start", start, "[0, 1]")
    spins = signs("start", start, ("...", "n_spins"))
    try:
        return np.broadcast_to(spins, shape).copy()
    except ValueError:
        raise ValueError(
            f"start: spins of shape {spins.shape} do not broadcast to "
            f"(n_samples, n_replicas, n_spins) = {shape}"
        ) from None


def names_patterns(model: Model, start: str | float | np.ndarray, n_patterns: int) -> bool:
    """Return whether a start says in which order and with which signs patterns are retrieved.

    Spins at random say nothing.  One pattern says enough where the others stay uncondensed,
    but of a network that retrieves several it leaves their order and their signs to chance.
    """
    if isinstance(start, np.ndarray) or start in ("hierarchical", "parallel"):
        return True
    return start != "random" and not (model.retrieves_several and n_patterns > 1)


def initial_spins(
    data: Dataset, start: str | float | np.ndarray, seed: int, sample: int, replica: int
) -> np.ndarray:
    """Return the first configuration of a chain.

    ``"pattern"``: archetype 0; ``"hierarchical"``: every spin follows the first archetype
    that is not blank there (arXiv:2308.04106); ``"parallel"``: the sign of the sum of the
    archetypes; an overlap m0: archetype 0 with round((1 - m0) L/2) of its L entries
    reversed.  Spins left undecided are drawn at random, as all are for ``"random"``.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins,), int8, +-1.
    """
    if isinstance(start, np.ndarray):
        return start[sample, replica]
    key = streams.stream(seed, "start", sample=sample, replica=replica)
    rng = np.random.Generator(np.random.Philox(key))
    chosen = np.zeros(data.n_spins, np.int8)
    if start == "hierarchical":
        archetypes = data.archetypes
        first = np.argmax(archetypes != 0, axis=0)
        chosen = archetypes[first, np.arange(data.n_spins)]
    elif start == "parallel":
        chosen = np.sign(data.archetypes.sum(axis=0, dtype=np.int64)).astype(np.int8)
    elif start != "random":
        chosen = data.observed([0])[0][0].copy()
        support = np.flatnonzero(chosen)
        overlap = 1.0 if isinstance(start, str) else start
        n_reversed = round((1 - overlap) * len(support) / 2)
        reversed_sites = rng.permutation(support)[:n_reversed]
        chosen[reversed_sites] = -chosen[reversed_sites]
    coins = (2 * rng.integers(0, 2, data.n_spins) - 1).astype(np.int8)
    return np.where(chosen == 0, coins, chosen).astype(np.int8)
