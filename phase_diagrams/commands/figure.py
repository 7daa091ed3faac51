"""Draw a study: a phase map for two axes, a curve for one, trajectories along time.

The name says the format: map.svg, map.eps, map.jpg, ...; without one it is written as PDF and
PNG.  With --html also one page whose points show theory, simulation, error and status under the
pointer; it works without a network.

For example:
  hebbian figure study.zarr --out phase_diagram.svg
  hebbian figure study.zarr --variable q --select n_spins=500 --out q
  hebbian figure followed.zarr --select alpha=0.1 --samples band
  hebbian figure followed.zarr --kind basin --times 10,50
"""

from __future__ import annotations

import argparse
from typing import Any

from .values import number, numbers

NAME = "figure"
HELP = "draw a phase map, a curve, trajectories or a basin of attraction"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "store", metavar="X.zarr", help="store written by 'hebbian sweep', or an export of it"
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

    place = Path(args.store)
    place = place if place.name.strip(".") else place.resolve()
    stem = str(place.with_suffix("")) if args.out is None else args.out
    targets = figure_files.names(stem)
    tree = open(args.store)
    for text in args.select:
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise ValueError(f"--select {text!r}: write the name of an axis and a value, T=0.3")
        tree = figures.select(tree, name, _value(text, value))
    shown, pattern = args.variable or figures.overlap_shown(tree), args.pattern or 0
    kind, options = _kind(args)
    ax = figures.draw(tree, variable=args.variable, pattern=args.pattern, kind=kind, **options)
    page = None
    if args.html:
        from phase_diagrams.figures import interactive

        page = interactive.page(tree, variable=shown, pattern=pattern)
    for path in figures.save(ax.figure, stem):
        print(path)
    if page is not None:
        print(interactive.write(page, targets[0].with_suffix(".html")))
    return 0


def _kind(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return the kind of figure and what it alone takes.

    Raises
    ------
    ValueError
        For what is of another kind.
    """
    flags = {"finite_size": "map", "samples": "trajectory", "times": "basin", "threshold": "basin"}
    options = {name: getattr(args, name) for name in flags if getattr(args, name) is not None}
    kind: str = args.kind
    for name in options:
        if kind == "auto" and name in ("finite_size", "samples"):
            kind = flags[name]
        elif kind != flags[name]:
            raise ValueError(f"--{name.replace('_', '-')} is of --kind {flags[name]}")
    return kind, options


def _value(text: str, value: str) -> float:
    try:
        return number(value)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"--select {text!r}: {error}") from None
