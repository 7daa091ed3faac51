"""Spend points near the transition of a stored study.

Every column of the grid is narrowed down around the fall of its overlap: beside the theory's
line where that runs between the same two points, by bisection elsewhere. The points go into
the same store and change no number that is there.

For example:
  hebbian refine study.zarr --budget 48 --executor process:2
  hebbian refine study.zarr --resume
"""

from __future__ import annotations

import argparse

from .options import add_flags, executor_of
from .output import print_json
from .values import number, whole

NAME = "refine"
HELP = "spend points near the transition"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="finished store of 'hebbian sweep'")
    parser.add_argument("--budget", type=number, metavar="N", help="points to spend, at least 1")
    parser.add_argument("--along", metavar="NAME", help="axis to refine (default T, then alpha)")
    parser.add_argument(
        "--pattern", type=whole, default=0, metavar="MU", help="pattern, from 0 (default 0)"
    )
    add_flags(parser, "executor", "n_threads", "resume", "json")


def run(args: argparse.Namespace) -> int:
    """Refine, and say what was gained."""
    from phase_diagrams.sweeps.executors import checked

    checked(args.executor)

    from phase_diagrams.analysis.refining import refine

    tree = refine(
        args.store,
        budget=args.budget,
        along=args.along,
        pattern=args.pattern,
        executor=executor_of(args),
        resume=args.resume,
        progress=True,
    )
    found = tree["refinement"].attrs
    if args.json:
        print_json(found)
    else:
        print(found["summary"])
    failed = int((tree["refinement/simulation/status"] != 1).sum())
    return 3 if failed else 0
