"""Compare the simulation of a study with its theory.

Prints a paragraph: at how many points both were compared, how large (simulation - theory)
is in units of its standard error away from the boundaries, where m disagrees and why.
With --json residuals, z-scores and the distance from a boundary of every point.

For example:
  hebbian compare study.zarr
  hebbian compare study.zarr --finite-size
"""

from __future__ import annotations

import argparse

from .options import add_json
from .output import dataset_rows, print_json

NAME = "compare"
HELP = "compare simulation and theory"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    parser.add_argument(
        "--finite-size",
        action="store_true",
        help="theory at alpha/Pi and T/Pi, Pi = prod_{k<P} (1 - k/N): the couplings of the "
        "finite network (distinct indices)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the comparison."""
    from phase_diagrams.comparison import compare
    from phase_diagrams.store import Store

    points = compare(Store(args.store).read(), finite_size=args.finite_size)
    if args.json:
        print_json({**points.attrs, "points": dataset_rows(points)})
    else:
        print(points.attrs["summary"])
    return 0
