"""The door: where retrieval and the state without it change places, by simulation."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import theory
from hebbian import Model, domain
from hebbian.calling import checked
from hebbian.provenance import provenance
from montecarlo import Schedule
from montecarlo.engine.checkpoint import checkpointed
from montecarlo.schedule import checked_schedule
from phase_diagrams.requests import checked_path, keep, kept

from .exchange import by_exchange
from .integration import by_integration
from .networks import network, pairs
from .results import labelled, summary

__all__ = ["METHODS", "locate_transition", "schedule_of"]

METHODS = {"exchange": by_exchange, "integration": by_integration}

#: By method: sweeps and sizes of the default; a glass needs larger sizes.
SCHEDULES = {
    "exchange": Schedule(warmup=1000, sweeps=2000, stride=5),
    "integration": Schedule(warmup=20, sweeps=40, stride=2),
}
SIZES = {"exchange": [40, 60, 80, 100], "integration": [120, 160, 200]}
GLASS_SIZES = [4000, 8000, 16000]


@checked
def locate_transition(
    model: Model,
    *,
    alpha: Any,
    T: float | None = None,
    n_spins: Sequence[int] | None = None,
    n_samples: int = 16,
    schedule: Schedule | None = None,
    method: str | None = None,
    law: str = "binomial",
    seed: int = 0,
    backend: str = "auto",
    n_threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 10.0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Locate the first-order transition of retrieval by simulation and extrapolate it.

    Networks of every size get the couplings of the infinite one: with distinct indices the load
    :math:`\alpha \Pi`, and temperatures and energies are reported in units of
    :math:`\Pi = \prod_{k<P} (1 - k/N)`.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or sequence of float
        Loads of the infinite network, positive.
    T : float, optional
        Where to look, in units of the infinite network; default: where theory expects it.
    n_spins : sequence of int, optional
        Sizes; two for an extrapolation, three to judge it.  Default 40, 60, 80, 100 (exchange),
        4000, 8000, 16000 (integration, P = 2) or 120, 160, 200 (integration, P >= 3).
    n_samples : int
        Disorder samples of every size.
    schedule : Schedule
        Sweeps at each temperature; default 1000 and 2000 measured (exchange), 20 and 40
        (integration).
    method : {"exchange", "integration"}, optional
        ``"exchange"``: ladders of temperatures in which both phases come and go, and the
        temperature at which all patterns together have half of the weight: the
        transition of the finite network, extrapolated in :math:`\ln(2K)/N`.  The default for
        P >= 3, at sizes (N up to 100 or so) at which walkers change phase.
        ``"integration"``: free energies of both branches from T = 0 and from infinite
        temperature, and where one retrieval state crosses the disordered one; extrapolated in
        1/N, at P = 2, where the disordered state is a glass, in :math:`N^{-2/3}`.  The default
        for P = 2, whose theory needs many patterns and so thousands of spins.
    law : {"binomial", "gaussian"}
        Law of the example mean in the theory.
    seed : int
    n_threads, backend, progress
        As in `montecarlo.simulate`.
    out : path, optional
        netCDF file of the result.  An interrupted call goes on where it was, to the same bits,
        from a checkpoint beside it (``<out>.ckpt``); where the file is there already it is
        read.  A file of another call is refused.
    checkpoint_every : float
        Minutes between two checkpoints.

    Returns
    -------
    xarray.Dataset
        Along (alpha, n_spins): ``transition`` and its error over samples,
        ``transition_samples``, ``latent_heat``, ``expected`` (theory of the finite network),
        ``entropy``, ``n_patterns``, ``located`` (samples with a transition); of exchange also
        ``distribution`` P(e) at the transition, ``barrier`` (Lee and Kosterlitz), ``swap_rate``,
        ``round_trips``, ``start_gap``, ``drift`` and ``equilibrium``: whether the weight of
        retrieval differs by less than a tenth between both starts and between both halves of the
        measurements, the standard errors of these differences added; necessary for
        equilibrium and no proof of it.  Along alpha: ``limit`` and its error
        (`phase_diagrams.transitions.extrapolation`), ``slope``, ``chi2``, ``dof``, ``theory`` and
        ``z``.  What was not found is NaN.

    Raises
    ------
    ValueError
        If a parameter is outside its range, theory expects no transition and T is not given,
        or the file belongs to another call.

    Notes
    -----
    ``expected`` adds the entropy :math:`\ln(2K)/N` to the retrieval state of a typical pattern.
    Patterns differ in energy by crosstalk, the lowest of them weigh most, and the paramagnet of a
    finite network has an energy of its own: measured transitions lie a few percent above it.

    ``limit_err`` holds the statistical error, enlarged where the sizes scatter about the line,
    and how much the smallest size matters; corrections that all sizes share it cannot know.

    Two idle processors need one to three minutes for a load with the defaults.

    References
    ----------
    A. M. Ferrenberg, R. H. Swendsen, Phys. Rev. Lett. 63, 1195 (1989),
    doi:10.1103/PhysRevLett.63.1195; J. Lee, J. M. Kosterlitz, Phys. Rev. Lett. 65, 137 (1990),
    doi:10.1103/PhysRevLett.65.137.

    Examples
    --------
    >>> from hebbian import Dense
    >>> from montecarlo import Schedule
    >>> found = locate_transition(Dense(order=4), alpha=0.05, n_spins=[40, 48], n_samples=3,
    ...                           schedule=Schedule(warmup=200, sweeps=400, stride=4), seed=1)
    >>> bool((abs(found["transition"] - 0.9) < 0.15).all())
    True
    """
    loads = np.atleast_1d(domain.real_array("alpha", alpha, "(0, inf)"))
    if loads.ndim != 1 or len(np.unique(loads)) < loads.size or loads.size == 0:
        raise ValueError(f"alpha = {np.asarray(alpha).tolist()} is not a list of distinct loads")
    method = _method_of(model, method)
    measure = METHODS[method]
    if n_spins is None:
        n_spins = GLASS_SIZES if method == "integration" and pairs(model) else SIZES[method]
    sizes = [domain.integer("n_spins", n, "[8, 100000]") for n in np.atleast_1d(n_spins)]
    if len(set(sizes)) < len(sizes) or not sizes:
        raise ValueError(f"n_spins = {sizes} is not a list of distinct sizes")
    n_samples = domain.integer("n_samples", n_samples, "[2, 1000000]")
    seed = domain.integer("seed", seed, "[0, inf)")
    networks = [[network(model, float(a), n) for n in sizes] for a in loads]
    schedule = checked_schedule(schedule_of(model, method) if schedule is None else schedule)
    if schedule.n_measurements < 2:
        raise ValueError("schedule: a transition needs at least two measurements")
    if T is not None:
        T = domain.real("T", T, "(0, inf)")
    expected = np.array([[one.expected(law) for one in row] for row in networks])
    known = np.asarray(theory.transition_temperature(model, loads, law=law), float)
    if T is None:
        centres = _centres(model, loads, expected, known, method, law)
    else:
        centres = np.full(expected.shape, T)
    asked = {
        "run": "locate_transition",
        "model": model.describe(),
        "alpha": loads.tolist(),
        "n_spins": sizes,
        "n_samples": n_samples,
        "seed": seed,
        "method": method,
        "T": T,
        "schedule": dataclasses.asdict(schedule),
        "law": law,
    }
    path = None if out is None else checked_path(out)
    if path is not None and path.exists():
        return kept(path, asked)
    settings: dict[str, Any] = {"n_samples": n_samples, "seed": seed, "schedule": schedule}
    settings |= {"n_threads": n_threads, "backend": backend, "progress": progress}
    beside = None if path is None else path.with_name(f"{path.name}.ckpt")
    with checkpointed(beside, checkpoint_every, asked) as file:
        found = [
            [
                measure(
                    one, centre=float(centres[i, j]),
                    checkpoint=file, **settings,
                )
                for j, one in enumerate(row)
            ]
            for i, row in enumerate(networks)
        ]  # fmt: skip
    result = labelled(networks, found, expected, known, method)
    result.attrs |= {"request": json.dumps(asked), **provenance()}
    result.attrs["summary"] = summary(result)
    if path is not None and beside is not None:
        keep(result, path)
        beside.unlink(missing_ok=True)
    return result


def _method_of(model: Model, method: str | None) -> str:
    """Return the method asked for, or the one for a model."""
    if method is None:
        return "integration" if pairs(model) else "exchange"
    return domain.choice("method", method, METHODS)


def schedule_of(model: Model, method: str | None, **changed: Any) -> Schedule:
    """Return the default schedule of a method, or of that for a model, with some changes."""
    return dataclasses.replace(SCHEDULES[_method_of(model, method)], **changed)


def _centres(
    model: Model, loads: np.ndarray, expected: np.ndarray, known: np.ndarray, method: str, law: str
) -> np.ndarray:
    """Return where to look: the spinodal where a small network has its transition beyond it."""
    if method == "integration":
        centres = np.repeat(known[:, None], expected.shape[1], axis=1)
    else:
        spinodal = np.asarray(theory.spinodal_temperature(model, loads, law=law), float)
        centres = np.where(np.isfinite(expected), expected, spinodal[:, None])
    lost = ~np.isfinite(centres).all(axis=1)
    if lost.any():
        raise ValueError(
            f"alpha = {loads[lost][0]:g}: theory expects no transition there; T says where to look"
        )
    return centres
