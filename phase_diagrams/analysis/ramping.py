"""Heating and cooling at many loads and sizes: where every sample loses retrieval."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import montecarlo
import theory
from hebbian import Model, domain
from hebbian.calling import checked
from hebbian.provenance import provenance
from montecarlo.schedule import checked_schedule
from phase_diagrams.requests import checked_path, keep, kept
from phase_diagrams.schema import describe
from phase_diagrams.sweeps.executors import Serial, open_executor
from theory.conventions import weakness

from .ramp_tasks import follow_all, labelled

__all__ = ["AUTOMATIC", "ramps"]

#: Steps of a heating that is told no temperatures, in units of the spinodal temperature.
AUTOMATIC = tuple(np.round(np.arange(0.5, 1.31, 0.02), 12).tolist())

LINES = ("spinodal_temperature", "transition_temperature")


@checked
def ramps(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = "auto",
    n_spins: int | Sequence[int],
    relative: bool = False,
    overlap: float = 0.5,
    finite_size: bool = True,
    n_samples: int = 8,
    n_replicas: int = 2,
    schedule: montecarlo.Schedule | None = None,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: str | float = "auto",
    follow: str | None = None,
    law: str = "binomial",
    seed: int = 0,
    backend: str = "auto",
    n_threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    executor: str | Executor = "serial",
    checkpoint_every: float = 10.0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Heat or cool networks of every load and size, and find where each loses retrieval.

    Every load and size is a `montecarlo.ramp` of its own, with the bits that it has alone.

    Parameters
    ----------
    model : Model
    alpha : float or sequence of float, optional
        Loads, distinct, in [0, inf); absent for a model without a load.
    T : "auto" or sequence of float
        Steps, two or more, rising (heating) or falling (cooling) throughout, in [0, inf).
        ``"auto"`` heats from 0.5 to 1.3 of the spinodal temperature of the theory.
    n_spins : int or sequence of int
        Sizes, distinct; three tell of the infinite one, too.
    relative : bool
        Whether `T` is in units of the spinodal temperature of each load.
    overlap : float
        Level of m whose crossing is the loss, in (0, 1); on cooling from a random start it is
        where retrieval is found.
    finite_size : bool
        Give a network of N spins the couplings of the infinite one: it is simulated at
        :math:`\alpha \Pi` and :math:`T \Pi`, :math:`\Pi = \prod_{k<P} (1 - k/N)`, and
        temperatures are reported in units of the infinite network.  Else, and with
        ``indices="all"``, at `alpha` and `T` themselves.
    n_samples, n_replicas, dynamics, site_order, start, follow, seed, backend, n_threads
        As for `montecarlo.ramp`; `start` is a name or an overlap.
    schedule : Schedule
        Sweeps at each step.
    law : {"binomial", "gaussian"}
        Law of the example mean in the theory.
    out : path-like, optional
        netCDF file of the result.  An interrupted call goes on where it was, to the same bits,
        from the folder ``<out>.ckpt`` beside it, in which every ramp has a file; where the
        result is there already it is read.  A file of another call is refused.
    executor : str or concurrent.futures.Executor
        Who follows the ramps, each by itself: as for `phase_diagrams.sweep`.
    checkpoint_every : float
        Minutes between two checkpoints of a ramp.
    progress : bool
        Show a progress bar, in a terminal or a notebook.

    Returns
    -------
    xarray.Dataset
        ``lost`` along (n_spins, alpha, sample): the temperature at which a sample loses
        retrieval, NaN where it does not.  Along (n_spins, alpha): its mean ``T_M`` over the
        samples that lose it and the standard error, their ``fraction``, ``n_patterns`` and the
        load ``alpha_effective`` of so many.  ``m`` and its error along (n_spins, alpha, step),
        ``m_samples`` along sample, too, at temperatures ``T`` along (alpha, step).  Along alpha
        ``spinodal_temperature`` and ``transition_temperature`` of the theory, where it has them,
        and ``T_M_limit``, extrapolated in :math:`N^{-2/3}` from three sizes or more of which all
        samples lose retrieval, and its error.
        No axis alpha without a load.

    Raises
    ------
    ValueError
        If a parameter is outside its range, the theory has no spinodal that temperatures could
        be in units of, or the file belongs to another call.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> from montecarlo import Schedule
    >>> found = ramps(Hopfield(), alpha=[0.02, 0.04], n_spins=[100, 200], n_samples=4,
    ...               schedule=Schedule(warmup=10, sweeps=20))
    >>> dict(found["lost"].sizes)
    {'n_spins': 2, 'alpha': 2, 'sample': 4}
    >>> ratio = found["T_M"] / found["spinodal_temperature"]
    >>> bool(((0.6 < ratio) & (ratio < 1.06)).all())
    True
    """
    loads, sizes = _loads(model, alpha), _sizes(n_spins)
    relative = domain.boolean("relative", relative)
    finite_size = domain.boolean("finite_size", finite_size)
    overlap = domain.real("overlap", overlap, "(0, 1)")
    domain.choice("law", law, ("binomial", "gaussian"))
    schedule = checked_schedule(schedule)
    if not isinstance(start, str):
        start = domain.real("start", start, "[0, 1]")
    lines = {name: _line(name, model, loads, law) for name in LINES}
    temperatures = _temperatures(T, relative, loads, lines["spinodal_temperature"])
    settings = {
        "n_samples": domain.integer("n_samples", n_samples, "[1, 1000000]"),
        "n_replicas": domain.integer("n_replicas", n_replicas, "[1, 1000000]"),
        "dynamics": dynamics,
        "site_order": site_order,
        "start": start,
        "follow": follow,
        "seed": domain.integer("seed", seed, "[0, inf)"),
    }
    asked = {
        "run": "ramps",
        "model": model.describe(),
        "alpha": [None if np.isnan(load) else load for load in loads.tolist()],
        "n_spins": sizes,
        "T": temperatures.tolist(),
        "overlap": overlap,
        "finite_size": finite_size,
        "schedule": dataclasses.asdict(schedule),
        "law": law,
        **settings,
    }
    path = None if out is None else checked_path(out)
    if path is not None and path.exists():
        return kept(path, asked)
    folder = None if path is None else path.with_name(f"{path.name}.ckpt")
    scales = [weakness(model, n) if finite_size else 1.0 for n in sizes]
    settings |= {"schedule": schedule, "backend": backend, "checkpoint_every": checkpoint_every}
    if executor != "serial" and not isinstance(executor, Serial):
        model.check_portable()
    with open_executor(executor) as pool, _opened(folder):
        settings["n_threads"] = n_threads if isinstance(pool, Serial) else 1
        tasks = [
            (model, load, scale, n, steps, overlap, _file(folder, n, load), settings)
            for n, scale in zip(sizes, scales, strict=True)
            for load, steps in zip(loads.tolist(), temperatures, strict=True)
        ]
        found = follow_all(pool, tasks, progress)
    result = labelled(model, loads, sizes, np.array(scales), temperatures, found, lines)
    describe(result, model)
    result.attrs = {
        "title": f"ramps of {model!r}",
        "model": json.dumps(model.describe()),
        "schedule": json.dumps(asked["schedule"]),
        "seed": settings["seed"],
        "overlap": overlap,
        "backend": " ".join(sorted({one.backend for one in found})),
        "request": json.dumps(asked),
        **provenance(),
    }
    if path is not None and folder is not None:
        keep(result, path)
        shutil.rmtree(folder)
    return result


@contextmanager
def _opened(folder: Path | None) -> Iterator[None]:
    """Make a folder that goes again if nothing comes into it."""
    if folder is None:
        yield
        return
    folder.mkdir(exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


def _loads(model: Model, alpha: Any) -> np.ndarray:
    """Return the loads; of a model without one a single NaN."""
    if not model.has_load:
        if alpha is not None:
            raise ValueError(f"alpha = {domain.shown(alpha)}: {model!r} has no load")
        return np.array([np.nan])
    loads = np.atleast_1d(domain.real_array("alpha", alpha, "[0, inf)"))
    if loads.ndim != 1 or loads.size == 0 or len(np.unique(loads)) < loads.size:
        raise ValueError(f"alpha = {domain.shown(alpha)} is not a list of distinct loads")
    return loads


def _sizes(n_spins: Any) -> list[int]:
    sizes = [domain.integer("n_spins", n, "[2, 10000000]") for n in np.atleast_1d(n_spins)]
    if not sizes or len(set(sizes)) < len(sizes):
        raise ValueError(f"n_spins = {domain.shown(n_spins)} is not a list of distinct sizes")
    return sizes


def _line(name: str, model: Model, loads: np.ndarray, law: str) -> np.ndarray:
    """Return a line of the theory at every load, NaN where there is none."""
    nowhere = np.full(loads.shape, np.nan)
    if not model.has_load:
        return nowhere
    try:
        return np.asarray(getattr(theory, name)(model, loads, law=law), float)
    except ValueError:  # models of this kind have no such line
        return nowhere


def _temperatures(T: Any, relative: bool, loads: np.ndarray, spinodal: np.ndarray) -> np.ndarray:
    """Return the temperatures of every load: shape (loads, steps)."""
    automatic = isinstance(T, str)
    if automatic:
        domain.choice("T", T, ("auto",))
    steps = np.array(AUTOMATIC) if automatic else domain.real_array("T", T, "[0, inf)")
    way = np.diff(steps) if steps.ndim == 1 else np.zeros(0)
    if way.size == 0 or not ((way > 0).all() or (way < 0).all()):
        raise ValueError(
            f"T = {domain.shown(T)}: expected two steps or more that rise, or fall, throughout"
        )
    if not (automatic or relative):
        return np.tile(steps, (loads.size, 1))
    lost = ~(spinodal > 0)
    if lost.any():
        where = "" if np.isnan(loads).all() else f"alpha = {loads[lost][0]:g}: "
        raise ValueError(f"{where}theory knows no spinodal temperature there; T has to be given")
    return np.multiply.outer(spinodal, steps)


def _file(folder: Path | None, n_spins: int, load: float) -> str | None:
    return None if folder is None else str(folder / f"{n_spins}_{load:.12g}.ckpt")
