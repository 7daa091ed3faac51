"""Points by their keys: where those of one grid stand in another, and a grid for all of them.

The key of a point is its canonical coordinates: load, temperature, size and start as far as
the grid names them, and every numerical parameter of the model, swept or not.
"""

from __future__ import annotations

import numpy as np

from hebbian.streams import canonical, key, philox

from .grid import Grid
from .points import numbers

__all__ = ["coordinates", "find", "hashes", "united"]


def coordinates(grid: Grid) -> dict[str, np.ndarray]:
    """Return every coordinate of the keys by name: arrays that broadcast to the shape."""
    found = {name: np.array(float(canonical(x))) for name, x in numbers(grid.model).items()}
    found |= {name: np.array(value) for name, value in grid.fixed.items()}
    for name, values in grid.columns.items():
        along = [-1 if grid.scattered or other == name else 1 for other in grid.axes]
        found[name] = np.array(values, float).reshape(along)
    return dict(sorted(found.items()))


def hashes(grid: Grid) -> np.ndarray:
    """Return a hash of the key of every point: shape (size,), uint32.

    The exclusive or of a Philox word of each coordinate, so that neither their order nor that
    of the axes matters.  (Checksums would not do: they are linear, and steps along two axes
    cancel.)
    """
    found = np.zeros(grid.shape, np.uint32)
    for name, values in coordinates(grid).items():
        words = values.astype("<f8").reshape(*values.shape, 1).view("<u4")
        found = found ^ philox(key(0, name), words[..., 0], words[..., 1])[..., 0]
    return found.ravel()


def find(grid: Grid, other: Grid) -> np.ndarray:
    """Return the numbers that the points of another grid, in their order, have in this one.

    Parameters
    ----------
    grid, other : Grid
        Of the same kind of model.

    Returns
    -------
    numpy.ndarray
        Shape (other.size,); -1 for points that are not here.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> grid = Grid(Hopfield(), {"T": [0.1, 0.2, 0.3], "alpha": [0.05, 0.1]})
    >>> find(grid, Grid(Hopfield(), {"points": {"alpha": [0.1, 0.2], "T": [0.3, 0.3]}}))
    array([ 5, -1])
    """
    if grid.scattered:
        known = {cell.key(): i for i, cell in enumerate(grid.cells())}
        return np.array([known.get(cell.key(), -1) for cell in other.cells()], np.int64)
    ours, theirs = coordinates(grid), coordinates(other)
    place, there = np.zeros(other.shape, np.int64), np.array(ours.keys() == theirs.keys())
    for name in ours.keys() & theirs.keys():
        values = ours[name].ravel()
        order = values.argsort()
        at = order[np.searchsorted(values, theirs[name], sorter=order).clip(max=len(order) - 1)]
        there = there & (values[at] == theirs[name])
        if name in grid.axes:
            behind = grid.shape[list(grid.axes).index(name) + 1 :]
            place = place + at * int(np.prod(behind, dtype=int))
    return np.where(there, place, -1).ravel()


def united(first: Grid, *others: Grid) -> Grid:
    """Return the smallest grid with the points of all, in the order of one that has them all.

    A point keeps the labels of the first grid that names it.

    Parameters
    ----------
    first, *others : Grid
        Of one kind of model; of grids of scattered points one has all points.

    Raises
    ------
    ValueError
        If a parameter is named by some of them alone, or scattered points of several grids
        would have to be joined.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> grids = [Grid(Hopfield(), {"alpha": 0.1, "T": T}) for T in (0.3, [0.1, 0.2])]
    >>> united(*grids).describe()
    {'T': [0.1, 0.2, 0.3], 'alpha': 0.1}
    """
    grids = (first, *others)
    tables = [{n: x.ravel().tolist() for n, x in coordinates(g).items()} for g in grids]
    for table in tables:
        lone = sorted(tables[0].keys() ^ table.keys())
        if lone:
            raise ValueError(f"{', '.join(lone)} is a coordinate of one of the grids alone")
    labels = _labels(*grids)
    if any(grid.scattered for grid in grids):
        for grid in grids:
            if all((find(grid, other) >= 0).all() for other in grids):
                return grid.relabelled(labels)
        raise ValueError("points of several grids do not become one: name all of them")
    whole = {name: sorted({x for table in tables for x in table[name]}) for name in tables[0]}
    for grid, table in zip(grids, tables, strict=True):
        if all(sorted(table[name]) == values for name, values in whole.items()):
            return grid.relabelled(labels)
    swept = {n for grid in grids for n in grid.axes}
    named = {n: [labels.get(n, {}).get(x, x) for x in values] for n, values in whole.items()}
    return Grid(
        first.model,
        {n: v if n in swept or len(v) > 1 else v[0] for n, v in named.items()},
    )


def _labels(*grids: Grid) -> dict[str, dict[float, float]]:
    """Return the first label of every canonical number, by the name of its parameter."""
    found: dict[str, dict[float, float]] = {}
    for grid in reversed(grids):
        for name in grid.labels:
            found.setdefault(name, {}).update(grid.names(name))
    return found
