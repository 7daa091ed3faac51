"""Attention weights fitted to those of a sparse distributed memory, and memories read with both."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from hebbian import Exponential, SparseDistributed
from hebbian.sparse_distributed import shared_share
from phase_diagrams.figures import drawing
from theory import sparse_distributed
from theory.sparse_distributed import votes

from .queries import Queries, critical_radius
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, exact, measured, positive

FITS = {"least-squares": "-", "published": "--"}
#: Memories that are compared, and how they are drawn.
READ = {"shared": ("-", None), "attention": ("--", "white")}
#: Bits by which the balance of votes may be wrong.
CLOSE = 3
#: Slopes of the least squares at N = 64, of an independent calculation.
KNOWN = {5: 32.95, 7: 27.24, 9: 22.88, 11: 19.34, 15: 13.79}


class Parameters(Queries, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hamming radii that are fitted, those of which memories are read, and numbers of patterns."""

    distances: list[int]
    compared: list[int]
    n_patterns: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Fit the weights of all radii, and find the basins of both memories."""
    p, N = parameters, parameters.n_spins
    cosine = 1 - 2 * np.arange(N + 1) / N
    fits = {
        name: [sparse_distributed.fitted_sharpness(_shared(d, N), n_spins=N, fit=name)
               for d in p.distances]
        for name in FITS
    }  # fmt: skip
    share = np.array([shared_share(N, d) for d in p.distances])
    yield (
        "/weights",
        xr.Dataset(
            {
                "share": (("d", "cosine"), share),
                "beta": (("fit", "d"), [[one.beta for one in of] for of in fits.values()]),
                "intercept": (
                    ("fit", "d"),
                    [[one.intercept for one in of] for of in fits.values()],
                ),
                "n_fitted": ("d", [len(one.distances) for one in fits["least-squares"]]),
            },
            {"d": p.distances, "cosine": cosine, "fit": list(FITS)},
        ),
    )
    memories = {d: (_shared(d, N), _attention(d, N)) for d in p.compared}
    found = np.array(
        [[[critical_radius(model, K, p) for K in p.n_patterns] for model in both]
         for both in memories.values()]
    )  # fmt: skip
    counts = np.unique(np.rint(np.geomspace(min(p.n_patterns), max(p.n_patterns), 61)))
    outvoted = [
        [[votes.outvoted(model, K, N) / N for K in counts] for model in both]
        for both in memories.values()
    ]
    axes = ("d", "memory", "n_patterns")
    yield (
        "/basins",
        xr.Dataset(
            {
                "radius": (axes, found[..., 0]),
                "radius_err": (axes, found[..., 1]),
                "outvoted": (("d", "memory", "K"), outvoted),
            },
            {"d": p.compared, "memory": list(READ), "n_patterns": p.n_patterns, "K": counts},
            {"n_samples": p.n_samples, "n_spins": N},
        ),
    )


def _shared(distance: int, n_spins: int) -> SparseDistributed:
    return SparseDistributed(radius=distance / n_spins)


def _attention(distance: int, n_spins: int) -> Exponential:
    fit = sparse_distributed.fitted_sharpness(_shared(distance, n_spins), n_spins=n_spins)
    return Exponential(sharpness=fit.sharpness)


def draw(tree: xr.DataTree) -> Figure:
    """Weights against the cosine, and basins against the number of patterns."""
    weights, basins = (tree[name].to_dataset() for name in ("weights", "basins"))
    figure = Figure(figsize=(7.0, 2.8))
    left, right = figure.subplots(1, 2)
    cosine = weights["cosine"]
    colours = {int(d): f"C{i}" for i, d in enumerate(weights["d"].values)}
    for d, colour in colours.items():
        one = weights.sel(d=d)
        share = one["share"].where(one["share"] > 0)
        left.plot(cosine, share, "o", ms=2.2, color=colour, label=f"$d = {d}$")
        for fit, style in FITS.items():
            line = np.exp(one["beta"].sel(fit=fit) * cosine + one["intercept"].sel(fit=fit))
            left.plot(cosine.where(share > 0), line, color=colour, ls=style, lw=0.7)
    left.set(xlabel="cosine", ylabel=r"$\varphi(x)/\varphi(0)$", yscale="log")
    left.legend(loc="lower right")
    for d in basins["d"].values:
        for memory, (style, face) in READ.items():
            one, colour = basins.sel(d=d, memory=memory), colours[int(d)]
            drawing.points(
                right, one["n_patterns"], one["radius"], one["radius_err"], color=colour, ms=3.5,
                mfc=face or colour, label=f"$d = {d}$" if face is None else None,
            )  # fmt: skip
            right.plot(one["K"], one["outvoted"], color=colour, ls=style, lw=0.8)
    right.set(xlabel="patterns $K$", xscale="log", ylabel="radius of the basin, over $N$")
    right.legend(loc="upper right")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    weights, basins = (tree[name].to_dataset() for name in ("weights", "basins"))
    beta = [
        f"{float(beta):.2f} (d = {int(beta['d'])})"
        for beta in weights["beta"].sel(fit="least-squares")
    ]
    gain = _gain(basins).value
    gains = [
        f"{float(row.min()):+.3f} to {float(row.max()):+.3f} (d = {int(row['d'])})" for row in gain
    ]
    return {
        "found": f"Least squares: beta = {', '.join(beta)}. Radius by attention minus that by "
        f"shared addresses: {', '.join(gains)}"
    }


def _gain(basins: xr.Dataset) -> Measured:
    """Return by how much the basin of attention is larger."""
    attention, shared = (
        measured(basins.sel(memory=memory, drop=True), "radius", dof=basins.attrs["n_samples"] - 1)
        for memory in ("attention", "shared")
    )
    return attention - shared


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    weights, basins = (tree[name].to_dataset() for name in ("weights", "basins"))
    N, n = basins.attrs["n_spins"], weights["n_fitted"]
    fitted, code = (weights["beta"].sel(fit=fit, drop=True) for fit in FITS)
    if N == 64:
        known = xr.DataArray([KNOWN.get(int(d), np.nan) for d in fitted["d"]], dims="d")
        wrong = abs(fitted - known).dropna("d")
        yield exact(f"beta is known at {wrong.size} radii to two digits", wrong < 6e-3)
    yield exact("the published slope is n/(n - 1) of it", abs(code / fitted - n / (n - 1)) < 1e-9)
    expected = basins["outvoted"].sel(K=basins["n_patterns"])
    yield equal(
        f"half of the queries are recovered from where the votes tell, within {CLOSE} bits",
        measured(basins, "radius") - expected,
        tolerance=CLOSE / N,
    )
    gain = _gain(basins)
    blind = expected.sel(memory="attention", drop=True) > 2 * basins["d"] / N + CLOSE / N
    yield positive("attention reads from farther where no address is shared", gain.where(blind))
    yield equal(f"elsewhere it costs {CLOSE} bits at most", gain.where(~blind), tolerance=CLOSE / N)
