"""How long retrieval lasts beyond its transition, beside the barrier that protects it."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Dense
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from phase_diagrams.figures import drawing
from theory.conventions import finite_size_factor

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, equal, measured, positive

#: At a mean-field spinodal (`phase_diagrams.analysis.scaling`).
POWER = 2 / 3

#: Relative slope by which fluctuations and the prefactor, which depends on N too, may change it.
TOLERANCE = 0.35


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order and load; temperatures and sizes of the escapes; sizes and steps of the ramps.

    Temperatures and the load are those of the infinite network: a network of N spins gets
    them times Pi.  `warmup` and `stride` apply to the ramps alone, `sweeps` to both.
    """

    order: int
    alpha: float
    T: list[float]
    n_spins: list[int]
    longest: int
    ramp_sizes: list[int]
    ramp_T: tuple[float, float]
    steps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Start chains in a pattern at fixed temperatures, and heat others step by step."""
    p, model = parameters, Dense(order=parameters.order)
    T = np.array(p.T)
    common: dict[str, Any] = {"n_samples": p.n_samples, "n_replicas": p.n_replicas, "seed": p.seed}
    until = montecarlo.Schedule(warmup=0, sweeps=p.longest, stride=1)
    lives = []
    for n_spins in p.n_spins:
        scale = float(finite_size_factor(n_spins, order=p.order))
        run = montecarlo.simulate(
            model, alpha=p.alpha * scale, T=T * scale, n_spins=n_spins, schedule=until, **common
        )
        lives.append(_median_life(run.first_passage(), run.series["m"].shape[1]))
    life, error = np.array(lives).transpose(1, 0, 2)
    rate = theory.nucleation_barrier(model, alpha=p.alpha, T=T) / T
    slopes = np.array([_slope(p.n_spins, *column) for column in zip(life.T, error.T, strict=True)])
    yield (
        "/escapes",
        xr.Dataset(
            {
                "log_life": (("n_spins", "T"), life),
                "log_life_err": (("n_spins", "T"), error),
                "slope": ("T", slopes[:, 0]),
                "slope_err": ("T", slopes[:, 1]),
                "barrier": ("T", rate),
            },
            coords={"n_spins": p.n_spins, "T": T},
        ),
    )
    steps = np.linspace(*p.ramp_T, p.steps)
    lost = []
    for n_spins in p.ramp_sizes:
        scale = float(finite_size_factor(n_spins, order=p.order))
        settings = p.settings() | {"n_spins": n_spins, "alpha": p.alpha * scale}
        line = montecarlo.ramp(model, T=steps * scale, **settings).line()
        lost.append((line.value / scale, line.error / scale))
    value, spread = np.array(lost).T
    fit = extrapolate_sizes(
        np.array(p.ramp_sizes), value, spread, powers=(POWER,), n_samples=p.n_samples
    )
    spinodal = float(theory.spinodal_temperature(model, p.alpha))
    yield "/", xr.Dataset(attrs={"n_samples": p.n_samples})
    yield (
        "/ramps",
        xr.Dataset(
            {
                "lost": ("n_spins", value),
                "lost_err": ("n_spins", spread),
                "limit": fit.value,
                "limit_err": fit.error,
            },
            coords={"n_spins": p.ramp_sizes},
            attrs={"spinodal_temperature": spinodal, "sweeps": p.warmup + p.sweeps},
        ),
    )


def _median_life(passage: montecarlo.FirstPassage, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ln of the median life at every temperature and its jackknife error over samples.

    NaN where fewer than half of the chains escaped: the longest waited for is no life.
    """

    def log_median(times: np.ndarray, censored: np.ndarray) -> np.ndarray:
        waited = np.where(censored, np.inf, np.maximum(times, 0.5))
        median = np.median(waited, axis=(-1, -2))
        return np.where(np.isfinite(median), np.log(median), np.nan)

    times, censored = passage.times, passage.censored
    whole = log_median(times, censored)
    parts = [
        log_median(np.delete(times, s, axis=-2), np.delete(censored, s, axis=-2))
        for s in range(n_samples)
    ]
    return whole, np.sqrt((n_samples - 1) * np.var(parts, axis=0))


def _slope(n_spins: list[int], life: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """Return the slope of the logarithm of the life in N, and its error."""
    known = np.isfinite(life) & np.isfinite(error) & (error > 0)
    if known.sum() < 2:
        return np.nan, np.nan
    N = np.array(n_spins, float)[known]
    weight = error[known] ** -2.0
    spread = N - (weight * N).sum() / weight.sum()
    moment = (weight * spread**2).sum()
    return float((weight * spread * life[known]).sum() / moment), float(moment**-0.5)


def draw(tree: xr.DataTree) -> Figure:
    """Lives against the size with the predicted slopes, and heating ramps against N^(-2/3)."""
    escapes, ramps = tree["escapes"].to_dataset(), tree["ramps"].to_dataset()
    figure = Figure(figsize=(7.0, 2.6))
    left, right = figure.subplots(1, 2)
    N = escapes["n_spins"].values
    for i in range(escapes.sizes["T"]):
        one, colour = escapes.isel(T=i), f"C{i}"
        drawing.points(
            left, N, one["log_life"], one["log_life_err"], color=colour,
            label=f"$T = {float(one['T']):g}$",
        )  # fmt: skip
        offset = float((one["log_life"] - one["barrier"] * one["n_spins"]).mean())
        left.plot(N, offset + float(one["barrier"]) * N, color=colour, lw=0.9)
    left.set(xlabel="number of spins $N$", ylabel="ln of the median life in sweeps")
    left.legend(fontsize=6)
    x = ramps["n_spins"].values ** -POWER
    drawing.points(right, x, ramps["lost"], ramps["lost_err"], color="k")
    if np.isfinite(ramps["limit"]):
        drawing.points(
            right,
            [0],
            [ramps["limit"]],
            [ramps["limit_err"]],
            fmt="s",
            ms=4,
            mfc="none",
            color="C3",
        )
    right.axhline(ramps.attrs["spinodal_temperature"], color="k", lw=0.9, ls="--")
    right.set(xlabel="$N^{-2/3}$", ylabel=r"lost on heating, $T/\Pi$")
    right.set_xlim(-0.05 * x.max(), 1.05 * x.max())
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    escapes, ramps = tree["escapes"].to_dataset(), tree["ramps"].to_dataset()
    words = [
        f"T = {float(one['T']):g}: {float(one['slope']):.4f} +- {float(one['slope_err']):.4f}, "
        f"predicted {float(one['barrier']):.4f}"
        for one in (escapes.isel(T=i) for i in range(escapes.sizes["T"]))
    ]
    limit = "its fit is refused"
    if np.isfinite(ramps["limit"]):
        limit = f"it tends to {float(ramps['limit']):.3f} +- {float(ramps['limit_err']):.3f}"
    sizes = ", ".join(str(n) for n in ramps["n_spins"].values)
    return {
        "slopes": "; ".join(words),
        "limit": limit,
        "sizes": sizes,
        "spinodal": f"{ramps.attrs['spinodal_temperature']:.3f}",
        "step": ramps.attrs["sweeps"],
    }


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    escapes, ramps = tree["escapes"].to_dataset(), tree["ramps"].to_dataset()
    dof, spinodal = tree.attrs["n_samples"] - 1, ramps.attrs["spinodal_temperature"]
    slope = measured(escapes, "slope", dof=dof)
    yield positive("lives grow exponentially with N", slope)
    yield equal(
        "at the rate of the replica-symmetric barrier",
        slope / escapes["barrier"].values - 1,
        tolerance=TOLERANCE,
        resolution=1.0,
    )
    yield positive(
        "heated networks lose retrieval below T_M", -(measured(ramps, "lost", dof=dof) - spinodal)
    )
    yield equal(
        "extrapolated in N^(-2/3), retrieval is lost at T_M",
        measured(ramps, "limit", dof=dof) / spinodal - 1,
        resolution=0.1,
    )
