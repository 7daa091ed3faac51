"""States with one step of replica-symmetry breaking over grids of (alpha, T)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.branches import TOLERANCE, solve_branch
from theory.one_pattern.replica import MeanField
from theory.solution import Solution

from .curve import INVISIBLE, crossing, ground_spinodal, heat, spinodal, trace
from .equations import observables
from .glass_states import glass_states

__all__ = ["BrokenSolution", "solve_broken", "spinodal_loads"]


@dataclass(frozen=True, kw_only=True, repr=False)
class BrokenSolution(Solution):
    r"""Order parameters with one step of replica-symmetry breaking.

    The inherited `q` is :math:`q_2`, the overlap inside a state, and `replicon` that of the
    replica-symmetric state at the same point (NaN where there is none).

    Parameters
    ----------
    q1 : numpy.ndarray
        Overlap of different states, at most q; equal to it where replica symmetry holds.
    theta : numpy.ndarray
        Breaking point in (0, 1), 0 at T = 0; 1 in the metastable glass between its static
        and its dynamic transition; NaN where replica symmetry holds.
    reweighting : numpy.ndarray
        :math:`\theta / T`, finite at T = 0.
    susceptibility : numpy.ndarray
        :math:`(1 - q_2)/T`, the response inside a state.
    """

    q1: np.ndarray
    theta: np.ndarray
    reweighting: np.ndarray
    susceptibility: np.ndarray


_MARGINAL = 2e-3  # replicon eigenvalue, below zero, at which q2 - q1 is about 1e-4

_COLUMNS = ("m", "n", "q", "q1", "susceptibility", "reweighting", "free_energy", "energy")


def _warm_spinodals(field: MeanField, T: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return the spinodal (point, ln alpha) at each of ascending temperatures.

    NaN where the breaking is gone: it then is at every higher temperature.
    """
    x, load = ground_spinodal(field)
    last, out = 0.0, []
    for temperature in T:
        if temperature > last and load < np.inf:
            x, load = heat(field, x, last, temperature)
            if load < np.inf:
                x, load = spinodal(field, temperature, x)
            if temperature * math.exp(x[3] - x[1]) > 1:
                load = math.nan
            last = temperature
        out.append((x, load))
    return out


def spinodal_loads(field: MeanField, T: np.ndarray, symmetric: np.ndarray) -> np.ndarray:
    """Return the largest loads of a retrieval state at temperatures T, NaN where there is none.

    The replica-symmetric spinodal `symmetric` counts where it is stable.
    """
    levels, place = np.unique(T, return_inverse=True)
    broken = np.array([load for _, load in _warm_spinodals(field, levels)])
    # Just inside, where the state exists in floating point.
    replicon = solve_branch(field, symmetric * (1 - 1e-10), T, "retrieval").replicon
    stable = np.where(replicon > -_MARGINAL, symmetric, np.nan)
    return np.fmax(np.exp(broken)[place], stable)


@compiled
def _states(field: MeanField, T: float, nodes: np.ndarray, loads: np.ndarray) -> np.ndarray:
    """Return rows (eight observables, residual, n_iter) at the loads, NaN off the curve."""
    out = np.full((loads.size, 10), np.nan)
    for i in range(loads.size):
        x, residual, n_iter = crossing(field, T, nodes, math.log(loads[i]))
        if residual < np.inf:
            out[i, :8] = observables(field, T, x)
            out[i, 8], out[i, 9] = residual, n_iter
    return out


def _retrieval(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, rows: np.ndarray, replicon: np.ndarray
) -> None:
    """Replace unstable replica-symmetric rows by 1RSB states, NaN where there is none."""
    kept = replicon > -_MARGINAL
    levels = np.unique(T)
    for level, (x, load) in zip(levels, _warm_spinodals(field, levels), strict=True):
        if not load < np.inf:
            continue
        here = np.flatnonzero(level == T)
        nodes = trace(field, level, x, load, math.log(alpha[here].min()))
        states = _states(field, level, nodes, alpha[here])
        found = np.isfinite(states[:, 8])
        rows[here[found]] = states[found]
        kept[here[found]] = True
        if nodes[-1, 2] < INVISIBLE:
            kept[here[alpha[here] < math.exp(nodes[-1, 4])]] = True
    rows[~kept] = np.nan


def solve_broken(
    field: MeanField, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
) -> BrokenSolution:
    """Solve one branch with one step of replica-symmetry breaking; see `theory.solve`.

    Notes
    -----
    Retrieval is the replica-symmetric state, with ``q1 == q`` and theta NaN, where that is
    stable and where :math:`q_2 - q_1` is below about 1e-4: there theta is lost in rounding,
    while the free energies differ by the cube of that.  1RSB states are followed in
    temperature from the spinodal at T = 0; where that path ends (theta reaches 1 at the
    spinodal, which strong data noise can bring about before the states at smaller loads are
    stable) unstable points are NaN.
    """
    shape = alpha.shape
    if not isinstance(start, str):
        raise ValueError("start of rsb = 1 is one of retrieval, glass, paramagnet, not an array")
    symmetric = solve_branch(field, alpha, T, start)
    loads, temperatures = alpha.flatten(), T.flatten()
    replicon = symmetric.replicon.flatten()
    columns = [getattr(symmetric, "q" if name == "q1" else name, None) for name in _COLUMNS]
    columns += [symmetric.residual, symmetric.n_iter]
    rows = np.stack([np.full(shape, np.nan) if c is None else c for c in columns], axis=-1).reshape(
        alpha.size, len(columns)
    )
    rows[:, 1] /= field.law.mean
    todo = (loads > 0) & ~(replicon >= 0)
    if start == "glass":
        rows = glass_states(field.crosstalk, loads, temperatures, rows)
    elif start == "retrieval" and todo.any():
        broken = rows[todo]
        _retrieval(field, loads[todo], temperatures[todo], broken, replicon[todo])
        rows[todo] = broken
    converged = np.isfinite(rows[:, 6]) & (rows[:, 8] <= TOLERANCE)
    rows[~converged] = np.nan
    values = dict(zip(_COLUMNS, rows[:, :8].T.reshape(8, *shape), strict=True))
    values["n"] = values["n"] * field.law.mean
    theta = values["reweighting"] * T
    # Rounded, so that ``theta == 1`` tells the metastable glass.
    theta = np.where(np.abs(theta - 1) < 4e-16, 1.0, theta)
    return BrokenSolution(
        **values,
        theta=theta,
        replicon=symmetric.replicon,
        converged=converged.reshape(shape),
        residual=rows[:, 8].reshape(shape),
        n_iter=np.nan_to_num(rows[:, 9]).astype(np.int64).reshape(shape),
    )
