r"""The plane of load and temperature of exponential memories, heated and cooled.

The number of patterns is the same at all loads, :math:`N = \ln K/\alpha`.  A chain in retrieval
leaves it over a barrier, which is the price of the overlap :math:`m_\phi = \phi/\lambda` at which
the paramagnet, of energy :math:`-\phi/\lambda`, takes the spins over:

.. math:: B = \ln\cosh\beta - \beta m_\phi + I(m_\phi)

per spin, zero at the spinodal.  Chains of t sweeps leave where N B is close to ln t.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
from hebbian import Exponential
from phase_diagrams.figures import drawing
from theory.exponential import binary

from .crossings import crossing
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, exact, measured, positive

#: Part of tanh(1/T) that separates a retrieved pattern from none.
HALF = 0.5
#: Lines of the theory, loads as functions of sharpness and temperature, and how they are drawn.
LINES = {"spinodal": "--", "transition": "-", "single_transition": ":"}
#: Hysteresis is asked for where the two lines are farther apart, in units of the spinodal.
APART = 0.15
HOTTEST = 2.6

DIRECTIONS = {"heating": "C3", "cooling": "C0"}


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sharpnesses; loads, of about `n_patterns` each; the load that is shown for each sharpness.

    Temperatures are from `T[0]` to `T[1]` in units of the spinodal temperature.
    """

    n_patterns: int
    sharpness: list[float]
    loads: list[float]
    shown: list[float]
    T: tuple[float, float]
    steps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Heat from a pattern and cool from random spins, at every sharpness and load."""
    p = parameters
    for sharpness, shown in zip(p.sharpness, p.shown, strict=True):
        loops = [
            _loop(sharpness, alpha, p, session)
            for alpha in p.loads
            if alpha < binary.spinodal_load(sharpness, 0.0)
        ]
        data = xr.concat(loops, "alpha")
        data.attrs = {"sharpness": sharpness, "shown": shown, "n_samples": p.n_samples}
        yield f"/sharpness_{sharpness:g}/simulation", data
        T = np.linspace(0, HOTTEST, 261)
        condensation = float(binary.condensation_load(sharpness))
        alpha = np.linspace(condensation, float(binary.spinodal_load(sharpness, 0.0)), 42)[1:-1]
        sizes = np.log(p.n_patterns) / alpha
        left = lifetime(sharpness, alpha, sizes, p.warmup + p.sweeps)
        lines = {name: ("T", getattr(binary, f"{name}_load")(sharpness, T)) for name in LINES}
        yield (
            f"/sharpness_{sharpness:g}/lines",
            xr.Dataset(
                {**lines, "left": ("alpha", left)},
                {"T": T, "alpha": alpha},
                {"condensation": condensation},
            ),
        )


def lifetime(sharpness: float, alpha: Any, n_spins: Any, sweeps: float) -> np.ndarray:
    """Return the temperatures at which retrieval lasts so many sweeps; NaN where it never does."""
    T = np.linspace(0, 1, 2002)[1:-1, None] * binary.spinodal_temperature(alpha, sharpness)
    exponent = n_spins * binary.barrier(alpha, sharpness, T) / T
    last = (exponent > np.log(sweeps)).sum(axis=0)  # it falls with T
    return np.where(last > 0, np.take_along_axis(T, last[None] - 1, 0)[0], np.nan)


def _loop(sharpness: float, alpha: float, p: Parameters, session: Session) -> xr.Dataset:
    model, n_spins = Exponential(sharpness=sharpness), round(np.log(p.n_patterns) / alpha)
    effective = model.load(model.count(alpha, n_spins), n_spins)
    # The loads of few spins are uncertain by 1/N.
    loads = np.maximum(effective + np.array([-1, 0, 1]) / n_spins, 0)
    spinodal, transition = (
        getattr(binary, f"{line}_temperature")(loads, sharpness)
        for line in ("spinodal", "transition")
    )
    ends = {
        "spinodal": spinodal[1],
        "transition": transition[1],
        "latest": spinodal[0],
        "found_below": transition[0],
        "earliest": np.nan_to_num(transition[2]),
        "left": lifetime(sharpness, effective, n_spins, p.warmup + p.sweeps)[0],
    }
    T = ends["spinodal"] * np.linspace(*p.T, p.steps)
    session.folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[np.ndarray]] = {"m": [], "m_err": []}
    places = {}
    for name, start, steps in (("heating", "pattern", T), ("cooling", "random", T[::-1])):
        ramp = montecarlo.ramp(
            model, T=steps, alpha=alpha, n_spins=n_spins, start=start, follow="largest",
            checkpoint=session.folder / f"{name}_{sharpness:g}_{alpha:g}.ckpt",
            progress=session.progress, **p.settings(),
        )  # fmt: skip
        m = ramp.series["m"].mean(axis=(-1, -2))[:: 1 if name == "heating" else -1]
        mean, error = m.mean(axis=1), m.std(axis=1, ddof=1) / p.n_samples**0.5
        found["m"].append(mean)
        found["m_err"].append(error)
        whole = np.tanh(1 / T)
        places[name] = crossing(T, mean / whole, error / whole, HALF)
    return xr.Dataset(
        {name: (("direction", "step"), values) for name, values in found.items()}
        | {"T": ("step", T), "n_spins": n_spins, "effective": effective}
        | {name: place[0] for name, place in places.items()}
        | {f"{name}_err": place[1] for name, place in places.items()}
        | ends,
        coords={"alpha": alpha, "direction": list(DIRECTIONS), "step": np.arange(p.steps)},
    )


def draw(tree: xr.DataTree) -> Figure:
    """The plane of every sharpness above, one of its loops below."""
    figure = Figure(figsize=(7.0, 4.2))
    panels = figure.subplots(2, len(tree.children), height_ratios=(1.4, 1))
    for upper, lower, node in zip(*panels, tree.children.values(), strict=True):
        data, lines = (node[name].to_dataset() for name in ("simulation", "lines"))
        _plane(upper, data, lines)
        one = data.sel(alpha=data.attrs["shown"])
        T = np.linspace(float(one["T"].min()), float(one["T"].max()), 201)
        lower.plot(T, np.tanh(1 / T), "k", lw=0.9, label=r"$\tanh(1/T)$")
        for name, colour in DIRECTIONS.items():
            row = one.sel(direction=name)
            drawing.points(lower, one["T"], row["m"], row["m_err"], color=colour, label=name)
        for line, words in (("spinodal", "$T_M$"), ("transition", "$T_1$")):
            drawing.place(lower, float(one[line]), words)
        lower.set(xlabel=rf"temperature $T$ ($\alpha = {float(one['alpha']):g}$)", ylim=(0, 1.05))
    panels[0, 0].set_ylabel("temperature $T$")
    panels[1, 0].set_ylabel("overlap $m$")
    panels[1, 0].legend(loc="lower left", fontsize=6)
    return figure


def _plane(ax: Axes, data: xr.Dataset, lines: xr.Dataset) -> None:
    sharpness = data.attrs["sharpness"]
    for name, style in LINES.items():
        drawing.line(ax, lines[name], lines["T"], style)
    ax.plot(lines["alpha"], lines["left"], "C3", lw=0.7)
    ax.axvline(lines.attrs["condensation"], color="k", lw=0.7, ls="-.", zorder=0)
    ax.axhline(1 / sharpness, color="0.6", lw=0.7, zorder=0)
    for name, colour in DIRECTIONS.items():
        drawing.points(ax, data["effective"], data[name], data[f"{name}_err"], color=colour)
    ax.set_title(rf"sharpness $\lambda = {sharpness:g}$")
    ax.set(xlabel=r"load $\alpha = \ln K/N$", xlim=(0, 0.7), ylim=(0, HOTTEST))


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words, sizes = [], {}
    for node in tree.children.values():
        data = node["simulation"].to_dataset()
        sizes |= dict(zip(data["alpha"].values.tolist(), data["n_spins"].values, strict=True))
        ratio, again = data["heating"] / data["spinodal"], data["cooling"] / data["transition"]
        words.append(
            f"sharpness {data.attrs['sharpness']:g}: lost at {float(ratio.min()):.2f} to "
            f"{float(ratio.max()):.2f} of the spinodal temperature, found at "
            f"{float(again.min()):.2f} to {float(again.max()):.2f} of that of the transition"
        )
    asked = json.loads(tree.attrs["parameters"])
    return {
        "length": asked["warmup"] + asked["sweeps"],
        "sizes": ", ".join(f"{n}" for n in sizes.values()),
        "loads": ", ".join(f"{alpha:g}" for alpha in sizes),
        "found": "; ".join(words),
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for node in tree.children.values():
        data, lines = (node[name].to_dataset() for name in ("simulation", "lines"))
        sharpness = data.attrs["sharpness"]
        title = f"sharpness {sharpness:g}"
        gap = lines["spinodal"] - lines["transition"]
        yield exact(
            f"{title}: the lines are one above T = {1 / sharpness:g}, and two below",
            (abs(gap) < 1e-9).where(lines["T"] > 1 / sharpness, gap >= 0),
        )
        lost, found = measured(data, "heating"), measured(data, "cooling")
        yield positive(
            f"{title}: heated chains keep the pattern up to the transition, within 1/N in alpha",
            lost - data["earliest"],
        )
        yield positive(f"{title}: and lose it at the spinodal or before", -(lost - data["latest"]))
        yield positive(
            f"{title}: cooled chains find a pattern below the transition alone",
            -(found - data["found_below"]),
        )
        apart = data["spinodal"] - data["transition"] > APART * data["spinodal"]
        if apart.any():
            yield positive(
                f"{title}: retrieval that was found is lost at a higher temperature",
                (lost - found).where(apart),
            )
