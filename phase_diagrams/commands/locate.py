r"""Locate the first-order transition of retrieval by simulation, at several loads and sizes.

By replica exchange (order 3 and more) or by integration of the free energies of both branches
(order 2). Prints the transition temperature of every size beside what theory expects of a finite
network, and its limit at infinite size beside T_c of the theory. Temperatures are in units of
the infinite network. With --out an interrupted command goes on where it was: repeat it.
With the default sizes, samples and sweeps a load takes two idle processors one to three minutes.

For example:
  hebbian locate --model dense --order 4 --alpha 0.05,0.1
  hebbian locate --model dense --order 4 --alpha 0.1 --method integration
  hebbian locate --model hopfield --alpha 0.03 --out tc.nc
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .keeping import add_out
from .options import add_flags, add_model, study_of, study_tables
from .output import print_json, print_table
from .values import numbers, whole

if TYPE_CHECKING:
    import xarray as xr

NAME = "locate"
HELP = "locate the first-order transition by simulation"

COLUMNS = ("transition", "transition_err", "expected", "latent_heat", "located", "n_patterns")
OF_EXCHANGE = ("barrier", "swap_rate", "round_trips", "start_gap", "equilibrium")
OF_LIMIT = ("limit", "limit_err", "slope", "chi2", "dof", "theory", "z")

_SIMULATION = {
    "n-samples": "disorder samples of every size (default 16)",
    "warmup": "sweeps before the measurement (default 1000 for exchange, 20 for integration)",
    "sweeps": "sweeps of the measurement (default 2000 for exchange, 40 for integration)",
    "stride": "sweeps between measurements (default 5 for exchange, 2 for integration)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("simulation")
    group.add_argument(
        "--n-spins",
        type=numbers,
        metavar="N",
        help="sizes: two for a limit, three to judge it; default 40,60,80,100 (exchange), "
        "4000,8000,16000 (integration, order 2) or 120,160,200 (integration, order 3 and more)",
    )
    for name, text in _SIMULATION.items():
        group.add_argument(f"--{name}", type=whole, metavar="N", help=text)
    add_flags(group, "seed", "backend", "law")
    group.add_argument(
        "--method",
        metavar="NAME",
        help="exchange (default for order 3 and more) or integration (default for order 2)",
    )
    add_flags(group, "n_threads")
    add_out(group)
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print the transitions and their limits."""
    if args.alpha is None:
        raise ValueError("alpha is missing: one value or more")
    centre = args.T
    if isinstance(centre, list):
        raise ValueError(f"T = {centre}: one temperature around which to look")
    tables = study_tables(argparse.Namespace(**{**vars(args), "law": None}))
    tables["grid"] |= {"T": 1.0, "alpha": args.alpha, "n_spins": args.n_spins or 100}
    tables["settings"].pop("backend", None)
    model = study_of(tables).grid.model

    import phase_diagrams
    from phase_diagrams.transitions.locating import schedule_of

    def given(*names: str) -> dict[str, Any]:
        return {name: getattr(args, name) for name in names if getattr(args, name) is not None}

    settings = given("n_spins", "n_samples", "seed", "method", "law", "backend")
    found = phase_diagrams.locate_transition(
        model, alpha=args.alpha, T=centre,
        schedule=schedule_of(model, args.method, **given("warmup", "sweeps", "stride")),
        out=args.out, checkpoint_every=args.checkpoint_every, n_threads=args.n_threads,
        progress=True, **settings,
    )  # fmt: skip
    sizes, limits = _rows(found)
    if args.json:
        print_json({"method": found.attrs["method"], "sizes": sizes, "limits": limits})
    else:
        print_table(sizes)
        print()
        print_table(limits)
        print(f"\n{found.attrs['summary']}")
    return 0 if bool(found["limit"].notnull().all() | (found.sizes["n_spins"] < 2)) else 3


def _rows(found: xr.Dataset) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row per load and size, and one per load."""
    sizes, limits = [], []
    names = [name for name in (*COLUMNS, *OF_EXCHANGE) if name in found]
    for alpha in found["alpha"].values:
        one = found.sel(alpha=alpha)
        for n_spins in one["n_spins"].values:
            at = one.sel(n_spins=n_spins)
            row = {"alpha": float(alpha), "n_spins": int(n_spins)}
            sizes.append(row | {name: at[name].item() for name in names})
        limits.append({"alpha": float(alpha)} | {name: one[name].item() for name in OF_LIMIT})
    return sizes, limits
