"""m(t) below, at and above the capacity: the effective spin beside networks of several sizes.

The law of the infinite network is that of `theory.trajectory`; finite networks and what they tend
to, `courses`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED

from .courses import Followed, extrapolated, followed, predicted, settled
from .orders import by_order, network
from .running import Groups, Numbers, Session
from .verdicts import Findings, equal, measured, positive, rate

#: Differences of overlaps that matter.
RESOLUTION = 0.1
#: Trajectories of the theory close to the separatrix, in units of those elsewhere.
FINER = 10


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order with sizes, loads and starts; of one load a start close to the separatrix."""

    order: int
    n_spins: list[int]
    loads: list[float]
    starts: list[float]
    near: tuple[float, float]


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks, and the samples close to the separatrix."""

    networks: list[Network]
    n_near: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow every network from every start, by theory and simulation."""
    p = parameters
    for one in p.networks:
        model, group = network(one.order), f"order_{one.order}"
        states: dict[str, Any] = {"alpha": one.loads, "start": one.starts}
        near: dict[str, Any] = dict(zip(states, ([value] for value in one.near), strict=True))
        data = followed(model, p, n_spins=one.n_spins, **states)
        yield f"/{group}/simulation", data.drop_vars("m_samples")
        yield f"/{group}/theory", predicted(model, p, **states)
        data = followed(model, p, n_spins=one.n_spins, n_samples=p.n_near, **near)
        yield f"/{group}/near", data.squeeze(["alpha", "start"])
        # Populations of few trajectories fail like small networks.
        many = msgspec.structs.replace(p, n_trajectories=FINER * p.n_trajectories)
        yield f"/{group}/near_theory", predicted(model, many, **near).squeeze(["alpha", "start"])
    yield "/", xr.Dataset(attrs={"n_steps": p.n_steps})


def draw(tree: xr.DataTree) -> Figure:
    """Trajectories at every load, and the distribution close to the separatrix."""
    figure = Figure(figsize=(7.0, 3.8))
    orders = list(by_order(tree, "simulation", "theory", "near", "near_theory"))
    panels = figure.subplots(len(orders), 1 + orders[0][1].sizes["alpha"], squeeze=False)
    for row, (order, data, known, near, near_known) in zip(panels, orders, strict=True):
        for ax, load in zip(row, known["alpha"].values, strict=False):
            _trajectories(ax, data.sel(alpha=load), known.sel(alpha=load))
            ax.set_title(rf"$P = {order}$, $\alpha = {load:g}$")
        row[0].set_ylabel("overlap $m$")
        _distribution(row[-1], near, near_known)
    for ax in panels[-1, :-1]:
        ax.set_xlabel("step $t$")
    panels[-1, -1].set_xlabel(rf"overlap $m$ of a sample at $t = {tree.attrs['n_steps']}$")
    return figure


def _trajectories(ax: Axes, data: xr.Dataset, known: xr.Dataset) -> None:
    for i, start in enumerate(known["start"].values):
        line, colour = known.sel(start=start), f"C{i}"
        low, high = (line["m"] + sign * line["m_err"] for sign in (-1, 1))
        ax.fill_between(line["t"], low, high, color=colour, alpha=0.3, lw=0)
        ax.plot(line["t"], line["m"], color=colour, lw=0.9)
        for size, mark in zip(data["n_spins"].values, "v^o", strict=False):
            one = data.sel(start=start, n_spins=size)
            drawing.points(
                ax, one["t"], one["m"], one["m_err"], fmt=mark, ms=1.6, lw=0.5, capsize=0.8,
                color=colour,
            )  # fmt: skip
    ax.set(ylim=(-0.15, 1.05))
    ax.locator_params(axis="x", integer=True)


def _distribution(ax: Axes, data: xr.Dataset, known: xr.Dataset) -> None:
    shades = colormaps["cividis"](np.linspace(0.75, 0, data.sizes["n_spins"]))
    last = data.isel(t=-1)
    for size, colour in zip(data["n_spins"].values, shades, strict=True):
        ordered = np.sort(last["m_samples"].sel(n_spins=size))
        share = np.arange(1, ordered.size + 1) / ordered.size
        ax.step(ordered, share, where="post", color=colour, lw=0.9, label=f"$N = {size}$")
        ax.axvline(float(last["m"].sel(n_spins=size)), color=colour, lw=0.7, ls=":")
    ax.axvline(float(known["m"].isel(t=-1)), color="k", lw=0.9)
    ax.set_title(rf"$\alpha = {float(data['alpha']):g}$, $m(0) = {float(data['start']):g}$")
    ax.set(ylabel="fraction of samples", xlim=(-0.3, 1.05), ylim=(0, 1.02))
    ax.legend(fontsize=6, loc="upper left")


def _failed(near: xr.Dataset) -> xr.DataArray:
    """Return the fraction of samples that have not retrieved at the end, size by size."""
    return (near["m_samples"].isel(t=-1) < RETRIEVED).mean("sample")


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, known, near, near_known in by_order(
        tree, "simulation", "theory", "near", "near_theory"
    ):
        gap = (extrapolated(data) - known["m"]).where(settled(known))
        sizes = " and ".join(f"{100 * float(part):.0f}%" for part in _failed(near)[[0, -1]])
        words.append(
            f"P = {order}, N = {', '.join(map(str, data['n_spins'].values))}: away from the "
            f"separatrix ({int(settled(known).sum())} of {known['m'].size} points) the "
            f"extrapolated overlaps are within {float(abs(gap.value).max()):.2g} of theory; at "
            f"alpha = {float(near['alpha']):g}, m(0) = {float(near['start']):g} theory retrieves "
            f"to {float(near_known['m'][-1]):.3f}, and {sizes} of the samples of the smallest and "
            "of the largest size fail"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for order, data, known, near, near_known in by_order(
        tree, "simulation", "theory", "near", "near_theory"
    ):
        there, dof = settled(known), data.attrs["n_samples"] - 1
        gap = extrapolated(data) - measured(known, dof=dof)
        yield equal(
            f"P = {order}: away from the separatrix, and extrapolated in 1/N, m(t) is that of "
            "theory",
            gap.where(there),
            tolerance=2 / int(data["n_spins"].min()),  # one spin
            resolution=RESOLUTION,
        )
        yield positive(
            f"P = {order}: close to the separatrix, where theory retrieves, some samples fail",
            rate(_failed(near), near.sizes["sample"]),
        )
        short = -(measured(near.isel(t=-1)) - near_known["m"].isel(t=-1))
        yield positive(f"P = {order}: so that the mean of finite networks lies below", short)
