"""Which evaluator of the column averages serves which point."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from .averages import Averages, Evaluator, Responses
from .enumeration import Enumeration, ErfEnumeration
from .fourier import FourierIntegral
from .halves import Halves
from .law import Entry, Gaussian
from .leading import Leading

__all__ = ["Columns"]

#: Up to so many columns enumeration is faster than the Fourier integral: 3^6 / 2.
FEW_COLUMNS = 400
#: Up to so many it is possible, at low temperatures where the integral needs more nodes: 3^10 / 2.
MANY_COLUMNS = 50_000
#: Entries of one block of points x columns.
BLOCK = 4_000_000
#: Archetypes of the Gaussian law at T = 0 up to which all their columns are listed.
FEW_GAUSSIAN = 12


class Columns:
    """Averages over the columns of K patterns, at any temperature."""

    def __init__(self, entry: Entry, n_patterns: int) -> None:
        self.entry, self.n_patterns = entry, n_patterns
        atoms = entry.atoms()
        self._n_columns = np.inf if atoms is None else 0.5 * float(atoms.v.size) ** n_patterns

    @cached_property
    def _enumeration(self) -> Evaluator:
        if isinstance(self.entry, Gaussian):
            return ErfEnumeration(self.entry, self.n_patterns)
        return Enumeration(self.entry, self.n_patterns)

    @cached_property
    def _integral(self) -> Evaluator:
        integral = FourierIntegral(self.entry)
        return Leading(self.entry, integral) if self._discrete else integral

    @cached_property
    def _halves(self) -> Evaluator:
        return Leading(self.entry, Halves(self.entry))

    @property
    def _discrete(self) -> bool:
        return not isinstance(self.entry, Gaussian)

    def _cold(self) -> Evaluator:
        if self._discrete:
            return self._halves
        return self._enumeration if self.n_patterns <= FEW_GAUSSIAN else self._integral

    def _routes(self, n: np.ndarray, T: np.ndarray) -> list[tuple[np.ndarray, Evaluator]]:
        """Return an evaluator for every group of points."""
        if self._n_columns <= FEW_COLUMNS:
            return [(np.arange(T.size), self._enumeration)]
        cold, routes = T == 0, []
        if cold.any():
            routes.append((np.flatnonzero(cold), self._cold()))
        warm = ~cold
        if self._discrete and self._n_columns <= MANY_COLUMNS:
            nodes = FourierIntegral(self.entry).n_nodes(n, T)
            far = np.flatnonzero(warm & (nodes > self._n_columns))
            size = max(1, int(BLOCK / self._n_columns))
            some = (far[first : first + size] for first in range(0, far.size, size))
            routes += [(points, self._enumeration) for points in some]
            warm[far] = False
        if warm.any() or not routes:
            routes.append((np.flatnonzero(warm), self._integral))
        return routes

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`; a ValueError names a point out of reach of every evaluator."""
        routes = self._routes(n, T)
        if len(routes) == 1:  # all points, in their order
            return routes[0][1].averages(np.ascontiguousarray(n), T, curvature=curvature)
        found = [(at, of.averages(n[at], T[at], curvature=curvature)) for at, of in routes]
        return Averages(*_assembled(len(n), found))

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`."""
        found = [(at, of.responses(n[at], T[at])) for at, of in self._routes(n, T)]
        return Responses(*_assembled(len(n), found))


def _assembled(size: int, found: Sequence[tuple[np.ndarray, tuple[np.ndarray, ...]]]) -> list[Any]:
    """Put what was found at some points each together."""
    first = found[0][1]
    whole = [np.empty((size, *part.shape[1:]), part.dtype) for part in first]
    for points, parts in found:
        for out, part in zip(whole, parts, strict=True):
            out[points] = part
    return whole
