"""Pictures of protocols: ramps, basins, replays, two-sided starts, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain
from montecarlo.mean_field.plefka import Magnetizations
from montecarlo.protocols.basin import Basin
from montecarlo.protocols.equilibration import Equilibration
from montecarlo.protocols.ramp import Ramp
from montecarlo.protocols.replay import Replay
from montecarlo.statistics.timescales import FirstPassage, Relaxation

from . import drawing, families, styling
from .chains import thin
from .contrast import face, next_colour, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = [
    "basin",
    "correlation_times",
    "deviates",
    "exact",
    "overlaps",
    "ramp",
    "replay",
    "replay_length",
    "success",
    "survival",
]


def ramp(found: Ramp, ax: Axes, look: Look, *, variable: str = "m", level: float = 0.5) -> None:
    """Draw a quantity along a ramp: every sample, their mean, where the overlap crosses a level."""
    data = found.to_dataset()
    domain.choice("variable", variable, ("m", "n", "energy"))
    name = "alpha" if np.ptp(found.alpha) > 0 and np.ptp(found.T) == 0 else "T"
    along, colour = data[name], look.style.get("color") or next_colour(ax)
    for sample in found.series[variable].mean(axis=(-1, -2)).T:
        style = thin(look.of_lines(), 1) | {"color": colour, "linewidth": 0.5, "alpha": 0.4}
        ax.plot(along, sample, **style)
    style = {"color": colour, "linestyle": "solid"} | look.style | look.of_points()
    drawing.points(ax, along.values, data[variable].values, data[f"{variable}_err"].values, **style)
    if variable == "m" and (np.ptp(found.T) == 0 or (name == "T" and not np.ptp(found.alpha) > 0)):
        ink = readable("0.5", face(ax))
        ax.axhline(level, color=ink, linewidth=0.6, linestyle="dotted", zorder=0)
        crossing = found.line(level)
        if np.isfinite(crossing.value):
            drawing.place(ax, crossing.value, f"{crossing.value:.3g}")
        if np.isfinite(crossing.error):
            ends = crossing.value - crossing.error, crossing.value + crossing.error
            ax.axvspan(*ends, color="0.5", alpha=0.2, linewidth=0, zorder=0)
    styling.label_axes(ax, drawing.label(along), drawing.label(data[variable]))


def basin(found: Basin, ax: Axes, look: Look, *, success: bool = True) -> None:
    """Draw final over initial overlap, the share of chains that retrieve, and where half do."""
    data = found.to_dataset()
    shown = families.family(ax, data["final"], look, x="start")
    families.points(ax, shown, look, data["error"], linestyle="solid")
    if domain.boolean("success", success):
        for curve in shown.curves:
            share = shown.of(data["success"], curve)
            style = {"color": curve.colour, "linestyle": "dotted", "linewidth": 1.0}
            ax.plot(found.overlaps, share, **style)
    for curve in shown.curves:
        critical = shown.of(data["critical"], curve)
        if np.isfinite(critical) and len(shown.curves) == 1:
            drawing.place(ax, float(critical), f"{critical:.2f}")
        elif np.isfinite(critical):
            ax.axvline(float(critical), color=curve.colour, linewidth=0.6, linestyle="dashed")
    ends = [found.overlaps.min(), found.overlaps.max()]
    ink = readable("0.6", face(ax))
    ax.plot(ends, ends, color=ink, linewidth=0.6, linestyle="dashed", zorder=0)
    _relabel(ax, "overlap at the start $m(0)$", "overlap at the end $m$")


def success(found: Basin, ax: Axes, look: Look) -> None:
    """Draw the share of chains that retrieve over the initial overlap, with its interval."""
    data = found.to_dataset()
    _share(ax, data, "success", "start", look)
    _relabel(ax, "overlap at the start $m(0)$", "share of chains that retrieve")


def _share(ax: Axes, data: xr.Dataset, name: str, x: str, look: Look) -> None:
    """Draw a proportion along an axis, with the band of its interval."""
    shown = families.family(ax, data[name], look, x=x)
    families.theory(ax, shown, look)
    for curve in shown.curves:
        low, high = (shown.of(data[f"{name}_{end}"], curve) for end in ("low", "high"))
        ax.fill_between(shown.x, low, high, color=curve.colour, alpha=0.25, linewidth=0)
    ax.set_ylim(0, 1)


def _relabel(ax: Axes, x: str, y: str) -> None:
    """Name the axes in words of the protocol."""
    ax.set(xlabel=x, ylabel=y)


def replay(found: Replay, ax: Axes, look: Look) -> None:
    """Draw the overlap with the pattern that is due, and the threshold below which it is lost."""
    data = found.to_dataset()
    shown = families.family(ax, data["m"], look, x="t")
    families.theory(ax, shown, look, error=data["error"])
    ink = readable("0.6", face(ax))
    ax.axhline(found.threshold, color=ink, linewidth=0.8, linestyle="dashed", zorder=0)


def exact(found: Replay, ax: Axes, look: Look) -> None:
    """Draw the share of chains that are the pattern that is due to the last spin."""
    _share(ax, found.to_dataset(), "exact", "t", look)
    _relabel(ax, "time $t$", "share of exact replays")


def replay_length(found: Replay, ax: Axes, look: Look, *, index: int | None = None) -> None:
    """Draw the share of replays that go on, along time."""
    _survival(found.length, found.T, ax, look, index)


def survival(found: FirstPassage, ax: Axes, look: Look, *, index: int | None = None) -> None:
    """Draw the share of chains that have not crossed, with Greenwood's standard error.

    Kaplan and Meier, J. Am. Stat. Assoc. 53, 457 (1958), doi:10.1080/01621459.1958.10501452;
    marks are where chains are lost from sight.
    """
    _survival(found, found.T, ax, look, index)


def _survival(found: FirstPassage, T: Any, ax: Axes, look: Look, index: int | None) -> None:
    shape, heats = found.mean.shape, np.ravel(T)
    every = list(np.ndindex(shape))
    if index is not None:
        every = [every[domain.integer("index", index, f"[0, {len(every) - 1}]")]]
    for place in every:
        times, share, error = found.survival(place)
        end = max(float(found.times[place].max(initial=0)), float(times.max(initial=0)))
        t = np.concatenate([[0.0], times, [max(end, 1.0)]])
        y = np.concatenate([[1.0], share, share[-1:] if share.size else [1.0]])
        half = np.concatenate([[0.0], error, error[-1:] if error.size else [0.0]])
        words = look.style.get("label")
        if len(every) > 1:
            heat = heats[np.ravel_multi_index(place, shape)]
            words = families.joined(words, f"$T = {heat:.4g}$")
        colour = look.style.get("color") or next_colour(ax)
        style = {"linewidth": 1.0} | look.of_lines() | {"color": colour}
        ax.step(t, y, where="post", **style | {"label": words})
        low, high = np.clip(y - half, 0, 1), np.clip(y + half, 0, 1)
        ax.fill_between(t, low, high, step="post", color=colour, alpha=0.25, linewidth=0)
        lost = found.times[place][found.censored[place]]
        at = y[np.searchsorted(t[:-1], lost, side="right") - 1]
        ax.plot(lost, at, linestyle="none", marker="|", markersize=6, color=colour)
    ax.set_ylim(0, 1.02)
    styling.label_axes(ax, "sweeps $t$", "share not yet across")


def deviates(found: Equilibration, ax: Axes, look: Look) -> None:
    """Draw the differences of the two starts in units of their errors, and the limit."""
    data = found.to_dataset()
    for name, words, marker in (("z_energy", "energy", "o"), ("z_m2", "$m^2$", "s")):
        shown = families.family(ax, data[name], look)
        label = families.joined(look.style.get("label"), words)
        style = {"color": shown.curves[0].colour, "marker": marker} | look.of_points()
        y = np.ravel(data[name].values)
        drawing.points(
            ax, np.ravel(np.broadcast_to(shown.x, y.shape)), y, **style | {"label": label}
        )
    ax.axhspan(-found.limit, found.limit, color="0.5", alpha=0.2, linewidth=0, zorder=0)
    styling.label_axes(ax, drawing.label(shown.x), "pattern minus random start, in errors $z$")


def correlation_times(found: Relaxation, ax: Axes, look: Look) -> None:
    """Draw the integrated and the exponential autocorrelation times with their errors."""
    data = found.to_dataset()
    for name, marker in (("integrated", "o"), ("exponential", "s")):
        shown = families.family(ax, data[name], look)
        for curve in shown.curves:
            words = families.joined(curve.label, name)
            style = {"color": curve.colour, "marker": marker} | look.of_points()
            error = shown.of(data[f"{name}_error"], curve)
            y = shown.of(shown.data, curve)
            drawing.points(ax, shown.x.values, y, error, **style | {"label": words})
    ax.set_ylim(bottom=0)
    styling.label_axes(ax, drawing.label(shown.x), r"autocorrelation time $\tau$ in sweeps")


def overlaps(found: Magnetizations, ax: Axes, look: Look, *, variable: str = "m") -> None:
    """Draw a quantity of every fixed point that was found, over the temperature."""
    data = found.to_dataset()
    values = families.numbers(data, variable)
    dims = [d for d in values.dims if d not in ("sample", "replica")]
    mean = values.mean([d for d in values.dims if d in ("sample", "replica")], keep_attrs=True)
    shown = families.family(ax, mean.transpose(*dims), look)
    for number, curve in enumerate(shown.curves):
        chosen = values.isel(curve.where).stack(chain=("sample", "replica"), create_index=False)
        y = chosen.transpose(..., "chain").values.reshape(shown.x.size, -1)
        x = np.broadcast_to(shown.x.values[:, None], y.shape)
        style: dict[str, Any] = {"marker": ".", "linestyle": "none"} | look.of_points()
        style |= {"color": curve.colour, "label": curve.label if number or curve.label else None}
        ax.plot(x.ravel(), y.ravel(), **style)
    styling.label_axes(ax, drawing.label(shown.x), drawing.label(values))
