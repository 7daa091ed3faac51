r"""Couplings of pairs of spins: the matrix, its spectrum, and how stable configurations are.

.. math:: H(s) = -\sum_{i<j} J_{ij} s_i s_j, \qquad
          \kappa_i(s) = \frac{s_i \sum_{j \ne i} J_{ij} s_j}{\sqrt{\sum_{j \ne i} J_{ij}^2}}.

A configuration is a fixed point at T = 0 where no stability :math:`\kappa_i` is negative
(E. Gardner, J. Phys. A 21, 257 (1988), doi:10.1088/0305-4470/21/1/030).  A stored pattern has
:math:`\kappa_i = \sqrt{(1 - J_{ii})/J_{ii}}` in the pseudo-inverse network, :math:`J_{ii}` of
mean alpha, and a normal law of mean :math:`1/\sqrt\alpha` and variance 1 in the Hopfield network.
The eigenvalues of Hebbian couplings of random patterns follow the law of V. A. Marchenko and L. A.
Pastur, from :math:`(1 - \sqrt\alpha)^2` to :math:`(1 + \sqrt\alpha)^2`; sleep t turns an
eigenvalue x into (1 + t) x/(1 + t x).
"""

from __future__ import annotations

import numpy as np

from . import domain
from .calling import checked
from .datasets import Dataset
from .memory import Memory
from .spins import signs

__all__ = ["coupling_spectrum", "pair_couplings", "pair_fields", "stabilities"]


@checked
def pair_couplings(data: Dataset) -> np.ndarray:
    r"""Return the couplings of pairs, :math:`J_{ij} = -\partial^2 H/\partial s_i \partial s_j`.

    Parameters
    ----------
    data : Dataset
        Of any network of pairs: `hebbian.Hopfield`, `hebbian.Dreaming`, `hebbian.Couplings`,
        `hebbian.Multitasking`, `hebbian.Assembly`, ``Dense(order=2)``.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins, n_spins), float64, symmetric.  The diagonal is that of the sum over
        patterns; it is part of no energy difference, and of the dynamics
        ``"parallel-diagonal"`` alone.

    Raises
    ------
    ValueError
        If the spins do not interact in pairs.

    Examples
    --------
    >>> from hebbian import Hopfield, draw
    >>> J = pair_couplings(draw(Hopfield(), n_spins=50, alpha=0.1))
    >>> J.shape, round(float(J[0, 0]), 12)
    ((50, 50), 0.1)
    """
    memory = _of_pairs(data)
    if memory.couplings is not None:
        return memory.weight * memory.couplings
    rows = memory.rows.astype(np.float64)
    J = rows.T @ _strong(memory, rows)  # whole numbers, exact in any order
    if memory.mixing is not None:
        layer = np.repeat(np.arange(len(memory.layers)), memory.layers)
        J *= memory.mixing[np.ix_(layer, layer)]
    J *= memory.weight * (1 if memory.indices == "distinct" else 2)
    return np.asarray(J)


@checked
def coupling_spectrum(data: Dataset) -> np.ndarray:
    """Return the eigenvalues of the couplings of pairs, their diagonal included.

    Parameters
    ----------
    data : Dataset
        As for `pair_couplings`.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins,), ascending.

    Raises
    ------
    ValueError
        If the spins do not interact in pairs.

    Examples
    --------
    Sleep brings the eigenvalues that are not zero together:

    >>> from hebbian import Dreaming, draw
    >>> for t in (0.0, 10.0, "inf"):
    ...     found = coupling_spectrum(draw(Dreaming(sleep=t), n_spins=400, alpha=0.25))
    ...     print(f"{found[-100]:.2f} {found[-1]:.2f}")
    0.25 2.20
    0.79 1.05
    1.00 1.00
    """
    return np.linalg.eigvalsh(pair_couplings(data))


@checked
def stabilities(data: Dataset, spins: np.ndarray | None = None) -> np.ndarray:
    r"""Return the stabilities :math:`\kappa_i` of all spins of some configurations.

    Parameters
    ----------
    data : Dataset
        As for `pair_couplings`.
    spins : array_like, optional
        Shape (..., n_spins), entries +-1; default: the archetypes, none of which may be blank.

    Returns
    -------
    numpy.ndarray
        Of the shape of `spins`; NaN for a spin without couplings.

    Raises
    ------
    ValueError
        If the spins do not interact in pairs or are not +-1, one for each site.

    Examples
    --------
    The pseudo-inverse network at alpha = 1/5 keeps its patterns by about 2, each site alike:

    >>> import math
    >>> from hebbian import Dreaming, draw
    >>> kappa = stabilities(draw(Dreaming(sleep=math.inf), n_spins=400, alpha=0.2))
    >>> kappa.shape, round(float(kappa.mean()), 1), bool(kappa.min() > 1.5)
    ((80, 400), 2.0, True)
    """
    memory = _of_pairs(data)
    asked = data.archetypes if spins is None else spins
    known = signs("spins", asked, ("...", "n_spins"), lengths=(data.n_spins,))
    J = pair_couplings(data)
    np.fill_diagonal(J, 0.0)
    lengths = np.sqrt(np.square(J).sum(axis=1))
    fields = pair_fields(memory, known.reshape(-1, data.n_spins)).reshape(known.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(lengths > 0, known * fields / lengths, np.nan))


def pair_fields(memory: Memory, spins: np.ndarray) -> np.ndarray:
    """Return the fields of all other spins, (n, n_spins), sums of whole numbers.

    Parameters
    ----------
    memory : Memory
        Of pairs.
    spins : numpy.ndarray
        Shape (n, n_spins), int8.
    """
    if memory.couplings is not None:
        whole = memory.whole_couplings
        return memory.weight * whole.unit * whole.fields(spins).astype(np.float64)
    rows, s = memory.rows.astype(np.float64), spins.astype(np.float64)
    factor = memory.weight * (1 if memory.indices == "distinct" else 2)
    if memory.mixing is None:
        strong = _strong(memory, rows)
        return factor * (s @ rows.T @ strong - s * (rows * strong).sum(axis=0))
    fields = np.empty_like(s)
    overlaps = np.array([s[:, sites] @ rows[:, sites].T for sites in memory.layer_slices])
    for own, sites in enumerate(memory.layer_slices):
        towards = np.tensordot(memory.mixing[own].astype(np.float64), overlaps, 1)
        squares = memory.mixing[own, own] * np.square(rows[:, sites]).sum(axis=0)
        fields[:, sites] = towards @ rows[:, sites] - s[:, sites] * squares
    return factor * fields


def _strong(memory: Memory, rows: np.ndarray) -> np.ndarray:
    """Return the rows times their strengths."""
    return rows if memory.strengths is None else rows * memory.strengths[:, None]


def _of_pairs(data: Dataset) -> Memory:
    """Return the memory of data whose spins interact in pairs."""
    if not isinstance(data, Dataset):
        raise ValueError(f"data = {domain.shown(data)} is not a Dataset: see hebbian.draw")
    memory = data.memory
    if memory.couplings is None and (memory.order != 2 or memory.values is not None):
        raise ValueError(f"data: the spins of {data.model!r} do not interact in pairs")
    return memory
