"""How long a finite network replays its sequence without a wrong spin."""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled

__all__ = ["exact_replay"]


@labelled
@checked
def exact_replay(
    model: Model, *, alpha: Any, T: Any = 0.0, n_spins: int, n_steps: int | None = None
) -> Any:
    r"""Return the probability that a replay is exact, spin by spin, from the first pattern on.

    Parameters
    ----------
    model : Sequence
    alpha, T : float or array_like
        Load and temperature in [0, inf).
    n_spins : int
        N, in [2, 100000], at least the order.
    n_steps : int, optional
        Steps in [1, 10**12]; by default one cycle, which the K of the load makes.

    Returns
    -------
    float or numpy.ndarray
        Of the broadcast shape of `alpha` and `T`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model is no sequence of a power of N patterns.

    Notes
    -----
    Wrong spins are taken to be independent, as they are where they are rare
    (`theory.sequence.errors`).

    Examples
    --------
    A replay of 400 spins goes wrong far below the capacity 0.269, where few spins are wrong:

    >>> from hebbian import Sequence
    >>> exact_replay(Sequence(order=2), alpha=[0.03, 0.06, 0.1], n_spins=400).round(4)
    array([1.    , 0.8641, 0.    ])
    """
    found = equations(model)
    size = domain.integer("n_spins", n_spins, "[2, 100000]")
    steps = None if n_steps is None else domain.integer("n_steps", n_steps, "[1, 1000000000000]")
    load, temperature = found.controls(alpha, T=domain.real_array("T", T, "[0, inf)"))
    return found.exact_replay(np.asarray(load), temperature, size, steps)[()]
