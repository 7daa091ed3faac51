"""The control parameters of a study: which are swept, which are fixed, and the points they name.

Values are canonical: twelve significant digits (`hebbian.streams.canonical`), so that two
grids that name one number by two floats of `numpy.linspace` name one point.  The canonical
values of all its parameters are the *key* of a point: two points with one key are one.  The
numbers as they were given are its *labels*: coordinates of data sets, by which the user finds
the points again.  Nothing is computed from them.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.datasets import checked_size
from hebbian.streams import canonical

from .points import STATE, Cell

__all__ = ["MOST_POINTS", "Grid", "mapping"]

#: More points than this are a slip of the pen.
MOST_POINTS = 10_000_000


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
        scattered points: a mapping of columns, one value per point; a point named twice counts
        once.

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
    labels : dict
        Of every name in `columns` and `fixed` the numbers as they were given: of two with one
        canonical value on an axis the first; whole numbers as int.
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
    >>> grid.axes, grid.fixed, grid.labels["alpha"]
    ({'alpha': (0.15, 0.1)}, {'T': 0.5}, (0.15000000000000002, 0.1))
    >>> points = Grid(Hopfield(), {"points": {"alpha": [0.05, 0.1], "T": [0.5, 0.3]}})
    >>> points.shape, [(cell.alpha, cell.T) for cell in points.cells()]
    ((2,), [(0.05, 0.5), (0.1, 0.3)])
    """

    def __init__(self, model: Model, values: Mapping[str, Any]) -> None:
        self.model = model
        self._take(values, self._checked)
        if model.size is not None and "n_spins" not in {*self.columns, *self.fixed}:
            self.fixed["n_spins"] = self.labels["n_spins"] = model.size
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
        grid._take(values, lambda _, keys: keys)
        return grid

    def _take(
        self, values: Mapping[str, Any], checked: Callable[[str, list[float]], list[float]]
    ) -> None:
        """Take axes, points and fixed values: canonical numbers, and labels beside them."""
        given = dict(mapping("grid", values))
        columns = given.pop("points", None)
        self.axes: dict[str, tuple[float, ...]] = {}
        self.fixed: dict[str, float] = {}
        self.labels: dict[str, Any] = {}
        for name, value in given.items():
            value = _read(value)
            array = self._judged(name, value)
            keys = checked(name, _canonical(value, array))
            labels = _labels(array, keys)
            if array.ndim:
                # Of two numbers with one key the first is its label.
                first = dict(zip(reversed(keys), reversed(labels), strict=True))
                self.axes[name] = tuple(dict.fromkeys(keys))
                self.labels[name] = tuple(first[key] for key in self.axes[name])
            elif name in STATE:
                self.fixed[name], self.labels[name] = keys[0], labels[0]
            else:
                self.model = self.model.replace(**{name: keys[0]})
        self.columns = dict(self.axes)
        if columns is not None:
            self._scatter(mapping("points", columns), checked)

    def _scatter(
        self, columns: Mapping[str, Any], checked: Callable[[str, list[float]], list[float]]
    ) -> None:
        """Make an axis of numbered points."""
        columns = {name: _read(column) for name, column in columns.items()}
        arrays = {name: self._judged(name, column) for name, column in columns.items()}
        lengths = {name: array.shape for name, array in arrays.items()}
        if self.axes or len(set(lengths.values())) != 1 or () in lengths.values():
            raise ValueError(
                f"points need columns of one length and no axes, not {lengths} and "
                f"{sorted(self.axes)}"
            )
        keys = {name: checked(name, _canonical(columns[name], a)) for name, a in arrays.items()}
        labels = {name: _labels(array, keys[name]) for name, array in arrays.items()}
        # Of two points with one key the first counts.
        first: dict[tuple[float, ...], int] = {}
        for i, row in enumerate(zip(*keys.values(), strict=True)):
            first.setdefault(row, i)
        for name in arrays:
            self.columns[name] = tuple(keys[name][i] for i in first.values())
            self.labels[name] = tuple(labels[name][i] for i in first.values())
        self.axes = {"point": tuple(float(i) for i in range(len(first)))}

    @property
    def scattered(self) -> bool:
        """Whether the points are scattered: no rectangle of axes."""
        return "point" in self.axes

    def _checked(self, name: str, keys: list[float]) -> list[float]:
        """Return the values of one parameter as its model takes them."""
        if name == "n_spins":
            return [domain.integer(name, number, STATE[name]) for number in keys]
        if name not in STATE:
            return [self.model.replace(**{name: x}).parameters()[name] for x in keys]
        return [float(number) for number in keys]

    def _judged(self, name: str, given: Any) -> np.ndarray:
        """Return the values of one parameter, known and in its range, as an array."""
        if name not in STATE and name not in self.model.parameters():
            kind = f"{type(self.model).__name__} with rule {type(self.model.rule).__name__}"
            message = f"{name} is not a parameter of {kind}, nor one of {', '.join(STATE)}"
            known = (*STATE, *self.model.parameters())
            raise domain.UnknownWord(message, name, known)
        array = domain.real_array(name, given, STATE.get(name, "(-inf, inf]"))
        if array.ndim > 1 or not array.size:
            raise ValueError(
                f"{name} = {domain.shown(given)} is not a number or a non-empty list of numbers"
            )
        return array

    def _check_points(self) -> int | None:
        """Let every model of the grid judge its load and size; return the most patterns."""
        most = None
        for model, alpha, n_spins in self._networks():
            count = model.count(alpha, 1 if n_spins is None else checked_size(model, n_spins))
            if n_spins is not None:
                model.check_number(count, n_spins)
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
    def components(self) -> dict[str, int]:
        """Lengths of the axes that overlaps have beyond those of the grid.

        ``pattern`` in networks that retrieve several at once, ``layer`` in assemblies.
        """
        found = {} if self.n_patterns is None else {"pattern": self.n_patterns}
        return found | ({"layer": self.model.n_layers} if self.model.n_layers > 1 else {})

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
        """Return plain data: the labels, lists for axes and numbers for fixed parameters."""
        columns = {name: [*map(_written, self.labels[name])] for name in self.columns}
        fixed = {name: self.labels[name] for name in self.fixed}
        return {**({"points": columns} if self.scattered else columns), **fixed}

    def names(self, name: str) -> dict[float, float]:
        """Return the label of every canonical value of a parameter of `labels`."""
        if name in self.fixed:
            return {self.fixed[name]: self.labels[name]}
        return dict(zip(self.columns[name], self.labels[name], strict=True))

    def relabelled(self, names: Mapping[str, Mapping[float, float]]) -> Grid:
        """Return the same points under other labels: those of `names`, where it has any."""
        found: dict[str, Any] = {}
        for name in self.labels:
            known = self.names(name) | dict(names.get(name, {}))
            if name in self.fixed:
                found[name] = known[self.fixed[name]]
            else:
                found[name] = tuple(known[key] for key in self.columns[name])
        if found == self.labels:
            return self
        grid = copy.copy(self)
        grid.labels = found
        return grid

    def subset(self, chosen: np.ndarray) -> Grid:
        """Return some of the scattered points: those where `chosen`, boolean, is set."""
        columns = {n: np.array(self.labels[n])[chosen].tolist() for n in self.columns}
        return Grid(self.model, {"points": columns, **{n: self.labels[n] for n in self.fixed}})


def mapping(name: str, given: Any) -> Any:
    """Return what has names and values, a table of `pandas`, say."""
    if not hasattr(given, "items"):
        raise ValueError(f"{name} = {domain.shown(given)} is not a mapping of names to numbers")
    return given


def _written(label: float) -> float | str:
    """Return a label as plain data, which have no number for infinity."""
    return "inf" if label == math.inf else label


def _read(given: Any) -> Any:
    """Return given values with numbers in the place of the word for infinity."""
    if not isinstance(given, list):
        return given
    return [math.inf if isinstance(x, str) and x == "inf" else x for x in given]


def _canonical(given: Any, array: np.ndarray) -> list[float]:
    """Return canonical numbers, whole ones of Python, which a store holds, as they are."""
    plain: list[Any] = array.ravel().tolist()
    if isinstance(given, list) or type(given) is int:
        plain = given if isinstance(given, list) else [given]
    return [x if type(x) is int else float(canonical(x)) for x in plain]


def _labels(array: np.ndarray, keys: list[float]) -> list[float]:
    """Return numbers as they were given; those that are canonical as their keys."""
    given = array.ravel().tolist()
    return [key if key == label else label for key, label in zip(keys, given, strict=True)]
