"""Solve the equations of state, or trace a line of the phase diagram.

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

from .options import add_flags, add_model, study_of, study_tables
from .output import print_json, print_table

NAME = "theory"
HELP = "solve the theory at given points"

#: Entries of a solution that only JSON shows.
_DETAILS = ("susceptibility", "min_eigenvalue", "example_eigenvalues")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("theory")
    group.add_argument(
        "--start",
        dest="branch",
        metavar="BRANCH",
        help="retrieval (default), glass or paramagnet; for multitasking networks "
        "hierarchical (default), parallel, pure or paramagnet",
    )
    add_flags(group, "law")
    group.add_argument(
        "--quantity",
        default="solution",
        metavar="NAME",
        help="a line of the phase diagram instead of solutions: critical-load along --T; "
        "spinodal-, transition-, glass- or replicon-temperature along --alpha; critical- or "
        "pure-temperature along --dilution; or another that the model has",
    )
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print the solutions, or a line."""
    along = None if args.quantity == "solution" else _along(args)
    tables = study_tables(args)
    study = study_of(tables)
    rows: list[dict[str, Any]] = []
    for names, model in study.grid.models():
        if along is None:
            found = _solutions(study, model, args.branch or "retrieval")
        else:
            found = _line(study, model, args.quantity.replace("-", "_"), along)
        rows += [{**names, **row} for row in found]
    if args.json:
        print_json({"model": study.grid.model.describe(), "points": rows})
    else:
        print_table([{name: row[name] for name in row if name not in _DETAILS} for row in rows])
    return 0


def _along(args: argparse.Namespace) -> str:
    """Return what the line runs along; give the grid the load or temperature it does not take."""
    from hebbian import domain, registry
    from theory.lines import LINES

    if args.quantity.replace("-", "_") not in LINES:
        registry.load(args.model)  # whose theory may declare it
    lines = {name.replace("_", "-"): line for name, line in LINES.items()}
    along = lines[domain.choice("quantity", args.quantity, ("solution", *lines))].along
    if args.branch is not None:
        raise ValueError(f"--quantity {args.quantity} does not take --start")
    for other in {"alpha", "T"} - {along}:
        if getattr(args, other) is not None:
            raise ValueError(f"--quantity {args.quantity} takes --{along} alone")
    args.T = 0.0 if along != "T" else args.T
    args.alpha = 0.0 if along == "T" else args.alpha
    return along


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


def _line(study: Any, model: Any, name: str, along: str) -> list[dict[str, Any]]:
    import numpy as np

    from theory.closure import equations

    known = study.grid.values(along) if along in ("alpha", "T") else [getattr(model, along)]
    values = np.array(known, float)
    found = equations(model, study.settings.law).line(name, values)
    return [{along: x, name: y} for x, y in zip(values.tolist(), found.tolist(), strict=True)]
