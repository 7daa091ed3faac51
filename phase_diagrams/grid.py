"""The control parameters of a study: which are swept, which are fixed.

Values are canonical: twelve significant digits (`hebbian.streams.canonical`), so that two
grids that name one number by two floats of `numpy.linspace` name one point.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np

from hebbian import Model, domain
from hebbian.datasets import checked_size
from hebbian.streams import canonical

__all__ = ["Cell", "Grid"]

#: Control parameters that are not parameters of a model, and their domains.
STATE = {
    "alpha": "[0, inf)",
    "T": "[0, inf)",
    "n_spins": "[1, 10000000]",
    "start": "[0, 1]",
}

#: More points than this are a slip of the pen.
MOST_POINTS = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of a grid.

    Parameters
    ----------
    index : tuple of int
        Position along the axes of the grid.
    model : Model
        With the parameters of this point.
    alpha : float or None
        Load; None where the model has none.
    T : float
        Temperature.
    n_spins : int or None
        Size; None in a grid for theory alone.
    start : float or None
        Overlap of the start with the first pattern; None where the grid does not name it.
    """

    index: tuple[int, ...]
    model: Model
    alpha: float | None
    T: float
    n_spins: int | None
    start: float | None = None


class Grid:
    """Values of the control parameters of a study.

    Parameters
    ----------
    model : Model
        Supplies every parameter that `values` does not name.
    values : mapping
        ``alpha``, ``T``, ``n_spins``, ``start`` (an overlap) or a numerical parameter of the
        model or its rule, each a number or a sequence of numbers (an axis, in the order
        given; a number named twice counts once).

    Attributes
    ----------
    model : Model
        With the parameters that `values` fixes.
    axes : dict
        Name and values of every axis.
    fixed : dict
        Those of ``alpha``, ``T``, ``n_spins`` and ``start`` that have one value.
    n_patterns : int or None
        Largest number of patterns of models that retrieve several at once, else None.

    Raises
    ------
    ValueError
        For an unknown parameter, a value outside its range, an empty axis, a missing
        temperature or load, or a load for a model without one.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> grid = Grid(Hopfield(), {"alpha": [0.1 + 0.05, 0.15, 0.1], "T": 0.5})
    >>> grid.axes, grid.fixed
    ({'alpha': (0.15, 0.1)}, {'T': 0.5})
    """

    def __init__(self, model: Model, values: Mapping[str, Any]) -> None:
        self.model = model
        self.axes: dict[str, tuple[float, ...]] = {}
        self.fixed: dict[str, float] = {}
        for name, given in values.items():
            numbers = self._canonical(name, given)
            if np.ndim(given):
                self.axes[name] = tuple(dict.fromkeys(numbers))
            elif name in STATE:
                self.fixed[name] = numbers[0]
            else:
                self.model = self.model.replace(**{name: numbers[0]})
        if "T" not in values:
            raise ValueError("T is missing: a grid needs a temperature in [0, inf)")
        if self.size > MOST_POINTS:
            raise ValueError(f"grid of {self.size} points: at most {MOST_POINTS} are allowed")
        self.n_patterns = self._check_points()

    @classmethod
    def stored(cls, model: Model, values: Mapping[str, Any], n_patterns: int | None) -> Self:
        """Return a grid as a store describes it: every point was judged when it was made.

        So the time that this takes does not grow with the number of models and sizes.

        Raises
        ------
        ValueError
            For what no store holds: an unknown parameter, a value outside its range.
        """
        grid = cls.__new__(cls)
        grid.model, grid.n_patterns = model, n_patterns
        for name, given in values.items():
            grid._judged(name, given)
        grid.axes = {name: tuple(x) for name, x in values.items() if isinstance(x, list)}
        grid.fixed = {name: x for name, x in values.items() if name not in grid.axes}
        return grid

    def _canonical(self, name: str, given: Any) -> list[float]:
        """Return the canonical values of one parameter."""
        array = self._judged(name, given)
        numbers = [float(canonical(number)) for number in array.ravel().tolist()]
        if name == "n_spins":
            numbers = [domain.integer(name, number, STATE[name]) for number in numbers]
        elif name not in STATE:
            numbers = [self.model.replace(**{name: x}).parameters()[name] for x in numbers]
        return numbers

    def _judged(self, name: str, given: Any) -> np.ndarray:
        """Return the values of one parameter, known and in its range, as an array."""
        if name not in STATE and name not in self.model.parameters():
            kind = f"{type(self.model).__name__} with rule {type(self.model.rule).__name__}"
            message = f"{name} is not a parameter of {kind}, nor one of {', '.join(STATE)}"
            known = (*STATE, *self.model.parameters())
            raise domain.UnknownWord(message, name, known)
        array = domain.real_array(name, given, STATE.get(name, "(-inf, inf)"))
        if array.ndim > 1 or not array.size:
            raise ValueError(f"{name} = {given!r} is not a number or a non-empty list of numbers")
        return array

    def _check_points(self) -> int | None:
        """Let every model of the grid judge its load and size; return the most patterns."""
        most = None
        for _, model in self.models():
            sizes = [checked_size(model, n_spins) for n_spins in self.values("n_spins")]
            for n_spins, alpha in itertools.product(sizes or [1], self.values("alpha") or [None]):
                model.count(alpha, n_spins)
            if model.retrieves_several:
                most = max(most or 0, model.count(None, 1))
        return most

    def values(self, name: str) -> tuple[float, ...]:
        """Return the values of one parameter, swept or fixed; empty if the grid lacks it."""
        if name in self.fixed:
            return (self.fixed[name],)
        return self.axes.get(name, ())

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values along every axis."""
        return tuple(len(axis) for axis in self.axes.values())

    @property
    def size(self) -> int:
        """Number of points."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def models(self) -> Iterator[tuple[dict[str, int], Model]]:
        """Yield every model of the grid with its position along the axes of its parameters."""
        names = [name for name in self.axes if name not in STATE]
        for index in itertools.product(*(range(len(self.axes[name])) for name in names)):
            position = dict(zip(names, index, strict=True))
            chosen = {name: self.axes[name][i] for name, i in position.items()}
            yield position, self.model.replace(**chosen) if chosen else self.model

    def cells(self) -> Iterator[Cell]:
        """Yield every point, the last axis fastest."""
        yield from (cell for _, cell in self._points(list(self.axes)))

    def numbered(self) -> Iterator[tuple[int, Cell]]:
        """Yield every point with its number in the order of `cells`, the temperature fastest.

        So points that share their disorder are neighbours.
        """
        yield from self._points(sorted(self.axes, key=lambda name: name == "T"))

    def _points(self, order: list[str]) -> Iterator[tuple[int, Cell]]:
        where = [name for name in self.axes if name not in STATE]

        @lru_cache(maxsize=1024)
        def model_with(values: tuple[float, ...]) -> Model:
            return self.model.replace(**dict(zip(where, values, strict=True)))

        for turn in np.ndindex(*(len(self.axes[name]) for name in order)):
            at = dict(zip(order, turn, strict=True))
            point = {**self.fixed, **{name: axis[at[name]] for name, axis in self.axes.items()}}
            n_spins = point.get("n_spins")
            index = tuple(at[name] for name in self.axes)
            number = 0
            for i, length in zip(index, self.shape, strict=True):
                number = number * length + i
            yield (
                number,
                Cell(
                    index=index,
                    model=model_with(tuple(point[n] for n in where)) if where else self.model,
                    alpha=point.get("alpha"),
                    T=point["T"],
                    n_spins=None if n_spins is None else int(n_spins),
                    start=point.get("start"),
                ),
            )

    def describe(self) -> dict[str, Any]:
        """Return plain data: lists for axes, numbers for fixed parameters."""
        return {**{name: list(axis) for name, axis in self.axes.items()}, **self.fixed}
