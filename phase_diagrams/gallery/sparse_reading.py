"""Reading a sparse distributed memory: distance after a reading against that before."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import SparseDistributed
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.figures import drawing
from theory import sparse_distributed

from .crossings import crossing
from .queries import Queries, answered
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: Bits by which the Gaussian law of the crosstalk may be wrong, over N.
CLOSE = 0.005

#: Theory -> what it knows of, and its line: whether a query votes for itself; whether spins keep
#: their state at a tie of integer counters, and the number of active neurons varies.
THEORIES: dict[str, tuple[dict[str, Any], str]] = {
    "whole": ({"own_vote": True, "neurons": "counted"}, "-"),
    "mean": ({"own_vote": True, "neurons": "mean"}, ":"),
    "voteless": ({"own_vote": False, "neurons": "mean"}, "--"),
}
LABELS = {"whole": "own vote, ties", "mean": "own vote", "voteless": "no own vote"}


class Parameters(Queries, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The memory in whole numbers, and the distances of the queries."""

    radius: int
    n_neurons: int
    n_patterns: int
    distances: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Read queries at every distance once, and again and again."""
    p = parameters
    model = SparseDistributed(radius=p.radius / p.n_spins, n_neurons=p.n_neurons)
    overlaps = np.sort(1 - 2 * np.array(p.distances) / p.n_spins)
    found = [
        answered(
            model, alpha=model.load(p.n_patterns, p.n_spins), n_spins=p.n_spins,
            overlaps=overlaps.tolist(), n_queries=p.n_queries, sweeps=p.sweeps,
            seed=p.seed, sample=sample,
        )
        for sample in range(p.n_samples)
    ]  # fmt: skip
    distances = p.n_spins / 2 * (1 - np.array(found))
    near = (distances[..., -1] <= p.near * p.n_spins).mean(axis=2)
    critical, error = critical_overlap(overlaps, near.T)
    data = averaged({"after": distances[..., 0].mean(axis=2), "recovered": near}, ["distance"])
    before = np.rint(p.n_spins / 2 * (1 - overlaps)).astype(int)
    (_, after), (_, after_error) = data["after"], data["after_err"]
    unchanged = crossing(before[::-1], (before - after)[::-1], after_error[::-1], 0.0)
    yield (
        "/simulation",
        xr.Dataset(
            data
            | {
                "critical": ((), p.n_spins / 2 * (1 - float(critical))),
                "critical_err": ((), p.n_spins / 2 * float(error)),
                "unchanged": ((), unchanged[0]),
                "unchanged_err": ((), unchanged[1]),
            },
            coords={"distance": before},
            attrs={"n_samples": p.n_samples, "n_spins": p.n_spins},
        ).sortby("distance"),
    )
    distance = np.arange(p.n_spins // 2 + 1)
    size: dict[str, Any] = {"n_spins": p.n_spins, "n_patterns": p.n_patterns}
    lines, crossings = {}, {}
    for name, (known, _) in THEORIES.items():
        after = sparse_distributed.one_step(model, distance, **size, **known).distance
        lines[name] = "distance", after
        crossings[name] = sparse_distributed.critical_distance(model, **size, **known)
    yield "/theory", xr.Dataset(lines, {"distance": distance}, crossings)


def draw(tree: xr.DataTree) -> Figure:
    """Distances before and after, what theory leaves over, and what is recovered."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    figure = Figure(figsize=(7.0, 2.4))
    left, middle, right = figure.subplots(1, 3)
    left.plot(theory["distance"], theory["distance"], color="0.6", lw=0.6, ls=":")
    for i, (name, (_, style)) in enumerate(THEORIES.items()):
        look = {"color": f"C{i}", "ls": style, "lw": 0.9}
        left.plot(theory["distance"], theory[name], label=LABELS[name], **look)
        gap = _beyond(data, theory, name)
        drawing.points(
            middle, gap.value["distance"] + 0.4 * i, gap.value, gap.error, fmt="osD"[i],
            color=f"C{i}", label=LABELS[name],
        )  # fmt: skip
        right.axvline(theory.attrs[name], **look)
    drawing.points(left, data["distance"], data["after"], data["after_err"], color="k")
    left.set(xlabel="distance before", ylabel="distance after one reading")
    left.legend(loc="upper left")
    middle.axhline(0, color="0.6", lw=0.6, zorder=0)
    middle.set(xlabel="distance before", ylabel="measured minus theory (bits)")
    unchanged, error = float(data["unchanged"]), float(data["unchanged_err"])
    right.axvspan(unchanged - error, unchanged + error, color="0.8", lw=0, zorder=0)
    drawing.points(right, data["distance"], data["recovered"], data["recovered_err"], color="k")
    right.set(xlabel="distance before", ylabel="fraction recovered", ylim=(-0.05, 1.05))
    return figure


def _beyond(data: xr.Dataset, theory: xr.Dataset, name: str) -> Measured:
    return measured(data, "after") - theory[name].sel(distance=data["distance"])


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    gaps = [
        f"{float(abs(_beyond(data, theory, name).value).max()):.2g} bits ({label})"
        for name, label in LABELS.items()
    ]
    critical = [f"{theory.attrs[name]:.0f} ({label})" for name, label in LABELS.items()]
    return {
        "found": f"Largest deviations: {', '.join(gaps)}. Critical distance of one reading: "
        f"{float(data['unchanged']):.1f} +- {float(data['unchanged_err']):.1f} bits, in theory "
        f"{', '.join(critical)}; repeated readings recover half of the queries from "
        f"{float(data['critical']):.1f} +- {float(data['critical_err']):.1f} bits"
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    n_spins, dof = data.attrs["n_spins"], data.attrs["n_samples"] - 1
    gaps = {name: _beyond(data, theory, name) / n_spins for name in THEORIES}
    yield equal(
        f"with own vote and ties the distance is that of theory within {CLOSE:.1%} of N",
        gaps["whole"], tolerance=CLOSE, resolution=4 * CLOSE,
    )  # fmt: skip
    middle = (data["distance"] > 0.15 * n_spins) & (data["distance"] < 0.4 * n_spins)
    yield positive(
        "without the vote theory predicts too large distances", -gaps["voteless"].where(middle)
    )
    unchanged = Measured(data["unchanged"], data["unchanged_err"], dof)
    yield equal(
        "a reading changes nothing at the critical distance of the theory with it",
        (unchanged - theory.attrs["whole"]) / n_spins, tolerance=1 / n_spins, resolution=0.1,
    )  # fmt: skip
    yield positive("which is larger than without it", unchanged - theory.attrs["voteless"])
