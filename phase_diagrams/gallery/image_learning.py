"""Learning classes of images: quality of retrieval against the number of examples."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from phase_diagrams.figures import drawing
from phase_diagrams.retrieval.images import overlaps

from . import image_data
from .image_data import Images
from .image_networks import (
    RULES,
    Cues,
    Division,
    corrupted,
    final_states,
    gaussian_majority_overlap,
    majority_overlap,
    predict,
)
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, positive, rate


class Parameters(Cues, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, data sets and cues; counts of images are per class."""

    n_examples: list[int]
    n_reference: int
    corruption: float


def compute(parameters: Parameters, session: Session) -> Groups:
    """Learn every random division of every data set."""
    for images in image_data.load(session.data_dir):
        yield f"/{images.name}", _learn(parameters, images)


def _learn(parameters: Parameters, images: Images) -> xr.Dataset:
    p, orders = parameters, parameters.orders
    known = min(p.n_reference, images.smallest // 2)
    # `phase_diagrams.retrieval.images.split` keeps one image for itself.
    spare = images.smallest - 1 - known - p.n_cues
    counts = [M for M in p.n_examples if spare >= M]
    if not counts:
        raise ValueError(f"n_examples = {p.n_examples}: {images.title} leave {spare}")
    shape = (p.n_splits, len(RULES), len(orders), len(counts))
    found: dict[str, Any] = {name: np.empty(shape) for name in ("m", "recognised", "example")}
    measured = defaultdict(list)
    divisions = p.divisions(images, n_reference=known, n_examples=counts[-1])
    for k, (seed, division) in enumerate(divisions):
        cues = corrupted(division.cues, p.corruption, seed)
        for name in ("quality", "n_effective", "class_quality"):
            measured[name].append(getattr(division, name))
        measured["cue_recognised"].append(_recognised(division, cues))
        starts = np.concatenate([division.references, *cues])
        for index in np.ndindex(shape[1:]):
            rule, order, M = RULES[index[0]], orders[index[1]], counts[index[2]]
            examples, at = division.examples[:, :M], (k, *index)
            states = final_states(
                order, rule, examples, starts, r=division.quality, sweeps=p.sweeps
            )
            kept, shown = np.split(states, [len(cues)])
            found["m"][at] = np.diag(overlaps(kept, division.references)).mean()
            own = [overlaps(one, of_class) for one, of_class in zip(kept, examples, strict=True)]
            found["example"][at] = np.mean([values.max() for values in own])
            found["recognised"][at] = _recognised(division, shown.reshape(cues.shape))
    means = {name: np.mean(values, axis=0) for name, values in measured.items()}
    r, n_effective = float(means["quality"]), float(means["n_effective"])
    theory = [
        [
            predict(P, rule, counts, r=r, n_effective=n_effective, n_classes=len(cues))
            for P in orders
        ]
        for rule in RULES
    ]
    unequal = [gaussian_majority_overlap(c, counts, known) for c in means["class_quality"]]
    dims = ("rule", "order", "n_examples")
    return xr.Dataset(
        averaged(found, dims)
        # The references are majorities too.
        | {"m_theory": (dims, np.array(theory) * majority_overlap(r, known))}
        | {"m_unequal": ("n_examples", np.mean(unequal, axis=0))}
        | {"class_quality": ("class", means["class_quality"])},
        coords={"rule": list(RULES), "order": orders, "n_examples": counts},
        attrs={
            "quality": r, "n_effective": n_effective, "n_reference": known,
            "cue_recognised": float(means["cue_recognised"]),
            "n_splits": p.n_splits, "corruption": p.corruption,
        },
    )  # fmt: skip


def _recognised(division: Division, states: np.ndarray) -> float:
    """Return the fraction of states (K, n, n_spins) nearest to the reference of their class."""
    nearest = overlaps(states, division.references).argmax(axis=-1)
    return float(np.mean(nearest == np.arange(len(states))[:, None]))


def draw(tree: xr.DataTree) -> Figure:
    """Two rows for each data set: overlap with the archetype, and classes recognised."""
    figure = Figure(figsize=(7.0, 3.7 * len(tree.children)))
    rows = figure.subplots(2 * len(tree.children), 3, sharex="col", sharey="row")
    sets = image_data.of_sets(tree)
    for upper, lower, (title, data) in zip(rows[::2], rows[1::2], sets, strict=True):
        for i, rule in enumerate(RULES):
            _panel(upper[i], lower[i], data.sel(rule=rule))
            upper[i].set_title(f"{title}: {rule}", fontsize=8)
        upper[0].set(ylabel="Mattis magnetization $m$", ylim=(-0.05, 1.05))
        lower[0].set(ylabel="classes recognised", ylim=(-0.05, 1.05))
        upper[0].legend()
    for ax in rows[-1]:
        ax.set(xscale="log", xlabel="examples per class $M$")
        drawing.logarithmic(ax.xaxis)
    return figure


def _panel(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    x = data["n_examples"]
    for i, order in enumerate(data["order"].values):
        row = data.sel(order=order)
        style: dict[str, Any] = {"color": f"C{i}", "ms": 4 - i}
        drawing.points(upper, x, row["m"], row["m_err"], label=f"$P={order}$", **style)
        upper.plot(x, row["m_theory"], color=f"C{i}", lw=0.9, ls=("-", "--", ":")[i % 3])
        drawing.points(lower, x, row["recognised"], row["recognised_err"], fmt="o-", **style)
    upper.plot(x, data["m_unequal"], color="0.5", lw=0.9, ls="-.", label="unequal spins")
    lower.axhline(data.attrs["cue_recognised"], color="0.5", lw=0.7, ls=":")


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for: where images depart from the random theory."""
    known, examples, gains = [], [], []
    for title, data in image_data.of_sets(tree):
        r, by_class = data.attrs["quality"], data["class_quality"]
        known.append(
            f"{title}: r = {r:.3f} ({float(by_class.min()):.2f} to {float(by_class.max()):.2f} "
            f"by class), rho = {(1 - r**2) / r**2:.3g} / M, "
            f"effective N = {data.attrs['n_effective']:.0f}"
        )
        last = data.sel(rule="unsupervised").isel(n_examples=-1)
        values = ", ".join(f"{float(x):.2f} at P = {int(x['order'])}" for x in last["example"])
        grown = ", ".join(
            f"{rule} from {_recognised_by_four(data, rule, 0)} to "
            f"{_recognised_by_four(data, rule, -1)}"
            for rule in RULES[1:]
        )
        gains.append(f"{title} {grown}, the cues themselves {data.attrs['cue_recognised']:.2f}")
        examples.append(f"M = {int(last['n_examples'])} of {title}: {values}")
    images = image_data.source(tree.children)
    words = {"numbers": known, "examples": examples, "gains": gains}
    return {"images": images} | {name: "; ".join(parts) for name, parts in words.items()}


def _recognised_by_four(data: xr.Dataset, rule: str, number: int) -> str:
    one = data.sel(rule=rule, order=4).isel(n_examples=number)
    return f"{float(one['recognised']):.2f} +- {float(one['recognised_err']):.2f}"


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    given = json.loads(tree.attrs["parameters"])
    K, dof = image_data.N_CLASSES, given["n_splits"] - 1
    trials = given["n_cues"] * given["n_splits"] * K
    for title, data in image_data.of_sets(tree):
        data = data.drop_sel(rule="storing")
        first, last = (data["recognised"].sel(order=4).isel(n_examples=k) for k in (0, -1))
        fewest, most = (int(data["n_examples"][k]) for k in (0, -1))
        yield positive(
            f"{title}: four bodies recognise more of {most} examples than of {fewest}",
            rate(last, trials) - rate(first, trials),
        )
        yield positive(
            f"{title}: overlaps stay below those of the random theory",
            Measured(data["m_theory"] - data["m"], data["m_err"], dof),
        )
        data = data.isel(n_examples=-1)
        exists = data["m_theory"].notnull()
        two, four = (data.sel(order=P) for P in (2, 4))
        few, many = (rate(one["recognised"], trials) for one in (two, four))
        kept = Measured(data["m"].where(exists).min("order"), four["m_err"], dof)
        lost = Measured(data["m"].where(~exists).max("order"), two["m_err"], dof)
        yield positive(f"{title}: four bodies learn classes from examples", many - 1 / K)
        yield positive(f"{title}: four bodies recognise more than two", many - few)
        yield positive(
            f"{title}: overlaps are smaller where theory has no retrieval state", kept - lost
        )
