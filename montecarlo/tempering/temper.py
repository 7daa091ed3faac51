"""Parallel tempering: all temperatures at once, exchanged between walkers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hebbian import Dataset, Model, domain, streams
from montecarlo.backend import resolve
from montecarlo.chains.checkpoint import Place, checkpointed
from montecarlo.chains.collect import collect
from montecarlo.chains.launch import DeviceSamples, run_split
from montecarlo.chains.ledger import Ledger, Unit
from montecarlo.chains.running import checked_threads, run_all, single
from montecarlo.chains.setup import checked
from montecarlo.dynamics import DYNAMICS, SITE_ORDERS
from montecarlo.run import Run
from montecarlo.schedule import Schedule, checked_schedule

from .fleet import run_together
from .tempered import Tempered
from .walkers import Ladder, records

__all__ = ["checked_ladder", "temper"]


def temper(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_samples: int = 4,
    n_replicas: int = 2,
    schedule: Schedule | None = None,
    exchange_every: int = 1,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: Any = "random",
    seed: int = 0,
    backend: str = "auto",
    n_threads: int | None = None,
    progress: bool = False,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    keep_spins: bool = False,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
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
    seed, backend, n_threads, progress, data, patterns, keep_spins, checkpoint, checkpoint_every
        As in `simulate`.

    Returns
    -------
    Tempered
        A `Run` whose series begin with the axis of temperatures, with swap rates, round
        trips and trajectories.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the checkpoint is of no use (`simulate`).

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
    schedule = checked_schedule(schedule)
    if schedule.cooling is not None:
        raise ValueError("schedule: a ladder of temperatures has no cooling")
    temperatures = checked_ladder(T)
    rule = DYNAMICS[domain.choice("dynamics", dynamics, ("glauber", "metropolis"))]
    order = SITE_ORDERS[domain.choice("site_order", site_order, SITE_ORDERS)]
    kernel = resolve(backend, T=temperatures)
    exchange_every = domain.integer("exchange_every", exchange_every, "[1, 1000000000]")
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
    samples, shape = setup.samples, (1, *setup.shape[1:])
    on_device, threads = DeviceSamples.of(setup, data, rule), checked_threads(n_threads)
    rungs = " ".join(streams.canonical(x) for x in temperatures)
    identity = {**setup.streams_of(dynamics, site_order), "ladder": rungs}

    def ladder_of(sample: int, replica: int, dataset: Dataset, network: Any) -> Ladder:
        where = {**identity, "sample": sample, "replica": replica}
        keys = [
            streams.key(setup.seed, "tempering", **where, walker=walker)
            for walker in range(temperatures.size)
        ]
        spins = setup.initial_spins(dataset, sample, replica)
        return Ladder(
            backend=kernel,
            data=dataset,
            network=network,
            spins=np.tile(spins, (temperatures.size, 1)),
            keys=np.array(keys),
            swap_key=streams.key(setup.seed, "exchange", **where),
            T=temperatures,
            rule=rule,
            order=order,
            schedule=schedule,
            exchange_every=exchange_every,
            patterns=setup.patterns,
        )

    def climb(unit: Unit, advance: Callable[[int], None]) -> None:
        ((_, sample, replica),) = unit
        watch = ledger.watch(unit, advance)
        with samples.use(sample, users[sample]) as (dataset, network):
            watch.keep(ladder_of(sample, replica, dataset, network).run(watch))

    def launch(unit: Unit, advance: Callable[[int], None]) -> None:
        numbers = sorted({sample for _, sample, _ in unit})
        datasets = {sample: on_device.dataset(sample) for sample in numbers}
        own = [numbers.index(sample) for _, sample, _ in unit]
        network = on_device.networks(numbers, list(datasets.values()))
        network = network._replace(sample_of=np.repeat(own, temperatures.size))
        ladders = [ladder_of(s, replica, datasets[s], None) for _, s, replica in unit]
        watch = ledger.watch(unit, advance, batched=True)
        watch.keep(run_together(ladders, network, watch))

    def launch_parts(unit: Unit, advance: Callable[[int], None]) -> None:
        smallest = f"a ladder of {temperatures.size} temperatures"
        run_split(unit, lambda part: launch(part, advance), smallest)

    settings = setup.settings | {
        "schedule": dataclasses.asdict(schedule),
        "exchange_every": exchange_every,
        "dynamics": dynamics,
        "site_order": site_order,
        "backend": kernel.name,
    }
    with checkpointed(checkpoint, checkpoint_every, {"run": "temper"}) as file:
        ledger = Ledger.open(file, settings | setup.fingerprint, shape)
        task, grid = climb, single(shape)
        if kernel.on_device:
            task, threads = launch_parts, 1
            grid = on_device.units(shape, n_chains=temperatures.size)
        units = ledger.unfinished(grid)
        users = Counter(unit[0][1] for unit in units)
        run_all(task, units, ledger, schedule.total, threads, progress)
    found = np.empty(setup.shape, object)
    for (_, sample, replica), done in ledger.progress.items():
        found[:, sample, replica] = records(done, samples.n_spins)
    run = collect(
        found,
        temperatures.shape,
        settings,
        several=setup.several,
        anonymous=setup.anonymous,
        keep_spins=keep_spins,
    )

    def stack(name: str) -> np.ndarray:
        grid = np.array([ledger.progress[index].arrays[name] for index in np.ndindex(shape)])
        return grid.reshape(*shape[1:], *grid.shape[1:])

    return Tempered(
        **{field.name: getattr(run, field.name) for field in dataclasses.fields(Run)},
        T=temperatures,
        attempts=stack("attempts"),
        accepted=stack("accepted"),
        visits=stack("visits").swapaxes(-1, -2),
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
