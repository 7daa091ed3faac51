"""Retrieval lost on heating: networks of several sizes, and what they tell of the infinite one."""

from __future__ import annotations

import numpy as np
import xarray as xr

import phase_diagrams
import theory
from hebbian import Model
from phase_diagrams.analysis.ramp_tasks import limits

from .running import Session, Simulation
from .verdicts import Measured

__all__ = ["Heating", "averaged_samples", "extrapolated", "heated", "largest"]

#: What is kept of the ramps, and its names.
MEASURED = {"lost": "lost", "m_samples": "m"}
LINES = {"spinodal_temperature": "T_M", "transition_temperature": "T_c"}

#: Hottest step, in units of T_M.
HOTTEST = 1.06


class Heating(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes, and for each of them the loads and the coldest step of the heating.

    Loads are over Pi, `coldest` and `step` in units of T_M of the infinite network; the
    schedule is that of a step.
    """

    sizes: list[int]
    loads: list[list[float]]
    coldest: list[float]
    step: float


def heated(model: Model, parameters: Heating, session: Session) -> xr.Dataset:
    """Heat from a pattern; every size and load has a file that survives the process.

    Returns
    -------
    xarray.Dataset
        In units of the infinite network with the same couplings: ``lost``, the temperature at
        which a sample loses the pattern, along (n_spins, load, sample), NaN where it does not;
        ``m`` and ``m_theory`` at every ``step``, at temperature ``T``; ``T_M`` and ``T_c``.
    """
    p = parameters
    session.folder.mkdir(parents=True, exist_ok=True)
    steps = np.arange(min(p.coldest), HOTTEST, p.step)
    parts = []
    for n_spins, row, coldest in zip(p.sizes, p.loads, p.coldest, strict=True):
        first = int(np.searchsorted(steps, coldest - 1e-9))
        found = phase_diagrams.ramps(
            model, alpha=row, n_spins=n_spins, T=steps[first:], relative=True,
            finite_size=getattr(model, "order", 2) > 2, executor=session.executor,
            out=session.folder / f"heating_{n_spins}.nc", progress=session.progress,
            **p.settings(),
        )  # fmt: skip
        parts.append(
            found[[*MEASURED, *LINES]].drop_vars(["T", "sample"]).assign_coords(step=steps[first:])
        )
    data = xr.merge(parts, join="outer", compat="no_conflicts").drop_attrs()
    data = data.rename({"alpha": "load", **MEASURED, **LINES}).transpose("n_spins", "load", ...)
    T = data["T_M"] * data["step"]
    exact = theory.solve(model, alpha=data["load"].values[:, None], T=T.values).m
    return data.assign(T=T, m_theory=T.copy(data=exact))


def averaged_samples(samples: xr.DataArray) -> Measured:
    """Return means over the samples that have a value, and their standard errors."""
    n = samples.notnull().sum("sample")
    error = samples.std("sample", ddof=1) / np.sqrt(n)
    return Measured(samples.mean("sample"), error, samples.sizes["sample"] - 1)


def largest(lost: Measured) -> Measured:
    """Return what the largest network of every load has."""
    last = (lost.value.notnull() * lost.value["n_spins"]).argmax("n_spins")
    value, error = (part.isel(n_spins=last, drop=True) for part in (lost.value, lost.error))
    return Measured(value, error, lost.dof)


def extrapolated(heating: xr.Dataset) -> Measured:
    """Return the temperature of loss at infinite size, of loads with three sizes or more."""
    lost, n_samples = averaged_samples(heating["lost"]), heating.sizes["sample"]
    columns = (part.transpose("n_spins", "load").values for part in (lost.value, lost.error))
    found = limits(heating["n_spins"].values, *columns, n_samples=n_samples)
    value, error = (heating["T_M"].copy(data=part) for part in found)
    return Measured(value, error, n_samples - 1)
