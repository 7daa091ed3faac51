"""The phase diagram of Amit, Gutfreund and Sompolinsky with all its lines."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Hopfield
from phase_diagrams.figures import drawing
from phase_diagrams.figures.regions import between_lines, draw_names
from phase_diagrams.phases import Phase

from .retrieval_region import retrieval_region
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, exact

#: Style and name of the lines.
LINES = {
    "glass_temperature": (":", "$T_g$"),
    "spinodal_temperature": ("--", "$T_M$"),
    "transition_temperature": ("-", "$T_c$"),
    "replicon_temperature": ("-.", "$T_R$"),
}


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Grid and size of the simulation."""

    alpha: list[float]
    T: list[float]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate from a pattern on the grid and trace the lines of the theory."""
    model = Hopfield()
    study = session.sweep(
        "study",
        model,
        {"alpha": parameters.alpha, "T": parameters.T},
        n_spins=parameters.n_spins,
        **parameters.settings(),
    )
    alpha = np.linspace(0, 0.16, 241)
    lines = xr.Dataset(
        {name: ("alpha", getattr(theory, name)(model, alpha)) for name in LINES},
        coords={"alpha": alpha},
        attrs={"critical_load": float(theory.critical_load(model))},
    )
    yield "/lines", lines
    yield "/study", study


def draw(tree: xr.DataTree) -> Figure:
    """Simulation as colour, the four lines of the theory upon it."""
    lines = tree["lines"].to_dataset()
    figure = Figure()
    ax = figure.add_subplot()
    drawing.heat_map(tree["study/simulation/m"].transpose("T", "alpha"), ax, low=0, high=1)
    for name, (style, label) in LINES.items():
        drawing.line(ax, lines["alpha"], lines[name], style)
        last = int(np.flatnonzero(np.isfinite(lines[name]))[-1] * 0.55)
        drawing.name(ax, float(lines["alpha"][last]), float(lines[name][last]), label)
    phases = between_lines(lines, np.linspace(0, 1.45, 146))
    draw_names(ax, phases, lambda code: Phase(code).text)
    ax.set(xlim=(0, 0.16), ylim=(0, 1.45))
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    return {"critical_load": tree["lines"].attrs["critical_load"]}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    lines = tree["lines"].to_dataset()
    capacity = lines.attrs["critical_load"]
    glass = np.abs(lines["glass_temperature"] - 1 - np.sqrt(lines["alpha"]))
    both = lines[["spinodal_temperature", "transition_temperature"]].dropna("alpha")
    both = both.sel(alpha=both["alpha"] > 0)  # without load they meet at T = 1
    yield exact(f"the capacity at T = 0 is {capacity:.5f}", abs(capacity - 0.138) < 5e-4)
    yield exact(f"T_g = 1 + sqrt(alpha) to {float(glass.max()):.0e}", glass < 1e-6)
    yield exact(
        f"T_c is below T_M at {both.sizes['alpha']} loads",
        both["transition_temperature"] < both["spinodal_temperature"],
    )
    yield from retrieval_region(tree["study/simulation"].to_dataset(), lines, 2)
