"""The theory of one model at the loads and temperatures of a grid."""

from __future__ import annotations

from functools import cache

import numpy as np

from hebbian import Model
from theory.closure import Closure, equations
from theory.lines import LINES, Line

from .classification import of_patterns, under_load
from .following import follow
from .grid import Grid
from .started import network

__all__ = ["ENERGIES", "model_block", "network_block", "predicted_lines"]

#: What the constant of the energy shifts.
ENERGIES = ("energy", "free_energy")

#: Dimensions and values of variables.
Block = dict[str, tuple[tuple[str, ...], np.ndarray]]


def model_block(
    grid: Grid, model: Model, start: str | float, law: str, loads: np.ndarray, scale: float
) -> Block:
    """Return dimensions and values of every variable for one model of the grid at these loads."""
    swept = tuple(name for name in grid.axes if name in ("alpha", "T"))
    values = {"alpha": loads / scale, "T": np.array(grid.values("T")) / scale}
    mesh = np.meshgrid(*(values[name] for name in swept), indexing="ij")
    state = {name: values[name][0] for name in grid.fixed if name in values}
    state |= dict(zip(swept, mesh, strict=True))
    alpha, T = state.get("alpha"), state["T"]
    found = follow(model, alpha, T, start, law)
    found["energy"] *= scale
    found["free_energy"] *= scale
    known = equations(model, law)
    on_axis = cache(lambda name: known.line(name, values[LINES[name].along]))
    if alpha is None:
        phase = of_patterns(known, T)
    else:
        load, temperature = np.broadcast_arrays(alpha, T)

        def on_grid(name: str) -> np.ndarray:
            along, found_line = LINES[name].along, on_axis(name)
            if along not in swept:
                return found_line[0]
            axes = [slice(None) if axis == along else None for axis in swept]
            return np.broadcast_to(found_line[tuple(axes)], load.shape)

        phase = under_load(known, found, load, temperature, on_grid, start)
    variables = {
        name: ((*swept, *grid.components) if block.ndim > len(swept) else swept, block)
        for name, block in found.items()
    }
    variables["phase"] = (swept, phase)
    for name in ("m", "n") if grid.n_patterns else ():
        missing = grid.n_patterns - found[name].shape[-1]
        width = [(0, 0)] * len(swept) + [(0, missing)]
        padded = np.pad(found[name], width, constant_values=np.nan)
        variables[name] = ((*swept, "pattern"), padded)
    for line in predicted_lines(known):
        along, found_line = (line.along,) if line.along in swept else (), on_axis(line.name)
        variables[line.name] = (along, scale * (found_line if along else found_line[0]))
    return variables


def network_block(
    grid: Grid,
    model: Model,
    start: str | float,
    law: str,
    loads: np.ndarray,
    scale: float,
    n_spins: int,
) -> Block:
    """Return `model_block` with the strengths that the network of every load has."""
    blocks = []
    for load in loads.tolist():
        one = network(model, load, n_spins, start)
        block = model_block(grid, one, start, law, np.array([load]), scale)
        if scale == 1:
            constant = equations(one, law).diagonal_energy(np.array([load]), n_spins)[0]
            for name in ENERGIES:
                block[name] = block[name][0], block[name][1] + constant
        blocks.append(block)
    joined = {}
    for name, (dims, values) in blocks[0].items():
        each = [block[name][1] for block in blocks]
        joined[name] = (
            dims,
            np.concatenate(each, dims.index("alpha")) if "alpha" in dims else values,
        )
    return joined


def predicted_lines(known: Closure) -> list[Line]:
    """Return the lines of a model that run along an axis of its grid.

    Networks of unequal strengths have others at every load: none of theirs is along T.
    """
    axes = ("alpha", "T") if known.has_load else ("T",)
    axes = axes if known.model.uniform else ("alpha",)
    return [line for line in known.lines if line.predicted and line.along in axes]
