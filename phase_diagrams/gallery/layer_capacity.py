r"""The capacity at T = 0 of layers all coupled to each other, and what a coupling stores of it.

K patterns of L words of N bits are :math:`\alpha L N^2` bits in :math:`L (L-1) N^2/2` couplings:
:math:`2 \alpha/(L - 1)` bits each, where in the Hopfield network they are :math:`2 \alpha`.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from phase_diagrams.figures import drawing

from .kept_patterns import INSIDE, OUTSIDE, kept, losses, lost
from .layered import all_coupled
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, exact, measured, positive

#: Overlap below which a pattern is lost: in theory all retrieval states at T = 0 have more.
KEPT = 0.85


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of layers, spins of a layer, and loads in units of the capacity."""

    n_layers: list[int]
    layer: list[int]
    loads: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Start at a pattern at every number of layers, load and size, and solve the theory."""
    p = parameters
    models = [all_coupled(n) for n in p.n_layers]
    capacity = [float(theory.critical_load(model)) for model in models]
    alpha = np.multiply.outer(capacity, p.loads)
    sizes = [[n * size for size in p.layer] for n in p.n_layers]
    cold = [0.0] * len(models)
    data = kept(models, alpha, sizes, p, T=cold, dynamics="zero-temperature")
    known = [
        np.mean(theory.solve(model, alpha=row, T=0.0).m, axis=-1)
        for model, row in zip(models, alpha, strict=True)
    ]
    axes = ("case", "load")
    more = {"m_theory": (axes, known), "alpha": (axes, alpha), "capacity": ("case", capacity)}
    places = {"load": p.loads, "n_layers": ("case", p.n_layers), "layer": ("size", p.layer)}
    yield "/", lost(xr.Dataset(data | more, places, {"n_samples": p.n_samples}), KEPT)


def _bits(data: xr.Dataset) -> xr.DataArray:
    """Return the bits that are stored for each coupling at the capacity."""
    return 2 * data["capacity"] / (data["n_layers"] - 1).where(data["n_layers"] > 1, 1)


def draw(tree: xr.DataTree) -> Figure:
    """The capacity against the number of layers, and overlaps against the load."""
    figure = Figure(figsize=(7.0, 2.5))
    left, middle, right = figure.subplots(1, 3)
    data = tree.to_dataset()
    layers = data["n_layers"]
    left.plot(layers, data["capacity"], "k-", lw=0.9)
    losses(left, layers, data, [f"$N = {size}$" for size in data["layer"].values])
    left.set(xlabel="layers $L$", ylabel=r"capacity $\alpha = K/N$", ylim=(0, None))
    left.legend(loc="upper left")
    middle.plot(layers, data["capacity"] / layers, "o-", ms=3, lw=0.9, label="patterns per spin")
    middle.plot(layers, _bits(data), "s-", ms=3, lw=0.9, label="bits per coupling")
    middle.set(xlabel="layers $L$", ylim=(0, None))
    middle.legend(loc="lower right")
    for k, n in enumerate(layers.values):
        one = data.isel(case=k, size=-1)
        drawing.points(
            right, one["alpha"], one["m"], one["m_err"], color=f"C{k}", label=f"$L = {n}$"
        )
        right.plot(one["alpha"], one["m_theory"].where(one["load"] <= 1), color=f"C{k}", lw=0.9)
        right.axvline(float(one["capacity"]), color=f"C{k}", lw=0.6, ls=":")
    right.set(xlabel=r"load $\alpha$", ylabel="overlap $m$, mean of layers", ylim=(0, 1.05))
    right.legend(loc="lower left", ncols=2, fontsize=6)
    for ax in (left, middle):
        ax.set_xticks(layers.values)
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data = tree.to_dataset()
    words = [
        f"{float(one['capacity']):.4f} (L = {int(one['n_layers'])}, lost at "
        f"{float(one['lost']):.2f} times that)"
        for one in (data.isel(case=k, size=-1) for k in range(data.sizes["case"]))
    ]
    return {"found": ", ".join(words), "sizes": ", ".join(map(str, data["layer"].values))}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    data = tree.to_dataset()
    one, two = (float(data["capacity"][k]) for k in (0, 1))
    yield exact(
        "alone a layer is the Hopfield network, of capacity 0.138", abs(one - 0.1379) < 1e-4
    )
    yield exact("the capacity rises with the number of layers", data["capacity"].diff("case") > 0)
    per_spin = data["capacity"] / data["n_layers"]
    yield exact(
        f"two layers hold fewer patterns a spin, {two / 2:.4f}, than one: {one:.4f}", two / 2 < one
    )
    yield exact(
        f"with more layers it is more again, {float(per_spin[-1]):.4f} with "
        f"{int(data['n_layers'][-1])}",
        per_spin[1:].diff("case") > 0,
    )
    bits = _bits(data)
    yield exact(f"two layers store most in a coupling, {float(bits[1]):.3f} bits", bits <= bits[1])
    m = measured(data)
    yield equal(
        f"up to {INSIDE:g} of the capacity the overlap is that of theory",
        (m - data["m_theory"]).where(data["load"] <= INSIDE),
        tolerance=2 / int(data["layer"].min()),  # one spin
    )
    yield positive(
        f"from {OUTSIDE:g} times the capacity on the largest networks lose the pattern",
        (-(measured(data.isel(size=-1)) - KEPT)).where(data["load"] >= OUTSIDE),
    )
