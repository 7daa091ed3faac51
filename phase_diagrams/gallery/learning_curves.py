"""Overlap with the archetype against the number of examples."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from phase_diagrams.figures import drawing

from .data_sets import RULES, DataSets, simulate, untrained
from .running import Groups, Session
from .verdicts import Findings, equal, measured, positive

Parameters = DataSets


def compute(parameters: DataSets, session: Session) -> Groups:
    """Simulate every data set from the archetype, and solve the theory for every M."""
    counts = np.arange(1, max(parameters.n_examples) + 1)
    for rule, simulation in simulate(parameters, session).items():
        curves = theory.solve(
            untrained(parameters, rule),
            alpha=parameters.alpha,
            T=parameters.T,
            quality=np.array(parameters.quality)[:, None],
            n_examples=counts,
        )
        m = {"m": (("quality", "n_examples"), curves.m)}
        places = {"quality": parameters.quality, "n_examples": counts}
        yield f"/{rule}", simulation
        yield f"/{rule}_theory", xr.Dataset(m, places)


def draw(tree: xr.DataTree) -> Figure:
    """One panel with a teacher, one without; a colour for each quality."""
    figure = Figure(figsize=(7.0, 2.6))
    for ax, name in zip(figure.subplots(1, 2, sharey=True), RULES, strict=True):
        simulation, curves = tree[name].to_dataset(), tree[f"{name}_theory"].to_dataset()
        for i, r in enumerate(curves["quality"].values):
            points, curve = simulation.sel(quality=r), curves.sel(quality=r)
            ax.plot(curve["n_examples"], curve["m"], color=f"C{i}", lw=0.9)
            drawing.points(
                ax, points["n_examples"], points["m"], points["m_err"], color=f"C{i}",
                label=f"$r = {r:g}$",
            )  # fmt: skip
        ax.set(xscale="log", xlabel="examples per archetype $M$", ylim=(-0.05, 1.05))
        ax.set_ylabel("Mattis magnetization $m$")
        drawing.logarithmic(ax.xaxis)
        ax.set_title(name)
        ax.label_outer()
    ax.legend()
    return figure


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name in RULES:
        data, curves = tree[name].to_dataset(), tree[f"{name}_theory"].to_dataset()
        first, last = (measured(data.isel(n_examples=k)) for k in (0, -1))
        yield positive(f"{name}: the overlap rises with the number of examples", last - first)
        yield equal(
            f"{name}: the overlap is that of the theory",
            measured(data) - curves["m"].sel(n_examples=data["n_examples"]),
            tolerance=int(data["n_spins"]) ** -0.5,
            resolution=0.2,
        )
