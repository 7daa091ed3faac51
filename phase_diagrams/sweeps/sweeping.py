"""Every point of a grid: predicted, simulated, stored as it is computed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xarray as xr

import hebbian
import montecarlo
from hebbian import Model, domain
from hebbian.calling import checked
from hebbian.documents import decode
from montecarlo.quantities import reference
from phase_diagrams.grid import Grid, mapping
from phase_diagrams.schema import relabelled
from phase_diagrams.settings import Settings
from phase_diagrams.shards import parse_shard
from phase_diagrams.stores.opening import tree_of
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study

from .executors import Serial
from .planning import check_fit, plan
from .running import compute

__all__ = ["rerun", "run", "run_in_memory", "sweep"]

log = logging.getLogger(__name__)


@checked
def sweep(
    model: Model,
    grid: Mapping[str, Any],
    *,
    n_spins: int | None = None,
    n_samples: int = 8,
    n_replicas: int = 2,
    schedule: montecarlo.Schedule | None = None,
    n_steps: int | None = None,
    dynamics: str = "glauber",
    site_order: str = "sequential",
    start: str | float = "auto",
    law: str = "binomial",
    seed: int = 0,
    backend: str = "auto",
    form: str = "auto",
    observables: Iterable[montecarlo.Observable | str] = (),
    simulate: bool = True,
    theory: bool = True,
    out: str | os.PathLike[str] | None = None,
    executor: str | Executor = "serial",
    shard: str | tuple[int, int] | None = None,
    resume: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Compute a phase diagram by theory and by simulation.

    The numbers of a point depend on the model, the settings, the seed and the point alone:
    not on the rest of the grid, the executor, or how often the sweep was interrupted.

    Parameters
    ----------
    model : Model
    grid : mapping
        ``alpha``, ``T``, ``n_spins``, ``start`` (an overlap) and numerical parameters of the
        model or its rule, each a number or a sequence of them; see
        `phase_diagrams.grid.Grid`.
    n_spins : int, optional
        Size of the network, if `grid` does not name it.
    n_samples, n_replicas, schedule, dynamics, site_order, start, seed, backend, form
        As for `montecarlo.simulate`; `start` is a name or an overlap, and a cooling names
        its first temperature alone.  Where the start leaves order and signs of several
        patterns to chance, ``m_sorted`` and ``n_sorted`` are stored, too.
    n_steps : int, optional
        In the place of `schedule`, in [1, 1e5]: follow every chain for this many sweeps, or
        parallel steps, from its start on.  Variables are then along ``t``, 0 ... n_steps; see
        Notes.
    law : {"binomial", "gaussian"}
        Law of the example mean in the theory.
    observables : iterable of Observable or str
        Variables beyond m, n, q and energy, as for `montecarlo.simulate`; an object stands at
        the top level of a module, where workers and later sessions find it.
    simulate, theory : bool
        Which of the two to compute.
    out : path-like, optional
        Zarr store to write; without it the result stays in memory.
    executor : str or concurrent.futures.Executor
        ``"serial"``, ``"process:N"``, ``"dask:ADDRESS"``, ``"dask-file:F"``, ``"slurm:F"``
        (`phase_diagrams.sweeps.executors`), or an executor.  A script that asks for processes
        needs the usual ``if __name__ == "__main__":``.
    shard : (int, int) or str, optional
        ``(i, n)`` or ``"i/n"``, 1 <= i <= n: compute the i-th of n parts of the study into a
        store of its own; `phase_diagrams.merge` unites them.
    resume : bool
        Go on with an interrupted study; try failed points again, and mend damaged ones.
        Points that `out` lacks are added to a study with the same fingerprint, which has the
        bits of one sweep of both grids; together they have to be a rectangle.  `backend`,
        `form` and `law` may be others: the last renews the theory alone.
    progress : bool
        Show a progress bar, in a terminal or a notebook.

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``.  Coordinates are the numbers of `grid` as they
        were given.  A point that failed is NaN with status 2; its reason is logged.

    Raises
    ------
    ValueError
        If a parameter is outside its range; if `out` holds another study, or the same one
        unfinished and `resume` is not set.
    OSError
        If the store cannot be written, or no scheduler answers.
    concurrent.futures.BrokenExecutor
        If the cluster is lost on the way.  The store keeps what is done, here and at an
        interrupt (`KeyboardInterrupt`, for SIGTERM, too).

    Notes
    -----
    Along ``t`` the simulation has m, n and energy, means over replicas and samples with their
    standard errors over samples, and ``m_samples``, means over replicas; the theory has m and n
    with their sampling errors (`theory.trajectory`), and the network is infinitely large there.
    The theory knows the dynamics ``"parallel"``, ``"parallel-diagonal"`` and, with
    ``site_order="random"``, ``"glauber"`` (at T = 0 ``"zero-temperature"``); others run with
    ``theory=False``.  `observables` are then functions of configurations, not estimates over time.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> tree = sweep(
    ...     Hopfield(), {"alpha": 0.02, "T": [0.1, 0.3]}, n_spins=100, n_samples=2,
    ...     schedule=montecarlo.Schedule(warmup=10, sweeps=50),
    ... )
    >>> tree["simulation/m"].dims, bool((tree["simulation/m"] > 0.9).all())
    (('T',), True)

    How retrieval goes on from several starts:

    >>> tree = sweep(
    ...     Hopfield(), {"alpha": 0.05, "T": 0.1, "start": [0.2, 0.8]}, n_spins=200, n_steps=5,
    ...     dynamics="parallel", theory=False,
    ... )
    >>> dict(tree["simulation/m"].sizes), tree["simulation/m"].sel(t=0).values.round(3).tolist()
    ({'start': 2, 't': 6}, [0.2, 0.8])
    """
    asked = dict(locals())
    grid, resume = mapping("grid", grid), domain.boolean("resume", resume)
    if n_spins is not None:
        if "n_spins" in grid:
            raise ValueError("n_spins is given twice: in the grid and by itself")
        grid = {**grid, "n_spins": n_spins}
    if schedule is not None and n_steps is not None:
        raise ValueError(
            f"schedule and n_steps = {domain.shown(n_steps)} are both given: a trajectory has all "
            "sweeps from the start on"
        )
    schedule = schedule or montecarlo.Schedule()
    asked |= {name: getattr(schedule, name) for name in ("warmup", "sweeps", "stride")}
    asked["cooling"] = _cooling(schedule)
    asked["observables"] = tuple(
        one if isinstance(one, str) else reference(one) for one in observables
    )
    settings = Settings(**{name: asked[name] for name in Settings.__struct_fields__})
    study = Study.asked(Grid(model, grid), settings)
    if out is None:
        if shard is not None:
            raise ValueError(f"shard = {shard!r} needs out, a store to merge with the others")
        return run_in_memory(study, executor=executor, progress=progress)
    options: dict[str, Any] = {"executor": executor, "shard": shard}
    tree = tree_of(run(study, out, resume=resume, progress=progress, **options))
    groups = {g: relabelled(node.to_dataset(), study.grid) for g, node in tree.subtree_with_keys}
    return xr.DataTree.from_dict(groups)


def _cooling(schedule: montecarlo.Schedule) -> str | None:
    if schedule.cooling is None:
        return None
    if isinstance(schedule.cooling.T, tuple):
        raise ValueError("schedule: a sweep cools from one temperature, not along a list of them")
    return f"{schedule.cooling.T}:{schedule.cooling.path}"


def run_in_memory(
    study: Study, *, executor: str | Executor = "serial", progress: bool = False
) -> xr.DataTree:
    """Run a study and keep nothing on disk.

    Raises
    ------
    ValueError
        As `sweep`; if the results do not fit the memory of this machine, or workers would
        look for what only this process has.
    """
    if executor != "serial" and not isinstance(executor, Serial):
        study.grid.model.check_portable()
    with TemporaryDirectory() as folder:
        check_fit(plan(study, workers=1, out=Path(folder) / "study.zarr"))
        store = Store(Path(folder) / "study.zarr", durable=False)
        try:
            return tree_of(compute(study, store, executor=executor, progress=progress))
        except KeyboardInterrupt:
            raise KeyboardInterrupt from None


def run(
    study: Study,
    out: str | os.PathLike[str],
    *,
    executor: str | Executor = "serial",
    shard: str | tuple[int, int] | None = None,
    resume: bool = False,
    progress: bool = False,
) -> Store:
    """Run a study and return its store; see `sweep` for the parameters.

    The memory of this process does not grow with the number of points that are simulated.
    """
    part = parse_shard(shard)
    study.grid.model.check_portable()
    return compute(
        study, Store(out), executor=executor, part=part, resume=resume, progress=progress
    )


@checked
def rerun(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    executor: str | Executor = "serial",
    shard: str | tuple[int, int] | None = None,
    resume: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Repeat a study from what its store, or its export, says about itself.

    Parameters
    ----------
    path : path-like
        A store, or a netCDF file written by `phase_diagrams.export`.
    out : path-like
        The store to write.
    executor, shard, resume, progress
        As for `sweep`.

    Returns
    -------
    xarray.DataTree
        The same numbers bit for bit, if this is the version that made the first ones; if it
        is not, a warning is logged.

    Raises
    ------
    ValueError
        If `path` holds no study.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from hebbian import Hopfield
    >>> with TemporaryDirectory() as folder:
    ...     grid = {"alpha": 0.05, "T": [0.2, 0.4]}
    ...     first = sweep(Hopfield(), grid, simulate=False, out=f"{folder}/a.zarr")
    ...     second = rerun(f"{folder}/a.zarr", f"{folder}/b.zarr")
    >>> first["theory"].to_dataset().drop_attrs().identical(
    ...     second["theory"].to_dataset().drop_attrs())
    True
    """
    if Path(path).is_file():
        try:
            with xr.open_dataset(path, engine="h5netcdf") as root:
                asked = root.attrs["study"]
        except (OSError, KeyError, ValueError):
            raise ValueError(f"{path} is not an exported study") from None
    else:
        asked = Store(path).attributes()["study"]
    description = decode(str(asked), dict[str, Any], f"{path}: study")
    study, version = Study.build(description), description["version"]
    if version != hebbian.__version__:
        log.warning(
            "%s was made by version %s, this is %s: numbers may differ",
            path,
            version,
            hebbian.__version__,
        )
    options: dict[str, Any] = {"executor": executor, "shard": shard}
    return tree_of(run(study, out, resume=resume, progress=progress, **options))
