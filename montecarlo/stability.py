"""How stable configurations are: the smallest stability of their spins."""

from __future__ import annotations

import numpy as np

from hebbian import Model, stabilities

from .observables import Configurations

__all__ = ["check_pairs", "least_stability"]


def least_stability(state: Configurations) -> np.ndarray:
    r"""Return the smallest stability :math:`\min_i \kappa_i` of a spin (`hebbian.stabilities`).

    The configuration is a fixed point at T = 0 where it is not negative.  It costs N^2 operations
    a measurement.

    Returns
    -------
    numpy.ndarray
        Shape (n_measurements,).

    Examples
    --------
    >>> import montecarlo
    >>> from hebbian import Dreaming
    >>> run = montecarlo.simulate(
    ...     Dreaming(sleep=10.0), alpha=0.1, T=0.0, n_spins=200, dynamics="zero-temperature",
    ...     schedule=montecarlo.Schedule(warmup=10, sweeps=1, stride=1),
    ...     observables=["least_stability"],
    ... )
    >>> bool((run.series["least_stability"] > 0).all())
    True
    """
    return np.asarray(stabilities(state.data, state.spins).min(axis=-1))


def check_pairs(model: Model) -> None:
    """Refuse a model whose spins do not interact in pairs.

    Raises
    ------
    ValueError
        Naming the model.
    """
    of_pairs = model.layout(1, max(2, model.size or 2)).coupling_bits > 0
    if model.parallel_only or not (of_pairs or (model.polynomial and _order(model) == 2)):
        raise ValueError(f"the spins of {model!r} do not interact in pairs")


def _order(model: Model) -> int:
    return int(getattr(model, "order", 2))
