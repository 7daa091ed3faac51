"""The first and the second order of the Plefka expansion against the heat bath."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Model
from phase_diagrams.figures import drawing

from .orders import by_order, network
from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: Order of the expansion -> colour.
EXPANSIONS = {1: "C1", 2: "C0"}
DAMPING = 0.3
#: Distance from the heat bath that a statement on the overlap allows.
CLOSE = 0.003


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order of the interaction its size and loads; temperatures."""

    orders: list[int]
    n_spins: list[int]
    loads: list[list[float]]
    T: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Take the same networks by heat bath and by the equations of the magnetizations."""
    rows = zip(parameters.orders, parameters.n_spins, parameters.loads, strict=True)
    for order, n_spins, loads in rows:
        points = [_compare(network(order), alpha, n_spins, parameters) for alpha in loads]
        found = xr.concat(points, "alpha").assign_coords(alpha=loads, n_spins=n_spins)
        yield f"/order_{order}", found
    known = {name: getattr(parameters, name) for name in ("n_samples", "sweeps", "warmup")}
    yield "/", xr.Dataset(attrs=known)


def _compare(model: Model, alpha: float, n_spins: int, parameters: Parameters) -> xr.Dataset:
    """Return overlaps at one load, and their differences sample by sample.

    Both methods have the same networks, so that the disorder is no part of the difference.
    """
    T, n_samples = parameters.T, parameters.n_samples
    common: dict[str, Any] = {"alpha": alpha, "T": T, "n_spins": n_spins}
    run = montecarlo.simulate(model, **common, **parameters.settings())
    chains = run.series["m"].mean(axis=-1)
    stayed = (chains > 0.5).all(axis=(1, 2))
    samples = {"m": chains.mean(axis=2).T}
    for expansion in EXPANSIONS:
        state = montecarlo.plefka(
            model, **common, n_samples=n_samples, order=expansion, damping=DAMPING,
            seed=parameters.seed,
        )  # fmt: skip
        converged = np.asarray(state.converged.all(axis=(1, 2)))
        solved = np.where(converged[:, None], state.m.mean(axis=2), np.nan).T
        samples |= {f"m_{expansion}": solved, f"gap_{expansion}": solved - samples["m"]}
    # The noise of the heat bath drops out of the mean of this difference of squares.
    samples["gain"] = samples["gap_1"] ** 2 - samples["gap_2"] ** 2
    known = {
        "m_theory": ("T", theory.solve(model, alpha=alpha, T=T).m),
        "stayed": ("T", stayed.astype(np.int8)),
        "softness": ("T", 1 - run.q.mean),
    }
    return xr.Dataset(averaged(samples, ["T"]) | known, coords={"T": T})


def draw(tree: xr.DataTree) -> Figure:
    """For each order m at every load, and the distance of both orders from the heat bath."""
    figure = Figure(figsize=(7.0, 2.5 * len(tree.children)))
    panels = figure.subplots(len(tree.children), 2, squeeze=False)
    for (left, right), (order, data) in zip(panels, by_order(tree, "."), strict=True):
        for i, alpha in enumerate(data["alpha"].values):
            one, mark = data.sel(alpha=alpha), "os^dv"[i % 5]
            kept = one.where(one["stayed"] == 1)
            name = rf"$\alpha = {alpha:g}$"
            drawing.points(left, one["T"], one["m"], one["m_err"], fmt=f"k{mark}", label=name)
            left.plot(one["T"], one["m_theory"], "0.7", lw=1.6, zorder=0)
            for expansion, colour in EXPANSIONS.items():
                left.plot(one["T"], one[f"m_{expansion}"], color=colour, lw=0.9)
                drawing.points(
                    right, kept["T"] + 0.006 * (i - 1), kept[f"gap_{expansion}"],
                    kept[f"gap_{expansion}_err"], fmt=f"{mark}-", ms=2.5, color=colour,
                    label=f"order {expansion}" if i == 0 else None,
                )  # fmt: skip
        left.set_title(f"$P = {order}$")
        left.set(xlabel="temperature $T$", ylabel="Mattis magnetization $m$", ylim=(0, 1.05))
        right.axhline(0, color="0.6", lw=0.6, zorder=0)
        right.set(xlabel="temperature $T$", ylabel=r"$m_{\rm Plefka} - m$")
        left.legend(loc="lower left")
        right.legend(loc="upper left")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data in by_order(tree, "."):
        kept = data.where(data["stayed"] == 1)
        parts = [
            f"order {expansion} {float(abs(kept[f'gap_{expansion}']).max()):.1g}"
            for expansion in EXPANSIONS
        ]
        words.append(
            f"P = {order}, N = {int(data['n_spins'])}: {', '.join(parts)}, 1 - q being up to "
            f"{float(kept['softness'].max()):.2g}"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof = tree.attrs["n_samples"] - 1
    for order, data in by_order(tree, "."):
        data = data.where(data["stayed"] == 1)
        # No chain sees less than one spin reversed in one of the samples.
        least = 1 / (data["n_spins"] * tree.attrs["n_samples"])
        gaps = {k: measured(data, f"gap_{k}", dof=dof) for k in EXPANSIONS}
        gaps = {k: Measured(g.value, np.hypot(g.error, least), dof) for k, g in gaps.items()}
        if order == 2:
            yield positive(
                "P = 2: the second order is closer to the heat bath than the first",
                measured(data, "gain", dof=dof),
            )
        for k in EXPANSIONS if order > 2 else [2]:
            yield equal(
                f"P = {order}: order {k} gives the overlap of the heat bath within {CLOSE:g}",
                gaps[k],
                tolerance=CLOSE,
                resolution=0.02,
            )
