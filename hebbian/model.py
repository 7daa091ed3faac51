"""What every model is: a small frozen set of parameters that lowers to rows.

A new model is one file like `hebbian.dense` (this interface) and one like
`theory.one_pattern.dense` (its closure); no kernel, registry or command line has to be edited.
`hebbian.testing.check_model` says whether it keeps what is promised of a model.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from . import domain, patterns, registry
from .cards import Card
from .layout import ENTRIES, Layout
from .memory import Memory
from .packed import Packed
from .rules import Rule, Storing

__all__ = ["Model"]

#: Patterns and spins for which a notebook tells the load.
EXAMPLE = (10, 1000)


@dataclass(frozen=True, kw_only=True)
class Model(Card, ABC):
    """Base of the models.

    Parameters
    ----------
    rule : Rule
        `Storing`, `Supervised` or `Unsupervised`.

    Raises
    ------
    ValueError
        When a class is derived whose name is another model's, or which derives from a model
        that is not abstract.
    """

    rule: Rule = field(default_factory=Storing)

    kinds: ClassVar[dict[str, type[Model]]] = {}

    #: Models with some parameters fixed, under names of their own: the class and these.
    named: ClassVar[dict[str, tuple[type[Model], dict[str, Any]]]] = {}

    #: Whether a state may retrieve several archetypes at once.
    retrieves_several: ClassVar[bool] = False

    #: Where a simulation starts that is told nothing else: one of `montecarlo.state.STARTS`.
    natural_start: ClassVar[str] = "pattern"

    #: Whether the energy of a retrieved pattern grows like the number of spins.
    extensive: ClassVar[bool] = True

    #: First patterns that are not stored, and observe alone.
    unstored: ClassVar[int] = 0

    #: What an entry of an archetype may be, and with it how rows are kept: `hebbian.layout`.
    entries: ClassVar[str] = "ternary"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        registry.register(cls, Model, Model.kinds)
        domain.choice(f"{cls.__name__}.entries", cls.entries, ENTRIES)

    def __post_init__(self) -> None:
        if not isinstance(self.rule, Rule):
            raise ValueError(
                f"rule = {self.rule!r} is not a rule: use Storing(), "
                "Supervised(quality=..., n_examples=...) or Unsupervised(...)"
            )

    @abstractmethod
    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return the number of archetypes K at load `alpha`: `hebbian.domain.nearest`, from 1."""

    @property
    def has_load(self) -> bool:
        """Whether the load alpha is a control parameter: `count` refuses to do without."""
        try:
            self.count(None, 100)
        except ValueError:
            return True
        return False

    def load(self, n_patterns: int, n_spins: int) -> float | None:
        """Return the load of a whole number of archetypes: what `count` was asked for, in effect.

        None where there is no load, or nobody knows: then the load asked for stands for it.
        """
        return None

    def check_number(self, n_patterns: int, n_spins: int) -> None:
        """Refuse a number of archetypes that the parameters do not fit: here any is right.

        Raises
        ------
        ValueError
            Naming the number, and the load of one that fits.
        """

    @abstractmethod
    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray | Packed:
        """Draw archetypes: shape (n_patterns, n_spins), int8 or packed.

        A function of the arguments alone, of which a larger number of patterns keeps the
        rows of a smaller one.
        """

    @abstractmethod
    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and an interaction.

        Parameters
        ----------
        rows : numpy.ndarray or Packed
            What the rule makes of the data, shape (n_rows, n_spins), integer: the archetypes,
            the sums over the examples of each, or the examples, `rule.rows_per_pattern` for
            every archetype in turn.
        """

    def lower_sample(self, rows: np.ndarray | Packed, key: np.ndarray) -> Memory:
        """Lower a disorder sample, of which more may be random than its patterns: here nothing is.

        Parameters
        ----------
        rows : numpy.ndarray or Packed
            As for `lower`.
        key : numpy.ndarray
            Stream of what else is drawn.
        """
        return self.lower(rows)

    @abstractmethod
    def example_overlap_scale(self) -> float:
        """Return the factor that makes n of (1/N) sum_i (sum_a eta_i^a) s_i."""

    @property
    def size(self) -> int | None:
        """Number of spins where the model itself says it, else None."""
        return None

    @property
    def learns(self) -> bool:
        """Whether the interaction is made of the archetypes, which else observe alone."""
        return True

    @property
    def n_layers(self) -> int:
        """Number of layers, in each of which overlaps are taken."""
        return 1

    def layers(self, n_spins: int) -> tuple[int, ...]:
        """Return the number of sites of every layer; the layers follow each other."""
        return (n_spins,)

    @property
    def layered(self) -> bool:
        """Whether there are layers none of which is coupled to itself."""
        return False

    def due(self, patterns: np.ndarray, n_patterns: int, t: int) -> np.ndarray:
        """Return the patterns that m and n are taken with after t sweeps, for those observed.

        Parameters
        ----------
        patterns : numpy.ndarray
            Numbers of archetypes.
        n_patterns, t : int
        """
        return patterns

    @property
    def replays(self) -> bool:
        """Whether patterns follow each other, so that those of `due` change with the time."""
        return False

    @property
    def reversible(self) -> bool:
        """Whether a configuration and its reversal have one energy: an even number of spins meet.

        Then the reversal of a pattern is retrieved like the pattern itself.
        """
        return getattr(self, "order", 2) % 2 == 0

    @property
    def polynomial(self) -> bool:
        """Whether its interaction is a polynomial: what devices and mean-field equations know."""
        return True

    @property
    def uniform(self) -> bool:
        """Whether all its patterns are of one strength: what devices and mean-field equations know.

        Else a network is another one when its patterns are in another order.
        """
        return True

    @property
    def logarithmic(self) -> bool:
        """Whether its energy is the logarithm of a sum over patterns, with softmax weights."""
        return False

    @property
    def parallel_only(self) -> bool:
        """Whether all sites are read at once and no energy knows of single spins."""
        return False

    @property
    def self_coupled(self) -> bool:
        """Whether spins are coupled in pairs, each to itself too: the diagonal J_ii."""
        of_pairs = self.polynomial and getattr(self, "order", 2) == 2
        return of_pairs and getattr(self, "indices", "distinct") == "all"

    def check_diagonal(self) -> None:
        """Refuse what keeps the diagonal of couplings that have none.

        Raises
        ------
        ValueError
            Naming the dynamics that keeps it, and the one that does not.
        """
        if not self.self_coupled:
            raise ValueError(
                f"dynamics = 'parallel-diagonal': {self!r} has no diagonal J_ii, as that of "
                "Dense(order=2, indices='all'): dynamics = 'parallel' needs none"
            )

    def sized(self, alpha: float | None, n_spins: int) -> Model:
        """Return the model of one size, its strengths in numbers: itself where they are equal."""
        return self

    def weakened(self, factor: float) -> Model:
        """Return the model whose data are of couplings weaker by a factor: here itself.

        So those of a finite network are (`theory.conventions.weakness`); data that are drawn from
        an interaction are of its weaker one.
        """
        return self

    @property
    def drawable(self) -> bool:
        """Whether a device draws the archetypes itself, by the law that `entries` names.

        Signs are then those of `patterns.rademacher_bits`, ternary entries those of
        `patterns.diluted` with the parameter `dilution`.
        """
        return False

    def layout(self, n_patterns: int, n_spins: int) -> Layout:
        """Return what is known of the rows before they are drawn.

        Examples
        --------
        >>> from hebbian import Hopfield, Supervised
        >>> Hopfield(rule=Supervised(quality=0.5, n_examples=200)).layout(10, 1000)
        Layout(n_rows=10, n_spins=1000, entries='sums', bits=16, value_bits=0, coupling_bits=0)
        """
        rule = self.rule
        n_rows = (n_patterns - self.unstored) * rule.rows_per_pattern
        if rule.by_example or not rule.has_examples:
            return Layout(n_rows, n_spins, self.entries, ENTRIES[self.entries])
        entries = "sums" if rule.largest > 1 else self.entries
        return Layout(n_rows, n_spins, entries, 8 * patterns.sum_type(rule.largest).itemsize)

    def parameters(self) -> dict[str, Any]:
        """Return every parameter, the rule's included, under the names of the grid.

        Without those that are None, as by default.

        Examples
        --------
        >>> from hebbian import Dense
        >>> Dense(order=4).parameters()
        {'order': 4, 'indices': 'distinct', 'rule': 'storing'}
        """
        own = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "rule"}
        own = {name: value for name, value in own.items() if value is not None}
        return own | self.rule.parameters()

    def describe(self) -> dict[str, Any]:
        """Return a plain dictionary from which `Model.build` makes the model again."""
        return {"model": type(self).__name__.lower(), **self.parameters()}

    def _parameters(self) -> dict[str, Any]:
        return self.parameters()

    def _below(self) -> tuple[str, ...]:
        if not self.has_load:
            return ("without a load",)
        load = self.load(*EXAMPLE)
        of_it = (
            "" if load is None else " = {:.3g} for {} patterns of {} spins".format(load, *EXAMPLE)
        )
        return (f"load alpha{of_it}",)

    def stream_key(self) -> dict[str, Any]:
        """Return what the random streams of the dynamics are keyed by: the description.

        A model that gains a parameter leaves it out at the value that it had by nature: so its
        chains keep their noise.
        """
        return self.describe()

    def check_portable(self) -> None:
        """Refuse a model that another process could not make again from its description.

        Raises
        ------
        ValueError
            If it holds what only this process has.
        """

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

        A model that is not known yet is looked for in other packages (`hebbian.registry`).

        Parameters
        ----------
        description : dict
            ``model``, its parameters, ``rule`` and, for a rule with examples,
            ``quality`` and ``n_examples``.

        Raises
        ------
        ValueError
            For an unknown model, rule or parameter, a missing one, or a value out of range;
            if the package of a model cannot be imported.

        Examples
        --------
        >>> Model.build({"model": "dense", "order": 3, "rule": "storing"})
        Dense(order=3, indices='distinct', rule=Storing())
        """
        given = dict(description)
        kind, fixed = _kind(given.pop("model", None))
        rule = Rule.build(given)
        names = [f.name for f in dataclasses.fields(kind) if f.name != "rule"]
        allowed = [name for name in names if name not in fixed]
        for name in given:
            if name not in allowed:
                named = str(description["model"]).upper() if fixed else kind.__name__
                where = f"{named} with rule {type(rule).__name__}"
                message = f"{name} is not a parameter of {where}"
                raise domain.UnknownWord(message, name, allowed)
        return kind(rule=rule, **fixed, **given)


def _kind(name: Any) -> tuple[type[Model], dict[str, Any]]:
    """Return the class of a name, that of another package too, and the parameters it fixes."""
    kinds = Model.kinds
    if isinstance(name, str) and name in Model.named:
        return Model.named[name]
    if isinstance(name, str) and name not in kinds and registry.load(name) and name not in kinds:
        raise ValueError(f"model = {name!r}: its entry point defines no model of that name")
    known = [*kinds, *Model.named]
    if not (isinstance(name, str) and name in kinds):
        known += registry.offered()
    return kinds[domain.choice("model", name, known)], {}
