"""The critical initial overlap against the load, at several times, predicted and simulated.

A start beyond the border of the basin retrieves, one below it does not, and both take the longer
the nearer they are: what is found after t steps depends on t (arXiv:2604.03115).  Predicted by
`theory.basin`, and in statistical neurodynamics, which forgets all correlations but those of
successive steps (S. Amari, K. Maginu, Neural Networks 1, 63 (1988)); simulated from the start at
which half of the samples have retrieved (`montecarlo.protocols.basin.critical_overlap`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

import theory
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED

from .courses import Followed, followed
from .orders import by_order, network
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, measured, positive


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order its size, loads and initial overlaps; temperature and times."""

    orders: list[int]
    n_spins: list[int]
    T: float
    loads: list[list[float]]
    overlaps: list[list[float]]
    times: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Find the border at every load, at every time."""
    p = parameters
    rows = zip(p.orders, p.n_spins, p.loads, p.overlaps, strict=True)
    for order, n_spins, loads, overlaps in rows:
        model, group = network(order), f"/order_{order}"
        data = followed(model, p, n_spins=[n_spins], alpha=loads, start=overlaps, T=p.T)
        data = data.squeeze("n_spins")
        yield f"{group}/simulation", borders(data, p.times).assign_attrs(T=p.T)
        found = theory.basin(
            model, alpha=loads, T=p.T, n_steps=p.times, threshold=RETRIEVED,
            n_trajectories=p.n_trajectories,
        )  # fmt: skip
        axes, places = ("alpha", "t"), {"alpha": loads, "t": p.times}
        known = {"critical": (axes, found.overlap), "critical_err": (axes, found.error)}
        yield f"{group}/theory", xr.Dataset(known, places)
        alpha = np.linspace(0, max(loads), 101)[1:]
        closed = theory.basin(
            model, alpha=alpha, T=p.T, n_steps=p.times[-1], threshold=RETRIEVED,
            method="neurodynamics",
        )  # fmt: skip
        places = {"alpha": alpha, "capacity": float(theory.critical_load(model, p.T))}
        yield f"{group}/neurodynamics", xr.Dataset({"critical": ("alpha", closed.overlap)}, places)
    yield "/", xr.Dataset(attrs={"T": p.T, "n_samples": p.n_samples})


def borders(data: xr.Dataset, times: Any) -> xr.Dataset:
    """Return final and critical overlaps at some times: half of the samples have retrieved.

    Parameters
    ----------
    data : xarray.Dataset
        Of one size, as `courses.followed` returns it.
    times : list of int
    """
    chosen = data.sel(t=times)
    retrieved = chosen["m_samples"].transpose("start", "alpha", "t", "sample") >= RETRIEVED
    found, error = critical_overlap(data["start"].values, retrieved.values.astype(float))
    axes = ("alpha", "t")
    kept = chosen[["m", "m_err"]].assign(critical=(axes, found), critical_err=(axes, error))
    return kept.assign_attrs(data.attrs)


def draw(tree: xr.DataTree) -> Figure:
    """Final overlaps of every order at the last time, and the critical ones at all."""
    figure = Figure(figsize=(7.0, 4.2))
    orders = list(by_order(tree, "simulation", "theory", "neurodynamics"))
    panels = figure.subplots(len(orders), 2, squeeze=False, width_ratios=(1, 1.3))
    for (left, right), (order, data, known, closed) in zip(panels, orders, strict=True):
        shades = colormaps["cividis"](np.linspace(0, 0.9, data.sizes["alpha"]))
        for i, colour in enumerate(shades):
            one = data.isel(alpha=i, t=-1)
            drawing.points(
                left, one["start"], one["m"], one["m_err"], fmt="o-", ms=1.8, color=colour,
                label=f"{float(one['alpha']):g}",
            )  # fmt: skip
        left.plot([0, 1], [0, 1], "0.7", lw=0.6, ls=":")
        left.set(xlabel="initial overlap", ylim=(-0.2, 1.05))
        left.set_ylabel(f"overlap at $t = {int(data['t'][-1])}$")
        left.legend(title=r"$\alpha$", fontsize=5, title_fontsize=6,
                    loc="lower right" if order == 2 else "upper left")  # fmt: skip
        capacity = float(closed["capacity"])
        right.plot(
            closed["alpha"] / capacity, closed["critical"], "0.4", lw=0.9, ls="--",
            label="neurodynamics",
        )  # fmt: skip
        for i, t in enumerate(data["t"].values):
            line, points, colour = known.sel(t=t), data.sel(t=t), f"C{i}"
            load = line["alpha"] / capacity
            right.errorbar(
                load, line["critical"], line["critical_err"], color=colour, lw=0.9, elinewidth=0.6
            )
            drawing.points(
                right, load, points["critical"], points["critical_err"], color=colour,
                fmt="osD"[i % 3], label=f"$t = {t}$",
            )  # fmt: skip
        right.set_title(f"$P = {order}$")
        right.set(xlabel=r"load $\alpha/\alpha_c(T)$", ylabel="critical initial overlap")
        right.set(ylim=(-0.02, 1.02))
        right.legend(loc="upper left", fontsize=6)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, known, closed in by_order(tree, "simulation", "theory", "neurodynamics"):
        gap = (data["critical"] - known["critical"]).isel(t=-1)
        other = _beyond_neurodynamics(known, closed, np.inf).value
        words.append(
            f"P = {order}: N = {int(data['n_spins'])}, capacity {float(closed['capacity']):.4f}, "
            f"critical overlap at the end {_range(data['critical'].isel(t=-1), '.2f')}, larger "
            f"than predicted by {_range(gap, '.2f')}; the prediction is larger than that of "
            f"statistical neurodynamics by {_range(other, '.2f')}"
        )
    return {"found": "; ".join(words)}


def _range(values: Any, form: str) -> str:
    return f"{float(np.nanmin(values)):{form}} to {float(np.nanmax(values)):{form}}"


def _beyond_neurodynamics(known: xr.Dataset, closed: xr.Dataset, dof: float) -> Measured:
    """Return by how much the last critical overlap exceeds that of statistical neurodynamics."""
    last = measured(known.isel(t=-1), "critical", dof=dof)
    return last - closed["critical"].interp(alpha=known["alpha"])


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof, lowest = tree.attrs["n_samples"] - 1, []
    for order, data, known, closed in by_order(tree, "simulation", "theory", "neurodynamics"):
        title, final = f"P = {order}", measured(data, dof=dof)
        critical = measured(data, "critical", dof=dof)
        beyond = data["start"] > data["critical"] + 3 * data["critical_err"]
        words = f"{title}: starts beyond the critical overlap end above {RETRIEVED:g}"
        yield positive(words, (final - RETRIEVED).where(beyond))
        yield equal(
            f"{title}: at every time the critical overlap is that of theory",
            critical - measured(known, "critical", dof=dof),
            tolerance=int(data["n_spins"]) ** -0.5,
            resolution=0.25,
        )
        last = measured(data.isel(t=-1), "critical", dof=dof)
        least, most = (Measured(last.value[k], last.error[k], dof) for k in (0, -1))
        lowest.append(least)
        yield positive(f"{title}: it rises with the load", most - least)
        if order == 2:
            below = data["start"] < (data["critical"] - data["critical_err"]).isel(t=-1, drop=True)
            first, end = (measured(data.isel(t=k, drop=True), dof=dof) for k in (0, -1))
            words = f"P = 2: starts below it are nearer at t = {int(data['t'][0])} than in the end"
            yield positive(words, (first - end).where(below))
            words = "P = 2: in statistical neurodynamics it is smaller than in theory"
            yield positive(words, _beyond_neurodynamics(known, closed, dof))
    words = "a network of more bodies asks for a larger overlap"
    yield positive(words, lowest[-1] - lowest[0])
