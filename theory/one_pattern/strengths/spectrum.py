"""The crosstalk of patterns of unequal strengths at P = 2."""

from __future__ import annotations

import numpy as np

from theory.one_pattern.crosstalk import Crosstalk

__all__ = ["spectrum"]


def spectrum(one: Crosstalk, mass: np.ndarray, strength: np.ndarray) -> Crosstalk:
    """Return the crosstalk of classes of masses and strengths from that of a class of strength 1.

    Examples
    --------
    >>> one = Crosstalk(True, np.array([1.0, 5.0]), np.array([1.0, 0.1]), -0.75)
    >>> found = spectrum(one, np.array([0.2, 0.8]), np.array([2.0, 1.0]))
    >>> found.rank, found.strength, round(found.constant, 6)
    (array([2. , 1. , 0.2, 0.1]), array([0.2, 0.8, 1. , 4. ]), -0.9)
    """
    ranks = np.outer(one.rank, strength).ravel()
    order = np.argsort(-ranks, kind="stable")
    return one._replace(
        strength=np.outer(one.strength, mass).ravel()[order],
        rank=ranks[order],
        constant=one.constant * float(mass @ strength),
    )
