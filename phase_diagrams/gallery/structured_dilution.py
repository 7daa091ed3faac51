"""Several images retrieved at once: archetypes whose blanks are pixels without ink."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Multitasking, from_examples, streams
from phase_diagrams.figures import drawing
from phase_diagrams.retrieval.images import split

from . import image_data
from .diluted_images import LAW, column_law, diluted_archetypes, mean_field
from .image_data import Images
from .image_networks import seeds
from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, equal, exact, measured, positive

#: Names of the states, where they start, and whether the dilutions are made equal.
CASES = {
    "hierarchical": ("hierarchical", False),
    "parallel": ("parallel", False),
    "parallel, equal dilutions": ("parallel", True),
}
KINDS = ("images", "shuffled")


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of images, temperature of the parallel states over 1 - d, range of the theory.

    A sample is a choice of classes and images.  `copies` spins see each pixel, which leaves
    the law of the columns as it is, and fewer chance correlations between shuffled archetypes.
    """

    n_patterns: int
    n_images: list[int]
    copies: int
    parallel_temperature: float
    dilution: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate the archetypes of every data set, and solve the theory for every dilution."""
    low, high = parameters.dilution
    d = np.linspace(low, high, 60)
    model = Multitasking(n_patterns=parameters.n_patterns)
    curves = [
        theory.solve(model, T=_temperature(parameters, start, d), dilution=d, start=start).m
        for start, _ in CASES.values()
    ]
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _diluted(parameters, images)
    m = {"m": (("state", "dilution", "pattern"), np.array(curves))}
    yield "/theory", xr.Dataset(m, {"state": list(CASES), "dilution": d})


def _temperature(parameters: Parameters, start: str, d: Any) -> Any:
    return (0 if start == "hierarchical" else parameters.parallel_temperature) * (1 - d)


def _diluted(parameters: Parameters, images: Images) -> xr.Dataset:
    K, counts = parameters.n_patterns, parameters.n_images
    shape = parameters.n_samples, len(counts), len(CASES)
    overlaps = {name: np.empty((*shape, len(KINDS), K)) for name in ("m", "mean_field")}
    dilution, law = np.empty((*shape, K)), np.empty((*shape, len(LAW)))
    picture = np.empty((K, *images.pixels.shape[1:]), np.int8)
    for k, seed in enumerate(seeds(parameters.seed, parameters.n_samples)):
        rng = np.random.Generator(np.random.Philox(streams.stream(seed, "classes and shuffles")))
        chosen = rng.permutation(np.unique(images.labels))[:K]
        drawn = split(images.labels, max(counts), classes=chosen.tolist(), seed=seed).examples
        n_spins = parameters.copies * images.pixels[0].size
        orders = rng.permuted(np.tile(np.arange(n_spins), (K, 1)), axis=1)
        for i, j in np.ndindex(*shape[1:]):
            start, equal = list(CASES.values())[j]
            xi = diluted_archetypes(images.pixels[drawn[:, : counts[i]]], equal=equal)
            copied = np.tile(xi, parameters.copies)
            shuffled = np.take_along_axis(copied, orders, axis=1)
            for kind, archetypes in enumerate((copied, shuffled)):
                found = _retrieve(parameters, archetypes, start, seed)
                for name, values in zip(overlaps, found, strict=True):
                    overlaps[name][k, i, j, kind] = values
            dilution[k, i, j] = (xi == 0).mean(axis=1)
            law[k, i, j] = column_law(xi)
            if (k, i, j) == (0, len(counts) // 2, 0):
                picture = xi.reshape(picture.shape)
    dims = ("n_images", "state", "kind", "pattern")
    return xr.Dataset(
        averaged({"m": overlaps["m"], "gap": overlaps["m"] - overlaps["mean_field"]}, dims)
        | {"mean_field": (dims, overlaps["mean_field"].mean(axis=0))}
        # Patterns are named by their dilution here, by their overlap above.
        | {"dilution": (("n_images", "state", "pattern"), dilution.mean(axis=0))}
        | {name: (dims[:2], law.mean(axis=0)[..., i]) for i, name in enumerate(LAW)}
        | {"picture": (("pattern", "row", "column"), picture)},
        coords={"n_images": counts, "state": list(CASES), "kind": list(KINDS)},
        attrs={"n_samples": parameters.n_samples, "copies": parameters.copies},
    )


def _retrieve(
    parameters: Parameters, xi: np.ndarray, start: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the overlaps in a simulation and in the infinite network, the largest first."""
    d = float((xi == 0).mean())
    T = _temperature(parameters, start, d)
    model = Multitasking(n_patterns=len(xi), dilution=d)
    run = montecarlo.simulate(
        model,
        data=from_examples(model, xi, xi[:, None]),
        T=T,
        start=start,
        **parameters.settings() | {"seed": seed, "n_samples": 1},
    )
    columns = xi.astype(np.float64)
    first = columns[np.argmax(xi != 0, axis=0), np.arange(xi.shape[1])]
    spins = first if start == "hierarchical" else np.sign(columns.sum(axis=0))
    infinite = mean_field(columns, T, columns @ spins / xi.shape[1])
    one, other = (m[np.argsort(-np.abs(m))] for m in (run.m.mean, infinite))
    return one, other


def draw(tree: xr.DataTree) -> Figure:
    """A row for each data set: archetypes, hierarchical and parallel states."""
    sets = list(image_data.of_sets(tree))
    figure = Figure(figsize=(7.0, 2.5 * len(sets)))
    axes = figure.subplots(len(sets), 4, squeeze=False, width_ratios=[0.4, 1, 1, 1])
    for (title, data), line in zip(sets, axes, strict=True):
        rows = np.concatenate(list(data["picture"].values))
        # Blanks, 0, would be on the border of two greys with vmax = 1, and rounding decide.
        line[0].imshow(rows, cmap="gray", vmin=-1, vmax=1.01, interpolation="nearest")
        line[0].set_axis_off()
        line[0].set_title(title, fontsize=8)
        curves = tree["theory"].to_dataset()["m"]
        for ax, state in zip(line[1:], CASES, strict=True):
            _panel(ax, data.sel(state=state), curves.sel(state=state))
            ax.set_title(state, fontsize=8)
        line[1].set_ylabel("Mattis magnetization $m_\\mu$")
    axes[0, 1].legend(fontsize=6, loc="upper right")
    for ax in axes[-1, 1:]:
        ax.set_xlabel("mean dilution $d$")
    return figure


def _panel(ax: Axes, data: xr.Dataset, curves: xr.DataArray) -> None:
    x = data["dilution"].mean("pattern")
    for mu in range(data.sizes["pattern"]):
        for kind, fill, size in (("images", f"C{mu}", 3), ("shuffled", "none", 5)):
            points = data.sel(kind=kind).isel(pattern=mu)
            drawing.points(ax, x, points["m"], points["m_err"], color=f"C{mu}", mfc=fill, ms=size,
                           mew=0.7, label=kind if mu == 0 else None)  # fmt: skip
        infinite = data["mean_field"].sel(kind="images").isel(pattern=mu)
        ax.plot(x, infinite, "k+", ms=5, mew=0.7, zorder=4,
                label="their columns" if mu == 0 else None)  # fmt: skip
        ax.plot(curves["dilution"], curves.isel(pattern=mu), color=f"C{mu}", lw=0.9,
                label="random theory" if mu == 0 else None)  # fmt: skip
    ax.set_ylim(min(-0.05, ax.get_ylim()[0]), None)


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for: what tells images from random archetypes."""
    words = []
    for title, every in image_data.of_sets(tree):
        for i in (0, -1):
            data = every.isel(n_images=i).sel(state="hierarchical", kind="images")
            d, m = (", ".join(f"{x:.2f}" for x in data[name].values) for name in ("dilution", "m"))
            words.append(
                f"{title}, {int(data['n_images'])} images: dilutions {d}; "
                f"room of the second archetype on the blanks of the first {float(data['room']):.2f}"
                f" of that of independent blanks, columns blank in all {float(data['common']):.1f} "
                f"times as many, correlation {float(data['correlation']):.2f}; m = {m}"
            )
    return {"images": image_data.source(tree.children), "found": ". ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for title, data in image_data.of_sets(tree):
        seen, common = data.sel(kind="images"), data["common"]
        second = seen.isel(pattern=1)
        blurred = (data.attrs["copies"] * data.sizes["row"] * data.sizes["column"]) ** -0.5
        yield positive(
            f"{title}: a second image is retrieved, hierarchically",
            measured(second.sel(state="hierarchical")),
        )
        yield positive(
            f"{title}: a second image is retrieved, in parallel",
            measured(second.sel(state="parallel, equal dilutions")),
        )
        yield equal(
            f"{title}: overlaps are those of the law of their columns",
            measured(seen, "gap"),
            tolerance=blurred,
        )
        yield exact(
            f"{title}: columns blank in all archetypes are {float(common.min()):.1f} "
            f"to {float(common.max()):.1f} times as many as independent blanks make",
            common > 1,
        )
