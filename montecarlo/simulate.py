"""The one runner: disorder samples, temperatures and replicas over threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain
from montecarlo.chains.checkpoint import Place, checkpointed
from montecarlo.chains.collect import collect
from montecarlo.chains.launch import DeviceSamples
from montecarlo.chains.ledger import Ledger
from montecarlo.chains.running import checked_threads
from montecarlo.chains.setup import checked
from montecarlo.chains.tasks import Tasks

from .backend import resolve
from .dynamics import DYNAMICS, SITE_ORDERS, ZERO_TEMPERATURE
from .observables import Measure
from .quantities import Observable, checked_observables
from .run import Run
from .schedule import Schedule, checked_schedule

__all__ = ["simulate"]


def simulate(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_samples: int = 4,
    n_replicas: int = 2,
    schedule: Schedule | None = None,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: Any = "pattern",
    seed: int = 0,
    backend: str = "auto",
    form: str = "auto",
    n_threads: int | None = None,
    progress: bool = False,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
    first_sweep: int = 0,
    observables: Iterable[Observable | str] | Mapping[str, Measure] | None = None,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
) -> Run:
    """Simulate a network by Monte Carlo dynamics.

    The same arguments give the same bits for any number of threads.  A disorder sample
    depends on `seed` and its number alone, so all temperatures see the same archetypes;
    the noise of a chain depends on everything that defines it.

    Parameters
    ----------
    model : Model
    alpha : float, optional
        Load; absent for `Multitasking`.
    T : float or array_like
        Temperatures in [0, inf).
    n_spins : int
        Size of the network; absent if `data` is given.
    n_samples, n_replicas : int
        Disorder samples, and independent chains on each: at least 1.
    schedule : Schedule
        Warm-up, cooling, length and stride of the measurement, in sweeps.
    dynamics : {"glauber", "metropolis", "zero-temperature", "parallel", "plefka", "mean-field"}
        Heat bath, Metropolis, descent at T = 0 that leaves spins at zero field alone (T is
        then without effect), or heat bath of all spins at once (`montecarlo.dynamics`);
        or the deterministic dynamics of the magnetizations of `montecarlo.plefka`, with and
        without the reaction term, where a sweep is a step and T > 0.
    site_order : {"sequential", "random", "permutation"}
        Order of the visits of a sweep: 0 ... N - 1, sites drawn with replacement, or a
        permutation drawn for each sweep; without effect on parallel dynamics.
    start : str, float or array_like
        ``"pattern"``, ``"random"``, ``"hierarchical"``, ``"parallel"``, an overlap in
        [0, 1] with archetype 0, or spins that broadcast to
        (n_samples, n_replicas, n_spins).
    seed : int
        Root seed, at least 0.
    backend : {"auto", "numba", "reference", "cupy"}
        Kernel.  ``"auto"`` is the compiled one of the CPU; ``"cupy"`` runs on a CUDA device
        and is experimental.  ``Run.settings`` tells which it was.
    form : {"auto", "overlaps", "couplings", "tables", "polynomials"}
        Form of the network in the compiled kernel that visits single spins; ``"auto"``
        chooses the fastest (`montecarlo.kernels.single.forms`).  The bits of a chain do not
        depend on it.
    n_threads : int, optional
        Default: the processors this process may use.
    progress : bool
        Show a progress bar on stderr if it is a terminal.
    data : Dataset, optional
        Given archetypes and examples (`hebbian.from_examples`) instead of random ones;
        then there is one sample.
    patterns : sequence of int, optional
        Archetypes to observe; default: all where the model retrieves several at once,
        else archetype 0.
    keep_spins : bool
        Keep the trajectories: every measured configuration in ``Run.spins``, n_spins bytes
        each.  One bit per spin is held until the end in any case, for ``q``.
    first_sweep : int
        Number of the first sweep in the streams of the dynamics.  A run that starts from
        the last configurations of another and from its number of sweeps goes on as if it
        had never stopped.
    observables : iterable of Observable or str, or dict of str to callable, optional
        What to measure beyond m, n, q and energy (`montecarlo.Observable`): objects, names of
        `montecarlo.OBSERVABLES` or of entry points, ``"module:attribute"``, or functions of
        `Configurations` by name.  ``Run.estimate(name)`` and, for what is measured,
        ``Run.series[name]`` have them.
    checkpoint : path, optional
        File that keeps the progress of all chains.  The same call with the same file goes
        on where the last process stopped, whatever ended it, and gives the same bits.  The
        file stays when the run is complete; then it holds the whole result.
    checkpoint_every : float
        Minutes between two writes, in (0, 525600].  SIGINT and SIGTERM write at once, if
        the run was called from the main thread, and then take their usual effect; what
        SIGKILL or a power cut costs is at most 1.5 times this long.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If a parameter is outside its range, an observable returns something else than
        numbers of these shapes, or the checkpoint is damaged or belongs to another run or
        version; it is then left untouched.

    Examples
    --------
    >>> from hebbian import Multitasking
    >>> run = simulate(Multitasking(n_patterns=2, dilution=0.3), T=0.0, n_spins=500,
    ...                n_samples=2, start="hierarchical", schedule=Schedule(sweeps=20))
    >>> run.m.mean.shape
    (2,)
    """
    schedule = checked_schedule(schedule)
    if dynamics in ("plefka", "mean-field"):
        from montecarlo.mean_field.relaxation import trajectories

        if keep_spins:
            raise ValueError(f"keep_spins: {dynamics} has magnetizations, not spins, to keep")
        if site_order != "sequential" or form != "auto" or first_sweep or observables:
            raise ValueError(
                f"site_order, form, first_sweep and observables do not apply to {dynamics}"
            )
        return trajectories(
            model,
            alpha=alpha,
            T=T,
            n_spins=n_spins,
            n_samples=n_samples,
            n_replicas=n_replicas,
            schedule=schedule,
            dynamics=dynamics,
            start=start,
            seed=seed,
            backend=backend,
            n_threads=n_threads,
            progress=progress,
            data=data,
            patterns=patterns,
            checkpoint=checkpoint,
            checkpoint_every=checkpoint_every,
        )
    temperatures = domain.real_array("T", T, "[0, inf)")
    rule = DYNAMICS[domain.choice("dynamics", dynamics, (*DYNAMICS, "plefka", "mean-field"))]
    order = SITE_ORDERS[domain.choice("site_order", site_order, SITE_ORDERS)]
    first_sweep = domain.integer("first_sweep", first_sweep, "[0, 1000000000000]")
    _check_cooling(schedule, rule, temperatures)
    kernel = resolve(backend, dynamics, form=form, T=temperatures)
    setup = checked(
        model,
        kernel,
        alpha=alpha,
        T=temperatures,
        n_spins=n_spins,
        n_samples=n_samples,
        n_replicas=n_replicas,
        start=start,
        seed=seed,
        data=data,
        patterns=patterns,
    )
    samples, chosen = setup.samples, setup.start
    own, threads = checked_observables(observables), checked_threads(n_threads)
    measures = {name: one.function for name, one in own.items() if one.function}
    on_device = DeviceSamples.of(setup, data, rule, all_seen=bool(measures))
    settings = setup.settings | {
        "schedule": dataclasses.asdict(schedule),
        "dynamics": dynamics,
        "site_order": site_order,
        "first_sweep": first_sweep,
        "backend": kernel.name,
        "form": form,
    }
    run_identity = settings | {"observables": sorted(measures)} | setup.fingerprint
    with checkpointed(checkpoint, checkpoint_every, {"run": "simulate"}) as file:
        tasks = Tasks(
            kernel=kernel,
            samples=samples,
            on_device=on_device,
            start=chosen,
            seed=setup.seed,
            identity=setup.streams_of(dynamics, site_order),
            T=temperatures.ravel(),
            rule=rule,
            order=order,
            schedule=schedule,
            first_sweep=first_sweep,
            patterns=setup.patterns,
            observables=measures,
            ledger=Ledger.open(file, run_identity, setup.shape),
        )
        records = tasks.run(threads, progress)
    run = collect(
        records,
        temperatures.shape,
        settings | {"form": tasks.forms or form},
        several=setup.several,
        anonymous=setup.anonymous,
        keep_spins=keep_spins,
    )
    return dataclasses.replace(run, observables=own)


def _check_cooling(schedule: Schedule, rule: int, temperatures: np.ndarray) -> None:
    cooling = schedule.cooling
    if cooling is None:
        return
    if rule == ZERO_TEMPERATURE:
        raise ValueError("cooling has no effect on dynamics = 'zero-temperature': use 'glauber'")
    if cooling.path == "geometric" and not isinstance(cooling.T, tuple) and not temperatures.all():
        raise ValueError("T = 0.0 has no geometric cooling: use path='linear'")
