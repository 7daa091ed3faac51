"""The (d, T) diagrams of multitasking networks of a few patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hebbian import Multitasking
from phase_diagrams.dilution_map import dilution_map, observed_phase
from phase_diagrams.figures import drawing
from phase_diagrams.figures.dilution import dilution_diagram

from .running import Session, Simulation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Parameters", "caption", "compute", "draw"]


#: Distance in d and in T at which a finite network may show the phase beyond a border.
NEAR = 0.04


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of patterns, grid of the simulation and points of the theory."""

    n_patterns: list[int]
    dilution: list[float]
    T: list[float]
    points: tuple[int, int]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Find the ground states of the theory and simulate from the hierarchical configuration."""
    columns, rows = parameters.points
    d, T = np.linspace(0.01, 0.97, columns), np.linspace(0.005, 0.99, rows)
    groups = {}
    for K in parameters.n_patterns:
        study = session.sweep(
            f"n_patterns_{K}",
            Multitasking(n_patterns=K, sampling="stratified"),
            {"dilution": parameters.dilution, "T": parameters.T},
            n_spins=parameters.n_spins,
            start="hierarchical",
            theory=False,
            **parameters.settings(),
        )
        groups[f"/n_patterns_{K}/diagram"] = dilution_map(K, d, T)
        groups[f"/n_patterns_{K}/study/simulation"] = study["simulation"].to_dataset()
    return xr.DataTree.from_dict(groups)


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each number of patterns."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(drawing.STYLE):
        figure = Figure(figsize=(2.4 * len(tree.children), 2.6))
        panels = figure.subplots(1, len(tree.children), sharey=True, squeeze=False)[0]
        for ax, node in zip(panels, tree.children.values(), strict=True):
            dilution_diagram(node["diagram"].to_dataset(), node.children["study"], ax=ax)
            ax.label_outer()
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    agree, border, total = np.sum([_agreement(node) for node in tree.children.values()], axis=0)
    simulation = next(iter(tree.children.values()))["study/simulation"]
    return (
        "Multitasking networks of K patterns: ground states of the theory (colour; letters are "
        "overlaps, equal ones share a letter) with their exact transitions (solid; dotted: the "
        "odd mixture is metastable between them), and the phase that simulations show which "
        f"start from the hierarchical configuration (points; N = {int(simulation['n_spins'])}, "
        f"{simulation.attrs['n_samples']} samples of stratified patterns): the same at {agree} "
        f"of {total} points; {border} of the others are closer than {NEAR:g} in d and T to the "
        "border of the phase they show."
    )


def _agreement(node: xr.DataTree) -> tuple[int, int, int]:
    """Return the points that agree, those that do within `NEAR`, and all."""
    phase = node["diagram"].to_dataset()["phase"]
    seen = observed_phase(node["study/simulation"].to_dataset())
    agree = border = 0
    for point in seen.stack(point=("dilution", "T")):
        d, T = float(point["dilution"]), float(point["T"])
        if int(phase.sel(dilution=d, T=T, method="nearest")) == int(point):
            agree += 1
            continue
        around = phase.sel(dilution=slice(d - NEAR, d + NEAR), T=slice(T - NEAR, T + NEAR))
        border += int(point) in around.values
    return agree, border, seen.size
