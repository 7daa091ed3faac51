"""The longest cycle of patterns that a network replays, for several orders and temperatures."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Sequence
from phase_diagrams.figures import drawing

from .kept_patterns import INSIDE, OUTSIDE, kept, lost
from .orders import by_order, network
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Overlap with the pattern that is due below which the replay is lost; in theory it has more.
LOST = 0.5
#: Capacity at T = 0, P = 2, of the equations of During, Coolen and Sherrington.
PAIRWISE = 0.269


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order its sizes; temperatures, and loads in units of the capacity there."""

    orders: list[int]
    n_spins: list[list[int]]
    T: list[float]
    loads: list[float]
    line: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Replay from the first pattern at every order, temperature, load and size."""
    p = parameters
    for order, sizes in zip(p.orders, p.n_spins, strict=True):
        model, group = Sequence(order=order), f"/order_{order}"
        T = np.linspace(0, 1, p.line)
        line = {"capacity": ("T", np.nan_to_num(theory.critical_load(model, T)))}
        dense = {"dense": float(theory.critical_load(network(order)))}
        yield f"{group}/line", xr.Dataset(line, {"T": T}, dense)
        capacity = theory.critical_load(model, np.array(p.T))
        alpha = np.multiply.outer(capacity, p.loads)
        models, rows = [model for _ in p.T], [sizes for _ in p.T]
        data = kept(models, alpha, rows, p, T=p.T, dynamics="parallel")
        axes = ("case", "load")
        known = theory.solve(model, alpha=alpha, T=np.array(p.T)[:, None]).m
        more = {"m_theory": (axes, known), "alpha": (axes, alpha), "capacity": ("case", capacity)}
        places = {"load": p.loads, "T": ("case", p.T), "n_spins": ("size", sizes)}
        found = xr.Dataset(data | more, places, {"n_samples": p.n_samples})
        yield f"{group}/simulation", lost(found, LOST)


def draw(tree: xr.DataTree) -> Figure:
    """The capacity lines, and for every order the overlap against the load."""
    orders = list(by_order(tree, "line", "simulation"))
    figure = Figure(figsize=(7.0, 2.4))
    plane, *panels = figure.subplots(1, 1 + len(orders), width_ratios=[1.2] + [1] * len(orders))
    for k, (order, line, data) in enumerate(orders):
        plane.plot(line["capacity"], line["T"], color=f"C{k}", lw=0.9, label=f"$P = {order}$")
        last = data.isel(size=-1)
        place, error = (last[name] * last["capacity"] for name in ("lost", "lost_err"))
        plane.errorbar(place, last["T"], xerr=error, fmt="o", ms=2.5, lw=0.8, color=f"C{k}")
    plane.set(xlabel=r"load $\alpha$", ylabel="temperature $T$", xlim=(0, None), ylim=(-0.02, 1))
    plane.legend(loc="upper right")
    for ax, (order, _, data) in zip(panels, orders, strict=True):
        for k in range(data.sizes["case"]):
            one = data.isel(case=k)
            label = f"$T = {float(one['T']):g}$"
            ax.plot(one["alpha"], one["m_theory"], color=f"C{k}", lw=0.9, label=label)
            ax.axvline(float(one["capacity"]), color=f"C{k}", lw=0.6, ls=":")
            for j in range(one.sizes["size"]):
                row = one.isel(size=j)
                drawing.points(
                    ax, row["alpha"], row["m"], row["m_err"], fmt="v^o"[j - one.sizes["size"]],
                    ms=2, color=f"C{k}",
                )  # fmt: skip
        sizes = ", ".join(map(str, data["n_spins"].values))
        ax.set(xlabel=r"load $\alpha$", ylim=(-0.1, 1.05))
        ax.set_title(f"$P = {order}$, $N = {sizes}$")
        ax.legend(loc="lower left", fontsize=6)
    panels[0].set_ylabel("overlap with the pattern due")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, line, data in by_order(tree, "line", "simulation"):
        places = [
            f"{float(one['lost']):.2f} at T = {float(one['T']):g}"
            for one in (data.isel(case=k, size=-1) for k in range(data.sizes["case"]))
        ]
        words.append(
            f"P = {order}: capacity {float(line['capacity'][0]):.4f} at T = 0; replay of N = "
            f"{int(data['n_spins'][-1])} lost at {' and '.join(places)} times the capacity"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    first, dense = [], []
    for order, line, data in by_order(tree, "line", "simulation"):
        capacity = line["capacity"].values
        first.append(capacity[0])
        dense.append(line.attrs["dense"])
        yield exact(f"P = {order}: the capacity falls with T, to 0", np.diff(capacity) <= 0)
        m, last = measured(data), data.isel(size=-1)
        gap = measured(last) - last["m_theory"]
        yield equal(
            f"P = {order}: up to {INSIDE:g} of the capacity the overlap of the largest network is "
            "that of theory",
            gap.where(last["load"] <= INSIDE),
            tolerance=0.5 * int(last["n_spins"]) ** -0.5,
        )
        yield positive(
            f"P = {order}: from {OUTSIDE:g} times the capacity on the replay is lost",
            (-(m - LOST)).where(data["load"] >= OUTSIDE),
        )
    yield exact(f"P = 2: the capacity at T = 0 is {PAIRWISE:g}", abs(first[0] - PAIRWISE) < 5e-4)
    yield exact("at T = 0 it rises with the order", np.diff(first) > 0)
    yield exact(
        f"P = 2: that is {first[0] / dense[0]:.2f} times that of the Hopfield network",
        first[0] > 1.5 * dense[0],
    )
    yield exact(
        "P > 2: it is that of the dense network in replica symmetry",
        np.abs(np.subtract(first, dense)[1:]) < 1e-6,
    )
