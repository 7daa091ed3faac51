"""All lines of a network with a load as curves of the plane (alpha, T).

The spinodal and the transition are one load for every temperature and are followed in it, from
T = 0 to where they reach alpha = 0: so their tips, vertical in the temperature, are resolved.
The glass and the replicon line are one temperature for every load.
"""

from __future__ import annotations

import numpy as np

from theory.closure import Closure
from theory.conventions import weakness
from theory.lines import Curve

__all__ = ["diagram"]

#: The one-step spinodal is nearly straight, and dear.
BROKEN_POINTS = 25

#: How far beyond retrieval the lines of the glass go, in its largest load.
BEYOND = 3.0


def diagram(known: Closure, n_points: int, rsb: int, n_spins: int | None) -> dict[str, Curve]:
    """Return the curves of `theory.phase_lines`."""
    # With distinct indices a finite network is the infinite one at larger alpha and T.
    model = known.model
    scale = weakness(model, n_spins)
    size = {} if n_spins is None else {"n_spins": n_spins}
    top = known.line("spinodal_temperature", np.zeros(1))[0]
    T = np.linspace(0.0, np.nan_to_num(top), n_points)
    loads = _closed(known.line("critical_load", T))
    replicon = _on_spinodal(known, loads, T)
    found = {
        "spinodal": Curve(
            loads, T, "spinodal", "the replica-symmetric retrieval state exists below it",
            ~(replicon < 0), "stable", "whether replica symmetry is stable",
        ),
    }  # fmt: skip
    end = _end_of_breaking(known, T, replicon)
    if rsb and end > 0 and known.breaks("retrieval"):
        cold = np.linspace(0.0, end, BROKEN_POINTS)
        found["broken_spinodal"] = Curve(
            known.line("critical_load", cold, rsb=1), cold, "one-step spinodal",
            "the retrieval state with one step of replica-symmetry breaking exists below it",
        )  # fmt: skip
    largest = float(np.nanmax(loads, initial=0.0))
    found["replicon"] = _replicon_line(known, largest, end, n_points)
    wide = BEYOND * max(largest, 1e-6) * np.linspace(0.0, 1.0, n_points) ** 2
    glass = known.line("glass_temperature", wide)
    dynamic = known.line("glass_temperature", wide, kind="dynamic")
    found = {
        name: curve._replace(x=scale * curve.x, T=scale * curve.T) for name, curve in found.items()
    }
    first = _transition(known, scale * largest, n_points, {"rsb": rsb, **size})
    found["transition"] = Curve(
        *first, "transition", "retrieval is the global minimum of the free energy below it"
    )
    rising = np.r_[True, np.diff(first[1]) > 0]
    lasting = np.interp(scale * glass, first[1][rising], np.nan_to_num(first[0][rising]), right=0.0)
    found["glass"] = Curve(
        scale * wide, scale * glass, "glass transition",
        "the state without retrieval is a glass below it",
        scale * wide >= lasting, "thermodynamic", "whether retrieval is not the ground state",
    )  # fmt: skip
    if (dynamic != glass)[1:].any() and np.isfinite(dynamic).any():
        found["dynamic"] = Curve(
            scale * wide, scale * dynamic, "dynamic transition",
            "metastable glassy states trap the dynamics below it",
        )  # fmt: skip
    return found


def _transition(
    known: Closure, largest: float, n_points: int, options: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the transition in its own units, from T = 0 to alpha = 0.

    The entropy of the patterns of a finite network grows with the load, and its transition
    temperature rises before it falls: there the line is followed in the load.
    """
    if "n_spins" not in options:
        highest = known.line("transition_temperature", np.zeros(1), **options)[0]
        T = np.linspace(0.0, np.nan_to_num(highest), n_points)
        return _closed(known.line("transition_load", T, **options)), T
    half = n_points // 2
    alpha = largest * np.linspace(0.0, 1.0, half) ** 2
    on_line = np.nan_to_num(known.line("transition_temperature", alpha, **options))
    summit = int(np.argmax(on_line))
    T = np.linspace(0.0, on_line[summit], n_points - half + 1)[:-1]
    falling = known.line("transition_load", T, **options)
    return (
        np.append(falling, alpha[summit::-1]),
        np.append(T, on_line[summit::-1]),
    )


def _closed(loads: np.ndarray) -> np.ndarray:
    """Return loads with 0 at the largest temperature, where the line reaches the axis."""
    out = loads.copy()
    out[-1] = np.nan_to_num(out[-1])
    return out


def _on_spinodal(known: Closure, loads: np.ndarray, T: np.ndarray) -> np.ndarray:
    # Just inside, where the state exists in floating point.
    inside = np.nan_to_num(loads) * (1 - 1e-9)
    return np.asarray(known.solve(inside, T, "retrieval").replicon)


def _end_of_breaking(known: Closure, T: np.ndarray, replicon: np.ndarray) -> float:
    """Return the temperature at which replica symmetry becomes stable on the spinodal."""
    unstable = np.flatnonzero(replicon < 0)
    if not unstable.size:
        return 0.0
    last = int(unstable[-1])
    from scipy.optimize import brentq

    def stability(temperature: float) -> float:
        at = np.array([temperature])
        return float(_on_spinodal(known, known.line("critical_load", at), at)[0])

    low, high = T[last], T[last + 1]
    if not stability(low) < 0 < stability(high):
        return float(low)
    return float(brentq(stability, low, high, xtol=1e-6))


def _replicon_line(known: Closure, largest: float, end: float, n_points: int) -> Curve:
    """Return the line up to the spinodal, with more points where it steepens."""
    loads = largest * np.sin(np.linspace(0.0, 0.5 * np.pi, n_points))
    T = known.line("replicon_temperature", loads)
    if T.size:
        T[0] = np.nan_to_num(T[0])
    kept = np.isfinite(T)
    loads, T = loads[kept], T[kept]
    if end > 0:
        final = known.line("critical_load", np.array([end]))[0]
        before = loads < final
        loads, T = np.append(loads[before], final), np.append(T[before], end)
    return Curve(loads, T, "replicon line", "the retrieval state breaks replica symmetry below it")
