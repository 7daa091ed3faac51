"""Solve the equations of state, or trace a boundary of the phase diagram.

Prints one line per point: magnetization m, example overlap n, replica overlap q, free
energy and energy per spin, the replicon eigenvalue (stable where positive) and whether the
solver converged; what did not is nan.

For example:
  hebbian theory --model hopfield --alpha 0.05 --T 0.1:0.6:6
  hebbian theory --model dense --order 4 --alpha 0:0.4:9 --quantity spinodal-temperature
  hebbian theory --model multitasking --n-patterns 3 --dilution 0:0.9:10 --T 0.05
"""

from __future__ import annotations

import argparse
from typing import Any

from .options import add_json, add_model, study_of, study_tables
from .output import print_json, print_table

NAME = "theory"
HELP = "solve the theory at given points"

#: Boundaries, and the parameter each runs along.
_LINES = {
    "critical-load": "T",
    "spinodal-temperature": "alpha",
    "transition-temperature": "alpha",
    "glass-temperature": "alpha",
    "replicon-temperature": "alpha",
}

#: Entries of a solution that only JSON shows.
_DETAILS = ("susceptibility", "min_eigenvalue", "example_eigenvalues")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("theory")
    group.add_argument(
        "--start",
        default="retrieval",
        dest="branch",
        metavar="BRANCH",
        help="retrieval (default), glass or paramagnet; for multitasking networks "
        "hierarchical (default), parallel, pure or paramagnet",
    )
    group.add_argument(
        "--law",
        metavar="NAME",
        help="law of the example mean: binomial (default, exact) or gaussian (many examples)",
    )
    group.add_argument(
        "--quantity",
        choices=("solution", *_LINES),
        default="solution",
        help="a boundary instead of solutions; critical-load takes --T, the others --alpha",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the solutions."""
    if args.quantity != "solution":
        # A grid needs a temperature and a load: supply the one the boundary does not take.
        other = "alpha" if _LINES[args.quantity] == "T" else "T"
        if getattr(args, other) is not None:
            raise ValueError(f"--quantity {args.quantity} takes --{_LINES[args.quantity]} alone")
        setattr(args, other, 0.0)
    tables = study_tables(args)
    study = study_of(tables)
    rows: list[dict[str, Any]] = []
    for names, model in study.grid.models():
        if args.quantity == "solution":
            found = _solutions(study, model, args.branch)
        else:
            found = _boundary(study, model, args.quantity)
        rows += [{**names, **row} for row in found]
    if args.json:
        print_json({"model": study.grid.model.describe(), "points": rows})
    else:
        print_table([{name: row[name] for name in row if name not in _DETAILS} for row in rows])
    return 0


def _solutions(study: Any, model: Any, branch: str) -> list[dict[str, Any]]:
    import dataclasses

    import numpy as np

    import theory

    controls = {n: study.grid.values(n) for n in ("alpha", "T") if study.grid.values(n)}
    mesh = dict(zip(controls, np.meshgrid(*controls.values(), indexing="ij"), strict=True))
    solution = theory.solve(model, **mesh, start=branch, law=study.settings.law)
    fields = [field.name for field in dataclasses.fields(solution)]
    return [
        {
            **{name: float(values[index]) for name, values in mesh.items()},
            **{name: getattr(solution, name)[index].tolist() for name in fields},
        }
        for index in np.ndindex(mesh["T"].shape)
    ]


def _boundary(study: Any, model: Any, quantity: str) -> list[dict[str, Any]]:
    import numpy as np

    import theory

    name, along = quantity.replace("-", "_"), _LINES[quantity]
    values = np.array(study.grid.values(along))
    line = getattr(theory, name)(model, values, law=study.settings.law)
    return [
        {along: float(value), name: float(y)}
        for value, y in zip(values, np.ravel(line), strict=True)
    ]
