"""The phase diagram of the dense network with P = 4: lines of theory, points of finite networks."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from phase_diagrams.figures import curves, drawing
from theory.conventions import finite_size_factor

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, positive

MODEL = Dense(order=4)

#: Retrieval is lost where the overlap of a sample falls below it.
LOST = 0.5

#: How the spinodal of a finite network and a finite time approaches that of the theory, in 1/N.
SPINODAL_POWER = 2 / 3

#: From this size on overlaps are compared with the theory one by one.
LARGE = 100

#: Below this part of the temperature of loss every chain retrieves.
CALM = 0.8

#: Corrections of a finite network to its T_c that theory leaves out, in units of 1/N.
CROSSTALK = 3.0

#: Of extrapolated temperatures.
PRECISION = 0.03

#: Hottest step of the heating, in units of T_M.
HOTTEST = 1.06

#: Where the phases and lines are named.
NAMES = {
    (0.14, 0.34): "retrieval",
    (0.2, 0.67): "retrieval, metastable",
    (0.46, 0.62): "paramagnet",
    (0.49, 0.2): "glass",
    (0.07, 0.985): "$T_M$",
    (0.05, 0.66): "$T_c$",
    (0.5, 0.47): "$T_K$",
    (0.3, 0.11): "replicon",
}

#: Colours and markers of the sizes, small to large.
LOOKS = (("C5", "v"), ("0.6", "o"), ("0.3", "s"), ("C3", "D"), ("C4", "^"))


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes, and for each of them the loads and the coldest step of the heating.

    Loads are over Pi, `coldest` and `step` in units of T_M of the infinite network; the
    schedule is that of a step.  `exchange_sweeps` and `exchange_samples` are of the replica
    exchange, which runs every size at every load.
    """

    sizes: list[int]
    loads: list[list[float]]
    coldest: list[float]
    step: float
    exchange_sizes: list[int]
    exchange_loads: list[float]
    exchange_samples: int
    exchange_sweeps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Trace the lines, heat networks out of retrieval and exchange replicas around T_c."""
    yield "/lines", theory.phase_lines(MODEL)
    yield "/heating", _heated(parameters, session)
    yield "/exchange", _exchanged(parameters, session)


def _heated(parameters: Parameters, session: Session) -> xr.Dataset:
    """Heat from a pattern; every size and load has a file that survives the process.

    Loads and temperatures are those of the infinite network with the same couplings.
    """
    p = parameters
    session.folder.mkdir(parents=True, exist_ok=True)
    loads = sorted({load for row in p.loads for load in row})
    steps = np.arange(min(p.coldest), HOTTEST, p.step)
    shape = (len(p.sizes), len(loads), len(steps))
    spinodal, transition = (
        getattr(theory, f"{line}_temperature")(MODEL, loads) for line in ("spinodal", "transition")
    )
    T = np.multiply.outer(spinodal, steps)
    exact = theory.solve(MODEL, alpha=np.array(loads)[:, None], T=T).m
    lost = np.full((*shape[:2], p.n_samples), np.nan)
    m = np.full((*shape, p.n_samples), np.nan)
    for i, (n_spins, row, coldest) in enumerate(zip(p.sizes, p.loads, p.coldest, strict=True)):
        scale = float(finite_size_factor(n_spins, order=MODEL.order))
        first = int(np.searchsorted(steps, coldest - 1e-9))
        for load in row:
            j = loads.index(load)
            ramp = montecarlo.ramp(
                MODEL, T=scale * T[j, first:], alpha=scale * load, n_spins=n_spins,
                checkpoint=session.folder / f"heating_{n_spins}_{load:g}.ckpt",
                progress=session.progress, **p.settings(),
            )  # fmt: skip
            lost[i, j] = ramp.line(LOST).samples / scale
            m[i, j, first:] = ramp.series["m"].mean(axis=(-1, -2))
    return xr.Dataset(
        {
            "lost": (("n_spins", "load", "sample"), lost),
            "m": (("n_spins", "load", "step", "sample"), m),
            "T": (("load", "step"), T),
            "m_theory": (("load", "step"), exact),
            "T_M": ("load", spinodal),
            "T_c": ("load", transition),
        },
        coords={"n_spins": p.sizes, "load": loads, "step": steps},
        attrs={"n_samples": p.n_samples},
    )


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
    lines = []
    for n_spins in p.exchange_sizes:
        own = theory.phase_lines(MODEL, n_spins=n_spins)
        own = curves.scaled(own, 1 / float(finite_size_factor(n_spins, order=MODEL.order)))
        ends = own[["transition_load", "transition_temperature"]]
        lines.append(
            ends.rename(transition="along", transition_load="line_load")
            .rename(transition_temperature="line_temperature")
            .assign_coords(along=np.arange(ends.sizes["transition"]))
        )
    return found.merge(xr.concat(lines, found["n_spins"], join="outer"))


def draw(tree: xr.DataTree) -> Figure:
    """Lines of the theory, the loss of retrieval at every size, and the transition."""
    figure = Figure(figsize=(3.4, 3.2))
    ax = figure.add_subplot()
    heating, exchange = tree["heating"].to_dataset(), tree["exchange"].to_dataset()
    for stroke in curves.strokes(tree["lines"].to_dataset()):
        ax.plot(stroke.alpha, stroke.T, color=stroke.colour, linestyle=stroke.style, lw=1.0)
    sizes = {*heating["n_spins"].values.tolist(), *exchange["n_spins"].values.tolist()}
    looks = dict(zip(sorted(sizes), LOOKS, strict=False))
    lost = _averaged(heating["lost"])
    for n_spins in heating["n_spins"].values.tolist():
        colour, marker = looks[n_spins]
        value, error = (part.sel(n_spins=n_spins) for part in (lost.value, lost.error))
        drawing.points(
            ax, value["load"], value, error, fmt=marker, color=colour, label=f"$N = {n_spins}$"
        )
    trend = extrapolated(heating)
    drawing.points(
        ax, trend["load"], trend["lost"], trend["lost_err"], fmt="*", color="k", ms=5, mew=0.5,
        mfc="w", label=r"$N \to \infty$",
    )  # fmt: skip
    _exchange(ax, exchange, looks)
    ax.set(xlim=(0, 0.52), ylim=(0, 1.08))
    ax.set(xlabel=r"load $\alpha/\Pi$", ylabel=r"temperature $T/\Pi$")
    for place, words in NAMES.items():
        drawing.name(ax, *place, words)
    ax.legend(
        loc="upper right", fontsize=6.5, ncols=2, handlelength=1, columnspacing=0.8,
        handletextpad=0.4,
    )  # fmt: skip
    return figure


def _exchange(ax: Axes, exchange: xr.Dataset, looks: Mapping[int, tuple[str, str]]) -> None:
    """Draw the transition of finite networks, measured and predicted."""
    for n_spins in exchange["n_spins"].values.tolist():
        one, (colour, marker) = exchange.sel(n_spins=n_spins), looks[n_spins]
        ax.plot(one["line_load"], one["line_temperature"], "-", color=colour, lw=0.6, zorder=1)
        drawing.points(
            ax, one["alpha"], one["transition"], one["transition_err"], fmt=marker, color=colour,
            mfc="w", mew=0.7,
        )  # fmt: skip
    drawing.points(
        ax, exchange["alpha"], exchange["limit"], exchange["limit_err"], fmt="*", color="k", ms=5,
        mfc="w", mew=0.5,
    )  # fmt: skip


def _averaged(samples: xr.DataArray) -> Measured:
    """Return means over the samples that have a value, and their standard errors."""
    n = samples.notnull().sum("sample")
    error = samples.std("sample", ddof=1) / np.sqrt(n)
    return Measured(samples.mean("sample"), error, samples.sizes["sample"] - 1)


def extrapolated(heating: xr.Dataset) -> xr.Dataset:
    """Return the temperature of loss at infinite size, of loads with three sizes or more."""
    lost = _averaged(heating["lost"])
    fits = [
        extrapolate_sizes(
            heating["n_spins"].values, lost.value.sel(load=load).values,
            lost.error.sel(load=load).values, powers=(SPINODAL_POWER,),
            n_samples=heating.attrs["n_samples"],
        )
        for load in heating["load"].values
    ]  # fmt: skip
    return xr.Dataset(
        {
            "lost": ("load", [fit.value for fit in fits]),
            "lost_err": ("load", [fit.error for fit in fits]),
        },
        coords={"load": heating["load"]},
    )


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
        value, error, exact = (
            float(part.sel(alpha=load)) for part in (limit.value, limit.error, known)
        )
        yield equal(
            f"extrapolated in ln(2K)/N: T_c({load:g}) = {value:.3f} +- {error:.3f} "
            f"({exact:.4f} in theory)",
            (Measured(value, error, dof) - exact) / exact,
            tolerance=PRECISION,
        )
    lost, trend = _averaged(heating["lost"]), extrapolated(heating)
    largest = (lost.value.notnull() * heating["n_spins"]).argmax("n_spins")
    last, error = (part.isel(n_spins=largest) for part in (lost.value, lost.error))
    above = Measured(last, error, lost.dof)
    yield positive(
        "on heating the largest networks keep retrieval above T_c", above - heating["T_c"]
    )
    yield equal(
        "extrapolated in N^(-2/3) retrieval is lost at T_M",
        (Measured(trend["lost"], trend["lost_err"], lost.dof) - heating["T_M"]) / heating["T_M"],
        tolerance=PRECISION,
    )
    m, n_spins = _averaged(heating["m"]), heating["n_spins"]
    kept = (n_spins >= LARGE) & (heating["T"] < CALM * lost.value)
    yield equal(
        f"N >= {LARGE}, below {CALM:g} of the temperature of loss: m is that of theory",
        (m - heating["m_theory"]).where(kept),
        tolerance=1 / n_spins.values[:, None, None],  # the first axis
    )
