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

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from . import domain, patterns, registry
from .calling import checked
from .cards import Card
from .packed import Kept, Packed, PackedSums, take

__all__ = ["Rule", "Storing", "Supervised", "Unsupervised"]


@dataclass(frozen=True, kw_only=True)
class Rule(Card, ABC):
    """Base of the learning rules: which rows the network makes of its data.

    Two numbers describe the data set.

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

    kinds: ClassVar[dict[str, type[Rule]]] = {}

    #: Whether there are examples; otherwise the archetypes are known.
    has_examples: ClassVar[bool] = True
    #: Whether every example is a row by itself; otherwise an archetype has one row.
    by_example: ClassVar[bool] = False
    #: Whether a device makes the same rows as `learn`.
    drawable: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        registry.register(cls, Rule, Rule.kinds)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quality", domain.real("quality", self.quality, "(0, 1]"))
        n_examples = domain.integer("n_examples", self.n_examples, "[1, 1000000000]")
        object.__setattr__(self, "n_examples", n_examples)

    @abstractmethod
    def learn(self, key: np.ndarray, archetypes: np.ndarray | Packed) -> np.ndarray | Packed:
        """Draw the examples of the stream `key` and return the rows made of them."""

    def gather(self, examples: np.ndarray) -> np.ndarray:
        """Return the rows of given examples, int8 of shape (n_patterns, n_examples, n_spins).

        Here the examples, those of an archetype in consecutive rows, or their sums.
        """
        if self.by_example:
            return examples.reshape(-1, examples.shape[-1])
        return examples.sum(axis=1, dtype=np.int32)

    def sums(self, rows: np.ndarray | Packed) -> Kept:
        """Return the examples summed over each archetype, from the rows.

        More generally what `n` is the overlap with, up to `Model.example_overlap_scale`.
        """
        if not self.by_example:
            return rows
        if isinstance(rows, Packed):
            return PackedSums(rows, self.n_examples)
        return rows.reshape(-1, self.n_examples, rows.shape[1]).sum(axis=1, dtype=np.int32)

    def examples_of(self, data: Any) -> Callable[[int], np.ndarray] | None:
        """Return what makes the examples of a pattern of a `hebbian.Dataset`.

        None where only their sums are known.
        """
        if not self.by_example:
            return None
        size = self.n_examples
        return lambda pattern: take(
            data.memory.kept_rows, slice(pattern * size, (pattern + 1) * size)
        )

    @property
    def rows_per_pattern(self) -> int:
        """Rows that an archetype makes."""
        return self.n_examples if self.by_example else 1

    @property
    def largest(self) -> int:
        """Largest entry of a row, the entries of archetypes being at most 1."""
        return 1 if self.by_example else self.n_examples

    def parameters(self) -> dict[str, Any]:
        """Return plain data, from which `build` makes the rule again."""
        own = dataclasses.asdict(self) if self.has_examples else {}
        return {"rule": type(self).__name__.lower(), **own}

    def _parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self.parameters().items() if name != "rule"}

    def _below(self) -> tuple[str, ...]:
        return (f"dataset entropy {self.dataset_entropy:.4g}",)

    @staticmethod
    def build(given: dict[str, Any]) -> Rule:
        """Take the parameters of a rule out of `given` and make it: the inverse of `parameters`.

        Raises
        ------
        ValueError
            For an unknown rule, a missing parameter, or a value out of range.
        """
        kind = Rule.kinds[domain.choice("rule", given.pop("rule", "storing"), Rule.kinds)]
        names = [f.name for f in dataclasses.fields(kind) if kind.has_examples]
        missing = [name for name in names if name not in given]
        if missing:
            raise ValueError(f"rule {kind.__name__} needs {' and '.join(missing)}")
        return kind(**{name: given.pop(name) for name in names})

    @property
    def dataset_entropy(self) -> float:
        r""":math:`\rho = (1 - r^2)/(M r^2)`, 0 for perfect data (arXiv:2212.00606)."""
        return (1 - self.quality**2) / (self.n_examples * self.quality**2)

    @property
    def second_moment(self) -> float:
        r""":math:`R = r^2 + (1 - r^2)/M`, mean square of an entry of the example mean."""
        return self.quality**2 + (1 - self.quality**2) / self.n_examples


@checked
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

    has_examples: ClassVar[bool] = False
    drawable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.quality, self.n_examples) != (1.0, 1):
            raise ValueError(
                f"Storing has quality 1 and n_examples 1, not {self.quality} and "
                f"{self.n_examples}: choose Supervised or Unsupervised for noisy examples"
            )

    def __repr__(self) -> str:
        return "Storing()"

    def learn(self, key: np.ndarray, archetypes: np.ndarray | Packed) -> np.ndarray | Packed:
        """Return the archetypes."""
        return archetypes

    def gather(self, examples: np.ndarray) -> np.ndarray:
        """Return the only example of each archetype."""
        return examples[:, 0]

    def examples_of(self, data: Any) -> Callable[[int], np.ndarray]:
        """Return what takes a pattern out."""
        return lambda pattern: data.observed([pattern])[0]


@checked
@dataclass(frozen=True, kw_only=True)
class Supervised(Rule):
    """With a teacher: the average of the examples of each archetype is stored.

    Examples
    --------
    >>> round(Supervised(quality=0.5, n_examples=30).dataset_entropy, 12)
    0.1
    """

    drawable: ClassVar[bool] = True

    def learn(self, key: np.ndarray, archetypes: np.ndarray | Packed) -> np.ndarray:
        """Sum the examples over each archetype without keeping them."""
        return patterns.example_sums(key, archetypes, self.quality, self.n_examples)

    def examples_of(self, data: Any) -> Callable[[int], np.ndarray] | None:
        """Return what draws the examples of a pattern again; None for given data."""
        key, law = data.example_key, (self.quality, self.n_examples)
        if key is None:
            return None

        @lru_cache(maxsize=1)
        def find(pattern: int) -> np.ndarray:
            archetype = data.observed([pattern])[0]
            return patterns.examples(key, archetype, *law, first_pattern=pattern)[0]

        return find


@checked
@dataclass(frozen=True, kw_only=True)
class Unsupervised(Rule):
    """Without a teacher: every example is stored by itself.

    Examples
    --------
    >>> Unsupervised(quality=0.5, n_examples=3).second_moment
    0.5
    """

    by_example: ClassVar[bool] = True
    drawable: ClassVar[bool] = True

    def learn(self, key: np.ndarray, archetypes: np.ndarray | Packed) -> np.ndarray | Packed:
        """Draw the examples, those of an archetype in consecutive rows."""
        if isinstance(archetypes, Packed):
            return patterns.packed_examples(key, archetypes, self.quality, self.n_examples)
        return self.gather(patterns.examples(key, archetypes, self.quality, self.n_examples))
