"""One line of the validation table: a number, where it is from, and ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Checked", "Entry"]


class Entry(NamedTuple):
    """A number that is known from elsewhere.

    Parameters
    ----------
    what : str
    source : str
        Publication and equation, or the identity.
    expected : float
    tolerance : float
        Half a unit of the last published digit, or the accuracy of the solver.
    ours : callable
    """

    what: str
    source: str
    expected: float
    tolerance: float
    ours: Callable[[], Any]

    def check(self) -> Checked:
        """Compute our value and compare."""
        value = float(self.ours())
        deviation = value - self.expected
        return Checked(self, value, deviation, abs(deviation) <= self.tolerance)


class Checked(NamedTuple):
    """An entry with our value; NaN never passes."""

    entry: Entry
    value: float
    deviation: float
    passed: bool
