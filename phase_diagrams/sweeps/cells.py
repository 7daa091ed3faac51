"""A point of a study, or a row of points on one draw of the disorder: simulate it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

import montecarlo
from montecarlo.state import resolve_start, used_patterns
from montecarlo.statistics.estimate import Estimate
from phase_diagrams.points import Cell
from phase_diagrams.results import pack, widths
from phase_diagrams.settings import Settings

__all__ = ["arguments", "rehearse", "schedule_of", "simulate", "simulate_row"]

#: Estimates of which those of several temperatures at once have the bits of each by itself,
#: and whether they must have a range, which overlaps of spins share at all temperatures.
AT_ONCE = {"m": True, "q": True, "energy": False, "acceptance": False}

#: What an estimate has one of for every temperature.
NUMBERS = ("mean", "error", "tau", "n_eff", "short", "few", "unseen")

FEW = 3  # patterns of a rehearsal, unless its start needs more


def schedule_of(settings: Settings, **changes: int) -> montecarlo.Schedule:
    """Return the schedule of the settings."""
    cooling = None
    if settings.cooling is not None:
        start, path = str(settings.cooling).split(":")
        cooling = montecarlo.Cooling(T=float(start), path=path)
    lengths = {"warmup": settings.warmup, "sweeps": settings.sweeps, "stride": settings.stride}
    return montecarlo.Schedule(**{**lengths, **changes}, cooling=cooling)


def arguments(cell: Cell, settings: Settings) -> dict[str, Any]:
    """Return the arguments that `montecarlo.simulate` and `temper` share, for a point."""
    return {
        "alpha": cell.alpha,
        "n_spins": cell.n_spins,
        "n_samples": settings.n_samples,
        "n_replicas": settings.n_replicas,
        "schedule": schedule_of(settings),
        "dynamics": settings.dynamics,
        "site_order": settings.site_order,
        "start": settings.start if cell.start is None else cell.start,
        "seed": settings.seed,
        "backend": settings.backend,
        "observables": settings.observables,
    }


def simulate(cell: Cell, settings: Settings, **changes: Any) -> montecarlo.Run:
    """Run the simulation of one point; `changes` replace arguments of the simulation."""
    known = arguments(cell, settings) | {
        "T": cell.T,
        "form": settings.form,
    }
    return montecarlo.simulate(cell.model, **{**known, **changes})


def rehearse(cell: Cell, settings: Settings) -> None:
    """Let the simulation judge the settings by a run of no sweeps and a few patterns.

    Raises
    ------
    ValueError
        For whatever it would refuse later.
    """
    run = simulate(
        cell,
        settings,
        alpha=None if cell.alpha is None else _few(cell, cell.alpha, settings),
        n_samples=1,
        n_replicas=1,
        schedule=schedule_of(settings, warmup=0, sweeps=0, stride=1),
    )
    if settings.n_steps is not None:
        settings = msgspec.structs.replace(settings, n_steps=0)
    components = {"pattern": run.settings["n_patterns"], "layer": cell.model.n_layers}
    lengths = settings.lengths(components, 1)
    pack(run, settings.results, widths(settings.results, lengths))


def _few(cell: Cell, alpha: float, settings: Settings) -> float:
    """Return the load of a few patterns, at most that of the point."""
    model, n_spins = cell.model, cell.n_spins or 1
    n_patterns = model.count(alpha, n_spins)
    known = resolve_start(model, arguments(cell, settings)["start"], (1, 1, n_spins), n_patterns)
    few = max(FEW, used_patterns(known, FEW))
    load = model.load(few, n_spins)
    load = alpha * few / n_patterns if load is None else load
    try:
        model.check_number(min(few, n_patterns), n_spins)
    except ValueError:  # given strengths are of all patterns
        return alpha
    return min(alpha, load)


def simulate_row(row: Sequence[Cell], settings: Settings, **changes: Any) -> list[montecarlo.Run]:
    """Run points that differ in their temperature alone, on one draw of the disorder."""
    if len(row) == 1:
        return [simulate(row[0], settings, **changes)]
    run = simulate(row[0], settings, T=[cell.T for cell in row], **changes)
    return [_at(run, i) for i in range(len(row))]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _OfRow(montecarlo.Run):
    """The run of one temperature out of a row, which makes estimates of all of them at once."""

    row: montecarlo.Run
    place: int

    def estimate(self, name: str) -> Estimate:
        if name not in AT_ONCE:
            return super().estimate(name)
        whole: Estimate = getattr(self.row, name)  # kept there
        if AT_ONCE[name] and not whole.within.bounded():
            return super().estimate(name)
        parts = {number: getattr(whole, number)[self.place] for number in NUMBERS}
        return dataclasses.replace(whole, **parts)


def _at(run: montecarlo.Run, i: int) -> montecarlo.Run:
    """Return the run of one temperature out of a row."""
    part = dataclasses.replace(
        run,
        series={name: values[i] for name, values in run.series.items()},
        start_overlaps=run.start_overlaps[i],
        first={name: values[i] for name, values in run.first.items()},
        last=run.last[i],
        period=run.period[i],
        elsewhere=run.elsewhere[i],
        settings={**run.settings, "T": run.settings["T"][i]},
    )
    return _OfRow(
        **{f.name: getattr(part, f.name) for f in dataclasses.fields(part)}, row=run, place=i
    )
