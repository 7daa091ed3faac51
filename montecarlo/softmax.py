r"""Softmax weights of the patterns of a memory whose energy is the logarithm of a sum over them.

.. math:: p_\mu = \frac{F(M_\mu)}{\sum_\nu F(M_\nu)},

:math:`F = e^{\lambda M}` in an exponential memory: the share that a pattern has in the fields, and
in the update of attention.  Sums go over the number of patterns at every overlap, whole numbers
that no order of the patterns changes, in one pass over their bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Dataset, Model

from .destinations import overlap_blocks

__all__ = ["Softmax", "check_softmax", "softmax"]


class Softmax(NamedTuple):
    r"""Sums over all patterns, for some configurations.

    Parameters
    ----------
    log_sum : numpy.ndarray
        Shape (n_configurations,): :math:`\ln \sum_\mu F(M_\mu)`.
    participation : numpy.ndarray
        Shape (n_configurations,): :math:`1/\sum_\mu p_\mu^2`.
    """

    log_sum: np.ndarray
    participation: np.ndarray

    def weights(self, data: Dataset, spins: np.ndarray, patterns: np.ndarray) -> np.ndarray:
        """Return p of some patterns in the same configurations: (n_configurations, n)."""
        archetypes = data.observed(patterns)[0].astype(np.int64)
        sums = spins.astype(np.int64) @ archetypes.T
        return np.exp(_logarithms(data)[sums + data.n_spins >> 1] - self.log_sum[:, None])


def _logarithms(data: Dataset) -> np.ndarray:
    """Return ln F at the overlaps -N, -N + 2, ..., N."""
    table = data.memory.table
    if table is None or data.memory.outer != "log":
        raise ValueError(f"patterns of {data.model!r} have no softmax weights")
    return table


def check_softmax(model: Model) -> None:
    """Refuse a model whose patterns have no softmax weights.

    Raises
    ------
    ValueError
        If its energy is not the logarithm of a sum over patterns.
    """
    if not model.logarithmic:
        raise ValueError(
            f"patterns of {model!r} have no softmax weights: exponential memories have, and "
            "tabulated ones with outer='log'"
        )


def softmax(data: Dataset, spins: np.ndarray) -> Softmax:
    """Return the sums of configurations (n_configurations, n_spins), int8, on one sample.

    Examples
    --------
    Two opposite patterns, in the first: p is 1 and e^-4.

    >>> import hebbian
    >>> patterns = np.array([[1, 1], [-1, -1]], np.int8)
    >>> data = hebbian.from_examples(hebbian.Exponential(), patterns, patterns[:, None])
    >>> found = softmax(data, patterns[:1])
    >>> bool(np.isclose(found.log_sum[0], 2 + np.log1p(np.exp(-4))))
    True
    """
    n_spins, n_bins = data.n_spins, data.n_spins + 1
    found = np.zeros(len(spins) * n_bins, np.int64)
    first = n_bins * np.arange(len(spins))[:, None]
    for sums, _ in overlap_blocks(data, spins):
        levels = (sums.astype(np.int64) + n_spins >> 1) + first
        found += np.bincount(levels.ravel(), minlength=len(found))
    counts = found.reshape(-1, n_bins)
    logarithms = np.where(counts > 0, _logarithms(data), -np.inf)
    largest = logarithms.max(axis=1)
    shares = np.exp(logarithms - largest[:, None])
    total = (counts * shares).sum(axis=1)
    return Softmax(largest + np.log(total), total**2 / (counts * shares**2).sum(axis=1))
