"""Where a student of pairs begins to know its teacher, replica symmetric.

Learning is continuous (`isotherm`), and the state that knows the teacher has the lowest free energy
of all as soon as it exists, but for those that keep an example (`example`).
"""

from __future__ import annotations

import numpy as np

from theory.averages.gaussian import quartic, random_field, thermal
from theory.compiled import compiled
from theory.one_pattern.closure import ReplicaSymmetric
from theory.roots import bisect

from .branches import solve_pairs
from .example import largest_loads, solve_example
from .isotherm import crossing, onset

__all__ = ["learning_loads", "learning_temperatures", "replicon_temperatures", "transition_loads"]

_CLOSE = 1e-9  # relative distance from the onset, where the state exists in floating point
_SMALLEST = 1e-300


@compiled
def learning_loads(w: float, T: np.ndarray) -> np.ndarray:
    """Return the loads from which on the teacher is known."""
    out = np.empty(T.size)
    for i in range(T.size):
        out[i] = onset(w, T[i])[2]
    return out


def learning_temperatures(w: float, alpha: np.ndarray) -> np.ndarray:
    r"""Return :math:`1 + \alpha w`, up to which the teacher is known; NaN for too few examples.

    The onset :math:`q/w^2 (\sigma \chi)^2` below the teacher's temperature is at least
    :math:`1/w^2`, since :math:`(\sigma \chi)^2 = (E z \tanh)^2 \le E \tanh^2`.
    """
    return np.where(alpha * w**2 >= 1, 1 + alpha * w, np.nan)


def transition_loads(hopfield: ReplicaSymmetric, w: float, T: np.ndarray) -> np.ndarray:
    """Return the loads from which on to know the teacher is better than anything else."""
    from scipy.optimize.elementwise import find_root

    def gap(alpha: np.ndarray, heat: np.ndarray) -> np.ndarray:
        knows, keeps = (
            solve_pairs(w, alpha, heat, "retrieval"),
            solve_example(hopfield, w, alpha, heat),
        )
        return np.asarray(knows.free_energy - keeps.free_energy)

    out = learning_loads(w, T)
    low, high = out * (1 + _CLOSE), largest_loads(hopfield, w, T) * (1 - _CLOSE)
    todo = np.flatnonzero(low < high)
    todo = todo[gap(low[todo], T[todo]) > 0]
    low, high, heat = low[todo], high[todo], T[todo]
    # An example may be the best choice up to where it is lost.
    lost = gap(high, heat) > 0
    out[todo[lost]] = high[lost]
    todo, low, high, heat = todo[~lost], low[~lost], high[~lost], heat[~lost]
    found = find_root(gap, (low, high), args=(heat,), tolerances={"xrtol": 1e-13})
    out[todo] = np.where(found.success, found.x, np.nan)
    return out


@compiled
def _fluctuations(w: float, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return alpha I E sech^4 / T of the state that knows the teacher; see `pair`."""
    out = np.empty(alpha.size)
    for i in range(alpha.size):
        h, rho, _ = crossing(w, T[i], alpha[i], *onset(w, T[i]))
        chi = thermal(h, rho, T[i])[2]
        out[i] = alpha[i] / (1 - chi) ** 2 * quartic(h, random_field(rho, T[i]))
    return out


def replicon_temperatures(w: float, alpha: np.ndarray) -> np.ndarray:
    """Return the temperatures below which the state that knows the teacher breaks symmetry."""
    from scipy.optimize.elementwise import find_root

    out = np.full(alpha.size, np.nan)
    todo = np.flatnonzero(alpha * w**2 > 1 + _CLOSE)
    loads = alpha[todo]
    high = learning_temperatures(w, loads) * (1 - 1e-12)
    low = np.empty(loads.size)
    cold = learning_loads(w, np.zeros(1))[0] < loads
    # Temperature only adds to the limit of the fluctuations at T = 0.
    low[cold] = 0.5 * _fluctuations(w, loads[cold], np.zeros(cold.sum()))
    few = loads[~cold]  # lost to the glass from below
    lost = bisect(lambda T: learning_loads(w, T) < few, 0 * few, high[~cold])
    low[~cold] = lost * (1 + 1e-12)
    out[todo[low < _SMALLEST]] = 0.0
    kept = low >= _SMALLEST
    todo, loads, low, high = todo[kept], loads[kept], low[kept], high[kept]

    def excess(log_T: np.ndarray, load: np.ndarray) -> np.ndarray:
        T = np.exp(log_T)
        return np.asarray(np.log(_fluctuations(w, load.ravel(), T.ravel()) / T.ravel())).reshape(
            T.shape
        )

    bracket = np.log(low), np.log(high)
    found = find_root(excess, bracket, args=(loads,), tolerances={"xatol": 1e-13})
    out[todo] = np.where(found.success & np.isfinite(found.f_x), np.exp(found.x), np.nan)
    return out
