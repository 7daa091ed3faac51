"""Bars: shares of chains with their intervals, overlaps of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbian import QUANTITIES, domain
from montecarlo.protocols.disentangling import Disentanglement
from montecarlo.protocols.recall import Recall
from montecarlo.protocols.spurious import KINDS, Spurious
from theory.many_patterns.example_states import ExampleState
from theory.solution import State

from . import styling
from .contrast import face, next_colour, readable
from .families import joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = ["disentangled", "examples", "layers", "spurious", "state"]


def bars(
    ax: Axes,
    look: Look,
    places: Mapping[str, np.ndarray],
    errors: Mapping[str, Any] | None = None,
    *,
    names: Any,
) -> None:
    """Draw groups of bars side by side: at each place one for each name of `places`.

    `errors` are standard errors, or the lower and upper ends of intervals.
    """
    ground = np.arange(len(names))
    width = 0.8 / len(places)
    ink = readable("0.2", face(ax))
    for k, (words, values) in enumerate(places.items()):
        named = joined(look.style.get("label"), words if len(places) > 1 else None)
        own = {"color": next_colour(ax), "width": width} | look.style
        at = ground + (k - 0.5 * (len(places) - 1)) * width
        ax.bar(at, values, **own | {"label": named})
        spread = (errors or {}).get(words)
        if spread is not None:
            ends = spread if isinstance(spread, tuple) else (values - spread, values + spread)
            ax.vlines(at, *ends, color=ink, linewidth=1.0)
    ax.set_xticks(ground, [str(name) for name in names])
    ax.axhline(0, color=ink, linewidth=0.5)


def spurious(found: Spurious, ax: Axes, look: Look) -> None:
    """Draw the shares of descents by where they ended, with their intervals."""
    kinds = [getattr(found, kind) for kind in KINDS]
    mean, low, high = (
        np.array([getattr(each, end) for each in kinds], float) for end in ("mean", "low", "high")
    )
    bars(ax, look, {"share": mean}, {"share": (low, high)}, names=KINDS)
    ax.tick_params("x", rotation=20)
    ax.set_ylim(0, 1)
    styling.label_axes(ax, "end of the descent", "share of descents")


def disentangled(found: Disentanglement, ax: Axes, look: Look) -> None:
    """Draw the shares of chains by what their layers ended on, bars for each temperature."""
    kinds = {
        "all different": found.success, "all alike": found.together, "unsettled": found.unsettled,
    }  # fmt: skip
    parts = [
        np.array([getattr(each, end).reshape(-1) for each in kinds.values()], float)
        for end in ("mean", "low", "high")
    ]
    heats = np.ravel(found.T)
    words = [f"$T = {heat:.4g}$" for heat in heats]
    values, low, high = ({w: part[:, k] for k, w in enumerate(words)} for part in parts)
    bars(ax, look, values, {w: (low[w], high[w]) for w in words}, names=list(kinds))
    ax.set_ylim(0, 1)
    styling.label_axes(ax, "layers of a chain", "share of chains")


def layers(found: Recall, ax: Axes, look: Look) -> None:
    """Draw the overlap that every layer ends with, bars for each temperature."""
    n_layers = found.final.shape[-1]
    final, error = (x.reshape(-1, n_layers) for x in (found.final, found.error))
    words = [f"$T = {heat:.4g}$" for heat in np.ravel(found.T)]
    values = dict(zip(words, final, strict=True))
    bars(ax, look, values, dict(zip(words, error, strict=True)), names=range(n_layers))
    ink = readable("0.4", face(ax))
    ax.axhline(found.threshold, color=ink, linewidth=0.8, linestyle="dashed")
    symbol = QUANTITIES["layer"].symbol
    styling.label_axes(ax, f"layer ${symbol}$", "overlap at the end $m_A$")


def state(found: State, ax: Axes, look: Look, *, variable: str = "m") -> None:
    """Draw the overlaps of a state with every pattern."""
    values = np.asarray(getattr(found, domain.choice("variable", variable, ("m", "n"))))
    bars(ax, look, {variable: values}, names=range(1, values.size + 1))
    known = QUANTITIES[variable]
    styling.label_axes(ax, rf"pattern $\mu$ ({found.label})", f"{known.long_name} ${known.symbol}$")


def examples(found: ExampleState, ax: Axes, look: Look) -> None:
    """Draw the overlaps of a state with every example of every pattern."""
    values = found.example_overlaps
    words = {rf"$\mu = {k + 1}$": row for k, row in enumerate(values)}
    bars(ax, look, words, names=range(1, values.shape[1] + 1))
    styling.label_axes(ax, "example $a$", r"example overlap $n_{\mu a}$")
