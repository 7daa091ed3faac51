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

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, exact, measured, positive

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


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow the hierarchical state along dilution and along temperature."""
    K, mild, points = parameters.n_patterns, parameters.mild, parameters.points
    model = Multitasking(n_patterns=K, dilution=mild, sampling="stratified")
    top = float(critical_temperature(mild))
    d = np.linspace(0.005, 0.995, points)
    paths: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "dilution": ({"dilution": parameters.dilution, "T": 0.0}, {"dilution": d, "T": 0.0}),
        "temperature": ({"T": parameters.T}, {"T": np.linspace(0.005, 1.1 * top, points)}),
    }
    for name, (grid, fine) in paths.items():
        simulation = session.simulation(
            name, model, grid, parameters, n_spins=parameters.n_spins, start="hierarchical"
        )
        lines = session.sweep(f"{name}_lines", model, fine, simulate=False)
        yield f"/{name}/study/simulation", simulation
        yield f"/{name}/lines/theory", lines["theory"].to_dataset()
    m = (1 - d)[:, None] * d[:, None] ** np.arange(K)
    yield "/geometric", xr.Dataset({"m": (("dilution", "pattern"), m)}, {"dilution": d})
    known = {
        "n_patterns": K,
        "mild": mild,
        "critical_dilution": critical_dilution(K),
        "ground_state_dilution": ground_state_dilution(K),
        "temperatures": [top, *(float(cascade_temperature(mild, k)) for k in range(1, K))],
    }
    yield "/", xr.Dataset(attrs=known)


#: Those of the style of figures, as they are.
COLOURS = [f"C{mu}" for mu in range(7)]


def draw(tree: xr.DataTree) -> Figure:
    """Overlaps against dilution at T = 0, and against temperature."""
    known = tree.attrs
    marks = {"$d^*$": known["ground_state_dilution"], "$d_c$": known["critical_dilution"]}
    melting = {f"$T_{k + 1}$": T for k, T in enumerate(known["temperatures"])}
    figure = Figure(figsize=(7.0, 2.6))
    left, right = figure.subplots(1, 2)
    geometric = tree["geometric"].to_dataset()["m"]
    left.plot(geometric["dilution"], geometric, "k:", lw=0.7)
    for name, ax, places in (("dilution", left, marks), ("temperature", right, melting)):
        node = tree.children[name].children
        staircase(node["lines"], node["study"], ax=ax, marks=places, cmap=COLOURS)
    right.set_ylabel("")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    melting = ", ".join(f"{T:.4f}" for T in tree.attrs["temperatures"])
    return {"melting": melting, "largest": float(np.abs(_off(tree).value).max())}


def _off(tree: xr.DataTree) -> Measured:
    """Return the distance of overlaps at T = 0 from (1 - d) d^(mu - 1), where that state exists."""
    cold = tree["dilution/study/simulation"].to_dataset()
    cold = cold.sel(dilution=cold["dilution"] < tree.attrs["critical_dilution"])
    d = cold["dilution"].values[:, None]
    return measured(cold) - (1 - d) * d ** np.arange(tree.attrs["n_patterns"])


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    K, melting = tree.attrs["n_patterns"], tree.attrs["temperatures"]
    simulation = tree["temperature/study/simulation"].to_dataset()
    warm, T, size = measured(simulation), simulation["T"], int(simulation["n_spins"])
    place = xr.DataArray(melting, dims="pattern")
    words = ", ".join(f"{T:.4f}" for T in melting)
    yield equal(
        "overlaps at T = 0 are (1 - d) d^(mu - 1)", _off(tree), tolerance=K / size, resolution=0.02
    )
    yield exact(f"patterns melt from the last to the first: {words}", np.diff(melting) < 0)
    yield positive(
        f"pattern k is retrieved below {1 - CLEAR:g} T_k", warm.where((1 - CLEAR) * place > T)
    )
    yield equal(
        f"pattern k is lost above {1 + CLEAR:g} T_k",
        warm.where((1 + CLEAR) * place < T),
        tolerance=size**-0.5,
    )
