"""The control parameters of a study: which are swept, which are fixed, and the points they name.

Values are canonical: twelve significant digits (`hebbian.streams.canonical`), so that two
grids that name one number by two floats of `numpy.linspace` name one point.  The canonical
values of all its parameters are the *key* of a point: two points with one key are one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.datasets import checked_size
from hebbian.streams import canonical

__all__ = ["Cell", "Grid", "numbers"]

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

    def key(self) -> str:
        """Return the canonical coordinates of the point as one text.

        Examples
        --------
        >>> from hebbian import Hopfield
        >>> Cell(index=(), model=Hopfield(), alpha=0.1 + 0.05, T=0.5, n_spins=100).key()
        'T=0.5, alpha=0.15, n_spins=100'
        """
        state = {name: getattr(self, name) for name in STATE}
        named = {name: value for name, value in state.items() if value is not None}
        named |= numbers(self.model)
        return ", ".join(f"{name}={canonical(named[name])}" for name in sorted(named))


class Grid:
    """Values of the control parameters of a study.

    Parameters
    ----------
    model : Model
        Supplies every parameter that `values` does not name.
    values : mapping
        ``alpha``, ``T``, ``n_spins``, ``start`` (an overlap) or a numerical parameter of the
        model or its rule, each a number or a sequence of numbers (an axis, in the order
        given; a number named twice counts once).  In the place of axes ``points`` may name
        scattered points: a mapping of columns, one value per point.

    Attributes
    ----------
    model : Model
        With the parameters that `values` fixes.
    axes : dict
        Name and values of every axis; scattered points are numbered along one, ``point``.
    columns : dict
        Name and values of every swept parameter: those of the axes, or of the points.
    fixed : dict
        Those of ``alpha``, ``T``, ``n_spins`` and ``start`` that have one value.
    n_patterns : int or None
        Largest number of patterns of models that retrieve several at once, else None.

    Raises
    ------
    ValueError
        For an unknown parameter, a value outside its range, an empty axis, columns of
        different lengths, a missing temperature or load, or a load for a model without one.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> grid = Grid(Hopfield(), {"alpha": [0.1 + 0.05, 0.15, 0.1], "T": 0.5})
    >>> grid.axes, grid.fixed
    ({'alpha': (0.15, 0.1)}, {'T': 0.5})
    >>> points = Grid(Hopfield(), {"points": {"alpha": [0.05, 0.1], "T": [0.5, 0.3]}})
    >>> points.shape, [(cell.alpha, cell.T) for cell in points.cells()]
    ((2,), [(0.05, 0.5), (0.1, 0.3)])
    """

    def __init__(self, model: Model, values: Mapping[str, Any]) -> None:
        given = dict(values)
        columns = given.pop("points", None)
        self.model = model
        self.axes: dict[str, tuple[float, ...]] = {}
        self.fixed: dict[str, float] = {}
        for name, value in given.items():
            values_of = self._canonical(name, value)
            if np.ndim(value):
                self.axes[name] = tuple(dict.fromkeys(values_of))
            elif name in STATE:
                self.fixed[name] = values_of[0]
            else:
                self.model = self.model.replace(**{name: values_of[0]})
        self.columns = dict(self.axes)
        if columns is not None:
            self._scatter({n: self._canonical(n, list(column)) for n, column in columns.items()})
        if "T" not in {*self.columns, *self.fixed}:
            raise ValueError("T is missing: a grid needs a temperature in [0, inf)")
        if self.size > MOST_POINTS:
            raise ValueError(f"grid of {self.size} points: at most {MOST_POINTS} are allowed")
        self.n_patterns = self._check_points()

    @classmethod
    def stored(cls, model: Model, values: Mapping[str, Any], n_patterns: int | None) -> Grid:
        """Return a grid as a store describes it: every point was judged when it was made.

        So the time that this takes does not grow with the number of models and sizes.

        Raises
        ------
        ValueError
            For what no store holds: an unknown parameter, a value outside its range.
        """
        grid = cls.__new__(cls)
        grid.model, grid.n_patterns = model, n_patterns
        given = dict(values)
        columns = given.pop("points", None)
        for name, value in {**given, **(columns or {})}.items():
            grid._judged(name, value)
        grid.axes = {name: tuple(x) for name, x in given.items() if isinstance(x, list)}
        grid.fixed = {name: x for name, x in given.items() if name not in grid.axes}
        grid.columns = dict(grid.axes)
        if columns is not None:
            grid._scatter(columns)
        return grid

    def _scatter(self, columns: Mapping[str, list[float]]) -> None:
        """Make an axis of numbered points."""
        lengths = {name: len(column) for name, column in columns.items()}
        if self.axes or len(set(lengths.values())) != 1:
            raise ValueError(
                f"points need columns of one length and no axes, not {lengths} and "
                f"{sorted(self.axes)}"
            )
        self.columns = {name: tuple(column) for name, column in columns.items()}
        self.axes = {"point": tuple(float(i) for i in range(next(iter(lengths.values()))))}

    @property
    def scattered(self) -> bool:
        """Whether the points are scattered: no rectangle of axes."""
        return "point" in self.axes

    def _canonical(self, name: str, given: Any) -> list[float]:
        """Return the canonical values of one parameter."""
        array = self._judged(name, given)
        found = [float(canonical(number)) for number in array.ravel().tolist()]
        if name == "n_spins":
            found = [domain.integer(name, number, STATE[name]) for number in found]
        elif name not in STATE:
            found = [self.model.replace(**{name: x}).parameters()[name] for x in found]
        return found

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
        for model, alpha, n_spins in self._networks():
            count = model.count(alpha, 1 if n_spins is None else checked_size(model, n_spins))
            if model.retrieves_several:
                most = max(most or 0, count)
        return most

    def _networks(self) -> Iterator[tuple[Model, float | None, int | None]]:
        """Yield every model with every load and size that it has."""
        if self.scattered:
            yield from {(cell.model, cell.alpha, cell.n_spins): 0 for cell in self.cells()}
            return
        loads, sizes = (self.values(name) or (None,) for name in ("alpha", "n_spins"))
        for _, model in self.models():
            for n_spins, alpha in itertools.product(sizes, loads):
                yield model, alpha, None if n_spins is None else int(n_spins)

    def values(self, name: str) -> tuple[float, ...]:
        """Return the distinct values of one parameter, swept or fixed; empty if it has none."""
        if name in self.fixed:
            return (self.fixed[name],)
        return tuple(dict.fromkeys(self.columns.get(name, ())))

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

    def models(self) -> Iterator[tuple[dict[str, float], Model]]:
        """Yield every distinct model of the grid with the swept parameters that make it."""
        names = [name for name in self.columns if name not in STATE]
        columns = [self.columns[name] for name in names]
        rows = zip(*columns, strict=True) if self.scattered else itertools.product(*columns)
        for values in dict.fromkeys(rows) if names else [()]:
            chosen = dict(zip(names, values, strict=True))
            yield chosen, self._model(chosen)

    def _model(self, chosen: dict[str, float]) -> Model:
        return self.model.replace(**chosen) if chosen else self.model

    def cells(self) -> Iterator[Cell]:
        """Yield every point, the last axis fastest."""
        yield from (cell for _, cell in self._points(list(self.axes)))

    def numbered(self) -> Iterator[tuple[int, Cell]]:
        """Yield every point with its number in the order of `cells`, the temperature fastest.

        So points that share their disorder are neighbours.
        """
        yield from self._points(sorted(self.axes, key=lambda name: name == "T"))

    def _points(self, order: list[str]) -> Iterator[tuple[int, Cell]]:
        where = [name for name in self.columns if name not in STATE]
        axis_of = {name: "point" if self.scattered else name for name in self.columns}

        @lru_cache(maxsize=1024)
        def model_with(values: tuple[float, ...]) -> Model:
            return self._model(dict(zip(where, values, strict=True)))

        for turn in np.ndindex(*(len(self.axes[name]) for name in order)):
            at = dict(zip(order, turn, strict=True))
            swept = {name: values[at[axis_of[name]]] for name, values in self.columns.items()}
            point = {**self.fixed, **swept}
            n_spins = point.get("n_spins")
            index = tuple(at[name] for name in self.axes)
            number = 0
            for i, length in zip(index, self.shape, strict=True):
                number = number * length + i
            yield (
                number,
                Cell(
                    index=index,
                    model=model_with(tuple(point[n] for n in where)),
                    alpha=point.get("alpha"),
                    T=point["T"],
                    n_spins=None if n_spins is None else int(n_spins),
                    start=point.get("start"),
                ),
            )

    def describe(self) -> dict[str, Any]:
        """Return plain data: lists for axes, numbers for fixed parameters."""
        columns = {name: list(values) for name, values in self.columns.items()}
        return {**({"points": columns} if self.scattered else columns), **self.fixed}

    def subset(self, chosen: np.ndarray) -> Grid:
        """Return some of the scattered points: those where `chosen`, boolean, is set."""
        columns = {n: np.array(values)[chosen].tolist() for n, values in self.columns.items()}
        return Grid(self.model, {"points": columns, **self.fixed})


def numbers(model: Model) -> dict[str, float]:
    """Return the numerical parameters of a model: those that may be an axis."""
    found = model.parameters().items()
    return {n: x for n, x in found if isinstance(x, int | float) and not isinstance(x, bool)}
