"""Write a study as one netCDF file, with the groups theory and simulation.

For example:
  hebbian export study.zarr study.nc
"""

from __future__ import annotations

import argparse

NAME = "export"
HELP = "write a study as netCDF"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    parser.add_argument("out", metavar="X.nc", help="file to write; must not exist")


def run(args: argparse.Namespace) -> int:
    """Write the file and print its path."""
    from phase_diagrams.store import Store, export

    export(Store(args.store).read(), args.out)
    print(args.out)
    return 0
