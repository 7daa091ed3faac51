"""Draw a study: a phase map for two axes, a curve for one, trajectories along time.

The name says the format: map.svg, map.eps, map.jpg, ...; without one it is written as PDF and
PNG.  With --html also one page whose points show theory, simulation, error and status under the
pointer; it works without a network.

For example:
  hebbian figure study.zarr --out phase_diagram.svg
  hebbian figure study.zarr --variable q --select n_spins=500 --out q
  hebbian figure followed.zarr --select alpha=0.1 --samples band
  hebbian figure followed.zarr --kind basin --times 10,50
  hebbian figure study.zarr --kind curve --x T --hue alpha --style dark_background
  hebbian figure hopfield.zarr dense.zarr --select T=0.3 --labels "P = 2,P = 4"
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .values import number, numbers

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

NAME = "figure"
HELP = "draw a phase map, a curve, trajectories or a basin of attraction"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "stores",
        metavar="X.zarr",
        nargs="+",
        help="store written by 'hebbian sweep', or an export of it; several are drawn together, "
        "of maps the lines",
    )
    parser.add_argument(
        "--out",
        metavar="NAME",
        help="file with the suffix of its format; without one NAME.pdf and NAME.png (default X)",
    )
    parser.add_argument(
        "--kind",
        default="auto",
        metavar="NAME",
        help="map, curve, trajectory or basin (default auto: trajectory of a study along time, "
        "map over two axes, curve along one)",
    )
    parser.add_argument(
        "--variable",
        metavar="NAME",
        help="quantity to show (default: m; of diluted patterns over dilution and T the phase; "
        "m_sorted where the start left the patterns to chance)",
    )
    parser.add_argument(
        "--pattern",
        type=int,
        metavar="MU",
        help="pattern of a multitasking network, from 0 (default 0)",
    )
    parser.add_argument(
        "--finite-size",
        action="store_true",
        default=None,
        help="of a map over load and temperature: the lines of a network of this size",
    )
    parser.add_argument(
        "--samples",
        metavar="NAME",
        help="of trajectories of m: a band between the outer tenths of the samples, or lines",
    )
    parser.add_argument(
        "--times",
        type=numbers,
        metavar="T,T",
        help="of a basin: times of the study (default the last one)",
    )
    parser.add_argument(
        "--threshold",
        type=number,
        metavar="M",
        help="of a basin: overlap that counts as retrieval, in (0, 1] (default 0.7)",
    )
    parser.add_argument(
        "--x", metavar="AXIS", help="horizontal axis, of a curve or basin, or of a map"
    )
    parser.add_argument("--y", metavar="AXIS", help="vertical axis of a map")
    parser.add_argument(
        "--hue",
        metavar="AXIS",
        help="axis or coordinate whose values have a curve and a colour each, not of a map",
    )
    for axis in ("x", "y"):
        parser.add_argument(
            f"--{axis}scale", metavar="NAME", help=f"scale of the {axis} axis: log, symlog, ..."
        )
    parser.add_argument("--cmap", metavar="NAME", help="colour map of matplotlib")
    parser.add_argument(
        "--style",
        metavar="NAME|FILE",
        help="style of matplotlib in the place of ours: ggplot, or a file of rcParams",
    )
    parser.add_argument(
        "--labels",
        "--label",
        dest="labels",
        metavar="A,B",
        help="names of the stores in the legend (default: of several their file names)",
    )
    parser.add_argument(
        "--html", action="store_true", help="write NAME.html, too (needs bokeh, extra [html])"
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of an axis nearest to VALUE alone; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """Write the figure and print the paths."""
    from pathlib import Path

    from phase_diagrams import figures
    from phase_diagrams.figures import files as figure_files
    from phase_diagrams.stores.opening import open

    place = Path(args.stores[0])
    place = place if place.name.strip(".") else place.resolve()
    stem = str(place.with_suffix("")) if args.out is None else args.out
    targets = figure_files.names(stem)
    trees = [_selected(open(store), args.select) for store in args.stores]
    labels = _labels(args)
    if args.html and len(trees) > 1:
        raise ValueError("--html is of one store")
    shown, pattern = args.variable or figures.overlap_shown(trees[0]), args.pattern or 0
    kind, options = _kind(args)
    several = labels is not None and len(trees) > 1
    drawn: Any = dict(zip(labels, trees, strict=True)) if several and labels else trees[0]
    if labels is not None and not several:
        options["label"] = labels[0]
    page = None
    with _style(args.style) as ax:
        ax = figures.draw(
            drawn, variable=args.variable, pattern=args.pattern, kind=kind, ax=ax, **options
        )
        if args.html:
            from phase_diagrams.figures import interactive

            page = interactive.page(trees[0], variable=shown, pattern=pattern)
        for path in figures.save(ax.figure, stem):
            print(path)
    if page is not None:
        print(interactive.write(page, targets[0].with_suffix(".html")))
    return 0


def _selected(tree: xr.DataTree, chosen: list[str]) -> xr.DataTree:
    """Return a study at the chosen values of its axes."""
    from phase_diagrams import figures

    for text in chosen:
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise ValueError(f"--select {text!r}: write the name of an axis and a value, T=0.3")
        tree = figures.select(tree, name, _value(text, value))
    return tree


def _labels(args: argparse.Namespace) -> list[str] | None:
    """Return a name for each store: those given, of several else the names of their files.

    Raises
    ------
    ValueError
        If there are too many or too few, or two are the same.
    """
    from pathlib import Path

    given = None if args.labels is None else args.labels.split(",")
    if given is None and len(args.stores) > 1:
        given = [Path(store).resolve().stem for store in args.stores]
        given = given if len({*given}) == len(given) else list(args.stores)
    if given is not None and (len(given) != len(args.stores) or not all(given)):
        raise ValueError(f"--labels {args.labels!r}: give {len(args.stores)}, with commas between")
    if given is not None and len({*given}) < len(given):
        raise ValueError(f"--labels: {', '.join(given)} are not all different")
    return given


@contextmanager
def _style(name: str | None) -> Iterator[Axes | None]:
    """Yield Axes in a style of matplotlib, none without a style.

    Raises
    ------
    ValueError
        If there is no such style, or it cannot be read.
    """
    if name is None:
        yield None
        return
    from matplotlib import style
    from matplotlib.figure import Figure

    try:
        if "://" in name:
            raise ValueError("styles are not fetched")
        context = style.context(name)
        context.__enter__()
    except (OSError, ValueError, KeyError, UnicodeError) as error:
        words = f"--style {name!r} is no style of matplotlib, nor a file of one"
        raise ValueError(f"{words}: {' '.join(str(error).split())[:120]}") from None
    try:
        yield Figure(layout="constrained").add_subplot()
    finally:
        context.__exit__(None, None, None)


def _kind(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return the kind of figure and what it alone takes.

    Raises
    ------
    ValueError
        For what is of another kind.
    """
    flags = {"finite_size": "map", "samples": "trajectory", "times": "basin", "threshold": "basin"}
    flags["y"] = "map"
    options = {name: getattr(args, name) for name in flags if getattr(args, name) is not None}
    kind: str = args.kind
    for name in options:
        if kind == "auto" and name in ("finite_size", "samples", "y"):
            kind = flags[name]
        elif kind != flags[name]:
            raise ValueError(f"--{name.replace('_', '-')} is of --kind {flags[name]}")
    common = ("x", "hue", "xscale", "yscale", "cmap")
    options |= {name: getattr(args, name) for name in common if getattr(args, name) is not None}
    return kind, options


def _value(text: str, value: str) -> float:
    try:
        return number(value)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"--select {text!r}: {error}") from None
