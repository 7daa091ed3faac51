"""The result of replica exchange: a run, and how the walkers moved along the ladder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hebbian.result import Variable
from hebbian.tables import Shown
from montecarlo.run import Run

from .exchange import round_trips

__all__ = ["Tempered"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tempered(Run):
    """A `Run` with one axis of temperatures, and how the walkers moved along it.

    Parameters
    ----------
    T : (n_T,) numpy.ndarray
        The ladder.
    attempts, accepted : (sample, replica, n_T - 1) numpy.ndarray
        Exchanges between neighbouring temperatures after the warm-up.
    visits : (sample, replica, walker, time) numpy.ndarray
        Temperature index of every walker at the end of the warm-up (time 0) and after
        every later exchange, int16.
    exchange_every : int
        Sweeps between exchanges.
    """

    T: np.ndarray
    attempts: np.ndarray
    accepted: np.ndarray
    visits: np.ndarray
    exchange_every: int

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield the estimates, and how the walkers moved."""
        yield from super().variables()
        yield "swap_rate", Variable(("swap",), self.swap_rates)
        yield "upward_fraction", Variable(("T",), self.upward_fraction)

    def groups(self) -> dict[str, dict[str, Variable]]:
        """Return the groups of a run, and the exchanges."""
        chains = ("sample", "replica")
        exchange = {
            "attempts": Variable((*chains, "swap"), self.attempts),
            "accepted": Variable((*chains, "swap"), self.accepted),
            "visits": Variable((*chains, "walker", "exchange"), self.visits),
            "round_trips": Variable((*chains, "walker"), self.round_trips),
        }
        return super().groups() | {"exchange": exchange}

    @property
    def swap_rates(self) -> np.ndarray:
        """Accepted fraction of the exchanges of each pair, shape (n_T - 1,); NaN if none."""
        with np.errstate(invalid="ignore"):
            return self.accepted.sum(axis=(0, 1)) / self.attempts.sum(axis=(0, 1))

    @cached_property
    def round_trips(self) -> np.ndarray:
        """Round trips of every walker between the ends, axes (sample, replica, walker)."""
        flat = self.visits.reshape(-1, self.visits.shape[-1])
        return round_trips(flat, len(self.T)).reshape(self.visits.shape[:-1])

    @property
    def round_trip_time(self) -> float:
        """Mean sweeps that a walker needs for a round trip; NaN where none was seen."""
        sweeps = self.round_trips.size * (self.visits.shape[-1] - 1) * self.exchange_every
        total = int(self.round_trips.sum())
        return sweeps / total if total else np.nan

    @property
    def upward_fraction(self) -> np.ndarray:
        """Share of walkers at each temperature that last touched the cold end, (n_T,).

        Falls from 1 at the cold end to 0 at the hot end, evenly in a good ladder; a steep
        drop marks the bottleneck [1]_.  Walkers that touched no end yet are left out.

        References
        ----------
        .. [1] H. G. Katzgraber, S. Trebst, D. A. Huse, M. Troyer, J. Stat. Mech. P03018
           (2006), doi:10.1088/1742-5468/2006/03/P03018.
        """
        last, n_T = self.visits.shape[-1], len(self.T)
        paths = self.visits.reshape(-1, last)
        touched = np.where((paths == 0) | (paths == n_T - 1), np.arange(last), -1)
        touched = np.maximum.accumulate(touched, axis=1)
        cold = np.take_along_axis(paths, np.maximum(touched, 0), axis=1) == 0
        known = touched >= 0
        up = np.bincount(paths[known & cold], minlength=n_T)
        seen = np.bincount(paths[known], minlength=n_T)
        return np.where(seen > 0, up / np.maximum(seen, 1), np.nan)

    def _shown(self) -> Shown:
        shown = super()._shown()
        pairs = zip(self.T[:-1], self.T[1:], self.swap_rates, strict=True)
        rates = ", ".join(f"{low:.4g} to {high:.4g} {rate:.3f}" for low, high, rate in pairs)
        trips = f"{self.round_trips.sum()}, one in {self.round_trip_time:.0f} sweeps of a walker"
        return shown._replace(below=(*shown.below, f"swap rates: {rates}", f"round trips: {trips}"))
