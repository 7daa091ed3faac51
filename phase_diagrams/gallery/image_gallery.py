"""Images retrieved: image, corrupted cue, states on the way and at the end."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from phase_diagrams.retrieval import RETRIEVED, Retrieval, retrieve

from . import image_data
from .image_data import Images
from .running import Groups, Numbers, Session
from .verdicts import Findings, positive, rate


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes to show, of networks that learn all classes."""

    classes: list[int]
    orders: list[int]
    corruption: float
    n_examples: int
    sweeps: int
    seed: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Retrieve one image of each class, the first that is drawn."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _retrieved(parameters, images)


def _retrieved(parameters: Parameters, images: Images) -> xr.Dataset:
    p = parameters
    # `phase_diagrams.retrieval.images.split` holds one image out.
    n_examples = min(p.n_examples, images.smallest - 1)
    results = [
        retrieve(
            images.pixels, images.labels, n_examples=n_examples, orders=p.orders,
            corruption=p.corruption, label=label, sweeps=p.sweeps, seed=p.seed,
        )
        for label in p.classes
    ]  # fmt: skip
    own = [result.chosen.classes.index(result.chosen.label) for result in results]
    ends = [[result.retrieved(order) for order in p.orders] for result in results]
    m = [
        [result.overlaps(states[-1])[k] for states in result.trajectories.values()]
        for result, k in zip(results, own, strict=True)
    ]
    names = [["none" if c is None else images.class_name(c) for c in row] for row in ends]
    cue = [result.overlaps(result.cue)[k] for result, k in zip(results, own, strict=True)]
    picture = np.array([_pictures(result) for result in results], np.float32)
    panels = [f"$P={P}$, {when}" for P in p.orders for when in ("sweep 1", "end")]
    return xr.Dataset(
        {
            "picture": (("shown", "panel", "row", "column"), picture),
            "retrieved": (("shown", "order"), names),
            "m": (("shown", "order"), m),
            "cue": ("shown", cue),
        },
        coords={
            "shown": [images.class_name(c) for c in p.classes],
            "panel": ["image", "its spins", "cue", *panels, "archetype"],
            "order": p.orders,
        },
        attrs={"n_examples": n_examples, "corruption": p.corruption},
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
    sets = list(image_data.of_sets(tree))
    n_rows, n_columns = (sum(s.sizes["shown"] for _, s in sets), sets[0][1].sizes["panel"])
    figure = Figure(figsize=(7.0, 0.95 * n_rows + 0.2))
    lines = iter(figure.subplots(n_rows, n_columns, squeeze=False))
    for title, data in sets:
        for i, (shown, line) in enumerate(zip(data["shown"].values, lines, strict=False)):
            line[0].set_ylabel(shown if i else f"{title}\n{shown}", fontsize=7)
            for j, (ax, panel) in enumerate(zip(line, data["panel"].values, strict=True)):
                ax.imshow(
                    data["picture"][i, j], cmap="gray", vmin=-1, vmax=1.01, interpolation="nearest"
                )
                ax.set(xticks=[], yticks=[])
                if i == 0:
                    ax.set_title(panel, fontsize=7)
                if panel.endswith("end"):
                    one = data.isel(shown=i, order=(j - 4) // 2)
                    end = one["retrieved"].item()
                    ax.set_xlabel(
                        f"{end}, $m={float(one['m']):.2f}$", fontsize=6, labelpad=1,
                        color="tab:blue" if end == shown else "tab:red",
                    )  # fmt: skip
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    right = xr.concat(
        [data["retrieved"] == data["shown"] for _, data in image_data.of_sets(tree)], "shown"
    )
    good, total = right.sum("shown"), right.sizes["shown"]
    counts = [f"P = {int(n['order'])}: {int(n)} of {total}" for n in good]
    images = image_data.source(tree.children)
    return {"images": images, "threshold": RETRIEVED, "counts": ", ".join(counts)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    ends = [data.isel(order=-1) for _, data in image_data.of_sets(tree)]
    closer = np.concatenate([data["m"] > data["cue"] for data in ends])
    right = np.concatenate([data["retrieved"] == data["shown"] for data in ends])
    yield positive(
        f"{closer.sum()} of {closer.size} images end closer to the archetype of their class "
        "than their cues are",
        rate(closer.mean(), closer.size) - 0.5,
    )
    yield positive(
        f"{right.sum()} of {right.size} retrieve their class, more than by chance",
        rate(right.mean(), right.size) - 1 / image_data.N_CLASSES,
    )
