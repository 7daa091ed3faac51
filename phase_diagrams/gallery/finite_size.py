"""Overlap and transition of Hopfield networks of growing size, extrapolated."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

import theory
from hebbian import Hopfield
from phase_diagrams.analysis.scaling import extrapolate
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal

#: At a mean-field spinodal (`phase_diagrams.analysis.scaling`).
POWER = 2 / 3


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Load, temperatures and sizes; points of the theory."""

    alpha: float
    T: list[float]
    n_spins: list[int]
    points: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every size from a pattern and fit powers of 1/N."""
    alpha, model = parameters.alpha, Hopfield()
    study = session.sweep(
        "study",
        model,
        {"alpha": alpha, "T": parameters.T, "n_spins": parameters.n_spins},
        **parameters.settings(),
    )
    found = extrapolate(study, along="T", line_powers=(POWER,))
    spinodal = float(theory.spinodal_temperature(model, alpha))
    overlaps = found["m"].to_dataset()
    T = np.append(np.linspace(min(parameters.T), spinodal, parameters.points)[:-1], spinodal - 1e-9)
    line = xr.Dataset({"m": ("T", theory.solve(model, alpha=alpha, T=T).m)}, {"T": T})
    yield "/", xr.Dataset(attrs={"alpha": alpha, "spinodal_temperature": spinodal})
    yield "/simulation", study["simulation"].to_dataset()
    yield "/lines", line
    yield "/m", overlaps.isel(column=np.flatnonzero(overlaps["T"] < spinodal))
    yield "/transition", found["transition"].to_dataset()


def draw(tree: xr.DataTree) -> Figure:
    """Overlap against temperature for all sizes, and the transition against the size."""
    data, lines = tree["simulation"].to_dataset(), tree["lines"].to_dataset()
    fits, line = tree["m"].to_dataset(), tree["transition"].to_dataset().isel(column=0)
    shades = colormaps["cividis"](np.linspace(0.9, 0, data.sizes["n_spins"]))
    figure = Figure(figsize=(7.0, 2.6))
    left, right = figure.subplots(1, 2)
    for i, colour in enumerate(shades):
        one = data.isel(n_spins=i)
        drawing.points(
            left, one["T"], one["m"], one["m_err"], fmt="o-", ms=1.8, color=colour,
            label=f"$N = {int(one['n_spins'])}$",
        )  # fmt: skip
    left.plot(lines["T"], lines["m"], "k", lw=0.9, label="theory")
    drawing.points(
        left, fits["T"], fits["value"], fits["error"], fmt="s", ms=4, mfc="none", color="C3",
        label=r"$N \to \infty$",
    )  # fmt: skip
    left.set(xlabel="temperature $T$", ylabel="Mattis magnetization $m$", ylim=(0, 1.05))
    left.legend(fontsize=6)
    x = line["n_spins"].values ** -POWER
    drawing.points(right, x, line["point"], line["point_error"], color="k")
    if np.isfinite(line["value"]):
        drawing.points(
            right, [0], [line["value"]], [line["error"]], fmt="s", ms=4, mfc="none", color="C3"
        )
    right.axhline(tree.attrs["spinodal_temperature"], color="k", lw=0.9, ls="--")
    right.set(xlabel="$N^{-2/3}$", ylabel="temperature where $m$ falls to half")
    right.set_xlim(-0.05 * x.max(), 1.05 * x.max())
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    fits, line = tree["m"].to_dataset(), tree["transition"].to_dataset().isel(column=0)
    z = np.abs(fits["z"].values)
    known = z[np.isfinite(z)]
    overlaps = f"{int(np.isfinite(fits['value']).sum())} of {fits.sizes['column']} fits accepted"
    if known.size:
        overlaps += f", median |z| = {np.median(known):.1f}, largest {known.max():.1f}"
    limit = "its fit is refused"
    if np.isfinite(line["value"]):
        limit = f"it tends to {float(line['value']):.4f} +- {float(line['error']):.4f}"
    sizes = ", ".join(str(int(n)) for n in tree["simulation"].to_dataset()["n_spins"].values)
    return {"overlaps": overlaps, "limit": limit, "sizes": sizes}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    fits, line = tree["m"].to_dataset(), tree["transition"].to_dataset().isel(column=0)
    overlap, limit = (Measured(fit["value"], fit["error"]) for fit in (fits, line))
    spinodal = tree.attrs["spinodal_temperature"]
    yield equal(
        "extrapolated overlaps are those of the theory", overlap - fits["theory"], resolution=0.05
    )
    yield equal(
        "the temperature where retrieval is lost, extrapolated, is the spinodal",
        limit / spinodal - 1,
    )
