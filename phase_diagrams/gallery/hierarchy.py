"""The overlaps of all patterns of a multitasking network, at T = 0 and as it is heated."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import Multitasking
from phase_diagrams.figures.dilution import staircase
from theory.many_patterns.lines import cascade_temperature, critical_temperature
from theory.many_patterns.zero_temperature import critical_dilution, ground_state_dilution

from .running import Session, Simulation
from .verdicts import Finding, equal, exact, positive

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]


#: Distance from a melting temperature T_k, relative, at which overlaps are soft.
CLEAR = 0.2


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dilutions at T = 0, temperatures at a mild dilution, and points of the theory."""

    n_patterns: int
    dilution: list[float]
    mild: float
    T: list[float]
    points: int
    n_spins: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Follow the hierarchical state along dilution and along temperature."""
    K, mild, points = parameters.n_patterns, parameters.mild, parameters.points
    model = Multitasking(n_patterns=K, dilution=mild, sampling="stratified")
    top = float(critical_temperature(mild))
    paths: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "dilution": (
            {"dilution": parameters.dilution, "T": 0.0},
            {"dilution": np.linspace(0.005, 0.995, points), "T": 0.0},
        ),
        "temperature": (
            {"T": parameters.T},
            {"T": np.linspace(0.005, 1.1 * top, points)},
        ),
    }
    groups = {}
    for name, (grid, fine) in paths.items():
        study = session.sweep(
            name, model, grid, n_spins=parameters.n_spins, start="hierarchical", theory=False,
            **parameters.settings(),
        )  # fmt: skip
        lines = session.sweep(f"{name}_lines", model, fine, simulate=False)
        groups[f"/{name}/study/simulation"] = study["simulation"].to_dataset()
        groups[f"/{name}/lines/theory"] = lines["theory"].to_dataset()
    d = paths["dilution"][1]["dilution"]
    groups["/geometric"] = xr.Dataset(
        {"m": (("dilution", "pattern"), (1 - d)[:, None] * d[:, None] ** np.arange(K))},
        coords={"dilution": d},
    )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "n_patterns": K,
        "mild": mild,
        "critical_dilution": critical_dilution(K),
        "ground_state_dilution": ground_state_dilution(K),
        "temperatures": [top, *(float(cascade_temperature(mild, k)) for k in range(1, K))],
    }
    return tree


def draw(tree: xr.DataTree) -> Figure:
    """Overlaps against dilution at T = 0, and against temperature."""
    marks = {
        "$d^*$": tree.attrs["ground_state_dilution"],
        "$d_c$": tree.attrs["critical_dilution"],
    }
    melting = {f"$T_{k + 1}$": T for k, T in enumerate(tree.attrs["temperatures"])}
    figure = Figure(figsize=(7.0, 2.6))
    left, right = figure.subplots(1, 2)
    geometric = tree["geometric"].to_dataset()["m"]
    left.plot(geometric["dilution"], geometric, "k:", lw=0.7)
    for name, ax, places in (("dilution", left, marks), ("temperature", right, melting)):
        node = tree.children[name].children
        staircase(node["lines"], node["study"], ax=ax, marks=places)
    right.set_ylabel("")
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    simulation = tree["dilution/study/simulation"].to_dataset()
    known = tree.attrs
    exists = simulation["dilution"].values < known["critical_dilution"]
    d = simulation["dilution"].values[exists, None]
    law = (1 - d) * d ** np.arange(known["n_patterns"])
    largest = float(np.abs(simulation["m"].values[exists] - law).max())
    melting = ", ".join(f"{T:.4f}" for T in known["temperatures"])
    return (
        f"Multitasking network of K = {known['n_patterns']} patterns, N = "
        f"{int(simulation['n_spins'])}, {simulation.attrs['n_samples']} samples of stratified "
        "patterns, started from the hierarchical configuration: overlaps of all patterns "
        f"against dilution at T = 0 (left) and against temperature at d = {known['mild']:g} "
        "(right). Points: simulation; lines: theory; dotted: (1 - d) d^(mu - 1), from which "
        f"the simulation deviates by at most {largest:.1g} where that state exists, up to "
        f"d_c = {known['critical_dilution']:.4f} (it is the ground state up to d* = "
        f"{known['ground_state_dilution']:.4f}). Pattern k melts at T_k = {melting}."
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    known = tree.attrs
    K, melting = known["n_patterns"], known["temperatures"]
    cold, warm = (
        tree[f"{name}/study/simulation"].to_dataset() for name in ("dilution", "temperature")
    )
    dof, size = cold.attrs["n_samples"] - 1, int(cold["n_spins"])
    cold = cold.where(cold["dilution"] < known["critical_dilution"], drop=True)
    d = cold["dilution"].values[:, None]
    place = xr.DataArray(melting, dims="pattern")
    words = ", ".join(f"{T:.4f}" for T in melting)
    return [
        equal(
            "overlaps at T = 0 are (1 - d) d^(mu - 1)",
            cold["m"] - (1 - d) * d ** np.arange(K), cold["m_err"], dof=dof,
            tolerance=K / size, resolution=0.02,
        ),
        exact(f"patterns melt from the last to the first: {words}", np.diff(melting) < 0),
        positive(
            f"pattern k is retrieved below {1 - CLEAR:g} T_k",
            warm["m"].where(warm["T"] < (1 - CLEAR) * place), warm["m_err"], dof=dof,
        ),
        equal(
            f"pattern k is lost above {1 + CLEAR:g} T_k",
            warm["m"].where(warm["T"] > (1 + CLEAR) * place), warm["m_err"], dof=dof,
            tolerance=size**-0.5,
        ),
    ]  # fmt: skip
