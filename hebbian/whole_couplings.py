r"""Real couplings as whole numbers: :math:`J_{ij} = 2^{-e} A_{ij}`, A integer.

The exponent is the largest for which no sum of |A| along a row exceeds :math:`2^{60}`.  Local
fields are then sums of 64-bit integers, exact in any order, of which no entry has lost more than
:math:`2^{-61}` of the largest row sum: nothing drifts however many spins flip, and a field does
not depend on the history that led to it, as one kept in floats would.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

__all__ = ["MOST", "WholeCouplings", "whole_couplings"]

#: Bound of the sum of absolute values along a row.
MOST = 2.0**60

BLOCK = 1 << 20  # entries that are rounded at a time


class WholeCouplings(NamedTuple):
    r"""Couplings in units of a power of two.

    Parameters
    ----------
    matrix : (n_spins, n_spins) int64
        A, symmetric, its diagonal included.
    unit : float
        :math:`2^{-e}`.
    """

    matrix: np.ndarray
    unit: float

    def fields(self, spins: np.ndarray) -> np.ndarray:
        """Return the fields of all other spins in these units: (..., n_spins) int64."""
        s = spins.astype(np.int64)
        return np.asarray(s @ self.matrix - s * np.diagonal(self.matrix))


def whole_couplings(couplings: np.ndarray) -> WholeCouplings:
    """Round couplings (n_spins, n_spins) to whole numbers.

    Examples
    --------
    >>> found = whole_couplings(np.array([[0.0, 0.75], [0.75, 0.0]]))
    >>> found.matrix * found.unit
    array([[0.  , 0.75],
           [0.75, 0.  ]])
    >>> found.fields(np.array([1, -1])) * found.unit
    array([-0.75,  0.75])
    """
    n_spins = len(couplings)
    step = max(1, BLOCK // max(1, n_spins))
    blocks = [slice(first, first + step) for first in range(0, n_spins, step)]
    sums = [float(np.abs(couplings[block]).sum(axis=1).max()) for block in blocks]
    largest = max(sums, default=0.0)
    exponent = 0 if largest == 0 else math.floor(math.log2(MOST / largest))
    matrix = np.empty(couplings.shape, np.int64)
    for block in blocks:
        matrix[block] = np.rint(np.ldexp(couplings[block], exponent))
    return WholeCouplings(matrix, math.ldexp(1.0, -exponent))
