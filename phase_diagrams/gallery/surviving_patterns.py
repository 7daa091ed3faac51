"""Which patterns of unequal strengths survive: by rank of a power law, and by age of a palimpsest.

A chain starts at every pattern.  Where few strong patterns make most of the crosstalk, samples
differ in the patterns that they keep, and theory is `strong_patterns` besides that of replicas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import hebbian
import montecarlo
import theory
from hebbian import Hopfield
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session, Simulation, averaged
from .strong_patterns import KEPT, kept_fraction
from .verdicts import Findings, Measured, equal, exact, measured, positive, rate

#: Ranks over that of the cut up to which and from which on chains are judged.
INSIDE, OUTSIDE = 0.6, 4.0
#: Power of 1/N in which the number that a palimpsest keeps is extrapolated.
POWER = 2 / 3
#: Rates well above the least one, where that power holds at these sizes.
STEEP = 8.0


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exponents and temperatures, sizes, most ranks; rates, sizes, ages of a palimpsest."""

    exponents: list[float]
    T: list[float]
    n_spins: list[int]
    n_ranks: int
    alpha: float
    n_strong: int
    n_draws: int
    drawn_ranks: list[int]
    rates: list[float]
    n_spins_faded: list[int]
    n_samples_faded: int
    n_ages: int
    oldest: float
    line: tuple[float, float, int]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Start at every pattern, for every law and size, and ask the theory."""
    p = parameters
    yield "/zipf", _zipf(p)
    yield "/palimpsest", _palimpsest(p)
    rates = np.geomspace(p.line[0], p.line[1], p.line[2])
    yield "/line", xr.Dataset({"kept": ("rate", [_oldest(L) for L in rates])}, {"rate": rates})


def _zipf(p: Parameters) -> xr.Dataset:
    ranks = np.arange(1, p.n_ranks + 1)
    axes = ("case", "size")
    found, known = [], []
    for a, T in zip(p.exponents, p.T, strict=True):
        model = Hopfield(weights=f"zipf:{a:g}")
        for n in p.n_spins:
            found.append(_measured(model, p.alpha, T, n, ranks, p, p.n_samples))
            state = theory.by_rank(model, alpha=p.alpha, T=T, n_spins=n, ranks=ranks)
            drawn = _drawn(model, n, p) if T == 0 else np.full(len(ranks), np.nan)
            known.append((state.m, drawn, float(state.cut)))
    shape = (len(p.exponents), len(p.n_spins))
    m_theory, drawn, cut = (
        np.array(x).reshape(*shape, *np.shape(x[0])) for x in zip(*known, strict=True)
    )
    data = _by_samples(found, shape, ranks)
    data |= {
        "m_theory": ((*axes, "rank"), m_theory),
        "kept_theory": ((*axes, "rank"), drawn),
        "cut": (axes, cut),
        "number_theory": (axes, drawn.sum(axis=-1)),
    }
    places = {"rank": ranks, "exponent": ("case", p.exponents), "T": ("case", p.T)}
    return xr.Dataset(data, places | {"n_spins": ("size", p.n_spins)}, {"n_samples": p.n_samples})


def _drawn(model: Hopfield, n_spins: int, p: Parameters) -> np.ndarray:
    """Return the fraction of samples that keep a pattern, interpolated between some ranks."""
    g = model.strengths(model.count(p.alpha, n_spins), n_spins)
    assert g is not None
    some = [
        kept_fraction(g, k, n_spins, n_strong=p.n_strong, n_draws=p.n_draws, seed=p.seed)
        for k in p.drawn_ranks
    ]
    return np.asarray(np.interp(np.arange(1, p.n_ranks + 1), p.drawn_ranks, some))


def _palimpsest(p: Parameters) -> xr.Dataset:
    ages = np.linspace(0, p.oldest, p.n_ages)
    found, cuts = [], []
    for L in p.rates:
        model = Hopfield(weights=f"palimpsest:{L:g}")
        for n in p.n_spins_faded:
            ranks = 1 + np.rint(ages * n).astype(int)
            found.append(_measured(model, _load(L), 0.0, n, ranks, p, p.n_samples_faded))
        cuts.append(_oldest(L))
    shape = (len(p.rates), len(p.n_spins_faded))
    data = _by_samples(found, shape, ages)
    places = {"rank": ages, "rate": ("case", p.rates), "n_spins": ("size", p.n_spins_faded)}
    data |= {"cut": ("case", cuts)}
    return xr.Dataset(data, places, {"n_samples": p.n_samples_faded})


def _load(L: float) -> float:
    """Load at which the oldest pattern has a strength of e^-5: older ones count no more."""
    return max(5 / L, 0.2)


def _oldest(L: float) -> float:
    return float(theory.forgetting_age(Hopfield(weights=f"palimpsest:{L:.12g}")))


def _measured(
    model: Hopfield, alpha: float, T: float, n: int, ranks: np.ndarray, p: Simulation, samples: int
) -> np.ndarray:
    """Return overlaps of chains with the patterns where they started: (n_samples, n_ranks)."""
    patterns: Sequence[int] = (ranks - 1).tolist()
    starts = [
        hebbian.draw(model, n_spins=n, alpha=alpha, seed=p.seed, sample=k).observed(patterns)[0]
        for k in range(samples)
    ]
    settings: dict[str, Any] = p.settings() | {"n_samples": samples, "n_replicas": len(ranks)}
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n, start=np.array(starts), patterns=patterns,
        dynamics="zero-temperature" if T == 0 else "glauber", **settings,
    )  # fmt: skip
    return np.array(np.diagonal(run.series["m"].mean(axis=2), axis1=1, axis2=2))


def _by_samples(found: list[np.ndarray], shape: tuple[int, int], place: np.ndarray) -> Any:
    """Return overlaps, fractions of samples that keep a pattern, and numbers that are kept."""
    m = np.moveaxis(np.array(found).reshape(*shape, *found[0].shape), 2, 0)
    kept, axes = m > KEPT, ("case", "size", "rank")
    step = place[1] - place[0]
    number = averaged({"number": kept.sum(axis=-1) * step}, axes[:2])
    return averaged({"m": m, "kept": kept.astype(float)}, axes) | number


def draw(tree: xr.DataTree) -> Figure:
    """Overlaps by rank and age, and how many patterns are kept."""
    figure = Figure(figsize=(7.0, 5.0))
    (ranks, numbers_of), (ages, best) = figure.subplots(2, 2)
    zipf, faded, line = (tree[name].to_dataset() for name in ("zipf", "palimpsest", "line"))
    _by_rank(ranks, zipf.isel(size=-1))
    n = zipf["n_spins"]
    for k in range(zipf.sizes["case"]):
        one, colour = zipf.isel(case=k), f"C{k}"
        drawing.points(
            numbers_of, n, one["number"], one["number_err"], color=colour, label=_words(one)
        )
        numbers_of.plot(n, one["number_theory"], color=colour, lw=0.9)
        numbers_of.plot(n, one["cut"], color=colour, lw=0.7, ls=":")
    numbers_of.set(xscale="log", yscale="log", xlabel="spins $N$", ylabel="patterns kept")
    numbers_of.legend(loc="upper left")
    middle = faded.isel(case=_middle(faded))
    for k, size in enumerate(faded["n_spins"].values):
        one = middle.isel(size=k)
        drawing.points(
            ages, one["rank"], one["m"], one["m_err"], fmt="v^os"[k % 4], color=f"C{k}",
            label=f"$N = {size}$",
        )  # fmt: skip
        drawing.points(
            best, faded["rate"], faded["number"].isel(size=k), faded["number_err"].isel(size=k),
            fmt="v^os"[k % 4], color=f"C{k}",
        )  # fmt: skip
    ages.axvline(float(middle["cut"]), color="0.4", lw=0.7, ls=":")
    ages.set(xlabel="age over $N$", ylabel="overlap $m$", title=f"$L = {float(middle['rate']):g}$")
    ages.legend(loc="lower left")
    limit, error = extrapolated(faded)
    drawing.points(best, faded["rate"], limit, error, fmt="*", color="k", label=r"$N \to \infty$")
    drawing.line(best, line["rate"], line["kept"], "-")
    best.set(xscale="log", xlabel="rate $L$", ylabel="patterns kept over $N$", ylim=(0, None))
    best.legend(loc="lower right")
    for axis in (ranks.xaxis, numbers_of.xaxis, numbers_of.yaxis, best.xaxis):
        drawing.logarithmic(axis)
    return figure


def _by_rank(ax: Axes, data: xr.Dataset) -> None:
    for k in range(data.sizes["case"]):
        one, colour = data.isel(case=k), f"C{k}"
        drawing.points(ax, one["rank"], one["m"], one["m_err"], color=colour, label=_words(one))
        ax.plot(one["rank"], one["m_theory"], color=colour, lw=0.9)
        ax.plot(one["rank"], one["kept_theory"], color=colour, lw=0.7, ls="--")
        ax.axvline(float(one["cut"]), color=colour, lw=0.6, ls=":")
    ax.set(xscale="log", xlabel="rank", ylabel="overlap $m$")
    ax.legend(loc="lower left")


def _words(one: xr.Dataset) -> str:
    return f"$a = {float(one['exponent']):g}$, $T = {float(one['T']):g}$"


def _middle(faded: xr.Dataset) -> int:
    return int(np.argmax(faded["cut"].values))


def extrapolated(faded: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Return numbers at N to infinity of the two largest sizes, and their errors."""
    x = (faded["n_spins"].astype(float) ** -POWER)[-2:]
    weight = xr.DataArray([-float(x[1]), float(x[0])] / (x[0] - x[1]).values, dims="size")
    last = faded.isel(size=[-2, -1])
    error = ((weight * last["number_err"]) ** 2).sum("size") ** 0.5
    return (weight * last["number"]).sum("size"), error


def slope(data: xr.Dataset, name: str) -> tuple[float, float]:
    """Return the power of N that a number follows, and its error."""
    x = np.log(data["n_spins"].values)
    weight = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    value = float(weight @ np.log(data[name].values))
    if f"{name}_err" not in data:
        return value, 0.0
    return value, float(np.linalg.norm(weight * data[f"{name}_err"] / data[name]))


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    zipf, faded, line = (tree[name].to_dataset() for name in ("zipf", "palimpsest", "line"))
    words = []
    for k in range(zipf.sizes["case"]):
        one = zipf.isel(case=k)
        last, power = one.isel(size=-1), slope(one, "number")
        words.append(
            f"a = {float(last['exponent']):g}, T = {float(last['T']):g}: "
            f"{float(last['number']):.1f} at the largest N, as N^x with x = {power[0]:.3f}"
            f"({1000 * power[1]:.0f})"
        )
    place = int(np.argmax(line["kept"].values))
    limit, _ = extrapolated(faded)
    return {
        "found": "; ".join(words),
        "size": int(zipf["n_spins"][-1]),
        "best": float(line["rate"][place]),
        "most": float(line["kept"][place]),
        "measured": f"{float(limit[_middle(faded)]):.4f}",
        "at": float(faded["rate"][_middle(faded)]),
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    zipf, faded, line = (tree[name].to_dataset() for name in ("zipf", "palimpsest", "line"))
    relative = zipf["rank"] / zipf["cut"]
    yield equal(
        f"up to {INSIDE:g} of the rank of the cut the overlap is that of theory",
        (measured(zipf) - zipf["m_theory"]).where(relative <= INSIDE),
        tolerance=0.01,
    )
    yield positive(
        f"from {OUTSIDE:g} times its rank on patterns are lost",
        -(measured(zipf) - KEPT).where(relative >= OUTSIDE),
    )
    cold, trials = zipf.isel(case=np.flatnonzero(zipf["T"] == 0)), zipf.attrs["n_samples"]
    yield equal(
        "in between, fractions of samples that keep a pattern are those of drawn strong patterns",
        (rate(cold["kept"], trials) - cold["kept_theory"]).where(relative < OUTSIDE),
        tolerance=0.1,
        resolution=0.5,
    )
    for k in np.flatnonzero((cold["exponent"] > 0.5).values):
        one = cold.isel(case=int(k))
        power, error = slope(one, "number")
        a = float(one["exponent"])
        yield equal(
            f"a = {a:g}: the number kept grows with the power of N that it has in theory",
            Measured(power - slope(one, "number_theory")[0], error, trials - 1),
            tolerance=0.03,
        )
        yield positive(
            f"a = {a:g}: slower than N^{1 / (2 * a):.3f}",
            Measured(1 / (2 * a) - power, error, trials - 1),
        )
    best = int(np.argmax(line["kept"].values))
    yield exact(
        f"a palimpsest keeps most, {float(line['kept'][best]):.4f} N, at L = "
        f"{float(line['rate'][best]):.1f} and not at the ends",
        abs(line["kept"][best] - 0.049) < 5e-4,
    )
    limit, limit_error = extrapolated(faded)
    steep = faded["rate"] >= STEEP
    yield equal(
        f"the number it keeps at L >= {STEEP:g}, extrapolated, is that of theory",
        Measured(limit - faded["cut"], limit_error, faded.attrs["n_samples"] - 1).where(steep),
        tolerance=0.001,
        resolution=0.02,
    )
