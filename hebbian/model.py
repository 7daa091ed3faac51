"""What every model is: a small frozen set of parameters that lowers to rows.

A new model is one file like `hebbian.dense` (this interface) and one like
`theory.one_pattern.dense` (its closure); no kernel, registry or command line has to be edited.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from . import domain, rules
from .memory import Memory
from .packed import Packed
from .rules import Rule, Storing

__all__ = ["Model"]

_RULES = {kind.__name__.lower(): kind for kind in (Storing, rules.Supervised, rules.Unsupervised)}


@dataclass(frozen=True, kw_only=True)
class Model(ABC):
    """Base of the models.

    Parameters
    ----------
    rule : Rule
        `Storing`, `Supervised` or `Unsupervised`.
    """

    rule: Rule = field(default_factory=Storing)

    kinds: ClassVar[dict[str, type[Model]]] = {}

    #: Whether a state may retrieve several archetypes at once.
    retrieves_several: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Model.kinds[cls.__name__.lower()] = cls

    def __post_init__(self) -> None:
        if not isinstance(self.rule, Rule):
            raise ValueError(
                f"rule = {self.rule!r} is not a rule: use Storing(), "
                "Supervised(quality=..., n_examples=...) or Unsupervised(...)"
            )

    @abstractmethod
    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return the number of archetypes K at load `alpha`."""

    @abstractmethod
    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray | Packed:
        """Draw archetypes: shape (n_patterns, n_spins), int8 or packed."""

    @abstractmethod
    def lower(self, archetypes: np.ndarray | Packed, examples: np.ndarray | Packed) -> Memory:
        """Lower to rows and an interaction.

        Parameters
        ----------
        archetypes : numpy.ndarray
            Shape (n_patterns, n_spins), int8.
        examples : numpy.ndarray
            What the rule needs of the data: for `Unsupervised` the examples, shape
            (n_patterns, n_examples, n_spins) or packed with one row an example; for
            `Supervised` their sums over each archetype, shape (n_patterns, n_spins);
            ignored for `Storing`.
        """

    @abstractmethod
    def example_overlap_scale(self) -> float:
        """Return the factor that makes n of (1/N) sum_i (sum_a eta_i^a) s_i."""

    def rows(
        self, archetypes: np.ndarray | Packed, examples: np.ndarray | Packed
    ) -> np.ndarray | Packed:
        """Return the integer rows of the rule: archetypes, sums, or single examples."""
        if isinstance(self.rule, Storing):
            return archetypes
        if isinstance(examples, Packed):
            return examples
        return examples.reshape(-1, archetypes.shape[1])

    def parameters(self) -> dict[str, Any]:
        """Return every parameter, the rule's included, under the names of the grid.

        Examples
        --------
        >>> from hebbian import Dense
        >>> Dense(order=4).parameters()
        {'order': 4, 'indices': 'distinct', 'rule': 'storing'}
        """
        own = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "rule"}
        own["rule"] = type(self.rule).__name__.lower()
        if not isinstance(self.rule, Storing):
            own |= {"quality": self.rule.quality, "n_examples": self.rule.n_examples}
        return own

    def describe(self) -> dict[str, Any]:
        """Return a plain dictionary from which `Model.build` makes the model again."""
        return {"model": type(self).__name__.lower(), **self.parameters()}

    def replace(self, **changes: Any) -> Self:
        """Return the model with some parameters changed, the rule's among them.

        Raises
        ------
        ValueError
            For a parameter that the model or its rule does not have.
        """
        built = Model.build({**self.describe(), **changes})
        assert isinstance(built, type(self))
        return built

    @staticmethod
    def build(description: dict[str, Any]) -> Model:
        """Make a model from plain data: the inverse of `describe`.

        Parameters
        ----------
        description : dict
            ``model``, its parameters, ``rule`` and, for a rule with examples,
            ``quality`` and ``n_examples``.

        Raises
        ------
        ValueError
            For an unknown model, rule or parameter, a missing one, or a value out of range.

        Examples
        --------
        >>> Model.build({"model": "dense", "order": 3, "rule": "storing"})
        Dense(order=3, indices='distinct', rule=Storing())
        """
        given = dict(description)
        kind = Model.kinds[domain.choice("model", given.pop("model", None), Model.kinds)]
        rule_kind = _RULES[domain.choice("rule", given.pop("rule", "storing"), _RULES)]
        rule: Rule
        if rule_kind is Storing:
            rule = Storing()
        else:
            missing = [name for name in ("quality", "n_examples") if name not in given]
            if missing:
                raise ValueError(f"rule {rule_kind.__name__} needs {' and '.join(missing)}")
            rule = rule_kind(quality=given.pop("quality"), n_examples=given.pop("n_examples"))
        allowed = [f.name for f in dataclasses.fields(kind) if f.name != "rule"]
        for name in given:
            if name not in allowed:
                where = f"{kind.__name__} with rule {rule_kind.__name__}"
                message = f"{name} is not a parameter of {where}"
                raise domain.UnknownWord(message, name, allowed)
        return kind(rule=rule, **given)
