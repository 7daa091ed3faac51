"""Images retrieved: image, corrupted cue, states on the way and at the end."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from phase_diagrams.retrieval import RETRIEVED, Retrieval, retrieve

from . import image_data
from .image_data import Images
from .running import Session
from .verdicts import Finding, larger, rate

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes to show, of networks that learn all classes."""

    classes: list[int]
    orders: list[int]
    corruption: float
    n_examples: int
    sweeps: int
    seed: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Retrieve one image of each class, the first that is drawn."""
    return image_data.of_every_set(session.data_dir, lambda images: _retrieved(parameters, images))


def _retrieved(parameters: Parameters, images: Images) -> xr.Dataset:
    # `phase_diagrams.retrieval.images.split` holds one image out.
    n_examples = min(parameters.n_examples, images.smallest - 1)
    pictures, found, m, cue = [], [], [], []
    for label in parameters.classes:
        result = retrieve(
            images.pixels,
            images.labels,
            n_examples=n_examples,
            orders=parameters.orders,
            corruption=parameters.corruption,
            label=label,
            sweeps=parameters.sweeps,
            seed=parameters.seed,
        )
        pictures.append(_pictures(result))
        ends = [result.retrieved(order) for order in parameters.orders]
        found.append(["none" if c is None else images.class_name(c) for c in ends])
        last = np.array([states[-1] for states in result.trajectories.values()])
        own = result.chosen.classes.index(label)
        m.append(result.overlaps(last)[:, own])
        cue.append(result.overlaps(result.cue)[own])
    panels = ["image", "its spins", "cue"]
    panels += [f"$P={P}$, {when}" for P in parameters.orders for when in ("sweep 1", "end")]
    return xr.Dataset(
        {
            "picture": (("shown", "panel", "row", "column"), np.array(pictures, np.float32)),
            "retrieved": (("shown", "order"), np.array(found)),
            "m": (("shown", "order"), np.array(m)),
            "cue": ("shown", np.array(cue)),
        },
        coords={
            "shown": [images.class_name(c) for c in parameters.classes],
            "panel": [*panels, "archetype"],
            "order": parameters.orders,
        },
        attrs={"n_examples": n_examples, "corruption": parameters.corruption},
    )


def _pictures(result: Retrieval) -> list[np.ndarray]:
    """Return the panels of one retrieval, levels in [-1, 1]."""
    shape = result.grey.shape
    own = result.archetypes[result.chosen.classes.index(result.chosen.label)]
    states = [result.image, result.cue]
    for trajectory in result.trajectories.values():
        states += [trajectory[0], trajectory[-1]]
    grey = result.grey / (max(int(result.grey.max()), 1) / 2) - 1
    return [grey, *(result.binarisation.picture(s).reshape(shape) for s in (*states, own))]


def draw(tree: xr.DataTree) -> Figure:
    """A row for each image; the class at which a network ends stands below."""
    sets = [(name, node.to_dataset()) for name, node in tree.children.items()]
    n_rows, n_columns = (sum(s.sizes["shown"] for _, s in sets), sets[0][1].sizes["panel"])
    figure = Figure(figsize=(7.0, 0.95 * n_rows + 0.2))
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    lines = iter(axes)
    for name, data in sets:
        for i, (shown, line) in enumerate(zip(data["shown"].values, lines, strict=False)):
            for j, ax in enumerate(line):
                panel = str(data["panel"].values[j])
                ax.imshow(
                    data["picture"][i, j],
                    cmap="gray",
                    vmin=-1,
                    vmax=1.01,
                    interpolation="nearest",
                )
                ax.set(xticks=[], yticks=[])
                if i == 0:
                    ax.set_title(panel, fontsize=7)
                if panel.endswith("end"):
                    order = (j - 4) // 2
                    end = str(data["retrieved"].values[i, order])
                    colour = "tab:blue" if end == shown else "tab:red"
                    ax.set_xlabel(
                        f"{end}, $m={float(data['m'][i, order]):.2f}$",
                        fontsize=6, labelpad=1, color=colour,
                    )  # fmt: skip
            line[0].set_ylabel(f"{shown}", fontsize=7)
            if i == 0:
                line[0].set_ylabel(f"{image_data.TITLES[name]}\n{shown}", fontsize=7)
    return figure


def caption(tree: xr.DataTree) -> str:
    """Say what is shown."""
    first = next(iter(tree.children.values())).to_dataset()
    right = {
        int(P): (
            sum(
                int((node["retrieved"].sel(order=P) == node["shown"]).sum())
                for node in tree.children.values()
            ),
            sum(node.sizes["shown"] for node in tree.children.values()),
        )
        for P in first["order"].values
    }
    counts = ", ".join(f"P = {P}: {good} of {total}" for P, (good, total) in right.items())
    return (
        f"Retrieval of {image_data.source(list(tree.children))}: images that were not learnt, one "
        f"of each class, the first that was drawn; their spins (random projections, decoded); the "
        f"cue, {first.attrs['corruption']:.0%} of them reversed; states after one sweep at T = 0 "
        "and at the end; the archetype of the class. Networks store the archetypes of ten "
        f"classes. Below the ends: the class retrieved (blue if right, overlap above {RETRIEVED:g}"
        f") and the overlap with the right archetype ({counts})."
    )


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    nodes = [node.to_dataset().isel(order=-1) for node in tree.children.values()]
    closer = np.concatenate([data["m"] > data["cue"] for data in nodes])
    right = np.concatenate([data["retrieved"] == data["shown"] for data in nodes])
    return [
        larger(
            f"{closer.sum()} of {closer.size} images end closer to the archetype of their class "
            "than their cues are",
            rate(closer.mean(), closer.size), (0.5, 0),
        ),
        larger(
            f"{right.sum()} of {right.size} retrieve their class, more than by chance",
            rate(right.mean(), right.size), (1 / image_data.N_CLASSES, 0),
        ),
    ]  # fmt: skip
