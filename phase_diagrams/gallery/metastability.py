"""Heating ramps out of retrieval and back, beside the spinodal and the transition."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from phase_diagrams.figures import drawing

from .orders import by_order, network
from .retrieval_region import finite_spinodal
from .running import Session, Simulation
from .verdicts import Finding, equal, exact, positive

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]

#: Overlap that counts as found: the largest of many is of order 1/2 in a small network.
FOUND = 0.7

#: Finite networks blur the spinodal by N to this power (`phase_diagrams.analysis.scaling`).
SPINODAL_POWER = 2 / 3

LINES = ("spinodal_temperature", "transition_temperature")


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order its loads, their sizes and which is shown in full; the ramp."""

    orders: list[int]
    loads: list[list[float]]
    n_spins: list[list[int]]
    shown: list[int]
    T: tuple[float, float]
    steps: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Heat every network from a pattern and cool it again."""
    low, high = parameters.T
    T = np.round(np.linspace(low, high, parameters.steps), 6)
    groups = {}
    rows = zip(
        parameters.orders, parameters.loads, parameters.n_spins, parameters.shown, strict=True
    )
    for order, loads, sizes, shown in rows:
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
        found = [line if line.fraction > 0.5 else None for line in again]
        m = np.array([[pair[0].m.mean, pair[1].m.mean[::-1]] for pair in ramps])
        error = np.array([[pair[0].m.error, pair[1].m.error[::-1]] for pair in ramps])
        groups[f"/order_{order}/simulation"] = xr.Dataset(
            {
                "m": (("alpha", "ramp", "T"), m),
                "m_err": (("alpha", "ramp", "T"), error),
                "lost": ("alpha", [line.value for line in lost]),
                "lost_err": ("alpha", [line.error for line in lost]),
                "n_spins": ("alpha", sizes),
                "found": ("alpha", [line.value if line else np.nan for line in found]),
                "found_err": ("alpha", [line.error if line else np.nan for line in found]),
            },
            coords={"alpha": loads, "ramp": ["heating", "cooling"], "T": T},
            attrs={"shown": shown},
        )
        fine = np.linspace(0, 1.05 * float(theory.critical_load(model)), 201)
        groups[f"/order_{order}/lines"] = xr.Dataset(
            {name: ("alpha", getattr(theory, name)(model, fine)) for name in LINES}
            | {f"{name}_at": ("load", getattr(theory, name)(model, loads)) for name in LINES},
            coords={"alpha": fine, "load": loads},
        )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "n_samples": parameters.n_samples, "sweeps": parameters.warmup + parameters.sweeps,
        "step": float(T[1] - T[0]),
    }  # fmt: skip
    return tree


def draw(tree: xr.DataTree) -> Figure:
    """For each order one loop, and where retrieval is lost and found at all loads."""
    figure = Figure(figsize=(7.0, 2.3 * len(tree.children)))
    panels = figure.subplots(len(tree.children), 2, squeeze=False)
    for (left, right), (order, node) in zip(panels, by_order(tree), strict=True):
        data, lines = node["simulation"].to_dataset(), node["lines"].to_dataset()
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
        for name, style in zip(LINES, ("--", "-"), strict=True):
            drawing.line(right, lines["alpha"], lines[name], style)
        for name, colour in (("lost", "C3"), ("found", "C0")):
            drawing.points(
                right, data["alpha"], data[name], data[f"{name}_err"], color=colour, label=name
            )
        right.set(xlabel=r"load $\alpha$", ylabel="temperature $T$", ylim=(0, 1.05))
        right.set_xlim(0, 1.3 * float(data["alpha"].max()))
        right.legend()
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    words = []
    for order, node in by_order(tree):
        data, lines = node["simulation"].to_dataset(), node["lines"].to_dataset()
        small, large = int(data["n_spins"].min()), int(data["n_spins"].max())
        sizes = f"{large}" if small == large else f"{large} to {small}"
        ratio = data["lost"].values / lines["spinodal_temperature_at"].values
        ratio = ratio[np.isfinite(ratio)]
        words.append(
            f"P = {order}, N = {sizes}: lost at "
            f"{ratio.min():.2f} to {ratio.max():.2f} of T_M, found again at "
            f"{int(np.isfinite(data['found']).sum())} of {data.sizes['alpha']} loads"
        )
    return (
        "Networks heated from a pattern and cooled again, "
        f"{tree.attrs['sweeps']} sweeps at each step of {tree.attrs['step']:.3f} in T, "
        f"{tree.attrs['n_samples']} samples. Left: overlap (on cooling: the largest one) at one "
        "load. Right: temperature at which m falls below 1/2 on heating and, where more than "
        f"half of the samples do, rises above {FOUND:g} on cooling; the spinodal T_M (dashed) "
        f"and the transition T_c (solid) of the infinite network. {'; '.join(words)}."
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    dof, step = tree.attrs["n_samples"] - 1, tree.attrs["step"]
    findings = []
    for order, node in by_order(tree):
        data, lines = node["simulation"].to_dataset(), node["lines"].to_dataset()
        lost, found = data["lost"].values, data["found"].values
        sizes = data["n_spins"].values
        transition = lines["transition_temperature_at"].values
        spinodal = np.array(
            [
                finite_spinodal(lines, one, n, order)
                for one, n in zip(data["alpha"].values, sizes, strict=True)
            ]
        )
        findings += [
            positive(
                f"P = {order}: retrieval outlives T_c",
                lost - transition, data["lost_err"], dof=dof,
            ),
            equal(
                f"P = {order}: retrieval is lost at T_M",
                lost / spinodal - 1, data["lost_err"] / spinodal, dof=dof,
                tolerance=step / spinodal + sizes**-SPINODAL_POWER, resolution=0.2,
            ),
        ]  # fmt: skip
        if order == 2:
            low = f"alpha = {float(data['alpha'][0]):g}"
            words = f"P = 2: cooling finds a pattern at {low} and not at the largest load"
            findings.append(exact(words, np.isfinite(found[0]) and np.isnan(found[-1])))
        else:
            words = f"P = {order}: cooling finds a pattern only below T_c"
            findings.append(positive(words, transition - found, data["found_err"], dof=dof))
    return findings
