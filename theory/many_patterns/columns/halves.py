r"""Column averages of a few-valued law at T = 0, from two halves of the column.

The sign of :math:`x = v \cdot n` needs no list of all columns.  The fields :math:`a, b` of
the two halves of the column are listed, equal ones merged, and
:math:`E\,{\rm sign}(a + b)` is read off the cumulative distribution of b: 3^(K/2) sums in
place of 3^K columns, and far fewer where overlaps repeat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .averages import Averages, Responses
from .enumeration import RARE, TIE
from .law import Atoms, Entry

__all__ = ["Halves"]

#: Most partial fields of one half: 11 archetypes of different overlap.
LARGEST = 200_000


class _Opposite(NamedTuple):
    """E sign(x + b), P(x + b = 0) and its part where b is not blank, for every x."""

    sign: np.ndarray
    equal: np.ndarray
    equal_filled: np.ndarray


class Halves:
    """A law with few values at T = 0, many patterns."""

    def __init__(self, entry: Entry) -> None:
        atoms = entry.atoms()
        assert atoms is not None
        self._atoms = atoms
        self._rare = RARE * (1 - entry.dilution)

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`; every `T` is 0 and there is no curvature."""
        image = np.empty_like(n)
        singular = np.empty(len(n), bool)
        for b, overlaps in enumerate(n):
            one, two, (here, there) = self._halves(overlaps)
            image[b] = _signs(one, two, here, there, self._atoms.v)
            blank = one.weight - one.filled
            singular[b] = one.filled @ here.equal + blank @ here.equal_filled > self._rare
        hessian = np.zeros((len(n), n.shape[1], n.shape[1]))
        return Averages((n * image).sum(axis=1), image, hessian, singular)

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`; every `T` is 0."""
        m, flexible, q = np.empty_like(n), np.zeros_like(n), np.empty(len(n))
        for b, overlaps in enumerate(n):
            one, two, (here, there) = self._halves(overlaps)
            m[b] = _signs(one, two, here, there, self._atoms.xi)
            q[b] = 1 - one.weight @ here.equal
            loose = (
                one.average(here.equal, self._atoms.flexible),
                two.average(there.equal, self._atoms.flexible),
            )
            flexible[b, np.concatenate(loose) > 0] = np.inf
        return Responses(m, q, flexible)

    def _halves(self, n: np.ndarray) -> tuple[_Half, _Half, tuple[_Opposite, _Opposite]]:
        tie = TIE * max(self._atoms.v[-1] * np.abs(n).sum(), np.finfo(float).tiny)
        cut = n.size // 2
        one, two = (_Half(self._atoms, part, tie) for part in (n[:cut], n[cut:]))
        return one, two, (two.opposite(one.x), one.opposite(two.x))


class _Half:
    """The distinct fields `x` of some patterns, in ascending order.

    `weight` is their probability, `filled` the part of it that is not blank.
    """

    def __init__(self, atoms: Atoms, n: np.ndarray, tie: float) -> None:
        self._atoms, self._tie = atoms, tie
        self._levels: list[tuple[np.ndarray, np.ndarray]] = []
        self.x: np.ndarray = np.zeros(1)
        self.weight: np.ndarray = np.ones(1)
        self.filled: np.ndarray = np.zeros(1)
        occupied = atoms.weight * (atoms.v != 0)
        for overlap in n:
            if self.x.size * atoms.v.size > LARGEST and overlap != 0:
                raise ValueError(
                    f"T = 0.0 is out of reach for {n.size} patterns of different overlap in one "
                    f"half of a column (more than {LARGEST} fields): use T > 0 or fewer patterns"
                )
            x = (self.x[:, None] + overlap * atoms.v).ravel()
            order = np.argsort(x, kind="stable")
            ordered = x[order]
            distinct = np.diff(ordered, prepend=-np.inf) > tie
            owner = np.empty(x.size, np.intp)
            owner[order] = np.cumsum(distinct) - 1
            self._levels.append((self.weight, owner))
            blank = self.weight - self.filled
            filled = np.outer(self.filled, atoms.weight) + np.outer(blank, occupied)
            weight = np.outer(self.weight, atoms.weight)
            self.x = ordered[distinct]
            self.weight, self.filled = (
                np.bincount(owner, weights=a.ravel(), minlength=self.x.size)
                for a in (weight, filled)
            )

    def average(self, value: np.ndarray, mark: np.ndarray) -> np.ndarray:
        """Return E[mark(v^mu) value(x)] of every pattern, `value` given on the fields."""
        out = np.empty(len(self._levels))
        for mu in range(out.size - 1, -1, -1):
            weight, owner = self._levels[mu]
            spread = value[owner].reshape(weight.size, -1)
            out[mu] = weight @ (spread @ (self._atoms.weight * mark))
            value = spread @ self._atoms.weight
        return out

    def opposite(self, x: np.ndarray) -> _Opposite:
        """Compare the field b of this half with -x."""
        low = np.searchsorted(self.x, -x - self._tie, side="left")
        high = np.searchsorted(self.x, -x + self._tie, side="right")
        below = np.concatenate([[0.0], np.cumsum(self.weight)])
        # the tied fields are summed: differences of `below` would lose small weights
        index = low[:, None] + np.arange(int((high - low).max()))
        tied = index < high[:, None]
        index = np.minimum(index, self.x.size - 1)
        equal, filled = (
            np.where(tied, a[index], 0.0).sum(axis=1) for a in (self.weight, self.filled)
        )
        return _Opposite(1 - equal - 2 * below[low], equal, filled)


def _signs(
    one: _Half, two: _Half, here: _Opposite, there: _Opposite, mark: np.ndarray
) -> np.ndarray:
    """Return E mark(v^mu) sign(x) of every pattern of both halves."""
    return np.concatenate([one.average(here.sign, mark), two.average(there.sign, mark)])
