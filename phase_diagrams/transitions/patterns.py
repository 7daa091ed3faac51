"""Energies of the patterns themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hebbian import Dataset

__all__ = ["pattern_energies"]

BLOCK = 256  # patterns measured together


def pattern_energies(data: Dataset, patterns: Sequence[int]) -> np.ndarray:
    r"""Return the energy H of some archetypes of a sample, shape (len(patterns),).

    With distinct indices the interaction of a row is the elementary symmetric polynomial of
    :math:`y_i = \eta_i s_i`, by Newton's identities
    :math:`k e_k = \sum_{j=1}^k (-1)^{j-1} e_{k-j} \sum_i y_i^j`; else the power
    :math:`(\sum_i y_i)^P`.

    Examples
    --------
    >>> from hebbian import Dense, draw
    >>> data = draw(Dense(order=3), n_spins=20, alpha=0.1, seed=1)
    >>> found = pattern_energies(data, [0, 2])
    >>> bool(np.allclose(found, [data.memory.energy(data.archetypes[k]) for k in (0, 2)]))
    True
    """
    memory, order = data.memory, data.memory.order
    rows = np.asarray(memory.rows, float)
    powers = [rows**k for k in range(1, order + 1)]
    energies = []
    for start in range(0, len(patterns), BLOCK):
        spins = np.asarray(data.archetypes[list(patterns[start : start + BLOCK])], float).T
        sums = [power @ spins**k for k, power in enumerate(powers, start=1)]
        interaction = sums[0] ** order if memory.indices == "all" else _elementary(sums)
        energies.append(-memory.weight * interaction.sum(axis=0))
    return np.concatenate(energies)


def _elementary(sums: list[np.ndarray]) -> np.ndarray:
    """Return the elementary symmetric polynomial of the highest degree from power sums."""
    e = [np.ones_like(sums[0])]
    for k in range(1, len(sums) + 1):
        terms = ((-1) ** (j - 1) * e[k - j] * sums[j - 1] for j in range(1, k + 1))
        e.append(sum(terms, start=np.zeros_like(sums[0])) / k)
    return e[-1]
