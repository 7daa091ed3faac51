"""Which phase every point of a prediction is in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.closure import Closure
from theory.many_patterns.labels import label

from .following import dominates, ends_learnt
from .phases import Phase

__all__ = ["of_patterns", "under_load"]

#: Overlaps below it are rounding: the state is not a retrieval state.
NEGLIGIBLE = 1e-4


def under_load(
    known: Closure,
    found: dict[str, np.ndarray],
    alpha: np.ndarray,
    T: np.ndarray,
    line: Callable[[str], np.ndarray],
    start: str | float = "pattern",
) -> np.ndarray:
    """Classify states by the existence of retrieval and the lowest free energy.

    Parameters
    ----------
    known : Closure
    found : dict
        From `phase_diagrams.following.follow`.
    alpha, T : numpy.ndarray
        Of one shape; overlaps may have a last axis of layers, all of which retrieve.
    line : callable
        Values of a line at the points, by its name.
    start : str or float
        Of the runs whose states they are.

    Returns
    -------
    numpy.ndarray
        Codes of `Phase`: of a sequence retrieval or paramagnet, of others unknown without the
        lines that tell the phases apart.
    """
    overlap = np.abs(found["m"])
    worst = overlap if overlap.ndim == alpha.ndim else overlap.min(axis=-1)
    retrieves = worst > NEGLIGIBLE
    if known.model.replays:
        there = np.where(np.isfinite(found["q"]), Phase.PARAMAGNET, Phase.UNKNOWN)
        return np.where(retrieves, Phase.RETRIEVAL, there).astype(np.int8)
    freezes, condenses = known.knows("glass_temperature"), known.knows("condensation_load")
    learns = known.model.unstored > 0
    if not ((freezes or condenses) and (learns or known.knows("transition_temperature"))):
        return np.full(alpha.shape, Phase.UNKNOWN, np.int8)
    if learns:  # from a load on, or an example that its teacher overrules
        retrieves |= ends_learnt(known, found, alpha, T)
        lowest = dominates(known, found, alpha, T, start)
    elif known.knows("transition_load"):
        lowest = np.array(alpha < line("transition_load"))
    else:
        lowest = np.array(line("transition_temperature") > T)
    nowhere, exists = np.zeros(alpha.shape, bool), np.isfinite(found["free_energy"])
    frozen = line("glass_temperature") > T if freezes else nowhere
    condensed = exists & (alpha < line("condensation_load")) if condenses else nowhere
    code = np.select(
        [retrieves, frozen, condensed, exists],
        [
            np.where(lowest, Phase.RETRIEVAL, Phase.METASTABLE),
            Phase.GLASS,
            Phase.CONDENSED,
            Phase.PARAMAGNET,
        ],
        Phase.UNKNOWN,
    )
    return code.astype(np.int8)


def of_patterns(known: Closure, T: np.ndarray) -> np.ndarray:
    """Classify the state of lowest free energy that is found, by its overlaps."""
    lowest = known.ground_state(np.asarray(T))
    n = lowest.n.reshape(lowest.converged.size, -1)
    names = label(-np.sort(-np.abs(n), axis=1), np.ravel(T))
    phases = [
        Phase.of_label(name) if converged else Phase.UNKNOWN
        for name, converged in zip(names.tolist(), lowest.converged.flat, strict=True)
    ]
    return np.reshape(phases, lowest.converged.shape).astype(np.int8)
