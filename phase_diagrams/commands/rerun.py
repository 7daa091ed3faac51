"""Repeat a study from the attributes of its store, or of a netCDF file exported from it.

The new store holds the same bits if versions agree.

For example:
  hebbian rerun study.zarr --out again.zarr
  hebbian rerun study.nc --out again.zarr --executor process:2
"""

from __future__ import annotations

import argparse

from .options import add_flags, executor_of
from .output import report_counts

NAME = "rerun"
HELP = "repeat a study from its own attributes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("study", metavar="X", help="store, or exported netCDF file")
    parser.add_argument("--out", required=True, metavar="Y.zarr", help="store to write")
    add_flags(parser, "executor", "n_threads", "shard", "resume", "json")


def run(args: argparse.Namespace) -> int:
    """Run the study again and say what is stored."""
    from phase_diagrams.shards import parse_shard
    from phase_diagrams.sweeps.executors import checked

    checked(args.executor)
    shard = parse_shard(args.shard)

    from phase_diagrams.sweeps.sweeping import rerun

    rerun(
        args.study,
        args.out,
        executor=executor_of(args),
        shard=shard,
        resume=args.resume,
        progress=True,
    )
    return report_counts(args.out, as_json=args.json)
