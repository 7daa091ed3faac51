r"""The lines of the phase diagram of connected layers.

Below :math:`T_g` the paramagnet of the other patterns is unstable: there the largest eigenvalue of
:math:`(\alpha/T^2 g_A) P_{AB}^2` at :math:`X = 1/T` is 1 (`theory.assembly.states.observed`).  Two
equal layers: :math:`\alpha (T^2 + 1) = (T^2 - 1)^2`.  Without crosstalk retrieval begins at the
largest eigenvalue of :math:`\Gamma`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .branch import crossing, glass_curves, largest_loads, retrieval_curves
from .layers import Layers, response
from .states import BRANCHES, observed

__all__ = [
    "glass_temperatures", "largest_temperatures", "replicon_temperatures", "spinodal_loads",
    "transition_loads",
]  # fmt: skip

_GRID = 32  # temperatures at which a line is evaluated before it is inverted
_INSIDE = 1e-12  # relative distance from the end of a branch at which it is looked at
_LEAST = 1e-12  # load down to which the glass competes with retrieval


def spinodal_loads(layers: Layers, T: np.ndarray) -> np.ndarray:
    """Return the largest loads with an overlap; 0 where there is none at any."""
    return largest_loads(retrieval_curves(layers, T, _LEAST))


def transition_loads(layers: Layers, T: np.ndarray) -> np.ndarray:
    """Return the loads up to which retrieval has the lowest free energy; 0 if it never has.

    That of the spinodal where it has it up to there.
    """
    kept = np.flatnonzero(layers.top > T)
    out = np.zeros(len(T))
    if not kept.size:
        return out
    heat = T[kept]
    curves = retrieval_curves(layers, heat, _LEAST)
    top = np.sqrt(largest_loads(curves))
    glass = glass_curves(layers, heat, _LEAST, float(top.max()) ** 2)

    def advantage(of: np.ndarray, a: np.ndarray) -> np.ndarray:
        """Return how much lower the competitor is."""
        found, energies = np.full(len(a), -1.0), []
        here = np.flatnonzero(a > 0)
        of, load = of[here], a[here] ** 2
        for branch in (curves, glass):
            y, _ = crossing(layers, heat, branch, of, load)
            energies.append(observed(layers, heat[of], y).free_energy)
        missing = np.isnan(energies[1])
        y, _ = BRANCHES["paramagnet"](layers, load[missing], heat[of[missing]])
        energies[1][missing] = observed(layers, heat[of[missing]], y).free_energy
        found[here] = energies[0] - energies[1]
        return found

    # The first node at which the competitor leads, or the spinodal.
    nodes = np.nan_to_num(curves[:, :, 0, -1])
    low, high = np.zeros(kept.size), top * (1 - _INSIDE)
    done = advantage(np.arange(kept.size), high) < 0
    done |= ~(top > 0)
    for i in range(nodes.shape[1]):
        todo = np.flatnonzero(~done & (nodes[:, i] > low) & (nodes[:, i] < high))
        if todo.size:
            leads = advantage(todo, nodes[todo, i]) < 0
            low[todo[leads]] = nodes[todo[leads], i]
            high[todo[~leads]] = nodes[todo[~leads], i]
    out[kept] = top**2
    todo = np.flatnonzero(~done)
    out[kept[todo]] = _roots(lambda a, of: advantage(of, a), low[todo], high[todo], todo) ** 2
    return out


def _roots(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    of: np.ndarray,
) -> np.ndarray:
    """Return where functions number `of` change their sign; NaN where they do not."""
    from scipy.optimize.elementwise import find_root

    if not len(low):
        return low

    def flat(x: np.ndarray, number: np.ndarray) -> np.ndarray:
        values = function(x.ravel(), number.ravel().astype(np.int64))
        return values.reshape(x.shape)

    found = find_root(flat, (low, high), args=(of.astype(float),), tolerances={"xrtol": 1e-15})
    return np.where(found.success, found.x, np.nan)


def largest_temperatures(
    loads_at: Callable[[np.ndarray], np.ndarray], end: float, loads: np.ndarray
) -> np.ndarray:
    """Invert a line: the largest temperatures at which it reaches loads, NaN where it does not.

    Parameters
    ----------
    loads_at : callable
        The line, 0 where there is none.
    end : float
        Temperature at which it reaches alpha = 0.
    loads : numpy.ndarray
    """
    out = np.full(loads.shape, np.nan)
    out[loads == 0] = end
    if not (loads > 0).any():
        return out
    T = np.linspace(0.0, end, _GRID + 1)
    line = loads_at(T)
    line[-1] = 0.0
    if (loads > line.max()).any():
        # The line may turn back at low temperature: its tip decides.
        for _ in range(4):
            peak = int(np.argmax(line))
            finer = np.linspace(T[max(peak - 1, 0)], T[peak + 1], 12)[1:-1]
            T, line = np.append(T, finer), np.append(line, loads_at(finer))
            T, first = np.unique(T, return_index=True)
            line = line[first]
    reached = (line[None, :] >= loads[:, None]) & (loads > 0)[:, None]
    todo = np.flatnonzero(reached.any(axis=1))
    last = len(T) - 1 - np.argmax(reached[todo, ::-1], axis=1)
    exact = line[last] == loads[todo]
    out[todo[exact]] = T[last[exact]]
    todo, last = todo[~exact], last[~exact]
    roots = np.sqrt(loads)

    def excess(heat: np.ndarray, number: np.ndarray) -> np.ndarray:
        return np.sqrt(loads_at(heat)) - roots[number]

    out[todo] = _roots(excess, T[last], T[last + 1], todo)
    return out


def glass_temperatures(layers: Layers, alpha: np.ndarray) -> np.ndarray:
    """Return the temperatures at which the paramagnet freezes; NaN where it never does."""
    size = layers.share.size

    def excess(T: np.ndarray, number: np.ndarray) -> np.ndarray:
        P = response(layers, np.repeat(1 / T[:, None], size, axis=1))[0] / T[:, None, None, None]
        squared = np.einsum("v,nvab->nab", layers.field.crosstalk.strength, P * P)
        squared /= np.sqrt(np.outer(layers.share, layers.share))
        # Nearly linear in T.
        return 1 / np.sqrt(np.linalg.eigvalsh(squared)[:, -1]) - np.sqrt(alpha[number])

    scale = np.abs(np.linalg.eigvalsh(layers.gamma)).max()
    low = np.full(len(alpha), max(layers.top * (1 + 1e-14), 1e-14 * scale))
    high = np.maximum(low, 0) + scale * (2 + 2 * np.sqrt(alpha) * np.sqrt(1 / layers.share.min()))
    out = np.full(len(alpha), np.nan)
    out[alpha == 0] = layers.top if layers.top > 0 else np.nan
    todo = np.flatnonzero(alpha > 0)
    while (short := excess(high[todo], todo) < 0).any():
        high[todo[short]] *= 2
    todo = todo[excess(low[todo], todo) < 0]
    out[todo] = _roots(excess, low[todo], high[todo], todo)
    return out


def replicon_temperatures(layers: Layers, loads: np.ndarray, ends: np.ndarray) -> np.ndarray:
    r"""Return the temperatures below which retrieval breaks replica symmetry.

    The fluctuation of `observed` has a limit at T = 0, so that the line reaches every load; at
    small loads it is exponentially small in 1/alpha and is found on a logarithmic scale.

    Parameters
    ----------
    layers : Layers
    loads : numpy.ndarray
    ends : numpy.ndarray
        Temperatures of the spinodal.
    """
    out = np.full(loads.size, np.nan)

    def fluctuation(T: np.ndarray, number: np.ndarray) -> np.ndarray:
        y, _ = BRANCHES["retrieval"](layers, loads[number], T)
        return observed(layers, T, y).fluctuation

    def excess(log_T: np.ndarray, number: np.ndarray) -> np.ndarray:
        T = np.exp(log_T)
        return np.asarray(np.log(fluctuation(T, number) / T))

    todo = np.flatnonzero((loads > 0) & (ends > 0))
    cold = loads[todo] <= spinodal_loads(layers, np.zeros(1))[0]
    # Temperature only adds to the limit; a re-entrant spinodal ends retrieval from below, too.
    low = np.where(cold, 0.5 * fluctuation(np.zeros(todo.size), todo), 0.0)
    warm = np.flatnonzero(~cold)
    if warm.size:
        low[warm] = _first(layers, loads[todo[warm]], ends[todo[warm]])
    high = ends[todo] * (1 - 1e-9)
    out[todo[low < 1e-300]] = 0.0
    kept = (low >= 1e-300) & (low < high)
    todo, low, high = todo[kept], np.log(low[kept]), np.log(high[kept])
    out[todo] = np.exp(_roots(excess, low, high, todo))
    return out


def _first(layers: Layers, loads: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the smallest temperatures at which retrieval exists, a little inside."""
    low, high = np.zeros(loads.size), ends * (1 - 1e-9)
    for _ in range(40):
        middle = 0.5 * (low + high)
        there = spinodal_loads(layers, middle) >= loads
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return high * (1 + 1e-9)
