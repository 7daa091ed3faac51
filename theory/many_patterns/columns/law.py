r"""The law of one entry of a pattern, as the network sees it.

A spin sees the column :math:`(v^1, ..., v^K)` of K independent entries.  An entry is
blank, :math:`\xi = v = 0`, with probability d; otherwise :math:`\xi = \pm 1` and
:math:`v = \xi X` with :math:`E X = 1` and variance :math:`\rho = (1 - r^2)/(M r^2)`:

==========  =====================================================================
ternary     :math:`X = 1`: the archetypes themselves
binomial    :math:`X = S/(r M)`, S the sum of M signs of mean r: exact at finite M
Gaussian    the limit of large M at fixed :math:`\rho`
==========  =====================================================================

Each law knows its transforms, which are all that a Fourier integral over the field
:math:`v \cdot n` needs, and the first and third one their few values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hebbian import Multitasking

__all__ = ["Atoms", "Binomial", "Entry", "Gaussian", "Ternary", "entry_law"]

#: Standard deviations beyond which a Gaussian or sub-Gaussian tail is below 1e-16.
TAIL = 9.0
#: Atoms of smaller probability are below the rounding of every average.
NEGLIGIBLE = 1e-25


class Atoms(NamedTuple):
    r"""Values of an entry v, their probabilities, and what they say about the archetype.

    All of shape (n_atoms,): `xi` is :math:`E[\xi | v]`; `flexible` is
    :math:`E[\xi^2 (M^2 - S^2) | v] / ((1 - r^2) M (M - 1))`, the weight with which a spin
    answers to a field that tells the examples of one archetype apart.
    """

    v: np.ndarray
    weight: np.ndarray
    xi: np.ndarray
    flexible: np.ndarray


@dataclass(frozen=True)
class Entry(ABC):
    """Law of one entry."""

    dilution: float  # probability d of a blank, in [0, 1)

    @property
    @abstractmethod
    def variance(self) -> float:
        """Variance rho of X."""

    @property
    def second_moment(self) -> float:
        """Mean square of v: (1 - d)(1 + rho), which is also the critical temperature."""
        return (1 - self.dilution) * (1 + self.variance)

    @abstractmethod
    def reach(self, n: np.ndarray) -> np.ndarray:
        """Bound |v.n| up to probability 1e-16: shape (..., K) to (...)."""

    @abstractmethod
    def field_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return E cos(v tau), E v sin(v tau) and E v^2 cos(v tau)."""

    @abstractmethod
    def archetype_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return E cos(v tau), E xi sin(v tau) and E flexible cos(v tau) (see `Atoms`)."""

    def atoms(self) -> Atoms | None:
        """Return the values of v, or None for a continuous law."""
        return None


@dataclass(frozen=True)
class Ternary(Entry):
    """The archetypes themselves, v = xi in {-1, 0, 1}.

    Examples
    --------
    >>> Ternary(0.25).second_moment
    0.75
    """

    @property
    def variance(self) -> float:
        """Zero."""
        return 0.0

    def reach(self, n: np.ndarray) -> np.ndarray:
        """Bound |v.n|."""
        reach: np.ndarray = np.abs(n).sum(axis=-1)
        return reach

    def field_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.field_transforms`."""
        occupied = 1 - self.dilution
        even = occupied * np.cos(tau)
        return self.dilution + even, occupied * np.sin(tau), even

    def archetype_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.archetype_transforms`."""
        return self.field_transforms(tau)

    def atoms(self) -> Atoms:
        """Return the three values."""
        half = (1 - self.dilution) / 2
        v = np.array([-1.0, 0.0, 1.0])
        return Atoms(v, np.array([half, self.dilution, half]), v, v**2)


@dataclass(frozen=True)
class Binomial(Entry):
    """The mean of M noisy copies, exactly."""

    quality: float  # r in (0, 1)
    n_examples: int  # M, at least 1

    @property
    def variance(self) -> float:
        """Variance (1 - r^2)/(M r^2) of X."""
        return (1 - self.quality**2) / (self.n_examples * self.quality**2)

    def reach(self, n: np.ndarray) -> np.ndarray:
        """Bound |v.n|: the largest value, or Hoeffding's bound for the sum of signs."""
        total = np.abs(n).sum(axis=-1)
        spread = np.sqrt((n**2).sum(axis=-1) / self.n_examples) / self.quality
        reach: np.ndarray = np.minimum(total / self.quality, total + TAIL * spread)
        return reach

    def _powers(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return z, w and z^M with z = E exp(iu chi), w = E chi exp(iu chi), u = tau/(rM)."""
        r, M = self.quality, self.n_examples
        cos, sin = np.cos(tau / (r * M)), np.sin(tau / (r * M))
        # log1p keeps the damping of z^M where |z| rounds to 1 (large M)
        log_size = 0.5 * np.log1p(-(1 - r * r) * sin**2)
        power = np.exp(M * (log_size + 1j * np.arctan2(r * sin, cos)))
        return cos + 1j * r * sin, r * cos + 1j * sin, power

    def field_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.field_transforms`; E S^k exp(iuS) by differentiating z^M."""
        r, M, occupied = self.quality, self.n_examples, 1 - self.dilution
        z, w, power = self._powers(tau)
        ratio = w / z
        first = occupied / r * (ratio * power).imag
        second = occupied / (r * r * M) * ((1 + (M - 1) * ratio**2) * power).real
        return self.dilution + occupied * power.real, first, second

    def archetype_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.archetype_transforms`; z^2 - w^2 = 1 - r^2 leaves M - 2 signs."""
        occupied = 1 - self.dilution
        z, _, power = self._powers(tau)
        # a single example has none to be told apart from
        flexible = occupied * (power / z**2).real * (self.n_examples > 1)
        return self.dilution + occupied * power.real, occupied * power.imag, flexible

    def atoms(self) -> Atoms:
        """Return the values that are not negligible, at most M + 2."""
        r, M = self.quality, self.n_examples
        spread = int(min(M, 6 * np.sqrt(M) + 2))  # Hoeffding: beyond it all is negligible
        likely = round(M * (1 + r) / 2)
        ups = np.arange(max(likely - spread, 0), min(likely + spread, M) + 1)
        # ratios of neighbours: factorials of large M would cost all digits
        steps = np.log((M - ups[:-1]) / (ups[:-1] + 1)) + np.log((1 + r) / (1 - r))
        relative = np.concatenate([[0.0], np.cumsum(steps)])
        along = np.exp(relative - relative.max())
        along /= along.sum()
        every = np.union1d(ups, M - ups)
        weight = np.zeros(every.size)
        weight[np.searchsorted(every, ups)] += along / 2
        weight[np.searchsorted(every, M - ups)] += along / 2
        ups = every
        kept = weight > NEGLIGIBLE
        ups, weight = ups[kept], (1 - self.dilution) * weight[kept]
        S = 2.0 * ups - M
        v = S / (r * M)
        xi = np.tanh(S * np.arctanh(r))
        flexible = (M * M - S**2) / (max(M - 1, 1) * M * (1 - r * r))
        blank = np.flatnonzero(S == 0)
        if blank.size == 0:
            at = int(np.searchsorted(S, 0))
            v, weight, xi, flexible = (
                np.insert(values, at, 0.0) for values in (v, weight, xi, flexible)
            )
            weight[at] = self.dilution
        else:
            at = int(blank[0])
            occupied = weight[at]
            weight[at] += self.dilution
            flexible[at] *= occupied / weight[at]
        return Atoms(v, weight, xi, flexible)


@dataclass(frozen=True)
class Gaussian(Entry):
    """The mean of many noisy copies: X is normal with mean 1 and variance rho."""

    dataset_entropy: float  # rho, positive

    @property
    def variance(self) -> float:
        """Variance rho of X."""
        return self.dataset_entropy

    def reach(self, n: np.ndarray) -> np.ndarray:
        """Bound |v.n| up to probability 1e-16."""
        spread = np.sqrt(self.dataset_entropy * (n**2).sum(axis=-1))
        reach: np.ndarray = np.abs(n).sum(axis=-1) + TAIL * spread
        return reach

    def field_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.field_transforms`; derivatives of cos(tau) exp(-rho tau^2 / 2)."""
        rho = self.dataset_entropy
        damping = (1 - self.dilution) * np.exp(-0.5 * rho * tau**2)
        cos, sin = np.cos(tau) * damping, np.sin(tau) * damping
        x = rho * tau
        return self.dilution + cos, sin + x * cos, (1 + rho - x * x) * cos - 2 * x * sin

    def archetype_transforms(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Entry.archetype_transforms`; with many examples all spins are flexible."""
        damping = (1 - self.dilution) * np.exp(-0.5 * self.dataset_entropy * tau**2)
        even = np.cos(tau) * damping
        return self.dilution + even, np.sin(tau) * damping, even


def entry_law(model: Multitasking, law: str) -> Entry:
    """Return the law of the entries that `model` stores; perfect data have one alone."""
    rule = model.rule
    if rule.quality == 1:
        return Ternary(model.dilution)
    if law == "gaussian":
        return Gaussian(model.dilution, rule.dataset_entropy)
    return Binomial(model.dilution, rule.quality, rule.n_examples)
