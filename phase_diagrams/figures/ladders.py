"""Pictures of replica exchange: how well the temperatures of a ladder are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hebbian import domain
from montecarlo.statistics.estimators import over_samples
from montecarlo.tempering.tempered import Tempered
from montecarlo.tempering.tuning import TunedLadder

from . import drawing, styling
from .chains import MOST_POINTS, thin
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


def walkers(run: Tempered, ax: Axes, look: Look, *, sample: int = 0, replica: int = 0) -> None:
    """Draw where on the ladder every walker of one chain of exchanges is, along time."""
    n_samples, n_replicas = run.visits.shape[:2]
    sample = domain.integer("sample", sample, f"[0, {n_samples - 1}]")
    replica = domain.integer("replica", replica, f"[0, {n_replicas - 1}]")
    paths = run.visits[sample, replica]
    every = -(-paths.shape[-1] // MOST_POINTS)
    t = np.arange(0, paths.shape[-1], every) * run.exchange_every
    for number, path in enumerate(paths):
        style = {"color": next_colour(ax), "drawstyle": "steps-mid"}
        ax.plot(t, path[::every], **style | thin(look.of_lines(alone=True), number))
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
