"""Capacity of dense networks against the order of their interaction."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import theory
from hebbian import Dense

from .running import Groups, Numbers, Session
from .verdicts import Findings, exact

CURVES = {
    "replica_symmetric": ("o-", "spinodal, $T=0$, replica symmetric"),
    "one_step": ("s-", "spinodal, $T=0$, one step"),
    "dynamic": ("^-", "spinodal, its largest load, $T_d^2$"),
    "static": ("v-", "transition, its largest load"),
}


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders P of the interaction."""

    orders: list[int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Solve the theory; the glass of P = 2 freezes without a dynamic transition."""
    rows = []
    for order in parameters.orders:
        model = Dense(order=order)
        row = [float(theory.critical_load(model, rsb=steps)) for steps in (0, 1)]
        if order == 2:
            row += [math.nan, float(theory.transition_load(model, 0.0))]
        else:
            # At alpha = 1 both are temperatures of the glass over the root of the load.
            for kind in ("dynamic", "static"):
                row.append(float(theory.glass_temperature(model, 1.0, kind=kind)) ** 2)
        rows.append(row)
    values = np.array(rows).T
    loads = {name: ("order", column) for name, column in zip(CURVES, values, strict=True)}
    yield "/", xr.Dataset(loads, {"order": parameters.orders})


def draw(tree: xr.DataTree) -> Figure:
    """Four loads against P."""
    figure = Figure()
    ax = figure.add_subplot()
    for name, (style, label) in CURVES.items():
        ax.plot(tree["order"], tree[name], style, ms=3, lw=0.9, label=label)
    ax.axhline(1 / (4 * math.log(2)), color="0.5", lw=0.7, ls=":", label="$1/(4 \\ln 2)$")
    ax.set(xlabel="order $P$", ylabel=r"load $\alpha = (P!/2) K/N^{P-1}$", ylim=(0, None))
    ax.set_xticks(tree.to_dataset()["order"].values)
    ax.legend()
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    data = tree.to_dataset()
    orders, loads = data["order"].values, data["replica_symmetric"].values
    found = {"first": orders[0], "last": orders[-1], "least": loads[0], "most": loads[-1]}
    return found | {"one_step": float(data["one_step"][0])}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    loads = tree.to_dataset()
    many = loads.sel(order=loads["order"] > 2)
    limit = 1 / (4 * math.log(2))
    # The spinodal reaches furthest where it meets the Nishimori line T = alpha.
    furthest = [
        float(theory.critical_load(Dense(order=int(P)), float(T)))
        for P, T in zip(many["order"], many["dynamic"], strict=True)
    ]
    yield exact(
        "the replica-symmetric capacity rises with P", loads["replica_symmetric"].diff("order") > 0
    )
    yield exact("one step of breaking raises it", loads["one_step"] > loads["replica_symmetric"])
    yield exact(
        "T_d^2 is the largest load of the spinodal, on the Nishimori line",
        np.abs(many["dynamic"] - furthest) < 1e-6,
    )
    yield exact("retrieval dominates up to a smaller load", loads["static"] < loads["one_step"])
    yield exact(
        f"that load tends to {limit:.4f} (now {float(many['static'][-1]):.4f})",
        abs(many["static"] - limit).diff("order") < 0,
    )
