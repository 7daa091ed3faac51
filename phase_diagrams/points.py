"""Scattered points: what a refinement computes, where one rectangular grid cannot follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from hebbian import Model
from hebbian.datasets import checked_size

from .grid import STATE, Cell, Grid

__all__ = ["Points"]


class Points(Grid):
    """A list of points, with the interface of a grid whose only axis numbers them.

    Parameters
    ----------
    model : Model
        Supplies every parameter that is not named.
    columns : mapping of str to sequence of float
        The parameters that differ between points: one value per point, all of one length.
    fixed : mapping of str to float, optional
        ``alpha``, ``T`` or ``n_spins`` where all points share one value.

    Attributes
    ----------
    columns : dict
        Canonical values, one per point.

    Raises
    ------
    ValueError
        As `Grid`; for columns of different lengths or none.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> points = Points(Hopfield(), {"alpha": [0.05, 0.1], "T": [0.5, 0.3]}, {"n_spins": 100})
    >>> points.shape, [(cell.alpha, cell.T) for cell in points.cells()]
    ((2,), [(0.05, 0.5), (0.1, 0.3)])
    """

    def __init__(
        self,
        model: Model,
        columns: Mapping[str, Sequence[float]],
        fixed: Mapping[str, float] | None = None,
    ) -> None:
        self.model = model
        self.columns: dict[str, tuple[float, ...]] = {}
        self.fixed = {name: self._canonical(name, x)[0] for name, x in (fixed or {}).items()}
        for name, given in columns.items():
            self.columns[name] = tuple(self._canonical(name, list(given)))
        self.axes = self._numbers(self.columns)
        if "T" not in {*self.columns, *self.fixed}:
            raise ValueError("T is missing: points need a temperature in [0, inf)")
        self.n_patterns = None
        for cell in self.cells():
            size = 1 if cell.n_spins is None else checked_size(cell.model, cell.n_spins)
            count = cell.model.count(cell.alpha, size)
            if cell.model.retrieves_several:
                self.n_patterns = max(self.n_patterns or 0, count)

    @classmethod
    def stored(cls, model: Model, values: Mapping[str, Any], n_patterns: int | None) -> Self:
        """Return points as a store describes them, see `Grid.stored`."""
        fixed = dict(values)
        columns = fixed.pop("points")
        points = super().stored(model, fixed, n_patterns)
        for name, column in columns.items():
            points._judged(name, column)
        points.columns = {name: tuple(column) for name, column in columns.items()}
        points.axes = cls._numbers(points.columns)
        return points

    @staticmethod
    def _numbers(columns: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
        """Return the axis that numbers the points."""
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"points need columns of one length, not {lengths}")
        return {"point": tuple(float(i) for i in range(next(iter(lengths.values()))))}

    def values(self, name: str) -> tuple[float, ...]:
        """Return the distinct values of one parameter."""
        if name in self.columns:
            return tuple(dict.fromkeys(self.columns[name]))
        return super().values(name)

    def models(self) -> Iterator[tuple[dict[str, int], Model]]:
        """Yield every distinct model with the first point that has it."""
        first: dict[Model, int] = {}
        for cell in self.cells():
            first.setdefault(cell.model, cell.index[0])
        for model, i in first.items():
            yield {"point": i}, model

    def cells(self) -> Iterator[Cell]:
        """Yield every point in order."""
        known: dict[tuple[float, ...], Model] = {}
        parameters = [name for name in self.columns if name not in STATE]
        for i in range(len(self.axes["point"])):
            point = {**self.fixed, **{name: column[i] for name, column in self.columns.items()}}
            chosen = {name: point[name] for name in parameters}
            key = tuple(chosen.values())
            if key not in known:
                known[key] = self.model.replace(**chosen) if chosen else self.model
            n_spins = point.get("n_spins")
            yield Cell(
                index=(i,),
                model=known[key],
                alpha=point.get("alpha"),
                T=point["T"],
                n_spins=None if n_spins is None else int(n_spins),
                start=point.get("start"),
            )

    def numbered(self) -> Iterator[tuple[int, Cell]]:
        """Yield every point with its number, in order."""
        yield from enumerate(self.cells())

    def describe(self) -> dict[str, Any]:
        """Return plain data: the columns under ``points``, numbers for fixed parameters."""
        return {"points": {n: list(column) for n, column in self.columns.items()}, **self.fixed}
