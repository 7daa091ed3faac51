r"""Patterns that decide alone: the top of a hierarchy, taken off before any evaluator.

Where the smallest field of a pattern exceeds the sum of all later ones by many T, the
spins follow that pattern wherever it is not blank and leave the other columns to the
rest.  With :math:`P_0` the probability of v = 0, the k-th such pattern contributes
:math:`P_0^{k-1} E|v|` to its own image and nothing to the others, and the remaining K - p
patterns see a network of their own on a fraction :math:`P_0^p` of the spins.  The ladder
:math:`m_\mu = (1-d) d^{\mu-1}` of T = 0 costs one step per pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from .averages import Averages, Evaluator, Responses
from .enumeration import TIE
from .law import Entry

__all__ = ["Leading"]

#: A spin in a field of 25 T disobeys with probability exp(-50).
FROZEN = 25.0


#: p, points, their overlaps in descending order, the leading shares of columns with their signs,
#: the share that is left, and the order that the patterns had.
_Group: TypeAlias = tuple[int, np.ndarray, np.ndarray, np.ndarray, float, np.ndarray]


class Leading:
    """An evaluator that leaves only the patterns which do not decide alone to another."""

    def __init__(self, entry: Entry, rest: Evaluator) -> None:
        atoms = entry.atoms()
        assert atoms is not None
        self._atoms, self._rest = atoms, rest
        self._zero = int(np.searchsorted(atoms.v, 0.0))
        self._quiet = atoms.weight[self._zero]

    def _groups(self, n: np.ndarray, T: np.ndarray) -> Iterator[_Group]:
        """Yield the points with p leading patterns, for every p."""
        order = np.argsort(-np.abs(n), axis=1, kind="stable")
        ordered = np.take_along_axis(n, order, axis=1)
        size = np.abs(ordered)
        tails = np.cumsum(size[:, ::-1], axis=1)[:, ::-1] - size
        least, most = self._atoms.v[self._zero + 1], self._atoms.v[-1]
        margin = most * tails * (1 + TIE) + FROZEN * T[:, None]
        decides = np.concatenate([size * least > margin, np.zeros((len(size), 1), bool)], axis=1)
        count = np.argmin(decides, axis=1)
        for p in np.unique(count).tolist():
            b = np.flatnonzero(count == p)
            lead = np.sign(ordered[b, :p]) * self._quiet ** np.arange(p)
            yield p, b, ordered[b], lead, self._quiet**p, np.argsort(order[b], axis=1)

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`."""
        size = n.shape[1]
        mean = self._atoms.weight @ np.abs(self._atoms.v)
        all_hessian, singular = np.zeros((len(n), size, size)), np.zeros(len(n), bool)
        out = Averages(np.zeros(len(n)), np.zeros_like(n), all_hessian, singular)
        for p, b, ordered, lead, share, back in self._groups(n, T):
            image, hessian = np.zeros((b.size, size)), np.zeros((b.size, size, size))
            image[:, :p] = lead * mean
            out.potential[b] = (image * ordered).sum(axis=1)
            if p < size and share > 0:
                rest = self._rest.averages(ordered[:, p:], T[b], curvature=curvature)
                image[:, p:] = share * rest.image
                hessian[:, p:, p:] = share * rest.curvature
                out.potential[b] += share * rest.potential
                out.singular[b] = rest.singular
            else:
                out.potential[b] += share * T[b] * np.log(2)
            out.image[b] = np.take_along_axis(image, back, axis=1)
            rows = np.arange(b.size)[:, None, None]
            out.curvature[b] = hessian[rows, back[:, :, None], back[:, None, :]]
        return out

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`."""
        atoms = self._atoms
        mean = (atoms.weight * atoms.xi) @ np.sign(atoms.v)
        out = Responses(np.zeros_like(n), np.ones(len(n)), np.zeros_like(n))
        for p, b, ordered, lead, share, back in self._groups(n, T):
            m, flexible = np.zeros((b.size, n.shape[1])), np.zeros((b.size, n.shape[1]))
            m[:, :p], free = lead * mean, np.ones(b.size)
            if p < n.shape[1] and share > 0:
                rest = self._rest.responses(ordered[:, p:], T[b])
                m[:, p:], flexible[:, p:] = share * rest.m, share * rest.flexible
                free = 1 - rest.q
            out.q[b] = 1 - share * free
            if p > 0 and share > 0 and atoms.flexible[self._zero] > 0:
                with np.errstate(divide="ignore"):
                    loose = atoms.flexible[self._zero] * share * free / T[b]
                flexible[:, :p] = loose[:, None]
            out.m[b] = np.take_along_axis(m, back, axis=1)
            out.flexible[b] = np.take_along_axis(flexible, back, axis=1)
        return out
