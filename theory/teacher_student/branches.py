"""The state of a student of pairs that knows its teacher, over grids of (alpha, T)."""

from __future__ import annotations

from functools import partial

import numpy as np

from hebbian import Storing
from theory.compiled import compiled
from theory.one_pattern.branches import ReplicaSolution, over_grid
from theory.one_pattern.crosstalk import Crosstalk
from theory.one_pattern.hopfield import pair_crosstalk

from .isotherm import crossing, onset
from .pair import observables

__all__ = ["solve_pairs"]


@compiled
def _learnt(w: float, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Return rows (h, rho, n_iter)."""
    out = np.empty((alpha.size, 3))
    start, last = (np.nan, np.nan, np.nan), np.nan
    for i in ascending:
        if T[i] != last:
            last = T[i]
            start = onset(w, last)
        h, rho, n_iter = crossing(w, last, alpha[i], *start)
        out[i, 0], out[i, 1], out[i, 2] = h, rho, n_iter
    return out


@compiled
def _evaluate(
    examples: Crosstalk, w: float, alpha: np.ndarray, T: np.ndarray, states: np.ndarray
) -> np.ndarray:
    """Return rows as `over_grid` takes them."""
    out = np.full((alpha.size, 8), np.nan)
    for i in range(alpha.size):
        if states[i, 1] >= 0:
            out[i] = observables(examples, w, alpha[i], T[i], states[i, 0], states[i, 1])
    return out


def _no_array(alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    raise ValueError(
        f"start of shape {start.shape}: a student of pairs has one state of each name, give a name"
    )


def solve_pairs(
    w: float, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
) -> ReplicaSolution:
    """Return the state in which the teacher is known."""
    examples = pair_crosstalk(Storing(), "distinct")
    return over_grid(
        alpha, T, start, {"retrieval": partial(_learnt, w)}, _no_array,
        partial(_evaluate, examples, w),
    )  # fmt: skip
