"""Heating and cooling ramps: where retrieval is lost, and where it is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result, Variable, parts
from hebbian.tables import HEADINGS, Display, Shown, cells
from montecarlo.dynamics import DYNAMICS
from montecarlo.engine.checkpoint import Place, checkpointed
from montecarlo.schedule import Schedule, checked_schedule
from montecarlo.simulate import simulate
from montecarlo.statistics.estimate import Estimate
from montecarlo.statistics.estimators import (
    energy_estimate,
    over_samples,
    overlap_estimate,
)
from montecarlo.statistics.ordering import by_size

__all__ = ["Line", "Ramp", "ramp"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Where the overlap crosses a level along a ramp.

    Parameters
    ----------
    value : float
        Mean over the samples that cross; NaN if none does.
    error : float
        Standard error over these samples; NaN for fewer than two.
    fraction : float
        Samples that cross, of all: below 1 the value says nothing of the others.
    samples : (n_samples,) float64
        Crossing of every sample, interpolated between two steps; NaN without one.
    """

    value: float
    error: float
    fraction: float
    samples: np.ndarray = dataclasses.field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Ramp(Display, Result):
    """Overlap and energy along a ramp.

    Parameters
    ----------
    T, alpha : (n_steps,) float64
        Temperature and load of every step, in the order of the visits; alpha is NaN for a
        model without a load.
    series : dict of str to numpy.ndarray
        ``m``, ``n``, ``energy``: axes (step, sample, replica, measurement).
    stride : int
        Sweeps between measurements.
    last : (n_samples, n_replicas, n_spins) int8
        Configurations after the last step: the start of a ramp that goes on.
    settings : dict
        Of the runs: model, sizes, schedule, dynamics, seed, backend or backends.
    """

    T: np.ndarray
    alpha: np.ndarray
    series: dict[str, np.ndarray]
    stride: int
    last: np.ndarray = dataclasses.field(repr=False)
    settings: dict[str, Any]

    @cached_property
    def m(self) -> Estimate:
        """Overlap at every step: shape (n_steps,)."""
        return overlap_estimate(self.series["m"], self.settings["n_spins"], self.stride)

    @cached_property
    def n(self) -> Estimate:
        """Overlap with the example average at every step."""
        return overlap_estimate(self.series["n"], self.settings["n_spins"], self.stride)

    @cached_property
    def energy(self) -> Estimate:
        """Energy per spin H/N at every step."""
        return energy_estimate(self.series["energy"], self.settings["n_spins"], self.stride)

    def line(self, overlap: float = 0.5) -> Line:
        """Return where the overlap first crosses a level, in T or, at fixed T, in alpha.

        From a retrieval start it is where retrieval is lost: the end of metastability for
        chains of this length.  On cooling from a random start it is where retrieval is found.

        Parameters
        ----------
        overlap : float
            Level, in (0, 1).

        Raises
        ------
        ValueError
            If the ramp varies both T and alpha, or `overlap` is out of range.
        """
        overlap = domain.real("overlap", overlap, "(0, 1)")
        if np.ptp(self.T) > 0 and np.ptp(self.alpha) > 0:
            raise ValueError("line: the ramp varies both T and alpha, so it has no single axis")
        along = self.alpha if np.ptp(self.alpha) > 0 else self.T
        m = self.series["m"]
        m = m.mean(axis=(-1, -2)) if m.shape[-1] else np.full(m.shape[:2], np.nan)
        samples = np.array([_crossing(along, column, overlap) for column in m.T])
        found = samples[~np.isnan(samples)]
        value, error = over_samples(found)
        return Line(
            value=float(value),
            error=float(error),
            fraction=len(found) / len(samples),
            samples=samples,
        )

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the steps, with their temperatures and loads."""
        along = {"T": self.T, "alpha": self.alpha}
        steps = {k: Variable(("step",), x) for k, x in along.items() if not np.isnan(x).all()}
        n_spins = Variable((), self.settings["n_spins"])
        return ("step",), steps | {"n_spins": n_spins}

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield overlaps and energies at every step."""
        for name in ("m", "n", "energy"):
            yield from parts(name, getattr(self, name), ("...",))

    def groups(self) -> dict[str, dict[str, Variable]]:
        """Return the raw series and the last configurations."""
        chains = ("sample", "replica")
        dims = ("...", *chains, "t", "component")
        series = {name: Variable(dims, values) for name, values in self.series.items()}
        return {"series": series, "last": {"spins": Variable((*chains, "site"), self.last)}}

    def _shown(self) -> Shown:
        steps = zip(self.T, self.alpha, self.m.numbers(), strict=True)
        lines = [(f"{T:.4g}", f"{load:.4g}", *cells(numbers)) for T, load, (_, *numbers) in steps]
        title = f"Ramp of {self.settings['model']}: m at every step"
        return Shown(title, ("T", "alpha", *HEADINGS), lines)


def _crossing(along: np.ndarray, m: np.ndarray, level: float) -> float:
    above = m > level
    changed = np.flatnonzero(above[1:] != above[:-1])
    if len(changed) == 0:
        return np.nan
    k = changed[0]
    return float(along[k] + (along[k + 1] - along[k]) * (level - m[k]) / (m[k + 1] - m[k]))


@checked_with(simulate)
def ramp(
    model: Model,
    *,
    alpha: Any = None,
    T: Any,
    n_spins: int,
    schedule: Schedule | None = None,
    carry: bool = True,
    start: Any = "auto",
    follow: str | None = None,
    first_step: int = 0,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    **settings: Any,
) -> Ramp:
    """Take every chain through a sequence of temperatures or loads.

    Carried chains heat or cool a state and show how far it stays metastable; independent
    starts from a pattern at every step show where retrieval is metastable at all.  A ramp in
    alpha adds rows to the network, or takes the last ones away: the disorder of a smaller
    load is contained in that of a larger one.

    Parameters
    ----------
    model : Model
    T, alpha : float or sequence of float
        In [0, inf), broadcast against each other: the steps, in this order.  alpha is
        absent for `Multitasking`.
    n_spins : int
    schedule : Schedule
        Sweeps at each step.
    carry : bool
        Start each step from the last configurations of the step before; else every step
        starts from `start`.
    start : str, float or array_like
        As for `simulate`.
    follow : {"first", "largest"}, optional
        Overlap reported as m and n: with archetype 0, or for every chain and step with the
        archetype whose mean overlap is the largest in absolute value, made positive.
        Default: the largest for ``start="random"``, else the first.  The largest of K
        overlaps is of order sqrt(2 ln(K) / N) even without retrieval.
    first_step : int
        Number of the first step.  A ramp may be cut anywhere: the rest with
        ``start=ramp.last`` and ``first_step=len(ramp.T)`` gives the same bits.
    checkpoint, checkpoint_every
        As in `simulate`; one file keeps all steps.
    **settings
        Further arguments of `simulate`: n_samples, n_replicas, dynamics, site_order, seed,
        backend, n_threads, progress.

    Returns
    -------
    Ramp

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the checkpoint is of no use (`simulate`).

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> heating = ramp(Hopfield(), T=[0.2, 0.6, 1.0, 1.4], alpha=0.01, n_spins=400,
    ...                schedule=Schedule(warmup=20, sweeps=20))
    >>> bool(0.6 < heating.line().value < 1.0)
    True
    """
    schedule = checked_schedule(schedule)
    if follow is None:
        follow = "largest" if isinstance(start, str) and start == "random" else "first"
    domain.choice("follow", follow, ("first", "largest"))
    first_step = domain.integer("first_step", first_step, "[0, 1000000]")
    if not isinstance(carry, (bool, np.bool)):
        raise ValueError(f"carry = {carry!r} is neither True nor False")
    if "first_sweep" in settings or "data" in settings:
        raise ValueError("ramp takes neither data nor first_sweep: it draws the networks itself")
    kind = DYNAMICS.get(settings.get("dynamics", "glauber"))
    if kind and kind.expansion:
        raise ValueError(f"dynamics = {settings['dynamics']!r} has no ramp: no spins to carry on")
    if "patterns" in settings:
        raise ValueError("patterns is not a choice here: follow says which archetype is observed")
    temperatures, loads = _steps(T, alpha)
    if model.replays and (not carry or np.ptp(loads) > 0):
        raise ValueError(
            f"model = {model!r}: which pattern is due goes on from step to step, so that a ramp is "
            "of T alone and carries configurations on"
        )
    series: dict[str, list[np.ndarray]] = {"m": [], "n": [], "energy": []}
    backends: set[str] = set()
    networks: dict[str, list[Any]] = {"n_patterns": [], "alpha_effective": []}
    spins = start
    asked = {
        "run": "ramp",
        "T": temperatures.tolist(),
        "alpha": None if alpha is None else loads.tolist(),
        "carry": bool(carry),
        "first_step": first_step,
    }
    with checkpointed(checkpoint, checkpoint_every, asked) as file:
        for k, (temperature, load) in enumerate(zip(temperatures, loads, strict=True)):
            load = None if np.isnan(load) else float(load)
            run = simulate(
                model,
                alpha=load,
                T=float(temperature),
                n_spins=n_spins,
                start=spins,
                schedule=schedule,
                patterns=range(model.count(load, n_spins)) if follow == "largest" else [0],
                first_sweep=(first_step + k) * schedule.total,
                checkpoint=file,
                **settings,
            )
            spins = run.last if carry else start
            m, n = run.series["m"], run.series["n"]
            if follow == "largest":
                m, n = _largest(m, n)
            series["m"].append(m[..., 0])
            series["n"].append(n[..., 0])
            series["energy"].append(run.series["energy"])
            for name in run.observables.keys() & run.series.keys():
                series.setdefault(name, []).append(run.series[name])
            backends.add(run.settings["backend"])
            for name, of_steps in networks.items():
                of_steps.append(run.settings[name])
    chosen = {"carry": bool(carry), "follow": follow, "first_step": first_step}
    return Ramp(
        T=temperatures,
        alpha=loads,
        series={name: np.stack(values) for name, values in series.items()},
        stride=schedule.stride,
        last=run.last,
        settings={**run.settings, **chosen, **networks, "backend": " ".join(sorted(backends))},
    )


def _largest(m: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep, of the last axis, the archetype of largest mean overlap in every chain."""
    if m.shape[-2] == 0:
        return m[..., :1], n[..., :1]
    chosen, sign = (ranks[..., :1] for ranks in by_size(m))
    return np.take_along_axis(m, chosen, -1) * sign, np.take_along_axis(n, chosen, -1) * sign


def _steps(T: Any, alpha: Any) -> tuple[np.ndarray, np.ndarray]:
    temperatures = domain.real_array("T", T, "[0, inf)")
    loads = np.array(np.nan) if alpha is None else domain.real_array("alpha", alpha, "[0, inf)")
    if temperatures.ndim > 1 or loads.ndim > 1:
        raise ValueError("ramp: T and alpha must be numbers or sequences of numbers")
    try:
        steps = np.broadcast_arrays(np.atleast_1d(temperatures), np.atleast_1d(loads))
    except ValueError:
        raise ValueError(
            f"ramp: {temperatures.size} temperatures do not match {loads.size} loads, one for each "
            "step: phase_diagrams.ramps takes every load through all temperatures"
        ) from None
    if steps[0].size == 0:
        raise ValueError("ramp: T and alpha hold no step")
    return steps[0].copy(), steps[1].copy()
