"""The result of a simulation."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .estimators import Estimate, estimate
from .observables import replica_overlaps

__all__ = ["Run", "collect"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """Raw series of a simulation and the estimates made of them.

    Parameters
    ----------
    series : dict of str to numpy.ndarray
        ``m``, ``n``, ``q``, ``energy``: axes (T..., sample, replica, measurement), with
        pairs of replicas in the place of replicas for ``q`` and a last axis ``pattern``
        for ``m`` and ``n`` where several archetypes are observed; ``acceptance``: flips
        per attempted update, axes (T..., sample, replica).
    start_overlaps : numpy.ndarray
        Axes (T..., sample, replica): overlap of each first configuration with archetype 0.
    stride : int
        Sweeps between measurements.
    several : bool
        Whether ``m`` and ``n`` have a pattern axis.
    settings : dict
        What ran: model, sizes, schedule, dynamics, seed, backend.
    last : numpy.ndarray
        Last configurations, axes (T..., sample, replica, spin), int8: a start for another
        run.
    period : numpy.ndarray
        Axes (T..., sample, replica), int8: 1 where the last configuration is a fixed point
        of the zero-temperature dynamics (no spin opposes its field), 2 where it is in a
        cycle of two under parallel updates, else 0.  Spins at zero field count as at rest.
    spins : numpy.ndarray or None
        Axes (T..., sample, replica, measurement, spin), int8, when they were kept.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> import montecarlo
    >>> schedule = montecarlo.Schedule(warmup=20, sweeps=100, stride=2)
    >>> run = montecarlo.simulate(
    ...     Hopfield(), alpha=0.02, T=0.3, n_spins=200, n_samples=3, schedule=schedule, seed=1
    ... )
    >>> bool(abs(run.m.mean - 0.99) < 0.02)
    True
    """

    series: dict[str, np.ndarray]
    start_overlaps: np.ndarray
    stride: int
    several: bool
    settings: dict[str, Any]
    last: np.ndarray = dataclasses.field(repr=False)
    period: np.ndarray = dataclasses.field(repr=False)
    spins: np.ndarray | None = dataclasses.field(default=None, repr=False)

    def _estimate(self, name: str) -> Estimate:
        series = self.series[name]
        if self.several and name in ("m", "n"):
            series = np.moveaxis(series, -1, self.start_overlaps.ndim - 2)
        return estimate(series, self.stride)

    @cached_property
    def m(self) -> Estimate:
        """Signed Mattis magnetization; last axis pattern where several are observed."""
        return self._estimate("m")

    @cached_property
    def n(self) -> Estimate:
        """Overlap with the normalised example average."""
        return self._estimate("n")

    @cached_property
    def q(self) -> Estimate:
        """Overlap of two replicas of one sample; NaN for a single replica."""
        return self._estimate("q")

    @cached_property
    def energy(self) -> Estimate:
        """Energy per spin H/N."""
        return self._estimate("energy")

    @cached_property
    def acceptance(self) -> Estimate:
        """Flips per attempted update."""
        return estimate(self.series["acceptance"][..., None], 1)

    @property
    def fixed_point(self) -> np.ndarray:
        """Whether each last configuration is a fixed point at T = 0: ``period == 1``."""
        return self.period == 1

    @property
    def escaped(self) -> np.ndarray:
        """Fraction of chains that left archetype 0, axes (T...).

        A chain counts where m, averaged over the second half of its measurements, is below
        half of the overlap it started from; NaN where chains start from an overlap of less
        than 0.02, and without measurements.
        """
        m = self.series["m"][..., 0] if self.several else self.series["m"]
        late = m[..., m.shape[-1] // 2 :]
        axes = (-1, -2)
        if late.shape[-1] == 0:
            return np.full(m.shape[:-3], np.nan)
        left = (late.mean(axis=-1) < 0.5 * self.start_overlaps).mean(axis=axes)
        began = (self.start_overlaps >= 0.02).all(axis=axes)
        return np.where(began, left, np.nan)

    def __repr__(self) -> str:
        lines = [f"Run of {self.settings['model']}"]
        lines += [f"  {name}: {getattr(self, name)!r}" for name in ("m", "n", "q", "energy")]
        return "\n".join([*lines, f"  escaped: {self.escaped}"])


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
        },
        start_overlaps=stack(lambda r: np.float64(r.start_overlap)),
        stride=settings["schedule"]["stride"],
        several=several,
        settings=settings,
        last=stack(lambda r: r.last),
        period=stack(lambda r: np.int8(r.period)),
        spins=spins,
    )
