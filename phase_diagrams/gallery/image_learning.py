"""Learning classes of images: quality of retrieval against the number of examples."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from phase_diagrams.figures import drawing

from . import image_data
from .image_data import Images
from .image_networks import (
    RULES,
    Division,
    corrupted,
    divide,
    final_states,
    gaussian_majority_overlap,
    majority_overlap,
    overlaps,
    predict,
    seeds,
)
from .running import Session
from .verdicts import Finding, larger, rate

__all__ = ["Parameters", "caption", "compute", "draw", "holds"]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders, data sets and cues; counts of images are per class."""

    orders: list[int]
    n_examples: list[int]
    n_reference: int
    n_cues: int
    n_splits: int
    corruption: float
    sweeps: int
    seed: int


def compute(parameters: Parameters, session: Session) -> xr.DataTree:
    """Learn every random division of every data set."""
    return image_data.of_every_set(session.data_dir, lambda images: _learn(parameters, images))


def _learn(parameters: Parameters, images: Images) -> xr.Dataset:
    known = min(parameters.n_reference, images.smallest // 2)
    # `phase_diagrams.retrieval.images.split` keeps one image for itself.
    spare = images.smallest - 1 - known - parameters.n_cues
    counts = [M for M in parameters.n_examples if spare >= M]
    if not counts:
        raise ValueError(f"n_examples = {parameters.n_examples}: {images.title} leave {spare}")
    orders = parameters.orders
    shape = (parameters.n_splits, len(RULES), len(orders), len(counts))
    found: dict[str, Any] = {name: np.empty(shape) for name in ("m", "recognised", "example")}
    measured = ("quality", "n_effective", "class_quality")
    divisions: dict[str, list[Any]] = {name: [] for name in (*measured, "cue_recognised")}
    for k, seed in enumerate(seeds(parameters.seed, parameters.n_splits)):
        division = divide(
            images, n_reference=known, n_cues=parameters.n_cues, n_examples=counts[-1], seed=seed
        )
        cues = corrupted(division.cues, parameters.corruption, seed)
        for name in measured:
            divisions[name].append(getattr(division, name))
        divisions["cue_recognised"].append(_recognised(division, cues))
        for index in np.ndindex(shape[1:]):
            rule, order, M = RULES[index[0]], orders[index[1]], counts[index[2]]
            starts = np.concatenate([division.references, *cues])
            examples = division.examples[:, :M]
            states = final_states(
                order,
                rule,
                examples,
                starts,
                r=division.quality,
                sweeps=parameters.sweeps,
            )
            kept, shown = np.split(states, [len(cues)])
            found["m"][(k, *index)] = np.diag(overlaps(kept, division.references)).mean()
            own = [overlaps(one, of_class) for one, of_class in zip(kept, examples, strict=True)]
            found["example"][(k, *index)] = np.mean([values.max() for values in own])
            found["recognised"][(k, *index)] = _recognised(division, shown.reshape(cues.shape))
    means = {name: np.mean(values, axis=0) for name, values in divisions.items()}
    r, n_effective = float(means["quality"]), float(means["n_effective"])
    theory = [
        [
            predict(P, rule, counts, r=r, n_effective=n_effective, n_classes=len(division.cues))
            for P in orders
        ]
        for rule in RULES
    ]
    unequal = [gaussian_majority_overlap(c, counts, known) for c in means["class_quality"]]
    dims = ("rule", "order", "n_examples")
    error = parameters.n_splits**-0.5
    spread = {
        name: values.std(axis=0, ddof=1) * error if len(values) > 1 else np.full(shape[1:], np.nan)
        for name, values in found.items()
    }
    return xr.Dataset(
        {name: (dims, values.mean(axis=0)) for name, values in found.items()}
        | {f"{name}_err": (dims, values) for name, values in spread.items()}
        # The references are majorities too.
        | {"m_theory": (dims, np.array(theory) * majority_overlap(r, known))}
        | {"m_unequal": ("n_examples", np.mean(unequal, axis=0))}
        | {"class_quality": ("class", means["class_quality"])},
        coords={"rule": list(RULES), "order": orders, "n_examples": counts},
        attrs={
            "quality": r,
            "n_effective": n_effective,
            "cue_recognised": float(means["cue_recognised"]),
            "n_reference": known,
            "n_splits": parameters.n_splits,
            "corruption": parameters.corruption,
        },
    )


def _recognised(division: Division, states: np.ndarray) -> float:
    """Return the fraction of states (K, n, n_spins) nearest to the reference of their class."""
    nearest = overlaps(states, division.references).argmax(axis=-1)
    return float(np.mean(nearest == np.arange(len(states))[:, None]))


def draw(tree: xr.DataTree) -> Figure:
    """Two rows for each data set: overlap with the archetype, and classes recognised."""
    figure = Figure(figsize=(7.0, 3.7 * len(tree.children)))
    rows = figure.subplots(2 * len(tree.children), 3, sharex="col", sharey="row")
    for upper, lower, (name, node) in zip(
        rows[::2], rows[1::2], tree.children.items(), strict=True
    ):
        data = node.to_dataset()
        for i, rule in enumerate(RULES):
            _panel(upper[i], lower[i], data.sel(rule=rule))
            upper[i].set_title(f"{image_data.TITLES[name]}: {rule}", fontsize=8)
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
        style: dict[str, Any] = {"color": f"C{i}", "ms": 4 - i, "lw": 0.8, "capsize": 1.5}
        upper.errorbar(x, row["m"], yerr=row["m_err"], fmt="o", label=f"$P={order}$", **style)
        upper.plot(x, row["m_theory"], color=f"C{i}", lw=0.9, ls=("-", "--", ":")[i % 3])
        lower.errorbar(x, row["recognised"], yerr=row["recognised_err"], fmt="o-", **style)
    upper.plot(x, data["m_unequal"], color="0.5", lw=0.9, ls="-.", label="unequal spins")
    lower.axhline(data.attrs["cue_recognised"], color="0.5", lw=0.7, ls=":")


def caption(tree: xr.DataTree) -> str:
    """Say what is shown, and where images depart from the random theory."""
    numbers = "; ".join(
        f"{image_data.TITLES[name]}: r = {node.attrs['quality']:.3f} "
        f"({float(node['class_quality'].min()):.2f} to {float(node['class_quality'].max()):.2f} "
        f"by class), rho = {(1 - r2) / r2:.3g} / M, effective N = {node.attrs['n_effective']:.0f}"
        for name, node in tree.children.items()
        for r2 in [node.attrs["quality"] ** 2]
    )
    attrs = next(iter(tree.children.values())).attrs
    return (
        f"Learning {image_data.source(list(tree.children))} by three rules at T = 0. Upper rows: "
        "overlap with the archetype (majority of other images of the class) after descent from "
        "it; points: images, mean of all classes, errors over "
        f"{attrs['n_splits']} random divisions; lines: random theory at the effective load of "
        f"the measured overlaps of archetypes and the measured quality ({numbers}), "
        "none where it has no retrieval state. Lower rows: "
        f"held-out images, {attrs['corruption']:.0%} of their spins reversed, that end nearest to "
        "the archetype of their class; dotted: of the cues themselves. Images depart from the "
        "theory: the quality differs from spin to spin, so that a majority converges slowly "
        "(dash-dotted: Gaussian qualities), and from class to class. Pairwise networks are "
        "beyond their capacity as soon as they learn examples, and with a teacher lose the "
        "classes of best quality last. Without a teacher and at fewer than about r^-P examples "
        "more bodies end at single examples (overlap with the nearest one at "
        f"{_examples(tree)}), which theory leaves out where it assumes that all contribute alike."
    )


def _examples(tree: xr.DataTree) -> str:
    """Say how near to a single example states without a teacher are."""
    words = []
    for name, node in tree.children.items():
        last = node.to_dataset().sel(rule="unsupervised").isel(n_examples=-1)
        values = ", ".join(f"{float(x):.2f} at P = {int(x['order'])}" for x in last["example"])
        words.append(f"M = {int(last['n_examples'])} of {image_data.TITLES[name]}: {values}")
    return "; ".join(words)


def holds(tree: xr.DataTree) -> list[Finding]:
    """Judge the claim."""
    given, findings = json.loads(tree.attrs["parameters"]), []
    K = image_data.N_CLASSES
    for name, node in tree.children.items():
        data, title = node.to_dataset().isel(n_examples=-1), image_data.TITLES[name]
        data = data.drop_sel(rule="storing")
        two, four = (data.sel(order=P) for P in (2, 4))
        few, many = (
            rate(one["recognised"], given["n_cues"] * given["n_splits"] * K) for one in (two, four)
        )
        exists = data["m_theory"].notnull()
        kept, lost = data["m"].where(exists).min("order"), data["m"].where(~exists).max("order")
        findings += [
            larger(f"{title}: four bodies learn classes from examples", many, (1 / K, 0)),
            larger(f"{title}: four bodies recognise more than two", many, few),
            larger(
                f"{title}: overlaps are larger where theory has a retrieval state",
                (kept, four["m_err"]), (lost, two["m_err"]), dof=given["n_splits"] - 1,
            ),
        ]  # fmt: skip
    return findings
