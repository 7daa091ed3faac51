"""How long a chain runs and how often it is measured."""

from __future__ import annotations

from dataclasses import dataclass

from hebbian import domain

__all__ = ["Schedule"]

LENGTHS = "[0, 1000000000000]"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Sweeps before and during the measurement.

    Parameters
    ----------
    warmup : int
        Sweeps discarded first, 0 to 10**12.
    sweeps : int
        Sweeps measured, 0 to 10**12; none is legal and yields NaN.
    stride : int
        Sweeps between measurements, from 1 to `sweeps`: sweeps // stride measurements.

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "warmup", domain.integer("warmup", self.warmup, LENGTHS))
        object.__setattr__(self, "sweeps", domain.integer("sweeps", self.sweeps, LENGTHS))
        longest = f"[1, {self.sweeps}]" if self.sweeps else "[1, inf)"
        object.__setattr__(self, "stride", domain.integer("stride", self.stride, longest))

    @property
    def n_measurements(self) -> int:
        """Number of measurements."""
        return self.sweeps // self.stride

    @property
    def total(self) -> int:
        """Sweeps done in all."""
        return self.warmup + self.n_measurements * self.stride
