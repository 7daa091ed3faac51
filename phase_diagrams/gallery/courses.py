r"""Trajectories of finite networks, and what they tend to.

A network of N spins is followed at the load and temperature at which its couplings are those of
the infinite network at (alpha, T): both times :math:`\Pi` (`theory.conventions.weakness`).  What is
left falls like 1/N away from the separatrix, and a straight line in 1/N through the sizes, with
weights N, ends at the infinite network.

At the separatrix it does not: fluctuations of order :math:`N^{-1/2}` decide on which side a sample
ends, and it stays there.  Theory alone tells points there from others: at this time or before, a
start that is `NEAR` higher or lower changes the overlap by more than `SLOPE` times that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import xarray as xr

import montecarlo
import theory
from hebbian import Model
from theory.conventions import weakness

from .running import averaged
from .verdicts import Measured

__all__ = ["Followed", "extrapolated", "followed", "predicted", "settled", "steepness"]

#: Starts on both sides of one, and the growth of their distance that is still harmless.
NEAR, SLOPE = 0.05, 1.5


class Followed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of every claim about trajectories: samples, a chain each, and their length."""

    n_samples: int
    n_steps: int
    n_trajectories: int
    seed: int


def followed(
    model: Model,
    p: Followed,
    *,
    n_spins: Sequence[int],
    alpha: Sequence[float],
    start: Sequence[float],
    T: float = 0.0,
    n_samples: int | None = None,
) -> xr.Dataset:
    """Follow networks of several sizes by parallel steps, from overlaps with a pattern.

    Parameters
    ----------
    model : Model
    p : Followed
    n_spins, alpha, start, T
        Sizes; loads and temperature of the infinite network; overlaps of the starts.
    n_samples : int, optional
        Other than those of `p`.

    Returns
    -------
    xarray.Dataset
        m and n, with errors, along n_spins, alpha, start and t, 0 to `n_steps`; ``m_samples`` is
        m of every sample.
    """
    count = n_samples or p.n_samples
    overlaps = np.empty((2, count, len(n_spins), len(alpha), len(start), p.n_steps + 1))
    for i, size in enumerate(n_spins):
        scale = weakness(model, size)
        for j, load in enumerate(alpha):
            for k, overlap in enumerate(start):
                run = montecarlo.simulate(
                    model, alpha=scale * load, T=scale * T, n_spins=size, start=overlap,
                    dynamics="parallel", n_samples=count, n_replicas=1, seed=p.seed,
                    schedule=montecarlo.Schedule(warmup=0, sweeps=p.n_steps, stride=1),
                )  # fmt: skip
                for name, values in zip(("m", "n"), overlaps, strict=True):
                    values[:, i, j, k, 0] = run.first[name][:, 0]
                    values[:, i, j, k, 1:] = run.series[name][:, 0]
    axes = ("n_spins", "alpha", "start", "t")
    known = averaged(dict(zip(("m", "n"), overlaps, strict=True)), axes)
    known["m_samples"] = (("sample", *axes), overlaps[0])
    places = {"n_spins": n_spins, "alpha": alpha, "start": start, "t": range(p.n_steps + 1)}
    coords = {name: list(values) for name, values in places.items()}
    return xr.Dataset(known, coords, {"n_samples": count})


def predicted(
    model: Model, p: Followed, *, alpha: Sequence[float], start: Sequence[float], T: float = 0.0
) -> xr.Dataset:
    """Return m and n of the theory along alpha, start and t, their errors, and how steep m is.

    ``slope`` is the change of m(t) with the start; all starts share their random numbers.
    """
    starts, slope = steepness(start)
    found = theory.trajectory(
        model, alpha=np.array(alpha)[:, None, None], T=T, start=starts, n_steps=p.n_steps,
        n_trajectories=p.n_trajectories,
    )  # fmt: skip
    axes = ("alpha", "start", "t")
    known = {name: (axes, getattr(found, name)[:, 0]) for name in ("m", "m_err", "n", "n_err")}
    known["slope"] = (axes, slope(found.m, axis=1))
    return xr.Dataset(known, {"alpha": list(alpha), "start": list(start), "t": found.t})


def steepness(start: Sequence[float]) -> tuple[np.ndarray, Callable[..., np.ndarray]]:
    """Return starts with their neighbours, (3, n), and what makes a slope of values at them.

    Examples
    --------
    >>> starts, slope = steepness([0.3, 1.0])
    >>> starts.tolist(), slope(starts**2, axis=0).round(3).tolist()
    ([[0.3, 1.0], [0.25, 0.95], [0.35, 1.0]], [0.6, 1.95])
    """
    middle = np.array(start, float)
    low, high = (np.clip(middle + step, 0, 1) for step in (-NEAR, NEAR))

    def slope(values: np.ndarray, *, axis: int) -> np.ndarray:
        _, below, above = np.moveaxis(values, axis, 0)
        width = (high - low).reshape(-1, *[1] * (below.ndim - 1 - axis))
        return np.asarray((above - below) / width)

    return np.stack([middle, low, high]), slope


def settled(known: xr.Dataset) -> xr.DataArray:
    """Return where theory says that no sample has met the separatrix, now or before."""
    steep = abs(known["slope"]) >= SLOPE
    return ~(steep.cumsum("t") > 0) if "t" in steep.dims else ~steep


def extrapolated(data: xr.Dataset, name: str = "m") -> Measured:
    """Return what a variable of several sizes tends to: a straight line in 1/N, at 0."""
    size = data["n_spins"].values.astype(float)
    line = np.stack([np.ones(size.size), 1 / size], axis=1)
    share = np.linalg.solve(line.T @ (size[:, None] * line), line.T * size)[0]
    part = xr.DataArray(share, dims="n_spins", coords={"n_spins": data["n_spins"]})
    error = (part**2 * data[f"{name}_err"] ** 2).sum("n_spins") ** 0.5
    value: Any = (part * data[name]).sum("n_spins")
    return Measured(value, error, data.attrs["n_samples"] - 1)
