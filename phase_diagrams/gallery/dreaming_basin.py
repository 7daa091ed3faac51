r"""Radius of the basin of attraction against the sleep, at several loads.

A pattern is stable, and draws in what is near, by the fields of its spins.  With sleep the part
of a field that differs from spin to spin shrinks, and for :math:`t \to \infty` all fields are
alike, :math:`1 - J_{ii} = 1 - \alpha` (I. Kanter, H. Sompolinsky, Phys. Rev. A 35, 380 (1987),
doi:10.1103/PhysRevA.35.380); but the fields of other configurations than the patterns shrink
with that, the more so the higher the load.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import Dreaming
from phase_diagrams.figures import drawing

from .queries import Queries, critical_radius
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, measured, positive

#: Sleep that is compared with none and with the pseudo-inverse.
RESTED = 10.0


class Parameters(Queries, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Finite times of sleep from 0 on, loads, and the load from which on a finite time is best."""

    sleep: list[float]
    loads: list[float]
    crowded: float


def compute(parameters: Parameters, session: Session) -> Groups:
    """Find the distance from which half of the queries are recovered; 0 where none are."""
    p = parameters
    times = [*p.sleep, math.inf]
    found = np.array(
        [[_radius(Dreaming(sleep=sleep), alpha, p) for sleep in times] for alpha in p.loads]
    )
    names = ("radius", "radius_err")
    slept = {n: (("alpha", "sleep"), found[:, :-1, k]) for k, n in enumerate(names)}
    projected = {n: ("alpha", found[:, -1, k]) for k, n in enumerate(names)}
    attributes = {"n_samples": p.n_samples}
    yield "/dreaming", xr.Dataset(slept, {"alpha": p.loads, "sleep": p.sleep}, attributes)
    yield "/projector", xr.Dataset(projected, {"alpha": p.loads}, attributes)
    yield "/", xr.Dataset(attrs={"crowded": p.crowded})


def _radius(model: Dreaming, alpha: float, p: Parameters) -> tuple[float, float]:
    found = critical_radius(model, model.count(alpha, p.n_spins), p, dynamics="zero-temperature")
    return (0.0, 0.0) if math.isnan(found[0]) else found


def draw(tree: xr.DataTree) -> Figure:
    """A line for every load, and on the right where it ends."""
    figure = Figure(figsize=(3.4, 2.9))
    ax = figure.add_subplot()
    data, end = (tree[name].to_dataset() for name in ("dreaming", "projector"))
    first = float(data["sleep"][1]) / 3  # t = 0 has no place on a logarithmic axis
    last = 5 * float(data["sleep"].max())
    for k, alpha in enumerate(data["alpha"].values):
        one, limit = data.sel(alpha=alpha), end.sel(alpha=alpha)
        place = one["sleep"].where(one["sleep"] > 0, first)
        drawing.points(
            ax, place, one["radius"], one["radius_err"], fmt="o-", color=f"C{k}",
            label=f"{alpha:g}",
        )  # fmt: skip
        drawing.points(ax, last, limit["radius"], limit["radius_err"], fmt="s", color=f"C{k}")
    ax.set(xscale="log", ylim=(-0.01, 0.5), ylabel="radius of the basin, over $N$")
    ax.set_xlabel("sleep $t$")
    marks = [10.0**k for k in range(-1, 1 + int(np.log10(last / 5)))]
    ax.set_xticks([first, *marks, last])
    ax.set_xticklabels(["0", *(f"{mark:g}" for mark in marks), r"$\infty$"])
    ax.minorticks_off()
    figure.legend(title=r"load $\alpha$", ncols=5, loc="outside upper center")
    return figure


def _best(data: xr.Dataset) -> xr.DataArray:
    """Return the sleep of the widest basin at every load."""
    return data["radius"].idxmax("sleep")


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data, end = (tree[name].to_dataset() for name in ("dreaming", "projector"))
    words = [
        f"{float(data['radius'].sel(alpha=alpha).max()):.3f} at t = {float(best):g} "
        f"({float(data['radius'].sel(alpha=alpha)[0]):.3f} at t = 0, "
        f"{float(end['radius'].sel(alpha=alpha)):.3f} of the pseudo-inverse) at alpha = {alpha:g}"
        for alpha, best in zip(data["alpha"].values, _best(data), strict=True)
    ]
    return {"found": f"Widest: {'; '.join(words)}"}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data, end = (tree[name].to_dataset() for name in ("dreaming", "projector"))
    slept, last = measured(data.sel(sleep=RESTED), "radius"), measured(end, "radius")
    awake = measured(data.isel(sleep=0), "radius")
    crowded = data["alpha"] >= tree.attrs["crowded"]
    yield positive(f"at every load a sleep of {RESTED:g} widens the basin", slept - awake)
    yield positive(
        f"from a load of {tree.attrs['crowded']:g} on the pseudo-inverse has a narrower one",
        (slept - last).where(crowded),
    )
    least, most = (Measured(last.value[k], last.error[k], last.dof) for k in (0, -1))
    yield positive("the basin of the pseudo-inverse shrinks with the load", least - most)
