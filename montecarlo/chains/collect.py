"""From the records of all chains to the result of a simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from montecarlo.observables import replica_overlaps
from montecarlo.run import Run

__all__ = ["collect"]


def collect(
    records: np.ndarray,
    T_shape: tuple[int, ...],
    settings: dict[str, Any],
    *,
    several: bool,
    anonymous: bool,
    keep_spins: bool,
) -> Run:
    """Assemble the records of all chains.

    Parameters
    ----------
    records : numpy.ndarray of Record
        Axes (temperature, sample, replica).
    T_shape : tuple of int
        Shape of the temperatures as the user gave them.
    settings : dict
    several : bool
        Keep the pattern axis of m and n.
    anonymous : bool
        The start singled out no archetype: order them in every chain by the size of their
        mean overlap and reverse the negative ones, as the theory does.
    keep_spins : bool
    """

    def stack(pick: Any) -> np.ndarray:
        grid = np.stack([pick(record) for record in records.ravel()])
        return grid.reshape(*T_shape, *records.shape[1:], *grid.shape[1:])

    m, n = stack(lambda r: r.m), stack(lambda r: r.n)
    if anonymous and m.shape[-2]:
        mean = m.mean(axis=-2, keepdims=True)
        order = np.argsort(-np.abs(mean), axis=-1, kind="stable")
        sign = np.where(np.take_along_axis(mean, order, -1) < 0, -1.0, 1.0)
        m, n = (np.take_along_axis(x, np.broadcast_to(order, x.shape), -1) * sign for x in (m, n))
    packed = stack(lambda r: r.packed)
    n_spins = settings["n_spins"]
    groups = packed.reshape(math.prod(packed.shape[:-3]), *packed.shape[-3:])
    pairs = np.stack([replica_overlaps(group, n_spins) for group in groups])
    spins = None
    if keep_spins:
        bits = np.unpackbits(packed, axis=-1, count=n_spins).view(np.int8)
        spins = 2 * bits - 1
    return Run(
        series={
            "m": m if several else m[..., 0],
            "n": n if several else n[..., 0],
            "q": pairs.reshape(*packed.shape[:-3], *pairs.shape[1:]),
            "energy": stack(lambda r: r.energy),
            "acceptance": stack(lambda r: np.float64(r.flip_rate)),
            **{
                name: stack(lambda r, name=name: r.observables[name])
                for name in records.flat[0].observables
            },
        },
        start_overlaps=stack(lambda r: np.float64(r.start_overlap)),
        stride=settings["schedule"]["stride"],
        several=several,
        settings=settings,
        last=stack(lambda r: r.last),
        period=stack(lambda r: np.int8(r.period)),
        spins=spins,
    )
