"""The first and the second order of the Plefka expansion against the heat bath."""

from __future__ import annotations

import math
from time import process_time
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Model
from phase_diagrams.figures import drawing

from .orders import by_order, network
from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, positive

#: Order of the expansion -> colour.
EXPANSIONS = {1: "C1", 2: "C0"}
DAMPING = 0.3
#: Error of the logarithm of a ratio of times: a factor 2 is beyond three of them.
TIMING = math.log(2) / 3


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every order of the interaction its size and loads; temperatures."""

    orders: list[int]
    n_spins: list[int]
    loads: list[list[float]]
    T: list[float]


def compute(parameters: Parameters, session: Session) -> Groups:
    """Take the same networks by heat bath and by the equations of the magnetizations."""
    rows = zip(parameters.orders, parameters.n_spins, parameters.loads, strict=True)
    for order, n_spins, loads in rows:
        model = network(order)
        _compile(model)
        points = [_compare(model, alpha, n_spins, parameters) for alpha in loads]
        found = xr.concat(points, "alpha").assign_coords(alpha=loads, n_spins=n_spins)
        yield f"/order_{order}", found
    known = {name: getattr(parameters, name) for name in ("n_samples", "sweeps", "warmup")}
    yield "/", xr.Dataset(attrs=known)


def _compare(model: Model, alpha: float, n_spins: int, parameters: Parameters) -> xr.Dataset:
    """Return overlaps and seconds of a chain or of a solution, at one load."""
    T, n_samples = parameters.T, parameters.n_samples
    common: dict[str, Any] = {"alpha": alpha, "T": T, "n_spins": n_spins, "n_threads": 1}
    began = process_time()
    run = montecarlo.simulate(model, **common, **parameters.settings())
    seconds = (process_time() - began) / (len(T) * n_samples * parameters.n_replicas)
    found: dict[str, Any] = {
        "m": ("T", run.m.mean), "m_err": ("T", run.m.error),
        "q": ("T", run.q.mean), "q_err": ("T", run.q.error),
        "m_theory": ("T", theory.solve(model, alpha=alpha, T=T).m),
        "stayed": ("T", (run.series["m"].mean(axis=-1) > 0.5).all(axis=(1, 2)).astype(np.int8)),
        "seconds": seconds,
    }  # fmt: skip
    for expansion in EXPANSIONS:
        began = process_time()
        state = montecarlo.plefka(
            model, **common, n_samples=n_samples, order=expansion, damping=DAMPING,
            seed=parameters.seed,
        )  # fmt: skip
        found[f"seconds_{expansion}"] = (process_time() - began) / (len(T) * n_samples)
        converged = state.converged.all(axis=(1, 2))
        for name in ("m", "q"):
            mean = getattr(state, name).mean(axis=(1, 2))
            found[f"{name}_{expansion}"] = "T", np.where(converged, mean, np.nan)
    return xr.Dataset(found, coords={"T": T})


def _compile(model: Model) -> None:
    """Run everything once, so that no time is that of a compiler."""
    small: dict[str, Any] = {"alpha": 0.1, "T": 0.5, "n_spins": 16, "n_samples": 1}
    montecarlo.simulate(model, **small, schedule=montecarlo.Schedule(warmup=1, sweeps=5, stride=5))
    for expansion in EXPANSIONS:
        montecarlo.plefka(model, **small, order=expansion, max_iter=3)


def draw(tree: xr.DataTree) -> Figure:
    """For each order m at every load, the errors of m and q, and times."""
    figure = Figure(figsize=(7.0, 2.3 * len(tree.children)))
    panels = figure.subplots(len(tree.children), 3, squeeze=False)
    for row, (order, data) in zip(panels, by_order(tree, "."), strict=True):
        for i, alpha in enumerate(data["alpha"].values):
            one, mark = data.sel(alpha=alpha), "os^dv"[i % 5]
            kept = one.where(one["stayed"] == 1)
            name = rf"$\alpha = {alpha:g}$"
            drawing.points(row[0], one["T"], one["m"], one["m_err"], fmt=f"k{mark}", label=name)
            row[0].plot(one["T"], one["m_theory"], "0.7", lw=1.6, zorder=0)
            for expansion, colour in EXPANSIONS.items():
                row[0].plot(one["T"], one[f"m_{expansion}"], color=colour, lw=0.9)
                off = abs(kept[f"m_{expansion}"] - kept["m"])
                row[1].semilogy(kept["T"], off, f"{mark}-", ms=2.5, lw=0.8, color=colour)
                ratio = data["seconds"] / data[f"seconds_{expansion}"]
                row[2].semilogy(data["alpha"], ratio, "o-", ms=2.5, lw=0.8, color=colour)
            row[1].semilogy(
                kept["T"], kept["m_err"].where(kept["m_err"] > 0), f"k{mark}:", ms=1.5, lw=0.6
            )
        row[0].set_title(f"$P = {order}$")
        row[0].set(ylabel="Mattis magnetization $m$", ylim=(0, 1.05))
        row[1].set_ylabel(r"$|m_{\rm Plefka} - m|$")
        row[2].set_ylabel("time of heat bath / Plefka")
        row[2].axhline(1, color="0.6", lw=0.6)
        for ax in row[1:]:
            drawing.logarithmic(ax.yaxis)
        row[0].legend()
        for ax in row[:2]:
            ax.set_xlabel("temperature $T$")
        row[2].set_xlabel(r"load $\alpha$")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data in by_order(tree, "."):
        kept, parts = data["stayed"] == 1, []
        for expansion in EXPANSIONS:
            m, q = (
                float(abs(data[f"{name}_{expansion}"] - data[name]).where(kept).median())
                for name in ("m", "q")
            )
            ratio = float((data["seconds"] / data[f"seconds_{expansion}"]).median())
            parts.append(f"order {expansion}: {m:.1g} in m, {q:.1g} in q, {ratio:.1f}")
        gap = abs(data["m_2"] - data["m_1"]) / data["m_err"].where(data["m_err"] > 0)
        most, soft = float(gap.where(kept).max()), float((1 - data["q"]).where(kept).max())
        if math.isfinite(most):  # not all chains may have moved
            parts.append(
                f"the orders differ by up to {most:.1f} standard errors of the heat bath, 1 - q "
                f"being up to {soft:.2g}"
            )
        words.append(f"P = {order}, N = {int(data['n_spins'])}: {'; '.join(parts)}")
    return {"found": ". ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    dof = tree.attrs["n_samples"] - 1
    for order, data in by_order(tree, "."):
        data = data.where(data["stayed"] == 1)
        first, second = (abs(data[f"m_{k}"] - data["m"]) for k in EXPANSIONS)
        # No chain sees less than one spin reversed in one of the samples.
        error = np.hypot(data["m_err"], 1 / (data["n_spins"] * tree.attrs["n_samples"]))
        seen = abs(data["m_2"] - data["m_1"]) > error
        ratio = np.log((data["seconds"] / data["seconds_2"]).where(seen).median())
        yield positive(
            f"P = {order}: the second order is closer to the heat bath than the first",
            Measured(first - second, error, dof),
        )
        yield equal(
            f"P = {order}: the second order gives the overlap of the heat bath",
            Measured(second, error, dof),
            tolerance=0.01,
            resolution=0.05,
        )
        yield positive(
            f"P = {order}: the second order is faster (log of the ratio)", Measured(ratio, TIMING)
        )
