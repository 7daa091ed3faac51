"""Say what a store holds and how much of it is computed.

Exit code 3 if points are pending, failed or damaged.

For example:
  hebbian status study.zarr
"""

from __future__ import annotations

import argparse
import json

from .options import add_json
from .output import count_words, print_json

NAME = "status"
HELP = "say how much of a study is computed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("store", metavar="X.zarr", help="store written by 'hebbian sweep'")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the state of the study."""
    from phase_diagrams.stores.rounds import asked, rounds
    from phase_diagrams.stores.store import Store

    store = Store(args.store)
    attributes = store.attributes()
    parts = [store, *rounds(store.path)]
    found = [part.counts() for part in parts]
    damage = [line for part in parts for line in part.flaws()]
    refined = {
        "points": sum(counts["points"] for counts in found[1:]),
        "done": sum(counts["done"] for counts in found[1:]),
        "asked": asked(store.path),
    }
    if args.json:
        study = json.loads(attributes["study"])
        print_json(
            {
                "study": study,
                "created": attributes["created"],
                **found[0],
                "refinement": refined,
                "damage": damage,
            }
        )
    else:
        print(count_words(args.store, found[0]))
        if refined["asked"]:
            print(f"refinement: {refined['done']} of {refined['asked']} points done")
        for line in damage:
            print(line)
        for name in ("title", "study", "backend", "created", "git_commit", "command"):
            print(f"{name:>10}  {attributes[name]}")
    complete = all(counts["done"] == counts["points"] for counts in found)
    return 0 if complete and refined["points"] >= refined["asked"] and not damage else 3
