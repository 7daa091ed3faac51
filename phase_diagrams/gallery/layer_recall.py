r"""Recall of all layers from a cue on one of them.

Every other layer reads the cue once: it takes the signs of :math:`m_0 \xi` and the crosstalk from
the layer of the cue, and its overlap becomes

.. math:: m = \mathrm{erf} \frac{m_0}{\sqrt{2 \alpha}}

in the limit of large networks.  From there on layer after layer is drawn in the fields of all
others: what follows depends on correlations, and is simulated.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.special import erf

import montecarlo
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.figures import drawing

from .layered import all_coupled
from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, Measured, equal, measured, positive

#: Overlap of the worst layer from which a pattern is recalled.
RECALLED = 0.7


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of layers and spins of each, loads, and overlaps of the cue."""

    n_layers: list[int]
    layer: int
    loads: list[float]
    cues: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Show one layer every cue, at every load."""
    p = parameters
    axes = ("alpha", "cue")
    for n_layers in p.n_layers:
        found = np.array(
            [[_recalled(n_layers, alpha, cue, p) for cue in p.cues] for alpha in p.loads]
        )
        first, worst, success = np.moveaxis(found, (2, 3), (0, 1))
        data = averaged({"first": first, "worst": worst, "success": success}, axes)
        border, error = critical_overlap(np.array(p.cues), success.transpose(2, 1, 0))
        data |= {"critical": ("alpha", border), "critical_err": ("alpha", error)}
        noise = np.sqrt(2 * np.array(p.loads))
        data["first_theory"] = (axes, erf(np.divide.outer(p.cues, noise).T))
        places = {"alpha": p.loads, "cue": p.cues}
        yield f"/layers_{n_layers}", xr.Dataset(data, places, {"n_samples": p.n_samples})


def _recalled(n_layers: int, alpha: float, cue: float, p: Parameters) -> list[np.ndarray]:
    """Return of every sample m of a layer that has read the cue, of the worst one, and success."""
    found = montecarlo.recall(
        all_coupled(n_layers), cue=cue, layer=0, threshold=RECALLED, alpha=alpha, T=0.0,
        n_spins=n_layers * p.layer, dynamics="layers", **p.settings(),
    )  # fmt: skip
    first = found.run.first["m"][:, :, -1].mean(axis=1)
    return [first, found.worst.mean(axis=1), (found.worst >= RECALLED).mean(axis=1)]


def _by_layers(tree: xr.DataTree) -> list[tuple[int, xr.Dataset]]:
    return [
        (int(name.removeprefix("layers_")), node.to_dataset())
        for name, node in tree.children.items()
    ]


def draw(tree: xr.DataTree) -> Figure:
    """A layer that has read the cue and the worst in the end, against the overlap of the cue."""
    found = _by_layers(tree)
    figure = Figure(figsize=(7.0, 2.2 * len(found)))
    panels = figure.subplots(len(found), 2, squeeze=False)
    for (left, right), (n_layers, data) in zip(panels, found, strict=True):
        for k, alpha in enumerate(data["alpha"].values):
            one, style = (
                data.sel(alpha=alpha),
                {"color": f"C{k}", "label": rf"$\alpha = {alpha:g}$"},
            )
            left.plot(one["cue"], one["first_theory"], color=f"C{k}", lw=0.9)
            drawing.points(left, one["cue"], one["first"], one["first_err"], **style)
            drawing.points(right, one["cue"], one["worst"], one["worst_err"], fmt="o-", **style)
        for ax, words in ((left, "cue read once"), (right, "worst layer, at the end")):
            ax.set(xlabel="overlap of the cue on one layer", ylabel="overlap", ylim=(-0.1, 1.05))
            ax.set_title(f"{n_layers} layers: {words}")
        left.legend(loc="lower right")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for n_layers, data in _by_layers(tree):
        places = [
            f"{float(data['critical'].sel(alpha=alpha)):.2f} at alpha = {alpha:g}"
            for alpha in data["alpha"].values
            if np.isfinite(data["critical"].sel(alpha=alpha))
        ]
        words.append(f"{n_layers} layers: {', '.join(places)}")
    return {"found": "; ".join(words), "recalled": RECALLED}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for n_layers, data in _by_layers(tree):
        title = f"{n_layers} layers"
        yield equal(
            f"{title}: a layer that has read the cue has the overlap of theory",
            measured(data, "first") - data["first_theory"],
            tolerance=0.02,
        )
        border = measured(data, "critical")
        known = border.value.dropna("alpha")
        error = border.error.sel(alpha=known["alpha"])
        least, most = (Measured(float(known[k]), float(error[k]), border.dof) for k in (0, -1))
        yield positive(f"{title}: the cue has to be the better the more is stored", most - least)
        beyond = data["cue"] > data["critical"] + 3 * data["critical_err"]
        better = measured(data, "worst") - data["cue"]
        clear = beyond & (data["cue"] < RECALLED)
        yield positive(
            f"{title}: beyond that, even the worst layer ends closer to the pattern than the cue",
            better.where(clear),
        )
