"""Say what a store holds and how much of it is computed.

Exit code 3 if points are pending, failed or damaged.

For example:
  hebbian status study.zarr
"""

from __future__ import annotations

import argparse
import json

from .options import add_flags
from .output import count_words, print_json

NAME = "status"
HELP = "say how much of a study is computed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print the state of the study."""
    from phase_diagrams.loads import networks, told
    from phase_diagrams.stores.groups import damages
    from phase_diagrams.stores.store import Store

    store = Store(args.store)
    attributes = store.attributes()
    counts, damage = store.counts(), damages(store)
    refined = {name: store.refined()[name] for name in ("points", "done", "asked")}
    if args.json:
        study = json.loads(attributes["study"])
        print_json(
            {
                "study": study,
                "created": attributes["created"],
                **counts,
                "refinement": refined,
                "networks": networks(store.study().grid),
                "damage": damage,
            }
        )
    else:
        print(count_words(args.store, counts))
        if refined["asked"]:
            print(f"refinement: {refined['done']} of {refined['asked']} points done")
        for line in damage:
            print(line)
        if loads := told(store.study().grid):
            print(f"whole numbers of patterns: {loads}")
        for name in ("title", "study", "backend", "created", "git_commit", "command"):
            print(f"{name:>10}  {attributes[name]}")
    complete = counts["done"] == counts["points"] and refined["done"] == refined["asked"]
    return 0 if complete and not damage else 3
