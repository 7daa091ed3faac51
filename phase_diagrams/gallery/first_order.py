"""The first-order transition of dense networks by replica exchange, at several sizes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

from hebbian import Dense
from phase_diagrams.figures import drawing
from phase_diagrams.transitions.locating import locate_transition

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Relative distance from the theory that extrapolation from these sizes may leave.
TOLERANCE = 0.03


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order, loads and sizes; `n_replicas` does not apply."""

    order: int
    loads: list[float]
    n_spins: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Locate the transition at every load."""
    session.folder.mkdir(parents=True, exist_ok=True)
    settings = parameters.settings()
    del settings["n_replicas"]
    found = locate_transition(
        Dense(order=parameters.order), alpha=parameters.loads, n_spins=parameters.n_spins,
        out=session.folder / "located.nc", progress=session.progress, **settings,
    )  # fmt: skip
    yield "/", xr.Dataset(attrs={"n_samples": parameters.n_samples})
    yield "/located", found


def draw(tree: xr.DataTree) -> Figure:
    """Energies at the transition of each size, and the transitions against ln(2K)/N."""
    found = tree["located"].to_dataset()
    figure = Figure(figsize=(7.0, 2.6))
    left, right = figure.subplots(1, 2)
    one = found.isel(alpha=-1)
    shades = colormaps["cividis"](np.linspace(0.9, 0, found.sizes["n_spins"]))
    for i, colour in enumerate(shades):
        curve = one["distribution"].isel(n_spins=i)
        left.plot(
            curve["energy"], curve / curve.max(), color=colour, lw=0.9,
            label=f"$N = {int(curve['n_spins'])}$",
        )  # fmt: skip
    left.set(
        xlabel=r"energy per spin $e/\Pi$", ylabel=r"$P(e)$ at $T_N$", xlim=(-0.65, 0.1),
        title=rf"$\alpha = {float(one['alpha']):g}$",
    )  # fmt: skip
    left.legend(fontsize=6)
    reach = 1.05 * float(found["entropy"].max())
    x = np.array([0.0, reach])
    for i in range(found.sizes["alpha"]):
        row, colour = found.isel(alpha=i), f"C{i}"
        drawing.points(
            right, row["entropy"], row["transition"], row["transition_err"], color=colour,
            label=rf"$\alpha = {float(row['alpha']):g}$",
        )  # fmt: skip
        right.plot(row["entropy"], row["expected"], ":", color=colour, lw=0.9)
        drawing.points(
            right, [0], [row["limit"]], [row["limit_err"]], fmt="s", ms=4, mfc="none", color=colour
        )
        right.plot(x, 1 / (1 / float(row["limit"]) + float(row["slope"]) * x), color=colour, lw=0.7)
        right.plot([0], [row["theory"]], "*", color=colour, ms=7, clip_on=False)
    right.set(xlabel=r"$\ln(2K)/N$", ylabel=r"transition $T_N/\Pi$", xlim=(-0.005, reach))
    right.legend(fontsize=6)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found = tree["located"].to_dataset()
    sizes = ", ".join(str(n) for n in found["n_spins"].values)
    above = float((found["transition"] / found["expected"] - 1).max())
    return {"limits": found.attrs["summary"], "sizes": sizes, "above": f"{above:.0%}"}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    found, dof = tree["located"].to_dataset(), tree.attrs["n_samples"] - 1
    transition = measured(found, "transition", dof=dof)
    limit = measured(found, "limit", dof=dof)
    barrier = found["barrier"].values
    yield positive("finite networks retrieve beyond T_c", transition - found["theory"])
    yield equal(
        "extrapolated in ln(2K)/N, the transition is that of the theory",
        limit / found["theory"].values - 1,
        tolerance=TOLERANCE,
        resolution=0.06,
    )
    yield exact(
        "the energies have two peaks, and the barrier between them grows with N",
        (barrier > 0).all() and (barrier[:, -1] > barrier[:, 0]).all(),
    )
