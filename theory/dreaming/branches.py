"""The replica-symmetric branches of a network that has slept, over grids of (alpha, T)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.branches import ReplicaSolution, over_grid

from .fixed_point import attractor
from .isotherm import crossing, trace
from .replica import observables
from .spin_glass import glass

__all__ = ["BRANCHES", "solve_branch"]


@compiled
def _retrieval(tau: float, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Return rows (S, V, n_iter); one curve is traced for all loads at one temperature."""
    out = np.full((alpha.size, 3), np.nan)
    nodes, last = np.empty((0, 5)), np.nan
    for i in ascending:
        if tau == 1 and T[i] == 0:
            # Every pattern is an eigenvector: the others cancel what they add.
            if alpha[i] < 1:
                out[i, 0], out[i, 1], out[i, 2] = 1 - alpha[i], 0.0, 0.0
            continue
        if T[i] != last:
            last = T[i]
            nodes = trace(tau, last)
        m, sigma, x, n_iter = crossing(tau, last, nodes, alpha[i])
        scale = (1 + tau * x) * (1 + tau * (1 - tau) * x)
        out[i, 0], out[i, 1], out[i, 2] = m / scale, (sigma / scale) ** 2, n_iter
    return out


@compiled
def _glass(tau: float, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    out = np.empty((alpha.size, 3))
    for i in ascending:
        V, n_iter = glass(tau, alpha[i], T[i])
        out[i, 0], out[i, 1], out[i, 2] = 0.0, V, n_iter
    return out


@compiled
def _paramagnet(tau: float, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Set m = q = 0: no solution at T = 0."""
    out = np.zeros((alpha.size, 3))
    for i in ascending:
        if T[i] == 0:
            out[i] = np.nan
    return out


@compiled
def _from_array(tau: float, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    out = np.empty((alpha.size, 3))
    for i in range(alpha.size):
        S, V, n_iter = attractor(tau, alpha[i], T[i], start[i, 0], start[i, 1])
        out[i, 0], out[i, 1], out[i, 2] = S, V, n_iter
    return out


@compiled
def _evaluate(tau: float, alpha: np.ndarray, T: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return rows as `over_grid` takes them."""
    out = np.full((alpha.size, 8), np.nan)
    for i in range(alpha.size):
        if states[i, 1] >= 0:
            out[i] = observables(tau, alpha[i], T[i], states[i, 0], states[i, 1])
    return out


#: By the name of a start.
BRANCHES: dict[str, Callable[..., np.ndarray]] = {
    "retrieval": _retrieval,
    "glass": _glass,
    "paramagnet": _paramagnet,
}


def solve_branch(
    tau: float, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
) -> ReplicaSolution:
    """Solve one branch; an array `start` has the pairs (m, q) on its last axis."""
    named = {name: partial(branch, tau) for name, branch in BRANCHES.items()}
    return over_grid(alpha, T, start, named, partial(_from_array, tau), partial(_evaluate, tau))
