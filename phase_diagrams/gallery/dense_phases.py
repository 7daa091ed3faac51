"""Phase diagrams in load and noise of dense networks of several orders."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense
from phase_diagrams.figures import drawing
from phase_diagrams.figures.regions import between_lines, draw_names
from phase_diagrams.phases import Phase

from .orders import by_order
from .retrieval_region import retrieval_region
from .running import Session, Simulation
from .verdicts import Finding

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]

LINES = (
    "spinodal_temperature",
    "transition_temperature",
    "glass_temperature",
    "replicon_temperature",
)


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, and for each of them the size and the largest load.

    `points` are those of the grid in load and temperature.
    """

    orders: list[int]
    n_spins: list[int]
    top: list[float]
    points: tuple[int, int]


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Simulate every order from a pattern and trace the lines of the theory."""
    groups = {}
    for order, n_spins, top in zip(
        parameters.orders, parameters.n_spins, parameters.top, strict=True
    ):
        model = Dense(order=order)
        n_loads, n_temperatures = parameters.points
        grid = {
            "alpha": np.round(np.linspace(0.1, 0.95, n_loads) * top, 4).tolist(),
            "T": np.round(np.linspace(0.1, 1.1, n_temperatures), 4).tolist(),
        }
        study = session.sweep(
            f"order_{order}", model, grid, n_spins=n_spins, **parameters.settings()
        )
        groups[f"/order_{order}/simulation"] = study["simulation"].to_dataset()
        alpha = np.linspace(0, top, 241)
        T = np.linspace(0, 1.3, 241)
        lines = xr.Dataset(
            {name: ("alpha", getattr(theory, name)(model, alpha)) for name in LINES},
            coords={"alpha": alpha, "T": T},
        )
        lines["critical_load"] = "T", theory.critical_load(model, T)
        groups[f"/order_{order}/lines"] = lines
    return xr.DataTree.from_dict(groups)


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each order."""
    figure = Figure(figsize=(7.0, 2.3))
    panels = figure.subplots(1, len(tree.children), sharey=True)
    for ax, (order, node) in zip(np.atleast_1d(panels), by_order(tree), strict=True):
        simulation, lines = node["simulation"], node["lines"].to_dataset()
        m = simulation["m"].transpose("T", "alpha")
        mesh = drawing.heat_map(m, ax, low=0, high=1, colourbar=False)
        drawing.boundaries(ax, lines)
        drawing.line(ax, lines["alpha"], lines["glass_temperature"], ":")
        drawing.line(ax, lines["alpha"], lines["replicon_temperature"], "-.")
        ax.set(xlim=(0, float(lines["alpha"][-1])), ylim=(0, 1.3))
        size = int(simulation["n_spins"])
        phases = between_lines(lines, lines["T"].values)
        draw_names(ax, phases, lambda code: Phase(code).text[0].upper())
        ax.set_title(f"$P = {order}$, $N = {size}$")
        ax.label_outer()
    figure.colorbar(mesh, ax=panels, label=drawing.label(m))
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    sizes = ", ".join(
        f"P = {order}: N = {int(node['simulation/n_spins'])}" for order, node in by_order(tree)
    )
    samples = next(iter(tree.children.values()))["simulation"].attrs["n_samples"]
    return (
        "Dense networks of stored archetypes: overlap in simulations that start at a pattern "
        f"(colour; {sizes}; {samples} samples) and the lines of the theory of the infinite "
        "network: spinodal (dashed), transition (solid), static glass transition (dotted), "
        "replica-symmetry breaking (dash-dotted). R: retrieval, M: metastable retrieval, G: "
        "glass, P: paramagnet. The couplings of a small network are weaker "
        "by prod_{k<P} (1 - k/N): it is as hot and as loaded as an infinite one at T and alpha "
        "divided by that."
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    return [
        finding
        for order, node in by_order(tree)
        for finding in retrieval_region(
            node["simulation"].to_dataset(),
            node["lines"].to_dataset(),
            order,
        )
    ]
