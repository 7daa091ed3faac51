"""The lines of the theory in the plane of a study, whatever its axes are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from phase_diagrams.phases import Phase
from theory.closure import Closure, equations
from theory.lines import LINES, OF_EXPONENTS, UNDER_LOAD, Line

from . import drawing
from .curves import GREY, name_phases, strokes
from .regions import along, draw_borders, draw_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OURS", "Trace", "curves_of", "draw_theory", "drawn", "traces"]

#: Grey that is seen upon a map.
DARK = "0.35"

#: Points along a parameter of the model: each is a model of its own.
MODELS = 48

#: Lines that are among the curves of a model; it may have declared others.
OURS = [line.name for line in (*UNDER_LOAD, *OF_EXPONENTS)]

#: Lines that are drawn along a parameter of the model.
DRAWN = ("spinodal_temperature", "critical_load", "transition_temperature", "transition_load")


class Trace(NamedTuple):
    """A line on the axes of a figure."""

    x: np.ndarray
    y: np.ndarray
    style: str = "solid"
    colour: str = "black"
    label: str = ""

    def flipped(self) -> Trace:
        """Return the line on exchanged axes."""
        return self._replace(x=self.y, y=self.x)


def _model_of(theory: xr.Dataset) -> tuple[Model, str]:
    """Return the model and the law of the theory of a study, at the values selected of it.

    Raises
    ------
    ValueError
        If the model is of a kind that is not known here.
    """
    model = Model.build(json.loads(theory.attrs["model"]))
    chosen = {
        str(name): value.item()
        for name, value in theory.coords.items()
        if value.ndim == 0 and name in model.parameters()
    }
    return model.replace(**chosen) if chosen else model, theory.attrs.get("law", "binomial")


def curves_of(prediction: xr.Dataset, n_spins: int | None = None) -> xr.Dataset | None:
    """Return `theory.phase_lines` of a study over load and temperature, if there are any."""
    if "model" not in prediction.attrs:
        return None
    try:
        model, law = _model_of(prediction)
        lines = theory.phase_lines(model, law=law, n_spins=n_spins)
    except ValueError:
        return None
    return lines if "transition_load" in lines else None


def traces(
    prediction: xr.Dataset,
    axes: tuple[str, str],
    n_spins: int | None,
    limits: tuple[float, float] | None = None,
    curves: xr.Dataset | None = None,
) -> list[Trace]:
    """Return the lines of the theory in the plane of a study, as they lie on its axes.

    Parameters
    ----------
    prediction : xarray.Dataset
    axes : tuple of str
        Horizontal and vertical one.
    n_spins : int or None
        Size of a finite network whose lines are drawn.
    limits : tuple of float, optional
        Between which values of a parameter of the model.
    curves : xarray.Dataset, optional
        `curves_of` the study, where they are known already.
    """
    x, y = axes
    if {x, y} == {"alpha", "T"}:
        curves = curves_of(prediction, n_spins) if curves is None else curves
        if curves is None:
            found = _declared(prediction)
        else:
            found = _declared(prediction.drop_vars(OURS, errors="ignore"))
            found += [
                # Grey is lost in what is below it.
                Trace(s.alpha, s.T, s.style, DARK if s.colour == GREY else s.colour, s.label)
                for s in strokes(curves)
                if s.name != "replicon"
            ]
        return found if x == "alpha" else [each.flipped() for each in found]
    if {x, y} == {"dilution", "T"}:
        found = _dilution_lines(prediction)
        return found if x == "dilution" else [each.flipped() for each in found]
    return _strokes_along(prediction, x, y, limits)


def _declared(prediction: xr.Dataset) -> list[Trace]:
    """Return the stored lines of the plane of load and temperature, one along both axes once."""
    curves: dict[str, list[np.ndarray]] = {}
    for entry in drawn(prediction):
        axis, values = prediction[entry.along].values, prediction[entry.name].values
        pair = [axis, values] if entry.along == "alpha" else [values, axis]
        curves.setdefault(entry.same_as or entry.name, []).append(np.column_stack(pair))
    found = []
    for name, pieces in curves.items():
        points = np.concatenate(pieces)
        if len(pieces) > 1:
            points = points[np.isfinite(points).all(axis=1)]
            points = points[np.argsort(np.arctan2(points[:, 1], points[:, 0]))]
        x, y = points.T
        found.append(Trace(x, y, LINES[name].style, label=LINES[name].long_name))
    return found


def drawn(theory: xr.Dataset) -> list[Line]:
    """Return the lines of a prediction that are drawn in the plane of load and temperature."""
    return [
        entry
        for entry in LINES.values()
        if entry.style and entry.name in theory and theory[entry.name].dims == (entry.along,)
    ]


def draw_theory(
    ax: Axes,
    prediction: xr.Dataset,
    axes: tuple[str, str],
    variable: str,
    n_spins: int | None,
    *,
    names: bool = True,
    style: Mapping[str, Any] | None = None,
) -> None:
    """Draw the lines of the theory upon a map, and the names of its phases.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its final limits.
    prediction : xarray.Dataset
    axes : tuple of str
        Horizontal and vertical one.
    variable : str
        What the map shows: the borders of its phases are seen where it is they.
    n_spins : int or None
        Size of a finite network whose lines are drawn.
    names : bool
        Write the names of the phases.
    style : mapping, optional
        Properties of the lines.
    """
    if "phase" not in prediction:  # overlaps on their way, not states
        return
    x, y = axes
    plane = {x, y} == {"alpha", "T"}
    curves = curves_of(prediction, n_spins) if plane else None
    limits = ax.get_xbound() if x not in ("alpha", "T") else ax.get_ybound()
    found = traces(prediction, axes, n_spins, limits, curves)
    for each in found:
        drawing.line(ax, each.x, each.y, each.style, each.colour, **(style or {}))
    phase = prediction["phase"]
    known = {x, y} == set(phase.dims)
    if known and variable != "phase" and not found and curves is None:
        draw_borders(ax, phase.transpose(y, x))
    if not names:
        return
    if curves is not None:
        name_phases(ax, curves, flipped=x == "T")
    elif known:
        points = None if plane else along(*((each.y, each.x) for each in found))
        draw_names(ax, phase.transpose(y, x), lambda code: Phase(code).text, points=points)


def _dilution_lines(prediction: xr.Dataset) -> list[Trace]:
    """Return the exact lines of stored diluted patterns over dilution and temperature.

    Empty for learnt patterns, whose parallel state has no such lines.
    """
    if "model" not in prediction.attrs:
        return []
    try:
        model, law = _model_of(prediction)
        lines = theory.phase_lines(model, law=law)
    except ValueError:
        return []
    if "parallel_temperature_low" not in lines:
        return []
    d = lines["dilution"].values
    found = [
        Trace(d, lines[name].values, "solid")
        for name in ("critical_temperature", "pure_temperature")
    ]
    for end in ("low", "high"):
        values = lines[f"parallel_temperature_{end}"]
        # At weak dilution it ends an island of metastable odd mixtures.
        found.append(Trace(d, values.where(d >= 0.5).values, "solid"))
        found.append(Trace(d, values.where(d < 0.5).values, "dotted"))
    return found


def _strokes_along(
    prediction: xr.Dataset, x: str, y: str, limits: tuple[float, float] | None = None
) -> list[Trace]:
    """Return the spinodal and the transition along a parameter of the model.

    Parameters
    ----------
    prediction : xarray.Dataset
        Of a study over one of alpha and T, the other fixed, and a parameter of the model.
    x, y : str
        Its axes.
    limits : tuple of float, optional
        Between which values of the parameter; as far as it may have them.

    Returns
    -------
    list of Trace
        Empty where there are none.
    """
    state = {"alpha", "T"} & {x, y}
    fixed = {"alpha", "T"} - state
    if len(state) != 1 or "model" not in prediction.attrs or not fixed <= set(prediction.coords):
        return []
    (axis,), (other,) = state, fixed
    parameter = y if x == axis else x
    try:
        model, law = _model_of(prediction)
    except ValueError:
        return []
    if parameter not in model.parameters() or not equations(model, law).has_load:
        return []
    names = [name for name in DRAWN if LINES[name].along == other]
    values = _fine(model, parameter, prediction[parameter].values, limits)
    at = np.array([float(prediction[other])])
    columns = [_at(equations(model.replace(**{parameter: v}), law), names, at) for v in values]
    found = []
    for name, line in zip(names, np.transpose(columns), strict=True):
        pair = (np.array(values, float), line)
        trace = Trace(*pair, LINES[name].style, label=LINES[name].long_name)
        found.append(trace if x == parameter else trace.flipped())
    return found


def _at(known: Closure, names: list[str], at: np.ndarray) -> list[float]:
    return [known.line(name, at)[0] if known.knows(name) else np.nan for name in names]


def _fine(
    model: Model, name: str, values: np.ndarray, limits: tuple[float, float] | None
) -> list[float]:
    """Return values around those of an axis, whole numbers where it has them."""
    whole = bool((values == np.rint(values)).all())
    ends = [values.min(), values.max()]
    for i, limit in enumerate(limits or ()):
        with suppress(ValueError):
            value = round(limit) if whole else limit
            model.replace(**{name: value})
            ends[i] = min(ends[i], value) if i == 0 else max(ends[i], value)
    low, high = map(float, ends)
    fine = np.linspace(low, high, MODELS)
    if high > 20 * low > 0:
        fine = np.geomspace(low, high, MODELS)
    fine[[0, -1]] = low, high
    return np.unique(np.rint(fine).astype(int) if whole else np.r_[fine, values]).tolist()
