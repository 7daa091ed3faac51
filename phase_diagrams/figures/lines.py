"""The lines of the theory in the plane of a study, whatever its axes are."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from phase_diagrams.phases import Phase
from theory.closure import Closure, equations
from theory.lines import LINES, OF_EXPONENTS, UNDER_LOAD

from . import drawing
from .curves import GREY, Stroke, name_phases, strokes
from .regions import along, draw_borders, draw_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OURS", "curves_of", "draw_theory"]

#: Points along a parameter of the model: each is a model of its own.
MODELS = 48

#: Lines that are among the curves of a model; it may have declared others.
OURS = [line.name for line in (*UNDER_LOAD, *OF_EXPONENTS)]

#: Lines that are drawn along a parameter of the model.
DRAWN = ("spinodal_temperature", "critical_load", "transition_temperature", "transition_load")


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


def _draw_lines(ax: Axes, lines: xr.Dataset) -> None:
    """Draw the lines of the plane of load and temperature, without that of the replicon."""
    for stroke in strokes(lines):
        if stroke.name != "replicon":
            _draw(ax, stroke.alpha, stroke.T, stroke)


def _draw(ax: Axes, x: np.ndarray, y: np.ndarray, stroke: Stroke) -> None:
    # Grey is lost in what is below it.
    colour = "0.35" if stroke.colour == GREY else stroke.colour
    drawing.line(ax, x, y, stroke.style, colour)


def draw_theory(
    ax: Axes, prediction: xr.Dataset, axes: tuple[str, str], variable: str, n_spins: int | None
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
    """
    if "phase" not in prediction:  # overlaps on their way, not states
        return
    x, y = axes
    curves = curves_of(prediction, n_spins) if axes == ("alpha", "T") else None
    if curves is not None:
        drawing.boundaries(ax, prediction.drop_vars(OURS, errors="ignore"))
        _draw_lines(ax, curves)
        name_phases(ax, curves)
        return
    if axes == ("dilution", "T"):
        found = _dilution_lines(prediction)
    else:
        limits = ax.get_xbound() if x not in ("alpha", "T") else ax.get_ybound()
        found = _strokes_along(prediction, x, y, limits)
    for places in found:
        drawing.line(ax, *places)
    phase = prediction["phase"]
    if axes == ("alpha", "T") and drawing.drawn(prediction):
        drawing.boundaries(ax, prediction)
    elif {x, y} == set(phase.dims) and variable != "phase" and not found:
        draw_borders(ax, phase.transpose(y, x))
    if {x, y} == set(phase.dims):
        points = along(*((vertical, horizontal) for horizontal, vertical, _ in found))
        draw_names(ax, phase.transpose(y, x), lambda code: Phase(code).text, points=points)


def _dilution_lines(prediction: xr.Dataset) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Return the exact lines of stored diluted patterns over dilution and temperature.

    Horizontal and vertical places, and the style of each line; empty for learnt patterns,
    whose parallel state has no such lines.
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
        (d, lines[name].values, "solid") for name in ("critical_temperature", "pure_temperature")
    ]
    for end in ("low", "high"):
        values = lines[f"parallel_temperature_{end}"]
        # At weak dilution it ends an island of metastable odd mixtures.
        found.append((d, values.where(d >= 0.5).values, "solid"))
        found.append((d, values.where(d < 0.5).values, "dotted"))
    return found


def _strokes_along(
    prediction: xr.Dataset, x: str, y: str, limits: tuple[float, float] | None = None
) -> list[tuple[np.ndarray, np.ndarray, str]]:
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
    list of tuple
        Horizontal and vertical places, and the style of each line; empty where there are none.
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
        found.append((*(pair if x == parameter else pair[::-1]), LINES[name].style))
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
