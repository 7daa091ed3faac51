"""Images stored as they are by Hebbian couplings, by four bodies and by couplings that slept."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hebbian import Dense, Dreaming, Hopfield, Model
from phase_diagrams.figures import drawing

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
from .verdicts import Findings, Measured, measured, positive

#: Memories in the order in which each recalls more images than the last.
HEBB, DENSE, PROJECTOR, DREAMING = "$P = 2$", "$P = 4$", "pseudo-inverse", "dreaming"


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of stored images, and the one of the pictures; cues, and what counts as recalled."""

    sleep: float
    n_patterns: list[int]
    shown: int
    corruption: float
    near: float
    n_cues: int
    n_splits: int
    sweeps: int
    seed: int

    @property
    def memories(self) -> dict[str, Model]:
        """The memories by the names that figures have."""
        return {
            HEBB: Hopfield(),
            DENSE: Dense(order=4),
            PROJECTOR: Dreaming(sleep=math.inf),
            DREAMING: Dreaming(sleep=self.sleep),
        }


def compute(parameters: Parameters, session: Session) -> Groups:
    """Store more and more images of every data set, and read cues of some."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _read(parameters, images)
    yield "/", xr.Dataset(attrs={"n_splits": parameters.n_splits})


def _read(parameters: Parameters, images: Images) -> xr.Dataset:
    p, memories = parameters, parameters.memories
    binarisation = binarised(images)
    recalled = np.empty((p.n_splits, len(memories), len(p.n_patterns)))
    pictures: list[np.ndarray] = []
    for s, seed in enumerate(seeds(p.seed, p.n_splits)):
        for i, count in enumerate(p.n_patterns):
            stored = chosen(binarisation, images, count, seed)
            asked = stored[: p.n_cues]
            [cues] = corrupted_cues(asked, [p.corruption], seed)
            own = most_balanced(asked)
            shown = [asked[own], cues[own]]
            for k, model in enumerate(memories.values()):
                states = ends(model, stored, cues, p.sweeps, dynamics="zero-temperature")
                recalled[s, k, i] = ((states != asked).mean(axis=1) <= p.near).mean()
                shown.append(states[own])
            if s == 0 and count == p.shown:
                pictures = shown
    return xr.Dataset(
        averaged({"recalled": recalled}, ("memory", "n_patterns"))
        | {"picture": pictured(binarisation, images, pictures)},
        {
            "memory": list(memories),
            "n_patterns": p.n_patterns,
            "panel": ["image", "cue", *memories],
        },
        {"n_samples": p.n_splits, "n_spins": binarisation.spins(images.pixels[:1]).shape[1]},
    )


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: share recalled against number stored, and pictures."""
    return drawn(tree, _curves)


def _curves(ax: Axes, data: xr.Dataset) -> None:
    for k, memory in enumerate(data["memory"].values):
        one = data.sel(memory=memory)
        drawing.points(
            ax, one["n_patterns"], one["recalled"], one["recalled_err"], fmt=f"{'osD^'[k]}-",
            color=f"C{k}", ms=5 - 0.9 * k, label=memory,
        )  # fmt: skip
    ax.set(xlabel="images stored", ylabel="share recalled", xscale="log", ylim=(-0.03, 1.05))
    drawing.logarithmic(ax.xaxis)


def _most(data: xr.Dataset) -> Iterator[tuple[str, int, Measured]]:
    """Yield of every memory with how many stored it recalls most, and how many it recalls then."""
    for memory in data["memory"].values:
        one = data.sel(memory=memory, drop=True)
        number = one["recalled"] * one["n_patterns"]
        best = int(number.values.argmax())
        count = int(one["n_patterns"][best])
        error = float(one["recalled_err"][best]) * count
        yield str(memory), count, Measured(float(number[best]), error, data.attrs["n_samples"] - 1)


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    found = []
    for title, data in image_data.of_sets(tree):
        words = [
            f"{found.value:.0f} of {count} ({memory.strip('$')})"
            for memory, count, found in _most(data)
        ]
        found.append(f"{title}, {data.attrs['n_spins']} spins: {', '.join(words)}")
    return {
        "images": image_data.source(tree.children),
        "found": f"Recalled at most: {'; '.join(found)}",
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for title, data in image_data.of_sets(tree):
        most = {memory: found for memory, _, found in _most(data)}
        for bodies in (HEBB, DENSE):
            words = f"{title}: more images are recalled by the {PROJECTOR} than by {bodies}"
            yield positive(words.replace("$", ""), most[PROJECTOR] - most[bodies])
        last, dof = measured(data.isel(n_patterns=-1), "recalled"), data.attrs["n_samples"] - 1
        slept, projected, hebb = (
            Measured(float(last.value.sel(memory=name)), float(last.error.sel(memory=name)), dof)
            for name in (DREAMING, PROJECTOR, HEBB)
        )
        words = f"{title}: of {int(data['n_patterns'][-1])} images those that slept recall"
        yield positive(f"{words} more than the {PROJECTOR}", slept - projected)
        yield positive(f"{words} more than Hebbian ones", slept - hebb)
