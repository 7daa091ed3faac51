"""Learning with and without a teacher: trajectories of both networks from one start.

A teacher tells which examples are of one archetype, and the network stores their averages;
without one it stores every example as a pattern of its own.  Crosstalk and signal of
both are those of `theory.trajectory`; finite networks, `courses`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import xarray as xr
from matplotlib.figure import Figure

from hebbian import Dense, Hopfield, Model, Supervised, Unsupervised
from phase_diagrams.figures import drawing

from .courses import Followed, extrapolated, followed, predicted, settled
from .running import Groups, Numbers, Session
from .verdicts import Findings, equal, measured, positive

#: The two rules, and how they are drawn.
RULES = {"supervised": (Supervised, "C0", "o"), "unsupervised": (Unsupervised, "C3", "s")}
#: What is followed.
OVERLAPS = {"m": "overlap with the archetype $m$", "n": "overlap with the examples $n$"}
#: Differences of the theories that a simulation is asked to show.
APART = 0.05
#: Differences of overlaps that matter.
RESOLUTION = 0.2


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order: its sizes, load and starts."""

    order: int
    n_spins: list[int]
    alpha: float
    starts: list[float]


class Parameters(Followed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks, and the examples of all of them."""

    networks: list[Network]
    quality: float
    n_examples: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow networks of both rules."""
    p = parameters
    for one in p.networks:
        for rule in RULES:
            model, group = _network(p, one.order, rule), f"/order_{one.order}/{rule}"
            states: dict[str, Any] = {"alpha": [one.alpha], "start": one.starts}
            data = followed(model, p, n_spins=one.n_spins, **states).squeeze("alpha")
            yield f"{group}/simulation", data.drop_vars("m_samples")
            yield f"{group}/theory", predicted(model, p, **states).squeeze("alpha")
    yield "/", xr.Dataset(attrs={"n_steps": p.n_steps})


def _network(p: Parameters, order: int, rule: str) -> Model:
    learning = RULES[rule][0](quality=p.quality, n_examples=p.n_examples)
    return Hopfield(rule=learning) if order == 2 else Dense(order=order, rule=learning)


def _parts(node: xr.DataTree) -> list[tuple[xr.Dataset, xr.Dataset]]:
    """Return simulation and theory, with a teacher and without."""
    return [
        (node[rule]["simulation"].to_dataset(), node[rule]["theory"].to_dataset()) for rule in RULES
    ]


def draw(tree: xr.DataTree) -> Figure:
    """Both overlaps of both rules, a row for every order."""
    figure = Figure(figsize=(7.0, 2.2 * len(tree.children)))
    panels = figure.subplots(len(tree.children), len(OVERLAPS), squeeze=False)
    for row, (name, node) in zip(panels, tree.children.items(), strict=True):
        for ax, (overlap, words) in zip(row, OVERLAPS.items(), strict=True):
            for (rule, (_, colour, mark)), (data, known) in zip(
                RULES.items(), _parts(node), strict=True
            ):
                largest = data.isel(n_spins=-1)
                for k, start in enumerate(known["start"].values):
                    line, points = known.sel(start=start), largest.sel(start=start)
                    ax.plot(line["t"], line[overlap], color=colour, lw=0.9)
                    drawing.points(
                        ax, points["t"], points[overlap], points[f"{overlap}_err"], fmt=mark, ms=2,
                        color=colour, label=rule if k == 0 else None,
                    )  # fmt: skip
            ax.set(xlabel="step $t$", ylabel=words, ylim=(-0.1, 1.05))
            ax.locator_params(axis="x", integer=True)
        order = name.removeprefix("order_")
        row[0].set_title(rf"$P = {order}$, $\alpha = {float(known['alpha']):g}$")
        row[0].legend(fontsize=6, loc="lower right")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for name, node in tree.children.items():
        (data, known), (_, other) = _parts(node)
        ends = (
            f"{start:g} to {float(known['m'].sel(start=start)[-1]):.2f} and "
            f"{float(other['m'].sel(start=start)[-1]):.2f}"
            for start in known["start"].values
        )
        words.append(
            f"P = {name.removeprefix('order_')}, N = {', '.join(map(str, data['n_spins'].values))}"
            f": by theory with and without a teacher from m(0) = {', '.join(ends)}"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name, node in tree.children.items():
        title, parts = f"P = {name.removeprefix('order_')}", _parts(node)
        for rule, (data, known) in zip(RULES, parts, strict=True):
            dof, size = data.attrs["n_samples"] - 1, int(data["n_spins"].min())
            for overlap in OVERLAPS:
                gap = extrapolated(data, overlap) - measured(known, overlap, dof=dof)
                yield equal(
                    f"{title}, {rule}: away from the separatrix, and extrapolated in 1/N, "
                    f"{overlap}(t) is that of theory",
                    gap.where(settled(known)),
                    tolerance=2 / size,  # one spin
                    resolution=RESOLUTION,
                )
        (with_data, with_known), (data, known) = parts
        apart = with_known["m"] - known["m"] > APART
        if apart.any():
            more = measured(with_data.isel(n_spins=-1)) - measured(data.isel(n_spins=-1))
            words = f"{title}: a teacher leads to larger overlaps where theory says so"
            yield positive(words, more.where(apart))
