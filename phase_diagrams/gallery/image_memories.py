"""Single images stored as they are, and brought back from corrupted cues by several memories."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hebbian import Dense, Exponential, Hopfield, Model, SparseDistributed
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval.images import overlaps

from . import image_data
from .image_data import Images
from .image_networks import seeds
from .running import Groups, Numbers, Session, averaged
from .stored_images import (
    binarised,
    chosen,
    corrupted_cues,
    drawn,
    ends,
    most_balanced,
    pictured,
)
from .verdicts import Findings, Measured, equal, measured, positive

#: Errors that are told apart.
CLOSE = 0.03


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stored images, corruptions of their cues and which one is shown; the memories."""

    n_patterns: int
    corruption: list[float]
    shown: float
    sharpness: float
    radius: float
    n_cues: int
    n_splits: int
    sweeps: int
    seed: int

    @property
    def memories(self) -> dict[str, Model]:
        """The memories by the names that figures have."""
        return {
            "$P = 2$": Hopfield(),
            "$P = 4$": Dense(order=4),
            "sparse": SparseDistributed(radius=self.radius),
            "exponential": Exponential(sharpness=self.sharpness),
        }


def compute(parameters: Parameters, session: Session) -> Groups:
    """Store images of every data set, several choices of them, and read their cues."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _read(parameters, images)
    yield "/", xr.Dataset(attrs={"n_splits": parameters.n_splits})


def _read(parameters: Parameters, images: Images) -> xr.Dataset:
    p, memories = parameters, parameters.memories
    binarisation = binarised(images)
    shape = p.n_splits, len(p.corruption)
    wrong = np.empty((p.n_splits, len(memories), len(p.corruption)))
    nearest, common = np.empty(shape), np.empty(p.n_splits)
    pictures: list[np.ndarray] = []
    for s, seed in enumerate(seeds(p.seed, p.n_splits)):
        stored = chosen(binarisation, images, p.n_patterns, seed)
        q = overlaps(stored, stored)[~np.eye(len(stored), dtype=bool)]
        common[s] = np.mean(q**2) ** 0.5
        asked = stored[: p.n_cues]
        cues = corrupted_cues(asked, p.corruption, seed)
        taken = stored[overlaps(cues, stored).argmax(axis=-1)]
        nearest[s] = (taken != asked).mean(axis=(1, 2))
        own, place = most_balanced(asked), p.corruption.index(p.shown)
        shown = [asked[own], cues[place, own]]
        for k, model in enumerate(memories.values()):
            states = ends(model, stored, cues, p.sweeps, dynamics="parallel")
            wrong[s, k] = (states != asked).mean(axis=(1, 2))
            shown.append(states[place, own])
        pictures = pictures or shown
    data = averaged({"wrong": wrong}, ("memory", "corruption"))
    data |= averaged({"nearest": nearest}, ("corruption",))
    return xr.Dataset(
        data | {"picture": pictured(binarisation, images, pictures)},
        {
            "memory": list(memories),
            "corruption": p.corruption,
            "panel": ["image", "cue", *memories],
        },
        {"n_samples": p.n_splits, "overlap": float(common.mean()), "n_spins": stored.shape[1]},
    )


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: errors against corruption, and pictures."""
    return drawn(tree, _curves)


def _curves(ax: Axes, data: xr.Dataset) -> None:
    ax.plot(data["corruption"], data["nearest"], "k", lw=0.9, label="nearest image")
    for k, memory in enumerate(data["memory"].values):
        one = data.sel(memory=memory)
        drawing.points(
            ax, one["corruption"], one["wrong"], one["wrong_err"], fmt="osD^"[k],
            color=f"C{k}", ms=5 - 0.9 * k, label=memory,
        )  # fmt: skip
    ax.set(xlabel="fraction of the cue reversed", ylabel="fraction wrong at the end")


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    sets = list(image_data.of_sets(tree))
    common = [
        f"{title}: {data.attrs['n_spins']} spins, root mean square overlap of two images "
        f"{data.attrs['overlap']:.2f}"
        for title, data in sets
    ]
    found = []
    for title, data in sets:
        least = data["wrong"].isel(corruption=0)
        words = [f"{float(one):.3f} ({str(one['memory'].item()).strip('$')})" for one in least]
        found.append(f"{title}: {', '.join(words)}")
    return {
        "images": image_data.source(tree.children),
        "overlaps": "; ".join(common),
        "found": f"Wrong at the end of uncorrupted cues: {'; '.join(found)}",
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof = tree.attrs["n_splits"] - 1
    for title, data in image_data.of_sets(tree):
        near = data.where(data["corruption"] <= 0.3, drop=True)
        wrong = {
            str(memory): measured(near.sel(memory=memory, drop=True), "wrong", dof=dof)
            for memory in near["memory"].values
        }
        for memory in ("sparse", "exponential"):
            for bodies in ("$P = 2$", "$P = 4$"):
                yield positive(
                    f"{title}: the {memory} memory leaves fewer errors than {bodies.strip('$')}",
                    wrong[bodies] - wrong[memory],
                )
        best = measured(near, "nearest", dof=dof)
        gap = wrong["exponential"] - best
        yield equal(
            f"{title}: the exponential memory returns the nearest image within {CLOSE:g} of the "
            "spins",
            Measured(gap.value, gap.error, dof),
            tolerance=CLOSE,
        )
