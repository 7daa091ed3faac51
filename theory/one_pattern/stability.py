r"""The de Almeida-Thouless line on the retrieval branch.

Replica symmetry breaks where the replicon eigenvalue vanishes (J. R. L. de Almeida,
D. J. Thouless, J. Phys. A 11, 983 (1978), doi:10.1088/0305-4470/11/5/028),
:math:`T = \alpha I\,E\,\mathrm{sech}^4(h/T)/T`.  The right-hand side has a limit at T = 0,
the density of sites without field, so that the line reaches every load; at small loads the
temperature is exponentially small in 1/alpha and is found on a logarithmic scale.
"""

from __future__ import annotations

import numpy as np

from theory.compiled import compiled
from theory.roots import bisect

from .inversion import largest_temperatures
from .isotherm import crossing, trace
from .replica import fluctuation, overlap_of, sites
from .transitions import Landscape, line

__all__ = ["replicon_temperatures"]

_SMALLEST = 1e-300


@compiled
def _fluctuations(landscape: Landscape, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return the right-hand side on the retrieval branch."""
    out = np.empty(alpha.size)
    field = landscape.field
    for i in range(alpha.size):
        nodes = trace(field, T[i], landscape.top_a, landscape.top_T, alpha[i])
        S, V, _ = crossing(field, T[i], nodes, alpha[i])
        _, _, q, chi, _, _, _, _ = sites(field, S, V, T[i])
        out[i] = fluctuation(field, alpha[i], T[i], overlap_of(field.order, S), V, q, chi)
    return out


def _inside(landscape: Landscape, alpha: np.ndarray, ends: np.ndarray, side: int) -> np.ndarray:
    """Return temperatures at which the state exists, next to those at which it ends."""
    T = ends.copy()
    back, lost = 1e-12, np.arange(ends.size)
    while lost.size:
        T[lost] = ends[lost] * (1 + side * back)
        lost = lost[line(landscape, False, T[lost])[0] < alpha[lost]]
        back *= 2
    return T


def replicon_temperatures(landscape: Landscape, loads: np.ndarray) -> np.ndarray:
    """Return the temperatures of `theory.replicon_temperature`."""
    from scipy.optimize.elementwise import find_root

    out = np.full(loads.size, np.nan)
    ends = largest_temperatures(landscape, False, loads)
    todo = np.flatnonzero((loads > 0) & np.isfinite(ends))
    alpha = loads[todo]
    high = _inside(landscape, alpha, ends[todo], -1)
    # Temperature only adds to the limit of the right-hand side at T = 0.
    cold = alpha <= line(landscape, False, np.zeros(1))[0]
    low = np.empty(todo.size)
    low[cold] = 0.5 * _fluctuations(landscape, alpha[cold], np.zeros(cold.sum()))
    warm = alpha[~cold]  # a re-entrant spinodal ends retrieval from below, too
    exists = bisect(lambda T: line(landscape, False, T)[0] >= warm, 0 * warm, high[~cold])
    low[~cold] = _inside(landscape, warm, exists, 1)
    out[todo[low < _SMALLEST]] = 0.0
    kept = low >= _SMALLEST
    todo, alpha, low, high = todo[kept], alpha[kept], low[kept], high[kept]

    def excess(log_T: np.ndarray, load: np.ndarray) -> np.ndarray:
        T = np.exp(log_T)
        return np.asarray(
            np.log(_fluctuations(landscape, load.ravel(), T.ravel()) / T.ravel())
        ).reshape(T.shape)

    bracket = np.log(low), np.log(high)
    found = find_root(excess, bracket, args=(alpha,), tolerances={"xatol": 1e-11})
    root = found.success & np.isfinite(found.f_x)
    out[todo] = np.where(root, np.exp(found.x), np.nan)
    return out
