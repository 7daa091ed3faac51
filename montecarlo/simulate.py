"""Monte Carlo runs: disorder samples, temperatures and replicas."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hebbian import Dataset, Model, domain
from hebbian.calling import checked
from montecarlo.engine.chains import Chains
from montecarlo.engine.checkpoint import Place
from montecarlo.engine.plan import Plan
from montecarlo.engine.running import run
from montecarlo.mean_field.trajectories import Trajectories

from .dynamics import checked_dynamics
from .observables import Measure
from .quantities import Observable, checked_observables
from .run import Run
from .schedule import Schedule, checked_schedule

__all__ = ["simulate"]


@checked
def simulate(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_samples: int = 8,
    n_replicas: int = 2,
    schedule: Schedule | None = None,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: Any = "auto",
    seed: int = 0,
    backend: str = "auto",
    form: str = "auto",
    n_threads: int | None = None,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
    first_sweep: int = 0,
    observables: Iterable[Observable | str] | Mapping[str, Measure] | None = None,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    progress: bool = False,
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
    dynamics : str
        ``"glauber"``, heat bath; ``"metropolis"``; ``"zero-temperature"``, descent that leaves
        spins at zero field alone (T is then without effect); or ``"parallel"``, heat bath of all
        spins at once in the fields (H(s_i = -1) - H(s_i = +1))/2 (`montecarlo.dynamics`): the
        softmax update of `Exponential`, the reading of `SparseDistributed`, which has no other
        unless its sites do not vote for themselves; ``"parallel-diagonal"``, which keeps the
        coupling of a spin with itself, of literal squares alone (``Dense(order=2,
        indices="all")``, `Multitasking`); ``"layers"``, heat bath of an `Assembly` that draws one
        whole layer after the other, none of which may be coupled to itself; or
        ``"plefka"`` and ``"mean-field"``, the deterministic dynamics of the magnetizations of
        `montecarlo.plefka`, of polynomial interactions, with and without the reaction term,
        where a sweep is a step and T > 0.
    site_order : {"sequential", "random", "permutation"}
        Order of the visits of a sweep: 0 ... N - 1, sites drawn with replacement, or a
        permutation drawn for each sweep; without effect on parallel dynamics.
    start : str, float or array_like
        ``"pattern"``, ``"random"``, ``"hierarchical"``, ``"parallel"``, an overlap in
        [0, 1] with archetype 0, or spins that broadcast to
        (n_samples, n_replicas, n_spins); ``"pattern:7"``, archetype 7 of 0 ... K - 1;
        ``"mixture"``, the sign of the sum of the first three archetypes (``"mixture:5"``: of
        five); of an `Assembly` ``"words"``, the sign of the sum of what archetype 0 is in all
        layers, alike in each of them, and ``"cue"``, archetype 0 in the first layer alone, which
        the others read once (``"cue:1:0.8"``: an overlap of 0.8 in layer 1).  ``"auto"`` is
        ``"hierarchical"`` for `Multitasking`, else ``"pattern"``.
    seed : int
        Root seed, at least 0.
    backend : {"auto", "numba", "reference", "cupy"}
        Kernel.  ``"auto"`` is the compiled one of the CPU; ``"cupy"`` runs polynomial
        interactions on a CUDA device and is experimental.  ``Run.settings`` tells which it was.
    form : {"auto", "lanes", "overlaps", "layers", "couplings", "tables", "polynomials", \
        "histograms", "weighted"}
        Form of the network in the compiled kernel that visits single spins; ``"auto"``
        chooses the fastest: of a single chain (`montecarlo.kernels.single.forms`), or
        ``"lanes"``, all chains of a sample together (`montecarlo.kernels.many`).  The bits of a
        chain do not depend on it.
    n_threads : int, optional
        Default: what ``NUMBA_NUM_THREADS``, ``OMP_NUM_THREADS``, the affinity mask and the
        quota of a container allow.  The bits do not depend on it.
    data : Dataset, optional
        Given archetypes and examples (`hebbian.from_examples`) instead of random ones;
        then there is one sample.
    patterns : sequence of int, optional
        Archetypes to observe; default: all where the model retrieves several at once,
        else the one that `start` names, by default archetype 0.  Series of m and n are of these
        archetypes, as they were drawn.
        Where the start leaves to chance which of several are retrieved and with which signs
        (``"random"``; one pattern or an overlap with it in a network that retrieves
        several), ``Run.estimate("m_sorted")`` has the overlaps of every chain in the order of
        their size, as the theory has; ``"n_sorted"``, too.
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
    progress : bool
        Show a progress bar, in a terminal or a notebook.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If a parameter is outside its range, the model is not one of the dynamics or the
        backend, an observable returns something else than numbers of these shapes, or the
        checkpoint is damaged or belongs to another run or version; it is then left untouched.

    Examples
    --------
    >>> from hebbian import Multitasking
    >>> run = simulate(Multitasking(n_patterns=2, dilution=0.3), T=0.0, n_spins=500,
    ...                n_samples=2, start="hierarchical", schedule=Schedule(sweeps=20))
    >>> run.m.mean.shape
    (2,)

    One reading of a sparse distributed memory, from an overlap of 0.6:

    >>> from hebbian import SparseDistributed
    >>> run = simulate(SparseDistributed(radius=0.4), alpha=0.02, T=0.0, n_spins=200, start=0.6,
    ...                dynamics="parallel", schedule=Schedule(warmup=0, sweeps=1, stride=1))
    >>> bool(run.m.mean > 0.95), float(run.energy.mean)
    (True, nan)
    """
    keep_spins = domain.boolean("keep_spins", keep_spins)
    schedule, own = checked_schedule(schedule), checked_observables(observables, model)
    measures = {name: one.function for name, one in own.items() if one.function}
    kind = checked_dynamics(
        dynamics,
        site_order=site_order != "sequential",
        form=form != "auto",
        first_sweep=first_sweep != 0,
        observables=bool(measures),
        keep_spins=keep_spins,
        cooling=schedule.cooling is not None,
    )
    temperatures = domain.real_array("T", T, "(0, inf)" if kind.expansion else "[0, inf)")
    if schedule.cooling:
        schedule.cooling.check_end(temperatures)
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
    job: Chains | Trajectories
    if kind.expansion:
        job = Trajectories.of(
            plan,
            backend=backend,
            n_sweeps=schedule.total,
            options={"schedule": dataclasses.asdict(schedule), "dynamics": dynamics},
            expansion=kind.expansion,
            schedule=schedule,
        )
    else:
        job = Chains.of(
            plan,
            schedule,
            dynamics=dynamics,
            site_order=site_order,
            backend=backend,
            form=form,
            first_sweep=domain.integer("first_sweep", first_sweep, "[0, 1000000000000]"),
            observables=measures,
        )
    ledger = run(
        job,
        "simulate",
        n_threads=n_threads,
        progress=progress,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )
    return job.collect(ledger, observables=own, keep_spins=keep_spins)
