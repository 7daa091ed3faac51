"""Overlaps of a multitasking network against the number of examples, and its thresholds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Multitasking, Supervised
from phase_diagrams.figures import drawing

from .data_sets import RULES
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal

#: Thresholds: of the exact law, and criteria of `theory.examples_needed`; lines and names.
CRITERIA = {
    "exact": ("-", "theory"),
    "self-consistent": ("--", "Gaussian law, $T = 0$"),
    "signal-to-noise": (":", "one step, $T = 0$"),
}


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Patterns, qualities r, and numbers of examples in units of (1 - r^2)/r^2."""

    n_patterns: int
    dilution: float
    T: float
    quality: list[float]
    factors: list[float]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate from the hierarchical configuration; solve the theory."""
    level = (1 - parameters.dilution) * math.erf(math.sqrt(0.5))
    errors = [f"{name}_err" for name in RULES]
    thresholds = {name: np.empty(len(parameters.quality)) for name in (*CRITERIA, *RULES, *errors)}
    for i, r in enumerate(parameters.quality):
        unit = (1 - r**2) / r**2
        counts = sorted({max(1, round(factor * unit)) for factor in parameters.factors})
        every = np.unique(np.geomspace(1, counts[-1], 80).round().astype(int))
        for name, rule in RULES.items():
            model = Multitasking(
                n_patterns=parameters.n_patterns,
                dilution=parameters.dilution,
                rule=rule(quality=r, n_examples=1),
                sampling="stratified",
            )
            simulation = session.simulation(
                f"{name}_{r:g}", model, {"n_examples": counts, "T": parameters.T}, parameters,
                n_spins=parameters.n_spins, start="hierarchical",
            )  # fmt: skip
            m, error = (simulation[variable].max("pattern") for variable in ("m", "m_err"))
            thresholds[name][i], thresholds[f"{name}_err"][i] = _crossing(counts, m, error, level)
            yield f"/quality_{i}/{name}", simulation
        alike = theory.solve(model, T=parameters.T, n_examples=counts)
        assert isinstance(alike, theory.MultitaskingSolution)
        simulation["example_eigenvalue"] = "n_examples", alike.example_eigenvalues.min(axis=-1)
        curve = xr.DataArray(
            theory.solve(model, T=parameters.T, n_examples=every).m,
            coords={"n_examples": every},
            dims=("n_examples", "pattern"),
        )
        yield f"/quality_{i}/theory", curve.to_dataset(name="m")
        top = curve.max("pattern")
        thresholds["exact"][i], _ = _crossing(every, top, 0 * top, level)
        learner = dataclasses.replace(model, rule=Supervised(quality=r, n_examples=1))
        for criterion in ("self-consistent", "signal-to-noise"):
            thresholds[criterion][i] = theory.examples_needed(learner, criterion=criterion)
    found = {name: ("quality", values) for name, values in thresholds.items()}
    yield "/thresholds", xr.Dataset(found, {"quality": parameters.quality})
    known = {name: getattr(parameters, name) for name in ("n_patterns", "dilution", "T")}
    yield "/", xr.Dataset(attrs=known | {"level": level})


def _crossing(
    counts: Sequence[int] | np.ndarray, m: xr.DataArray, error: xr.DataArray, level: float
) -> tuple[float, float]:
    """Return the number of examples where the overlap rises through a level; error of its log."""
    values = m.values
    above = np.flatnonzero((values[1:] >= level) & (values[:-1] < level))
    if above.size == 0:
        return math.nan, math.nan
    k = above[-1]
    x, y = np.log(counts[k : k + 2]), values[k : k + 2]
    slope = (y[1] - y[0]) / (x[1] - x[0])
    return float(np.exp(np.interp(level, y, x))), float(error[k : k + 2].max() / slope)


def draw(tree: xr.DataTree) -> Figure:
    """Overlaps at one quality, and thresholds against quality."""
    known = tree["thresholds"].to_dataset()
    marks = {"supervised": {"fmt": "o"}, "unsupervised": {"fmt": "s", "mfc": "white"}}
    figure = Figure(figsize=(7.0, 2.7))
    left, right = figure.subplots(1, 2)
    node = tree["quality_0"]
    curve = node["theory"].to_dataset()["m"]
    for mu in range(curve.sizes["pattern"]):
        left.plot(curve["n_examples"], curve.isel(pattern=mu), color=f"C{mu}", lw=0.9)
        for name, mark in marks.items():
            one = node[name].to_dataset().isel(pattern=mu)
            drawing.points(
                left, one["n_examples"], one["m"], one["m_err"], color=f"C{mu}",
                label=f"$m_{mu + 1}$, {name}", **mark,
            )  # fmt: skip
    for name, (style, _) in CRITERIA.items():
        left.axvline(float(known[name][0]), color="k", lw=0.7, ls=style)
    left.set(xscale="log", xlabel="examples per archetype $M$")
    drawing.logarithmic(left.xaxis)
    left.set_ylabel("Mattis magnetizations $m_\\mu$")
    left.set_title(f"$r = {float(known['quality'][0]):g}$")
    left.legend(fontsize=6)
    for name, (style, words) in CRITERIA.items():
        right.loglog(known["quality"], known[name], "k", ls=style, lw=0.9, label=words)
    for name, mark in marks.items():
        drawing.points(right, known["quality"], known[name], color="C3", label=name, **mark)
    right.set_xticks(known["quality"].values, [f"{r:g}" for r in known["quality"].values])
    right.xaxis.minorticks_off()
    drawing.logarithmic(right.yaxis)
    right.set(xlabel="data quality $r$", ylabel="threshold $M$")
    right.legend(fontsize=6)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    known = tree["thresholds"].to_dataset()
    ratios = np.concatenate([(known[name] / known["exact"]).values for name in RULES])
    inside = ratios[np.isfinite(ratios)]
    apart = tree["quality_0/unsupervised"].to_dataset()["example_eigenvalue"]
    lost = ", ".join(str(int(M)) for M in apart["n_examples"][apart.values < 0])
    asymmetric = (
        f" At M = {lost} (left) modes that tell the examples of one archetype apart are unstable: "
        "a network without a teacher leaves the state in which all count alike, and the curve."
    )
    spread = f" ({inside.min():.2f} to {inside.max():.2f} of it)" if inside.size else ""
    return {"spread": spread, "asymmetric": asymmetric if lost else ""}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    known = tree["thresholds"].to_dataset()
    r, exact = known["quality"].values, np.log(known["exact"])
    scaled = known["exact"] * r**2 / (1 - r**2)
    log = {name: Measured(np.log(known[name]), known[f"{name}_err"]) for name in RULES}
    # A finite network exchanges its patterns below the threshold, which blurs it.
    blurred = int(tree["quality_0/supervised"]["n_spins"]) ** -0.5
    alike = "thresholds of simulations are the same with and without a teacher"
    differences = {alike: log["supervised"] - log["unsupervised"]}
    for name in RULES:
        differences[f"{name}: thresholds are those of the theory"] = log[name] - exact
    yield equal(
        f"the threshold of the theory is {float(scaled.mean()):.2f} (1 - r^2)/r^2",
        scaled / scaled.mean() - 1,
        tolerance=0.1,
    )
    for words, difference in differences.items():
        yield equal(words, difference, tolerance=blurred, resolution=0.3)
