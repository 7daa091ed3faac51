"""The phase diagram of the dense network with P = 4: lines of theory, points of finite networks."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense
from phase_diagrams.figures import curves, drawing
from theory.conventions import finite_size_factor

from .heating import Heating, averaged_samples, extrapolated, heated, largest
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, exact, positive

MODEL = Dense(order=4)

#: From this size on overlaps are compared with the theory one by one.
LARGE = 100

#: Below this part of the temperature of loss every chain retrieves.
CALM = 0.8

#: Corrections of a finite network to its T_c that theory leaves out, in units of 1/N.
CROSSTALK = 3.0

#: Loads up to which the transition of finite networks is drawn.
MEASURABLE = 0.36

#: Of extrapolated temperatures.
PRECISION = 0.03

#: Where the phases and lines are named.
NAMES = {
    (0.12, 0.36): "retrieval",
    (0.365, 0.6): "metastable",
    (0.445, 0.73): "paramagnet",
    (0.49, 0.2): "glass",
    (0.045, 1.01): "$T_M$",
    (0.21, 0.565): "$T_c$",
    (0.5, 0.475): "$T_K$",
    (0.3, 0.12): "replicon",
}

INFINITE = r"$N \to \infty$"

#: Colours and markers of the sizes, small to large.
LOOKS = (("C5", "v"), ("0.6", "o"), ("0.3", "s"), ("C3", "D"), ("C4", "^"))


class Parameters(Heating, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Heating, and replica exchange of every size at every load."""

    exchange_sizes: list[int]
    exchange_loads: list[float]
    exchange_samples: int
    exchange_sweeps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Trace the lines, heat networks out of retrieval and exchange replicas around T_c."""
    yield "/lines", theory.phase_lines(MODEL)
    yield "/heating", heated(MODEL, parameters, session)
    yield "/exchange", _exchanged(parameters, session)


def _exchanged(parameters: Parameters, session: Session) -> xr.Dataset:
    """Locate the transition by replica exchange, beside the line of every finite network."""
    p = parameters
    found = phase_diagrams.locate_transition(
        MODEL, alpha=p.exchange_loads, n_spins=p.exchange_sizes, n_samples=p.exchange_samples,
        schedule=montecarlo.Schedule(
            warmup=p.exchange_sweeps // 2, sweeps=p.exchange_sweeps, stride=5
        ),
        seed=p.seed, out=session.folder / "exchange.nc", progress=session.progress,
    )  # fmt: skip
    load = MEASURABLE * np.linspace(0, 1, 81) ** 2
    spinodal = theory.spinodal_temperature(MODEL, load)
    lines = []
    for n_spins in p.exchange_sizes:
        scale = float(finite_size_factor(n_spins, order=MODEL.order))
        T = theory.transition_temperature(MODEL, scale * load, n_spins=n_spins) / scale
        # Beyond, retrieval is the ground state as long as it exists.
        lines.append(np.where(spinodal - T > 1e-4, T, np.nan))
    return found.assign_coords(load=load).assign(line=(("n_spins", "load"), lines))


def draw(tree: xr.DataTree) -> Figure:
    """Lines of the theory, the loss of retrieval at every size, and the transition."""
    figure = Figure(figsize=(3.4, 3.2))
    ax = figure.add_subplot()
    heating, exchange = tree["heating"].to_dataset(), tree["exchange"].to_dataset()
    for stroke in curves.strokes(tree["lines"].to_dataset()):
        ax.plot(stroke.alpha, stroke.T, color=stroke.colour, linestyle=stroke.style, lw=1.0)
    sizes = {*heating["n_spins"].values.tolist(), *exchange["n_spins"].values.tolist()}
    looks = dict(zip(sorted(sizes), LOOKS, strict=False))
    lost = averaged_samples(heating["lost"])
    for n_spins in heating["n_spins"].values.tolist():
        colour, marker = looks[n_spins]
        value, error = (part.sel(n_spins=n_spins) for part in (lost.value, lost.error))
        drawing.points(ax, value["load"], value, error, fmt=marker, color=colour)
    trend = extrapolated(heating)
    drawing.points(
        ax, heating["load"], trend.value, trend.error, fmt="*", color="k", ms=5, mew=0.5,
        mfc="w",
    )  # fmt: skip
    _exchange(ax, exchange, looks)
    ax.set(xlim=(0, 0.52), ylim=(0, 1.06))
    ax.set(xlabel=r"load $\alpha/\Pi$", ylabel=r"temperature $T/\Pi$")
    for place, words in NAMES.items():
        drawing.name(ax, *place, words)
    sized = [
        Line2D([], [], color=colour, marker=marker, ms=3, ls="", label=f"$N = {n_spins}$")
        for n_spins, (colour, marker) in looks.items()
    ]
    kinds = [
        Line2D([], [], color="0.3", marker="o", ms=3, ls="", mfc=face, label=words)
        for face, words in (("0.3", "lost on heating"), ("w", "exchange"))
    ]
    star = Line2D([], [], color="k", marker="*", ms=5, mew=0.5, mfc="w", ls="", label=INFINITE)
    ax.legend(
        handles=[*sized, *kinds, star], loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4,
        fontsize=6.5, handlelength=0.8, columnspacing=0.8, handletextpad=0.3,
    )  # fmt: skip
    return figure


def _exchange(ax: Axes, exchange: xr.Dataset, looks: Mapping[int, tuple[str, str]]) -> None:
    """Draw the transition of finite networks, measured and predicted."""
    for n_spins in exchange["n_spins"].values.tolist():
        one, (colour, marker) = exchange.sel(n_spins=n_spins), looks[n_spins]
        ax.plot(one["load"], one["line"], "-", color=colour, lw=0.6, zorder=1)
        drawing.points(
            ax, one["alpha"], one["transition"], one["transition_err"], fmt=marker, color=colour,
            mfc="w", mew=0.7,
        )  # fmt: skip
    drawing.points(
        ax, exchange["alpha"], exchange["limit"], exchange["limit_err"], fmt="*", color="k", ms=5,
        mfc="w", mew=0.5,
    )  # fmt: skip


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    heating, exchange = tree["heating"].to_dataset(), tree["exchange"].to_dataset()
    sizes, exchanged = (
        ", ".join(str(n) for n in data["n_spins"].values) for data in (heating, exchange)
    )
    asked = json.loads(tree.attrs["parameters"])
    return {
        "heated": f"N = {sizes}",
        "length": asked["warmup"] + asked["sweeps"],
        "exchanged": f"N = {exchanged}",
        "exchange_length": asked["exchange_sweeps"] * 3 // 2,
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    heating, exchange = tree["heating"].to_dataset(), tree["exchange"].to_dataset()
    dof = json.loads(tree.attrs["parameters"])["exchange_samples"] - 1
    measured = Measured(exchange["transition"], exchange["transition_err"], dof)
    expected = exchange["expected"]
    yield equal(
        "replica exchange: T_c of a finite network is that of theory with the entropy ln(2K)/N",
        (measured - expected) / expected,
        tolerance=CROSSTALK / exchange["n_spins"].values,  # the last axis
    )
    limit, known = Measured(exchange["limit"], exchange["limit_err"], dof), exchange["theory"]
    for load in exchange["alpha"].values.tolist():
        value, error, there = (
            float(part.sel(alpha=load)) for part in (limit.value, limit.error, known)
        )
        yield equal(
            f"extrapolated in ln(2K)/N: T_c({load:g}) = {value:.3f} +- {error:.3f} "
            f"({there:.4f} in theory)",
            (Measured(value, error, dof) - there) / there,
            tolerance=PRECISION,
        )
    lost = averaged_samples(heating["lost"])
    yield exact(
        f"T_c is below T_M at {heating.sizes['load']} loads", heating["T_c"] < heating["T_M"]
    )
    yield positive(
        "on heating the largest networks keep retrieval above T_c", largest(lost) - heating["T_c"]
    )
    yield equal(
        "extrapolated in N^(-2/3) retrieval is lost at T_M",
        (extrapolated(heating) - heating["T_M"]) / heating["T_M"],
        tolerance=PRECISION,
    )
    m, n_spins = averaged_samples(heating["m"]), heating["n_spins"]
    kept = (n_spins >= LARGE) & (heating["T"] < CALM * lost.value)
    yield equal(
        f"N >= {LARGE}, below {CALM:g} of the temperature of loss: m is that of theory",
        (m - heating["m_theory"]).where(kept),
        tolerance=1 / n_spins.values[:, None, None],  # the first axis
    )
