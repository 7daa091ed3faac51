"""Pictures of runs: estimates, and the chains that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain, labels
from hebbian.labels import Variable
from montecarlo.labelling import estimated, times
from montecarlo.quantities import OBSERVABLES
from montecarlo.run import Run
from montecarlo.statistics.estimators import autocorrelation, integrated_time, over_samples

from . import drawing, families, palettes, styling

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = [
    "autocorrelations", "chains", "estimates", "first", "ranks", "relaxing", "sample_colours",
    "traces",
]  # fmt: skip

#: Points that a line of a picture has at most.
MOST_POINTS = 600


def first(run: Run) -> str:
    """Return the picture of a run by default: of one temperature its chains."""
    return "estimates" if np.size(run.T) > 1 else "trace"


def estimates(run: Run, ax: Axes, look: Look, *, variable: str = "m", x: str | None = None) -> None:
    """Draw means with their standard errors."""
    known = [*OBSERVABLES, *(run.series.keys() - OBSERVABLES.keys()), *run.observables]
    domain.choice("variable", variable, [*dict.fromkeys(known)])
    found = labels.described(run, estimated(run, variable).items())
    shown = families.family(ax, found[variable], look, x=x)
    families.points(ax, shown, look, found.get(f"{variable}_err"))


def chains(run: Run, variable: str, index: int, component: int) -> xr.DataArray:
    """Return a series of one temperature and one component: axes sample, chain, t.

    Raises
    ------
    ValueError
        If there is no such series, temperature or component, or nothing was measured.
    """
    known = [name for name in run.series if name != "acceptance"]
    domain.choice("variable", variable, known)
    series = labels.described(run, run.groups()["series"].items())[variable]
    if series.sizes["t"] == 0:
        raise ValueError("the run has no measurements to draw: its schedule has sweeps = 0")
    if "pair" in series.dims and series.sizes["pair"] == 0:
        raise ValueError(f"variable = {variable!r} needs n_replicas of at least 2")
    kept = ("sample", "pair" if variable == "q" else "replica", "t")
    grid = [d for d in run.grid()[0] if d in series.dims]
    others = [d for d in series.dims if d not in (*kept, *grid)]
    series = series.transpose(*grid, *others, *kept)
    lengths = series.shape[: len(grid)], series.shape[len(grid) : -3]
    for name, value, shape in (("index", index, lengths[0]), ("component", component, lengths[1])):
        domain.integer(name, value, f"[0, {int(np.prod(shape)) - 1}]")
    places = *np.unravel_index(index, lengths[0]), *np.unravel_index(component, lengths[1])
    named = {d: int(k) for d, k in zip((*grid, *others), places, strict=True)}
    series = series.isel(named).rename({kept[1]: "chain"})
    steps = {"t": times(run), "sample": np.arange(series.sizes["sample"])}
    return series.assign_coords(steps)


def sample_colours(ax: Axes, data: xr.DataArray, look: Look) -> list[Any]:
    """Return a colour for each sample."""
    if "color" in look.style:
        return [look.style["color"]] * data.sizes["sample"]
    return palettes.palette(ax, data["sample"], look)[0]


def thin(style: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the style of one of many lines; the first alone has the label."""
    usual = {"linewidth": 0.6, "alpha": 0.8}
    return usual | style | ({"label": None} if number else {})


def traces(
    run: Run, ax: Axes, look: Look, *, variable: str = "m", index: int = 0, component: int = 0
) -> None:
    """Draw every chain along time, a colour for each sample."""
    data = chains(run, variable, index, component)
    every = -(-data.sizes["t"] // MOST_POINTS)
    part = data.isel(t=slice(None, None, every))
    number = 0
    for colour, sample in zip(sample_colours(ax, data, look), part, strict=True):
        for chain in sample:
            style = thin(look.of_lines(alone=True), number) | {"color": colour}
            ax.plot(part["t"], chain, **style)
            number += 1
    styling.label_axes(ax, "time $t$", drawing.label(data))


def ranks(
    run: Run,
    ax: Axes,
    look: Look,
    *,
    variable: str = "m",
    index: int = 0,
    component: int = 0,
    bins: int = 20,
    sample: int | None = None,
) -> None:
    """Draw how often each chain has which ranks among all chains of its sample.

    Chains of one law have all ranks alike, within the band of two standard errors at their
    autocorrelation time (A. Vehtari et al., Bayesian Analysis 16, 667 (2021),
    doi:10.1214/20-BA1221).
    """
    bins = domain.integer("bins", bins, "[2, 1000]")
    data = chains(run, variable, index, component)
    colours = sample_colours(ax, data, look)
    if sample is not None:
        sample = domain.integer("sample", sample, f"[0, {data.sizes['sample'] - 1}]")
        data, colours = data.isel(sample=[sample]), colours[sample : sample + 1]
    if data.sizes["chain"] < 2:
        raise ValueError("ranks compare the chains of a sample: n_replicas of at least 2")
    edges, number, n = np.linspace(0, 1, bins + 1), 0, data.sizes["t"]
    for colour, one in zip(colours, data.values, strict=True):
        for share in rank_shares(one, edges):
            style = thin(look.of_lines(), number) | {"color": colour}
            ax.stairs(bins * share, edges, baseline=None, **style)
            number += 1
    tau = float(integrated_time(data.values).mean())
    half = 2 * np.sqrt((bins - 1) * max(tau, 1.0) / n)
    ax.axhspan(max(0.0, 1 - half), 1 + half, color="0.5", alpha=0.25, linewidth=0, zorder=0)
    ax.axhline(1.0, color="0.5", linewidth=0.8, linestyle="dashed", zorder=1)
    ax.set_ylim(bottom=0)
    words = f"rank of {drawing.label(data)} in its sample"
    styling.label_axes(ax, words, "density")


def rank_shares(series: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return which share of every chain has ranks, in units of all, between two edges.

    Equal values share the ranks that they have together.

    Examples
    --------
    >>> rank_shares(np.array([[1, 2], [3, 3]]), np.array([0, 0.25, 0.5, 1]))
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 1. ]])
    """
    values = np.unique(series)
    below = np.array([np.searchsorted(np.sort(x), values, side="right") for x in series])
    together = np.concatenate([[0], below.sum(axis=0)]) / series.size
    own = np.concatenate([np.zeros((len(series), 1)), below / series.shape[-1]], axis=1)
    return np.diff([np.interp(edges, together, x) for x in own], axis=-1)


def autocorrelations(
    run: Run,
    ax: Axes,
    look: Look,
    *,
    variable: str = "m",
    index: int = 0,
    component: int = 0,
    lags: int | None = None,
) -> None:
    r"""Draw the autocorrelation of the chains of every sample, and their integrated time.

    The band is twice Bartlett's error of correlations that are none,
    :math:`\sqrt{(1 + 2 \sum_t \rho(t)^2)/n}`, n measurements of a sample.
    """
    data = chains(run, variable, index, component)
    rho, constant = autocorrelation(data.values)
    if constant.all():
        raise ValueError(f"variable = {variable!r} never changes: it has no correlations")
    n, tau = data.sizes["t"], integrated_time(data.values)
    tau = np.where(constant, np.nan, tau)
    longest = domain.integer("lags", n - 1 if lags is None else lags, f"[1, {max(1, n - 1)}]")
    if lags is None:
        longest = min(longest, max(10, round(8 * float(np.nanmax(tau)))))
    lag = np.arange(longest + 1) * run.stride
    for number, (colour, each) in enumerate(zip(sample_colours(ax, data, look), rho, strict=True)):
        if not constant[number]:
            style = thin(look.of_lines(alone=True), number) | {"color": colour}
            ax.plot(lag, each[: longest + 1], **style)
    seen = rho[~constant].mean(axis=0)
    window = int(np.ceil(5 * np.nanmean(tau))) + 1
    half = 2 * np.sqrt((1 + 2 * np.sum(seen[1:window] ** 2)) / (n * data.sizes["chain"]))
    ax.axhspan(-half, half, color="0.5", alpha=0.25, linewidth=0, zorder=0)
    mean = float(np.nanmean(tau)) * run.stride
    drawing.place(ax, mean, rf"$\tau = {mean:.3g}$")
    styling.label_axes(ax, "lag in sweeps", f"autocorrelation of ${data.attrs.get('symbol', '')}$")


def relaxing(run: Run, ax: Axes, look: Look, *, variable: str = "m", component: int = 0) -> None:
    """Draw the mean over chains from the start on, a curve for each temperature."""
    parts, errors = [], []
    for index in range(np.size(run.T)):
        data = chains(run, variable, index, component)
        begin = _begun(run, variable, index, component)
        mean, error = over_samples(np.concatenate([begin, data], axis=-1).mean(axis=1).T)
        parts.append(mean)
        errors.append(error)
    t = np.concatenate([[run.settings.get("first_sweep", 0)] * begin.shape[-1], times(run)])
    shape = run.start_overlaps.shape[:-2]
    numbers = {variable: parts, f"{variable}_err": errors}
    named = {k: Variable(("...", "t"), np.reshape(x, (*shape, -1))) for k, x in numbers.items()}
    found = labels.described(run, (named | {"t": Variable(("t",), t)}).items())
    shown = families.family(ax, found[variable], look, x="t")
    families.theory(ax, shown, look, error=found[f"{variable}_err"])


def _begun(run: Run, variable: str, index: int, component: int) -> np.ndarray:
    """Return the first values, where there are any of this quantity: sample, chain, one or none."""
    n_samples, n_replicas = run.start_overlaps.shape[-2:]
    if variable not in run.first:
        return np.empty((n_samples, 1 if variable == "q" else n_replicas, 0))
    own = run.first[variable].reshape(np.size(run.T), n_samples, n_replicas, -1)
    return np.asarray(own[index, ..., component : component + 1])
