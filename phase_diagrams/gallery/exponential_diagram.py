r"""The plane of load and temperature of exponential memories, heated and cooled.

The number of patterns is the same at all loads, :math:`N = \ln K/\alpha`.  A chain in retrieval
leaves it over a barrier.  At overlap m with its pattern the weight of N spins is :math:`e^{-G(m)}`,

.. math:: G(m) = N I(m) - \frac{1}{\lambda T} \ln\bigl(e^{\lambda N m} + e^{N \phi}\bigr),

:math:`e^{N\phi}` the sum over all other patterns (`theory.exponential.law`); chains of t
sweeps leave where the largest G between none and :math:`m = \tanh(1/T)` exceeds that of retrieval
by ln t.  Where the barrier is lower the spins are in equilibrium, and retrieval ends at its
transition.
"""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import montecarlo
from hebbian import Exponential
from phase_diagrams.figures import drawing
from theory.exponential import binary

from .crossings import crossing
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Part of tanh(1/T) that separates a retrieved pattern from none.
HALF = 0.5
#: Lines of the theory, loads as functions of sharpness and temperature, and how they are drawn.
LINES = {"spinodal": "--", "transition": "-", "single_transition": ":"}
#: Hysteresis is asked for where chains are expected to outlive the transition by this factor.
OUTLIVED = 1.1
#: Where the end of retrieval is sought, in units of the spinodal temperature.
HOTTEST = 1.3
#: Overlaps, and their cost I.
_M = np.linspace(0, 1, 2001)[:-1]
_COST = binary.rate(_M)

DIRECTIONS = {"heating": "C3", "cooling": "C0"}


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sharpnesses; loads of about `n_patterns` in units of the capacity at T = 0.

    Temperatures are from `T[0]` to `T[1]` in units of that of the spinodal.
    """

    n_patterns: int
    sharpness: list[float]
    loads: list[float]
    shown: float
    T: tuple[float, float]
    steps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Heat from a pattern and cool from random spins, at every sharpness and load."""
    p = parameters
    length = p.warmup + p.sweeps
    for sharpness in p.sharpness:
        capacity = float(binary.spinodal_load(sharpness, 0.0))
        loops = [_loop(sharpness, load * capacity, p, session) for load in p.loads]
        data = xr.concat(loops, "load").assign_coords(load=p.loads)
        data.attrs = {"sharpness": sharpness, "n_samples": p.n_samples}
        yield f"/sharpness_{sharpness:g}/simulation", data
        T = np.linspace(0, 1.1 * float(data["spinodal"].max()), 261)
        condensation = float(binary.condensation_load(sharpness))
        alpha = np.linspace(condensation, capacity, 42)[1:-1]
        left = [lifetime(sharpness, load, np.log(p.n_patterns) / load, length) for load in alpha]
        lines = {name: ("T", getattr(binary, f"{name}_load")(sharpness, T)) for name in LINES}
        yield (
            f"/sharpness_{sharpness:g}/lines",
            xr.Dataset(
                {**lines, "left": ("alpha", left)},
                {"T": T, "alpha": alpha},
                {"capacity": capacity, "condensation": condensation},
            ),
        )
    yield "/", xr.Dataset(attrs={"shown": p.shown})


def lifetime(sharpness: float, alpha: float, n_spins: float, sweeps: float) -> float:
    """Return the temperature up to which retrieval lasts so many sweeps; 0 where it never does."""
    floor = n_spins * binary.floor(alpha, sharpness)
    terms = np.logaddexp(sharpness * n_spins * _M, floor) / sharpness
    spinodal = binary.spinodal_temperature(np.array([alpha]), sharpness)[0]
    lasting = 0.0
    for T in spinodal * np.linspace(0, HOTTEST, 261)[1:]:
        G = n_spins * _COST - terms / T
        retrieval = int(np.searchsorted(_M, np.tanh(1 / T))) - 1
        if G[:retrieval].max() - G[retrieval] > np.log(sweeps):
            lasting = float(T)
    return lasting


def lost_at(sharpness: float, alpha: float, n_spins: int, sweeps: float) -> float:
    """Return the temperature at which heated chains lose retrieval."""
    transition = binary.transition_temperature(np.array([alpha]), sharpness)[0]
    if not transition > 0:  # beyond the capacity
        return 0.0
    return max(float(transition), lifetime(sharpness, alpha, n_spins, sweeps))


def _loop(sharpness: float, alpha: float, p: Parameters, session: Session) -> xr.Dataset:
    model, n_spins = Exponential(sharpness=sharpness), round(np.log(p.n_patterns) / alpha)
    effective = model.load(model.count(alpha, n_spins), n_spins)
    # The loads of few spins are uncertain by 1/N.
    loads = np.maximum(effective + np.array([-1, 0, 1]) / n_spins, 1e-6)
    latest, left, earliest = (
        lost_at(sharpness, load, n_spins, p.warmup + p.sweeps) for load in loads
    )
    transition = binary.transition_temperature(loads, sharpness)
    spinodal = float(binary.spinodal_temperature(loads, sharpness)[1])
    known = {
        "spinodal": spinodal,
        "transition": transition[1],
        "earliest": earliest,
        "left": left,
        "latest": latest,
        "found_below": transition[0],
    }
    T = spinodal * np.linspace(*p.T, p.steps)
    session.folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[np.ndarray]] = {"m": [], "m_err": []}
    places = {}
    for name, start, steps in (("heating", "pattern", T), ("cooling", "random", T[::-1])):
        ramp = montecarlo.ramp(
            model, T=steps, alpha=alpha, n_spins=n_spins, start=start, follow="largest",
            checkpoint=session.folder / f"{name}_{sharpness:g}_{alpha:.4g}.ckpt",
            progress=session.progress, **p.settings(),
        )  # fmt: skip
        m = ramp.series["m"].mean(axis=(-1, -2))[:: 1 if name == "heating" else -1]
        mean, error = m.mean(axis=1), m.std(axis=1, ddof=1) / p.n_samples**0.5
        found["m"].append(mean)
        found["m_err"].append(error)
        part = mean / np.tanh(1 / T)
        there = part[0] > HALF
        places[name] = crossing(T, part, error * part / mean, HALF) if there else (np.nan, np.nan)
    return xr.Dataset(
        {name: (("direction", "step"), values) for name, values in found.items()}
        | {"T": ("step", T), "n_spins": n_spins, "alpha": effective}
        | {name: place[0] for name, place in places.items()}
        | {f"{name}_err": place[1] for name, place in places.items()}
        | known,
        coords={"direction": list(DIRECTIONS), "step": np.arange(p.steps)},
    )


def draw(tree: xr.DataTree) -> Figure:
    """The plane of every sharpness above, one of its loops below."""
    figure = Figure(figsize=(7.0, 4.2))
    panels = figure.subplots(2, len(tree.children), height_ratios=(1.4, 1))
    for upper, lower, node in zip(*panels, tree.children.values(), strict=True):
        data = node["simulation"].to_dataset()
        _plane(upper, data, node["lines"].to_dataset())
        one = data.sel(load=tree.attrs["shown"])
        T = np.linspace(float(one["T"].min()), float(one["T"].max()), 201)
        lower.plot(T, np.tanh(1 / T), "k", lw=0.9)
        for name, colour in DIRECTIONS.items():
            row = one.sel(direction=name)
            drawing.points(lower, one["T"], row["m"], row["m_err"], color=colour)
        for line, words in (("spinodal", "$T_M$"), ("transition", "$T_1$")):
            drawing.place(lower, float(one[line]), words)
        lower.set(xlabel=rf"temperature $T$ ($\alpha = {float(one['alpha']):.2g}$)", ylim=(0, 1.05))
    panels[0, 0].set_ylabel("temperature $T$")
    panels[1, 0].set_ylabel("overlap $m$")
    handles = [Line2D([], [], color="k", lw=0.9, ls=style) for style in LINES.values()]
    handles += [Line2D([], [], color="k", lw=0.7, ls="-."), Line2D([], [], color="C3", lw=0.7)]
    handles += [Line2D([], [], color=c, marker="o", ms=2.5, ls="") for c in DIRECTIONS.values()]
    lines = ["spinodal", "transition of all", "transition of one", "condensation", "barrier"]
    figure.legend(
        handles, [*lines, *DIRECTIONS], loc="outside upper center", ncols=7, columnspacing=1.0
    )
    return figure


def _plane(ax: Axes, data: xr.Dataset, lines: xr.Dataset) -> None:
    sharpness = data.attrs["sharpness"]
    for name, style in LINES.items():
        drawing.line(ax, lines[name], lines["T"], style)
    ax.plot(lines["alpha"], lines["left"].where(lines["left"] > 0), "C3", lw=0.7)
    ax.axvline(lines.attrs["condensation"], color="k", lw=0.7, ls="-.", zorder=0)
    ax.axhline(1 / sharpness, color="0.6", lw=0.7, zorder=0)
    for name, colour in DIRECTIONS.items():
        drawing.points(ax, data["alpha"], data[name], data[f"{name}_err"], color=colour)
    ax.set_title(rf"sharpness $\lambda = {sharpness:g}$")
    ax.set(xlabel=r"load $\alpha = \ln K/N$", xlim=(0, 1.08 * lines.attrs["capacity"]))
    ax.set_ylim(0, float(lines["T"].max()))


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    asked, words = json.loads(tree.attrs["parameters"]), []
    for node in tree.children.values():
        data = node["simulation"].to_dataset()
        ratio, again = data["heating"] / data["spinodal"], data["cooling"] / data["transition"]
        words.append(
            f"sharpness {data.attrs['sharpness']:g}, N = {int(data['n_spins'].max())} to "
            f"{int(data['n_spins'].min())}: lost at {float(ratio.min()):.2f} to "
            f"{float(ratio.max()):.2f} of the spinodal temperature, found at "
            f"{int(again.notnull().sum())} of {again.size} loads, at {float(again.min()):.2f} to "
            f"{float(again.max()):.2f} of that of the transition"
        )
    return {"length": asked["warmup"] + asked["sweeps"], "found": "; ".join(words)}


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
            f"{title}: retrieval is lost at the spinodal or before",
            -(lost - data["spinodal"]),
        )
        # Below, patterns that share their configurations take one another's place.
        barred = data["alpha"] > lines.attrs["condensation"]
        yield positive(
            f"{title}: it lasts up to the transition and as long as its barrier holds, within 1/N",
            (lost - data["earliest"]).where(barred),
        )
        yield positive(f"{title}: and no longer", -(lost - data["latest"]).where(barred))
        kept = data.sel(direction="heating", drop=True)
        rest = measured(kept) - np.tanh(1 / data["T"])
        yield equal(
            f"{title}: up to half of that temperature the overlap is tanh(1/T)",
            rest.where((data["T"] < 0.5 * data["heating"]) & barred),
            tolerance=(1 / data["n_spins"]).broadcast_like(rest.value),
        )
        yield positive(
            f"{title}: cooled chains find a pattern below the transition alone, within 1/N",
            -(found - data["found_below"]),
        )
        outlived = data["left"] > OUTLIVED * data["transition"]
        if outlived.sum() > 1:
            words = f"{title}: where its barrier holds, retrieval is lost hotter than it is found"
            yield positive(words, (lost - found).where(outlived))
