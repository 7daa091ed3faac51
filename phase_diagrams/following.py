"""The state of the theory that a simulation is in: its branch, or what it decays to.

A chain that starts at a pattern follows the retrieval state.  Where that does not exist, it ends
without overlap: in the glass below `theory.glass_temperature`, in the paramagnet above.  Every
state is the one with one step of replica-symmetry breaking where the symmetric one is unstable
or does not exist, and the equations for it are known and solved.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from theory.closure import Closure, equations

from .started import state

__all__ = ["dominates", "ended", "ends_learnt", "follow"]

#: Quantities of a solution that are kept.
KEPT = ("m", "n", "q", "energy", "free_energy", "replicon", "converged", "residual")

#: Of free energies of one state, relative.
ROUNDING = 1e-9

#: States without overlap.
EMPTY = ("glass", "paramagnet")

#: Relative distance from the one-step spinodal within which a state that replica symmetry does
#: not know counts as lost: one step is an approximation itself, and its spinodal moves by more
#: than this between T = 0 and the temperature up to which it is broken, where it is exact.
UNSURE = 1e-3


def follow(model: Model, alpha: Any, T: Any, start: str | float, law: str) -> dict[str, np.ndarray]:
    """Solve the theory for the state that simulations are in.

    Parameters
    ----------
    model : Model
    alpha, T : numpy.ndarray or None
        `alpha` is None for a model without a load.
    start : str or float
        Start of the simulation.
    law : str
        Law of the example mean.

    Returns
    -------
    dict
        Of the first branch that the closure names (`theory.closure.Closure.branches`): m, n, which
        of a student are the overlap with teacher or example, whichever a run starts from,
        and ``converged``, which are NaN and False where it does not exist.  Of the state in
        which chains then end: q, energy, free_energy, replicon, residual.  Under a load also
        ``rsb``, the steps of replica-symmetry breaking of that state, 0 or 1.
    """
    known = equations(model, law)
    names = known.branches(state(model, start))
    if alpha is None:
        found = _kept(theory.solve(model, T=np.array(T), start=names[0], law=law))
        return _decayed(found, known, names[1:], np.zeros(np.shape(T)), np.array(T))
    load, temperature = (np.array(values) for values in np.broadcast_arrays(alpha, T))
    empty = tuple(name for name in names if name in EMPTY)
    if names[0] in EMPTY:
        found = _without_overlap(known, load, temperature, empty)
        for name in names[len(empty) :]:  # the teacher, whom replicas find with either sign
            other = _state(known, name, load, temperature)
            for key in set(found) - {"m", "n", "converged"}:
                found[key] = np.where(other["converged"], other[key], found[key])
            found["q"][other["converged"]] = 0.0
        return found
    found = _state(known, names[0], load, temperature)
    if model.unstored:  # m is the overlap with what a run starts from
        found["m"] = found["n"] = found["n" if names[0] == "example" else "m"]
    lost = ~found["converged"]
    if empty and lost.any():
        end = _without_overlap(known, load[lost], temperature[lost], empty)
        for name in names[1 : len(names) - len(empty)]:  # the teacher, of an example that is lost
            other = _state(known, name, load[lost], temperature[lost])
            for key, values in other.items():
                end[key] = np.where(other["converged"], values, end[key])
        for name in set(found) - {"m", "n", "converged"}:
            found[name][lost] = end[name]
    return found


def dominates(
    known: Closure, found: dict[str, np.ndarray], alpha: Any, T: Any, start: str | float
) -> np.ndarray:
    """Return whether no other state has a lower free energy than the one that is followed.

    Parameters
    ----------
    known : Closure
    found : dict
        From `follow`.
    alpha, T : numpy.ndarray
        Of one shape.
    start : str or float
    """
    names = known.branches(state(known.model, start))
    others = [name for name in known.starts if name not in (*EMPTY, names[0])]
    rivals = [_state(known, name, alpha, T) for name in others]
    rivals.append(_without_overlap(known, alpha, T, EMPTY))
    lowest = np.fmin.reduce([rival["free_energy"] for rival in rivals])
    return ~(found["free_energy"] > lowest + ROUNDING * abs(lowest))


def ends_learnt(
    known: Closure, found: dict[str, np.ndarray], alpha: np.ndarray, T: np.ndarray
) -> np.ndarray:
    """Return where the state in which chains end is the one that knows the teacher."""
    learnt = _state(known, known.starts[0], alpha, T)["free_energy"]
    return np.isclose(found["free_energy"], learnt, rtol=ROUNDING, atol=ROUNDING)


def ended(overlap: xr.DataArray, q: xr.DataArray) -> xr.DataArray:
    """Return an overlap of `follow` with 0 where chains end in a state without one: q is known."""
    return overlap.where(overlap.notnull() | q.isnull(), 0.0)


def _without_overlap(
    known: Closure, alpha: np.ndarray, T: np.ndarray, names: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Solve for the thermodynamic state without retrieval: the glass or the paramagnet.

    Between the static and the dynamic transition, where glassy states trap the dynamics but
    only add up to the paramagnet, it is the latter.
    """
    cold = np.ones(alpha.shape, bool)
    if known.knows("glass_temperature"):
        cold = ~(known.line("glass_temperature", alpha) <= T)
    found: dict[str, np.ndarray] = {}
    for here, order in ((cold, names), (~cold, names[::-1])):
        if here.any():
            first, *others = order
            state = _state(known, first, alpha[here], T[here])
            state = _decayed(state, known, tuple(others), alpha[here], T[here])
            for name, values in state.items():
                shape = (*alpha.shape, *values.shape[1:])
                found.setdefault(name, np.empty(shape, values.dtype))[here] = values
    return found


def _state(known: Closure, start: str, alpha: np.ndarray, T: np.ndarray) -> dict[str, np.ndarray]:
    """Solve one branch, with one step of breaking where it needs one."""
    found = _kept(known.solve(alpha, T, start))
    found["rsb"] = np.zeros(alpha.shape, np.int8)
    if not known.breaks(start):
        return found
    lost = ~found["converged"]
    doubtful = np.array(lost | (found["replicon"] < 0))
    if start not in EMPTY and known.knows("spinodal_temperature"):
        # Only below its largest temperature is it the breaking that takes the state away.
        doubtful &= ~lost | (known.line("spinodal_temperature", alpha) > T)
    if not doubtful.any():
        return found
    solution = known.solve_broken(alpha[doubtful], T[doubtful], start)
    broken = _kept(solution) | {"rsb": np.ones(solution.m.shape, np.int8)}
    # Where the overlaps of the replicas are equal, the state is the symmetric one.
    differ = solution.converged & np.isfinite(getattr(solution, "theta", solution.m))
    alone = np.flatnonzero(differ & lost[doubtful])
    if start not in EMPTY and alone.size and known.knows("critical_load"):
        ends, place = np.unique(T[doubtful][alone], return_inverse=True)
        reach = known.line("critical_load", ends, rsb=1)[place]
        differ[alone] = alpha[doubtful][alone] <= (1 - UNSURE) * reach
    for name, values in found.items():
        values[doubtful] = np.where(differ, broken[name], values[doubtful])
    return found


def _decayed(
    found: dict[str, np.ndarray],
    known: Closure,
    others: tuple[str, ...],
    alpha: np.ndarray,
    T: np.ndarray,
) -> dict[str, np.ndarray]:
    """Put the first of other states that exists where there is none."""
    for name in others:
        lost = ~found["converged"]
        if lost.any():
            state = _state(known, name, alpha[lost], T[lost])
            for key, values in found.items():
                values[lost] = state[key]
    return found


def _kept(solution: theory.Solution) -> dict[str, np.ndarray]:
    return {name: np.array(getattr(solution, name)) for name in KEPT}
