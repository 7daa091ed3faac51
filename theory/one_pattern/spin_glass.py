r"""States without retrieval, replica symmetric: m = n = 0.

With :math:`S = 0` one unknown is left, the noise amplitude :math:`\sigma`:
:math:`q = E \tanh^2(\sigma x/T)` and :math:`\alpha = \sigma^2 / G(\chi)`.  For P >= 3 the
load enters only as :math:`\alpha/T^2`, a function of :math:`b = \sigma/T` with a minimum:
the replica-symmetric glass is there below a temperature proportional to
:math:`\sqrt\alpha`, far below the true glass transition (`theory.one_pattern.broken.glass`).  For
P = 2 it grows continuously from q = 0 below :math:`T_g = 1 + \sqrt\alpha`.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.roots import inside

from .crosstalk import Crosstalk, bounded, noise

__all__ = ["continuous_glass", "glass", "glass_extrema"]


@compiled
def _load_root(crosstalk: Crosstalk, T: float, sigma: float) -> tuple[float, float]:
    r"""Return the signed root of the load and its derivative in sigma.

    Negative where the crosstalk has no bounded solution (P = 2, :math:`v \chi > 1`).
    """
    _, q, chi, _, omega = thermal(0.0, sigma**2, T)
    G, slope = noise(crosstalk, q, chi, T)
    root = sigma / math.sqrt(G)
    if not bounded(crosstalk, q, chi, T):
        root = -root
    return root, root * (1 / sigma - 0.5 * slope / G * sigma * omega)


@compiled
def glass_extrema(crosstalk: Crosstalk) -> np.ndarray:
    r"""Locate the extrema of :math:`\alpha/T^2` as a function of b, from large b to small.

    Minima and maxima alternate, beginning with a minimum; there are none for P = 2, where the
    load rises with the noise at every temperature.
    """
    grid = np.exp(np.linspace(math.log(1e-4), math.log(1e3), 281))[::-1]
    places = np.empty(grid.size)
    size = 0
    if crosstalk.resummed:
        return places[:0].copy()
    last = True
    for i in range(grid.size):
        rising = _load_root(crosstalk, 1.0, grid[i])[1] > 0
        if rising != last:
            low, high = grid[i], grid[i - 1]
            for _ in range(100):
                middle = math.sqrt(low * high)
                if middle <= low or middle >= high:
                    break
                if (_load_root(crosstalk, 1.0, middle)[1] > 0) == rising:
                    low = middle
                else:
                    high = middle
            places[size] = math.sqrt(low * high)
            size += 1
        last = rising
    return places[:size].copy()


@compiled
def glass(crosstalk: Crosstalk, alpha: float, T: float, extrema: np.ndarray) -> tuple[float, int]:
    """Return V, NaN where the load does not sustain a glass, and n_iter of that of largest noise.

    `extrema` are those of `glass_extrema`.
    """
    target = math.sqrt(alpha)
    # G is largest at q = 1; for P = 2, chi is at most its value sqrt(2/pi)/sigma at T = 0.
    high = math.sqrt(alpha * noise(crosstalk, 1.0, 0.0, 0.0)[0])
    if crosstalk.resummed:
        high += crosstalk.rank[0] * math.sqrt(2 / math.pi)
    if alpha == 0:
        return np.nan, 0
    low = 1e-9 * high
    for i in range(-1, extrema.size, 2):
        # Between a maximum above and a minimum below, the load falls with the noise.
        low = 1e-9 * high if i + 1 >= extrema.size else T * extrema[i + 1]
        if i >= 0:
            high = min(high, T * extrema[i])
        if low < high and _load_root(crosstalk, T, low)[0] < target:
            break
        if i + 2 >= extrema.size:
            return np.nan, 0
    sigma = high
    for iteration in range(1, 200):
        root, slope = _load_root(crosstalk, T, sigma)
        if root < target:
            low = sigma
        else:
            high = sigma
        step = (target - root) / slope
        new = sigma + step
        if abs(step) <= 2e-16 * sigma or high - low <= 2e-16 * high:
            return new**2, iteration
        sigma = inside(new, low, high)
    return sigma**2, 200


@compiled
def continuous_glass(crosstalk: Crosstalk, loads: np.ndarray) -> np.ndarray:
    r"""Return the temperature at which the paramagnet of P = 2 freezes.

    There its replicon vanishes, :math:`1 = \alpha \sum_g g v^2 / (T - v)^2`, which gives
    :math:`1 + \sqrt\alpha` for a single eigenvalue v = 1.
    """
    out = np.empty(loads.size)
    for i in range(loads.size):
        # The sum falls and is convex above the largest v: Newton from the left is monotonic.
        T = crosstalk.rank[0] * (1 + math.sqrt(loads[i] * crosstalk.strength[0]))
        for _ in range(100):
            total, slope = -1.0, 0.0
            for g, v in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
                term = loads[i] * g * v**2 / (T - v) ** 2 if loads[i] > 0 else 0.0
                total += term
                slope -= 2 * term / (T - v) if term > 0 else 0.0
            step = -total / slope if slope < 0 else 0.0
            T += step
            if abs(step) <= 2e-16 * T:
                break
        out[i] = T
    return out
