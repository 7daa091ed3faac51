r"""The balance of votes in one reading of N spins, as in `theory.exponential.reading`.

One reading takes the signs of :math:`\sum_\mu w(x_\mu) \xi^\mu`.  Of K random patterns

.. math:: n(x) = K 2^{-N} \binom Nx

are at distance x from the query, none nearer than the nearest one at :math:`x_1`, which is there
in half of the cases.  Together they vote for the query itself with

.. math:: V = \sum_{x \ge x_1} n(x)\, w(x) (1 - 2x/N),

and the pattern that is meant, at :math:`x_0`, has to outvote them: :math:`w(x_0) > V`.  Means over
all samples, which patterns dominate that no sample has, are of no use at such loads.
"""

from __future__ import annotations

import numpy as np

from hebbian import Exponential, SparseDistributed
from hebbian.sparse_distributed import shared_share

__all__ = ["outvoted"]


def outvoted(model: Exponential | SparseDistributed, n_patterns: float, n_spins: int) -> float:
    """Return the distance between the last at which a pattern outvotes the others and the next.

    Examples
    --------
    No address is shared beyond two radii, of 8 bits here:

    >>> outvoted(SparseDistributed(radius=0.2), 3, 40), outvoted(Exponential(sharpness=0.5), 3, 40)
    (16.5, 21.5)
    """
    from scipy.stats import binom  # takes longer to import than all theory

    x = np.arange(n_spins + 1)
    if isinstance(model, Exponential):
        weights = np.exp(-2 * model.sharpness * x)
    else:
        weights = shared_share(n_spins, model.distance(n_spins))
    near = binom.pmf(x, n_spins, 0.5)
    there = n_patterns * (np.cumsum(near) - near / 2) >= np.log(2)
    votes = n_patterns * (near * weights * (1 - 2 * x / n_spins))[there].sum()
    return float(np.argmax(weights <= max(votes, 0.0))) - 0.5
