"""Cost and losses along trajectories of a multitasking network."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import Multitasking, Rule, streams
from phase_diagrams.analysis.loss_trajectory import loss_trajectory
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session
from .verdicts import Findings, equal, exact

RULES = ("storing", "supervised", "unsupervised")


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network, its examples, and networks to follow from a random start."""

    n_patterns: int
    dilution: float
    quality: float
    n_examples: int
    T: float
    n_spins: int
    n_samples: int
    sweeps: int
    seed: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Follow independent networks of every rule, sweep by sweep."""
    p = parameters
    seeds = [
        int(streams.stream(p.seed, "losses", sample=sample).generate_state(1)[0])
        for sample in range(p.n_samples)
    ]
    for name in RULES:
        rule = Rule.build({"rule": name, "quality": p.quality, "n_examples": p.n_examples})
        model = Multitasking(n_patterns=p.n_patterns, dilution=p.dilution, rule=rule)
        paths = [
            loss_trajectory(model, n_spins=p.n_spins, T=p.T, sweeps=p.sweeps, seed=seed)
            for seed in seeds
        ]
        yield f"/{name}", xr.concat(map(_by_overlap, paths), "sample")
    yield "/", xr.Dataset(attrs=msgspec.to_builtins(p))


def _by_overlap(path: xr.Dataset) -> xr.Dataset:
    """Put patterns in the order of their overlaps at the end; take the loss that vanishes."""
    order = np.argsort(-abs(path["plus"] - path["minus"]).isel(sweep=-1).values)
    path = path.isel(pattern=order)
    keep = (path["minus"] <= path["plus"]).isel(sweep=-1)
    smaller = path["minus"].where(keep, path["plus"])
    return path.drop_vars(("plus", "minus")).assign(loss=smaller)


def draw(tree: xr.DataTree) -> Figure:
    """Energy and losses in time, and one against the other."""
    figure = Figure(figsize=(7.0, 4.2))
    panels = figure.subplots(2, 3, sharex="row", sharey="row")
    for (above, below), name in zip(panels.T, RULES, strict=True):
        data = tree[name].to_dataset()
        mean = data.mean("sample")
        error = data.std("sample", ddof=1) / np.sqrt(data.sizes["sample"])
        drawing.points(above, mean["sweep"], mean["energy"], error["energy"], color="k",
                       label="simulation")  # fmt: skip
        above.plot(mean["sweep"], mean["energy_of_losses"], "C1", lw=0.9, label="from $L_+L_-$")
        for mu in range(mean.sizes["pattern"]):
            drawing.points(
                below, mean["sweep"], mean["loss"].isel(pattern=mu),
                error["loss"].isel(pattern=mu), fmt="o-", color=f"C{mu}",
                label=rf"$\mu = {mu + 1}$",
            )  # fmt: skip
        above.set(xlabel="sweep", ylabel="energy $H/N$")
        below.set(xlabel="sweep", ylabel="loss $\\ell_-$ of the archetypes")
        above.set_title(name)
        above.label_outer()
        below.label_outer()
    panels[0, 0].legend()
    panels[1, 0].legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    gap, rises, steps = 0.0, 0, 0
    for name in RULES:
        data = tree[name].to_dataset()
        gap = max(gap, float(np.abs(data["energy"] - data["energy_of_losses"]).max()))
        change = data["learnt_product"].diff("sweep")
        rises += int((change > 1e-9 * data["learnt_product"].max()).sum())
        steps += change.size
    return {"gap": gap, "rises": rises, "steps": steps}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for name in RULES:
        data = tree[name].to_dataset()
        gap = (data["energy"] - data["energy_of_losses"]) / float(np.abs(data["energy"]).max())
        change = data["learnt_product"].diff("sweep") / data["learnt_product"].max()
        yield equal(f"{name}: the cost is that of the products L+ L-", gap, tolerance=1e-9)
        yield exact(f"{name}: the sum of the products never rises", change < 1e-9)
