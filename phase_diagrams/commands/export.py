"""Write a study as one netCDF file or one CSV table, by the suffix of its name.

netCDF keeps groups, attributes and units. CSV has one line per point: its coordinates, the
simulation, the theory under names that begin with theory_; points of refinements follow.

For example:
  hebbian export study.zarr --out study.nc
  hebbian export study.zarr study.csv
"""

from __future__ import annotations

import argparse

NAME = "export"
HELP = "write a study as netCDF or CSV"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    name = parser.add_mutually_exclusive_group(required=True)
    name.add_argument("--out", metavar="FILE", help="X.nc or X.csv; must not exist")
    name.add_argument("file", metavar="FILE", nargs="?", help="the same without --out")


def run(args: argparse.Namespace) -> int:
    """Write the file and print its path."""
    from phase_diagrams.stores.opening import checked_suffix, export, open

    out = args.file if args.out is None else args.out
    checked_suffix(out)
    export(open(args.store), out)
    print(out)
    return 0
