r"""Where simulation and theory should agree, said before anything is simulated.

The theory is of infinite size and of equilibrium in one state.  From the theory itself, the
number of spins and the length of the chains follows where that cannot hold:

* ``glass``: the state is a glass, which chains of any affordable length do not equilibrate, and
  where they start from a pattern its overlap decays slowly.
* ``boundary``: retrieval is left over the barrier N Delta f of `theory.nucleation_barrier`, of
  the couplings of N spins, which chains of t sweeps pass where N Delta f/T is below ln t.  Where
  no barrier is known, and beyond the spinodal, that of a fold, :math:`N \epsilon^{3/2}` at the
  relative distance :math:`\epsilon`, stands for it: closer than :math:`(\ln t / N)^{2/3}`.
  Without a load the distance is the one from another phase on the grid, and a continuous
  transition is rounded over :math:`N^{-1/2}`.  Chains of an exponential memory that start at random
  find a pattern wherever one is retrieved.
* ``slow``: without an overlap, the start decays as :math:`e^{-t |1 - T_d/T|}`, T_d the
  temperature of the glass transition of the dynamics; it is still there after the warm-up if
  that is above one in a thousand.
"""

from __future__ import annotations

import json
from contextlib import suppress
from enum import IntEnum
from functools import reduce

import numpy as np
import xarray as xr

from hebbian import Model
from phase_diagrams.loads import effective
from phase_diagrams.phases import Phase
from phase_diagrams.started import network
from theory import nucleation_barrier
from theory.closure import equations

__all__ = ["WITHOUT_OVERLAP", "Expected", "boundary_distance", "expected", "flagged"]

#: Phases whose states have no overlap with a pattern.
WITHOUT_OVERLAP = (
    Phase.UNKNOWN, Phase.PARAMAGNET, Phase.CONDENSED, Phase.GLASS, Phase.ERGODIC,
)  # fmt: skip

#: What of a start may be left after the warm-up.
LEFT = 1e-3


class Expected(IntEnum):
    """What is expected of a point."""

    AGREEMENT = 0
    GLASS = 1
    BOUNDARY = 2
    SLOW = 3


def flagged(values: xr.DataArray, names: type[IntEnum]) -> xr.DataArray:
    """Return codes with the attributes that name them."""
    found = values.astype(np.int8)
    found.attrs = {
        "flag_values": np.array([name.value for name in names], np.int8),
        "flag_meanings": " ".join(name.name.lower() for name in names),
    }
    return found


def expected(theory: xr.Dataset, simulation: xr.Dataset, distance: xr.DataArray) -> xr.DataArray:
    """Return what is expected of every point: a code of `Expected`, the first that applies.

    Parameters
    ----------
    theory : xarray.Dataset
        The prediction.
    simulation : xarray.Dataset
        Its coordinates, and what was asked for in its attributes; none of its results.
    distance : xarray.DataArray
        Relative distance of the nearest boundary.
    """
    phase = theory["phase"]
    schedule = json.loads(simulation.attrs["schedule"])
    sweeps = max(schedule["warmup"] + schedule["sweeps"], 1)
    n_spins = simulation.coords["n_spins"]
    slow = xr.zeros_like(phase, dtype=bool)
    if "alpha" in simulation.coords:
        near = distance < (np.log(sweeps) / n_spins) ** (2 / 3)
        if simulation.attrs["start"] != "random":
            barrier, frozen = _scales(simulation)
            inside = phase.isin([Phase.RETRIEVAL, Phase.METASTABLE]) & barrier.notnull()
            near = near.where(~inside, barrier < np.log(sweeps))
            left = np.exp(-schedule["warmup"] * abs(1 - frozen / simulation.coords["T"]))
            slow = (phase == Phase.PARAMAGNET) & (left > LEFT)
        elif "condensation_load" in theory:
            # Of exponentially many patterns some are near any start.
            near = effective(simulation) < theory["critical_load"]
    else:
        near = distance < n_spins**-0.5
    code = xr.zeros_like(phase).where(~slow, Expected.SLOW)
    code = code.where(~near, Expected.BOUNDARY)
    return flagged(code.where(phase != Phase.GLASS, Expected.GLASS), Expected)


def _scales(simulation: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the barrier of retrieval in units of T, and T_d; NaN where there is none."""
    common, law = Model.build(json.loads(simulation.attrs["model"])), simulation.attrs["law"]
    status = simulation["status"]
    names = [n for n in ("alpha", "T", "n_spins", *common.parameters()) if n in simulation.coords]
    given = {n: simulation.coords[n] for n in names} | {"alpha": effective(simulation)}
    columns = {
        n: x.broadcast_like(status).transpose(*status.dims).values.ravel() for n, x in given.items()
    }
    alone = ("T",) if not common.uniform else ("alpha", "T")
    kinds = [name for name in names if name not in alone]
    table = np.stack([columns[name] for name in kinds], axis=1)
    barrier, frozen = np.full((2, status.size), np.nan)
    for kind in np.unique(table, axis=0):
        here = (table == kind).all(axis=1)
        chosen = {name: columns[name][here][0].item() for name in kinds}
        n_spins, load = chosen.pop("n_spins"), chosen.pop("alpha", None)
        model = common.replace(**chosen)
        if not common.uniform:
            model = network(model, load, int(n_spins), simulation.attrs["start"])
        known, alpha, T = equations(model, law), columns["alpha"][here], columns["T"][here]
        # A model of one's own may have neither; no temperature, no escape.
        with suppress(ValueError), np.errstate(divide="ignore", invalid="ignore"):
            cost = nucleation_barrier(model, alpha=alpha, T=T, law=law, n_spins=n_spins)
            barrier[here] = n_spins * cost / T
            frozen[here] = known.line("glass_temperature", alpha, kind="dynamic")
    return status.copy(data=barrier.reshape(status.shape)), status.copy(
        data=frozen.reshape(status.shape)
    )


def boundary_distance(theory: xr.Dataset, simulation: xr.Dataset) -> xr.DataArray:
    """Return the relative distance of every point from the nearest boundary, NaN without one.

    With a load, the one that was simulated, the smallest of ``|1 - T/T_M(alpha)|``,
    ``|1 - alpha/alpha_c(T)|`` and, of a student, the same from the load at which it learns (from
    T_g for chains started at random, where there is a glass);
    without one that of the nearest point on an axis of the grid with another phase.
    """
    if "alpha" in simulation.coords:
        alpha, T = effective(simulation), simulation.coords["T"]
        if simulation.attrs["start"] == "random" and "glass_temperature" in theory:
            return abs(1 - T / theory["glass_temperature"])
        lines = (("spinodal_temperature", T), ("critical_load", alpha), ("learning_load", alpha))
        known = [abs(1 - here / theory[name]) for name, here in lines if name in theory]
        return reduce(_smaller, known or [xr.full_like(simulation["status"], np.nan, dtype=float)])
    phase = theory["phase"]
    nearest = xr.full_like(phase, np.nan, dtype=float)
    for dim in phase.dims:
        here, there = phase[dim], phase[dim].rename({dim: "other"})
        distance = abs(here - there) / here.where(here > there, there)
        changed = phase != phase.rename({dim: "other"})
        nearest = _smaller(nearest, distance.where(changed).min("other"))
    return nearest


def _smaller(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """Return the smaller of two distances; NaN is none at all."""
    return a.where((a <= b) | b.isnull(), b)
