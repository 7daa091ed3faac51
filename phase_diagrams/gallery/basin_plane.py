r"""Radius of the basin against the rate: memories of all kinds in one plane.

The nearest of K patterns is the right one of a query at distance x in half of the cases where

.. math:: (1 - P(x))^{K-1} = \tfrac12, \qquad
          P(x) = 2^{-N} \Bigl[\sum_{a < x} \binom Na + \tfrac12 \binom Nx\Bigr],

P(x) being the probability that another pattern is nearer, or as near and taken.  In the limit that
is Shannon's bound, :math:`\ln K = N [\ln 2 - h(x/N)]`, to which N spins come down like ln N / N.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.stats import binom

import theory
from hebbian import Exponential, Model, SparseDistributed
from phase_diagrams.figures import drawing
from theory.conventions import finite_size_factor
from theory.sparse_distributed import votes

from .queries import Queries, critical_radius
from .running import Groups, Numbers, Session
from .verdicts import Findings, Measured, equal, measured, positive

#: Temperature of neurodynamics that stands for T = 0.
COLD = 0.1
#: Parallel steps of neurodynamics: more than it takes from just above the border.
N_STEPS = 100
#: Bits by which the balance of votes may be wrong.
CLOSE = 2
#: Memories that attain the bound at low rates; that of the nearest pattern is their line.
BEST = "attention"
NEAREST = (BEST, "single flips")


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A memory by the description of its model, and its numbers of patterns."""

    name: str
    parameters: dict[str, Any]
    dynamics: str = "parallel"
    n_patterns: list[int]

    @property
    def model(self) -> Model:
        """The model itself."""
        return Model.build(self.parameters)


class Parameters(Queries, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Memories of one size."""

    memories: list[Memory]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Find the distance from which half of the queries are recovered, at every rate."""
    p, N = parameters, parameters.n_spins
    for memory in p.memories:
        found = [
            critical_radius(memory.model, K, p, dynamics=memory.dynamics) for K in memory.n_patterns
        ]
        radii, errors = zip(*found, strict=True)
        rate = np.log(memory.n_patterns) / N
        bound = np.interp(rate, *_nearest(N)[::-1])
        known = _theory(memory, N)
        yield (
            f"/{memory.name}/simulation",
            xr.Dataset(
                {
                    "radius": ("rate", list(radii)),
                    "radius_err": ("rate", list(errors)),
                    "bound": ("rate", bound),
                    "n_patterns": ("rate", memory.n_patterns),
                },
                {"rate": rate},
                {"n_samples": p.n_samples},
            ),
        )
        yield f"/{memory.name}/theory", known
    radius = np.linspace(0, 0.5, 101)
    shannon = "radius", theory.shannon_bound(1 - 2 * radius)
    finite, rate = _nearest(N)
    yield "/bound", xr.Dataset({"rate": shannon}, {"radius": radius})
    yield "/nearest", xr.Dataset({"rate": ("radius", rate[::-1])}, {"radius": finite[::-1]})
    yield "/", xr.Dataset(attrs={"n_spins": N})


def _nearest(n_spins: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distances over N, descending, and the rates at which the nearest pattern is right."""
    x = np.arange(n_spins // 2, -1, -1)
    nearer = binom.cdf(x, n_spins, 0.5) - binom.pmf(x, n_spins, 0.5) / 2
    return x / n_spins, np.log1p(np.log(0.5) / np.log1p(-nearer)) / n_spins


def _theory(memory: Memory, n_spins: int) -> xr.Dataset:
    """Return the line of a memory: radius and rate."""
    model, name = memory.model, "rate"
    if not model.polynomial:
        radius = np.linspace(0, 0.5, 101)[:-1]
        rate = theory.reading_capacity(model, 1 - 2 * radius, dynamics=memory.dynamics)
        known = {name: ("point", rate), "radius": ("point", radius)}
        if memory.dynamics == "parallel":
            assert isinstance(model, Exponential | SparseDistributed)
            finite = np.linspace(0, np.log(max(memory.n_patterns)), 61)[1:]
            distances = [votes.outvoted(model, np.exp(one), n_spins) for one in finite]
            known |= {
                "finite_rate": ("finite", finite / n_spins),
                "finite_radius": ("finite", np.array(distances) / n_spins),
            }
        return xr.Dataset(known, attrs={"exponential": 1})
    order = getattr(model, "order", 2)
    weaker = float(finite_size_factor(n_spins, order=order)) if order > 2 else 1.0
    most = 1.1 * weaker * float(theory.critical_load(model))
    counts = np.geomspace(1, model.count(most, n_spins), 60)
    alpha = counts / counts[-1] * most
    border = theory.basin(
        model, alpha=alpha / weaker, T=COLD, n_steps=N_STEPS, method="neurodynamics"
    ).overlap
    known = {name: ("point", np.log(counts) / n_spins), "radius": ("point", (1 - border) / 2)}
    return xr.Dataset(known, attrs={"exponential": 0})


def _memories(tree: xr.DataTree) -> dict[str, tuple[xr.Dataset, xr.Dataset]]:
    return {
        name: (node["simulation"].to_dataset(), node["theory"].to_dataset())
        for name, node in tree.children.items()
        if "simulation" in node.children
    }


def draw(tree: xr.DataTree) -> Figure:
    """The plane, with every memory in a colour of its own."""
    figure = Figure(figsize=(5.2, 3.4))
    ax = figure.add_subplot()
    for name, style in (("bound", "-"), ("nearest", ":")):
        ax.plot(tree[f"{name}/rate"], tree[f"{name}/radius"], "k", ls=style, lw=0.9)
    for i, (name, (data, known)) in enumerate(_memories(tree).items()):
        style = "-" if known.attrs["exponential"] else "--"
        colour = f"C{i}" if i < 6 else "0.45"
        ax.plot(known["rate"], known["radius"], color=colour, ls=style, lw=0.9)
        if "finite_rate" in known and name != BEST:
            ax.plot(known["finite_rate"], known["finite_radius"], color=colour, ls="-.", lw=0.7)
        drawing.points(
            ax, data["rate"], data["radius"], data["radius_err"], fmt="osD^v<>"[i % 7],
            color=colour, ms=3, label=name,
        )  # fmt: skip
    ax.set(xlabel=r"rate $\ln K / N$", ylabel="radius of the basin, over $N$")
    ax.set(xlim=(0, 0.72), ylim=(0, 0.5))
    ax.legend(loc="upper right")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for name, (data, _) in _memories(tree).items():
        kept = data.dropna("rate", subset=["radius"])
        last = kept.isel(rate=-1)
        words.append(f"{name}: {float(last['radius']):.2f} at K = {int(last['n_patterns'])}")
    return {"found": f"Largest numbers of patterns: {', '.join(words)}"}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    N, memories = tree.attrs["n_spins"], _memories(tree)
    for name, (data, known) in memories.items():
        missing = -(measured(data, "radius") - data["bound"])
        if name in NEAREST:
            words = (
                f"{name}: half of the queries are recovered from where the nearest pattern tells"
            )
            yield equal(words, missing, tolerance=1 / N)
        else:
            worst = int(missing.value.argmax("rate"))
            words = f"{name}: at some rate the nearest pattern tells farther"
            value, error = (part.isel(rate=worst) for part in (missing.value, missing.error))
            yield positive(words, Measured(value, error, missing.dof))
        if "finite_rate" in known:
            expected = np.interp(data["rate"], known["finite_rate"], known["finite_radius"])
            yield equal(
                f"{name}: the votes of all patterns tell from where, within {CLOSE} bits",
                measured(data, "radius") - expected,
                tolerance=CLOSE / N,
                resolution=2 * CLOSE / N,
            )
