"""A study as one HTML file: hovering over a point shows theory, simulation, error and status.

The page carries everything it needs; it loads nothing from anywhere.
"""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.colors import to_hex

from phase_diagrams.analysis.simulated_theory import prediction_of
from phase_diagrams.layers import worst_layer
from phase_diagrams.phases import Phase
from phase_diagrams.results import DAMAGED, DONE, FAILED, PENDING
from phase_diagrams.stores.files import replacing

from . import drawing
from .curves import Stroke, strokes
from .lines import OURS, curves_of, drawn
from .progressions import geometric
from .regions import COLOURS
from .shown import values

if TYPE_CHECKING:
    from bokeh.plotting import figure as Plot

__all__ = ["page", "write"]

_STATUS = {DONE: "done", FAILED: "failed", PENDING: "pending", DAMAGED: "damaged"}
_COLOURS = "Cividis256"

#: What is shown of the networks beside their points.
LOADS = ("n_patterns", "alpha_effective")

#: What the strokes of a diagram are called.
_WORDS = {
    "spinodal": "spinodal",
    "unstable": "spinodal, replica symmetric",
    "transition": "transition",
    "glass": "glass transition",
    "replicon": "replicon line",
}

#: Tells the browser to load nothing, whatever a script on the page asks for.
_SEALED = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    'font-src data:">'
)


def page(tree: xr.DataTree, *, variable: str = "m", pattern: int = 0) -> str:
    """Return the page of a study with one or two axes.

    Parameters
    ----------
    tree : xarray.DataTree
        A study; select values of further axes first (`phase_diagrams.figures.select`).
    variable : str
        Quantity to show.
    pattern : int
        Pattern of networks that retrieve several.

    Returns
    -------
    str
        HTML, about 1.3 MB.

    Raises
    ------
    ValueError
        If the study has no such quantity, or more axes.
    ModuleNotFoundError
        If bokeh is not installed: ``pip install 'hebbian-toolkit[html]'``.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> tree = phase_diagrams.sweep(
    ...     Hopfield(), {"alpha": [0.02, 0.1], "T": [0.1, 0.5]}, simulate=False
    ... )
    >>> html = page(tree)                                           # doctest: +SKIP
    """
    try:
        from bokeh.embed import file_html
        from bokeh.resources import INLINE
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "the interactive page needs bokeh: pip install 'hebbian-toolkit[html]'"
        ) from None
    title = next(iter(tree.children.values())).attrs.get("title", "study")
    html = str(file_html(_plot(tree, variable, pattern, title), INLINE, title))
    return html.replace("<head>", f"<head>\n    {_SEALED}", 1)


def write(content: str, path: str | os.PathLike[str]) -> Path:
    """Write a page to a file that appears complete or not at all."""
    with replacing(Path(path)) as making:
        making.write_text(content, encoding="utf-8")
    return Path(path)


def _columns(tree: xr.DataTree, variable: str, pattern: int) -> tuple[xr.Dataset, list[str]]:
    """Return one value of everything for every point, and the names of the axes."""
    shown = values(tree, variable, pattern)
    table = {}
    for group, names in (
        ("theory", (variable, "phase", "free_energy")),
        ("simulation", (variable, f"{variable}_err", "status", *LOADS)),
    ):
        if group not in tree.children:
            continue
        data = tree[group].to_dataset()
        if group == "theory" and shown.dims == ("T",) and "simulation" in tree.children:
            data = prediction_of(tree)
        data = worst_layer(data)
        for name in names:
            if name in data.data_vars:
                column = data[name]
                if "pattern" in column.dims:
                    column = column.isel(pattern=pattern)
                table[name if name in LOADS else f"{group}_{name}"] = column
    return xr.Dataset(table).squeeze(drop=False), [str(dim) for dim in shown.dims]


def _plot(tree: xr.DataTree, variable: str, pattern: int, title: str) -> Plot:
    from bokeh.models import ColumnDataSource, HoverTool, Range1d
    from bokeh.plotting import figure
    from bokeh.transform import linear_cmap

    data, dims = _columns(tree, variable, pattern)
    if not 1 <= len(dims) <= 2:
        raise ValueError(
            f"the page needs one or two axes of more than one value, this has {len(dims)}: "
            "select the others"
        )
    y = "T" if "T" in dims else dims[-1]
    x = next((dim for dim in dims if dim != y), y)
    stacked = data.stack(point=dims)
    source = {name: stacked[name].values.astype(float) for name in dims}
    hover = [(name, f"@{{{name}}}{_format(source[name])}") for name in dims]
    for name, column in stacked.data_vars.items():
        values = column.values
        if name == "theory_phase":
            source[str(name)] = np.array([Phase(int(v)).text for v in values])
        elif name == "simulation_status":
            source[str(name)] = np.array([_STATUS[int(v)] for v in values])
        else:
            source[str(name)] = values.astype(float)
        words = str(name).replace(f"{variable}_err", "error").replace("_", " ")
        hover.append((words, f"@{{{name}}}{_format(source[str(name)])}"))
    main = f"simulation_{variable}" if f"simulation_{variable}" in source else f"theory_{variable}"
    vertical = {"y_axis_type": _scale(source[y])} if len(dims) == 2 else {}
    if variable == "phase" and len(dims) == 1:
        vertical = _names(source[main])
    plot = figure(
        title=textwrap.fill(title, 80), tools="pan,wheel_zoom,box_zoom,reset,save", height=520,
        width=680, x_axis_type=_scale(source[x]), **vertical,
    )  # fmt: skip
    if len(dims) == 2:
        for dim, (lower, upper) in {x: ("left", "right"), y: ("bottom", "top")}.items():
            source |= {lower: _border(source[dim], 0), upper: _border(source[dim], 1)}
        sides = {side: side for side in ("left", "right", "bottom", "top")}
        style: dict[str, Any]
        if variable == "phase":
            source["colour"] = np.array([COLOURS[Phase(int(code))] for code in stacked[main]])
            style = {"fill_color": "colour", "legend_group": main}
        else:
            finite = source[main][np.isfinite(source[main])]
            low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
            shades = {"low": min(low, 0.0), "high": high, "nan_color": "lightgrey"}
            style = {"fill_color": linear_cmap(main, _COLOURS, **shades)}
        boxes = plot.quad(**sides, source=ColumnDataSource(source), line_color=None, **style)
        if variable != "phase":
            plot.add_layout(boxes.construct_color_bar(title=main.replace("_", " ")), "right")
        _lines(plot, tree, x, y)
        plot.x_range = Range1d(source["left"].min(), source["right"].max())
        plot.y_range = Range1d(source["bottom"].min(), source["top"].max())
        plot.xaxis.axis_label, plot.yaxis.axis_label = _words(stacked[x]), _words(stacked[y])
    else:
        cds = ColumnDataSource(source)
        if f"theory_{variable}" in source:
            plot.line(x, f"theory_{variable}", source=cds, color="black", legend_label="theory")
        at = "alpha_effective" if x == "alpha" and "alpha_effective" in source else x
        boxes = plot.scatter(at, main, source=cds, size=7, legend_label=main.split("_")[0])
        error = f"simulation_{variable}_err"
        if error in source:
            plot.segment(
                source[at], source[main] - source[error], source[at], source[main] + source[error]
            )
        plot.xaxis.axis_label, plot.yaxis.axis_label = _words(stacked[x]), _words(stacked[main])
    plot.add_tools(HoverTool(tooltips=hover, renderers=[boxes]))
    return plot


def _names(phases: np.ndarray) -> dict[str, Any]:
    """Return a vertical axis of the phases there are, in the order of `Phase`."""
    return {"y_range": [phase.text for phase in Phase if phase.text in phases]}


def _scale(values: np.ndarray) -> str:
    return "log" if geometric(values) else "linear"


def _words(data: xr.DataArray) -> str:
    return str(data.attrs.get("long_name", data.name))


def _format(values: np.ndarray) -> str:
    return "{0[.]0000}" if values.dtype.kind == "f" else ""


def _border(values: np.ndarray, side: int) -> np.ndarray:
    """Return the lower (0) or upper (1) border of the cell around every value."""
    axis, place = np.unique(values, return_inverse=True)
    if not geometric(axis):
        return drawing.edges(axis)[place + side]
    return np.exp(drawing.edges(np.log(axis)))[place + side]


def _lines(plot: Plot, tree: xr.DataTree, x: str, y: str) -> None:
    if (x, y) != ("alpha", "T") or "phase" not in tree.children.get("theory", ()):
        return
    theory = tree["theory"].to_dataset()
    curves = curves_of(theory)
    found = [] if curves is None else strokes(curves)
    # What the model has besides, or all that is stored.
    others = theory if curves is None else theory.drop_vars(OURS, errors="ignore")
    found += [
        Stroke(entry.long_name, theory["alpha"].values, theory[entry.name].values, entry.style)
        for entry in drawn(others)
        if entry.along == "alpha"
    ]
    for stroke in found:
        for colour, width in (("white", 4), (to_hex(stroke.colour), 1.5)):
            plot.line(
                stroke.alpha, stroke.T, line_dash=stroke.style, color=colour, line_width=width,
                legend_label=_WORDS.get(stroke.name, stroke.name),
            )  # fmt: skip
