"""The first-order transition of dense networks: of all patterns together, and of a single one."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hebbian import Dense
from phase_diagrams.figures import drawing
from phase_diagrams.transitions.locating import locate_transition

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, exact, measured, positive

#: Relative distance from the theory that extrapolation in 1/N from these sizes may leave.
TOLERANCE = 0.03


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order, loads, and sizes of both methods; `n_replicas` does not apply."""

    order: int
    loads: list[float]
    n_spins: list[int]
    branch_sizes: list[int]
    branch_samples: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Locate the transition at every load."""
    session.folder.mkdir(parents=True, exist_ok=True)
    settings = parameters.settings()
    del settings["n_replicas"]
    model, loads = Dense(order=parameters.order), parameters.loads
    found = locate_transition(
        model, alpha=loads, n_spins=parameters.n_spins,
        out=session.folder / "located.nc", progress=session.progress, **settings,
    )  # fmt: skip
    branches = locate_transition(
        model, alpha=loads, n_spins=parameters.branch_sizes, n_samples=parameters.branch_samples,
        seed=parameters.seed, method="integration",
        out=session.folder / "branches.nc", progress=session.progress,
    )  # fmt: skip
    counts = {"n_samples": parameters.n_samples, "branch_samples": parameters.branch_samples}
    yield "/", xr.Dataset(attrs=counts)
    yield "/located", found
    yield "/branches", branches


def draw(tree: xr.DataTree) -> Figure:
    """Energies at the transition of each size, and the transitions against ln(2K)/N and 1/N."""
    found, branches = (tree[name].to_dataset() for name in ("located", "branches"))
    figure = Figure(figsize=(7.0, 2.6))
    left, middle, right = figure.subplots(1, 3)
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
    _draw_limit(middle, found, found["entropy"])
    for i in range(found.sizes["alpha"]):
        row = found.isel(alpha=i)
        middle.plot(row["entropy"], row["expected"], ":", color=f"C{i}", lw=0.9)
    middle.set(xlabel=r"$\ln(2K)/N$", ylabel=r"transition $T_N/\Pi$", title="all patterns")
    _draw_limit(right, branches, xr.ones_like(branches["entropy"]) / branches["n_spins"])
    right.set(xlabel="$1/N$", title="one pattern")
    middle.legend(fontsize=6)
    return figure


def _draw_limit(axes: Axes, found: xr.Dataset, abscissa: xr.DataArray) -> None:
    """Draw transitions, the fit with its limit, and the theory."""
    reach = 1.08 * float(abscissa.max())
    x = np.linspace(0, reach, 100)
    for i in range(found.sizes["alpha"]):
        row, colour = found.isel(alpha=i), f"C{i}"
        drawing.points(
            axes, abscissa.isel(alpha=i), row["transition"], row["transition_err"], color=colour,
            label=rf"$\alpha = {float(row['alpha']):g}$",
        )  # fmt: skip
        drawing.points(
            axes, [0], [row["limit"]], [row["limit_err"]], fmt="s", ms=4, mfc="none", color=colour
        )
        axes.plot(x, 1 / (1 / float(row["limit"]) + float(row["slope"]) * x), color=colour, lw=0.7)
        axes.plot([0], [row["theory"]], "*", color=colour, ms=6, clip_on=False)
    axes.set_xlim(-0.04 * reach, reach)


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found, branches = (tree[name].to_dataset() for name in ("located", "branches"))
    above = float((found["transition"] / found["expected"] - 1).max())
    return {
        "limits": found.attrs["summary"],
        "sizes": ", ".join(map(str, found["n_spins"].values)),
        "above": f"{above:.0%}",
        "single": branches.attrs["summary"],
        "larger": ", ".join(map(str, branches["n_spins"].values)),
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    found, branches = (tree[name].to_dataset() for name in ("located", "branches"))
    dof = tree.attrs["n_samples"] - 1
    smallest, largest = (
        Measured(found["barrier"][:, i], found["barrier_error"][:, i], dof) for i in (0, -1)
    )
    transition = measured(found, "transition", dof=dof)
    yield positive("finite networks retrieve beyond T_c", transition - found["theory"])
    yield positive("the further the larger ln(2K)/N", -measured(found, "slope", dof=dof))
    yield exact("the energies have two peaks", found["barrier"] > 0)
    yield positive("the barrier between them grows with N", largest - smallest)
    dof = branches.sizes["n_spins"] * (tree.attrs["branch_samples"] - 1)
    limit = measured(branches, "limit", dof=dof)
    yield equal(
        "extrapolated in 1/N, the transition of one pattern is that of the theory",
        limit / branches["theory"].values - 1,
        tolerance=TOLERANCE,
        resolution=0.06,
    )
