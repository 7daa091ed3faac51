"""Reading a sparse distributed memory: distance after a reading against that before."""

from __future__ import annotations

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import SparseDistributed
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.figures import drawing
from theory import sparse_distributed

from .queries import answered
from .running import Groups, Numbers, Session, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: Bits by which the Gaussian law of the crosstalk may be wrong, over N.
CLOSE = 0.005

#: Whether the theory knows of the vote of the query for itself -> its line.
THEORIES = {"with": (True, "-"), "without": (False, "--")}


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The memory in whole numbers; distances of the queries, and how often they are read.

    Queries that end within the fraction `near` of the bits count as recovered.
    """

    n_spins: int
    radius: int
    n_neurons: int
    n_patterns: int
    distances: list[int]
    readings: int
    near: float
    n_samples: int
    n_queries: int
    seed: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Read queries at every distance once, and again and again."""
    p = parameters
    model = SparseDistributed(radius=p.radius / p.n_spins, n_neurons=p.n_neurons)
    overlaps = np.sort(1 - 2 * np.array(p.distances) / p.n_spins)
    found = [
        answered(
            model, alpha=model.load(p.n_patterns, p.n_spins), n_spins=p.n_spins,
            overlaps=overlaps.tolist(), n_queries=p.n_queries, sweeps=p.readings,
            seed=p.seed, sample=sample,
        )
        for sample in range(p.n_samples)
    ]  # fmt: skip
    distances = p.n_spins / 2 * (1 - np.array(found))
    near = (distances[..., -1] <= p.near * p.n_spins).mean(axis=2)
    critical, error = critical_overlap(overlaps, near.T)
    data = averaged({"after": distances[..., 0].mean(axis=2), "recovered": near}, ["distance"])
    yield (
        "/simulation",
        xr.Dataset(
            data
            | {
                "critical": ((), p.n_spins / 2 * (1 - float(critical))),
                "critical_err": ((), p.n_spins / 2 * float(error)),
            },
            coords={"distance": np.rint(p.n_spins / 2 * (1 - overlaps)).astype(int)},
            attrs={"n_samples": p.n_samples, "n_spins": p.n_spins},
        ).sortby("distance"),
    )
    distance = np.arange(p.n_spins // 2 + 1)
    memory = {
        "n_spins": p.n_spins, "radius": p.radius, "n_patterns": p.n_patterns,
        "n_neurons": p.n_neurons,
    }  # fmt: skip
    lines = {
        name: ("distance", sparse_distributed.one_step(distance, self_term=own, **memory))
        for name, (own, _) in THEORIES.items()
    }
    critical_of = {
        name: sparse_distributed.critical_distance(self_term=own, **memory)
        for name, (own, _) in THEORIES.items()
    }
    yield "/theory", xr.Dataset(lines, {"distance": distance}, critical_of)


def draw(tree: xr.DataTree) -> Figure:
    """Distances before and after, what theory leaves over, and what is recovered."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    figure = Figure(figsize=(7.0, 2.4))
    left, middle, right = figure.subplots(1, 3)
    left.plot(theory["distance"], theory["distance"], color="0.6", lw=0.6, ls=":")
    for i, (name, (_, style)) in enumerate(THEORIES.items()):
        left.plot(theory["distance"], theory[name], f"C{i}", ls=style, lw=0.9, label=f"{name} vote")
        gap = _beyond(data, theory, name)
        drawing.points(
            middle, gap.value["distance"], gap.value, gap.error, fmt="os"[i], color=f"C{i}",
            label=f"beyond theory {name} vote",
        )  # fmt: skip
        right.axvline(theory.attrs[name], color=f"C{i}", ls=style, lw=0.9)
    drawing.points(left, data["distance"], data["after"], data["after_err"], color="k")
    left.set(xlabel="distance before", ylabel="distance after one reading")
    left.legend(loc="upper left")
    middle.axhline(0, color="0.6", lw=0.6, zorder=0)
    middle.set(xlabel="distance before", ylabel="measured minus theory (bits)")
    middle.legend(loc="lower left", fontsize=6)
    drawing.points(right, data["distance"], data["recovered"], data["recovered_err"], color="k")
    right.set(xlabel="distance before", ylabel="fraction recovered", ylim=(-0.05, 1.05))
    return figure


def _beyond(data: xr.Dataset, theory: xr.Dataset, name: str) -> Measured:
    return measured(data, "after") - theory[name].sel(distance=data["distance"])


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    gaps = [
        f"{float(abs(_beyond(data, theory, name).value).max()):.2g} bits {name}"
        for name in THEORIES
    ]
    critical = [f"{theory.attrs[name]:.0f} {name}" for name in THEORIES]
    return {
        "found": f"Largest deviations: {', '.join(gaps)} that vote. Half of the queries are "
        f"recovered from {float(data['critical']):.1f} +- {float(data['critical_err']):.1f} "
        f"bits, the critical distance being {', '.join(critical)} it"
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data, theory = (tree[name].to_dataset() for name in ("simulation", "theory"))
    n_spins, dof = data.attrs["n_spins"], data.attrs["n_samples"] - 1
    gaps = {name: _beyond(data, theory, name) / n_spins for name in THEORIES}
    yield equal(
        f"with the vote of the query the distance is that of theory within {CLOSE:.1%} of N",
        gaps["with"], tolerance=CLOSE, resolution=2 * CLOSE,
    )  # fmt: skip
    middle = (data["distance"] > 0.1 * n_spins) & (data["distance"] < 0.4 * n_spins)
    yield positive(
        "without that vote theory predicts too large distances", -gaps["without"].where(middle)
    )
    critical = Measured(data["critical"], data["critical_err"], dof)
    yield equal(
        "half of the queries are recovered from the critical distance of the theory with it",
        (critical - theory.attrs["with"]) / n_spins, tolerance=2 / n_spins, resolution=0.1,
    )  # fmt: skip
    yield positive("and from farther than without it", critical - theory.attrs["without"])
