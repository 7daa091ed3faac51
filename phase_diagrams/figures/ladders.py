"""Pictures of replica exchange: how well the temperatures of a ladder are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hebbian import domain
from montecarlo.statistics.estimators import over_samples
from montecarlo.tempering.tempered import Tempered
from montecarlo.tempering.tuning import TunedLadder

from . import drawing, styling
from .contrast import next_colour
from .families import joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = ["rates", "swap_rates", "upward_fraction", "walkers"]

_RATE = "accepted exchanges of neighbours"
_HEAT = "temperature $T$"


def swap_rates(run: Tempered, ax: Axes, look: Look) -> None:
    """Draw the accepted share of the exchanges of every pair, between its temperatures."""
    with np.errstate(invalid="ignore"):
        per_sample = run.accepted.sum(axis=1) / run.attempts.sum(axis=1)
    _, error = over_samples(per_sample.T)
    style = {"linestyle": "solid", "marker": "o"} | look.style | look.of_points()
    drawing.points(ax, 0.5 * (run.T[1:] + run.T[:-1]), run.swap_rates, error, **style)
    ax.set_ylim(0, 1)
    styling.label_axes(ax, _HEAT, _RATE)


def walkers(
    run: Tempered,
    ax: Axes,
    look: Look,
    *,
    sample: int = 0,
    replica: int = 0,
    exchanges: int = 300,
) -> None:
    """Draw where on the ladder the walkers of one chain of exchanges are, along time.

    The two that begin at its ends have colours, the others are faint.
    """
    n_samples, n_replicas = run.visits.shape[:2]
    sample = domain.integer("sample", sample, f"[0, {n_samples - 1}]")
    replica = domain.integer("replica", replica, f"[0, {n_replicas - 1}]")
    exchanges = domain.integer("exchanges", exchanges, "[1, inf)")
    paths = run.visits[sample, replica, :, : exchanges + 1]
    t = np.arange(paths.shape[-1]) * run.exchange_every
    begun = np.argsort(paths[:, 0], kind="stable")
    faint: dict[str, Any] = {
        "color": "0.5",
        "linewidth": 0.4,
        "alpha": 0.35,
        "drawstyle": "steps-mid",
    }
    for path in paths[begun[1:-1]]:
        ax.plot(t, path, **faint)
    for number, path in enumerate(paths[begun[[0, -1]]]):
        style: dict[str, Any] = {"color": next_colour(ax), "linewidth": 1.0}
        style |= {"drawstyle": "steps-mid"}
        ax.plot(t, path, **style | look.of_lines(alone=True) | ({"label": None} if number else {}))
    styling.label_axes(ax, "sweeps $t$", "place on the ladder")
    styling.whole_ticks(ax.yaxis, np.arange(len(run.T)))


def upward_fraction(run: Tempered, ax: Axes, look: Look) -> None:
    """Draw the share of walkers that come from the cold end, and that of the best ladder."""
    drawing.points(
        ax, run.T, run.upward_fraction,
        **{"linestyle": "solid", "marker": "o"} | look.style,
    )  # fmt: skip
    ax.plot(run.T, np.linspace(1, 0, len(run.T)), color="0.5", linestyle="dashed", linewidth=0.8)
    styling.label_axes(ax, _HEAT, "share of walkers from the cold end")


def rates(found: TunedLadder, ax: Axes, look: Look) -> None:
    """Draw the rates of a tuned ladder: measured, predicted and asked for."""
    middle = 0.5 * (found.T[1:] + found.T[:-1])
    for words, values, marker in (
        ("measured", found.measured, "o"), ("predicted", found.predicted, "x")
    ):  # fmt: skip
        label = joined(look.style.get("label"), words)
        own = {"marker": marker} | look.of_points() | {"label": label}
        drawing.points(ax, middle, values, **own)
    ax.axhline(found.target, color="0.5", linestyle="dashed", linewidth=0.8, zorder=0)
    ax.set_ylim(0, 1)
    styling.label_axes(ax, _HEAT, _RATE)
