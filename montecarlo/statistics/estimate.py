"""A mean with its error, its interval and what makes either doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import domain
from hebbian.tables import HEADINGS, cells, doubts, labelled, table

from .rare_events import ENDLESS, Range, interval

__all__ = ["Estimate"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A disorder-averaged thermal mean.

    Parameters
    ----------
    mean : numpy.ndarray
        Mean over measurements, then replicas, then samples.
    error : numpy.ndarray
        Standard error over samples, with the event that all of them may have missed where
        few were seen (`montecarlo.statistics.rare_events`); NaN for a single sample, and where
        all samples give the same number of which nothing else is known.
    tau : numpy.ndarray
        Integrated autocorrelation time in sweeps, averaged over chains.
    n_eff : numpy.ndarray
        Effective number of independent measurements of all chains together, at most the
        number of measurements.
    short : numpy.ndarray of bool
        Whether a chain is shorter than 50 tau or 50 measurements, does not move at all or
        only to and fro (tau below half of a measurement): then tau and n_eff are rough guesses.
    few : numpy.ndarray of bool
        Whether the mean rests on few events: it is nearer to an end of its range than three
        errors, or has no error.
    freedom : float
        Degrees of freedom of the error: Student's law of what is within so many errors.
    unseen : numpy.ndarray
        What one event that was missed changes the mean by; part of `error`.
    within : Range
        Where the quantity can lie.
    """

    mean: np.ndarray
    error: np.ndarray
    tau: np.ndarray
    n_eff: np.ndarray
    short: np.ndarray
    few: np.ndarray
    freedom: float
    unseen: np.ndarray
    within: Range = ENDLESS

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Return an interval that covers the mean over all samples.

        Parameters
        ----------
        level : float
            Probability of covering it, in (0, 1).

        Returns
        -------
        low, high : numpy.ndarray
            Within the range of the quantity; NaN where there is no error.

        Notes
        -----
        Student's interval, skew near an end of the range.  The coverage that simulations
        show is tabulated in the validation of the documentation.  It knows nothing of
        a state that no chain has visited.

        Examples
        --------
        >>> import montecarlo
        >>> from hebbian import Hopfield
        >>> run = montecarlo.simulate(Hopfield(), alpha=0.05, T=0.3, n_spins=200, seed=1)
        >>> low, high = run.m.interval(0.95)
        >>> bool(low < run.m.mean < high < 1)
        True
        """
        level = domain.real("level", level, "(0, 1)")
        return interval(self.mean, self.error, self.unseen, self.freedom, level, self.within)

    def __repr__(self) -> str:
        lines = [
            f"{mean:.6f} +- {error:.6f} [tau={tau:.1f}, n_eff={n_eff:.0f}"
            + (f"; {words}]" if (words := doubts(short, few)) else "]")
            for _, mean, error, tau, n_eff, short, few in self.numbers()
        ]
        return lines[0] if len(lines) == 1 else "\n  ".join(["Estimate", *lines])

    def _repr_html_(self) -> str:
        return table(("", *HEADINGS), [(label, *cells(row)) for label, *row in self.numbers()])

    def numbers(self) -> Iterator[tuple[Any, ...]]:
        """Yield (index, mean, error, tau, n_eff, short, few) of every number."""
        for label, index in labelled(np.shape(self.mean)):
            fields = (self.mean, self.error, self.tau, self.n_eff, self.short, self.few)
            yield (label, *(np.asarray(x)[index] for x in fields))
