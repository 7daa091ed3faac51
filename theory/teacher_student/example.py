r"""States of a student of pairs that keep one example.

They are those of a pattern of the Hopfield network: n is the overlap with the example, m = 0.
The other examples may yet tell of the teacher.  An overlap m causes a field
:math:`\alpha w m/(1 - \chi)` (`pair`) and the field :math:`\chi` times its mean, so that m = 0 is
stable while :math:`\alpha w \chi < 1 - \chi`.  Beyond, which takes a signal w of 15 or more, no
state keeps the example: those with both overlaps are on the barrier, on the stable side, and the
student slides down to the teacher.
"""

from __future__ import annotations

import numpy as np

from theory.one_pattern.branches import ReplicaSolution
from theory.one_pattern.closure import ReplicaSymmetric

__all__ = ["largest_loads", "solve_example"]

_INSIDE = 1 - 1e-9  # just inside a spinodal, where the state exists in floating point


def _indifference(w: float, alpha: np.ndarray, stored: ReplicaSolution) -> np.ndarray:
    """Return 1 - chi (1 + alpha w), positive where the example is kept."""
    return np.asarray(1 - stored.susceptibility * (1 + alpha * w))


def solve_example(
    hopfield: ReplicaSymmetric, w: float, alpha: np.ndarray, T: np.ndarray
) -> ReplicaSolution:
    """Return the state that keeps an example, as retrieval of the Hopfield network."""
    found = hopfield.solve(alpha, T, "retrieval")
    return found.only(_indifference(w, alpha, found) >= 0)


def largest_loads(hopfield: ReplicaSymmetric, w: float, T: np.ndarray) -> np.ndarray:
    """Return the loads up to which an example is kept, NaN where none is."""
    from scipy.optimize.elementwise import find_root

    def kept(alpha: np.ndarray, heat: np.ndarray) -> np.ndarray:
        return _indifference(w, alpha, hopfield.solve(alpha, heat, "retrieval"))

    loads = hopfield.critical_load(T)
    out, ends = loads.copy(), _INSIDE * loads
    todo = np.flatnonzero(kept(ends, T) < 0)
    found = find_root(kept, (0 * ends[todo], ends[todo]), args=(T[todo],))
    out[todo] = np.where(found.success, found.x, np.nan)
    return out
