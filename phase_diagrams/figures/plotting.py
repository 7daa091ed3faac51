"""Curves of a study on an Axes: theory as lines, simulation as points, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, product
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from . import drawing, marks, palettes
from .contrast import ink, next_colour
from .series import Curve, Groups, Roles
from .styling import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Plot"]

#: Sampling errors of a theory up to it are rounding.
EXACT = 1e-12


@dataclass(frozen=True)
class Plot:
    """A study that is drawn as curves.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    groups : mapping of str to xarray.Dataset
        Theory and simulation.
    variable : str
        Quantity, with the name of its errors before ``_err``.
    roles : Roles
    look : Look
    label : str, optional
        Name of the study.
    entries : bool
        Name in the legend what the curves do not name themselves.
    sizes_named : bool
        Name a simulation by its size.
    kinds_named : bool
        Name theory and simulation beside the values of the hue, too.
    """

    ax: Axes
    groups: Groups
    variable: str
    roles: Roles
    look: Look
    label: str | None = None
    entries: bool = True
    sizes_named: bool = True
    kinds_named: bool = True

    def draw(self) -> list[Curve]:
        """Draw all curves and return them, one for each of their values."""
        curves, names = self._curves()
        theory, simulation = self._known("theory"), self._known("simulation")
        seen = [] if theory is None else self._lines(theory, curves, names, simulation)
        if names and not (theory is not None and self.roles.across in theory[self.variable].dims):
            self._name_colours(curves, names)
        if self.roles.strokes is not None:
            for value, style in zip(self.roles.strokes, marks.STYLES * 9, strict=False):
                self._entry(marks.named(value), ink(self.ax), linestyle=style)
        both = theory is not None and simulation is not None
        if both and seen and names and self.kinds_named:
            self._entry("theory", self._ink(curves))
        if simulation is not None:
            self._simulation(simulation, curves, both=both)
        return curves

    def _known(self, name: str) -> xr.Dataset | None:
        group = self.groups.get(name)
        return group if group is not None and self.variable in group else None

    def _curves(self) -> tuple[list[Curve], list[str]]:
        """Return the curves with their colours, and the names of the colours, if they have any."""
        hue, strokes = self.roles.hue, self.roles.strokes
        names: list[str] = []
        if hue is None:
            given = self.look.style.get("color")
            shades: list[Any] = [next_colour(self.ax) if given is None else given]
        else:
            shades, scale = palettes.palette(self.ax, hue, self.look)
            if scale is None:
                names = [marks.named(value) for value in hue]
            else:
                words = drawing.label(hue)
                words = words if self.label is None else f"{self.label}: {words}"
                palettes.colorbar(self.ax, scale, words, self.look.colorbar)
        across = [{} if hue is None else {self.roles.across: i} for i in range(len(shades))]
        along: list[tuple[dict[str, int], str]] = [({}, "solid")]
        if strokes is not None:
            kinds = zip(range(strokes.size), marks.STYLES * 9, strict=False)
            along = [({str(strokes.dims[0]): j}, style) for j, style in kinds]
        pairs = product(zip(across, shades, strict=True), along)
        return [Curve(a | b, colour, style) for (a, colour), (b, style) in pairs], names

    def _ink(self, curves: list[Curve]) -> Any:
        """Return the colour of what is of all curves: theirs, if there is one."""
        return curves[0].colour if len(curves) == 1 else ink(self.ax)

    def _name(self, words: str, *, alone: bool = False) -> str:
        """Return words with the name of the study, or that `alone` where it says enough."""
        if self.label is None:
            return words
        return self.label if alone else f"{self.label}: {words}"

    def _entry(self, words: str, colour: Any, **style: Any) -> None:
        if self.entries:
            marks.entry(self.ax, self._name(words), colour, **style)

    def _name_colours(self, curves: list[Curve], names: list[str]) -> None:
        """Name the values of a hue that no line has; sizes are named by their markers."""
        if self.roles.across == "n_spins":
            return
        shades = dict.fromkeys(curve.where[self.roles.across] for curve in curves)
        for place, name in zip(shades, names, strict=True):
            colour = next(c.colour for c in curves if c.where[self.roles.across] == place)
            self._entry(name, colour)

    def _lines(
        self, theory: xr.Dataset, curves: list[Curve], names: list[str], points: xr.Dataset | None
    ) -> list[Any]:
        """Draw the theory, each curve of it once, with a band of its sampling error."""
        data, x = theory[self.variable], self.roles.x
        place = theory[x] if x in data.dims or points is None else points[x]
        kept = drawing.inside(place.values, self.ax.xaxis)
        if x not in data.dims:  # the theory does not know the size
            data = data.expand_dims({x: place.size})
        error = theory.get(f"{self.variable}_err")
        own = self.look.of_lines(alone=points is None)
        named: set[int] = set()
        drawn: list[dict[str, int]] = []
        for curve in curves:
            here = {dim: i for dim, i in curve.where.items() if dim in data.dims}
            if here in drawn:
                continue
            name = None
            if self.roles.across in here and names:
                first = here[self.roles.across] not in named
                name = self._name(names[here[self.roles.across]]) if first else None
                named.add(here[self.roles.across])
            elif not drawn and self.roles.across not in here:
                name = self._name("theory", alone=points is None)
            drawn.append(here)
            colour = curve.colour if here or len(curves) == 1 else ink(self.ax)
            usual: dict[str, Any] = {
                "linewidth": 0.9,
                "color": colour,
                "linestyle": curve.style,
                "label": name,
            }
            line = curve.of(data, x, kept)
            self.ax.plot(place.values[kept], line, **(usual | own))
            if error is not None and x in error.dims:
                half = curve.of(error, x, kept)
                if np.nanmax(half, initial=0.0) > EXACT:
                    band: dict[str, Any] = {"color": colour, "alpha": 0.3, "linewidth": 0}
                    band |= self.look.of_bands()
                    self.ax.fill_between(place.values[kept], line - half, line + half, **band)
        return drawn

    def _simulation(self, simulation: xr.Dataset, curves: list[Curve], *, both: bool) -> None:
        """Draw the points of every size, and name what they are."""
        sizes = [simulation]
        if "n_spins" in simulation[self.variable].dims and self.roles.x != "n_spins":
            sizes = [simulation.isel(n_spins=i) for i in range(simulation.sizes["n_spins"])]
        told = self.sizes_named or len(sizes) > 1
        inks = [self._ink(curves)]
        if self.roles.across == "n_spins":
            inks = [curve.colour for curve in curves][:: len(curves) // len(sizes)]
        if told or (both and self.roles.hue is not None and self.kinds_named):
            for part, marker, colour in zip(sizes, cycle(marks.MARKERS), cycle(inks)):
                known = told and "n_spins" in part.coords and part["n_spins"].ndim == 0
                words = marks.named(part["n_spins"]) if known else "simulation"
                self._entry(words, colour, linestyle="none", marker=marker)
        word = None
        if self.roles.hue is None and not told:
            word = self._name("simulation", alone=not both)
        for j, (part, marker) in enumerate(zip(sizes, cycle(marks.MARKERS))):
            for curve in curves:
                if curve.where.get("n_spins", j) == j:
                    self._points(part, curve, {"marker": marker, "label": word})

    def _points(self, part: xr.Dataset, curve: Curve, style: Mapping[str, Any]) -> None:
        x, error = self.roles.x, part.get(f"{self.variable}_err")
        kept = drawing.inside(part[x].values, self.ax.xaxis)
        drawing.points(
            self.ax, part[x].values[kept], curve.of(part[self.variable], x, kept),
            None if error is None else curve.of(error, x, kept),
            **({"color": curve.colour} | dict(style) | self.look.of_points()),
        )  # fmt: skip
