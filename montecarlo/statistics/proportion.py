r"""Fractions of chains: how often something happened, with an honest interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from hebbian import domain
from hebbian.tables import labelled, table

from .number import Number

__all__ = ["Proportion", "proportion", "wilson"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Proportion(Number):
    """A fraction of chains.

    Parameters
    ----------
    mean : numpy.ndarray
        Fraction; NaN where nothing was measured.
    low, high : numpy.ndarray
        Wilson interval at `level`.
    n_eff : numpy.ndarray
        Number of independent trials that the interval rests on.
    level : float
        Probability that an interval covers the truth.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n_eff: np.ndarray
    level: float

    _arrays: ClassVar[tuple[str, ...]] = ("mean", "low", "high", "n_eff")

    def parts(self) -> dict[str, np.ndarray]:
        """Return the numbers by the endings of their names in data sets."""
        return {"": self.mean, "_low": self.low, "_high": self.high}

    def __str__(self) -> str:
        text = [f"{mean} [{interval}]" for _, mean, interval, _ in self._lines()]
        return text[0] if not self.shape else "\n".join(text)

    def _lines(self) -> list[tuple[str, ...]]:
        lines: list[tuple[str, ...]] = []
        for label, index in labelled(np.shape(self.mean)):
            mean, low, high, n = (
                np.asarray(x)[index] for x in (self.mean, self.low, self.high, self.n_eff)
            )
            lines.append((label, f"{mean:.3f}", f"{low:.3f} to {high:.3f}", f"{n:.1f}"))
        return lines

    def __repr__(self) -> str:
        lines = [
            f"{mean} [{interval} at {100 * self.level:g} %, n_eff={n}]"
            for _, mean, interval, n in self._lines()
        ]
        return lines[0] if len(lines) == 1 else "\n  ".join(["Proportion", *lines])

    def _repr_html_(self) -> str:
        return table(("", "fraction", f"{100 * self.level:g} %", "n_eff"), self._lines())


def wilson(successes: np.ndarray, trials: np.ndarray, level: float) -> tuple[np.ndarray, ...]:
    r"""Wilson's score interval of a binomial probability (J. Am. Stat. Assoc. 22 (1927) 209).

    Parameters
    ----------
    successes, trials : numpy.ndarray
        May be fractional; NaN where there were no trials.
    level : float
        In (0, 1).

    Returns
    -------
    low, high : numpy.ndarray

    Examples
    --------
    >>> [round(float(x), 4) for x in wilson(0, 10, 0.95)]
    [0.0, 0.2775]
    """
    z = NormalDist().inv_cdf(0.5 * (1 + level))
    trials = np.asarray(trials, np.float64)
    n = np.where(trials > 0, trials, np.nan)
    p = np.asarray(successes) / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def proportion(happened: np.ndarray, level: float = 0.95) -> Proportion:
    r"""Fraction of chains with an interval that knows that replicas share their disorder.

    The number of trials is divided by the design effect, the variance of the mean over
    samples in units of the binomial one (L. Kish, *Survey Sampling* (1965), sec. 5.4), at
    least 1 and at most n_replicas.  Where all chains agree it cannot be measured and the
    samples alone are counted.

    Parameters
    ----------
    happened : numpy.ndarray of bool
        Shape (..., n_samples, n_replicas).
    level : float
        In (0, 1).

    Examples
    --------
    >>> proportion(np.ones((10, 4), bool))
    1.000 [0.722 to 1.000 at 95 %, n_eff=10.0]
    """
    level = domain.real("level", level, "(0, 1)")
    *lead, n_samples, n_replicas = happened.shape
    if n_samples * n_replicas == 0:
        nan = np.full(lead, np.nan)
        return Proportion(mean=nan, low=nan, high=nan, n_eff=np.zeros(lead), level=level)
    per_sample = happened.mean(axis=-1)
    mean = per_sample.mean(axis=-1)
    binomial = mean * (1 - mean) / n_replicas
    effect = np.full(lead, float(n_replicas))
    if n_samples > 1:
        spread = per_sample.var(axis=-1, ddof=1) / np.where(binomial > 0, binomial, 1.0)
        effect = np.where(binomial > 0, np.clip(spread, 1.0, n_replicas), n_replicas)
    n_eff = n_samples * n_replicas / effect
    low, high = wilson(mean * n_eff, n_eff, level)
    return Proportion(mean=mean, low=low, high=high, n_eff=n_eff, level=level)
