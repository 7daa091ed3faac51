"""The replica-symmetric branches of a network with a load, over grids of (alpha, T)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.compiled import compiled
from theory.solution import Solution

from .fixed_point import attractor
from .isotherm import crossing, trace
from .low_load import summit
from .replica import MeanField, observables, overlap_of
from .spin_glass import glass, glass_extrema

__all__ = ["BRANCHES", "TOLERANCE", "ReplicaSolution", "over_grid", "solve_branch", "with_starts"]

#: Largest violation of the equations of state that counts as a solution.
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class ReplicaSolution(Solution):
    r"""Replica-symmetric order parameters of a network with a load.

    Parameters
    ----------
    susceptibility : numpy.ndarray
        :math:`\chi = (1 - q)/T`, the quantity that stays informative at T = 0, where q = 1
        (C in the literature on the zero-temperature limit).
    """

    susceptibility: np.ndarray


@compiled
def _retrieval(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray
) -> np.ndarray:
    """Return rows (n, V, n_iter); one curve is traced for all loads at one temperature."""
    out = np.empty((alpha.size, 3))
    top_a, top_T = summit(field)
    nodes, last = np.empty((0, 4)), np.nan
    for i in ascending:
        if T[i] != last:
            last = T[i]
            nodes = trace(field, last, top_a, top_T)
        S, V, n_iter = crossing(field, last, nodes, alpha[i])
        out[i, 0], out[i, 1], out[i, 2] = overlap_of(field.order, S), V, n_iter
    return out


@compiled
def _glass(field: MeanField, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    out = np.empty((alpha.size, 3))
    places = glass_extrema(field.crosstalk)
    for i in ascending:
        V, n_iter = glass(field.crosstalk, alpha[i], T[i], places)
        out[i, 0], out[i, 1], out[i, 2] = 0.0, V, n_iter
    return out


@compiled
def _paramagnet(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, ascending: np.ndarray
) -> np.ndarray:
    """Set m = q = 0: no solution at T = 0, or where a random field polarises every spin."""
    out = np.zeros((alpha.size, 3))
    random_field = not field.crosstalk.resummed and field.crosstalk.rank.min() == 1
    for i in ascending:
        if T[i] == 0 or (random_field and alpha[i] > 0):
            out[i] = np.nan
    return out


@compiled
def _from_array(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray
) -> np.ndarray:
    out = np.empty((alpha.size, 3))
    for i in range(alpha.size):
        n, V, n_iter = attractor(field, alpha[i], T[i], start[i, 0], start[i, 1])
        out[i, 0], out[i, 1], out[i, 2] = n, V, n_iter
    return out


_COLUMNS = ("m", "n", "q", "susceptibility", "free_energy", "energy", "replicon", "residual")


@compiled
def _evaluate(field: MeanField, alpha: np.ndarray, T: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return rows of `_COLUMNS`, with n tilde."""
    out = np.full((alpha.size, 8), np.nan)
    for i in range(alpha.size):
        if states[i, 1] >= 0:
            out[i] = observables(field, alpha[i], T[i], states[i, 0], states[i, 1])
    return out


#: By the name of a start.
BRANCHES: dict[str, Callable[..., np.ndarray]] = {
    "retrieval": _retrieval,
    "glass": _glass,
    "paramagnet": _paramagnet,
}


def solve_branch(
    field: MeanField,
    alpha: np.ndarray,
    T: np.ndarray,
    start: str | np.ndarray,
    states: np.ndarray | None = None,
) -> ReplicaSolution:
    """Solve one branch; an array `start` has the pairs (n, q) on its last axis.

    Where rows (n, V, n_iter) of `states` are known they are only evaluated.
    """
    to_examples = np.array([field.law.mean, 1.0])

    def follow(alpha: np.ndarray, T: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        return _from_array(field, alpha, T, pairs / to_examples)

    def evaluate(alpha: np.ndarray, T: np.ndarray, states: np.ndarray) -> np.ndarray:
        values = _evaluate(field, alpha, T, states)
        values[:, 1] *= field.law.mean
        return values

    def known(*_: np.ndarray) -> np.ndarray:
        assert states is not None
        return states

    named: dict[str, Callable[..., np.ndarray]]
    named = {name: partial(branch, field) for name, branch in BRANCHES.items()}
    if states is not None:
        named = dict.fromkeys(BRANCHES, known)
    return over_grid(alpha, T, start, named, follow, evaluate)


def over_grid(
    alpha: np.ndarray,
    T: np.ndarray,
    start: str | np.ndarray,
    branches: Mapping[str, Callable[..., np.ndarray]],
    follow: Callable[..., np.ndarray],
    evaluate: Callable[..., np.ndarray],
) -> ReplicaSolution:
    """Solve one branch of flat arrays on a grid of any shape.

    Parameters
    ----------
    alpha, T : numpy.ndarray
        Of one shape.
    start : str or numpy.ndarray
        Name of one of `branches`, or pairs (n, q) on the last axis.
    branches : mapping of str to callable
        Take loads, temperatures and the order of ascending temperature, and return rows (j, 3) of
        a state's two numbers and its iterations.
    follow : callable
        Takes loads, temperatures and pairs, and returns such rows.
    evaluate : callable
        Takes loads, temperatures and such rows, and returns rows of `_COLUMNS`.
    """
    if isinstance(start, str):
        shape = alpha.shape
        loads, temperatures = alpha.flatten(), T.flatten()
        # In order of temperature, for the branches that share work at one.
        states = branches[start](loads, temperatures, np.argsort(temperatures, kind="stable"))
    else:
        loads, temperatures, pairs = with_starts(alpha, T, start)
        shape = loads.shape
        loads, temperatures = loads.flatten(), temperatures.flatten()
        states = follow(loads, temperatures, pairs.reshape(-1, 2))
    values = evaluate(loads, temperatures, states)
    converged = np.isfinite(values[:, 4]) & (values[:, 7] <= TOLERANCE)
    values[~converged] = np.nan
    return ReplicaSolution(
        **{name: column.reshape(shape) for name, column in zip(_COLUMNS, values.T, strict=True)},
        converged=converged.reshape(shape),
        n_iter=np.nan_to_num(states[:, 2]).astype(np.int64).reshape(shape),
    )


def with_starts(
    alpha: np.ndarray, T: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Broadcast a grid and pairs of initial order parameters."""
    if start.ndim == 0 or start.shape[-1] != 2:
        raise ValueError(f"start of shape {start.shape} has no last axis of the two entries (n, q)")
    try:
        shape = np.broadcast_shapes(alpha.shape, start.shape[:-1])
    except ValueError:
        raise ValueError(
            f"start of shape {start.shape} does not broadcast with the grid of shape {alpha.shape}"
        ) from None
    alpha, T = np.broadcast_to(alpha, shape), np.broadcast_to(T, shape)
    return alpha, T, np.broadcast_to(start, (*shape, 2))
