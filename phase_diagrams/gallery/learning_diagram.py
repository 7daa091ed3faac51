"""Retrieval against quality and number of the examples, with and without a teacher."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from phase_diagrams.figures import drawing

from .data_sets import RULES, DataSets, simulate, untrained
from .running import Groups, Session
from .verdicts import Findings, exact, measured, positive

#: Criterion of the threshold, and how far from it a small network is on the side of the theory.
LEVEL, CLEAR = math.erf(0.5**0.5), 3.0


class Parameters(DataSets, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data sets, and the points of a threshold."""

    points: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every data set from the archetype and find the threshold of the theory."""
    line = np.linspace(min(parameters.quality), 0.99, parameters.points)
    for rule, simulation in simulate(parameters, session).items():
        yield f"/{rule}", simulation
        models = [untrained(parameters, rule, float(r)) for r in line]
        needed = {
            criterion: [
                theory.examples_needed(
                    m, alpha=parameters.alpha, T=parameters.T, criterion=criterion
                )
                for m in models
            ]
            for criterion in ("self-consistent", "one-step")
        }
        found = {k.replace("-", "_"): ("quality", np.array(v, float)) for k, v in needed.items()}
        yield f"/{rule}_threshold", xr.Dataset(found, {"quality": line})


def draw(tree: xr.DataTree) -> Figure:
    """One panel with a teacher, one without."""
    figure = Figure(figsize=(7.0, 2.6))
    panels = figure.subplots(1, 2, sharey=True)
    for ax, name in zip(panels, RULES, strict=True):
        ax.set_yscale("log")
        m = tree[name]["m"].transpose("n_examples", "quality")
        mesh = drawing.heat_map(m, ax, low=0, high=1, colourbar=False)
        threshold = tree[f"{name}_threshold"]
        drawing.line(ax, threshold["quality"], threshold["self_consistent"], "-")
        drawing.line(ax, threshold["quality"], threshold["one_step"], "--")
        ax.set(ylabel="examples per archetype $M$")
        ax.set_title(name)
        drawing.logarithmic(ax.yaxis)
        ax.label_outer()
    figure.colorbar(mesh, ax=panels, label=drawing.label(m))
    return figure


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    needed = {name: tree[f"{name}_threshold"].to_dataset() for name in RULES}
    r = needed["supervised"]["quality"].values
    step = (line["one_step"].values for line in needed.values())
    with_one, without = (float(np.log(M[0] / M[1]) / np.log(r[1] / r[0])) for M in step)
    more = needed["unsupervised"]["self_consistent"] - needed["supervised"]["self_consistent"]
    yield exact(
        "without a teacher no fewer examples are needed, and more at the least quality",
        bool((more >= 0).all()) and float(more[0]) > 0,
    )
    yield exact(
        f"the number of examples grows like r^-{with_one:.1f} with a teacher, "
        f"r^-{without:.1f} without",
        1.5 < with_one < without,
    )
    for name in RULES:
        data = tree[name].to_dataset()
        margin, count = measured(data) - LEVEL, data["n_examples"]
        line = needed[name]["self_consistent"].interp(quality=data["quality"])
        yield positive(
            f"{name}: retrieval at {CLEAR:g} times the threshold",
            margin.where(count > CLEAR * line),
        )
        yield positive(
            f"{name}: none at 1/{CLEAR:g} of the threshold", -margin.where(count < line / CLEAR)
        )
