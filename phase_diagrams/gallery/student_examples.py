"""How many weak examples are needed to know their teacher, with and without being told signs.

The student that is told which way every example points stores one row, the sum of all, and its
overlap with the teacher at T = 0 is the share of right signs of that sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Hopfield, Supervised, TeacherStudent
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, equal, exact, measured, positive

#: Loads, in units of the threshold, from which on and up to which students are judged.
ABOVE, BELOW = 2.0, 0.5
#: Spins by which a finite network may know its teacher better or worse than an infinite one.
SPINS = 5
#: Differences of overlaps that matter.
RESOLUTION = 0.2


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signal of the examples, sizes and loads, and points of the theory."""

    signal: float
    n_spins: list[int]
    alpha: list[float]
    line: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate both students at every size and load, and solve the theory."""
    p = parameters
    model = TeacherStudent(signal=p.signal)
    T = model.nishimori_temperature
    alone = [[_alone(model, load, T, n, p) for n in p.n_spins] for load in p.alpha]
    told = [[_told(p.signal, load, n, p) for n in p.n_spins] for load in p.alpha]
    axes, alpha = ("alpha", "n_spins"), np.array(p.alpha)
    samples = {name: np.moveaxis(np.array([[run[name] for run in row] for row in alone]), 2, 0)
               for name in ("m", "q", "excess")}  # fmt: skip
    data = averaged(samples | {"told": np.moveaxis(np.array(told), 2, 0)}, axes)
    places = {"alpha": alpha, "n_spins": p.n_spins}
    simulation = xr.Dataset(data, places, {"n_samples": p.n_samples})
    yield "/simulation", simulation.assign(_theory(model, alpha, T))
    loads = np.linspace(0, max(p.alpha), p.line)
    yield "/lines", xr.Dataset(_theory(model, loads, T), {"alpha": loads})
    onset = float(theory.learning_load(model, T))
    yield "/", xr.Dataset(attrs={"T_teacher": T, "w": p.signal, "onset": onset})


def _alone(
    model: TeacherStudent, alpha: float, T: float, n_spins: int, p: Parameters
) -> dict[str, np.ndarray]:
    """Return |m|, |q| and m^2 - q^2 of every sample, from the teacher at its own temperature."""
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, start="pattern", **p.settings()
    )  # fmt: skip
    m, q = (np.abs(run.series[name]) for name in ("m", "q"))
    means = {"m": m, "q": q, "m2": m**2, "q2": q**2}
    found = {name: values.mean(axis=(1, 2)) for name, values in means.items()}
    return {"m": found["m"], "q": found["q"], "excess": found["m2"] - found["q2"]}


def _told(w: float, alpha: float, n_spins: int, p: Parameters) -> np.ndarray:
    """Return |m| of every sample at T = 0, of one archetype learnt with a teacher."""
    odd = 2 * round((alpha * n_spins - 1) / 2) + 1  # so that no site has as many against as for
    rule = Supervised(quality=math.sqrt(w / n_spins), n_examples=odd)
    run = montecarlo.simulate(
        Hopfield(rule=rule), alpha=1 / n_spins, T=0.0, n_spins=n_spins, start="pattern",
        dynamics="zero-temperature", **p.settings(),
    )  # fmt: skip
    return np.asarray(np.abs(run.series["m"][..., -1]).mean(axis=1))


def _theory(model: TeacherStudent, alpha: np.ndarray, T: float) -> dict[str, Any]:
    """Return overlaps of both students; without a state that knows the teacher, 0."""
    alone = np.nan_to_num(theory.solve(model, alpha=alpha, T=T).m)
    told = theory.supervised_student(model, alpha=alpha).m
    return {"m_theory": ("alpha", alone), "told_theory": ("alpha", told)}


def draw(tree: xr.DataTree) -> Figure:
    """Overlaps of both students against the load, and m against q."""
    data, lines = (tree[name].to_dataset() for name in ("simulation", "lines"))
    shades = colormaps["cividis"](np.linspace(0.8, 0, data.sizes["n_spins"]))
    figure = Figure(figsize=(7.0, 2.7))
    left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
    for name, style, words in (("m", "-", "alone"), ("told", "--", "told signs")):
        left.plot(lines["alpha"], lines[f"{name}_theory"], "k", ls=style, lw=0.9, label=words)
        for k, colour in enumerate(shades):
            one = data.isel(n_spins=k)
            drawing.points(
                left, one["alpha"], one[name], one[f"{name}_err"], fmt="o" if name == "m" else "s",
                ms=2.5, color=colour, label=f"$N = {int(one['n_spins'])}$" if name == "m" else None,
            )  # fmt: skip
    left.axvline(tree.attrs["onset"], color="0.6", lw=0.7, ls=":")
    left.set(xlabel=r"load $\alpha = M/N$ of examples", ylabel="overlap $|m|$ with the teacher")
    left.set(ylim=(0, 1), xlim=(0, None))
    left.legend(loc="lower right")
    for k, colour in enumerate(shades):
        one = data.isel(n_spins=k)
        right.errorbar(
            one["q"], one["m"], one["m_err"], one["q_err"], fmt="o", ms=2.5, lw=0.7, color=colour
        )
    right.plot([0, 1], [0, 1], "k", lw=0.7)
    right.set(xlabel="overlap $|q|$ of two students", ylabel="overlap $|m|$ with the teacher")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data = tree["simulation"].to_dataset()
    last = data.isel(alpha=-1, n_spins=-1)
    return {
        "sizes": ", ".join(map(str, data["n_spins"].values)),
        "found": f"At alpha = {float(last['alpha']):g} and N = {int(last['n_spins'])} the student "
        f"alone has m = {float(last['m']):.3f} (theory {float(last['m_theory']):.3f}), the one "
        f"that is told signs {float(last['told']):.3f} ({float(last['told_theory']):.3f})",
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data = tree["simulation"].to_dataset()
    sizes = data["n_spins"].values
    onset, w = tree.attrs["onset"], tree.attrs["w"]
    yield exact("learning begins at alpha = 1/w^2", abs(onset * w**2 - 1) < 1e-9)
    told = measured(data, "told") - data["told_theory"]
    yield equal(
        "told signs, students of every size have m = erf sqrt(alpha w/2), without a threshold",
        told,
        tolerance=SPINS / sizes,
        resolution=RESOLUTION,
    )
    above, below = data["alpha"] >= ABOVE * onset, data["alpha"] <= BELOW * onset
    yield equal(
        f"alone, from {ABOVE:g} times the threshold on, the overlap is that of theory",
        (measured(data) - data["m_theory"]).where(above),
        tolerance=SPINS / sizes,
        resolution=RESOLUTION,
    )
    small, large = (measured(data.isel(n_spins=k)) for k in (0, -1))
    yield positive(
        f"alone, up to {BELOW:g} of it, larger students know less", (small - large).where(below)
    )
    yield positive("signs are worth knowing at every load", measured(data, "told") - measured(data))
    yield equal(
        "the teacher is one more student: m^2 is q^2 at every load and size",
        measured(data, "excess"),
    )
