"""Sums over distinct sites against literal powers of the overlap: two networks, two theories.

With K of order N^(P-1) patterns the terms with coinciding sites, which a literal power has, add to
the crosstalk for good (arXiv:2506.00851 of the powers, arXiv:2604.03115 of distinct sites): field
variance and reaction have other weights, and neither network obeys the theory of the other.
"""

from __future__ import annotations

from typing import Any

import msgspec
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED

from .basin import borders
from .courses import Followed, extrapolated, followed, predicted, settled
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, measured, positive

#: The two sums, and how they are drawn.
INDICES = {"distinct": ("C0", "o"), "all": ("C3", "s")}


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order: sizes, load and starts of its trajectories; the largest size has borders."""

    order: int
    n_spins: list[int]
    alpha: float
    starts: list[float]
    loads: list[float]


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks, and the initial overlaps between which borders are sought."""

    networks: list[Network]
    overlaps: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow both networks of every order, and find their borders."""
    p = parameters
    for one in p.networks:
        for indices in INDICES:
            model, group = Dense(order=one.order, indices=indices), f"/order_{one.order}/{indices}"
            states: dict[str, Any] = {"alpha": [one.alpha], "start": one.starts}
            data = followed(model, p, n_spins=one.n_spins, **states).squeeze("alpha")
            yield f"{group}/simulation", data.drop_vars("m_samples")
            yield f"{group}/theory", predicted(model, p, **states).squeeze("alpha")
            data = followed(
                model, p, n_spins=one.n_spins[-1:], alpha=one.loads, start=p.overlaps
            ).squeeze("n_spins")
            yield f"{group}/borders", borders(data, [p.n_steps]).squeeze("t").drop_vars("m")
            found = theory.basin(
                model, alpha=one.loads, n_steps=p.n_steps, threshold=RETRIEVED,
                n_trajectories=p.n_trajectories,
            )  # fmt: skip
            known = {"critical": ("alpha", found.overlap), "critical_err": ("alpha", found.error)}
            yield f"{group}/predicted", xr.Dataset(known, {"alpha": one.loads})
    yield "/", xr.Dataset(attrs={"n_steps": p.n_steps})


def _both(node: xr.DataTree, name: str) -> list[xr.Dataset]:
    return [node[indices][name].to_dataset() for indices in INDICES]


def draw(tree: xr.DataTree) -> Figure:
    """Trajectories of both networks of every order, and the borders of their basins."""
    figure = Figure(figsize=(7.0, 2.3 * len(tree.children)))
    panels = figure.subplots(len(tree.children), 2, squeeze=False)
    for (left, right), (name, node) in zip(panels, tree.children.items(), strict=True):
        for indices, (colour, mark) in INDICES.items():
            data, known, border, line = (
                node[indices][part].to_dataset()
                for part in ("simulation", "theory", "borders", "predicted")
            )
            largest = data.isel(n_spins=-1)
            for start in known["start"].values:
                curve, points = known.sel(start=start), largest.sel(start=start)
                left.plot(curve["t"], curve["m"], color=colour, lw=0.9)
                drawing.points(
                    left, points["t"], points["m"], points["m_err"], fmt=mark, ms=2, color=colour
                )
            right.plot(line["alpha"], line["critical"], color=colour, lw=0.9)
            drawing.points(
                right, border["alpha"], border["critical"], border["critical_err"], fmt=mark,
                color=colour, label=indices,
            )  # fmt: skip
        order = name.removeprefix("order_")
        left.set(xlabel="step $t$", ylabel="overlap $m$", ylim=(-0.15, 1.05))
        left.locator_params(axis="x", integer=True)
        left.set_title(rf"$P = {order}$, $\alpha = {float(known['alpha']):g}$")
        right.set(xlabel=r"load $\alpha$", ylabel="critical initial overlap", ylim=(0, 1))
        right.legend(title="indices", fontsize=6, title_fontsize=6, loc="lower right")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for name, node in tree.children.items():
        distinct, every = (part["critical"] for part in _both(node, "borders"))
        sizes = _both(node, "simulation")[0]["n_spins"].values
        farther = every - distinct
        words.append(
            f"P = {name.removeprefix('order_')}, N = {', '.join(map(str, sizes))}: literal powers "
            f"need an overlap larger by {float(farther.min()):.2f} to {float(farther.max()):.2f}"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name, node in tree.children.items():
        simulated, known = _both(node, "simulation"), _both(node, "theory")
        measures, lines = _both(node, "borders"), _both(node, "predicted")
        dof = simulated[0].attrs["n_samples"] - 1
        order = f"P = {name.removeprefix('order_')}"
        found = [measured(one, "critical", dof=dof) for one in measures]
        own = [measured(one, "critical", dof=dof) for one in lines]
        for k, indices in enumerate(INDICES):
            size = int(simulated[k]["n_spins"].min())
            gap = extrapolated(simulated[k]) - measured(known[k], dof=dof)
            yield equal(
                f"{order}, {indices}: away from the separatrix, and extrapolated in 1/N, m(t) is "
                "that of its theory",
                gap.where(settled(known[k])),
                tolerance=2 / size,
            )
            yield equal(
                f"{order}, {indices}: the critical overlap is that of its theory",
                found[k] - own[k],
                tolerance=int(simulated[k]["n_spins"].max()) ** -0.5,
                resolution=0.25,
            )
        yield positive(f"{order}: literal powers ask for a larger overlap", found[1] - found[0])
        less = extrapolated(simulated[0]) - extrapolated(simulated[1])
        both = settled(known[0]) & settled(known[1])
        apart = both & (known[0]["m"] - known[1]["m"] > 0.05)
        if apart.any():
            words = f"{order}: and retrieve less, where their theories say so"
            yield positive(words, Measured(less.value, less.error, dof).where(apart))
