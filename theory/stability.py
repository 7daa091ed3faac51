r"""The de Almeida-Thouless line on the retrieval branch.

Replica symmetry breaks where the replicon eigenvalue vanishes (J. R. L. de Almeida,
D. J. Thouless, J. Phys. A 11, 983 (1978), doi:10.1088/0305-4470/11/5/028),
:math:`T = \alpha I\,E\,\mathrm{sech}^4(h/T)/T`.  The right-hand side has a limit at T = 0,
the density of sites without field, so that the line reaches every load; at small loads the
temperature is exponentially small in 1/alpha and is found on a logarithmic scale.
"""

from __future__ import annotations

import math

import numpy as np

from .compiled import compiled
from .isotherm import crossing, trace
from .replica import fluctuation, overlap_of
from .transitions import Landscape, largest_temperatures, spinodal_load

__all__ = ["replicon_temperatures"]


@compiled
def _fluctuation(landscape: Landscape, alpha: float, T: float) -> float:
    """Return the right-hand side on the retrieval branch."""
    field = landscape.field
    nodes = trace(field, T, landscape.top_a, landscape.top_T)
    S, V, _ = crossing(field, T, nodes, alpha)
    return fluctuation(field, alpha, T, overlap_of(field.order, S), V)


@compiled
def _root(landscape: Landscape, alpha: float, low: float, high: float) -> float:
    """Return T in [low, high] with vanishing replicon eigenvalue, bracketed in ln T."""
    a, b = math.log(low), math.log(high)
    f_a = math.log(_fluctuation(landscape, alpha, low) / low)
    f_b = math.log(_fluctuation(landscape, alpha, high) / high)
    if not (f_a >= 0 and f_b <= 0):
        return np.nan
    x = a
    for iteration in range(200):
        x = a - f_a * (b - a) / (f_b - f_a)
        if iteration % 3 == 2 or not a < x < b:
            x = 0.5 * (a + b)
        f = math.log(_fluctuation(landscape, alpha, math.exp(x))) - x
        if f > 0:
            a, f_a = x, f
        else:
            b, f_b = x, f
        if f == 0 or b - a <= 1e-15 * max(1.0, abs(x)):
            break
    return math.exp(x)


@compiled
def _lower_end(landscape: Landscape, alpha: float, high: float) -> float:
    """Return the temperature below `high` at which a re-entrant spinodal ends retrieval."""
    low = 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if spinodal_load(landscape, middle)[0] >= alpha:
            high = middle
        else:
            low = middle
    return high


@compiled
def replicon_temperatures(landscape: Landscape, loads: np.ndarray) -> np.ndarray:
    """Return the temperature below which the retrieval state breaks replica symmetry.

    Returns
    -------
    numpy.ndarray
        NaN where there is no retrieval state, where it is unstable up to its spinodal, and
        at alpha = 0; 0 where the temperature is below the smallest float.
    """
    out = np.full(loads.size, np.nan)
    ends = largest_temperatures(landscape, False, loads)
    cold = spinodal_load(landscape, 0.0)[0]
    for j in range(loads.size):
        alpha = loads[j]
        if alpha == 0 or not ends[j] > 0:
            continue
        high = ends[j]
        back = 1e-15 * high
        while not spinodal_load(landscape, high)[0] >= alpha:
            high = ends[j] - back
            back *= 2
        if alpha > cold:
            low = _lower_end(landscape, alpha, high)
        else:
            # Temperature only adds to the limit of the right-hand side at T = 0.
            low = 0.5 * _fluctuation(landscape, alpha, 0.0)
        out[j] = _root(landscape, alpha, low, high) if low > 1e-300 else 0.0
    return out
