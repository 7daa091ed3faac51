r"""Simulate a network at all temperatures of a ladder by replica exchange.

Neighbouring temperatures exchange configurations, so that those at low temperatures leave
the valleys in which 'hebbian simulate' stays.  Prints one line per temperature: means with
their standard errors over disorder samples, the accepted fraction of the exchanges with the
next temperature, and the share of walkers that come from the cold end (in a good ladder it
falls evenly from 1 to 0).  A long run survives its end in a checkpoint: the same command with
the same file goes on, bit for bit.

For example:
  hebbian temper --model hopfield --alpha 0.2 --T 0.2:1.2:12 --n-spins 500
  hebbian temper --model dense --order 3 --alpha 0.1 --T 0.2,1.0 --n-spins 60 --tune 0.3
  hebbian temper --model hopfield --alpha 0.2 --T 0.2:1.2:12 --n-spins 2000 --sweeps 100000 \
      --checkpoint ladder.ckpt --checkpoint-every 5
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .keeping import add_checkpoint, checkpoint_of, naming
from .options import add_flags, add_model, add_simulation, study_of, study_tables
from .output import print_json, print_table
from .values import number, whole

if TYPE_CHECKING:
    import montecarlo

NAME = "temper"
HELP = "simulate by replica exchange"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    add_simulation(parser)
    group = parser.add_argument_group("replica exchange", "start is random unless it is given")
    group.add_argument(
        "--exchange-every",
        type=whole,
        default=1,
        metavar="N",
        help="sweeps between exchanges, at least 1 (default 1)",
    )
    group.add_argument(
        "--tune",
        type=number,
        nargs="?",
        const=0.3,
        metavar="RATE",
        help="keep the ends of --T and place temperatures between them such that all "
        "neighbours exchange at this rate, in (0, 1) (default 0.3)",
    )
    add_checkpoint(parser, "for the ladder, or for all ladders that --tune tries")
    add_flags(parser, "n_threads", "json")


def run(args: argparse.Namespace) -> int:
    """Print the estimates along the ladder."""
    kept = checkpoint_of(args)
    tables = study_tables(args)
    tables["settings"] = {"start": "random", **tables["settings"], "theory": False}
    study = study_of(tables)
    grid, settings = study.grid, study.settings
    if "start" in grid.axes or set(grid.axes) != {"T"}:
        raise ValueError("T is the ladder, two temperatures or more; all else takes one value")
    if settings.cooling is not None or settings.form != "auto":
        raise ValueError("cooling and form do not apply to replica exchange")

    import montecarlo
    from phase_diagrams.sweeps import cells

    ladder = sorted(grid.axes["T"])
    arguments = cells.arguments(next(grid.cells()), settings)
    arguments |= {"exchange_every": args.exchange_every, "progress": True, **kept}
    arguments["n_threads"] = args.n_threads
    with naming(args.checkpoint):
        if args.tune is None:
            done = montecarlo.temper(grid.model, T=ladder, **arguments)
        else:
            ends = [ladder[0], ladder[-1]]
            done = montecarlo.tune_ladder(grid.model, T=ends, target=args.tune, **arguments).run
    rows = _rows(done)
    if args.json:
        print_json(
            {
                "study": study.describe(),
                "backend": done.settings["backend"],
                "exchange_every": done.exchange_every,
                "round_trips": int(done.round_trips.sum()),
                "round_trip_time": done.round_trip_time,
                "points": rows,
            }
        )
        return 0
    print_table(rows)
    trips = int(done.round_trips.sum())
    pace = f", one in {done.round_trip_time:.3g} sweeps of a walker" if trips else ""
    print(f"\n{trips} round trips between the ends{pace}")
    return 0


def _rows(done: montecarlo.Tempered) -> list[dict[str, Any]]:
    rates = [*done.swap_rates.tolist(), float("nan")]
    rows = []
    for i, T in enumerate(done.T.tolist()):
        row: dict[str, Any] = {"T": T}
        for name in ("m", "q", "energy", *done.observables):
            found = done.estimate(name)
            row |= {name: found.mean[i].tolist(), f"{name}_err": found.error[i].tolist()}
        rows.append({**row, "swap_rate": rates[i], "from_cold": float(done.upward_fraction[i])})
    return rows
