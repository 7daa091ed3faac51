"""The phase diagram of Amit, Gutfreund and Sompolinsky with all its lines."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Hopfield
from phase_diagrams.analysis.ramp_tasks import SPINODAL_POWER
from phase_diagrams.figures import curves, drawing

from .heating import Heating, averaged_samples, heated, largest
from .retrieval_region import retrieval_region
from .running import Groups, Numbers, Session
from .verdicts import Findings, equal, exact, positive

#: Lines whose values are judged.
LINES = (
    "glass_temperature",
    "spinodal_temperature",
    "transition_temperature",
    "replicon_temperature",
)

#: Where lines and phases are named.
NAMES = {
    (0.02, 1.21): "$T_g$",
    (0.097, 0.42): "$T_M$",
    (0.042, 0.42): "$T_c$",
    (0.021, 0.25): "retrieval",
    (0.082, 0.17): "metastable",
    (0.148, 0.75): "glass",
    (0.05, 1.36): "paramagnet",
}

MODEL = Hopfield()

#: Colours and markers of the sizes, small to large, upon the map.
LOOKS = (("w", "o"), ("C1", "s"), ("C3", "D"))


class Parameters(Heating, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Heating, and grid and size of the map."""

    alpha: list[float]
    T: list[float]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate from a pattern on the grid, heat, and trace the lines of the theory."""
    study = session.sweep(
        "study",
        MODEL,
        {"alpha": parameters.alpha, "T": parameters.T},
        n_spins=parameters.n_spins,
        **parameters.settings(),
    )
    alpha = np.linspace(0, 0.16, 241)
    lines = xr.Dataset(
        {name: ("alpha", getattr(theory, name)(MODEL, alpha)) for name in LINES},
        coords={"alpha": alpha},
        attrs={"critical_load": float(theory.critical_load(MODEL))},
    )
    yield "/lines", lines
    yield "/curves", theory.phase_lines(MODEL)
    yield "/heating", heated(MODEL, parameters, session)
    yield "/study", study


def draw(tree: xr.DataTree) -> Figure:
    """Simulation as colour, the lines of the theory and the loss of retrieval upon it."""
    figure = Figure(figsize=(3.4, 3.0))
    ax = figure.add_subplot()
    drawing.heat_map(tree["study/simulation/m"].transpose("T", "alpha"), ax, low=0, high=1)
    for stroke in curves.strokes(tree["curves"].to_dataset()):
        drawing.line(ax, stroke.alpha, stroke.T, stroke.style)
    heating = tree["heating"].to_dataset()
    lost = averaged_samples(heating["lost"])
    for n_spins, (colour, marker) in zip(heating["n_spins"].values, LOOKS, strict=False):
        value, error = (part.sel(n_spins=n_spins) for part in (lost.value, lost.error))
        drawing.points(
            ax, heating["load"], value, error, fmt=marker, color=colour, mec="k", mew=0.4, ms=3,
            label=f"$N = {n_spins}$",
        )  # fmt: skip
    for place, words in NAMES.items():
        drawing.name(ax, *place, words)
    ax.set(xlim=(0, 0.16), ylim=(0, 1.45))
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize=6.5, handlelength=0.8,
        columnspacing=0.8, handletextpad=0.3,
    )  # fmt: skip
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    asked = json.loads(tree.attrs["parameters"])
    return {
        "critical_load": tree["lines"].attrs["critical_load"],
        "last": float(tree["curves/transition_load"].max()),
        "heated": ", ".join(str(n) for n in asked["sizes"]),
        "length": asked["warmup"] + asked["sweeps"],
    }


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
    heating = tree["heating"].to_dataset()
    lost = averaged_samples(heating["lost"])
    yield positive(
        "on heating the largest network keeps retrieval above T_c",
        largest(lost) - heating["T_c"].fillna(0.0),
    )
    step, n_spins = float(heating["step"].diff("step")[0]), int(heating["n_spins"].max())
    yield equal(
        f"N = {n_spins}: retrieval is lost on heating at T_M",
        (largest(lost) - heating["T_M"]) / heating["T_M"],
        tolerance=step + n_spins**-SPINODAL_POWER,
    )
    yield from retrieval_region(tree["study/simulation"].to_dataset(), lines, 2)
