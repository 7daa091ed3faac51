r"""All stable states of a multitasking network, and the one of lowest free energy.

Along a ray :math:`n = r u` the equation of state :math:`r = E[(v \cdot u) \tanh(r\, v \cdot u/T)]`
has a right-hand side that is concave in r > 0, so that f has exactly one minimum on every ray
below T_c (for T >= T_c it is n = 0).  The stable states are therefore the minima of a
function of the direction u alone, and by symmetry of directions with
:math:`u_1 \ge u_2 \ge ... \ge u_K \ge 0`: of one angle for K = 2, of a spherical triangle for
K = 3, where a grid of starting points finds every valley wider than its spacing.  At T = 0
the first step of a descent depends only on the signs of the fields :math:`v \cdot u`, so
that the search is exhaustive as soon as every combination of signs has a starting
point; for K = 3 archetypes there are two, :math:`u_1 \gtrless u_2 + u_3`.  A few noisy examples
have many such combinations, and at low T narrow valleys.  For them, and for K > 3, where
starting points fill the cone evenly, what is found is a lower bound.
"""

from __future__ import annotations

import math

import numpy as np

from theory.solution import State

from .equations import COLDEST, MultitaskingEquations, MultitaskingSolution, rearranged

__all__ = ["directions", "ground_state", "stable_states"]

#: Least grid steps along an edge of the cone of directions for K = 2 and K = 3.
EDGE = {2: 64, 3: 24}
#: Points of one descent, which bounds its memory.
BATCH = 4096
#: States whose overlaps differ by less, in units of the largest, are the same.
SAME = 1e-6
#: A smaller eigenvalue than this one is an instability, not rounding.
STABLE = -1e-9


def stable_states(equations: MultitaskingEquations, T: float, n_starts: int) -> list[State]:
    """Find the stable states of `theory.stable_states`."""
    temperature = 0.0 if T < COLDEST else T
    size = np.linalg.norm(equations.initial("pure"))
    starts = np.concatenate(
        [
            [equations.initial("hierarchical"), equations.initial("parallel")],
            size * directions(equations.model.n_patterns, n_starts),
        ]
    )
    states: list[State] = []
    for first in range(0, len(starts), BATCH):
        some = starts[first : first + BATCH]
        found = equations.descend(some, np.full(len(some), temperature))
        for i in np.flatnonzero(found.converged & (found.min_eigenvalue >= STABLE)):
            size = np.abs(found.n[i])
            if not any(np.allclose(size, s.n, rtol=0, atol=SAME * s.n[0]) for s in states):
                states.append(_state(found, int(i)))
    return sorted(states, key=lambda state: state.free_energy)


def ground_state(
    equations: MultitaskingEquations, T: np.ndarray, n_starts: int
) -> MultitaskingSolution:
    """Find the state of lowest free energy of `theory.ground_state`."""
    flat = np.where(T < COLDEST, 0.0, T).ravel()
    starts = np.stack([equations.initial(s) for s in ("hierarchical", "parallel", "pure")])
    K = equations.model.n_patterns
    if K > 3:
        starts = np.concatenate([starts, directions(K, n_starts) * np.linalg.norm(starts[-1])])
    best: MultitaskingSolution | None = None
    batch = max(1, BATCH // max(flat.size, 1))
    for first in range(0, len(starts), batch):
        some = starts[first : first + batch]
        n = np.repeat(some, flat.size, axis=0)
        found = equations.descend(n, np.tile(flat, len(some)))
        f = np.where(found.converged, found.free_energy, np.inf).reshape(len(some), -1)
        lowest = np.argmin(f, axis=0) * flat.size + np.arange(flat.size)
        found = rearranged(found, lowest)
        best = found if best is None else best.lower(found)
    assert best is not None
    return rearranged(best, np.arange(flat.size).reshape(T.shape))


def directions(n_patterns: int, n_starts: int) -> np.ndarray:
    """Return unit vectors with descending entries that are not negative, shape (S, K).

    The corners of their cone are 1, ..., K equal overlaps.  K <= 3: a regular grid of the
    cone, finer with more starts; larger K: its corners and points of Weyl's sequence of
    irrational steps.
    """
    K = n_patterns
    corners = np.triu(np.ones((K, K))).T / np.sqrt(np.arange(1, K + 1))[:, None]
    if K == 1:
        share = np.ones((1, 1))
    elif K in EDGE:
        # (e + 1)(e + 2)/2 points for K = 3
        edge = max(EDGE[K], math.isqrt(2 * n_starts))
        first = np.indices((edge + 1,) * (K - 1)).reshape(K - 1, -1).T
        first = first[first.sum(axis=1) <= edge]
        share = np.column_stack([first, edge - first.sum(axis=1)]) / edge
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


def _state(found: MultitaskingSolution, i: int) -> State:
    numbers = ("q", "free_energy", "energy", "min_eigenvalue")
    return State(
        label=str(found.label[i]),
        m=np.abs(found.m[i]),
        n=np.abs(found.n[i]),
        example_eigenvalues=found.example_eigenvalues[i],
        **{name: float(getattr(found, name)[i]) for name in numbers},
    )
