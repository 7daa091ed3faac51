"""Follow the retrieval dynamics from a start: theory, and a simulation beside it.

Prints one line per point and time t: the overlap m of an infinite network with its sampling
error, the example overlap n of networks that learn, and with --n-spins the same of networks of
each size, with standard errors over disorder samples (nan for a single one). With --figure the
curves are drawn, too: one axis of several values at most beside --n-spins.  --quantity prints in
their place what they come to in theory: the smallest start overlap that retrieves, the time in
which the overlap settles, or the largest overlap on the way.

For example:
  hebbian trajectory --model hopfield --alpha 0.1 --start 0.2,0.4,0.6 --n-steps 20
  hebbian trajectory --model dense --order 3 --alpha 0.2 --T 0.3 --start 0.7 --n-spins 200,400
  hebbian trajectory --model hopfield --alpha 0.08 --start 0.1:0.5:5 --n-spins 1000 --figure m
  hebbian trajectory --model multitasking --T 0.1 --start parallel --dynamics glauber
  hebbian trajectory --model hopfield --alpha 0.02:0.14:7 --quantity basin --n-steps 10,50
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .options import add_flags, add_model, executor_of, study_of, study_tables
from .outcomes import check, rows
from .output import print_json, print_table
from .values import number, numbers, whole

if TYPE_CHECKING:
    import xarray as xr

    from phase_diagrams.study import Study

NAME = "trajectory"
HELP = "follow m(t) from a start, in theory and simulation"

#: Flags of the simulation alone.
_SIMULATION = ("n_samples", "n_replicas", "backend", "form")

#: Those of the theory alone, which are its arguments, too.
_COURSE = ("method", "n_trajectories", "time_step")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    group = parser.add_argument_group("dynamics", "T is 0 unless it is given")
    add_flags(group, "start")
    group.add_argument(
        "--n-steps",
        type=numbers,
        default=20,
        metavar="N",
        help="sweeps or parallel steps from the start on, in [1, 100000] (default 20); of a basin "
        "several numbers",
    )
    group.add_argument(
        "--dynamics",
        default="parallel",
        metavar="NAME",
        help="parallel (default); parallel-diagonal, of order 2 with --indices all; or glauber: "
        "single spins in random order, t in sweeps",
    )
    add_flags(group, "seed")
    group = parser.add_argument_group("theory")
    group.add_argument(
        "--method",
        metavar="NAME",
        help="sampled (default: the exact law) or neurodynamics (statistical neurodynamics)",
    )
    group.add_argument(
        "--n-trajectories",
        type=whole,
        metavar="N",
        help="sampled trajectories of the effective spin, in [1000, 1e9] (default 100000)",
    )
    group.add_argument(
        "--time-step",
        type=number,
        metavar="X",
        help="of the continuous time of glauber, in sweeps, in (0, 1]",
    )
    add_flags(group, "law")
    group.add_argument(
        "--quantity",
        default="trajectory",
        metavar="NAME",
        help="trajectory (default); basin: the smallest start overlap that retrieves; "
        "convergence-time; or recovery: the largest overlap on the way, and when it is lost",
    )
    group.add_argument(
        "--threshold",
        type=number,
        metavar="M",
        help="overlap that counts as retrieved, in (0, 1], of basin and recovery (default 0.7)",
    )
    group.add_argument(
        "--tolerance",
        type=number,
        metavar="M",
        help="distance from the last overlap, in (0, 1], of convergence-time (default 0.01)",
    )
    group = parser.add_argument_group("simulation")
    group.add_argument(
        "--n-spins", type=numbers, metavar="N", help="sizes; without it nothing is simulated"
    )
    add_flags(group, *_SIMULATION)
    parser.add_argument(
        "--figure",
        metavar="NAME",
        help="draw the curves: file with the suffix of its format; without one NAME.pdf and "
        "NAME.png",
    )
    add_flags(parser, "n_threads", "json")


def run(args: argparse.Namespace) -> int:
    """Print the trajectories, and draw them, or what they come to."""
    study = _study(args)
    executor = executor_of(args)
    if args.figure is not None:
        _check_figure(study, args.figure)
    given = {name: getattr(args, name) for name in (*_COURSE, "n_threads")}
    course = {name: value for name, value in given.items() if value is not None}
    described = {"study": study.describe(), **{n: course[n] for n in _COURSE if n in course}}
    if args.quantity == "trajectory":
        return _trajectories(args, study, course, executor, described)
    found = rows(study, args, course)
    if args.json:
        print_json({**described, "quantity": args.quantity, "points": found})
    else:
        print_table(found)
    return 0


def _study(args: argparse.Namespace) -> Study:
    """Return the study that the flags describe.

    Raises
    ------
    ValueError
        For what has no effect, or no theory.
    """
    from hebbian import domain
    from theory.course import DYNAMICS

    for name in _SIMULATION:
        if args.n_spins is None and getattr(args, name) is not None:
            raise ValueError(f"--{name.replace('_', '-')} needs --n-spins: nothing is simulated")
    domain.choice("dynamics", args.dynamics, DYNAMICS)
    check(args)
    args.T = 0.0 if args.T is None else args.T
    tables = study_tables(args)
    steps = args.n_steps
    tables["settings"] |= {
        "n_steps": max(steps) if isinstance(steps, list) else steps,
        "simulate": args.n_spins is not None,
    }
    if args.dynamics == "glauber":
        tables["settings"]["site_order"] = "random"
    return study_of(tables)


def _trajectories(
    args: argparse.Namespace,
    study: Study,
    course: dict[str, Any],
    executor: Any,
    described: dict[str, Any],
) -> int:
    """Print trajectories, and draw them; return the exit code."""
    import xarray as xr

    from phase_diagrams.results import FAILED
    from phase_diagrams.stores.table_file import dataset_rows
    from phase_diagrams.trajectory_prediction import predict_trajectories

    groups = {"theory": predict_trajectories(study.grid, study.settings, **course)}
    if args.n_spins is not None:
        groups["simulation"] = _simulated(study, executor)
    written: list[str] = []
    if args.figure is not None:
        from phase_diagrams import figures

        ax = figures.trajectory(xr.DataTree.from_dict(groups))
        written = [str(path) for path in figures.save(ax.figure, args.figure)]
    if args.json:
        if "simulation" in groups:
            described["backend"] = groups["simulation"].attrs["backend"]
        if written:
            described["figure"] = written
        print_json(described | {name: dataset_rows(group) for name, group in groups.items()})
    else:
        print_table(dataset_rows(_beside(**groups)))
        for path in written:
            print(path)
    failed = "simulation" in groups and bool((groups["simulation"]["status"] == FAILED).any())
    return 3 if failed else 0


def _check_figure(study: Study, name: str) -> None:
    """Refuse a figure that cannot be drawn or written, before anything is computed."""
    from phase_diagrams.figures import files

    files.paths(name)
    swept = [n for n, values in study.grid.axes.items() if len(values) > 1 and n != "n_spins"]
    if len(swept) > 1:
        raise ValueError(f"--figure shows one axis of several values, not {', '.join(swept)}")


def _simulated(study: Study, executor: Any) -> xr.Dataset:
    """Return the simulation of a study that has a theory, too."""
    import dataclasses

    import msgspec

    from phase_diagrams.sweeps.sweeping import run_in_memory

    alone = msgspec.structs.replace(study.settings, theory=False)
    tree = run_in_memory(
        dataclasses.replace(study, settings=alone), executor=executor, progress=True
    )
    return tree["simulation"].to_dataset()


def _beside(theory: xr.Dataset, simulation: xr.Dataset | None = None) -> xr.Dataset:
    """Return the columns of a table: theory, and each size of the simulation.

    The example overlap is left out where nothing is learnt from examples, and the load of
    networks where it is that of the theory.
    """
    from phase_diagrams.loads import rounded

    names = ["m"] if theory["m"].equals(theory["n"]) else ["m", "n"]
    columns: dict[str, xr.DataArray] = {}
    for name in names:
        columns |= {each: theory[each] for each in (name, f"{name}_err")}
        if simulation is None:
            continue
        for size in simulation["n_spins"].values.ravel():
            one = simulation
            if "n_spins" in simulation.dims:
                one = simulation.sel(n_spins=size)
            one = one.drop_vars("n_spins")
            for each in ("", "_err"):
                columns[f"{name}_N{size}{each}"] = one[name + each]
            if name == "m" and rounded(simulation):
                columns[f"alpha_N{size}"] = one["alpha_effective"]
    return theory[[]].assign(columns)
