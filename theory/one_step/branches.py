"""States with one step of replica-symmetry breaking over grids of (alpha, T)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.branches import ReplicaSymmetric
from theory.closure import Closure
from theory.compiled import compiled
from theory.crosstalk import Crosstalk, crosstalk_energy, crosstalk_free_energy, noise
from theory.replica import MeanField
from theory.solution import Solution
from theory.symmetry_breaking import OneStepGlass, one_step_glass, weighted_site

from .curve import INVISIBLE, crossing, ground_spinodal, heat, spinodal, trace
from .equations import observables

__all__ = ["OneStepSolution", "solve_one_step", "spinodal_loads"]


@dataclass(frozen=True, kw_only=True, repr=False)
class OneStepSolution(Solution):
    r"""Order parameters with one step of replica-symmetry breaking.

    The inherited `q` is :math:`q_2`, the overlap inside a state, and `replicon` that of the
    replica-symmetric state at the same point (NaN where there is none).

    Parameters
    ----------
    q1 : numpy.ndarray
        Overlap of different states, at most q; equal to it where replica symmetry holds.
    theta : numpy.ndarray
        Breaking point in (0, 1), 0 at T = 0; NaN where replica symmetry holds.
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


def spinodal_loads(equations: Closure, T: np.ndarray, symmetric: np.ndarray) -> np.ndarray:
    """Return the largest load of a retrieval state.

    Parameters
    ----------
    equations : Closure
    T : numpy.ndarray
        Shape (n,).
    symmetric : numpy.ndarray
        The replica-symmetric spinodal there, which counts where it is stable.

    Returns
    -------
    numpy.ndarray
        NaN where neither exists.
    """
    equations = _breakable(equations)
    levels, place = np.unique(T, return_inverse=True)
    broken = np.array([load for _, load in _warm_spinodals(equations.field, levels)])
    # Just inside, where the state exists in floating point.
    replicon = equations.solve(symmetric * (1 - 1e-10), T, "retrieval").replicon
    stable = np.where(replicon > -_MARGINAL, symmetric, np.nan)
    return np.fmax(np.exp(broken)[place], stable)


def _breakable(equations: Closure) -> ReplicaSymmetric:
    if not isinstance(equations, ReplicaSymmetric) or equations.field.crosstalk.resummed:
        raise ValueError(
            "rsb = 1 is outside the allowed range [0, 0]: 1 needs Dense with order >= 3"
        )
    return equations


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
    """Replace unstable replica-symmetric rows by one-step states, NaN where there is none."""
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


@compiled
def _glass_mismatch(
    crosstalk: Crosstalk, alpha: float, T: float, c: float, theta: float
) -> np.ndarray:
    """Return the violation of the breaking condition and of the variance of the glass."""
    log_norm, unfrozen, log_cosh = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    G, _ = noise(crosstalk, q, 0.0, 1.0)
    below = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        below += 0.25 * w * (k - 1) * q**k
    return np.array(
        [log_norm - log_cosh + c * c * below / G, c * T / (theta * math.sqrt(alpha * G)) - 1]
    )


@compiled
def _glass_row(crosstalk: Crosstalk, alpha: float, T: float, c: float, theta: float) -> np.ndarray:
    r"""Evaluate the glass with weight :math:`\cosh^\theta(c y/\theta)` in the order of a row."""
    log_norm, unfrozen, _ = weighted_site(c, theta)
    q = 1 - theta * unfrozen
    mu = c / math.sqrt(alpha * noise(crosstalk, q, 0.0, 1.0)[0])
    chi = mu * unfrozen
    free_energy = alpha * crosstalk_free_energy(crosstalk, q, chi, T) - log_norm / mu
    energy = alpha * crosstalk_energy(crosstalk, q, chi, T)
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        free_energy += 0.25 * alpha * w * (k - 1) * mu * q**k
        energy -= 0.5 * alpha * w * mu * q**k
    return np.array([0.0, 0.0, q, 0.0, chi, mu, free_energy, energy])


def _glass_state(
    crosstalk: Crosstalk, table: OneStepGlass, alpha: float, T: float
) -> tuple[np.ndarray, float, int]:
    """Return the glass at one point: the table is polished to the last digit."""
    from scipy.optimize import root

    out = np.full(8, np.nan)
    tau = T / math.sqrt(alpha) if alpha > 0 else np.inf
    if tau >= table.tau[-1]:
        return out, np.nan, 0
    # theta / tau is smooth down to T = 0.
    ratio = np.interp(tau, table.tau[1:], table.theta[1:] / table.tau[1:])
    q = np.interp(tau, table.tau, table.q)
    start = [math.log(ratio * math.sqrt(noise(crosstalk, q, 0.0, 1.0)[0]))]
    if T > 0:
        start.append(math.log(ratio * tau))

    def mismatch(x: np.ndarray) -> np.ndarray:
        theta = math.exp(x[1]) if T > 0 else 0.0
        return _glass_mismatch(crosstalk, alpha, T, math.exp(x[0]), theta)[: x.size]

    found = root(mismatch, start, tol=1e-14)
    residual = float(np.max(np.abs(found.fun)))
    theta = math.exp(found.x[1]) if T > 0 else 0.0
    return _glass_row(crosstalk, alpha, T, math.exp(found.x[0]), theta), residual, found.nfev


def _glass(field: MeanField, alpha: np.ndarray, T: np.ndarray) -> np.ndarray:
    rows = np.full((alpha.size, 10), np.nan)
    table = one_step_glass(field.crosstalk)
    for i in range(alpha.size):
        rows[i, :8], rows[i, 8], rows[i, 9] = _glass_state(field.crosstalk, table, alpha[i], T[i])
    return rows


def solve_one_step(
    equations: Closure, alpha: np.ndarray, T: np.ndarray, start: str | np.ndarray
) -> OneStepSolution:
    """Solve one branch with one step of replica-symmetry breaking; see `theory.solve`.

    Notes
    -----
    Retrieval is the replica-symmetric state, with ``q1 == q`` and theta NaN, where that is
    stable and where :math:`q_2 - q_1` is below about 1e-4: there theta is lost in rounding,
    while the free energies differ by the cube of that.  One-step states are followed in
    temperature from the spinodal at T = 0; where that path ends (theta reaches 1 at the
    spinodal, which strong data noise can bring about before the states at smaller loads are
    stable) unstable points are NaN.

    Raises
    ------
    ValueError
        If the model has no such theory (order 2, no load) or the start is not
        ``"retrieval"``, ``"glass"`` or ``"paramagnet"``.
    """
    equations = _breakable(equations)
    field, shape = equations.field, alpha.shape
    if not isinstance(start, str):
        raise ValueError("start of rsb = 1 is one of retrieval, glass, paramagnet, not an array")
    symmetric = equations.solve(alpha, T, start)
    loads, temperatures = alpha.flatten(), T.flatten()
    replicon = symmetric.replicon.flatten()
    if start == "glass":
        rows = _glass(field, loads, temperatures)
    else:
        columns = [getattr(symmetric, "q" if name == "q1" else name, None) for name in _COLUMNS]
        columns += [symmetric.residual, symmetric.n_iter]
        rows = np.stack(
            [np.full(shape, np.nan) if c is None else c for c in columns], axis=-1
        ).reshape(alpha.size, len(columns))
        rows[:, 1] /= field.law.mean
        todo = (loads > 0) & ~(replicon >= 0)
        if start == "retrieval" and todo.any():
            broken = rows[todo]
            _retrieval(field, loads[todo], temperatures[todo], broken, replicon[todo])
            rows[todo] = broken
    converged = np.isfinite(rows[:, 6]) & (rows[:, 8] <= equations.tolerance)
    rows[~converged] = np.nan
    values = dict(zip(_COLUMNS, rows[:, :8].T.reshape(8, *shape), strict=True))
    values["n"] = values["n"] * field.law.mean
    return OneStepSolution(
        **values,
        theta=values["reweighting"] * T,
        replicon=symmetric.replicon,
        converged=converged.reshape(shape),
        residual=rows[:, 8].reshape(shape),
        n_iter=np.nan_to_num(rows[:, 9]).astype(np.int64).reshape(shape),
    )
