"""The ramps behind `phase_diagrams.ramps`: followed one by one, labelled and extrapolated."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

import montecarlo
from hebbian import Model
from montecarlo.engine.bars import progress_bar
from phase_diagrams.loads import of_network
from phase_diagrams.sweeps.dispatch import handed
from phase_diagrams.sweeps.executors import Serial

from .power_fit import extrapolate_sizes

__all__ = ["SPINODAL_POWER", "Followed", "follow_all", "labelled", "limits"]

#: How the spinodal of a finite network and a finite time approaches that of the theory, in 1/N.
SPINODAL_POWER = 2 / 3


class Followed(NamedTuple):
    """What is kept of a ramp, in its own units of temperature; `m` and its error by step."""

    lost: np.ndarray
    m: np.ndarray
    error: np.ndarray
    samples: np.ndarray
    backend: str


def follow_all(pool: Executor, tasks: Sequence[tuple[Any, ...]], progress: bool) -> list[Followed]:
    """Follow all ramps, in the order of the tasks."""
    with progress_bar(progress, total=len(tasks), unit="ramp") as bar:
        futures: list[Future[Followed]] = []
        for task in tasks:
            futures.append(handed(pool.submit, _follow, *task))
            if isinstance(pool, Serial):
                futures[-1].result()
                bar.update()
        for future in () if isinstance(pool, Serial) else as_completed(futures):
            future.result()
            bar.update()
        return [future.result() for future in futures]


def _follow(
    model: Model, load: float, scale: float, n_spins: int, T: np.ndarray, overlap: float,
    checkpoint: str | None, settings: dict[str, Any],
) -> Followed:  # fmt: skip
    """Follow one ramp, here or on a worker."""
    ramp = montecarlo.ramp(
        model, T=scale * T, alpha=None if np.isnan(load) else scale * load, n_spins=n_spins,
        checkpoint=checkpoint, **settings,
    )  # fmt: skip
    samples = ramp.series["m"].mean(axis=(-1, -2))
    lost = ramp.line(overlap).samples
    return Followed(lost, ramp.m.mean, ramp.m.error, samples, ramp.settings["backend"])


def labelled(
    model: Model, loads: np.ndarray, sizes: list[int], scales: np.ndarray,
    T: np.ndarray, found: list[Followed], lines: dict[str, np.ndarray],
) -> xr.Dataset:  # fmt: skip
    """Put everything into one data set, without the axis alpha where there is no load."""
    plane, shape = ("n_spins", "alpha"), (len(sizes), loads.size)

    def stacked(name: str) -> np.ndarray:
        values = np.stack([getattr(one, name) for one in found])
        return values.reshape(*shape, *values.shape[1:])

    lost = stacked("lost") / scales[:, None, None]
    there = np.isfinite(lost).sum(axis=-1)
    result = xr.Dataset(
        {
            "lost": ((*plane, "sample"), lost),
            "fraction": (plane, there / lost.shape[-1]),
            "m": ((*plane, "step"), stacked("m")),
            "m_err": ((*plane, "step"), stacked("error")),
            "m_samples": ((*plane, "step", "sample"), stacked("samples")),
        },
        coords={
            "n_spins": sizes,
            "alpha": loads,
            "step": np.arange(T.shape[1]),
            "sample": np.arange(lost.shape[-1]),
            "T": (("alpha", "step"), T),
        },
    )
    result["T_M"] = result["lost"].mean("sample")
    result["T_M_err"] = result["lost"].std("sample", ddof=1) / np.sqrt(np.maximum(there, 1))
    if model.has_load:
        networks = [
            [of_network(model, scale * load, n) for load in loads.tolist()]
            for n, scale in zip(sizes, scales.tolist(), strict=True)
        ]
        result["n_patterns"] = plane, [[int(k) for k, _ in row] for row in networks]
        effective = np.array([[load for _, load in row] for row in networks])
        result["alpha_effective"] = plane, effective / scales[:, None]
    known = {name: ("alpha", line) for name, line in lines.items() if np.isfinite(line).any()}
    result = result.assign(known)
    if len(sizes) > 2:
        # Where some samples lose it beyond the last step, the mean of the others is too low.
        whole = result["fraction"] == 1
        columns = (result[name].where(whole).values for name in ("T_M", "T_M_err"))
        value, error = limits(np.array(sizes), *columns, n_samples=lost.shape[-1])
        result = result.assign(T_M_limit=("alpha", value), T_M_limit_err=("alpha", error))
    return result if model.has_load else result.isel(alpha=0, drop=True)


def limits(
    n_spins: np.ndarray, T_M: np.ndarray, error: np.ndarray, *, n_samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return temperatures (sizes, loads) at infinite size and their errors, NaN of few sizes."""
    fits = [
        extrapolate_sizes(n_spins, *column, powers=(SPINODAL_POWER,), n_samples=n_samples)
        for column in zip(T_M.T, error.T, strict=True)
    ]
    return np.array([fit.value for fit in fits]), np.array([fit.error for fit in fits])
