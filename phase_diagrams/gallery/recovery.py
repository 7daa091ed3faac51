"""Recovery curves: the largest overlap on the way, below and above the capacity.

Beyond the capacity no retrieval state is left, and a start is still drawn to the pattern before the
network drifts away from it (D. Clark, arXiv:2506.05303, of graded units; here of spins).  The
theory is `theory.recovery`; finite networks, `courses`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from phase_diagrams.figures import drawing

from .courses import Followed, followed, settled, steepness
from .orders import by_order, network
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: An overlap is recovered where it is higher than that of the start by this.
GAIN = 0.05
#: Differences of overlaps that matter.
RESOLUTION = 0.2


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks of one size for each order; loads in units of the capacity at T = 0.

    The lines of the theory have `n_points` loads.
    """

    orders: list[int]
    n_spins: list[int]
    loads: list[float]
    starts: list[float]
    n_points: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Find the largest overlap at every load, from every start."""
    p = parameters
    for order, n_spins in zip(p.orders, p.n_spins, strict=True):
        model, group = network(order), f"/order_{order}"
        capacity = float(theory.critical_load(model, 0.0))
        loads = [capacity * load for load in p.loads]
        data = followed(model, p, n_spins=[n_spins], alpha=loads, start=p.starts)
        known = _recovered(p, order, loads)
        found = _largest(data.squeeze("n_spins")).assign_coords(alpha=p.loads)
        yield f"{group}/simulation", found.rename(alpha="load")
        yield f"{group}/points", known.assign_coords(alpha=p.loads).rename(alpha="load")
        line = np.linspace(p.loads[0], p.loads[-1], p.n_points)
        known = _recovered(p, order, list(capacity * line)).assign_coords(alpha=line)
        yield f"{group}/theory", known.rename(alpha="load").assign_attrs(capacity=capacity)
    yield "/", xr.Dataset(attrs={"n_steps": p.n_steps})


def _largest(data: xr.Dataset) -> xr.Dataset:
    """Return the mean overlap where it is largest, and how much of it is lost at the end."""
    place = 1 + data["m"].isel(t=slice(1, None)).argmax("t")
    best = data[["m", "m_err"]].isel(t=place).drop_vars("t")
    ends = (data["m_samples"].isel(t=t).drop_vars("t") for t in (place, -1))
    lost = next(ends) - next(ends)
    found = averaged({"lost": lost.transpose("sample", ...).values}, ("alpha", "start"))
    return best.assign(found).assign_attrs(data.attrs)


def _recovered(p: Parameters, order: int, loads: list[float]) -> xr.Dataset:
    """Return what the theory recovers, how steeply that grows with the start, when it is left."""
    starts, slope = steepness(p.starts)
    found = theory.recovery(
        network(order), alpha=np.array(loads)[:, None, None], start=starts, n_steps=p.n_steps,
        n_trajectories=p.n_trajectories,
    )  # fmt: skip
    names = {"m": found.overlap, "m_err": found.overlap_err, "leaving": found.leaving}
    known = {name: (("alpha", "start"), values[:, 0]) for name, values in names.items()}
    known["slope"] = (("alpha", "start"), slope(found.overlap, axis=1))
    return xr.Dataset(known, {"alpha": loads, "start": p.starts})


def draw(tree: xr.DataTree) -> Figure:
    """Recovery curves of every order."""
    figure = Figure(figsize=(7.0, 2.5))
    orders = list(by_order(tree, "simulation", "theory"))
    panels = figure.subplots(1, len(orders), sharey=True, squeeze=False)[0]
    for ax, (order, data, known) in zip(panels, orders, strict=True):
        drawing.place(ax, 1.0, r"$\alpha_c$")
        for i, start in enumerate(known["start"].values):
            line, points = known.sel(start=start), data.sel(start=start)
            ax.plot(line["load"], line["m"], color=f"C{i}", lw=0.9)
            ax.axhline(float(start), color=f"C{i}", lw=0.5, ls=":", zorder=0)
            drawing.points(
                ax, points["load"], points["m"], points["m_err"], color=f"C{i}",
                label=f"{float(start):g}",
            )  # fmt: skip
        ax.text(0.05, 0.04, f"$P = {order}$", transform=ax.transAxes)
        ax.set(xlabel=r"load $\alpha/\alpha_c$", ylim=(0, 1.03))
    panels[0].legend(title="$m(0)$", fontsize=6, title_fontsize=6, loc="lower right")
    panels[0].set_ylabel(r"largest overlap, $\max_{t \geq 1} m(t)$")
    return figure


def _gap(data: xr.Dataset, known: xr.Dataset) -> Measured:
    """Return simulation minus theory where samples do not decide."""
    gap = measured(data) - measured(known, dof=data.attrs["n_samples"] - 1)
    return gap.where(settled(known))


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, points, known in by_order(tree, "simulation", "points", "theory"):
        gained = known["load"].where(known["m"] > known["start"] + GAIN).max("load")
        loads = ", ".join(f"{load:.2g}" for load in gained.fillna(0).values)
        words.append(
            f"P = {order}, N = {int(data['n_spins'])}: within "
            f"{float(abs(_gap(data, points).value).max()):.2g} of theory; by theory these starts "
            f"gain {GAIN:g} up to {loads} times the capacity ({known.attrs['capacity']:.3f})"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    recovered = {}
    for order, data, points in by_order(tree, "simulation", "points"):
        title, above = f"P = {order}", data["load"] > 1
        yield equal(
            f"{title}: away from the separatrix the largest overlap is that of theory",
            _gap(data, points),
            tolerance=2 / int(data["n_spins"]),  # one spin
            resolution=RESOLUTION,
        )
        gains = above & (points["m"] > points["start"] + GAIN)
        if gains.any():
            gain = measured(data) - data["start"]
            words = f"{title}: above the capacity starts gain overlap where theory says so"
            yield positive(words, gain.where(gains))
        stays = np.isinf(points["leaving"])
        yield positive(
            f"{title}: it is lost again where theory says that it does not stay",
            measured(data, "lost").where(above & ~stays),
        )
        recovered[order] = measured(data.where(above, drop=True))
    fewest = min(recovered)
    for order in sorted(recovered)[1:]:
        words = f"at the same load and start P = {order} recovers less than P = {fewest}"
        yield positive(words, recovered[fewest] - recovered[order])
