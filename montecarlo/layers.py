"""Overlaps of the layers of an assembly."""

from __future__ import annotations

import numpy as np

from hebbian import Model

from .observables import Configurations
from .overlaps import Observed, overlaps

__all__ = ["check_layers", "word_overlaps", "worst_layer"]


def check_layers(model: Model) -> None:
    """Refuse a model of one layer.

    Raises
    ------
    ValueError
        Naming it.
    """
    if model.n_layers == 1:
        raise ValueError(f"{model!r} has one layer: this is of an Assembly of several")


def worst_layer(state: Configurations) -> np.ndarray:
    r"""Smallest overlap of any layer with an observed pattern: :math:`\min_A m_A^\mu`.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,), or (n_measurements, n_observed) of several patterns.

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import BAM
    >>> run = montecarlo.simulate(BAM(), alpha=0.05, T=0.3, n_spins=400, n_samples=2,
    ...                           observables=["worst_layer"])
    >>> bool((run.series["worst_layer"] == run.series["m"].min(axis=-1)).all())
    True
    """
    m, _ = Observed(state.data, state.patterns).overlaps(state.spins, state.times)
    worst = m.reshape(len(m), len(state.patterns), -1).min(axis=-1)
    return worst[:, 0] if len(state.patterns) == 1 else worst


def word_overlaps(state: Configurations) -> np.ndarray:
    """Overlap of every layer with every word of archetype 0, that of each layer: of one size.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements, n_layers**2): the words in turn, of each the layers.

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import BAM
    >>> run = montecarlo.simulate(BAM(), alpha=0.05, T=0.3, n_spins=400, n_samples=2,
    ...                           observables={"words": word_overlaps})
    >>> own = run.series["words"][..., [0, 3]].mean()
    >>> bool(own > 0.9)
    True
    """
    L = state.data.model.n_layers
    words = np.stack(np.split(state.data.observed([0])[0][0], L))
    spins = state.spins.reshape(len(state.spins), L, -1)
    return np.swapaxes(overlaps(spins, words), 1, 2).reshape(len(spins), L * L)
