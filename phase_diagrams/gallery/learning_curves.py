"""Overlap with the archetype against the number of examples."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense, Supervised
from phase_diagrams.figures import drawing

from .data_sets import RULES, DataSets, simulate, untrained
from .running import Groups, Numbers, Session
from .verdicts import Findings, equal, measured, positive

#: Overlap of the theory from which on examples are many.
MANY = 0.9


class Parameters(DataSets, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Also sizes at which a teacher shows few examples of one quality, and samples of those."""

    sizes: list[int]
    few_quality: float
    few_examples: int
    few_samples: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every data set from the archetype, and solve the theory for every M."""
    counts = np.arange(1, max(parameters.n_examples) + 1)
    for rule, simulation in simulate(parameters, session).items():
        curves = theory.solve(
            untrained(parameters, rule),
            alpha=parameters.alpha,
            T=parameters.T,
            quality=np.array(parameters.quality)[:, None],
            n_examples=counts,
        )
        m = {"m": (("quality", "n_examples"), curves.m)}
        places = {"quality": parameters.quality, "n_examples": counts}
        yield f"/{rule}", simulation
        yield f"/{rule}_theory", xr.Dataset(m, places)
    few = Supervised(quality=parameters.few_quality, n_examples=parameters.few_examples)
    model = Dense(order=parameters.order, rule=few)
    grid = {"alpha": parameters.alpha, "T": parameters.T, "n_spins": parameters.sizes}
    more = msgspec.structs.replace(parameters, n_samples=parameters.few_samples)
    limit = float(theory.solve(model, alpha=parameters.alpha, T=parameters.T).m)
    yield "/sizes", session.simulation("sizes", model, grid, more).assign_attrs(limit=limit)


def draw(tree: xr.DataTree) -> Figure:
    """One panel with a teacher, one without, a colour for each quality; one against the size."""
    figure = Figure(figsize=(7.0, 2.5))
    *panels, last = figure.subplots(1, 3, sharey=True)
    for ax, name in zip(panels, RULES, strict=True):
        simulation, curves = tree[name].to_dataset(), tree[f"{name}_theory"].to_dataset()
        for i, r in enumerate(curves["quality"].values):
            points, curve = simulation.sel(quality=r), curves.sel(quality=r)
            ax.plot(curve["n_examples"], curve["m"], color=f"C{i}", lw=0.9)
            drawing.points(
                ax, points["n_examples"], points["m"], points["m_err"], color=f"C{i}",
                label=f"$r = {r:g}$",
            )  # fmt: skip
        ax.set(xscale="log", xlabel="examples per archetype $M$", ylim=(-0.05, 1.05))
        ax.set_ylabel("Mattis magnetization $m$")
        drawing.logarithmic(ax.xaxis)
        ax.set_title(name)
        ax.label_outer()
    ax.legend()
    found = tree["sizes"].to_dataset()
    given = json.loads(tree.attrs["parameters"])
    drawing.points(last, 1 / found["n_spins"], found["m"], found["m_err"], color="C0")
    last.axhline(found.attrs["limit"], color="C0", lw=0.9)
    words = f"$r = {given['few_quality']:g}$, $M = {given['few_examples']}$"
    last.set(xlabel="$1/N$", xlim=(0, None), title=f"supervised, {words}")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found = tree["sizes"].to_dataset()
    overlaps = ", ".join(
        f"{m:.2f} +- {error:.2f} at N = {size}"
        for size, m, error in zip(
            *(found[x].values for x in ("n_spins", "m", "m_err")), strict=True
        )
    )
    return {"overlaps": overlaps, "limit": found.attrs["limit"]}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name in RULES:
        data, curves = tree[name].to_dataset(), tree[f"{name}_theory"].to_dataset()
        first, last = (measured(data.isel(n_examples=k)) for k in (0, -1))
        yield positive(f"{name}: the overlap rises with the number of examples", last - first)
        known = curves["m"].sel(n_examples=data["n_examples"])
        yield equal(
            f"{name}: the overlap is that of the theory where this exceeds {MANY:g}",
            (measured(data) - known).where(known > MANY),
            tolerance=int(data["n_spins"]) ** -0.5,
            resolution=0.2,
        )
    found = tree["sizes"].to_dataset()
    first, last = (measured(found.isel(n_spins=k)) for k in (0, -1))
    limit = found.attrs["limit"]
    yield positive("few examples: small networks fall short of the theory", -(first - limit))
    yield positive("few examples: they fall less short the larger they are", last - first)
