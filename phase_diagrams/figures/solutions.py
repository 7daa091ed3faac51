"""Pictures of single results of the theory: lines over what varies, maps, courses in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hebbian import domain
from hebbian.result import Result
from theory.basin import BasinBoundary
from theory.by_rank import RankSolution
from theory.course import Trajectory
from theory.outer_product.error import OuterProduct
from theory.outer_product.weights import BestWeights
from theory.recovery import Convergence, Recovery
from theory.solution import SignalToNoise, Solution
from theory.sparse_distributed.attention import FittedSharpness
from theory.sparse_distributed.first_step import OneStep

from . import drawing, families, styling
from .shown import wrong_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .styling import Look

__all__ = [
    "boundary", "by_rank", "correlations", "course", "error_of_tables", "first", "fit_error",
    "lines", "mesh", "one_step", "recalled", "recovered", "settling", "step", "weights",
]  # fmt: skip

#: Most values of an axis whose curves are told apart better than the colours of a map.
FEW = 7


def first(found: Solution) -> str:
    """Return the picture of a solution by default: a map where two axes have many values."""
    lengths = [n for n in np.shape(found.converged) if n > 1]
    return "map" if len(lengths) == 2 and min(lengths) > FEW else "lines"


def lines(
    found: Solution, ax: Axes, look: Look, *, variable: str = "m", x: str | None = None
) -> None:
    """Draw an order parameter; dashed where replica symmetry is broken, nothing without a state."""
    data = found.to_dataset()
    shown = families.family(ax, families.numbers(data, variable), look, x=x)
    families.theory(ax, shown, look, doubtful=data["replicon"] < 0)


def mesh(
    found: Result,
    ax: Axes,
    look: Look,
    *,
    variable: str = "m",
    x: str | None = None,
    component: int = 0,
) -> None:
    """Draw an order parameter of two axes as colour; grey where there is no state."""
    data = found.to_dataset()
    values = families.numbers(data, variable).squeeze()
    apart = [d for d in values.dims if d in ("pattern", "layer")]
    for dim in apart:
        last = f"[0, {values.sizes[dim] - 1}]"
        values = values.isel({dim: domain.integer("component", component, last)})
    if values.ndim != 2:
        sizes = {str(dim): n for dim, n in values.sizes.items()}
        raise ValueError(wrong_axes("map", "two axes", sizes))
    dims = [str(dim) for dim in values.dims]
    x = domain.choice("x", dims[0] if x is None else x, dims)
    for dim in dims:
        if dim not in values.coords or values[dim].ndim != 1:
            values = values.assign_coords({dim: np.arange(values.sizes[dim])})
    values = values.transpose(*(d for d in dims if d != x), x).sortby(dims)
    limits = {"low": look.vmin, "high": look.vmax}
    drawing.heat_map(values.astype(float), ax, colourbar=look.colorbar, **limits, **look.style)


def by_rank(found: RankSolution, ax: Axes, look: Look, *, variable: str = "m") -> None:
    """Draw a number of every pattern over its rank; 0 where a pattern is not retrieved."""
    data = found.to_dataset()
    values = families.numbers(data, variable)
    if variable in ("m", "n"):
        values = values.fillna(0.0).where(data["strength"].notnull())
        values.attrs = data[variable].attrs
    shown = families.family(ax, values, look, x="rank")
    families.theory(ax, shown, look)


def step(
    found: SignalToNoise, ax: Axes, look: Look, *, variable: str = "m", x: str | None = None
) -> None:
    """Draw the overlap after one step, or the moments of the field."""
    _plain(found, ax, look, variable, x)


def _plain(
    found: Result, ax: Axes, look: Look, variable: str, x: str | None, error: str | None = None
) -> families.Family:
    data = found.to_dataset()
    shown = families.family(ax, families.numbers(data, variable), look, x=x)
    spread = data[error] if error in data and bool((data[error] > 0).any()) else None
    families.theory(ax, shown, look, error=spread)
    return shown


def course(found: Trajectory, ax: Axes, look: Look, *, variable: str = "m") -> None:
    """Draw an overlap along time, with the band of its sampling error."""
    domain.choice("variable", variable, ("m", "n"))
    _plain(found, ax, look, variable, "t", f"{variable}_err")


def correlations(
    found: Trajectory, ax: Axes, look: Look, *, variable: str = "C", index: int = 0
) -> None:
    """Draw the correlations, or responses, of two times of one point as colour."""
    domain.choice("variable", variable, ("C", "G"))
    values = np.asarray(getattr(found, variable))
    values = values.reshape(-1, *values.shape[-2:])
    values = values[domain.integer("index", index, f"[0, {len(values) - 1}]")]
    words = {"C": ("correlation", "C"), "G": ("response", "G")}[variable]
    about = {"long_name": words[0], "symbol": f"{words[1]}(t, t')"}
    times = {"t": found.t, "t_before": found.t}
    data = xr.DataArray(values, times, ("t", "t_before"), name=variable, attrs=about)
    data["t"].attrs = {"long_name": "time", "symbol": "t"}
    data["t_before"].attrs = {"long_name": "time", "symbol": "t'"}
    limits = {"low": look.vmin, "high": look.vmax}
    drawing.heat_map(data, ax, colourbar=look.colorbar, **limits, **look.style)


def boundary(found: BasinBoundary, ax: Axes, look: Look, *, x: str | None = None) -> None:
    """Draw the smallest overlap at the start that retrieves, a curve for each number of steps."""
    _plain(found, ax, look, "overlap", x, "error")
    ax.set_ylabel("smallest overlap at the start $m(0)$")


def settling(found: Convergence, ax: Axes, look: Look, *, x: str | None = None) -> None:
    """Draw the time from which the overlap stays where it ends, with its error."""
    _plain(found, ax, look, "time", x, "error")
    ax.set_ylabel("time until the overlap rests $t$")


def recovered(
    found: Recovery, ax: Axes, look: Look, *, variable: str = "overlap", x: str | None = None
) -> None:
    """Draw the largest overlap on the way, or when it was there, or when it was lost."""
    domain.choice("variable", variable, ("overlap", "time", "leaving"))
    _plain(found, ax, look, variable, x, f"{variable}_err")
    words = {
        "overlap": "largest overlap on the way", "time": "time of the largest overlap $t$",
        "leaving": "time at which the overlap is lost $t$",
    }  # fmt: skip
    ax.set_ylabel(words[variable])


def error_of_tables(found: OuterProduct, ax: Axes, look: Look, *, x: str | None = None) -> None:
    """Draw the probability of a wrong answer over what varies, on logarithmic axes."""
    shown = _plain(found, ax, look, "error", x)
    _logarithmic(ax, shown)
    ax.set_ylabel("probability of a wrong answer")
    _symbol(ax, shown, {"d": "dimension of the embeddings $d$", "n_samples": "samples $T$"})


def _logarithmic(ax: Axes, shown: families.Family) -> None:
    """Have logarithmic axes where all numbers are positive, as power laws ask for."""
    for name, values in (("x", shown.x), ("y", shown.data)):
        finite = np.asarray(values, float)
        if (finite[np.isfinite(finite)] > 0).all() and np.size(values) > 1:
            ax.set(**{f"{name}scale": "log"})


def _symbol(ax: Axes, shown: families.Family, words: dict[str, str]) -> None:
    """Name a horizontal axis that is none of the quantities of the field."""
    if shown.x.name in words:
        ax.set_xlabel(words[str(shown.x.name)])


def recalled(found: OuterProduct, ax: Axes, look: Look) -> None:
    """Draw the probability of the right answer to every token, the most frequent first."""
    _plain(found, ax, look, "recalled", "token")
    ax.set(xlabel="token", ylabel="probability of the right answer")


def weights(found: BestWeights, ax: Axes, look: Look) -> None:
    """Draw the best weights over the rank of the tokens, on logarithmic axes."""
    q, p = np.asarray(found.q), np.asarray(found.settings["p"])
    order = np.argsort(-p, kind="stable")
    style: dict[str, Any] = {"linewidth": 1.0} | look.of_lines(alone=True)
    ax.loglog(np.arange(1, q.size + 1), q[order], **style)
    styling.label_axes(ax, "rank of the token", "best weight $q$")


def one_step(found: OneStep, ax: Axes, look: Look, *, variable: str = "distance") -> None:
    """Draw the distance after a reading over that of the query, and where both are alike."""
    known = list(found.fields())
    values = np.ravel(getattr(found, domain.choice("variable", variable, known)))
    x = np.ravel(found.settings["distance"])
    order = np.argsort(x, kind="stable")
    ax.plot(x[order], values[order], **({"linewidth": 1.0} | look.of_lines(alone=True)))
    if variable == "distance":
        ax.plot(x[order], x[order], color="0.5", linewidth=0.6, linestyle="dashed", zorder=0)
    after = "distance after the reading" if variable == "distance" else variable.replace("_", " ")
    styling.label_axes(ax, "Hamming distance of the query $x$", after)


def fit_error(found: FittedSharpness, ax: Axes, look: Look) -> None:
    """Draw by what the fitted weights are too large, over the distance."""
    style: dict[str, Any] = {"linewidth": 1.0} | look.of_lines(alone=True)
    ax.plot(found.distances, found.error, **style)
    ax.axhline(0, color="0.5", linewidth=0.6, linestyle="dashed", zorder=0)
    words = r"error of the fit $\beta \cos + c - \ln \varphi$"
    styling.label_axes(ax, "Hamming distance $x$", words)
