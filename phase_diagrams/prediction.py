"""What the theory predicts on a grid: order parameters, phases and boundaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model
from theory.closure import closure
from theory.multitasking.labels import label

from .grid import STATE, Grid
from .phases import Phase
from .schema import coordinates, describe

__all__ = ["BOUNDARIES", "predict", "solve"]

#: Quantities of a solution that are kept.
KEPT = ("m", "n", "q", "energy", "free_energy", "replicon", "converged", "residual")

#: Lines of the phase diagram of a model with a load, and the parameter they run along.
BOUNDARIES = {
    "spinodal_temperature": "alpha",
    "transition_temperature": "alpha",
    "glass_temperature": "alpha",
    "critical_load": "T",
}

#: Overlaps below it are rounding: the state is not a retrieval state.
NEGLIGIBLE = 1e-4


def solve(model: Model, alpha: Any, T: Any, start: str | float, law: str) -> dict[str, np.ndarray]:
    """Solve the theory on the branch that a simulation follows.

    Parameters
    ----------
    model : Model
    alpha, T : numpy.ndarray or None
        `alpha` is None for a model without a load.
    start : str or float
        Start of the simulation.  Where its branch does not exist, the solution is of the next
        that the closure names (`theory.closure.Closure.branches`): without a retrieval state
        the glass, and without that the paramagnet, where a chain that started at a
        pattern ends.
    law : str
        Law of the example mean.
    """
    first, *others = closure(model, law).branches(start)
    if alpha is None:
        load, temperature = None, np.array(T)
    else:
        load, temperature = (np.array(values) for values in np.broadcast_arrays(alpha, T))
    found = _kept(theory.solve(model, alpha=load, T=temperature, start=first, law=law))
    for state in others:
        lost = ~found["converged"]
        if lost.any():
            where = load if load is None else load[lost]
            next_state = _kept(
                theory.solve(model, alpha=where, T=temperature[lost], start=state, law=law)
            )
            for name, values in found.items():
                values[lost] = next_state[name]
    return found


def _kept(solution: theory.Solution) -> dict[str, np.ndarray]:
    return {name: np.array(getattr(solution, name)) for name in KEPT}


def predict(grid: Grid, start: str | float, law: str, *, finite_size: bool = False) -> xr.Dataset:
    r"""Compute what the theory says about a grid.

    Parameters
    ----------
    grid : Grid
    start : str or float
        Start of the simulations to compare with.
    law : str
        Law of the example mean.
    finite_size : bool
        Map every point to the infinite network with the couplings of its finite one:
        load :math:`\alpha/\Pi`, temperature :math:`T/\Pi`, energies times :math:`\Pi`.

    Returns
    -------
    xarray.Dataset
        On the coordinates of the grid (without ``start``, and without ``n_spins`` unless
        `finite_size`): m, n, q, energy, free_energy, replicon, converged, residual and phase
        on the branch that the simulations follow; for models with a load also its
        boundaries, along ``alpha`` or ``T``.  What does not exist or did not converge is NaN.

    Raises
    ------
    ValueError
        If `finite_size` is asked of interactions without distinct indices.
    """
    sizes = grid.values("n_spins") if finite_size else ()
    outer = [name for name in grid.axes if name not in STATE]
    if finite_size and "n_spins" in grid.axes:
        outer.append("n_spins")
    if grid.scattered:
        if finite_size:
            raise ValueError("finite_size needs a rectangular grid, not scattered points")
        return _predict_points(grid, start, law)
    blocks = []
    for _, model in grid.models():
        scales = [_factor(model, n_spins) for n_spins in sizes] or [1.0]
        blocks += [_predict_model(grid, model, start, law, scale) for scale in scales]
    lengths = [len(grid.axes[name]) for name in outer]
    variables = {}
    for name, (dims, values) in blocks[0].items():
        stacked = np.stack([block[name][1] for block in blocks])
        variables[name] = ((*outer, *dims), stacked.reshape((*lengths, *values.shape)))
    without = ("start",) if finite_size else ("start", "n_spins")
    dataset = xr.Dataset(variables, coords=coordinates(grid, without=without))
    return describe(dataset.transpose(*grid.axes, ..., missing_dims="ignore"))


def _predict_points(points: Grid, start: str | float, law: str) -> xr.Dataset:
    """Compute what the theory says about scattered points, the boundaries at each of them."""
    cells = list(points.cells())
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for _, model in points.models():
        rows = [i for i, cell in enumerate(cells) if cell.model == model]
        T = np.array([cells[i].T for i in rows])
        if cells[rows[0]].alpha is None:
            found = solve(model, None, T, start, law)
            found["phase"] = _phase_of_patterns(model, T, law)
        else:
            alpha = np.array([cells[i].alpha for i in rows], dtype=float)
            found = solve(model, alpha, T, start, law)
            lines = {}
            for name, along in BOUNDARIES.items():
                values, place = np.unique({"alpha": alpha, "T": T}[along], return_inverse=True)
                lines[name] = np.asarray(getattr(theory, name)(model, values, law=law))[place]
            found["phase"] = _phase_under_load(found["m"], T, lines, ("alpha",))
            found |= lines
        for name, block in found.items():
            shape: tuple[int, ...] = (len(cells),)
            dims: tuple[str, ...] = ("point",)
            if block.ndim == 2:
                shape, dims = (len(cells), points.n_patterns or 1), ("point", "pattern")
            empty = np.zeros(shape, block.dtype)
            if block.dtype.kind == "f":
                empty[...] = np.nan
            whole = variables.setdefault(name, (dims, empty))[1]
            whole[(rows, slice(block.shape[1])) if block.ndim == 2 else rows] = block
    return describe(xr.Dataset(variables, coords=coordinates(points, without=("n_spins",))))


def _factor(model: Model, n_spins: float) -> float:
    if not hasattr(model, "order") or getattr(model, "indices", "distinct") != "distinct":
        raise ValueError(f"finite_size needs interactions with distinct indices, not {model!r}")
    return theory.conventions.finite_size_factor(n_spins, order=model.order)


def _predict_model(
    grid: Grid, model: Model, start: str | float, law: str, scale: float
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return dimensions and values of every variable for one model of the grid."""
    swept = tuple(name for name in grid.axes if name in ("alpha", "T"))
    values = {name: np.array(grid.values(name)) / scale for name in ("alpha", "T")}
    mesh = np.meshgrid(*(values[name] for name in swept), indexing="ij")
    state = {name: values[name][0] for name in grid.fixed if name in values}
    state |= dict(zip(swept, mesh, strict=True))
    alpha, T = state.get("alpha"), state["T"]
    found = solve(model, alpha, T, start, law)
    found["energy"] *= scale
    found["free_energy"] *= scale
    if alpha is None:
        lines = {}
        phase = _phase_of_patterns(model, T, law)
    else:
        lines = {
            name: np.asarray(getattr(theory, name)(model, values[along], law=law))
            for name, along in BOUNDARIES.items()
        }
        phase = _phase_under_load(found["m"], T, lines, swept)
    variables = {name: (swept, block) for name, block in found.items()}
    variables["phase"] = (swept, phase)
    for name in ("m", "n") if grid.n_patterns else ():
        missing = grid.n_patterns - found[name].shape[-1]
        width = [(0, 0)] * len(swept) + [(0, missing)]
        padded = np.pad(found[name], width, constant_values=np.nan)
        variables[name] = ((*swept, "pattern"), padded)
    for name, line in lines.items():
        along = BOUNDARIES[name]
        variables[name] = ((along,), scale * line) if along in swept else ((), scale * line[0])
    return variables


def _phase_under_load(
    m: np.ndarray, T: Any, lines: dict[str, np.ndarray], swept: tuple[str, ...]
) -> np.ndarray:
    """Classify by the existence of a retrieval state and the transition temperatures."""

    def on_grid(name: str) -> np.ndarray:
        line = lines[name]
        if "alpha" not in swept:
            return line[0]
        return line[:, None] if swept == ("alpha", "T") else line

    code = np.select(
        [
            np.abs(m) > NEGLIGIBLE,
            on_grid("glass_temperature") > T,
            np.isfinite(m),
        ],
        [
            np.where(on_grid("transition_temperature") > T, Phase.RETRIEVAL, Phase.METASTABLE),
            Phase.GLASS,
            Phase.PARAMAGNET,
        ],
        Phase.UNKNOWN,
    )
    return code.astype(np.int8)


def _phase_of_patterns(model: Model, T: Any, law: str) -> np.ndarray:
    """Classify the state of lowest free energy that is found, by its overlaps."""
    lowest = closure(model, law).ground_state(np.asarray(T))
    n = lowest.n.reshape(lowest.converged.size, -1)
    names = label(-np.sort(-np.abs(n), axis=1), np.ravel(T))
    phases = [
        Phase.of_label(name) if converged else Phase.UNKNOWN
        for name, converged in zip(names.tolist(), lowest.converged.flat, strict=True)
    ]
    return np.reshape(phases, lowest.converged.shape).astype(np.int8)
