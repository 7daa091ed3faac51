r"""The losses that a Hebbian network of pairs minimises, and the energy they make.

For a pattern :math:`\eta` and spins s the two losses are the distances from the pattern
and from its negative (arXiv:2308.04106),

.. math::
    L_\pm = \frac{1}{2N} \|\eta \pm s\|^2 = A \pm m, \qquad
    A = \frac{1 + a}{2}, \quad a = \frac1N \sum_i \eta_i^2, \quad m = \frac1N \sum_i \eta_i s_i,

so that :math:`m^2 = A^2 - L_+ L_-` and the energy is a constant plus the sum of the products
:math:`L_+ L_-`, at every configuration:

============  ===============  ===========================================================
rule          :math:`\eta`      energy of `Multitasking`
============  ===============  ===========================================================
Storing       archetypes       :math:`-\frac N2 \sum_\mu (A_\mu^2 - L_+^\mu L_-^\mu)`
Supervised    example means    the same, with A and L of the means :math:`v^\mu`
Unsupervised  single examples  :math:`-\frac{N}{2 r^2 M} \sum_{\mu a}
                               (A_{\mu a}^2 - L_+^{\mu a} L_-^{\mu a})`
============  ===============  ===========================================================

To lower the energy is to lower the sum of the products.  It is not to lower every one of
them: each falls as its :math:`|m_\mu|` grows, and in a hierarchy those of the weak patterns
stay high.  The losses of the archetypes follow those of the examples only as
:math:`m_\mu` follows :math:`n_\mu` (for the Gaussian law of the example mean
:math:`m_\mu = n_\mu (1 - \rho E[(\xi^\mu)^2 (1 - \tanh^2)]/T)`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .datasets import Dataset
from .spins import signs

__all__ = ["Losses", "archetype_losses", "energy", "learnt_losses"]


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Losses of patterns at given configurations.

    Parameters
    ----------
    plus, minus : numpy.ndarray
        Shape (..., n_patterns), or (..., n_patterns, n_examples) of single examples, the
        leading axes those of the configurations: L+ is 0 at s = -eta, L- at s = eta.
    """

    plus: np.ndarray
    minus: np.ndarray

    @property
    def level(self) -> np.ndarray:
        """Level A = (L+ + L-)/2, which no flip changes."""
        return (self.plus + self.minus) / 2

    @property
    def overlap(self) -> np.ndarray:
        """Overlap m = (L+ - L-)/2."""
        return (self.plus - self.minus) / 2

    @property
    def product(self) -> np.ndarray:
        """Product L+ L- = A^2 - m^2, the term of the energy."""
        return self.plus * self.minus


def archetype_losses(data: Dataset, spins: np.ndarray, *, support: bool = False) -> Losses:
    r"""Return the losses of the archetypes, whether stored or to be learnt.

    Parameters
    ----------
    data : Dataset
    spins : numpy.ndarray
        Shape (..., n_spins), entries +-1.
    support : bool
        Sum over the entries that are not blank alone, and divide by their number:
        :math:`\ell_\pm = 1 \pm m/a`.

    Returns
    -------
    Losses
        Of shape (..., n_patterns); NaN on the support of a pattern that is all blank.

    Raises
    ------
    ValueError
        If `spins` does not hold configurations of the network.

    Examples
    --------
    >>> from hebbian import Multitasking, draw
    >>> data = draw(Multitasking(n_patterns=2, dilution=0.5), n_spins=8, seed=3)
    >>> archetype_losses(data, np.ones(8), support=True).level
    array([1., 1.])
    """
    losses = _losses(data.archetypes, 1.0, _configurations(data, spins))
    if not support:
        return losses
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = losses.overlap / (2 * losses.level - 1)
    return Losses(plus=1 + ratio, minus=1 - ratio)


def learnt_losses(data: Dataset, spins: np.ndarray) -> Losses:
    """Return the losses of what the rule stores.

    Parameters
    ----------
    data : Dataset
    spins : numpy.ndarray
        Shape (..., n_spins), entries +-1.

    Returns
    -------
    Losses
        Of the archetypes for `Storing` and of the example means for `Supervised`, shape
        (..., n_patterns); of the single examples for `Unsupervised`, shape
        (..., n_patterns, n_examples).

    Raises
    ------
    ValueError
        If `spins` does not hold configurations of the network.

    Examples
    --------
    >>> from hebbian import Hopfield, Unsupervised, draw
    >>> model = Hopfield(rule=Unsupervised(quality=0.8, n_examples=5))
    >>> data = draw(model, alpha=0.1, n_spins=30, seed=1)
    >>> learnt_losses(data, np.ones(30)).plus.shape
    (3, 5)
    """
    losses = _losses(data.memory.rows, _pattern_scale(data), _configurations(data, spins))
    if not data.model.rule.by_example:
        return losses
    shape = (*losses.plus.shape[:-1], data.n_patterns, -1)
    return Losses(plus=losses.plus.reshape(shape), minus=losses.minus.reshape(shape))


def energy(data: Dataset, losses: Losses) -> np.ndarray:
    r"""Return the energy H that the losses of `learnt_losses` make, shape (...).

    :math:`-w \sum g (N/c)^2 (A^2 - L_+ L_-)` with w the weight of the rows, g their strengths, 1
    where there are none, and c the factor that makes patterns of them; where the sites of a pair
    are distinct, less the terms of each site with itself.

    Raises
    ------
    ValueError
        If the interaction is not one of pairs.

    Examples
    --------
    >>> from hebbian import Multitasking, draw
    >>> data = draw(Multitasking(n_patterns=2, sampling="independent"), n_spins=50, seed=1)
    >>> spins = np.where(np.arange(50) % 3, 1, -1)
    >>> float(energy(data, learnt_losses(data, spins))), data.memory.energy(spins)
    (-2.32, -2.32)
    """
    memory, scale = data.memory, _pattern_scale(data)
    if memory.order != 2:
        raise ValueError(f"{data.model!r}: losses make the energy of pairs alone, order = 2")
    axes = (-2, -1) if data.model.rule.by_example else (-1,)
    squares = (data.n_spins / scale) ** 2 * (losses.level**2 - losses.product)
    if memory.indices == "distinct":
        own = data.n_spins / scale**2 * (2 * losses.level - 1)
        squares = (squares - own) / 2
    if memory.strengths is not None:
        squares = squares * memory.strengths.reshape(losses.level.shape[squares.ndim - len(axes) :])
    return np.asarray(-memory.weight * squares.sum(axis=axes))


def _pattern_scale(data: Dataset) -> float:
    """Return the factor that makes patterns of the rows: means of sums, examples as they are."""
    return 1.0 if data.model.rule.by_example else data.model.example_overlap_scale()


def _configurations(data: Dataset, spins: np.ndarray) -> np.ndarray:
    return signs("spins", spins, ("...", "n_spins"), lengths=(data.n_spins,))


def _losses(rows: np.ndarray, scale: float, spins: np.ndarray) -> Losses:
    """Return the losses of the patterns `scale` x `rows`."""
    n_spins = rows.shape[1]
    pattern = scale * rows.astype(np.float64)
    level = (1 + np.square(pattern).sum(axis=1) / n_spins) / 2
    overlap = spins.astype(np.float64) @ pattern.T / n_spins
    return Losses(plus=level + overlap, minus=level - overlap)
