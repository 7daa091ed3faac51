"""Compare the simulation of a study with its theory.

Prints a paragraph: at how many points both were compared; class by class how large
(simulation - theory) is on average, in units of 1 and of its error, whether that is a
disagreement and what bias would have been found; the single points that disagree; and all of it
as a table (seen_80: the bias that is found with 80 %; within_1, within_2: points whose deviation
is below one and two errors, of which 68 and 95 % are expected). Classes
in which no agreement is expected (glass, close to a boundary, start not forgotten) follow from
the theory, N and the length of the chains alone. A network has a whole number of patterns: the
theory is that of the load that was simulated (alpha_effective). Then the boundary that the
simulation shows beside the theory's, one line for every column.
--extrapolate adds the limit of infinite size of m and of the boundary, from the axis n_spins.

Residuals, z-scores and distances of every point are written into the store, under
comparison; --json prints them.

For example:
  hebbian compare study.zarr
  hebbian compare study.zarr --finite-size
  hebbian compare sizes.zarr --extrapolate --powers 1,2
"""

from __future__ import annotations

import argparse
import json
import logging
from typing import Any

from .options import add_flags
from .output import print_json, print_table
from .values import numbers, whole

log = logging.getLogger(__name__)

#: What the table of classes shows, and digits.
COLUMNS = {
    "kind": "", "quantity": "", "points": "d", "bias": ".2g", "bias_err": ".1g", "errors": ".2g",
    "p": ".2g", "seen_80": ".1g", "within_1": ".0%", "within_2": ".0%", "largest": ".2g",
}  # fmt: skip

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
    parser.add_argument("--along", metavar="NAME", help="axis of the boundary (default T)")
    parser.add_argument(
        "--pattern", type=whole, default=0, metavar="MU", help="pattern of the boundary (0)"
    )
    parser.add_argument(
        "--criterion",
        default="overlap",
        metavar="NAME",
        help="what falls at the boundary: overlap (default), or success, the fraction of "
        "chains that stay in the state in which they started",
    )
    group = parser.add_argument_group("finite-size scaling")
    group.add_argument("--extrapolate", action="store_true", help="m and boundary at infinite size")
    group.add_argument(
        "--powers",
        type=numbers,
        default=[1],
        metavar="X,X",
        help="exponents of the corrections N^-X of m (default 1)",
    )
    group.add_argument(
        "--line-powers",
        type=numbers,
        default=[2 / 3],
        metavar="X,X",
        help="those of the boundary (default 2/3: a mean-field spinodal)",
    )
    group = parser.add_argument_group("output")
    group.add_argument("--no-write", action="store_true", help="leave the store as it is")
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print the comparison and write it into the store."""
    from phase_diagrams.analysis.boundaries import boundary
    from phase_diagrams.analysis.comparison import compare
    from phase_diagrams.analysis.crossings import axes
    from phase_diagrams.analysis.scaling import extrapolate
    from phase_diagrams.stores.annotation import annotate
    from phase_diagrams.stores.opening import open
    from phase_diagrams.stores.store import Store
    from phase_diagrams.stores.table_file import dataset_rows
    from phase_diagrams.times import has_times

    tree = open(args.store)
    groups = {"points": compare(tree, finite_size=args.finite_size)}
    text = [groups["points"].attrs["summary"]]
    child = tree.children.get("refinement")
    if child is not None and not args.finite_size:
        groups["refinement"] = compare(child)
        text += ["", "Refinement: " + groups["refinement"].attrs["summary"]]
    if args.along is not None or (axes(tree) and not has_times(tree)):
        groups["boundary"] = boundary(
            tree,
            along=args.along,
            pattern=args.pattern,
            criterion=args.criterion,
            finite_size=args.finite_size,
        )
    if args.extrapolate:
        found = extrapolate(
            tree,
            along=args.along,
            powers=_list(args.powers),
            line_powers=_list(args.line_powers),
            pattern=args.pattern,
        )
        text += ["", found.attrs["summary"]]
        for name, child in found.children.items():
            groups[f"extrapolated_{name}"] = child.to_dataset()
    if not args.no_write:
        try:
            annotate(Store(args.store), groups)
        except (OSError, ValueError) as error:  # read-only, being written, or an export
            log.warning("the comparison is not written: %s", error)
    if args.json:
        rows = {name: dataset_rows(dataset) for name, dataset in groups.items()}
        print_json({**groups["points"].attrs, "text": text, **rows})
        return 0
    print("\n".join(text))
    classes = json.loads(groups["points"].attrs["classes"])
    if classes:
        print()
        print_table(
            [{name: f"{row[name]:{form}}" for name, form in COLUMNS.items()} for row in classes]
        )
    for name in ("boundary", "extrapolated_transition"):
        if name == "boundary" and name in groups and groups[name]["simulation"].isnull().all():
            print(f"\nm falls in no column along {groups[name].attrs['along']}.")
        elif name in groups and groups[name].sizes["column"]:
            print()
            print_table(dataset_rows(groups[name]))
    return 0


def _list(given: Any) -> list[float]:
    return given if isinstance(given, list) else [given]
