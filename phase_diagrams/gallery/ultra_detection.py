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

from .running import Groups, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive


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
    slope = float(np.polyfit(np.log(p.n_spins), np.log(found["quality"][0]), 1)[0])
    yield (
        "/",
        xr.Dataset(
            {name: (("factor", "n_spins"), values) for name, values in found.items()},
            coords={"factor": p.factors, "n_spins": p.n_spins},
            attrs={"exponent": exponent, "slope": slope, "order": order, "n_samples": p.n_samples},
        ),
    )


def draw(tree: xr.DataTree) -> Figure:
    """Overlap and quality against the size."""
    figure = Figure(figsize=(7.0, 2.5))
    left, right = figure.subplots(1, 2)
    data = tree.to_dataset()
    for i, factor in enumerate(data["factor"].values):
        row, colour = data.sel(factor=factor), f"C{i}"
        name = f"$r = {factor:g}\\,r_c(N)$"
        drawing.points(
            left, row["n_spins"], row["m"], row["m_err"], fmt="o-", color=colour, label=name
        )
        right.loglog(row["n_spins"], row["quality"], "o-", ms=2.5, lw=0.8, color=colour)
    left.set(xlabel="number of spins $N$", ylabel="Mattis magnetization $m$", ylim=(0, 1.05))
    left.legend()
    for axis in (right.xaxis, right.yaxis):
        drawing.logarithmic(axis)
    right.set(xlabel="number of spins $N$", ylabel="data quality $r$")
    return figure


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data, exponent, slope = tree.to_dataset(), tree.attrs["exponent"], tree.attrs["slope"]
    data = data.sortby("factor")
    low, high = (float(data["factor"][k]) for k in (0, -1))
    small, large, top = (
        measured(data.isel(factor=i, n_spins=j)) for i, j in ((0, 0), (0, -1), (-1, -1))
    )
    ratio = data["n_patterns"] / data["n_spins"]
    mean = float(ratio.mean())
    yield exact(f"K/N = {mean:.3f} at every N", abs(ratio / mean - 1) < 0.05)
    yield equal(
        f"the smallest quality falls like N^{exponent:.3f} (slope {slope:.3f})",
        slope - exponent,
        tolerance=0.1,
    )
    yield positive(f"the overlap is larger at {high:g} of it than at {low:g}", top - large)
    yield positive(f"at {low:g} of it the overlap falls with N", small - large)
