"""Retrieval of archetypes from examples whose quality vanishes as the network grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense, Unsupervised
from phase_diagrams.figures import drawing
from theory.conventions import load

from .crossings import crossing, power
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, exact, measured, positive

#: Overlap between that of retrieval and that which descent keeps of a lost archetype.
LEVEL = 0.75


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order, K/N, entropy of the data sets, and qualities in units of the smallest one."""

    order: int
    patterns_per_spin: float
    dataset_entropy: float
    factors: list[float]
    n_spins: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Descend from the archetype at a quality above and below the threshold of every N."""
    p, order, rho = parameters, parameters.order, parameters.dataset_entropy
    names = ("m", "m_err", "quality", "n_examples", "n_patterns")
    found = {name: np.empty((len(p.factors), len(p.n_spins))) for name in names}
    for j, n_spins in enumerate(p.n_spins):
        n_patterns = round(p.patterns_per_spin * n_spins)
        alpha = float(load(n_patterns, n_spins=n_spins, order=order))
        threshold = theory.tolerable_noise(
            "data", order=order, n_spins=n_spins, n_patterns=n_patterns, dataset_entropy=rho
        )
        for i, factor in enumerate(p.factors):
            r = round(factor * threshold, 6)
            count = max(1, round((1 - r**2) / (rho * r**2)))
            model = Dense(order=order, rule=Unsupervised(quality=r, n_examples=count))
            simulation = session.simulation(
                f"factor_{factor:g}_n_spins_{n_spins}", model, {"alpha": alpha, "T": 0}, p,
                n_spins=n_spins, dynamics="zero-temperature",
            )  # fmt: skip
            m, error = simulation["m"], simulation["m_err"]
            point: tuple[Any, ...] = m, error, r, count, model.count(alpha, n_spins)
            for name, value in zip(names, point, strict=True):
                found[name][i, j] = value
    exponent = theory.ultra_detection(order, kind="data", storage_exponent=1.0).exponent
    data = xr.Dataset(
        {name: (("factor", "n_spins"), values) for name, values in found.items()},
        coords={"factor": p.factors, "n_spins": p.n_spins},
        attrs={"exponent": exponent, "order": order, "n_samples": p.n_samples},
    )
    yield "/", data


def _smallest(data: xr.Dataset) -> tuple[np.ndarray, np.ndarray, Measured, float]:
    """Return the quality at which the overlap reaches `LEVEL`, its error, and exponents.

    The second exponent is that of the quality which replica theory asks for at these sizes.
    """
    data, sizes = data.sortby("factor", ascending=False), data["n_spins"].values
    places = [
        crossing(-one["factor"].values, one["m"].values, one["m_err"].values, LEVEL)
        for one in (data.sel(n_spins=size) for size in sizes)
    ]
    factor, error = np.transpose(places)
    unit = (data["quality"] / data["factor"]).isel(factor=0).values
    found = power(sizes, -factor * unit, error / -factor)
    return -factor * unit, error * unit, found, power(sizes, unit).value


def draw(tree: xr.DataTree) -> Figure:
    """Overlap and quality against the size."""
    figure = Figure(figsize=(7.0, 2.5))
    left, right = figure.subplots(1, 2)
    data = tree.to_dataset()
    for i, factor in enumerate(data["factor"].values):
        row = data.sel(factor=factor)
        name = f"$r = {factor:g}\\,r_c(N)$"
        drawing.points(
            left, row["n_spins"], row["m"], row["m_err"], fmt="o-", color=f"C{i}", label=name
        )
    left.axhline(LEVEL, color="0.6", lw=0.6, ls=":")
    left.set(xlabel="number of spins $N$", ylabel="Mattis magnetization $m$", ylim=(0, 1.05))
    left.legend(loc="lower right", fontsize=6)
    size, (quality, error, _, _) = data["n_spins"], _smallest(data)
    drawing.points(right, size, quality, error, color="k", label=f"$m = {LEVEL:g}$")
    asked = (data["quality"] / data["factor"]).isel(factor=0)
    right.plot(size, asked, color="C0", lw=0.9, label="$r_c(N)$, replica theory")
    power_law = quality[-1] * (size / size[-1]) ** data.attrs["exponent"]
    right.plot(size, power_law, "0.5", lw=0.9, ls="--",
               label=f"$N^{{{data.attrs['exponent']:.2f}}}$")  # fmt: skip
    right.set(xlabel="number of spins $N$", ylabel="data quality $r$", xscale="log", yscale="log")
    for axis in (right.xaxis, right.yaxis):
        drawing.logarithmic(axis)
    right.legend()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    _, _, found, asked = _smallest(tree.to_dataset())
    return {"level": LEVEL, "slope": f"{found.value:.2f} +- {found.error:.2f}", "asked": asked}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data, exponent = tree.to_dataset().sortby("factor"), tree.attrs["exponent"]
    low, high = (float(data["factor"][k]) for k in (0, -1))
    bottom, top = (measured(data.isel(factor=k)) for k in (0, -1))
    ratio = data["n_patterns"] / data["n_spins"]
    mean = float(ratio.mean())
    _, _, found, asked = _smallest(data)
    yield exact(f"K/N = {mean:.3f} at every N", abs(ratio / mean - 1) < 0.05)
    yield positive(f"the overlap is larger at {high:g} r_c(N) than at {low:g}", top - bottom)
    yield equal(
        f"the quality that is needed falls like N^{exponent:.3f} (N^{found.value:.3f})",
        found - exponent,
        tolerance=0.05,
        resolution=0.3,
    )
    yield equal(
        f"r_c of replica theory falls like N^{exponent:.3f} (N^{asked:.3f} at these sizes)",
        asked - exponent,
        tolerance=0.05,
    )
