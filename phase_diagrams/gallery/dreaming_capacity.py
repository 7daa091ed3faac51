"""The capacity at T = 0 against the sleep, beyond one pattern a spin.

The pseudo-inverse of more patterns than spins is the unit matrix, and at every temperature above
zero retrieval ends below alpha = 1.  After a finite sleep t the couplings of more patterns than
spins are small, of order 1/t, but at T = 0 the signs of fields count alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dreaming
from phase_diagrams.figures import drawing

from .kept_patterns import INSIDE, OUTSIDE, kept, losses, lost
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Overlap below which a pattern is lost: in theory all retrieval states at T = 0 have more.
KEPT = 0.95

#: Sleep up to which the capacity is asked to rise: beyond, it changes by a thousandth.
SATURATED = 1000.0


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of sleep, sizes, and loads in units of the capacity of infinitely large networks."""

    sleep: list[float]
    n_spins: list[int]
    loads: list[float]
    line: tuple[float, float, int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Descend from a pattern at every sleep, load and size, and solve the theory."""
    p = parameters
    first, last, count = p.line
    sleep = np.geomspace(first, last, count)
    yield "/line", xr.Dataset({"capacity": ("sleep", _capacities(sleep))}, {"sleep": sleep})
    models, capacity = [Dreaming(sleep=t) for t in p.sleep], _capacities(p.sleep)
    alpha = np.multiply.outer(capacity, p.loads)
    sizes = [p.n_spins for _ in models]
    cold = [0.0] * len(models)
    data = kept(models, alpha, sizes, p, T=cold, dynamics="zero-temperature")
    known = [
        theory.solve(model, alpha=row, T=0.0).m for model, row in zip(models, alpha, strict=True)
    ]
    axes = ("case", "load")
    more = {"m_theory": (axes, known), "alpha": (axes, alpha), "capacity": ("case", capacity)}
    places = {"load": p.loads, "sleep": ("case", p.sleep), "n_spins": ("size", p.n_spins)}
    yield "/simulation", lost(xr.Dataset(data | more, places, {"n_samples": p.n_samples}), KEPT)
    yield "/", xr.Dataset(attrs={"hopfield": float(theory.critical_load(Dreaming(sleep=0.0)))})


def _capacities(sleep: Iterable[float]) -> list[float]:
    return [float(theory.critical_load(Dreaming(sleep=float(t)))) for t in sleep]


def draw(tree: xr.DataTree) -> Figure:
    """The capacity against the sleep, and overlaps against the load."""
    figure = Figure(figsize=(7.0, 2.7))
    left, right = figure.subplots(1, 2)
    line, data = (tree[name].to_dataset() for name in ("line", "simulation"))
    left.axhline(1, color="0.6", lw=0.7, ls=":")
    left.axhline(tree.attrs["hopfield"], color="0.6", lw=0.7, ls="--")
    drawing.line(left, line["sleep"], line["capacity"], "-")
    losses(left, data["sleep"], data, [f"$N = {size}$" for size in data["n_spins"].values])
    left.set(xscale="log", xlabel="sleep $t$", ylabel=r"load $\alpha$", ylim=(0, None))
    left.legend(loc="upper left")
    for k, t in enumerate(data["sleep"].values):
        one = data.isel(case=k, size=-1)
        drawing.points(
            right, one["alpha"], one["m"], one["m_err"], color=f"C{k}", label=f"$t = {t:g}$"
        )
        right.plot(one["alpha"], one["m_theory"].where(one["load"] <= 1), color=f"C{k}", lw=0.9)
        right.axvline(float(one["capacity"]), color=f"C{k}", lw=0.6, ls=":")
    right.set(xlabel=r"load $\alpha$", ylabel="overlap $m$")
    right.legend(loc="lower left")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data = tree["simulation"].to_dataset()
    words = [
        f"t = {float(one['sleep']):g}: capacity {float(one['capacity']):.4f}, lost by the largest "
        f"networks at {float(one['lost']):.2f} times that"
        for one in (data.isel(case=k, size=-1) for k in range(data.sizes["case"]))
    ]
    return {"found": "; ".join(words), "sizes": ", ".join(map(str, data["n_spins"].values))}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    line, data = (tree[name].to_dataset() for name in ("line", "simulation"))
    rising = line["capacity"].sel(sleep=line["sleep"] <= SATURATED).diff("sleep") > 0
    yield exact(f"the capacity at T = 0 rises with the sleep up to t = {SATURATED:g}", rising)
    yield exact(
        f"from {tree.attrs['hopfield']:.4f} at t = 0",
        (line["capacity"] > tree.attrs["hopfield"])
        & (abs(line["capacity"][0] / tree.attrs["hopfield"] - 1) < 0.05),
    )
    most = float(line["capacity"].max())
    yield exact(f"beyond one pattern a spin, to {most:.4f}", most > 1)
    m = measured(data)
    inside, outside = data["load"] <= INSIDE, data["load"] >= OUTSIDE
    yield equal(
        f"up to {INSIDE:g} of the capacity the overlap is that of theory",
        (m - data["m_theory"]).where(inside),
        tolerance=2 / int(data["n_spins"].min()),  # one spin
    )
    many = (data["alpha"] > 1) & (data["load"] <= 1)
    yield positive(
        f"of more patterns than spins each is kept, m > {KEPT:g}, below the capacity",
        (m - KEPT).where(many),
    )
    yield positive(
        f"from {OUTSIDE:g} times the capacity on the largest networks lose them",
        -(measured(data.isel(size=-1)) - KEPT).where(outside),
    )
