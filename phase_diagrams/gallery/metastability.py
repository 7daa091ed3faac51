"""Heating ramps out of retrieval and back, beside the spinodal and the transition."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from phase_diagrams.analysis.ramp_tasks import SPINODAL_POWER
from phase_diagrams.figures import curves, drawing

from .orders import by_order, network
from .retrieval_region import finite_spinodal
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Overlap that counts as found: the largest of many is of order 1/2 in a small network.
FOUND = 0.7

LINES = ("spinodal_temperature", "transition_temperature")


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order its loads, their sizes and which is shown in full; the ramp."""

    orders: list[int]
    loads: list[list[float]]
    n_spins: list[list[int]]
    shown: list[int]
    T: tuple[float, float]
    steps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Heat every network from a pattern and cool it again."""
    low, high = parameters.T
    T = np.round(np.linspace(low, high, parameters.steps), 6)
    p = parameters
    for order, loads, sizes, shown in zip(p.orders, p.loads, p.n_spins, p.shown, strict=True):
        model = network(order)
        ramps = []
        for alpha, n_spins in zip(loads, sizes, strict=True):
            common = {"n_spins": n_spins, **parameters.settings()}
            heating = montecarlo.ramp(model, T=T, alpha=alpha, **common)
            cooling = montecarlo.ramp(
                model, T=T[::-1], alpha=alpha, start=heating.last, follow="largest",
                first_step=len(T), **common,
            )  # fmt: skip
            ramps.append((heating, cooling))
        lost = [heating.line() for heating, _ in ramps]
        again = [cooling.line(FOUND) for _, cooling in ramps]
        there = np.array([line.fraction for line in again]) > 0.5
        m, error = (
            [[getattr(up.m, part), getattr(down.m, part)[::-1]] for up, down in ramps]
            for part in ("mean", "error")
        )
        yield (
            f"/order_{order}/simulation",
            xr.Dataset(
                {
                    "m": (("alpha", "ramp", "T"), m),
                    "m_err": (("alpha", "ramp", "T"), error),
                    "lost": ("alpha", [line.value for line in lost]),
                    "lost_err": ("alpha", [line.error for line in lost]),
                    "n_spins": ("alpha", sizes),
                    "found": ("alpha", np.where(there, [line.value for line in again], np.nan)),
                    "found_err": ("alpha", np.where(there, [line.error for line in again], np.nan)),
                },
                coords={"alpha": loads, "ramp": ["heating", "cooling"], "T": T},
                attrs={"shown": shown},
            ),
        )
        fine = np.linspace(0, 1.05 * float(theory.critical_load(model)), 201)
        yield f"/order_{order}/curves", theory.phase_lines(model)
        yield (
            f"/order_{order}/lines",
            xr.Dataset(
                {name: ("alpha", getattr(theory, name)(model, fine)) for name in LINES}
                | {f"{name}_at": ("load", getattr(theory, name)(model, loads)) for name in LINES},
                coords={"alpha": fine, "load": loads},
            ),
        )
    length, step = p.warmup + p.sweeps, float(T[1] - T[0])
    yield "/", xr.Dataset(attrs={"n_samples": p.n_samples, "sweeps": length, "step": step})


def draw(tree: xr.DataTree) -> Figure:
    """For each order one loop, and where retrieval is lost and found at all loads."""
    figure = Figure(figsize=(7.0, 2.3 * len(tree.children)))
    panels = figure.subplots(len(tree.children), 2, squeeze=False)
    found = by_order(tree, "simulation", "lines", "curves")
    for (left, right), (order, data, lines, plane) in zip(panels, found, strict=True):
        one = data.isel(alpha=int(data.attrs["shown"]))
        for name, colour in (("heating", "C3"), ("cooling", "C0")):
            loop = one.sel(ramp=name)
            drawing.points(
                left, one["T"], loop["m"], loop["m_err"], fmt="o-", color=colour, label=name
            )
        for name, words in zip(LINES, ("$T_M$", "$T_c$"), strict=True):
            drawing.place(left, float(lines[f"{name}_at"].sel(load=one["alpha"])), words)
        left.set_ylabel("Mattis magnetization $m$")
        left.set_xlabel(rf"temperature $T$ ($P = {order}$, $\alpha = {float(one['alpha']):g}$)")
        left.legend()
        for stroke in curves.strokes(plane):
            if stroke.name in ("spinodal", "transition"):
                drawing.line(right, stroke.alpha, stroke.T, stroke.style)
        for name, colour in (("lost", "C3"), ("found", "C0")):
            drawing.points(
                right, data["alpha"], data[name], data[f"{name}_err"], color=colour, label=name
            )
        right.set(xlabel=r"load $\alpha$", ylabel="temperature $T$", ylim=(0, 1.05))
        right.set_xlim(0, 1.3 * float(data["alpha"].max()))
        right.legend()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, lines in by_order(tree, "simulation", "lines"):
        small, large = int(data["n_spins"].min()), int(data["n_spins"].max())
        sizes = f"{large}" if small == large else f"{large} to {small}"
        ratio = data["lost"].values / lines["spinodal_temperature_at"].values
        words.append(
            f"P = {order}, N = {sizes}: lost at "
            f"{np.nanmin(ratio):.2f} to {np.nanmax(ratio):.2f} of T_M, found again at "
            f"{int(np.isfinite(data['found']).sum())} of {data.sizes['alpha']} loads"
        )
    return {"found": "; ".join(words), "threshold": FOUND, "length": tree.attrs["sweeps"]}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof, step = tree.attrs["n_samples"] - 1, tree.attrs["step"]
    for order, data, lines in by_order(tree, "simulation", "lines"):
        lost, found = (measured(data, name, dof=dof) for name in ("lost", "found"))
        sizes, there = data["n_spins"].values, np.isfinite(data["found"].values)
        transition = lines["transition_temperature_at"].values
        places = zip(data["alpha"].values, sizes, strict=True)
        spinodal = np.array([finite_spinodal(lines, alpha, n, order) for alpha, n in places])
        yield positive(f"P = {order}: retrieval outlives T_c", lost - transition)
        yield equal(
            f"P = {order}: retrieval is lost at T_M",
            lost / spinodal - 1,
            tolerance=step / spinodal + sizes**-SPINODAL_POWER,
            resolution=0.2,
        )
        if order == 2:
            low = f"alpha = {float(data['alpha'][0]):g}"
            words = f"P = 2: cooling finds a pattern at {low} and not at the largest load"
            yield exact(words, there[0] and not there[-1])
        else:
            words = f"P = {order}: cooling finds a pattern only below T_c"
            yield positive(words, -(found - transition))
