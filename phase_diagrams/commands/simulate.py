r"""Simulate a network by Monte Carlo at given points.

Prints one line per point: means over time, replicas and disorder samples with their
standard errors over samples (nan for a single sample), the autocorrelation time of m in
sweeps, the flip rate, and the fraction of chains that left the state they started in.
A network has a whole number K of patterns: where its load is not alpha, the line says K and
the load that was simulated (n_patterns, alpha_effective).
Nothing is stored: use 'hebbian sweep' for grids.  A long run survives its end in a
checkpoint: the same command with the same file goes on, bit for bit.

For example:
  hebbian simulate --model hopfield --alpha 0.05 --T 0.1,0.3,0.5 --n-spins 1000
  hebbian simulate --model dense --order 4 --alpha 0.1 --T 0.5 --n-spins 100 --n-samples 8
  hebbian simulate --model multitasking --T 0.1 --n-spins 2000 --start hierarchical
  hebbian simulate --model hopfield --alpha 0.1 --T 0.2 --n-spins 20000 --sweeps 1000000 \
      --checkpoint long.ckpt --checkpoint-every 5
"""

from __future__ import annotations

import argparse

from .keeping import add_checkpoint, checkpoint_of, naming
from .options import add_flags, add_model, add_simulation, executor_of, study_of, study_tables
from .output import print_json, print_table

NAME = "simulate"
HELP = "simulate at given points"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    add_simulation(parser)
    add_checkpoint(parser, "for one network; --T may be a list")
    add_flags(parser, "n_threads", "json")


def run(args: argparse.Namespace) -> int:
    """Print the estimates."""
    kept = checkpoint_of(args)
    tables = study_tables(args)
    tables["settings"]["theory"] = False
    study = study_of(tables)

    from phase_diagrams.loads import rounded
    from phase_diagrams.results import FAILED
    from phase_diagrams.stores.table_file import dataset_rows
    from phase_diagrams.sweeps.checkpointed import run_with_checkpoint
    from phase_diagrams.sweeps.sweeping import run_in_memory

    if kept:
        with naming(args.checkpoint):
            tree = run_with_checkpoint(study, **kept, n_threads=args.n_threads, progress=True)
    else:
        tree = run_in_memory(study, executor=executor_of(args), progress=True)
    simulation = tree["simulation"].to_dataset()
    shown = simulation
    if not args.json and not rounded(simulation):
        shown = simulation.drop_vars(["n_patterns", "alpha_effective"], errors="ignore")
    rows = dataset_rows(shown)
    if args.json:
        settings = study.describe()
        print_json({"study": settings, "backend": simulation.attrs["backend"], "points": rows})
    else:
        print_table(rows)
    return 3 if bool((simulation["status"] == FAILED).any()) else 0
