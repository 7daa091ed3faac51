"""The phase diagram of the dense network with P = 4: lines of theory, points of finite networks."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from phase_diagrams.figures import drawing
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
LOOKS = (("0.65", "o"), ("0.35", "s"), ("C3", "D"), ("C4", "^"))


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
    T = np.array([theory.spinodal_temperature(MODEL, loads)]).T * steps
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
        },
        coords={"n_spins": p.sizes, "load": loads, "step": steps},
        attrs={"n_samples": p.n_samples},
    )


def _exchanged(parameters: Parameters, session: Session) -> xr.Dataset:
    """Locate the transition by replica exchange."""
    return xr.Dataset()


def draw(tree: xr.DataTree) -> Figure:
    """Lines of the theory, the loss of retrieval at every size, and the transition."""
    figure = Figure(figsize=(3.4, 3.2))
    ax = figure.add_subplot()
    heating, exchange = tree["heating"].to_dataset(), tree["exchange"].to_dataset()
    _lines(ax, tree["lines"].to_dataset())
    looks = dict(zip(heating["n_spins"].values.tolist(), LOOKS, strict=False))
    lost = _averaged(heating["lost"])
    for n_spins, (colour, marker) in looks.items():
        value, error = (part.sel(n_spins=n_spins) for part in (lost.value, lost.error))
        drawing.points(
            ax, value["load"], value, error, fmt=marker, color=colour, label=f"$N = {n_spins}$"
        )
    trend = extrapolated(heating)
    drawing.points(
        ax, trend["load"], trend["lost"], trend["lost_err"], fmt="*", color="k", ms=5, mew=0.5,
        mfc="w", label=r"$N \to \infty$",
    )  # fmt: skip
    _exchange(ax, exchange)
    ax.set(xlim=(0, 0.52), ylim=(0, 1.08))
    ax.set(xlabel=r"load $\alpha/\Pi$", ylabel=r"temperature $T/\Pi$")
    for place, words in NAMES.items():
        drawing.name(ax, *place, words)
    ax.legend(
        loc="upper right", fontsize=6.5, ncols=2, handlelength=1, columnspacing=0.8, handletextpad=0.4
    )  # fmt: skip
    return figure


def _lines(ax: Axes, lines: xr.Dataset) -> None:
    """Draw the lines of the infinite network, grey where replica symmetry is broken."""
    spinodal = lines["spinodal_load"], lines["spinodal_temperature"]
    stable = lines["spinodal_stable"] | (lines["spinodal_load"] == 0)
    ax.plot(*(end.where(~stable) for end in spinodal), "--", color="0.75", lw=0.8)
    ax.plot(*(end.where(stable) for end in spinodal), "k--", lw=1.0)
    ax.plot(lines["broken_spinodal_load"], lines["broken_spinodal_temperature"], "k--", lw=1.0)
    ax.plot(lines["transition_load"], lines["transition_temperature"], "k-", lw=1.0)
    ax.plot(lines["replicon_load"], lines["replicon_temperature"], "C2:", lw=0.9)
    glass = lines["glass_temperature"].where(lines["glass_thermodynamic"])
    ax.plot(lines["glass_load"], glass, "C0-", lw=1.0)


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
