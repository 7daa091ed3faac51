"""The lines of a phase diagram: which strokes they are, and the regions between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

import theory
from hebbian import QUANTITIES, domain
from hebbian.calling import checked
from phase_diagrams.phases import Phase

from . import drawing, frames, marks, styling
from .contrast import face, ink, next_colour, readable
from .regions import along, draw_names, raster
from .shown import Models, models

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Stroke", "between_curves", "name_phases", "phase_lines", "scaled", "strokes"]

#: A glass temperature is blue, the replicon line vermilion; what is wrong is grey.
BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "0.6"


#: A load beyond every axis.
FAR = 1e12


class Stroke(NamedTuple):
    """A curve in the plane of load and temperature, ready to be drawn."""

    name: str
    alpha: np.ndarray
    T: np.ndarray
    style: str = "solid"
    colour: str = "black"
    label: str = ""


def strokes(lines: xr.Dataset) -> list[Stroke]:
    """Return the strokes of `theory.phase_lines`, those that are below others first.

    The spinodal is dashed: grey where replica symmetry is broken, and the one-step spinodal in
    its place where that is known.  The transition is solid.  The glass transition is solid and
    blue where retrieval is not the ground state, the replicon line dotted.  Where patterns are
    exponentially many, the transition of one alone is dotted, and the condensation of the
    paramagnet blue and dash-dotted.  Of a student the state that knows its teacher begins at the
    dashed line; single examples are kept up to a dotted one, and the temperature of the teacher
    is dash-dotted.
    """

    def points(name: str, where: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        alpha, T = (lines[f"{name}_{end}"].values.copy() for end in ("load", "temperature"))
        if where is not None:
            alpha[~where] = np.nan
        return alpha, T

    found = []
    continuous = "dynamic_load" not in lines
    if "replicon_load" in lines:
        found.append(Stroke("replicon", *points("replicon"), "dotted", VERMILION, "replicon line"))
    if "glass_load" in lines:
        glass = points("glass", lines["glass_thermodynamic"].values)
        if np.isfinite(glass[1]).any():
            symbol = "$T_g$" if continuous else "$T_K$"
            found.append(Stroke("glass", *glass, "solid", BLUE, f"{symbol}, glass"))
    if "condensation_load" in lines:
        condensed = points("condensation")
        found.append(Stroke("condensation", *condensed, "dashdot", BLUE, "condensation"))
    if "single_transition_load" in lines:
        alone = points("single_transition")
        found.append(Stroke("single transition", *alone, "dotted", label="one pattern alone"))
    lost = "$T_M$, retrieval lost"
    if _of_student(lines):
        lost = "teacher known"
        kept = Stroke("example", *points("example"), "dotted", label="example kept")
        warm = Stroke("nishimori", *points("nishimori"), "dashdot", label="teacher's temperature")
        found += [kept, warm]
    everywhere = np.ones(lines["spinodal_load"].shape, bool)
    stable = lines["spinodal_stable"].values if "spinodal_stable" in lines else everywhere
    wrong = ~stable
    # The pieces meet at a common point.
    wrong[1:] |= ~stable[:-1]
    if wrong.any():
        symmetric = points("spinodal", wrong)
        found.append(Stroke("unstable", *symmetric, "dashed", GREY, "$T_M$, replica symmetric"))
    alpha, T = points("spinodal", stable)
    if "broken_spinodal_load" in lines:
        cold, at = points("broken_spinodal")
        alpha, T = np.append(cold, alpha[stable]), np.append(at, T[stable])
    found.append(Stroke("spinodal", alpha, T, "dashed", label=lost))
    found.append(Stroke("transition", *points("transition"), label="$T_c$, ground state"))
    return found


def _of_student(lines: xr.Dataset) -> bool:
    """Return whether retrieval is beyond its lines: loads are of examples, of which more help."""
    return "nishimori_load" in lines


def between_curves(lines: xr.Dataset, alpha: np.ndarray, T: np.ndarray) -> xr.DataArray:
    """Return the phases between the lines of `theory.phase_lines`.

    Parameters
    ----------
    lines : xarray.Dataset
    alpha, T : numpy.ndarray
        One-dimensional axes, in the units of the lines.

    Returns
    -------
    xarray.DataArray
        Codes of `Phase` on (T, alpha).
    """
    from matplotlib.path import Path

    plane = np.stack(np.meshgrid(alpha, T), axis=-1).reshape(-1, 2)
    curves = {stroke.name: stroke for stroke in strokes(lines)}
    inside, side = {}, FAR if _of_student(lines) else -1.0
    for name in ("transition", "spinodal"):
        curve = np.column_stack([curves[name].alpha, curves[name].T])
        curve = curve[np.isfinite(curve).all(axis=1)]
        # Just outside of the axes, on which a point may be.
        corners = [(side, curve[-1, 1]), (side, -1.0), (curve[0, 0], -1.0)] if len(curve) else []
        path = Path(np.vstack([curve, corners])) if corners else None
        inside[name] = np.zeros(len(plane), bool) if path is None else path.contains_points(plane)
    frozen, condensed = np.zeros((2, len(plane)), bool)
    if "glass_load" in lines and (known := np.isfinite(lines["glass_temperature"].values)).any():
        glass = (lines[f"glass_{end}"].values[known] for end in ("load", "temperature"))
        frozen = plane[:, 1] < np.interp(plane[:, 0], *glass)
    if "condensation_load" in lines:
        condensed = plane[:, 0] < lines["condensation_load"].values[0]
    code = np.select(
        [inside["transition"], inside["spinodal"], frozen, condensed],
        [Phase.RETRIEVAL, Phase.METASTABLE, Phase.GLASS, Phase.CONDENSED],
        Phase.PARAMAGNET,
    )
    return xr.DataArray(code.reshape(len(T), len(alpha)), {"T": T, "alpha": alpha}, ("T", "alpha"))


def scaled(lines: xr.Dataset, factor: float) -> xr.Dataset:
    """Return lines with load and temperature multiplied by a factor."""
    ends = [name for name in lines if str(name).endswith(("_load", "_temperature"))]
    return lines.assign({name: lines[name] * factor for name in ends})


@checked
def phase_lines(
    model: Models,
    ax: Axes | None = None,
    *,
    n_spins: int | None = None,
    units: str = "reduced",
    law: str = "binomial",
    rsb: int | None = None,
    label: Any = None,
    xscale: str | None = None,
    yscale: str | None = None,
    names: bool | None = None,
    legend: Any = True,
    **style: Any,
) -> Axes:
    r"""Draw the bare phase diagram of a network with a load: lines, and names of its phases.

    Retrieval is the ground state below the solid line and exists up to the dashed one, which is
    grey where replica symmetry is broken and the line is wrong; there the one-step spinodal
    takes its place where it is known.  The state without retrieval freezes on the blue line;
    below the dotted one the retrieval state breaks replica symmetry.  Of `hebbian.Exponential` the
    solid line is that of all patterns together, the dotted one that of a pattern alone, and the
    blue one where few patterns begin to make the energy of the paramagnet.  A
    `hebbian.TeacherStudent` knows its teacher beyond the lines, not before them.  Models with a
    label have a colour each, the next ones of the cycle of the Axes.

    Parameters
    ----------
    model : Model, or mapping or list of them
        With a load.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.  Limits that were set are kept.
    n_spins : int, optional
        N of a finite network: its transition has the entropy of its patterns.
    units : {"reduced", "network"}
        With `n_spins` and distinct indices: :math:`\alpha/\Pi` and :math:`T/\Pi`, in which the
        spinodal is the same for every N, or the load and temperature of the network itself.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}, optional
        Steps of replica-symmetry breaking (`theory.phase_lines`).
    label : str or sequence of str, optional
        Names of the models; those of a mapping are its keys.
    xscale, yscale : str, optional
        Scales of matplotlib; by default those of `ax`.
    names : bool, optional
        Write the names of the phases.  By default those of a model without a label.
    legend : bool or dict
        Name the lines; arguments of ``Axes.legend``.
    **style
        Properties of the lines, as in matplotlib.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a parameter is outside its range, or a model has no load.
    TypeError
        If `model` or `ax` is something else, or matplotlib has no such property.

    Examples
    --------
    >>> from hebbian import Dense
    >>> ax = phase_lines(Dense(order=4))
    >>> [line.get_label() for line in ax.lines][-1], ax.get_xlabel()
    ('$T_c$, ground state', 'load $\\alpha$')
    """
    domain.choice("units", units, ("reduced", "network"))
    own = styling.look(phase_lines, style).of_lines(alone=True)
    shown = []
    for name, each in models(model, label):
        lines = theory.phase_lines(each, law=law, rsb=rsb, n_spins=n_spins)
        if "transition_load" not in lines:
            raise ValueError(f"{each!r} has no plane of load and temperature to draw lines in")
        weakness = theory.conventions.weakness(each, n_spins) if units == "reduced" else 1.0
        shown.append((name, scaled(lines, 1 / weakness), weakness))
    with frames.axes(ax, xscale=xscale, yscale=yscale) as ax:
        fresh = ax.get_autoscalex_on()
        kinds = [_draw(ax, lines, name, own) for name, lines, _ in shown]
        for words, pattern in dict.fromkeys(pair for pairs in kinds for pair in pairs):
            marks.entry(ax, words, ink(ax), linestyle=pattern)
        if fresh:
            extents = [_extent(lines) for _, lines, _ in shown]
            for axis, end in zip((ax.xaxis, ax.yaxis), np.max(extents, axis=0), strict=True):
                top = float(end) or 1.0
                drawing.limit(axis, 1e-3 * top if axis.get_scale() == "log" else 0, top)
        per = r"/\Pi" if any(weakness != 1 for *_, weakness in shown) else ""
        styling.label_axes(ax, *(
            f"{QUANTITIES[name].long_name} ${QUANTITIES[name].symbol}{per}$"
            for name in ("alpha", "T")
        ))  # fmt: skip
        styling.legend(ax, legend)
        if names or (names is None and len(shown) == 1 and shown[0][0] is None):
            for _, lines, _ in shown:
                name_phases(ax, lines)
    return ax


def _draw(
    ax: Axes, lines: xr.Dataset, label: str | None, style: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Draw the strokes of a model: in their own colours, or in the next one with a label.

    Return what their patterns are where only these tell them apart.
    """
    kinds, ground = [], face(ax)
    shade = None if label is None else style.get("color") or next_colour(ax)
    for stroke in strokes(lines):
        colour = ink(ax) if stroke.colour == "black" else readable(stroke.colour, ground)
        usual: dict[str, Any] = {"color": colour, "linestyle": stroke.style, "label": stroke.label}
        if label is not None:
            pattern = "dashdot" if stroke.colour == BLUE else stroke.style
            usual = {"color": shade, "linestyle": pattern}
            kinds.append((stroke.label, pattern))
        usual["linewidth"] = 0.7 if stroke.colour == GREY else 1.0
        ax.plot(stroke.alpha, stroke.T, **(usual | dict(style)))
    if label is not None:
        ax.plot([], [], **{"color": shade, "linewidth": 2.0, "label": label, **style})
    return kinds


def _extent(lines: xr.Dataset) -> tuple[float, float]:
    """Return how large a load and how high a temperature are worth showing."""
    loads, T = (lines[f"spinodal_{end}"] for end in ("load", "temperature"))
    reach = float(np.nanmax(loads, initial=0.0))
    widest = reach if _of_student(lines) else 1.18 * reach
    if "glass_load" not in lines:  # a line without end is shown until its load is small
        return widest, float(T.where(loads >= 0.1 * reach, 0.0).max())
    highest = float(np.nanmax(T, initial=0.0))
    frozen = lines["glass_temperature"].where(lines["glass_load"] < 1.18 * reach, 0.0)
    return widest, max(1.18 * highest, 1.06 * float(frozen.fillna(0.0).max()))


def name_phases(ax: Axes, lines: xr.Dataset, *, flipped: bool = False) -> None:
    """Write the names of the phases between lines into the frame, away from every line.

    The load is horizontal, or vertical if the axes are `flipped`.
    """
    places = [np.sort(values) for values in raster(ax)]
    alpha, T = reversed(places) if flipped else places
    curves = ((stroke.T, stroke.alpha) for stroke in strokes(lines))
    points = along(*(pair[::-1] if flipped else pair for pair in curves))
    regions = between_curves(lines, alpha, T)
    regions = regions.transpose() if flipped else regions
    draw_names(ax, regions, lambda code: Phase(code).text, points=points)
