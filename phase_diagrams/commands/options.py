"""Flags that several commands share, and what they mean together."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .networks import ARRAYS, NUMBERS, WORDS, Models
from .values import numbers, plain_value, shown, start, strengths_of, whole

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from phase_diagrams.study import Study

__all__ = [
    "add_flags",
    "add_model",
    "add_simulation",
    "executor_of",
    "study_of",
    "study_tables",
]

#: Flags that are fields of `phase_diagrams.study.Settings`: how each is read, and its help.
_SETTINGS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "n_samples": (whole, "N", "disorder samples (default 8)"),
    "n_replicas": (whole, "N", "independent chains on each sample (default 2)"),
    "warmup": (whole, "N", "sweeps before the measurement (default 200)"),
    "sweeps": (whole, "N", "sweeps of the measurement (default 1000)"),
    "stride": (whole, "N", "sweeps between measurements (default 5)"),
    "seed": (whole, "N", "root of all random streams, at least 0 (default 0)"),
    "dynamics": (
        str, "NAME", "glauber (default), metropolis, zero-temperature, parallel, "
        "parallel-diagonal, or layers, the layers of an assembly in turn; plefka and mean-field: "
        "deterministic, of magnetizations",
    ),
    "site_order": (str, "NAME", "visits of a sweep: sequential (default), random or permutation"),
    "cooling": (
        str, "T[:PATH]",
        "temperature from which the warm-up cools, PATH linear (default) or geometric",
    ),
    "start": (
        start, "STATE", "auto (default: hierarchical for multitasking, else pattern), pattern, "
        "pattern:K, that of number K from 0, random, hierarchical, parallel, mixture:N, words or "
        "cue:LAYER:OVERLAP (of assemblies), or overlaps in [0, 1]",
    ),
    "backend": (str, "NAME", "auto (default), numba, cupy or reference"),
    "form": (
        str, "NAME", "network in the kernel: auto (default), lanes, overlaps, couplings, "
        "tables, polynomials or histograms; the spins are the same",
    ),
    "observables": (
        lambda text: text.split(","), "NAMES",
        "what to measure beyond m, n, q and energy: susceptibility, specific_heat, binder, "
        "binder_q, rhat, tau_m, tau_energy, m_sorted, n_sorted, largest_overlap, softmax_weight, "
        "participation, worst_layer, least_stability, or MODULE:NAME of your own",
    ),
    "n_steps": (
        whole, "N",
        "follow chains for N sweeps or parallel steps from the start on, in the place of --warmup, "
        "--sweeps, --stride and --cooling: every variable has an axis t",
    ),
    "law": (
        str, "NAME",
        "law of the example mean: binomial (default, exact) or gaussian (many examples)",
    ),
}  # fmt: skip

#: What commands share of these and beyond the study.
_SHARED: dict[str, dict[str, Any]] = {
    **{
        name: {"type": kind, "metavar": metavar, "help": text}
        for name, (kind, metavar, text) in _SETTINGS.items()
    },
    "executor": {
        "default": "serial",
        "metavar": "NAME",
        "help": "serial (default), process:N, dask:ADDRESS, dask-file:F or slurm:F",
    },
    "n_threads": {
        "type": whole,
        "metavar": "N",
        "help": "threads of this process (default: what NUMBA_NUM_THREADS, OMP_NUM_THREADS, the "
        "affinity mask and the quota of the container allow); results do not depend on it",
    },
    "shard": {"metavar": "I/N", "help": "compute part I of N alone, 1 <= I <= N; see merge"},
    "resume": {"action": "store_true", "help": "go on with an interrupted one"},
    "json": {"action": "store_true", "help": "print JSON instead of a table"},
}


def add_flags(parser: Any, *names: str) -> None:
    """Add some flags that several commands share."""
    for name in names:
        spellings = ("--n-threads", "--threads") if name == "n_threads" else (_flag(name),)
        parser.add_argument(*spellings, **_SHARED[name])


def executor_of(args: argparse.Namespace) -> str | Executor:
    """Return the executor that the flags ask for.

    Raises
    ------
    ValueError
        For a number of threads out of its range, or of workers: they have one each.
    """
    from hebbian.threads import checked_threads
    from phase_diagrams.sweeps.executors import Serial

    executor: str = getattr(args, "executor", "serial")
    if args.n_threads is None:
        return executor
    if executor != "serial":
        raise ValueError(f"--n-threads is of --executor serial: workers of {executor} have one")
    return Serial(checked_threads(args.n_threads))


def add_model(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the flags of the model and its control parameters."""
    group = parser.add_argument_group("model", "numbers may be lists 0.1,0.2 or ranges lo:hi:n")
    for name, text in WORDS.items():
        only: dict[str, Any] = {}
        if name == "model":
            only = {"required": required, "choices": Models()}
        group.add_argument(_flag(name), metavar="NAME", help=text, **only)
    for name, (kind, metavar, text) in ARRAYS.items():
        group.add_argument(_flag(name), type=kind, metavar=metavar, help=text)
    for name, (metavar, text) in NUMBERS.items():
        group.add_argument(_flag(name), type=numbers, metavar=metavar, help=text)
    group.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other parameter of the model; may be repeated",
    )


def add_simulation(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the simulation."""
    group = parser.add_argument_group("simulation")
    group.add_argument("--n-spins", type=numbers, metavar="N", help="number of spins")
    add_flags(group, *(name for name in _SETTINGS if name not in ("law", "n_steps")))


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def study_tables(args: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return what the flags say, as the tables ``model``, ``grid``, ``settings`` of a study."""
    given = {name: value for name, value in vars(args).items() if value is not None}
    model: dict[str, Any] = {k: given[k] for k in (*WORDS, *ARRAYS) if k in given}
    grid: dict[str, Any] = {}
    for name in (*NUMBERS, "n_spins"):
        if name in given:
            swept = isinstance(given[name], list) or name in ("alpha", "T", "n_spins")
            (grid if swept else model)[name] = given[name]
    for text in given.get("parameter", []):
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"--parameter {shown(text)} is not NAME=VALUE")
        model[name] = plain_value(value)
    settings = {name: given[name] for name in _SETTINGS if name in given}
    if isinstance(settings.get("start"), list):
        grid["start"] = settings.pop("start")
    return {"model": model, "grid": grid, "settings": settings}


def study_of(tables: dict[str, dict[str, Any]]) -> Study:
    """Build the study that tables ``model``, ``grid`` and ``settings`` describe.

    Raises
    ------
    ValueError
        Naming the place, for a wrong type or an unknown name; naming parameter, value and
        range for a value outside its domain.
    """
    from hebbian import Model
    from hebbian.documents import convert
    from phase_diagrams.grid import Grid
    from phase_diagrams.points import STATE
    from phase_diagrams.settings import RANGES, Settings, Tables
    from phase_diagrams.study import Study

    _check_names("table", tables, Tables.__struct_fields__)
    _check_names("settings", tables["settings"], Settings.__struct_fields__)
    if "model" not in tables["model"]:
        raise ValueError(f"model is missing: one of {', '.join(Models())}")
    _check_schedule(tables["settings"])
    whole_numbers = {
        name: int(x) if isinstance(x, float) and x.is_integer() and name in RANGES else x
        for name, x in tables["settings"].items()
    }
    checked = convert({**tables, "settings": whole_numbers}, Tables, "study")
    grid = {name: _range(name, value) for name, value in checked.grid.items()}
    # A swept parameter needs no value of its own in the model.
    first = {
        name: value[0] if isinstance(value, list) and value else value
        for name, value in grid.items()
        if name not in STATE
    }
    described = {**first, **checked.model}
    if "weights" in described:
        described["weights"] = strengths_of(described["weights"])
    model = Model.build(described)
    return Study.asked(Grid(model, grid), checked.settings)


def _check_schedule(settings: dict[str, Any]) -> None:
    """Refuse a schedule beside a number of steps from the start on."""
    if settings.get("n_steps") is None:
        return
    for name in ("warmup", "sweeps", "stride", "cooling"):
        if name in settings:
            raise ValueError(
                f"{name} = {shown(settings[name])} has no effect with n_steps: every sweep from "
                "the start on is kept"
            )


def _check_names(place: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    from hebbian.domain import UnknownWord

    for name in given:
        if name not in known:
            message = f"{place}: {name} is not one of {', '.join(known)}"
            raise UnknownWord(message, name, known)


def _range(name: str, value: Any) -> Any:
    try:
        return numbers(value) if isinstance(value, str) else value
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"grid.{name}: {error}") from None
