"""Write a study as one netCDF file or one CSV table, by the suffix of the file.

netCDF keeps groups, attributes and units. CSV has one line per point: its coordinates, the
simulation, the theory under names that begin with theory_; points of refinements follow.

For example:
  hebbian export study.zarr study.nc
  hebbian export study.zarr study.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "export"
HELP = "write a study as netCDF or CSV"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    parser.add_argument("out", metavar="FILE", help="X.nc or X.csv; must not exist")


def run(args: argparse.Namespace) -> int:
    """Write the file and print its path."""
    if Path(args.out).suffix not in (".nc", ".csv"):
        raise ValueError(f"out = {args.out!r} ends in neither .nc nor .csv")

    from phase_diagrams.stores.opening import export, open

    export(open(args.store), args.out)
    print(args.out)
    return 0
