"""Phase diagrams in load and noise of dense networks of several orders."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense
from phase_diagrams.figures import curves, drawing

from .orders import by_order
from .retrieval_region import retrieval_region
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, and for each of them the size and the largest load.

    `points` are those of the grid in load and temperature.
    """

    orders: list[int]
    n_spins: list[int]
    top: list[float]
    points: tuple[int, int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every order from a pattern and trace the lines of the theory."""
    rows = zip(parameters.orders, parameters.n_spins, parameters.top, strict=True)
    for order, n_spins, top in rows:
        model = Dense(order=order)
        n_loads, n_temperatures = parameters.points
        grid = {
            "alpha": np.round(np.linspace(0.1, 0.95, n_loads) * top, 4).tolist(),
            "T": np.round(np.linspace(0.1, 1.1, n_temperatures), 4).tolist(),
        }
        name = f"order_{order}"
        simulation = session.simulation(name, model, grid, parameters, n_spins=n_spins)
        yield f"/{name}/simulation", simulation
        alpha = np.linspace(0, top, 241)
        spinodal = {"spinodal_temperature": ("alpha", theory.spinodal_temperature(model, alpha))}
        yield f"/{name}/lines", xr.Dataset(spinodal, coords={"alpha": alpha})
        yield f"/{name}/curves", theory.phase_lines(model)


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each order."""
    figure = Figure(figsize=(7.0, 2.3))
    panels = figure.subplots(1, len(tree.children), sharey=True)
    found = by_order(tree, "simulation", "lines", "curves")
    for ax, (order, simulation, lines, plane) in zip(np.atleast_1d(panels), found, strict=True):
        m = simulation["m"].transpose("T", "alpha")
        mesh = drawing.heat_map(m, ax, low=0, high=1, colourbar=False)
        for stroke in curves.strokes(plane):
            drawing.line(ax, stroke.alpha, stroke.T, stroke.style, stroke.colour)
        ax.set(xlim=(0, float(lines["alpha"][-1])), ylim=(0, 1.3), xlabel=r"load $\alpha$")
        curves.name_phases(ax, plane)
        size = int(simulation["n_spins"])
        ax.set_title(f"$P = {order}$, $N = {size}$")
        ax.label_outer()
    figure.colorbar(mesh, ax=panels, label=drawing.label(m))
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found = by_order(tree, "simulation")
    return {"sizes": ", ".join(f"P = {order}: N = {int(data['n_spins'])}" for order, data in found)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for order, simulation, lines in by_order(tree, "simulation", "lines"):
        yield from retrieval_region(simulation, lines, order)
