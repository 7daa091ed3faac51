"""The one runner: disorder samples, temperatures and replicas over threads."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock
from typing import Any

import numpy as np
from tqdm import tqdm

import hebbian
from hebbian import Dataset, Model, domain, streams

from .backend import resolve
from .chain import Chain, Record, Stopped
from .costs import FORM_OF
from .dynamics import DYNAMICS
from .run import Run, collect
from .samples import Samples
from .schedule import Schedule
from .state import initial_spins, resolve_start

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
    start: Any = "pattern",
    seed: int = 0,
    backend: str = "auto",
    form: str = "auto",
    n_threads: int | None = None,
    progress: bool = False,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
) -> Run:
    """Simulate a network by single-spin dynamics.

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
        Warm-up, length and stride of the measurement, in sweeps.
    dynamics : {"glauber", "metropolis", "zero-temperature"}
        Sequential heat bath, sequential Metropolis, or descent at T = 0 that leaves spins
        at zero field alone (T is then without effect).
    start : str, float or array_like
        ``"pattern"``, ``"random"``, ``"hierarchical"``, ``"parallel"``, an overlap in
        [0, 1] with archetype 0, or spins that broadcast to
        (n_samples, n_replicas, n_spins).
    seed : int
        Root seed, at least 0.
    backend : {"auto", "numba", "reference"}
        Kernel.
    form : {"auto", "overlaps", "couplings", "tables", "polynomials"}
        Form of the network in the compiled kernel; ``"auto"`` chooses the fastest by the
        model of `montecarlo.costs`.  The bits of a chain do not depend on it.
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
        Keep every measured configuration in ``Run.spins``.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> from hebbian import Multitasking
    >>> run = simulate(Multitasking(n_patterns=2, dilution=0.3), T=0.0, n_spins=500,
    ...                n_samples=2, start="hierarchical", schedule=Schedule(sweeps=20))
    >>> run.m.mean.shape
    (2,)
    """
    schedule = schedule or Schedule()
    temperatures = domain.real_array("T", T, "[0, inf)")
    rule = DYNAMICS[domain.choice("dynamics", dynamics, DYNAMICS)]
    kernel = resolve(backend, form=form, T=temperatures)
    seed = domain.integer("seed", seed, "[0, inf)")
    n_replicas = domain.integer("n_replicas", n_replicas, "[1, 1000000]")
    samples = Samples(
        model, kernel, alpha=alpha, n_spins=n_spins, n_samples=n_samples, seed=seed, data=data
    )
    chosen = resolve_start(start, (samples.n_samples, n_replicas, samples.n_spins))
    several = model.retrieves_several or patterns is not None
    observed = _observed(patterns, samples.n_patterns, several)
    identity = {**model.describe(), "n_spins": samples.n_spins, "dynamics": dynamics}
    if alpha is not None:
        identity["alpha"] = alpha

    forms: set[str] = set()

    def chain(index: tuple[int, ...], advance: Callable[[int], None], stop: Event) -> Record:
        at, sample, replica = index
        with samples.use(sample, temperatures.size * n_replicas) as (dataset, network):
            temperature = float(temperatures.flat[at])
            forms.add(FORM_OF[type(network).__name__])
            where = {**identity, "T": temperature, "sample": sample, "replica": replica}
            return Chain(
                backend=kernel,
                data=dataset,
                network=network,
                spins=initial_spins(dataset, chosen, seed, sample, replica),
                key=streams.key(seed, "dynamics", **where),
                T=temperature,
                rule=rule,
                schedule=schedule,
                patterns=observed,
            ).run(advance, stop)

    shape = (temperatures.size, samples.n_samples, n_replicas)
    records = _run_all(chain, shape, schedule.total, _threads(n_threads), progress)
    settings = {
        "model": model.describe(),
        "alpha": alpha,
        "T": temperatures.tolist(),
        "n_spins": samples.n_spins,
        "n_samples": samples.n_samples,
        "n_replicas": n_replicas,
        "n_patterns": samples.n_patterns,
        "schedule": dataclasses.asdict(schedule),
        "dynamics": dynamics,
        "start": "array" if isinstance(chosen, np.ndarray) else chosen,
        "seed": seed,
        "backend": kernel.name,
        "form": ", ".join(sorted(forms)),
        "version": hebbian.__version__,
    }
    return collect(
        records,
        temperatures.shape,
        settings,
        several=several,
        anonymous=several and isinstance(chosen, str) and chosen == "random",
        keep_spins=keep_spins,
    )


def _observed(patterns: Sequence[int] | None, n_patterns: int, several: bool) -> np.ndarray:
    if patterns is None:
        return np.arange(n_patterns if several else 1)
    last = f"[0, {n_patterns - 1}]"
    chosen = [domain.integer("patterns", mu, last) for mu in patterns]
    if not chosen:
        raise ValueError("patterns = [] is empty: name at least one archetype to observe")
    return np.array(chosen)


def _threads(n_threads: int | None) -> int:
    if n_threads is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    return domain.integer("n_threads", n_threads, "[1, 4096]")


def _run_all(
    chain: Callable[[tuple[int, ...], Callable[[int], None], Event], Record],
    shape: tuple[int, ...],
    sweeps: int,
    n_threads: int,
    progress: bool,
) -> np.ndarray:
    """Run every chain of the grid `shape`; an interrupt stops them all in a moment."""
    stop, lock = Event(), Lock()
    bar = tqdm(
        total=math.prod(shape) * sweeps,
        unit="sweep",
        unit_scale=True,
        disable=None if progress else True,
    )

    def advance(n: int) -> None:
        with lock:
            bar.update(n)

    # Sample by sample, so that the rows of a few samples are in memory at a time.
    order = sorted(np.ndindex(shape), key=lambda index: index[1])
    with bar, ThreadPoolExecutor(n_threads) as pool:
        futures = {index: pool.submit(chain, index, advance, stop) for index in order}
        try:
            wait(futures.values(), return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    records = np.empty(shape, object)
    failures = [f.exception() for f in futures.values() if not f.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    for index, future in futures.items():
        records[index] = future.result()
    return records
