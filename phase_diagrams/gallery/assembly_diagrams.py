"""Load and temperature of a bidirectional and of a three-directional associative memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from phase_diagrams.figures import drawing

from .layered import all_coupled
from .retrieval_region import retrieval_region
from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, equal, exact, measured

#: Part of the spinodal up to which overlaps are compared with those of theory.
DEEP = 0.8
#: Lines of the theory, and how they are drawn.
LINES = {"glass_temperature": "-.", "spinodal_temperature": "--", "transition_temperature": "-"}
#: Words for assemblies of as many layers.
TITLES = {2: "BAM", 3: "TAM"}


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of layers and of all spins; loads over the capacity, temperatures over T_c(0)."""

    n_layers: list[int]
    n_spins: list[int]
    loads: list[float]
    T: list[float]
    line: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every assembly from a pattern on its grid, and trace the lines of the theory."""
    p = parameters
    for n_layers, n_spins in zip(p.n_layers, p.n_spins, strict=True):
        model, group = all_coupled(n_layers), f"/layers_{n_layers}"
        capacity = float(theory.critical_load(model))
        alpha = np.round(np.array(p.loads) * capacity, 4)
        T = np.array(p.T) * (n_layers - 1)
        runs = [
            montecarlo.simulate(
                model, alpha=float(load), T=T, n_spins=n_spins, dynamics="layers", start="pattern",
                **p.settings(),
            ).series["m"]
            for load in alpha
        ]  # fmt: skip
        # Mean over replicas and time: (load, T, sample, layer).
        layers = np.mean(runs, axis=(3, 4))
        samples = np.moveaxis(layers, 2, 0)
        known = theory.solve(model, alpha=alpha[:, None], T=T).m.mean(axis=-1)
        axes = ("alpha", "T")
        data = averaged({"m": samples.mean(axis=-1), "spread": np.ptp(samples, axis=-1)}, axes)
        data |= {"m_theory": (axes, known), "n_spins": n_spins}
        places = {"alpha": alpha, "T": T}
        yield f"{group}/simulation", xr.Dataset(data, places, {"n_samples": p.n_samples})
        loads = np.linspace(0, 1.1 * capacity, p.line)
        lines = {name: ("alpha", getattr(theory, name)(model, loads)) for name in LINES}
        yield f"{group}/lines", xr.Dataset(lines, {"alpha": loads}, {"capacity": capacity})


def _assemblies(tree: xr.DataTree) -> Iterator[tuple[Any, ...]]:
    """Yield every number of layers and its data sets."""
    for name, node in tree.children.items():
        parts = (node[part].to_dataset() for part in ("simulation", "lines"))
        yield int(name.removeprefix("layers_")), *parts


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each assembly."""
    found = list(_assemblies(tree))
    figure = Figure(figsize=(7.0, 2.7))
    panels = np.atleast_1d(figure.subplots(1, len(found)))
    for ax, (n_layers, data, lines) in zip(panels, found, strict=True):
        m = data["m"].transpose("T", "alpha")
        mesh = drawing.heat_map(m, ax, low=0, high=1, colourbar=False)
        for name, style in LINES.items():
            drawing.line(ax, lines["alpha"], lines[name], style)
        ax.set(xlabel=r"load $\alpha = K/N$", ylabel="temperature $T$")
        ax.set(xlim=(0, 1.1 * lines.attrs["capacity"]), ylim=(0, 1.35 * (n_layers - 1)))
        ax.set_title(f"{TITLES.get(n_layers, f'$L = {n_layers}$')}, {int(data['n_spins'])} spins")
    figure.colorbar(mesh, ax=panels, label="overlap $m$, mean of layers")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for n_layers, data, lines in _assemblies(tree):
        gap = _deep(data, lines, data["m"] - data["m_theory"])
        words.append(
            f"{n_layers} layers: capacity {lines.attrs['capacity']:.4f} at T = 0, retrieval up to "
            f"T = {float(lines['spinodal_temperature'][0]):g} without a load, overlaps within "
            f"{float(abs(gap).max()):.3f} of theory below {DEEP:g} T_M"
        )
    return {"found": "; ".join(words)}


def _deep(data: xr.Dataset, lines: xr.Dataset, values: xr.DataArray) -> xr.DataArray:
    """Keep what is well below the spinodal."""
    known = lines["spinodal_temperature"].fillna(0.0)
    spinodal = data["alpha"].copy(data=np.interp(data["alpha"], lines["alpha"], known))
    return values.where(data["T"] < DEEP * spinodal)


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for n_layers, data, lines in _assemblies(tree):
        title, unit = f"{n_layers} layers", n_layers - 1
        yield exact(
            f"{title}: without a load retrieval ends at T = {unit}",
            abs(lines["spinodal_temperature"][0] - unit) < 1e-6,
        )
        both = lines.sel(alpha=lines["alpha"] > 0).dropna("alpha")
        yield exact(
            f"{title}: T_c is below T_M, and T_M below T_g",
            (both["transition_temperature"] < both["spinodal_temperature"])
            & (both["spinodal_temperature"] < both["glass_temperature"]),
        )
        gap = measured(data) - data["m_theory"]
        yield equal(
            f"{title}: below {DEEP:g} T_M the overlap is that of theory",
            gap.where(_deep(data, lines, data["m"]).notnull()),
            tolerance=n_layers / int(data["n_spins"]),
        )
        yield from retrieval_region(data, lines, 2, title=title, unit=unit)
