"""The retrieval states of single patterns of one network.

The noise of a pattern is that of all others: what all of them make, by `quadrature` at P = 2, less
the pattern itself.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.branches import ReplicaSolution, over_grid
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.crosstalk import Crosstalk
from theory.one_pattern.isotherm import crossing, trace
from theory.one_pattern.low_load import summit
from theory.one_pattern.replica import MeanField, observables, overlap_of

from .quadrature import compressed

__all__ = ["states"]


@compiled
def _others(
    one: Crosstalk, mass: np.ndarray, strengths: np.ndarray, unit: float, own: float
) -> Crosstalk:
    """Return the crosstalk of all patterns but one of strength `unit`, in units of that.

    `own` is its share of the masses.
    """
    at = -1
    for j in range(mass.size):
        if strengths[j] == unit:
            at = j
    kept = mass.copy()
    if at >= 0:
        kept[at] = max(0.0, kept[at] - own)
        if kept[at] < 0.5 * own:
            kept[at] = 0.0
    some = kept > 0
    kept, v = kept[some], strengths[some] / unit
    if at < 0:
        kept, v = np.append(kept, -own), np.append(v, 1.0)
    n, per_class = kept.size, one.rank.size
    strength, rank = np.empty(n * per_class), np.empty(n * per_class)
    for k in range(per_class):
        for j in range(n):
            strength[k * n + j] = one.strength[k] * kept[j]
            rank[k * n + j] = one.rank[k] * v[j]
    return Crosstalk(True, strength, rank, one.constant * (kept * v).sum(), 0.0)


@compiled
def _rows(
    field: MeanField,
    mass: np.ndarray,
    strengths: np.ndarray,
    load: float,
    own: float,
    unit: np.ndarray,
    T: np.ndarray,
) -> np.ndarray:
    """Return rows of observables of patterns of strengths `unit`, in these units, and n_iter."""
    out = np.full((unit.size, 9), np.nan)
    top_a, top_T = summit(field)
    for i in range(unit.size):
        crosstalk = _others(field.crosstalk, mass, strengths, unit[i], own)
        alone = crosstalk.rank.size == 0
        among = MeanField(2, field.law, field.crosstalk if alone else crosstalk)
        alpha = 0.0 if alone else load
        nodes = trace(among, T[i], top_a, top_T, alpha)
        S, V, n_iter = crossing(among, T[i], nodes, alpha)
        out[i, 8] = n_iter
        if V >= 0:
            out[i, :8] = observables(among, alpha, T[i], overlap_of(2, S), V)
    return out


def states(
    uniform: ReplicaSymmetric,
    strengths: np.ndarray,
    load: float,
    unit: np.ndarray,
    T: np.ndarray,
) -> ReplicaSolution:
    """Return the retrieval states of patterns in units of their own strengths.

    Parameters
    ----------
    uniform : ReplicaSymmetric
        Theory of the network of one strength.
    strengths : numpy.ndarray
        Of all patterns.
    load : float
        Of all of them.
    unit, T : numpy.ndarray
        Strengths of the patterns, above 0, and temperatures in units of these.
    """
    field, n = uniform.field, strengths.size
    if not field.crosstalk.resummed:
        others = np.maximum(strengths @ strengths - unit**2, 0.0)
        return uniform.solve(load / n * others / unit**2, T, "retrieval")
    mass, places = compressed(strengths)
    rows = _rows(field, mass / n, places, load, 1 / n, unit, T)
    rows[:, 1] *= field.law.mean
    return over_grid(
        np.full(unit.shape, load),
        T,
        "retrieval",
        {"retrieval": lambda *_: rows[:, 6:9]},
        lambda *_: rows,
        lambda *_: rows[:, :8],
    )
