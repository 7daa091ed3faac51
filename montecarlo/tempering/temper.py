"""Parallel tempering: all temperatures at once, exchanged between walkers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain
from hebbian.calling import checked
from montecarlo.dynamics import DYNAMICS
from montecarlo.engine.checkpoint import Place
from montecarlo.engine.collect import collect
from montecarlo.engine.plan import Plan
from montecarlo.engine.running import run
from montecarlo.observables import Measure
from montecarlo.quantities import Observable, checked_observables
from montecarlo.run import Run
from montecarlo.schedule import Schedule, checked_schedule

from .ladders import Ladders
from .tempered import Tempered

__all__ = ["checked_ladder", "temper"]


@checked
def temper(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_samples: int = 8,
    n_replicas: int = 2,
    schedule: Schedule | None = None,
    exchange_every: int = 1,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: Any = "random",
    seed: int = 0,
    backend: str = "auto",
    n_threads: int | None = None,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
    observables: Iterable[Observable | str] | Mapping[str, Measure] | None = None,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    progress: bool = False,
) -> Tempered:
    r"""Simulate a network at all temperatures of a ladder by replica exchange.

    Every disorder sample carries `n_replicas` independent ladders, so that overlaps q
    between replicas are those of independent systems.  A ladder has a walker for each
    temperature; every `exchange_every` sweeps neighbours try to exchange temperatures
    (`.exchange`).  The same arguments give the same bits for any number of
    threads; the disorder is that of `simulate`.

    Parameters
    ----------
    model : Model
    alpha : float, optional
        Load; absent for `Multitasking`.
    T : array_like
        Ladder of at least two increasing temperatures in (0, inf); see `tune_ladder`.
    n_spins : int
        Size of the network; absent if `data` is given.
    n_samples, n_replicas : int
        Disorder samples, and independent ladders on each: at least 1.
    schedule : Schedule
        Warm-up, length and stride of the measurement, in sweeps of every walker.
    exchange_every : int
        Sweeps between exchanges, at least 1.
    dynamics : {"glauber", "metropolis"}
        What a walker does between exchanges.
    site_order : {"sequential", "random", "permutation"}
        As in `simulate`.  Exchanges do not make sequential Metropolis ergodic where costs
        vanish (`montecarlo.dynamics`); a random order does.
    start : str, float or array_like
        As in `simulate`; the walkers of a ladder start alike.
    seed, backend, n_threads, progress, data, patterns, keep_spins
        As in `simulate`: the series of m and n are of the archetypes as they were drawn.  A
        series at one temperature is of all walkers that came by, each with patterns and signs
        of its own, so that the mean m of an archetype vanishes with its symmetry;
        ``estimate("m_sorted")`` orders the means of a series, and is less than the overlap
        of a walker where they mix.
    observables : iterable of Observable or str, or dict of str to callable, optional
        As in `simulate`; measured at every temperature, on whichever walker is there.
    checkpoint, checkpoint_every
        As in `simulate`.

    Returns
    -------
    Tempered
        A `Run` whose series begin with the axis of temperatures, with swap rates, round
        trips and trajectories.

    Raises
    ------
    ValueError
        If a parameter is outside its range, an observable returns something else than
        numbers of these shapes, or the checkpoint is of no use (`simulate`).

    Notes
    -----
    The series at one temperature is fed by many walkers: its autocorrelation time measures
    the series, not the walkers.  `Tempered.round_trip_time` tells how long a walker takes
    to forget.

    References
    ----------
    .. [1] K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn 65, 1604 (1996),
       doi:10.1143/JPSJ.65.1604.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> run = temper(Hopfield(), alpha=0.1, T=[0.3, 0.5, 0.8], n_spins=50, n_samples=2,
    ...              schedule=Schedule(warmup=20, sweeps=50, stride=1), seed=1)
    >>> run.energy.mean.shape, run.swap_rates.shape, run.visits.shape
    ((3,), (2,), (2, 2, 3, 51))
    """
    schedule, own = checked_schedule(schedule), checked_observables(observables, model)
    if schedule.cooling is not None:
        raise ValueError("schedule: a ladder of temperatures has no cooling")
    temperatures = checked_ladder(T)
    domain.choice("dynamics", dynamics, [name for name in DYNAMICS if DYNAMICS[name].balanced])
    exchange_every = domain.integer("exchange_every", exchange_every, "[1, 1000000000]")
    plan = Plan.of(
        model,
        alpha=alpha,
        T=temperatures,
        n_spins=n_spins,
        n_samples=n_samples,
        n_replicas=n_replicas,
        start=start,
        seed=seed,
        data=data,
        patterns=patterns,
        dynamics=dynamics,
        backend=backend,
    )
    job = Ladders.of(
        plan,
        schedule,
        dynamics=dynamics,
        site_order=site_order,
        backend=backend,
        exchange_every=exchange_every,
        observables={name: one.function for name, one in own.items() if one.function},
    )
    ledger = run(
        job,
        "temper",
        n_threads=n_threads,
        progress=progress,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )

    def stack(name: str) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(ledger.stack(name)[0], 2, 0))

    found = collect(plan, schedule, job.outcome, stack, observables=own, keep_spins=keep_spins)
    return Tempered(
        **{field.name: getattr(found, field.name) for field in dataclasses.fields(Run)},
        T=temperatures,
        attempts=ledger.stack("attempts")[0],
        accepted=ledger.stack("accepted")[0],
        visits=ledger.stack("visits")[0].swapaxes(-1, -2),
        exchange_every=exchange_every,
    )


def checked_ladder(T: Any) -> np.ndarray:
    """Return the temperatures of a ladder, at least two, increasing.

    Raises
    ------
    ValueError
        If they are not.
    """
    temperatures = domain.real_array("T", T, "(0, inf)")
    if temperatures.ndim != 1 or temperatures.size < 2 or np.any(np.diff(temperatures) <= 0):
        raise ValueError(
            f"T = {temperatures.tolist()} is not a ladder of at least two increasing temperatures"
        )
    return temperatures
