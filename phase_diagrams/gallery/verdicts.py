"""Whether what is computed bears a claim out: statements with their numbers, and a verdict.

A statement that only a simulation can bear out is decided by error bars: `positive` and
`equal` measure with the limit of Student's law that `phase_diagrams.compare` uses, and what the
errors or the size of the network cannot tell is *not decided*, which is neither yes nor no.
Of many points at most one in twenty (`RARE`) may contradict a statement, and those
that cannot decide it do not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import xarray as xr

from phase_diagrams.analysis.comparison import three_deviations

__all__ = [
    "RARE",
    "Finding",
    "Findings",
    "Measured",
    "Verdict",
    "equal",
    "exact",
    "measured",
    "positive",
    "rate",
    "report",
    "verdict",
]

#: Fraction of points that may contradict a statement about all of them.
RARE = 0.05


class Verdict(StrEnum):
    """What the numbers say of a statement."""

    HOLDS = "holds"
    UNDECIDED = "not decided at this size"
    FAILS = "does not hold"


@dataclass(frozen=True)
class Finding:
    """A statement with the values that were measured, and what they make of it."""

    says: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.says}: {self.verdict}"


#: What ``holds`` of a claim yields.
Findings = Iterator[Finding]


def exact(says: str, true: Any) -> Finding:
    """Return a finding that no error bar blurs."""
    return Finding(says, Verdict.HOLDS if np.all(true) else Verdict.FAILS)


@dataclass(frozen=True)
class Measured:
    """Values with their standard errors, and the degrees of freedom of these.

    Parameters
    ----------
    value, error : array_like
        NaN is not measured.
    dof : float
    """

    value: Any
    error: Any = 0.0
    dof: float = math.inf

    def __sub__(self, other: Any) -> Measured:
        if not isinstance(other, Measured):
            return Measured(self.value - other, self.error, self.dof)
        error = np.hypot(self.error, other.error)
        return Measured(self.value - other.value, error, self.dof + other.dof)

    def __neg__(self) -> Measured:
        return Measured(-self.value, self.error, self.dof)

    def __truediv__(self, scale: Any) -> Measured:
        return Measured(self.value / scale, self.error / scale, self.dof)

    def where(self, condition: Any) -> Measured:
        """Keep what a condition selects."""
        return Measured(self.value.where(condition), self.error, self.dof)


def measured(data: xr.Dataset, name: str = "m", *, dof: float | None = None) -> Measured:
    """Return a variable and its error, ``NAME_err``, of independent samples.

    Parameters
    ----------
    data : xarray.Dataset
    name : str
    dof : float, optional
        Default: one less than the attribute ``n_samples``.
    """
    dof = data.attrs["n_samples"] - 1 if dof is None else dof
    return Measured(data[name], data[f"{name}_err"], dof)


def positive(says: str, found: Any) -> Finding:
    """Judge whether values are above zero.

    Parameters
    ----------
    says : str
    found : Measured or array_like

    Examples
    --------
    >>> print(positive("overlap above chance", Measured([0.3, 0.1], 0.02, dof=3)))
    overlap above chance (1 of 2 points decide, smallest 0.3): holds
    >>> positive("heads more often", rate(0.9, 100) - rate(0.5, 100)).verdict.value
    'holds'
    """
    value, error, beyond = _beyond(found)
    with np.errstate(invalid="ignore"):
        yes, no = (sign * value > beyond * error for sign in (1, -1))
    return _judged(says, yes, no, ("smallest", value, np.min))


def equal(says: str, difference: Any, *, tolerance: Any = 0.0, resolution: float = 0.1) -> Finding:
    """Judge whether differences vanish, but for what a finite network may add.

    Parameters
    ----------
    says : str
    difference : Measured or array_like
    tolerance : array_like
        Difference that is expected at this size.
    resolution : float
        A difference that matters: a point whose error and tolerance exceed it decides nothing,
        unless it is beyond both.

    Examples
    --------
    >>> print(equal("overlap of theory", Measured([0.01, 0.2], [0.01, 0.5])))
    overlap of theory (1 of 2 points decide, largest deviation 0.01): holds
    >>> equal("overlap of theory", Measured(0.2, 0.05)).verdict.name
    'FAILS'
    """
    value, error, beyond = _beyond(difference)
    value, allowed = np.abs(value), beyond * error + tolerance
    with np.errstate(invalid="ignore"):
        no = value > allowed
        yes = ~no & (allowed <= resolution) & np.isfinite(value)
    return _judged(says, yes, no, ("largest deviation", value, np.max))


def rate(fraction: Any, trials: float) -> Measured:
    """Return a fraction of independent trials and its standard error (Agresti and Coull)."""
    centre = (fraction * trials + 2) / (trials + 4)
    return Measured(fraction, (centre * (1 - centre) / (trials + 4)) ** 0.5)


def _beyond(found: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """Return values and errors of one shape, and how many errors are more than chance."""
    known = found if isinstance(found, Measured) else Measured(found)
    value, error = known.value, known.error
    if isinstance(value, xr.DataArray) and isinstance(error, xr.DataArray):
        value, error = xr.broadcast(value, error)  # by their names
    value, error = np.broadcast_arrays(np.asarray(value, float), np.asarray(error, float))
    return value, error, three_deviations(known.dof)


def _judged(says: str, yes: np.ndarray, no: np.ndarray, shown: tuple[str, Any, Any]) -> Finding:
    decided = yes | no
    name, values, pick = shown
    if not decided.any():
        return Finding(says, Verdict.UNDECIDED)
    measured = int(np.isfinite(values).sum())
    count = f"{int(decided.sum())} of {measured} points decide, " if decided.size > 1 else ""
    against = no.sum() > RARE * decided.sum()
    contradicted = f", {int(no.sum())} against" if no.any() and decided.size > 1 else ""
    words = f"{says} ({count}{name} {pick(values[decided]):.2g}{contradicted})"
    return Finding(words, Verdict.FAILS if against else Verdict.HOLDS)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict on a claim: what is against it counts most, what is open next.

    Examples
    --------
    >>> verdict([exact("2 < 3", 2 < 3), positive("noise", Measured(0.1, 1.0))]).value
    'not decided at this size'
    """
    found = {finding.verdict for finding in findings}
    return next(v for v in (Verdict.FAILS, Verdict.UNDECIDED, Verdict.HOLDS) if v in found)


def report(findings: Iterable[Finding]) -> str:
    """Say what was found: the verdict, then a line for every statement."""
    findings = list(findings)
    return "\n".join([f"Verdict: {verdict(findings)}", *(f"* {finding}" for finding in findings)])
