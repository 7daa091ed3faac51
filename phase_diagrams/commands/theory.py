"""Solve the equations of state, or trace a line of the phase diagram.

Prints one line per point: magnetization m, example overlap n, replica overlap q, free
energy and energy per spin, the replicon eigenvalue (stable where positive) and whether the
solver converged; what did not is nan.

For example:
  hebbian theory --model hopfield --alpha 0.05 --T 0.1:0.6:6
  hebbian theory --model dense --order 4 --alpha 0:0.4:9 --quantity spinodal-temperature
  hebbian theory --model dense --order 4 --T 0:0.6:7 --quantity transition-load --n-spins 100
  hebbian theory --model multitasking --n-patterns 3 --dilution 0:0.9:10 --T 0.05
  hebbian theory --model hopfield --weights zipf:1 --alpha 0.1 --n-spins 2000 \
      --quantity by-rank --ranks 1,10,100
"""

from __future__ import annotations

import argparse
from typing import Any

from .options import add_flags, add_model, study_of, study_tables
from .output import print_json, print_table
from .values import numbers

NAME = "theory"
HELP = "solve the theory at given points"

#: Entries of a solution that only JSON shows.
_DETAILS = ("susceptibility", "min_eigenvalue", "example_eigenvalues")


#: Every pattern of a network, one by one.
BY_RANK = "by-rank"

#: The line of ground states, of which a finite network has its own.
_TRANSITION = ("transition-temperature", "transition-load")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("theory")
    group.add_argument(
        "--start",
        dest="branch",
        metavar="BRANCH",
        help="retrieval (default), glass or paramagnet; of a student, which then knows its "
        "teacher, also example; for multitasking networks hierarchical (default), parallel, pure "
        "or paramagnet",
    )
    add_flags(group, "law")
    group.add_argument(
        "--quantity",
        default="solution",
        metavar="NAME",
        help="a line of the phase diagram instead of solutions: critical- or transition-load "
        "along --T; spinodal-, transition-, glass- or replicon-temperature along --alpha; "
        "critical- or pure-temperature along --dilution; or another that the model has; or "
        "by-rank: which patterns of a Hopfield or dense network of --n-spins are retrieved",
    )
    group.add_argument(
        "--ranks",
        type=numbers,
        metavar="K",
        help="of by-rank: numbers of patterns, from 1 (default: all)",
    )
    group.add_argument(
        "--rsb",
        type=int,
        metavar="K",
        help="steps of replica-symmetry breaking, 0 or 1 (default 0; of the transition 1)",
    )
    group.add_argument(
        "--n-spins",
        dest="size",
        type=int,
        metavar="N",
        help="of a finite network: the entropy of its patterns in the transition, whose units "
        "are its own; the constant of its energy with --indices all",
    )
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print the solutions, or a line."""
    along = None if args.quantity in ("solution", BY_RANK) else _along(args)
    if args.quantity == BY_RANK:
        _check_ranks(args)
    elif args.ranks is not None:
        raise ValueError(f"--quantity {args.quantity} does not take --ranks")
    tables = study_tables(args)
    tables["settings"]["simulate"] = False
    study = study_of(tables)
    given = {"rsb": args.rsb, "n_spins": args.size}
    options = {name: value for name, value in given.items() if value is not None}
    rows: list[dict[str, Any]] = []
    for names, model in study.grid.models():
        if args.quantity == BY_RANK:
            found = _ranks(study, model, args)
        elif along is None:
            found = _solutions(study, model, args.branch or "retrieval", options)
        else:
            found = _line(study, model, args.quantity.replace("-", "_"), along, options)
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
    along = lines[domain.choice("quantity", args.quantity, ("solution", BY_RANK, *lines))].along
    if args.branch is not None:
        raise ValueError(f"--quantity {args.quantity} does not take --start")
    takes = {"critical-load": ("rsb",)} | dict.fromkeys(_TRANSITION, ("rsb", "size"))
    for name, flag in (("rsb", "--rsb"), ("size", "--n-spins")):
        if getattr(args, name) is not None and name not in takes.get(args.quantity, ()):
            raise ValueError(f"--quantity {args.quantity} does not take {flag}")
    for other in {"alpha", "T"} - {along}:
        if getattr(args, other) is not None:
            raise ValueError(f"--quantity {args.quantity} takes --{along} alone")
    args.T = 0.0 if along != "T" else args.T
    args.alpha = 0.0 if along == "T" else args.alpha
    return along


def _check_ranks(args: argparse.Namespace) -> None:
    """Refuse what by-rank does not take; it is at T = 0 where no temperature is named."""
    if args.size is None:
        raise ValueError("n_spins is missing: by-rank is of the patterns of a finite network")
    for name, flag in (("branch", "--start"), ("rsb", "--rsb")):
        if getattr(args, name) is not None:
            raise ValueError(f"--quantity {BY_RANK} does not take {flag}")
    args.T = 0.0 if args.T is None else args.T


def _ranks(study: Any, model: Any, args: argparse.Namespace) -> list[dict[str, Any]]:
    import numpy as np

    import theory

    loads, heats = (np.array(study.grid.values(name)) for name in ("alpha", "T"))
    alpha, T = np.meshgrid(loads, heats, indexing="ij")
    found = theory.by_rank(
        model, alpha=alpha, T=T, n_spins=args.size, ranks=args.ranks, law=study.settings.law
    )
    own = ("rank", "strength", "m", "n", "q", "free_energy", "energy", "converged")
    return [
        {
            "alpha": float(alpha[place]),
            "T": float(T[place]),
            **{name: getattr(found, name)[place][i].item() for name in own},
            "n_retrieved": found.n_retrieved[place].item(),
            "cut": found.cut[place].item(),
        }
        for place in np.ndindex(alpha.shape)
        for i in np.flatnonzero(np.isfinite(found.strength[place])).tolist()
    ]


def _solutions(
    study: Any, model: Any, branch: str, options: dict[str, int]
) -> list[dict[str, Any]]:
    import dataclasses

    import numpy as np

    import theory

    controls = {n: study.grid.values(n) for n in ("alpha", "T") if study.grid.values(n)}
    mesh = dict(zip(controls, np.meshgrid(*controls.values(), indexing="ij"), strict=True))
    solution = theory.solve(model, **mesh, start=branch, law=study.settings.law, **options)
    fields = [field.name for field in dataclasses.fields(solution)]
    return [
        {
            **{name: float(values[index]) for name, values in mesh.items()},
            **{name: getattr(solution, name)[index].tolist() for name in fields},
        }
        for index in np.ndindex(mesh["T"].shape)
    ]


def _line(
    study: Any, model: Any, name: str, along: str, options: dict[str, int]
) -> list[dict[str, Any]]:
    import numpy as np

    from hebbian import domain
    from theory.closure import equations

    known = study.grid.values(along) if along in ("alpha", "T") else [getattr(model, along)]
    values = np.array(known, float)
    if "rsb" in options:
        domain.integer("rsb", options["rsb"], "[0, 1]")
    found = equations(model, study.settings.law).line(name, values, **options)
    return [{along: x, name: y} for x, y in zip(values.tolist(), found.tolist(), strict=True)]
