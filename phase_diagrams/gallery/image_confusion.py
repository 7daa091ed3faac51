"""Confusion of classes of images: class retrieved against class shown."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from phase_diagrams.retrieval import RETRIEVED
from phase_diagrams.retrieval.images import overlaps

from . import image_data
from .image_data import Images
from .image_networks import Cues, corrupted, final_overlaps
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, positive, rate


class Parameters(Cues, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders and cues; counts of images are per class."""

    corruption: float
    n_examples: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Count the archetypes at which images of every class end."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _confusion(parameters, images)


def _confusion(parameters: Parameters, images: Images) -> xr.Dataset:
    # A third of the smallest class at least is shown.
    n_examples = min(parameters.n_examples, 2 * images.smallest // 3)
    n_cues = min(parameters.n_cues, images.smallest - 1 - n_examples)
    classes = [images.class_name(int(c)) for c in np.unique(images.labels)]
    found, alike = [], []
    counts = {"n_reference": n_examples, "n_cues": n_cues}
    for seed, division in parameters.divisions(images, **counts):
        stored = division.references
        cues = corrupted(division.cues, parameters.corruption, seed)
        table = np.zeros((len(parameters.orders), len(stored), len(stored) + 1))
        for i, order in enumerate(parameters.orders):
            final = final_overlaps(order, stored, cues, sweeps=parameters.sweeps)
            place = np.where(final.max(-1) > RETRIEVED, final.argmax(-1), len(stored))
            for shown, ends in enumerate(place):
                table[i, shown] = np.bincount(ends, minlength=len(stored) + 1) / n_cues
        found.append(table)
        alike.append(overlaps(stored, stored))
    dims = ("order", "shown", "retrieved")
    right = np.trace(np.array(found)[..., :-1], axis1=2, axis2=3) / len(classes)
    return xr.Dataset(
        {
            "fraction": (dims, np.mean(found, axis=0)),
            "resemblance": (("shown", "other"), np.mean(alike, axis=0)),
        }
        | averaged({"right": right}, ("order",)),
        coords={
            "order": parameters.orders,
            "shown": classes,
            "other": classes,
            "retrieved": [*classes, "none"],
        },
        attrs={
            "n_examples": n_examples,
            "n_cues": n_cues * parameters.n_splits,
            "corruption": parameters.corruption,
        },
    )


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set, a column for each order."""
    rows = len(tree.children)
    columns = next(iter(tree.children.values())).sizes["order"]
    figure = Figure(figsize=(7.0, (5.6 / columns + 0.4) * rows))
    axes = figure.subplots(rows, columns, squeeze=False)
    for line, (title, data) in zip(axes, image_data.of_sets(tree), strict=True):
        for ax, order in zip(line, data["order"].values, strict=True):
            table = data["fraction"].sel(order=order)
            mesh = ax.imshow(table, cmap="cividis", vmin=0, vmax=1)
            for (y, x), value in np.ndenumerate(table.values):
                if value >= 0.01:
                    ax.text(x, y, f"{100 * value:.0f}", ha="center", va="center", fontsize=5,
                            color="black" if value > 0.5 else "white")  # fmt: skip
            words = {"fontsize": 6, "rotation": 90 if "Fashion" in title else 0}
            ax.set_xticks(range(table.shape[1]), table["retrieved"].values, **words)
            ax.set_yticks(range(table.shape[0]), table["shown"].values, fontsize=6)
            ax.set_title(f"{title}, $P={order}$", fontsize=8)
            ax.set_xlabel("class retrieved")
        line[0].set_ylabel("class shown")
    figure.align_ylabels(axes[:, 0])
    figure.colorbar(mesh, ax=axes, label="fraction", shrink=0.6, pad=0.02)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for: what is confused most."""
    words = []
    for title, data in image_data.of_sets(tree):
        classes = data["retrieved"].values
        for order in data["order"].values:
            table = data["fraction"].sel(order=order).values
            off = table[:, :-1] * (1 - np.eye(len(table)))
            shown, retrieved = np.unravel_index(off.argmax(), off.shape)
            right, error = (float(data[v].sel(order=order)) for v in ("right", "right_err"))
            words.append(
                f"{title}, P = {order}: right {right:.3f} +- {error:.3f}, "
                f"none {table[:, -1].mean():.3f}, most often {classes[shown]} taken for "
                f"{classes[retrieved]} ({off.max():.2f})"
            )
    images = image_data.source(tree.children)
    return {"images": images, "threshold": RETRIEVED, "found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for title, data in image_data.of_sets(tree):
        K, per_class = data.sizes["shown"], data.attrs["n_cues"]
        right = rate(data["right"].values, K * per_class)
        mixed = data["fraction"].sel(retrieved="none").mean("shown").values
        few, *_, many = (rate(fraction, K * per_class) for fraction in mixed)
        yield positive(
            f"{title}: images retrieve their class more often than by chance", right - 1 / K
        )
        yield positive(f"{title}: with more bodies fewer end at no archetype", few - many)
        off = ~np.eye(K, dtype=bool)
        alike = data["resemblance"].values[off]
        for order in data["order"].values:
            confused = data["fraction"].sel(order=order).values[:, :-1][off]
            count = max(per_class * confused.sum(), 1)
            excess = confused @ (alike - alike.mean()) / max(confused.sum(), 1 / per_class)
            words = "classes are confused as their archetypes resemble each other"
            yield positive(
                f"{title}, P = {order}: {words}", Measured(excess, alike.std() / count**0.5)
            )
