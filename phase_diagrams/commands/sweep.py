r"""Compute a phase diagram by theory and simulation and store it.

The study is a TOML file, flags, or both; flags and --set win over the file:

  [model]
  model = "dense"
  order = 4
  [grid]                      # numbers, lists, or ranges lo:hi:n
  alpha = "0.02:0.44:10"
  T = "0.1:1.1:13"
  n_spins = 100
  [settings]
  n_samples = 8
  seed = 1

Points are stored as they are computed; an interrupted sweep goes on with --resume, bit for
bit as if it had not been interrupted.  A study that is complete is not computed again; with
--resume it takes a larger grid, another backend or form, or the theory of another law.
Exit code 3: some points failed; they are nan with status 2 and --resume tries them again.

With --n-steps the study is of trajectories: m, n and the energy at every t from the start on.

--dry-run computes nothing: it says how many points there are, about how long they take and
how much memory and disk they need.  What cannot fit is refused, with and without it.

For example:
  hebbian sweep study.toml --out study.zarr --executor process:2
  hebbian sweep study.toml --set grid.alpha=0.02:0.12:8 --set settings.seed=2 --out b.zarr
  hebbian sweep --model multitasking --dilution 0:0.9:10 --T 0.02:0.5:13 --n-spins 2000 \
      --start hierarchical --out multitasking.zarr
  hebbian sweep --model hopfield --alpha 0.05,0.1 --T 0 --start 0.1:0.9:5 --n-spins 2000 \
      --dynamics parallel --n-steps 30 --out trajectories.zarr
"""

from __future__ import annotations

import argparse
from typing import Any

from .options import add_flags, add_model, add_simulation, executor_of, study_of, study_tables
from .output import print_json, report_counts
from .values import plain_value, shown

NAME = "sweep"
HELP = "compute a phase diagram and store it"

#: Bytes of a study file: axes of a hundred thousand values have place in it.
_LONGEST = 1 << 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("study", nargs="?", metavar="STUDY.toml", help="study file")
    add_model(parser, required=False)
    add_simulation(parser)
    add_flags(parser, "n_steps", "law")
    group = parser.add_argument_group("sweep")
    group.add_argument("--out", required=True, metavar="X.zarr", help="store to write")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="TABLE.NAME=VALUE",
        help="change one entry of the study; may be repeated",
    )
    add_flags(group, "executor", "n_threads", "shard")
    group.add_argument(
        "--resume", action="store_true", help="go on with an interrupted sweep, or extend it"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="say what it would take and compute nothing"
    )
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Run the study and say what is stored."""
    from phase_diagrams.shards import parse_shard
    from phase_diagrams.sweeps.executors import checked

    kind, rest = checked(args.executor)
    shard = parse_shard(args.shard)
    workers = int(rest) if kind == "process" else 1 if kind == "serial" else None
    tables = _read(args.study) if args.study else {}
    for source in (study_tables(args), _changes(args.changes)):
        for table, entries in source.items():
            tables[table] = {**tables.get(table, {}), **entries}
    study = study_of(tables)

    from phase_diagrams.sweeps import planning
    from phase_diagrams.sweeps.cells import rehearse

    if study.settings.simulate:
        rehearse(next(study.grid.cells()), study.settings)
    of = 1 if shard is None else shard.parts
    plan = planning.plan(study, workers=workers, out=args.out, of=of)
    planning.check_fit(plan)
    if args.dry_run:
        plan["seconds"] = planning.estimate_time(study, workers=workers, of=of)
        if kind == "slurm":
            from phase_diagrams.sweeps.slurm import job_script

            plan["job_script"] = job_script(rest)
        if args.json:
            print_json(plan)
        else:
            print("\n".join(planning.words(plan)))
        return 0

    from phase_diagrams.sweeps.sweeping import run as run_study

    run_study(
        study,
        args.out,
        executor=executor_of(args),
        shard=shard,
        resume=args.resume,
        progress=True,
    )
    return report_counts(args.out, as_json=args.json)


def _read(path: str) -> dict[str, Any]:
    from pathlib import Path

    from hebbian.documents import contents, decode_toml

    if not Path(path).exists():
        values = all(part.replace(".", "").isdigit() for part in path.split(","))
        hint = "; several values are one word, as in --alpha 0.1,0.2" if values else ""
        raise ValueError(f"there is no study file {shown(path)}{hint}")
    tables = decode_toml(contents(path, longest=_LONGEST), path, longest=_LONGEST)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ValueError(f"{path}: {name} = {shown(table)} stands outside a table")
    return tables


def _changes(texts: list[str]) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        table, dot, name = place.partition(".")
        if not (equals and dot and table and name):
            raise ValueError(f"--set {shown(text)} is not TABLE.NAME=VALUE, e.g. grid.T=0.1:1:10")
        tables.setdefault(table, {})[name] = plain_value(value)
    return tables
