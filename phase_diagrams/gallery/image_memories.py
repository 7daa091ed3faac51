"""Single images stored as they are, and brought back from corrupted cues by several memories."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
from hebbian import Dense, Exponential, Hopfield, Model, SparseDistributed, from_examples, streams
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval.binarisation import Binarisation
from phase_diagrams.retrieval.images import corrupt, overlaps

from . import image_data
from .image_data import Images
from .image_networks import seeds
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: Grey level above which a pixel is a spin +1.
LEVEL = 127
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
    binarisation = Binarisation.fit(LEVEL, images.pixels)
    shape = p.n_splits, len(p.corruption)
    wrong = np.empty((p.n_splits, len(memories), len(p.corruption)))
    nearest, common = np.empty(shape), np.empty(p.n_splits)
    pictures: list[np.ndarray] = []
    for s, seed in enumerate(seeds(p.seed, p.n_splits)):
        stored = _chosen(binarisation, images, p.n_patterns, seed)
        q = overlaps(stored, stored)[~np.eye(len(stored), dtype=bool)]
        common[s] = np.mean(q**2) ** 0.5
        asked = stored[: p.n_cues]
        keys = streams.stream(seed, "cues").generate_state(len(asked))
        cues = np.array(
            [[corrupt(one, c, int(key)) for one, key in zip(asked, keys, strict=True)]
             for c in p.corruption]
        )  # fmt: skip
        taken = stored[overlaps(cues, stored).argmax(axis=-1)]
        nearest[s] = (taken != asked).mean(axis=(1, 2))
        own = int(np.abs(asked.mean(axis=1)).argmin())  # of what is shown half is bright
        shown = [asked[own], cues[p.corruption.index(p.shown), own]]
        for k, model in enumerate(memories.values()):
            ends = _ends(model, stored, cues, p.sweeps)
            wrong[s, k] = (ends != asked).mean(axis=(1, 2))
            shown.append(ends[p.corruption.index(p.shown), own])
        if not pictures:
            size = images.pixels.shape[1:]
            pictures = [binarisation.picture(spins).reshape(size) for spins in shown]
    data = averaged({"wrong": wrong}, ("memory", "corruption"))
    data |= averaged({"nearest": nearest}, ("corruption",))
    panels = ["image", "cue", *memories]
    return xr.Dataset(
        data | {"picture": (("panel", "row", "column"), np.array(pictures, np.float32))},
        {"memory": list(memories), "corruption": p.corruption, "panel": panels},
        {"n_samples": p.n_splits, "overlap": float(common.mean()), "n_spins": stored.shape[1]},
    )


def _chosen(binarisation: Binarisation, images: Images, count: int, seed: int) -> np.ndarray:
    """Return the spins of different images, chosen at random."""
    key = np.random.Philox(streams.stream(seed, "stored images"))
    order = np.random.Generator(key).permutation(len(images.labels))
    spins = binarisation.spins(images.pixels[order[: 2 * count]])
    _, first = np.unique(spins, axis=0, return_index=True)
    return spins[np.sort(first)[:count]]


def _ends(model: Model, stored: np.ndarray, cues: np.ndarray, sweeps: int) -> np.ndarray:
    """Return the states after some parallel steps, of the shape of the cues."""
    run = montecarlo.simulate(
        model,
        data=from_examples(model, stored, stored[:, None]),
        T=0.0,
        n_replicas=cues.shape[0] * cues.shape[1],
        schedule=montecarlo.Schedule(warmup=sweeps - 1, sweeps=1, stride=1),
        dynamics="parallel",
        start=cues.reshape(1, -1, cues.shape[-1]),
        keep_spins=True,
    )
    assert run.spins is not None
    return run.spins[0, :, -1].reshape(cues.shape)


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: errors against corruption, and pictures."""
    sets = list(image_data.of_sets(tree))
    n_panels = sets[0][1].sizes["panel"]
    figure = Figure(figsize=(7.0, 2.0 * len(sets)))
    grid = figure.subplots(
        len(sets), 1 + n_panels, squeeze=False, width_ratios=[3.2] + [1.0] * n_panels
    )
    for (curve, *pictures), (title, data) in zip(grid, sets, strict=True):
        curve.plot(data["corruption"], data["nearest"], "k", lw=0.9, label="nearest image")
        for k, memory in enumerate(data["memory"].values):
            one = data.sel(memory=memory)
            drawing.points(
                curve, one["corruption"], one["wrong"], one["wrong_err"], fmt="osD^"[k],
                color=f"C{k}", ms=5 - 0.9 * k, label=memory,
            )  # fmt: skip
        curve.set(xlabel="fraction of the cue reversed", ylabel="fraction wrong at the end")
        curve.set_title(title)
        for ax, panel in zip(pictures, data["panel"].values, strict=True):
            ax.imshow(data["picture"].sel(panel=panel), cmap="gray", vmin=-1, vmax=1,
                      interpolation="nearest")  # fmt: skip
            ax.set(xticks=[], yticks=[])
            ax.set_title(panel, fontsize=7)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=5)
    return figure


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
