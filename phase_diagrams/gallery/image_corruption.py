"""Basins of attraction of images: retrieval against the corruption of the cue."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from phase_diagrams.retrieval import RETRIEVED

from . import image_data
from .image_data import Images
from .image_networks import corrupted, divide, final_overlaps, overlaps, seeds
from .running import Session
from .verdicts import Finding, larger, rate

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]

CUES = {"archetype": "--", "image": "-"}


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, corruptions and cues; counts of images are per class."""

    orders: list[int]
    corruption: list[float]
    n_examples: int
    n_cues: int
    n_splits: int
    sweeps: int
    seed: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Store the majorities of every division, and start from archetypes and from images."""
    return image_data.of_every_set(session.data_dir, lambda images: _basins(parameters, images))


def _basins(parameters: Parameters, images: Images) -> xr.Dataset:
    n_examples = min(parameters.n_examples, images.smallest - 1 - parameters.n_cues)
    shape = (len(CUES), len(parameters.orders), len(parameters.corruption))
    names = ("m", "right", "wrong", "mixed")
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    cue_overlap = []
    for seed in seeds(parameters.seed, parameters.n_splits):
        division = divide(images, n_reference=n_examples, n_cues=parameters.n_cues, seed=seed)
        stored = division.references
        own = np.arange(len(stored))
        one: dict[str, Any] = {name: np.empty(shape) for name in names}
        before = np.empty((len(CUES), len(parameters.corruption)))
        for k, c in enumerate(parameters.corruption):
            for i, whole in enumerate((stored[:, None], division.cues)):
                cues = corrupted(whole, c, seed)
                before[i, k] = _own(overlaps(cues, stored)).mean()
                for j, order in enumerate(parameters.orders):
                    final = final_overlaps(order, stored, cues, sweeps=parameters.sweeps)
                    success = final.max(-1) > RETRIEVED
                    right = success & (final.argmax(-1) == own[:, None])
                    one["m"][i, j, k] = _own(final).mean()
                    one["right"][i, j, k] = right.mean()
                    one["wrong"][i, j, k] = (success & ~right).mean()
                    one["mixed"][i, j, k] = 1 - success.mean()
        cue_overlap.append(before)
        for name in names:
            found[name].append(one[name])
    dims = ("cue", "order", "corruption")
    variables: dict[str, Any] = {"cue_overlap": (("cue", "corruption"), np.mean(cue_overlap, 0))}
    for name, values in found.items():
        variables[name] = dims, np.mean(values, axis=0)
        error = np.std(values, axis=0, ddof=1) / len(values) ** 0.5
        variables[f"{name}_err"] = dims, error
    coords = {
        "cue": list(CUES),
        "order": parameters.orders,
        "corruption": parameters.corruption,
    }
    attrs = {"n_examples": n_examples, "n_splits": parameters.n_splits, "retrieved": RETRIEVED}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _own(values: np.ndarray) -> np.ndarray:
    """Return the overlaps (n, K) with the own archetypes of (K, n, K)."""
    return np.diagonal(values, axis1=0, axis2=2)


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: fraction retrieved, and final overlap."""
    rows = len(tree.children)
    figure = Figure(figsize=(7.0, 2.4 * rows))
    axes = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    for line, (name, node) in zip(axes, tree.children.items(), strict=True):
        data = node.to_dataset()
        for ax, variable in zip(line, ("right", "m"), strict=True):
            for kind, style in CUES.items():
                for i, order in enumerate(data["order"].values):
                    row = data.sel(cue=kind, order=order)
                    ax.errorbar(
                        row["corruption"], row[variable], yerr=row[f"{variable}_err"],
                        fmt="o", ls=style, color=f"C{i}", ms=3.5 - 0.7 * i, lw=0.8, capsize=1.5,
                        label=f"{kind}, $P={order}$",
                    )  # fmt: skip
            ax.set_title(image_data.TITLES[name], fontsize=8)
        for kind, style in CUES.items():
            line[1].plot(data["corruption"], data["cue_overlap"].sel(cue=kind), "0.6",
                         ls=style, lw=0.7)  # fmt: skip
        line[0].set(ylabel="archetypes retrieved", ylim=(-0.05, 1.05))
        line[1].set_ylabel("final overlap $m$")
    for ax in axes[-1]:
        ax.set_xlabel("fraction of the cue reversed")
    axes[0, 0].legend(fontsize=6)
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    first = next(iter(tree.children.values()))
    attrs = first.attrs
    six = (
        " Six bodies lose cues whose overlap is close to N^(-1/2), that of chance: the fifth "
        "power of the overlap leaves them no field."
        if 6 in first["order"]
        else ""
    )
    examples = " and ".join(str(node.attrs["n_examples"]) for node in tree.children.values())
    return (
        f"Basins of attraction of {image_data.source(list(tree.children))}: archetypes (majorities "
        f"of {examples} images of each class) are stored; the dynamics at T = 0 starts from "
        "archetypes (dashed) or from images that were not learnt (solid), of which a fraction of "
        "the spins is reversed at random. Left: chains that end at the right archetype (overlap "
        f"above {attrs['retrieved']:g}); right: overlap with it; grey: that of the cue. Errors "
        f"over {attrs['n_splits']} random divisions. Random archetypes at so low a load would be "
        "retrieved from any positive overlap; what limits images is that they are not nearest to "
        "their own archetype, and the overlaps of the archetypes, which mix two bodies more than "
        f"more.{six}"
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    given, findings = json.loads(tree.attrs["parameters"]), []
    K = image_data.N_CLASSES
    for name, node in tree.children.items():
        shown, title = node.to_dataset()["right"].sel(cue="image"), image_data.TITLES[name]
        few, many = (
            rate(shown.sel(order=P), given["n_cues"] * given["n_splits"] * K) for P in (2, 4)
        )
        findings += [
            larger(f"{title}: four bodies retrieve more often than by chance", many, (1 / K, 0)),
            larger(f"{title}: four bodies retrieve more often than two", many, few),
        ]
    return findings
