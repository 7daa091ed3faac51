"""Say what a store holds and how much of it is computed.

Exit code 3 if points are pending or failed.

For example:
  hebbian status study.zarr
"""

from __future__ import annotations

import argparse
import json

from .options import add_json
from .output import print_counts, print_json

NAME = "status"
HELP = "say how much of a study is computed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the state of the study."""
    from phase_diagrams.store import Store, counts

    tree = Store(args.store).read()
    found = counts(tree)
    if args.json:
        study = json.loads(tree.attrs["study"])
        print_json({"study": study, "created": tree.attrs["created"], **found})
    else:
        print_counts(args.store, found)
        for name in ("title", "study", "backend", "created", "git_commit", "command"):
            print(f"{name:>10}  {tree.attrs[name]}")
    return 0 if found["done"] == found["points"] else 3
