"""How long a chain runs, how it is cooled and how often it is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hebbian import domain
from hebbian.calling import checked
from hebbian.cards import Card

__all__ = ["Cooling", "Schedule", "checked_schedule"]

PATHS = ("linear", "geometric")
LENGTHS = "[0, 1000000000000]"


@checked
@dataclass(frozen=True, kw_only=True)
class Cooling(Card):
    r"""Simulated annealing: the temperature of every sweep of a warm-up.

    Parameters
    ----------
    T : float or sequence of float
        The first temperature, in [0, inf), from which the warm-up leads to the temperature
        of the run; or the temperature of every sweep of the warm-up.
    path : {"linear", "geometric"}
        :math:`T_0 + (T - T_0) t/n` or :math:`T_0 (T/T_0)^{t/n}` in sweep t of n; without
        effect where every temperature is given.  The geometric path needs temperatures
        above zero.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220, 671 (1983),
    doi:10.1126/science.220.4598.671.

    Examples
    --------
    >>> Cooling(T=2.0).temperatures(np.arange(4), 4, 1.0)
    array([2.  , 1.75, 1.5 , 1.25])
    """

    T: float | tuple[float, ...]
    path: str = "linear"

    def __post_init__(self) -> None:
        domain.choice("path", self.path, PATHS)
        given = domain.real_array("cooling T", self.T, "[0, inf)")
        if given.ndim > 1 or given.size == 0:
            raise ValueError("cooling T: expected a number or one temperature for every sweep")
        object.__setattr__(self, "T", tuple(given.tolist()) if given.ndim else float(given))
        if self.path == "geometric" and not given.all():
            raise ValueError("cooling T = 0 has no geometric path: use path='linear'")

    def check_end(self, T: np.ndarray) -> None:
        """Refuse temperatures that no path of this kind ends at."""
        if self.path == "geometric" and not isinstance(self.T, tuple) and not T.all():
            raise ValueError("T = 0.0 has no geometric cooling: use path='linear'")

    def temperatures(self, sweeps: np.ndarray, n_sweeps: int, T: float) -> np.ndarray:
        """Temperatures of `sweeps`, numbers in 0 ... n_sweeps - 1, on the way to T."""
        if isinstance(self.T, tuple):
            return np.array(self.T)[sweeps]
        done = sweeps / n_sweeps
        if self.path == "linear":
            return self.T + (T - self.T) * done
        return self.T * (T / self.T) ** done


@checked
@dataclass(frozen=True, kw_only=True)
class Schedule(Card):
    """Sweeps before and during the measurement.

    Parameters
    ----------
    warmup : int
        Sweeps discarded first, 0 to 10**12.
    sweeps : int
        Sweeps measured, 0 to 10**12; none is legal and yields NaN.
    stride : int
        Sweeps between measurements, from 1 to `sweeps`: sweeps // stride measurements.
    cooling : Cooling, optional
        Temperatures of the warm-up (simulated annealing); default: that of the run.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> Schedule(warmup=100, sweeps=1000, stride=10).n_measurements
    100
    """

    warmup: int = 200
    sweeps: int = 1000
    stride: int = 5
    cooling: Cooling | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "warmup", domain.integer("warmup", self.warmup, LENGTHS))
        object.__setattr__(self, "sweeps", domain.integer("sweeps", self.sweeps, LENGTHS))
        longest = f"[1, {self.sweeps}]" if self.sweeps else "[1, inf)"
        object.__setattr__(self, "stride", domain.integer("stride", self.stride, longest))
        cooling = self.cooling
        if cooling is not None and not isinstance(cooling, Cooling):
            raise ValueError(f"cooling = {cooling!r} is not a Cooling(T=..., path=...)")
        if cooling and isinstance(cooling.T, tuple) and len(cooling.T) != self.warmup:
            raise ValueError(
                f"cooling T has {len(cooling.T)} temperatures for a warm-up of {self.warmup} sweeps"
            )

    def _below(self) -> tuple[str, ...]:
        return (f"{self.n_measurements} measurements in {self.total} sweeps",)

    @property
    def n_measurements(self) -> int:
        """Number of measurements."""
        return self.sweeps // self.stride

    @property
    def total(self) -> int:
        """Sweeps done in all."""
        return self.warmup + self.n_measurements * self.stride


def checked_schedule(schedule: Schedule | None) -> Schedule:
    """Return the schedule, by default `Schedule()`.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if schedule is None:
        return Schedule()
    if not isinstance(schedule, Schedule):
        raise ValueError(
            f"schedule = {schedule!r} is not a Schedule(warmup=..., sweeps=..., stride=...)"
        )
    return schedule
