"""The phase diagram of the dense network with P = 4: lines of theory, points of finite networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense
from phase_diagrams.analysis.power_fit import extrapolate_sizes
from phase_diagrams.figures import drawing
from theory.conventions import finite_size_factor

from .running import Groups, Numbers, Session, Simulation
from .verdicts import Findings, Measured, equal, positive

MODEL = Dense(order=4)

#: Retrieval is lost where the overlap of a sample falls below it.
LOST = 0.5

#: Of N: how the spinodal of a finite network and of a finite time approaches that of the theory.
SPINODAL_POWER = 2 / 3

#: Networks from this size on are compared with the theory number by number.
LARGE = 100

#: Part of the temperature of loss below which all chains retrieve.
CALM = 0.8

#: Hottest step of the heating, in units of T_M.
HOTTEST = 1.06

#: Colours and markers of the sizes, small to large.
LOOKS = (("0.62", "o"), ("0.35", "s"), ("#d55e00", "D"), ("#cc79a7", "^"))


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sizes, and for each of them the loads and the coldest step of the heating.

    Loads are over Pi, `coldest` and `step` in units of T_M of the infinite network; the
    schedule is that of a step.  `exchange_sweeps` and `exchange_samples` are of the replica
    exchange, which runs every size at every load.
    """

    sizes: list[int]
    loads: list[list[float]]
    coldest: list[float]
    step: float
    exchange_sizes: list[int]
    exchange_loads: list[float]
    exchange_samples: int
    exchange_sweeps: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Trace the lines, heat networks out of retrieval and exchange replicas around T_c."""
    yield "/lines", theory.phase_lines(MODEL)
    p = parameters
    for n_spins, loads, coldest in zip(p.sizes, p.loads, p.coldest, strict=True):
        yield f"/heating_{n_spins}", _heated(n_spins, loads, coldest, parameters, session)
    # TODO exchange


def _heated(
    n_spins: int, loads: list[float], coldest: float, parameters: Parameters, session: Session
) -> xr.Dataset:
    """Return overlaps and losses of one size: every load in a file that survives the process."""
    scale = float(finite_size_factor(n_spins, order=MODEL.order))
    steps = np.arange(coldest, HOTTEST, parameters.step)
    session.folder.mkdir(parents=True, exist_ok=True)
    losses, overlaps, temperatures = [], [], []
    for load in loads:
        T = steps * float(theory.spinodal_temperature(MODEL, load))
        ramp = montecarlo.ramp(
            MODEL, T=scale * T, alpha=scale * load, n_spins=n_spins, progress=session.progress,
            checkpoint=session.folder / f"heating_{n_spins}_{load:g}.npz", **parameters.settings(),
        )  # fmt: skip
        losses.append(ramp.line(LOST).samples / scale)
        overlaps.append(ramp.series["m"].mean(axis=(-1, -2)))
        temperatures.append(T)
    return xr.Dataset(
        {
            "lost": (("load", "sample"), losses),
            "m": (("load", "step", "sample"), overlaps),
            "T": (("load", "step"), temperatures),
        },
        coords={"load": loads, "step": steps},
        attrs={"n_spins": n_spins},
    )
