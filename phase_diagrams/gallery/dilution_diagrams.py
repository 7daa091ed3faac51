"""The (d, T) diagrams of multitasking networks of a few patterns."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
from hebbian import Multitasking
from phase_diagrams.analysis.dilution_map import dilution_map, observed_phase
from phase_diagrams.figures.dilution import dilution_diagram
from phase_diagrams.phases import Phase

from .running import Groups, Numbers, Session, Simulation
from .verdicts import RARE, Findings, equal, exact, measured, positive

#: Distance in d and in T at which a finite network may show the phase beyond a border.
NEAR = 0.04
AGREES, BORDER, FAR = 2, 1, 0
#: Distance from T_c, relative, at which overlaps are soft.
CLEAR = 0.2
#: Points far from the border are simulated again in a network larger by this factor.
LARGER = 10


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of patterns, grid of the simulation and points of the theory."""

    n_patterns: list[int]
    dilution: list[float]
    T: list[float]
    points: tuple[int, int]
    n_spins: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Find the ground states of the theory and simulate from the hierarchical configuration."""
    columns, rows = parameters.points
    d, T = np.linspace(0.01, 0.97, columns), np.linspace(0.005, 0.99, rows)
    grid = {"dilution": parameters.dilution, "T": parameters.T}
    for K in parameters.n_patterns:
        name, model = f"n_patterns_{K}", Multitasking(n_patterns=K, sampling="stratified")
        simulation = session.simulation(
            name, model, grid, parameters, n_spins=parameters.n_spins, start="hierarchical"
        )
        parts = {"/diagram": dilution_map(K, d, T), "/study/simulation": simulation}
        node = xr.DataTree.from_dict(parts)
        yield f"/{name}", node
        codes = _agreement(node).stack(point=("dilution", "T"))
        far = codes["point"][codes.values == FAR].values.tolist()
        if far:
            yield f"/{name}/repeated", _repeat(parameters, K, far)


def _repeat(parameters: Parameters, K: int, points: list[tuple[float, float]]) -> xr.Dataset:
    """Simulate some points in a larger network."""
    size = LARGER * parameters.n_spins
    runs = [
        montecarlo.simulate(
            Multitasking(n_patterns=K, dilution=d, sampling="stratified"),
            T=T,
            n_spins=size,
            start="hierarchical",
            **parameters.settings(),
        ).m
        for d, T in points
    ]
    d, T = np.transpose(points)
    return xr.Dataset(
        {
            "m": (("point", "pattern"), [m.mean for m in runs]),
            "m_err": (("point", "pattern"), [m.error for m in runs]),
        },
        coords={"dilution": ("point", d), "T": ("point", T)},
        attrs={"n_spins": size},
    )


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each number of patterns."""
    figure = Figure(figsize=(2.4 * len(tree.children), 2.9))
    panels = figure.subplots(1, len(tree.children), sharey=True, squeeze=False)[0]
    for ax, node in zip(panels, tree.children.values(), strict=True):
        dilution_diagram(node["diagram"].to_dataset(), node.children["study"], ax=ax)
        ax.label_outer()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    nodes = list(tree.children.values())
    codes = np.concatenate([_agreement(node).values.ravel() for node in nodes])
    counts = {"agree": (codes == AGREES).sum(), "border": (codes == BORDER).sum()}
    return counts | {"count": codes.size, "near": NEAR, "far": _far(nodes)}


def _far(nodes: list[xr.DataTree]) -> str:
    """Say what the points are that neither agree nor are close to a border."""
    repeated = [node for node in nodes if "repeated" in node.children]
    if not repeated:
        return ""
    soft: list[float] = []
    kept = count = 0
    for node in repeated:
        phase = _expected(node, again := node["repeated"].to_dataset())
        kept += int(_repeated(node).sum())
        count += again.sizes["point"]
        size = int(node["study/simulation"]["n_spins"])
        stiffness = phase["min_eigenvalue"].values
        soft += np.sqrt(again["T"].values / (size * stiffness)).tolist()
    n_spins = repeated[0]["repeated"].attrs["n_spins"]
    return (
        f" At the remaining {count} the free energy is so flat in one direction that overlaps "
        "fluctuate by (T/(N lambda))^(1/2), lambda the smallest eigenvalue of its Hessian: "
        f"{min(soft):.3f} to {max(soft):.3f}, which hides what tells the phases apart. "
        f"Repeated with N = {n_spins}, {kept} of them show the phase of the theory."
    )


def _repeated(node: xr.DataTree) -> xr.DataArray:
    """Return which of the points repeated show the phase of the theory."""
    again = node["repeated"].to_dataset()
    return observed_phase(again) == _expected(node, again)["phase"]


def _expected(node: xr.DataTree, points: xr.Dataset) -> xr.Dataset:
    """Return what the theory says closest to the points of a simulation."""
    diagram = node["diagram"].to_dataset()[["phase", "min_eigenvalue"]]
    return diagram.sel(dilution=points["dilution"], T=points["T"], method="nearest")


def _agreement(node: xr.DataTree) -> xr.DataArray:
    """Return for every point whether it agrees, does so within `NEAR`, or is far."""
    phase = node["diagram"].to_dataset()["phase"]
    simulation = node["study/simulation"].to_dataset()
    seen = observed_phase(simulation)
    expected = _expected(node, simulation)["phase"].values
    codes = seen.copy(data=np.where(seen.values == expected, AGREES, FAR))
    for i, j in zip(*np.nonzero(codes.values == FAR), strict=True):
        d, T = float(seen["dilution"][i]), float(seen["T"][j])
        around = phase.sel(dilution=slice(d - NEAR, d + NEAR), T=slice(T - NEAR, T + NEAR))
        if seen.values[i, j] in around.values:
            codes[i, j] = BORDER
    return codes


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    nodes = list(tree.children.values())
    codes = np.concatenate([_agreement(node).values.ravel() for node in nodes])
    kept = sum(int(_repeated(node).sum()) for node in nodes if "repeated" in node.children)
    wrong = int((codes == FAR).sum()) - kept
    seen = {Phase(code) for node in nodes for code in np.unique(node["diagram/phase"])}
    names = (Phase.PURE, Phase.HIERARCHICAL, Phase.MIXED, Phase.PARALLEL)
    yield exact(f"the ground states are {', '.join(p.text for p in names)}", seen.issuperset(names))
    yield exact(
        f"{(codes == AGREES).sum()} of {codes.size} points show the phase of the theory, "
        f"{(codes == BORDER).sum()} that of a border within {NEAR:g}, {kept} that of the theory in "
        "a larger network",
        wrong <= RARE * codes.size,
    )
    for node in nodes:
        simulation, lines = (node[n].to_dataset() for n in ("study/simulation", "diagram"))
        K, ratio = simulation.sizes["pattern"], simulation["T"] / (1 - simulation["dilution"])
        gap = lines["critical_temperature"] - (1 - lines["dilution"])
        first = measured(simulation.isel(pattern=0))
        yield equal(f"K = {K}: T_c = 1 - d", gap, tolerance=1e-9)
        yield positive(
            f"K = {K}: patterns are retrieved below {1 - CLEAR:g} T_c",
            first.where(ratio < 1 - CLEAR),
        )
        yield equal(
            f"K = {K}: no pattern is retrieved above {1 + CLEAR:g} T_c",
            measured(simulation).where(ratio > 1 + CLEAR),
            tolerance=int(simulation["n_spins"]) ** -0.5,
        )
