r"""Heat or cool networks of several loads and sizes until each of them loses retrieval.

Prints for every size and load the mean temperature T_M at which the samples lose it, its standard
error, and the fraction of samples that do, beside the spinodal temperature of the theory; of three
sizes or more also the limit of infinite size, in N^(-2/3). Without --T networks are heated from
0.5 to 1.3 of the spinodal temperature. Temperatures and loads are those of the infinite network
unless --as-given. With --out an interrupted command goes on where it was: repeat it.

For example:
  hebbian ramp --model dense --order 4 --alpha 0.02,0.1 --n-spins 50,70,100 --sweeps 100
  hebbian ramp --model hopfield --alpha 0.02,0.05 --n-spins 200,400 --T 0.3:1.0:20 --out ramps.nc
  hebbian ramp --model hopfield --alpha 0.01 --n-spins 400 --T 1.2:0.2:11 --start random
"""

from __future__ import annotations

import argparse
from typing import Any

from .keeping import add_out
from .options import add_flags, add_model, executor_of, study_of, study_tables
from .output import print_json, print_table
from .values import number, numbers

NAME = "ramp"
HELP = "heat or cool until retrieval is lost"

COLUMNS = ("T_M", "T_M_err", "fraction", "spinodal_temperature", "n_patterns")
LIMITS = ("T_M_limit", "T_M_limit_err", "spinodal_temperature", "transition_temperature")

_PASSED = ("n_samples", "n_replicas", "dynamics", "site_order", "start", "seed", "backend", "law")
_SCHEDULE = ("warmup", "sweeps", "stride")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("simulation")
    group.add_argument("--n-spins", type=numbers, metavar="N", help="sizes")
    add_flags(group, *_SCHEDULE, *_PASSED)
    group.add_argument(
        "--relative", action="store_true", help="--T in units of the spinodal temperature"
    )
    group.add_argument(
        "--as-given",
        action="store_true",
        help="simulate at --T and --alpha themselves, without the factor of a finite network",
    )
    group.add_argument(
        "--overlap",
        type=number,
        default=0.5,
        metavar="M",
        help="level of m whose crossing is the loss, in (0, 1) (default 0.5)",
    )
    add_flags(group, "executor", "n_threads")
    add_out(group)
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print where retrieval is lost, and the limits."""
    if args.n_spins is None:
        raise ValueError("n_spins is missing: one size or more")
    tables = study_tables(argparse.Namespace(**{**vars(args), "start": None}))
    several = {n: x for n, x in tables["grid"].items() if n not in ("alpha", "T", "n_spins")}
    for name, values in several.items():
        raise ValueError(f"{name} = {values}: one value")
    load = {} if args.alpha is None else {"alpha": args.alpha}
    tables["grid"] = {"T": 1.0, "n_spins": args.n_spins, **load}
    model = study_of(tables).grid.model
    executor = executor_of(args)

    import montecarlo
    import phase_diagrams
    from phase_diagrams.stores.table_file import dataset_rows

    def given(*names: str) -> dict[str, Any]:
        return {name: getattr(args, name) for name in names if getattr(args, name) is not None}

    found = phase_diagrams.ramps(
        model, alpha=args.alpha, n_spins=args.n_spins, T="auto" if args.T is None else args.T,
        relative=args.relative, finite_size=not args.as_given, overlap=args.overlap,
        schedule=montecarlo.Schedule(**given(*_SCHEDULE)), executor=executor, out=args.out,
        checkpoint_every=args.checkpoint_every, progress=True, **given(*_PASSED),
    )  # fmt: skip
    sizes, limits = (
        dataset_rows(found[[name for name in names if name in found]])
        for names in (COLUMNS, LIMITS)
    )
    limits = limits if "T_M_limit" in found else []
    if args.json:
        print_json({"sizes": sizes, "limits": limits})
        return 0
    print_table(sizes)
    if limits:
        print()
        print_table(limits)
    return 0
