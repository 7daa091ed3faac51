r"""How the archetypes reach the couplings: stored, or learnt from noisy examples.

An example of the archetype :math:`\xi^\mu` is
:math:`\eta^{\mu,a}_i = \chi^{\mu,a}_i \xi^\mu_i` with
:math:`P(\chi = \pm 1) = (1 \pm r)/2`: quality `r`, `M` examples per archetype,
:math:`a = 1..M`.  A teacher (`Supervised`) tells which examples belong together, so
that their average is stored; without one (`Unsupervised`) every example is stored by
itself [1]_ [2]_.

References
----------
.. [1] arXiv:2212.00606, *Dense Hebbian neural networks: a replica symmetric picture
   of supervised learning*.
.. [2] arXiv:2308.04106, *Parallel Learning by Multitasking Neural Networks*.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import domain

__all__ = ["Rule", "Storing", "Supervised", "Unsupervised"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Base of the learning rules; two numbers describe the data set.

    Parameters
    ----------
    quality : float
        :math:`r` in (0, 1].
    n_examples : int
        :math:`M >= 1`, examples per archetype.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """

    quality: float
    n_examples: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "quality", domain.real("quality", self.quality, "(0, 1]"))
        n_examples = domain.integer("n_examples", self.n_examples, "[1, 1000000000]")
        object.__setattr__(self, "n_examples", n_examples)

    @property
    def dataset_entropy(self) -> float:
        r""":math:`\rho = (1 - r^2)/(M r^2)`, 0 for perfect data (arXiv:2212.00606)."""
        return (1 - self.quality**2) / (self.n_examples * self.quality**2)

    @property
    def second_moment(self) -> float:
        r""":math:`R = r^2 + (1 - r^2)/M`, mean square of an entry of the example mean."""
        return self.quality**2 + (1 - self.quality**2) / self.n_examples


@dataclass(frozen=True, kw_only=True)
class Storing(Rule):
    """The archetypes themselves are stored: quality 1, one example.

    Examples
    --------
    >>> Storing().dataset_entropy
    0.0
    """

    quality: float = 1.0
    n_examples: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.quality, self.n_examples) != (1.0, 1):
            raise ValueError(
                f"Storing has quality 1 and n_examples 1, not {self.quality} and "
                f"{self.n_examples}: choose Supervised or Unsupervised for noisy examples"
            )

    def __repr__(self) -> str:
        return "Storing()"


@dataclass(frozen=True, kw_only=True)
class Supervised(Rule):
    """With a teacher: the average of the examples of each archetype is stored.

    Examples
    --------
    >>> round(Supervised(quality=0.5, n_examples=30).dataset_entropy, 12)
    0.1
    """


@dataclass(frozen=True, kw_only=True)
class Unsupervised(Rule):
    """Without a teacher: every example is stored by itself.

    Examples
    --------
    >>> Unsupervised(quality=0.5, n_examples=3).second_moment
    0.5
    """
