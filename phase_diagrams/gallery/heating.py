"""Retrieval lost on heating: networks of several sizes, and what they tell of the infinite one."""

from __future__ import annotations

import numpy as np
import xarray as xr

import montecarlo
import theory
from hebbian import Model
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from theory.conventions import finite_size_factor

from .running import Session, Simulation
from .verdicts import Measured

__all__ = ["SPINODAL_POWER", "Heating", "averaged_samples", "extrapolated", "heated", "largest"]

#: Retrieval is lost where the overlap of a sample falls below it.
LOST = 0.5

#: How the spinodal of a finite network and a finite time approaches that of the theory, in 1/N.
SPINODAL_POWER = 2 / 3

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
    p, order = parameters, getattr(model, "order", 2)
    session.folder.mkdir(parents=True, exist_ok=True)
    loads = sorted({load for row in p.loads for load in row})
    steps = np.arange(min(p.coldest), HOTTEST, p.step)
    shape = (len(p.sizes), len(loads), len(steps))
    spinodal, transition = (
        getattr(theory, f"{line}_temperature")(model, loads) for line in ("spinodal", "transition")
    )
    T = np.multiply.outer(spinodal, steps)
    exact = theory.solve(model, alpha=np.array(loads)[:, None], T=T).m
    lost = np.full((*shape[:2], p.n_samples), np.nan)
    m = np.full((*shape, p.n_samples), np.nan)
    for i, (n_spins, row, coldest) in enumerate(zip(p.sizes, p.loads, p.coldest, strict=True)):
        scale = float(finite_size_factor(n_spins, order=order)) if order > 2 else 1.0
        first = int(np.searchsorted(steps, coldest - 1e-9))
        for load in row:
            j = loads.index(load)
            ramp = montecarlo.ramp(
                model, T=scale * T[j, first:], alpha=scale * load, n_spins=n_spins,
                checkpoint=session.folder / f"heating_{n_spins}_{load:g}.ckpt",
                progress=session.progress, **p.settings(),
            )  # fmt: skip
            lost[i, j] = ramp.line(LOST).samples / scale
            m[i, j, first:] = ramp.series["m"].mean(axis=(-1, -2))
    return xr.Dataset(
        {
            "lost": (("n_spins", "load", "sample"), lost),
            "m": (("n_spins", "load", "step", "sample"), m),
            "T": (("load", "step"), T),
            "m_theory": (("load", "step"), exact),
            "T_M": ("load", spinodal),
            "T_c": ("load", transition),
        },
        coords={"n_spins": p.sizes, "load": loads, "step": steps},
    )


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
    fits = [
        extrapolate_sizes(
            heating["n_spins"].values, lost.value.sel(load=load).values,
            lost.error.sel(load=load).values, powers=(SPINODAL_POWER,), n_samples=n_samples,
        )
        for load in heating["load"].values
    ]  # fmt: skip
    value, error = (
        heating["T_M"].copy(data=[getattr(fit, part) for fit in fits])
        for part in ("value", "error")
    )
    return Measured(value, error, n_samples - 1)
