"""Retrieval of archetypes from examples whose quality vanishes as the network grows."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense, Unsupervised
from phase_diagrams.figures import drawing
from theory.conventions import load

from .running import Session, Simulation
from .verdicts import Finding, equal, exact, larger

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order, K/N, entropy of the data sets, and qualities in units of the smallest one."""

    order: int
    patterns_per_spin: float
    dataset_entropy: float
    factors: list[float]
    n_spins: list[int]


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Descend from the archetype at a quality above and below the threshold of every N."""
    sizes, factors, rho = parameters.n_spins, parameters.factors, parameters.dataset_entropy
    shape = len(factors), len(sizes)
    found = {
        name: np.empty(shape) for name in ("m", "m_err", "quality", "n_examples", "n_patterns")
    }
    for j, n_spins in enumerate(sizes):
        n_patterns = round(parameters.patterns_per_spin * n_spins)
        threshold = theory.tolerable_noise(
            "data",
            order=parameters.order,
            n_spins=n_spins,
            n_patterns=n_patterns,
            dataset_entropy=rho,
        )
        for i, factor in enumerate(factors):
            r = round(factor * threshold, 6)
            count = max(1, round((1 - r**2) / (rho * r**2)))
            model = Dense(order=parameters.order, rule=Unsupervised(quality=r, n_examples=count))
            alpha = float(load(n_patterns, n_spins=n_spins, order=parameters.order))
            study = session.sweep(
                f"factor_{factor:g}_n_spins_{n_spins}",
                model,
                {"alpha": alpha, "T": 0},
                n_spins=n_spins,
                dynamics="zero-temperature",
                theory=False,
                **parameters.settings(),
            )
            for name in ("m", "m_err"):
                found[name][i, j] = study["simulation"][name]
            found["quality"][i, j], found["n_examples"][i, j] = r, count
            found["n_patterns"][i, j] = model.count(alpha, n_spins)
    exponent = theory.ultra_detection(parameters.order, kind="data", storage_exponent=1.0).exponent
    slope = float(np.polyfit(np.log(sizes), np.log(found["quality"][0]), 1)[0])
    return xr.DataTree(
        xr.Dataset(
            {name: (("factor", "n_spins"), values) for name, values in found.items()},
            coords={"factor": factors, "n_spins": sizes},
            attrs={
                "exponent": exponent,
                "slope": slope,
                "order": parameters.order,
                "n_samples": parameters.n_samples,
            },
        )
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


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    return (
        f"Unsupervised network, P = {tree.attrs['order']}, K proportional to N: overlap with the "
        "archetype after descent from it at T = 0 (left), at qualities in units of the smallest "
        "one at which replica theory retrieves (right), which falls with N: slope "
        f"{tree.attrs['slope']:.2f} here, {tree.attrs['exponent']:.2f} asymptotically; "
        f"{tree.attrs['n_samples']} samples. The examples of the retrieved class make a noise of "
        "their own that vanishes slowly, like 1/(N r^2)."
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    data, known = tree.to_dataset().sortby("factor"), tree.attrs
    low, high = (float(data["factor"][k]) for k in (0, -1))
    small, large, top = (
        (data["m"].isel(one), data["m_err"].isel(one))
        for one in (
            {"factor": 0, "n_spins": 0}, {"factor": 0, "n_spins": -1}, {"factor": -1, "n_spins": -1}
        )
    )  # fmt: skip
    ratio, dof = data["n_patterns"] / data["n_spins"], known["n_samples"] - 1
    mean, exponent, slope = float(ratio.mean()), known["exponent"], known["slope"]
    return [
        exact(f"K/N = {mean:.3f} at every N", abs(ratio / mean - 1) < 0.05),
        equal(
            f"the smallest quality falls like N^{exponent:.3f} (slope {slope:.3f})",
            slope - exponent, tolerance=0.1,
        ),
        larger(f"the overlap is larger at {high:g} of it than at {low:g}", top, large, dof=dof),
        larger(f"at {low:g} of it the overlap falls with N", small, large, dof=dof),
    ]  # fmt: skip
