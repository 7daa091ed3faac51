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

from . import device
from .backend import resolve
from .chain import Chain, Record, Stopped
from .dynamics import DYNAMICS, SEQUENTIAL, SITE_ORDERS, ZERO_TEMPERATURE
from .launch import DeviceSamples, Launch, kept_archetypes, run_split
from .run import Run, collect
from .samples import Samples
from .schedule import Schedule
from .state import initial_spins, resolve_start

__all__ = ["simulate"]

BATCH = 64  # chains that parallel dynamics advances together, at most

Unit = list[tuple[int, int, int]]  # (temperature, sample, replica) of chains done together


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
    n_threads: int | None = None,
    progress: bool = False,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
    first_sweep: int = 0,
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
        Warm-up, cooling, length and stride of the measurement, in sweeps.
    dynamics : {"glauber", "metropolis", "zero-temperature", "parallel"}
        Heat bath, Metropolis, descent at T = 0 that leaves spins at zero field alone (T is
        then without effect), or heat bath of all spins at once (`montecarlo.dynamics`).
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
        Kernel.  ``"cupy"`` runs on a CUDA device; ``"auto"`` takes the device where one
        answers and the work is large (`montecarlo.device`), else the compiled CPU kernel.
        ``Run.settings`` tells which it was.
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
    first_sweep : int
        Number of the first sweep in the streams of the dynamics.  A run that starts from
        the last configurations of another and from its number of sweeps goes on as if it
        had never stopped.

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
    order = SITE_ORDERS[domain.choice("site_order", site_order, SITE_ORDERS)]
    first_sweep = domain.integer("first_sweep", first_sweep, "[0, 1000000000000]")
    _check_cooling(schedule, rule, temperatures)
    kernel = resolve(backend, dynamics)
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
    if order != SEQUENTIAL:
        identity["site_order"] = site_order

    shape = (temperatures.size, samples.n_samples, n_replicas)
    threads = _threads(n_threads)
    on_device = DeviceSamples(
        model=model,
        alpha=alpha,
        n_spins=samples.n_spins,
        n_patterns=samples.n_patterns,
        seed=seed,
        n_kept=kept_archetypes(chosen, observed, samples.n_patterns),
        data=data,
        rule=rule,
    )
    work = device.Work(math.prod(shape), schedule.total, samples.n_spins, on_device.n_rows)
    kernel = resolve(backend, dynamics, work, threads)
    if kernel.on_device:
        threads, units = 1, on_device.units(shape)
    else:
        units = _units(shape, threads if kernel.batched else 0)

    def key(at: int, sample: int, replica: int) -> np.ndarray:
        where = {**identity, "T": float(temperatures.flat[at])}
        return streams.key(seed, "dynamics", **where, sample=sample, replica=replica)

    def common(unit: Unit, datasets: dict[int, Dataset]) -> dict[str, Any]:
        """What chains are made of, an axis of chains in front."""
        return {
            "backend": kernel,
            "spins": np.array(
                [initial_spins(datasets[s], chosen, seed, s, replica) for _, s, replica in unit]
            ),
            "key": np.array([key(*index) for index in unit]),
            "T": np.array([float(temperatures.flat[at]) for at, _, _ in unit]),
            "rule": rule,
            "order": order,
            "schedule": schedule,
            "first_sweep": first_sweep,
            "patterns": observed,
        }

    def chains(unit: Unit, advance: Callable[[int], None], stop: Event) -> list[Record]:
        sample = unit[0][1]
        with samples.use(sample, len(units) // samples.n_samples) as (dataset, network):
            made = common(unit, {sample: dataset})
            if not kernel.batched:
                made |= {"spins": made["spins"][0], "key": made["key"][0], "T": float(made["T"][0])}
            record = Chain(data=dataset, network=network, **made).run(
                lambda n: advance(n * len(unit)), stop
            )
            return record.split() if kernel.batched else [record]

    def launch(unit: Unit, advance: Callable[[int], None], stop: Event) -> list[Record]:
        numbers = sorted({sample for _, sample, _ in unit})
        datasets = [on_device.dataset(sample) for sample in numbers]
        sample_of = np.array([numbers.index(sample) for _, sample, _ in unit])
        return (
            Launch(
                data=datasets[0],
                datasets=datasets,
                sample_of=sample_of,
                network=on_device.networks(numbers, datasets)._replace(sample_of=sample_of),
                **common(unit, dict(zip(numbers, datasets, strict=True))),
            )
            .run(lambda n: advance(n * len(unit)), stop)
            .split()
        )

    def split(unit: Unit, advance: Callable[[int], None], stop: Event) -> list[Record]:
        return run_split(unit, lambda part: launch(part, advance, stop))

    task = split if kernel.on_device else chains
    records = _run_all(task, units, shape, schedule.total, threads, progress)
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
        "site_order": site_order,
        "first_sweep": first_sweep,
        "start": "array" if isinstance(chosen, np.ndarray) else chosen,
        "seed": seed,
        "backend": kernel.name,
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


def _check_cooling(schedule: Schedule, rule: int, temperatures: np.ndarray) -> None:
    cooling = schedule.cooling
    if cooling is None:
        return
    if rule == ZERO_TEMPERATURE:
        raise ValueError("cooling has no effect on dynamics = 'zero-temperature': use 'glauber'")
    if cooling.path == "geometric" and not isinstance(cooling.T, tuple) and not temperatures.all():
        raise ValueError("T = 0.0 has no geometric cooling: use path='linear'")


def _units(shape: tuple[int, int, int], n_threads: int) -> list[Unit]:
    """Cut the grid of chains (temperature, sample, replica) into tasks of one sample each.

    Sample by sample, so that the rows of a few samples are in memory at a time; single
    chains for n_threads = 0, else batches that keep the threads busy.
    """
    n_temperatures, n_samples, n_replicas = shape
    size = 1
    if n_threads:
        shares = -(-n_threads // n_samples)
        size = min(BATCH, -(-n_temperatures * n_replicas // shares))
    units = []
    for sample in range(n_samples):
        chains = [(at, sample, r) for at in range(n_temperatures) for r in range(n_replicas)]
        units += [chains[first : first + size] for first in range(0, len(chains), size)]
    return units


def _run_all(
    chains: Callable[[Unit, Callable[[int], None], Event], list[Record]],
    units: list[Unit],
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

    with bar, ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(chains, unit, advance, stop) for unit in units]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    records = np.empty(shape, object)
    failures = [f.exception() for f in futures if not f.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    for unit, future in zip(units, futures, strict=True):
        for index, record in zip(unit, future.result(), strict=True):
            records[index] = record
    return records
