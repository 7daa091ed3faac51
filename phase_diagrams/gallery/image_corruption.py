"""Basins of attraction of images: retrieval against the corruption of the cue."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from phase_diagrams.figures import drawing
from phase_diagrams.retrieval import RETRIEVED
from phase_diagrams.retrieval.images import overlaps

from . import image_data
from .image_data import Images
from .image_networks import Cues, corrupted, final_overlaps
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, positive, rate

CUES = {"archetype": "--", "image": "-"}


class Parameters(Cues, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, corruptions and cues; counts of images are per class."""

    corruption: list[float]
    n_examples: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Store the majorities of every division, and start from archetypes and from images."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _basins(parameters, images)


def _basins(parameters: Parameters, images: Images) -> xr.Dataset:
    p, K = parameters, image_data.N_CLASSES
    n_examples = min(p.n_examples, images.smallest - 1 - p.n_cues)
    shape = (p.n_splits, len(CUES), len(p.orders), len(p.corruption))
    found = {name: np.empty(shape) for name in ("m", "right", "wrong", "mixed")}
    before = np.empty((p.n_splits, len(CUES), len(p.corruption)))
    for s, (seed, division) in enumerate(p.divisions(images, n_reference=n_examples)):
        stored = division.references
        for (k, c), (i, whole) in product(
            enumerate(p.corruption), enumerate((stored[:, None], division.cues))
        ):
            cues = corrupted(whole, c, seed)
            before[s, i, k] = _own(overlaps(cues, stored)).mean()
            for j, order in enumerate(p.orders):
                final = final_overlaps(order, stored, cues, sweeps=p.sweeps)
                success = final.max(-1) > RETRIEVED
                right = success & (final.argmax(-1) == np.arange(K)[:, None])
                ends = _own(final), right, success & ~right
                for name, values in zip(found, ends, strict=False):
                    found[name][s, i, j, k] = values.mean()
                found["mixed"][s, i, j, k] = 1 - success.mean()
    return xr.Dataset(
        averaged(found, ("cue", "order", "corruption"))
        | {"cue_overlap": (("cue", "corruption"), before.mean(axis=0))},
        coords={"cue": list(CUES), "order": p.orders, "corruption": p.corruption},
        attrs={"n_examples": n_examples, "n_splits": p.n_splits, "retrieved": RETRIEVED},
    )


def _own(values: np.ndarray) -> np.ndarray:
    """Return the overlaps (n, K) with the own archetypes of (K, n, K)."""
    return np.diagonal(values, axis1=0, axis2=2)


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: fraction retrieved, and final overlap."""
    rows = len(tree.children)
    figure = Figure(figsize=(7.0, 2.4 * rows))
    axes = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    for line, (title, data) in zip(axes, image_data.of_sets(tree), strict=True):
        for ax, variable in zip(line, ("right", "m"), strict=True):
            for kind, style in CUES.items():
                for i, order in enumerate(data["order"].values):
                    row = data.sel(cue=kind, order=order)
                    drawing.points(
                        ax, row["corruption"], row[variable], row[f"{variable}_err"], ls=style,
                        color=f"C{i}", ms=3.5 - 0.7 * i, label=f"{kind}, $P={order}$",
                    )  # fmt: skip
            ax.set_title(title, fontsize=8)
        for kind, style in CUES.items():
            line[1].plot(data["corruption"], data["cue_overlap"].sel(cue=kind), "0.6",
                         ls=style, lw=0.7)  # fmt: skip
        line[0].set(ylabel="archetypes retrieved", ylim=(-0.05, 1.05))
        line[1].set_ylabel("final overlap $m$")
    for ax in axes[-1]:
        ax.set_xlabel("fraction of the cue reversed")
    axes[0, 0].legend(fontsize=6)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data = [data for _, data in image_data.of_sets(tree)]
    six = (
        " Six bodies lose cues whose overlap is close to N^(-1/2), that of chance: the fifth "
        "power of the overlap leaves them no field."
    )
    own = [one.sel(cue="archetype") for one in data]
    return {
        "images": image_data.source(tree.children),
        "least": min(float(one["right"].min()) for one in own),
        "smallest": min(float(one["cue_overlap"].min()) for one in own),
        "examples": " and ".join(str(one.attrs["n_examples"]) for one in data),
        "threshold": RETRIEVED,
        "six": six if 6 in data[0]["order"] else "",
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    given = json.loads(tree.attrs["parameters"])
    K = image_data.N_CLASSES
    trials = given["n_cues"] * given["n_splits"] * K
    for title, data in image_data.of_sets(tree):
        few, many = (rate(data["right"].sel(cue="image", order=P), trials) for P in (2, 4))
        yield positive(f"{title}: four bodies retrieve more often than by chance", many - 1 / K)
        yield positive(f"{title}: four bodies retrieve more often than two", many - few)
