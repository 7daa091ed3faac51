"""Join the shards of a study, or stores of several grids of it, into one store.

A point may be in several of them, with the same bits.  Exit code 3 if points are still pending or
failed.

For example:
  hebbian sweep study.toml --out part1.zarr --shard 1/2
  hebbian sweep study.toml --out part2.zarr --shard 2/2
  hebbian merge part1.zarr part2.zarr --out study.zarr
"""

from __future__ import annotations

import argparse

from .options import add_flags
from .output import report_counts

NAME = "merge"
HELP = "join the shards of a study"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("stores", nargs="+", metavar="X.zarr", help="shards of one study")
    parser.add_argument("--out", required=True, metavar="Y.zarr", help="store to write")
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Write the store and say what it holds."""
    from phase_diagrams.stores.merging import merge

    merge(args.stores, args.out)
    return report_counts(args.out, as_json=args.json)
