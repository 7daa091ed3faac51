r"""Multitasking networks: diluted patterns, several retrieved at once.

.. math:: H(s) = -\frac{N}{2} \sum_{\mu=1}^K m_\mu^2, \qquad
          m_\mu = \frac1N \sum_i \xi_i^\mu s_i, \qquad
          P(\xi = 0) = d,\ P(\xi = \pm 1) = (1-d)/2,

with no prefactor, so that :math:`T_c = 1 - d` (arXiv:2308.04106; a cost with
:math:`1/(1-d)` has temperatures larger by that factor).  A spin whose column is blank is
free.  With examples the rows have mean one:
:math:`v^\mu = \frac{1}{rM} \sum_a \eta^{\mu,a}` and
:math:`n_\mu = \frac1N \sum_i v_i^\mu s_i`, with a teacher
:math:`H = -\frac N2 \sum_\mu n_\mu^2`, without
:math:`H = -\frac{1}{2 N r^2 M} \sum_{\mu,a} (\sum_i \eta_i^{\mu,a} s_i)^2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from . import domain, patterns
from .calling import checked
from .memory import Memory
from .model import Model
from .packed import Packed
from .stratified import stratified

__all__ = ["Multitasking"]


@checked
@dataclass(frozen=True, kw_only=True)
class Multitasking(Model):
    """Pairwise Hebbian network of diluted patterns.

    Parameters
    ----------
    n_patterns : int
        Number K of patterns, at least 1.  The theory is that of a finite K as N grows (at
        most 200); any K that fits the memory can be simulated, an extensive K = alpha N
        among them.
    dilution : float
        Probability d in [0, 1) of a blank entry.
    rule : Rule
        How the archetypes reach the couplings.
    sampling : {"stratified", "independent"}
        How archetypes are drawn: columns in the exact proportions of the law
        (`hebbian.stratified`), or entries independent of each other.  At finite K the limit of
        large N, hence the theory, is the same; stratified archetypes lack the fluctuations of
        order :math:`N^{-1/2}` by which the patterns of one network differ, and which may
        reverse the weaker patterns of a hierarchy.  Patterns whose number grows with N, or
        with a few entries each, are to be independent: there the fluctuations are the law.
        Examples are drawn independently in both cases.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    Simulations start in the hierarchy unless they are told otherwise: every spin follows the
    first pattern that is not blank there, so that the order and the signs of all patterns are
    given.  From one pattern alone the signs of the others are a matter of chance.

    Examples
    --------
    >>> Multitasking(n_patterns=3, dilution=0.3).count(None, n_spins=1000)
    3
    """

    n_patterns: int = 3
    dilution: float = 0.3
    sampling: str = "stratified"

    retrieves_several: ClassVar[bool] = True
    natural_start: ClassVar[str] = "hierarchical"

    def __post_init__(self) -> None:
        super().__post_init__()
        n_patterns = domain.integer("n_patterns", self.n_patterns, "[1, 1000000]")
        object.__setattr__(self, "n_patterns", n_patterns)
        object.__setattr__(self, "dilution", domain.real("dilution", self.dilution, "[0, 1)"))
        domain.choice("sampling", self.sampling, ("independent", "stratified"))

    def __repr__(self) -> str:
        sampling = "" if self.sampling == "stratified" else f"sampling={self.sampling!r}, "
        return (
            f"Multitasking(n_patterns={self.n_patterns}, dilution={self.dilution}, "
            f"{sampling}rule={self.rule!r})"
        )

    def stream_key(self) -> dict[str, Any]:
        """Return the description, without the sampling where entries are independent."""
        key = super().stream_key()
        if self.sampling == "independent":
            del key["sampling"]
        return key

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K; there is no load, and `alpha` must be None.

        Raises
        ------
        ValueError
            If a load is given.
        """
        if alpha is not None:
            raise ValueError(f"alpha = {alpha} is not a parameter of Multitasking: use n_patterns")
        return self.n_patterns

    @property
    def self_coupled(self) -> bool:
        """Whether there is a diagonal: squares of the overlaps are literal."""
        return True

    @property
    def drawable(self) -> bool:
        """Whether the entries are independent of each other."""
        return self.sampling == "independent"

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
        """Draw diluted archetypes, independent or stratified."""
        sample = stratified if self.sampling == "stratified" else patterns.diluted
        return sample(key, n_patterns, n_spins, self.dilution)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and an interaction; see `Model.lower`."""
        rule = self.rule
        weight = 0.5 / rows.shape[1] / rule.quality**2 / rule.n_examples / rule.largest
        return Memory(rows=rows, order=2, indices="all", weight=weight)

    def example_overlap_scale(self) -> float:
        """Return 1 / (r M): the rows of the example means have mean one."""
        return 1 / (self.rule.quality * self.rule.n_examples)
