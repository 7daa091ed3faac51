"""Lines of the phase diagram of a network that has slept, replica symmetric.

The spinodal is one load for every temperature, the end of the curve of `isotherm`.  It rises with
temperature before it falls, and after a long sleep t it does so at temperatures of order 1/t.  A
boundary temperature is the largest at which a line reaches the load.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.roots import highest

from .branches import solve_branch
from .isotherm import crossing, trace
from .replica import fluctuation
from .spectrum import ratio

__all__ = [
    "replicon_temperatures",
    "spinodal_loads",
    "spinodal_temperatures",
    "transition_loads",
    "transition_temperatures",
]

#: Just inside a spinodal, where the state exists in floating point.
INSIDE = 1 - 1e-9

#: Temperatures and loads at which the free energies are compared before a root is refined.
_LINEAR, _LOGARITHMIC, _LOADS = 12, 16, 16

_SMALLEST = 1e-300


@compiled
def spinodal_loads(tau: float, T: np.ndarray) -> np.ndarray:
    """Return the largest loads with a retrieval state, 0 where there is none."""
    out = np.zeros(T.size)
    for i in range(T.size):
        if tau == 1 and T[i] == 0:
            out[i] = 1.0
            continue
        nodes = trace(tau, T[i])
        if nodes.shape[0] > 0:
            out[i] = nodes[-1, 3] ** 2
    return out


def _roots(
    function: Callable[..., np.ndarray], low: np.ndarray, high: np.ndarray, *args: np.ndarray
) -> np.ndarray:
    """Return roots of one function at many parameters, NaN where the signs at the ends agree."""
    from scipy.optimize.elementwise import find_root

    if low.size == 0:
        return np.empty(0)
    found = find_root(function, (low, high), args=args, tolerances={"xrtol": 1e-14})
    return np.where(found.success & np.isfinite(found.f_x), found.x, np.nan)


def _sampled(tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Return temperatures, the summit of the spinodal among them, and its loads there."""
    cold = max(1e-2 * (1 - tau), 1e-12)
    T = np.geomspace(cold, 1.0, int(8 - 6 * np.log10(cold)))
    T = np.unique(np.r_[0.0, T, np.linspace(0.0, 1.0, 25)])
    loads = spinodal_loads(tau, T)
    at = int(np.argmax(loads))
    if at > 0:
        around = T[at - 1 : at + 2]
        place, most = highest(
            lambda heat: float(spinodal_loads(tau, np.array([heat]))[0]), around, 1e-9 * T[at]
        )
        if most > loads[at]:
            at += int(place > T[at])
            T, loads = np.insert(T, at, place), np.insert(loads, at, most)
    return T, loads


def spinodal_temperatures(tau: float, loads: np.ndarray) -> np.ndarray:
    """Return the largest temperatures with a retrieval state, NaN beyond the largest load."""
    T, on_line = _sampled(tau)
    reached = on_line >= loads[:, None]
    last = T.size - 1 - reached[:, ::-1].argmax(axis=1)
    out = np.where(reached.any(axis=1), T[last], np.nan)
    todo = np.flatnonzero(reached.any(axis=1) & (last < T.size - 1))
    # The root of a load is linear in T where the line ends.
    found = _roots(
        lambda heat, load: np.sqrt(_each(lambda x: spinodal_loads(tau, x), heat)) - np.sqrt(load),
        T[last[todo]],
        T[last[todo] + 1],
        loads[todo],
    )
    out[todo] = found
    return out


def _each(function: Callable[..., np.ndarray], *arrays: np.ndarray) -> np.ndarray:
    """Evaluate a function of flat arrays at arrays of any one shape."""
    whole = np.broadcast_arrays(*arrays)
    return np.asarray(function(*(a.ravel() for a in whole))).reshape(whole[0].shape)


def _gap(tau: float, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return the free energy of retrieval above that of the best state without.

    Replicas maximise where there are two of these: a glass that appears at once, while the
    paramagnet has more than no entropy left to lose.
    """
    retrieval, glass, paramagnet = (
        solve_branch(tau, alpha, T, start).free_energy
        for start in ("retrieval", "glass", "paramagnet")
    )
    # Without any, as under the projector at T = 0, retrieval has the lowest of all energies.
    best = np.fmax(glass, paramagnet)
    return retrieval - np.where(np.isnan(best), np.inf, best)


def transition_temperatures(tau: float, loads: np.ndarray) -> np.ndarray:
    """Return the largest temperatures at which retrieval is the ground state, or NaN."""
    ends = spinodal_temperatures(tau, loads)
    out = np.where(loads == 0, ends, np.nan)
    todo = np.flatnonzero((loads > 0) & (ends > 0))
    shares = np.unique(np.r_[np.geomspace(1e-9, INSIDE, _LOGARITHMIC),
                             np.linspace(0, INSIDE, _LINEAR)[1:]])  # fmt: skip
    T = ends[todo, None] * shares
    gap = _each(lambda a, heat: _gap(tau, a, heat), loads[todo, None], T)
    leads = gap < 0
    last = shares.size - 1 - leads[:, ::-1].argmax(axis=1)
    some = leads.any(axis=1)
    out[todo] = np.where(some & (last == shares.size - 1), ends[todo], np.nan)
    crosses = np.flatnonzero(some & (last < shares.size - 1))
    rows, place = todo[crosses], last[crosses]
    out[rows] = _roots(
        lambda heat, load: _each(lambda a, b: _gap(tau, a, b), load, heat),
        T[crosses, place],
        T[crosses, place + 1],
        loads[rows],
    )
    return out


def transition_loads(tau: float, T: np.ndarray) -> np.ndarray:
    """Return the loads up to which retrieval is the ground state, 0 where it never is."""
    ends = spinodal_loads(tau, T)
    out = np.zeros(T.size)
    todo = np.flatnonzero(ends > 0)
    shares = np.linspace(0, np.sqrt(INSIDE), _LOADS + 1)[1:] ** 2
    alpha = ends[todo, None] * shares
    trails = ~(_each(lambda a, heat: _gap(tau, a, heat), alpha, T[todo, None]) < 0)
    first = trails.argmax(axis=1)
    some = trails.any(axis=1)
    out[todo] = np.where(some, 0.0, ends[todo])
    crosses = np.flatnonzero(some)
    rows, place = todo[crosses], first[crosses]
    low = np.where(place > 0, alpha[crosses, place - 1], 1e-9 * alpha[crosses, 0])
    found = _roots(
        lambda load, heat: _each(lambda a, b: _gap(tau, a, b), load, heat),
        low,
        alpha[crosses, place],
        T[rows],
    )
    out[rows] = np.nan_to_num(found)
    return out


@compiled
def _fluctuations(tau: float, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Return `replica.fluctuation` of the retrieval state."""
    out = np.empty(alpha.size)
    for i in range(alpha.size):
        m, sigma, x, _ = crossing(tau, T[i], trace(tau, T[i]), alpha[i])
        scale = (1 + tau * x) * (1 + tau * (1 - tau) * x)
        S, V = m / scale, (sigma / scale) ** 2
        chi = thermal(S, V, T[i])[2]
        out[i] = fluctuation(tau, T[i], ratio(tau, alpha[i], chi), chi, S, V)
    return out


def replicon_temperatures(tau: float, loads: np.ndarray) -> np.ndarray:
    """Return the temperatures of `theory.replicon_temperature`.

    The projector, whose patterns lack any noise at T = 0, is stable at all temperatures.
    """
    out = np.full(loads.size, np.nan)
    ends = spinodal_temperatures(tau, loads)
    todo = np.flatnonzero((loads > 0) & (ends > 0))
    if tau == 1:
        out[todo] = 0.0
        return out
    alpha, high = loads[todo], ends[todo] * INSIDE
    cold = np.zeros(todo.size)
    at_zero = alpha <= spinodal_loads(tau, np.zeros(1))
    # Temperature only adds to the limit of the fluctuations at T = 0.
    cold[at_zero] = 0.5 * _fluctuations(tau, alpha[at_zero], cold[at_zero])
    T, on_line = _sampled(tau)
    summit = np.full(todo.size, T[np.argmax(on_line)])
    warm = ~at_zero
    # A spinodal that rises with temperature ends retrieval from below, too.
    cold[warm] = (2 - INSIDE) * _roots(
        lambda heat, load: _each(lambda x: spinodal_loads(tau, x), heat) - load,
        np.zeros(warm.sum()),
        summit[warm],
        alpha[warm],
    )
    out[todo[cold < _SMALLEST]] = 0.0
    kept = cold >= _SMALLEST
    todo, alpha, cold, high = todo[kept], alpha[kept], cold[kept], high[kept]
    found = _roots(
        lambda log_T, load: _each(
            lambda a, b: np.log(_fluctuations(tau, a, np.exp(b)) / np.exp(b)), load, log_T
        ),
        np.log(cold),
        np.log(high),
        alpha,
    )
    out[todo] = np.exp(found)
    return out
