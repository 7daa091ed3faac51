"""Single images stored as they are: their cues, what memories make of them, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
from hebbian import Model, from_examples, streams
from phase_diagrams.retrieval.binarisation import Binarisation
from phase_diagrams.retrieval.images import corrupt

from . import image_data
from .image_data import Images

__all__ = ["binarised", "chosen", "corrupted_cues", "drawn", "ends", "most_balanced", "pictured"]

#: Grey level above which a pixel is a spin +1.
_LEVEL = 127


def binarised(images: Images) -> Binarisation:
    """Return what makes a spin of every pixel: whether it is brighter than half."""
    return Binarisation.fit(_LEVEL, images.pixels)


def chosen(binarisation: Binarisation, images: Images, count: int, seed: int) -> np.ndarray:
    """Return the spins of different images, chosen at random; of fewer, the first ones.

    Parameters
    ----------
    binarisation : Binarisation
    images : Images
    count : int
        Images; half as many as there are at most.
    seed : int
    """
    key = np.random.Philox(streams.stream(seed, "stored images"))
    order = np.random.Generator(key).permutation(len(images.labels))
    spins = binarisation.spins(images.pixels[order[: 2 * count]])
    _, first = np.unique(spins, axis=0, return_index=True)
    return spins[np.sort(first)[:count]]


def corrupted_cues(asked: np.ndarray, corruption: Sequence[float], seed: int) -> np.ndarray:
    """Reverse fractions of the spins of images; shape (n_corruption, n_images, n_spins)."""
    keys = streams.stream(seed, "cues").generate_state(len(asked))
    return np.array(
        [[corrupt(one, c, int(key)) for one, key in zip(asked, keys, strict=True)]
         for c in corruption]
    )  # fmt: skip


def ends(
    model: Model, stored: np.ndarray, cues: np.ndarray, sweeps: int, *, dynamics: str
) -> np.ndarray:
    """Return the states some sweeps after the cues (..., n_spins), at T = 0."""
    run = montecarlo.simulate(
        model,
        data=from_examples(model, stored, stored[:, None]),
        T=0.0,
        n_replicas=cues[..., 0].size,
        schedule=montecarlo.Schedule(warmup=sweeps - 1, sweeps=1, stride=1),
        dynamics=dynamics,
        start=cues.reshape(1, -1, cues.shape[-1]),
        keep_spins=True,
    )
    assert run.spins is not None
    return run.spins[0, :, -1].reshape(cues.shape)


def most_balanced(asked: np.ndarray) -> int:
    """Return the image of which about half is bright: it shows most."""
    return int(np.abs(asked.mean(axis=1)).argmin())


def pictured(
    binarisation: Binarisation, images: Images, shown: Sequence[np.ndarray]
) -> tuple[tuple[str, str, str], np.ndarray]:
    """Return spins as pictures along (panel, row, column)."""
    size = images.pixels.shape[1:]
    pictures = [binarisation.picture(spins).reshape(size) for spins in shown]
    return ("panel", "row", "column"), np.array(pictures, np.float32)


def drawn(tree: xr.DataTree, curves: Callable[[Axes, xr.Dataset], None]) -> Figure:
    """Draw a row for each data set: its curves on the left, its pictures beside them."""
    sets = list(image_data.of_sets(tree))
    n_panels = sets[0][1].sizes["panel"]
    figure = Figure(figsize=(7.0, 2.0 * len(sets)))
    grid = figure.subplots(
        len(sets), 1 + n_panels, squeeze=False, width_ratios=[3.2] + [1.0] * n_panels
    )
    for (left, *pictures), (title, data) in zip(grid, sets, strict=True):
        curves(left, data)
        left.set_title(title)
        for ax, panel in zip(pictures, data["panel"].values, strict=True):
            ax.imshow(data["picture"].sel(panel=panel), cmap="gray", vmin=-1, vmax=1,
                      interpolation="nearest")  # fmt: skip
            ax.set(xticks=[], yticks=[])
            ax.set_title(panel, fontsize=7)
    handles = grid[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside upper left", ncols=len(handles[0]))
    return figure
