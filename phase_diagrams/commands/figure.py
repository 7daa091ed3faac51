"""Draw a study: a phase map for two axes, a curve for one; PDF and PNG.

With --html also one page whose points show theory, simulation, error and status under the
pointer; it works without a network.

For example:
  hebbian figure study.zarr --out phase_diagram
  hebbian figure study.zarr --variable q --select n_spins=500 --out q
"""

from __future__ import annotations

import argparse

from .options import number

NAME = "figure"
HELP = "draw a phase map or a curve"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    parser.add_argument("--out", metavar="STEM", help="write STEM.pdf and STEM.png (default X)")
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
        "--html", action="store_true", help="write STEM.html, too (needs bokeh, extra [html])"
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
    from phase_diagrams.stores.opening import open

    tree = open(args.store)
    for text in args.select:
        name, _, value = text.partition("=")
        tree = figures.select(tree, name, _value(text, value))
    ax = figures.draw(tree, variable=args.variable, pattern=args.pattern)
    stem = args.out or str(Path(args.store).with_suffix(""))
    page = None
    if args.html:
        from phase_diagrams.figures import interactive

        shown = args.variable or figures.overlap_shown(tree)
        page = interactive.page(tree, variable=shown, pattern=args.pattern or 0)
    for path in figures.save(ax.figure, stem):
        print(path)
    if page is not None:
        print(interactive.write(page, f"{stem}.html"))
    return 0


def _value(text: str, value: str) -> float:
    try:
        return number(value)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"--select {text!r}: {error}") from None
