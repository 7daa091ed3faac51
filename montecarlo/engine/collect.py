"""From what the entries of a job left behind to the result of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from montecarlo.destinations import BEGUN, late, left, settled_elsewhere
from montecarlo.overlaps import replica_overlaps
from montecarlo.quantities import Observable
from montecarlo.run import Run
from montecarlo.schedule import Schedule

from .plan import Plan

__all__ = ["collect"]


def collect(
    plan: Plan,
    schedule: Schedule,
    settings: dict[str, Any],
    stack: Callable[[str], np.ndarray],
    *,
    observables: dict[str, Observable],
    q: np.ndarray | None = None,
    keep_spins: bool = False,
) -> Run:
    """Assemble what all chains left behind.

    Parameters
    ----------
    plan : Plan
    schedule : Schedule
    settings : dict
    stack : callable
        Name -> what all chains left under it, axes (T, sample, replica, ...).
    observables : dict of str to Observable
        The user's; those with a function were measured.
    q : (T, sample, pair of replicas, measurement) numpy.ndarray, optional
        Overlaps of replicas; default: those of their configurations.
    keep_spins : bool
    """

    def shaped(array: np.ndarray) -> np.ndarray:
        return array.reshape(*plan.T.shape, *array.shape[1:])

    m, n = stack("series/m"), stack("series/n")
    packed, n_spins = stack("series/packed"), plan.n_spins
    if q is None:
        pairs = [
            [replica_overlaps(chains, plan.model.layers(n_spins)) for chains in column]
            for column in packed
        ]
        q = np.array(pairs)
    first = {name: stack(f"first/{name}") for name in ("m", "n", "energy")}
    first |= {name: stack(f"first/{name}") for name, one in observables.items() if one.function}
    start_overlap = first["m"][..., 0]
    late_m = late(m[..., 0])
    astray = left(late_m, start_overlap) & (start_overlap >= BEGUN)
    elsewhere = np.zeros(astray.shape, bool)
    for sample in np.flatnonzero(astray.any(axis=(0, 2))):
        chains = astray[:, sample]
        data = plan.dataset(int(sample))
        elsewhere[:, sample][chains] = settled_elsewhere(data, packed[:, sample][chains])
    spins = None
    if keep_spins:
        bits = np.unpackbits(packed, axis=-1, count=n_spins).view(np.int8)
        spins = shaped(2 * bits - 1)
    flips, attempts = stack("flips"), n_spins * schedule.total
    series = {
        "m": m if plan.several else m[..., 0],
        "n": n if plan.several else n[..., 0],
        "q": q,
        "energy": stack("series/energy"),
        "acceptance": flips / attempts if attempts else np.full(flips.shape, np.nan),
        **{name: stack(f"series/{name}") for name, one in observables.items() if one.function},
    }
    return Run(
        series={name: shaped(values) for name, values in series.items()},
        start_overlaps=shaped(start_overlap),
        first={
            name: shaped(values if plan.several or name not in ("m", "n") else values[..., 0])
            for name, values in first.items()
        },
        stride=schedule.stride,
        several=plan.several,
        anonymous=plan.anonymous,
        settings=settings,
        last=shaped(stack("last")),
        period=shaped(stack("period")),
        elsewhere=shaped(elsewhere),
        spins=spins,
        observables=observables,
    )
