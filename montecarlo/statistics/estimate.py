"""A mean with its error, its interval and what makes either doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from hebbian import domain
from hebbian.tables import HEADINGS, cells, doubts, labelled, table

from .number import Number, shortest
from .rare_events import ENDLESS, Range, interval

__all__ = ["Estimate"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate(Number):
    """A disorder-averaged thermal mean: a number with an error.

    ``float`` and ``numpy.asarray`` give the mean, an index an entry with its error, ``format``
    as in 0.9949(8).  Numbers without an error may be added, subtracted, multiplied by or divided
    by, or be the exponent; the error follows to first order.  Two estimates are not combined:
    those of one run share their samples, and only who made them knows.

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

    _arrays: ClassVar[tuple[str, ...]] = (
        "mean", "error", "tau", "n_eff", "short", "few", "unseen",
    )  # fmt: skip

    def parts(self) -> dict[str, np.ndarray]:
        """Return the numbers by the endings of their names in data sets."""
        return {"": self.mean, "_err": self.error}

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
        if np.ndim(self.within.low):  # ranges that differ: one after the other
            every = [self[index].interval(level) for index in np.ndindex(self.shape)]
            low, high = np.reshape(np.transpose(every), (2, *self.shape))
            return low, high
        return interval(self.mean, self.error, self.unseen, self.freedom, level, self.within)

    def __getitem__(self, index: Any) -> Estimate:
        ends = (np.broadcast_to(x, self.shape)[index] if np.ndim(x) else x for x in self.within)
        return replace(super().__getitem__(index), within=Range._make(ends))

    def __add__(self, other: Any) -> Estimate:
        return self._linear(other, lambda b: (1.0, b))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Estimate:
        return self._linear(other, lambda b: (1.0, -b))

    def __rsub__(self, other: Any) -> Estimate:
        return self._linear(other, lambda b: (-1.0, b))

    def __mul__(self, other: Any) -> Estimate:
        return self._linear(other, lambda b: (b, 0.0))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Estimate:
        return self._linear(other, lambda b: (1 / b, 0.0))

    def __rtruediv__(self, other: Any) -> Estimate:
        return self._first_order(other, lambda x, b: (b / x, -b / x**2))

    def __pow__(self, other: Any) -> Estimate:
        return self._first_order(other, lambda x, b: (x**b, b * x ** (b - 1)))

    def __neg__(self) -> Estimate:
        return self * -1.0

    def __pos__(self) -> Estimate:
        return self

    def _linear(self, other: Any, law: Callable[[np.ndarray], tuple[Any, Any]]) -> Estimate:
        """Return a x + b: ends of the range and single events go with it."""
        factor, shift = law(_exact(other))
        with np.errstate(invalid="ignore"):  # zero times a range without ends
            ends = [factor * end + shift for end in self.within[:2]]
        within = Range(
            low=np.where(factor == 0, -np.inf, np.minimum(*ends))[()],
            high=np.where(factor == 0, np.inf, np.maximum(*ends))[()],
            event=np.abs(factor) * self.within.event,
            collective=self.within.collective,
        )
        return self._changed(factor * self.mean + shift, np.abs(factor), within)

    def _first_order(
        self, other: Any, law: Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]
    ) -> Estimate:
        """Return a function, with the error that its slope makes of that of the mean."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value, slope = law(self.mean, _exact(other))
        return self._changed(value, np.abs(slope), ENDLESS)

    def _changed(self, mean: np.ndarray, factor: np.ndarray, within: Range) -> Estimate:
        fields: dict[str, Any] = {
            name: np.broadcast_to(getattr(self, name), mean.shape) for name in self._arrays
        }
        fields |= {"mean": mean, "error": factor * self.error, "unseen": factor * self.unseen}
        return replace(self, within=within, **fields)

    def __str__(self) -> str:
        numbers = [shortest(float(m), float(e)) for _, m, e, *_ in self.numbers()]
        return numbers[0] if not self.shape else "[" + " ".join(numbers) + "]"

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


def _exact(other: Any) -> np.ndarray:
    """Return numbers without an error.

    Raises
    ------
    TypeError
        If they have one, or are no numbers.
    """
    if isinstance(other, Number):
        raise TypeError(
            "two numbers with errors are not combined, as they may rest on the same samples: "
            "combine their .mean and .error, in quadrature if they are independent"
        )
    values = np.asarray(other)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{other!r} is not a number")
    return values.astype(np.float64)
