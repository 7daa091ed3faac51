"""Studies as curves: which axis is horizontal, and what has colours, strokes and markers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from hebbian import domain
from phase_diagrams.results import OVERLAPS

from .shown import wrong_axes

__all__ = ["Curve", "Groups", "Roles", "roles"]

#: Theory and simulation of a study, by these names.
Groups = Mapping[str, xr.Dataset]


class Roles(NamedTuple):
    """What the axes of a study are in a figure of curves.

    Values of `hue` have a colour each, those of `strokes` a pattern of the line; sizes that have no
    colours have markers.
    """

    x: str
    hue: xr.DataArray | None = None
    strokes: xr.DataArray | None = None

    @property
    def across(self) -> str:
        """The axis whose values have colours, empty for none."""
        return "" if self.hue is None else str(self.hue.dims[0])


class Curve(NamedTuple):
    """Where a curve is on the axes of a study, by position, and how it is drawn."""

    where: dict[str, int]
    colour: Any
    style: str = "solid"

    def of(self, data: xr.DataArray, x: str, kept: np.ndarray) -> np.ndarray:
        """Return the part of a quantity that the curve shows, along x in the end."""
        here = {dim: place for dim, place in self.where.items() if dim in data.dims}
        return data.isel(here).transpose(..., x).values[..., kept]


def roles(
    name: str, groups: Groups, variable: str, *, x: str | None = None, hue: str | None = None
) -> Roles:
    """Return what the axes of a study are, as asked for and else by what they are.

    Parameters
    ----------
    name : str
        Of the figure, for its errors.
    groups : mapping of str to xarray.Dataset
        Theory and simulation.
    variable : str
    x : str, optional
        The horizontal axis; by default the only one that is swept beside `hue`, or the sizes.
    hue : str, optional
        An axis or a coordinate along one; by default the one that is left beside `x`, else the
        patterns or layers, else the sizes.

    Raises
    ------
    ValueError
        If there is no such axis, or more than two are swept.
    """
    shown = [group[variable] for group in groups.values() if variable in group]
    lengths = {str(dim): each.sizes[dim] for each in shown for dim in each.dims}
    swept = [dim for dim in lengths if dim not in (*OVERLAPS, "n_spins")]
    coloured = None if hue is None else _coordinate(hue, groups, lengths)
    taken = () if coloured is None else coloured.dims
    free = [dim for dim in swept if dim not in taken]
    also = ", or give x or hue" if hue is None and len(free) == 2 else ""
    if x is None:
        free = free or ["n_spins"] * ("n_spins" in lengths and "n_spins" not in taken)
        if len(free) != 1:
            raise ValueError(wrong_axes(name, "one axis", {d: lengths[d] for d in free}, also))
        x = free[0]
    elif x not in lengths:
        known = list(lengths)
        words = f"x = {x!r} is not one of the axes {', '.join(known) or '(this is one point)'}"
        raise domain.UnknownWord(words, x, known)
    elif x in taken:
        raise ValueError(f"x = {x!r} and hue = {hue!r} are one axis: give two")
    free = [dim for dim in free if dim != x]
    if len(free) > (coloured is None):
        most = "one axis" if x != "t" else "one axis at most"
        raise ValueError(wrong_axes(name, most, {dim: lengths[dim] for dim in free}))
    if coloured is None:
        own = (*free, *OVERLAPS, "n_spins")
        dim = next((dim for dim in own if dim in lengths and dim != x), None)
        coloured = None if dim is None else _coordinate(dim, groups, lengths)
    across = "" if coloured is None else coloured.dims[0]
    parts = [dim for dim in OVERLAPS if dim in lengths and dim not in (x, across)]
    strokes = _coordinate(parts[0], groups, lengths) if parts else None
    ranked = variable.endswith("_sorted") and "pattern" not in swept
    if ranked and across == "pattern" and coloured is not None:
        ranks = np.arange(1, coloured.size + 1)
        coloured = xr.DataArray(ranks, dims="pattern", name="overlap")
    return Roles(x, coloured, strokes)


def _coordinate(name: str, groups: Groups, lengths: Mapping[str, int]) -> xr.DataArray:
    """Return the values of an axis, or of a coordinate along one, those of the simulation first."""
    for group in reversed(list(groups.values())):
        found = group.get(name)
        if found is not None and found.ndim == 0 and name in group.coords:
            return found.expand_dims(name)  # one value: one curve, of this name
        if found is None:
            continue
        for dim in set(found.dims) & {*lengths}:
            first = found.isel({other: 0 for other in found.dims if other != dim})
            if first.size == lengths[str(dim)] and bool(
                np.all(found.values == first.broadcast_like(found).values)
            ):
                return first
    if name in lengths:  # an axis without a coordinate
        return xr.DataArray(np.arange(lengths[name]), dims=name, name=name)
    known = list(lengths)
    words = f"hue = {name!r} is not one of {', '.join(known) or 'the axes: this is one point'}"
    raise domain.UnknownWord(f"{words}, nor constant along all of them but one", name, known)
