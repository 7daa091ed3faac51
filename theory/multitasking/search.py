"""Starting points of the search for stable states, and the lowest state that they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .equations import MultitaskingClosure, MultitaskingSolution

__all__ = ["directions", "lowest"]

#: Grid steps along an edge of the cone of directions for K = 2 and K = 3.
EDGE = {1: 1, 2: 64, 3: 24}
#: Points of one descent, which bounds its memory.
BATCH = 4096


def directions(n_patterns: int, n_starts: int) -> np.ndarray:
    """Return unit vectors with descending entries that are not negative, shape (S, K).

    The corners of their cone are 1, ..., K equal overlaps.  K <= 3: a regular grid of the
    cone; larger K: its corners and points of Weyl's sequence of irrational steps.
    """
    K = n_patterns
    corners = np.triu(np.ones((K, K))).T / np.sqrt(np.arange(1, K + 1))[:, None]
    if K in EDGE:
        counts = np.indices((EDGE[K] + 1,) * K).reshape(K, -1).T
        share = counts[counts.sum(axis=1) == EDGE[K]] / EDGE[K]
    else:
        # powers of the root of g^(K+1) = g + 1 fill a cube evenly; -log makes a simplex of it
        g = 1.5
        for _ in range(60):
            g = (1 + g) ** (1 / (K + 1))
        cube = (0.5 + np.outer(np.arange(1, n_starts + 1), g ** -np.arange(1.0, K + 1))) % 1
        share = -np.log(cube)
        share = np.concatenate([np.eye(K), share / share.sum(axis=1, keepdims=True)])
    points = share @ corners
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def lowest(equations: MultitaskingClosure, T: np.ndarray, n_starts: int) -> MultitaskingSolution:
    """Return the state of lowest free energy that is found; see `theory.ground_state`."""
    flat = T.ravel()
    starts = np.stack([equations.initial(s) for s in ("hierarchical", "parallel", "pure")])
    if equations.model.n_patterns > 3:
        more = directions(equations.model.n_patterns, n_starts) * np.linalg.norm(starts[-1])
        starts = np.concatenate([starts, more])
    best: MultitaskingSolution | None = None
    batch = max(1, BATCH // max(flat.size, 1))
    for first in range(0, len(starts), batch):
        some = starts[first : first + batch]
        n = np.repeat(some, flat.size, axis=0)
        found = equations.descend(n, np.tile(flat, len(some)))
        f = np.where(found.converged, found.free_energy, np.inf).reshape(len(some), -1)
        place = np.argmin(f, axis=0) * flat.size + np.arange(flat.size)
        found = found.rearranged(place)
        best = found if best is None else best.lower(found)
    assert best is not None
    return best.rearranged(np.arange(flat.size).reshape(T.shape))
