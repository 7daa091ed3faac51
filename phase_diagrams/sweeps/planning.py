"""What a study will take, before it is begun: points, memory, disk, time."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hebbian import Model
from hebbian.datasets import check_memory, physical_memory
from hebbian.layout import Layout
from montecarlo.engine.job import RECORD
from phase_diagrams.points import Cell
from phase_diagrams.study import Study

from .batches import least, same_disorder
from .cells import simulate

__all__ = ["check_fit", "estimate_time", "plan", "words"]

#: A process that has imported numpy, numba, scipy and xarray.
INTERPRETER = 250 * 2**20

#: Rows times spins of a point that is still quick enough to be timed.
QUICK = 20_000_000

#: Work of a spin beyond its rows, in rows.
OVERHEAD = 64


#: Bytes that lowering an entry takes at its peak: +-1; other integers, of pairs or not.
LOWERED_SIGN, LOWERED = 3, {True: 8, False: 20}

#: Bytes of a block of patterns with which configurations are compared.
COMPARED = 160 * 2**20


class _Size(NamedTuple):
    """What the cost of a point depends on."""

    model: Model
    alpha: float | None
    n_spins: int

    @property
    def layout(self) -> Layout:
        """Rows of the network."""
        return self.model.layout(self.model.count(self.alpha, self.n_spins), self.n_spins)

    @property
    def work(self) -> int:
        """Cost of a sweep."""
        return self.layout.n_entries + OVERHEAD * self.n_spins

    @property
    def memory(self) -> int:
        """Bytes of one disorder sample at its peak, drawn and lowered."""
        layout, pairs = self.layout, getattr(self.model, "order", 2) == 2
        if not self.model.polynomial:  # rows stay bits, of which a chain adds a few
            return layout.n_bytes + layout.n_rows * self.n_spins.bit_length() // 8 + COMPARED
        lowered = LOWERED_SIGN if layout.entries == "signs" else LOWERED[pairs]
        return layout.n_bytes + lowered * layout.n_entries

    def check(self) -> None:
        """Refuse a network of which this machine does not hold one, and say which size it does."""
        check_memory(self.model, self.n_spins, lambda n: self.model.count(self.alpha, n), chains=1)


def plan(
    study: Study, *, workers: int | None, out: str | os.PathLike[str] | None = None, of: int = 1
) -> dict[str, Any]:
    """Say what a study takes, its time excepted.

    Parameters
    ----------
    study : Study
    workers : int or None
        Processes on this machine; None if they run elsewhere.
    out : path-like, optional
        Where the store will be.
    of : int
        Number of shards that share the points.

    Returns
    -------
    dict
        ``points`` and ``tasks`` (of one shard), ``memory_per_worker`` and ``memory`` in
        bytes, ``memory_available``, ``disk``, ``disk_available``.

    Raises
    ------
    ValueError
        If a network alone needs more memory than this machine has, whose workers it is for.
    """
    points = math.ceil(study.grid.size / of)
    settings = study.settings
    per_worker = INTERPRETER
    if settings.simulate:
        sizes = _sizes(study)
        largest = max(sizes, key=lambda size: size.memory)
        if workers:
            largest.check()
        per_worker += largest.memory
        n_spins = max(size.n_spins for size in sizes)
        n_measured, n = settings.sweeps // max(settings.stride, 1), settings.n_replicas
        left = n * (n_measured * (n_spins // 8 + 64) + RECORD)
        # Overlaps of all pairs of replicas, and the spins of those of one sample.
        pairs = n * (n - 1) // 2 * n_measured
        per_worker += _together(study) * settings.n_samples * (left + 8 * pairs)
        per_worker += pairs * n_spins // 2
    folder = Path(out or ".").absolute().parent
    while not folder.exists():
        folder = folder.parent
    return {
        "points": study.grid.size,
        "tasks": points if settings.simulate else 0,
        "workers": workers,
        "memory_per_worker": per_worker,
        "memory": per_worker * (workers or 1),
        "memory_available": physical_memory(),
        "disk": 2 * points * study.row_bytes,
        "disk_available": shutil.disk_usage(folder).free,
    }


def check_fit(plan: dict[str, Any]) -> None:
    """Refuse what cannot fit.

    Raises
    ------
    ValueError
        If workers on this machine need more memory than it has, or the store more disk.
    """
    for what, hint in (
        ("memory", "reduce n_spins, alpha, n_samples, n_replicas, sweeps or the number of workers"),
        ("disk", "reduce the grid or choose another folder"),
    ):
        if (plan["workers"] or what == "disk") and plan[what] > plan[f"{what}_available"]:
            raise ValueError(
                f"{what} = {plan[what] / 2**30:.3g} GiB is outside the allowed range "
                f"[0, {plan[f'{what}_available'] / 2**30:.3g} GiB]: {hint}"
            )


def words(plan: dict[str, Any]) -> list[str]:
    """Return a plan as lines for people."""
    seconds, workers = plan["seconds"], plan["workers"]
    span = "not known (too large to try, or theory alone)"
    if math.isfinite(seconds):
        unit, name = next(
            (u, n) for u, n in ((86400, "days"), (3600, "h"), (60, "min"), (0, "s")) if seconds >= u
        )
        span = f"about {seconds / (unit or 1):.2g} {name}"
    where = "other machines" if workers is None else f"{workers} on this machine"
    return [
        f"points   {plan['points']}, {plan['tasks']} of them to simulate here",
        f"workers  {where}",
        f"time     {span}" + ("" if workers else " on one worker"),
        f"memory   {plan['memory_per_worker'] / 2**20:.0f} MiB per worker, "
        f"{plan['memory_available'] / 2**20:.0f} MiB on this machine",
        f"disk     {plan['disk'] / 2**20:.3g} MiB, {plan['disk_available'] / 2**20:.0f} MiB free",
        *plan.get("job_script", "").splitlines(),
    ]


def estimate_time(study: Study, *, workers: int | None, of: int = 1) -> float:
    """Time one short run and return the seconds that the whole study should take.

    NaN where even one point is too large to be timed, or the theory is all there is.
    """
    if not study.settings.simulate:
        return math.nan
    sizes = _sizes(study)
    quick = [size for size in sizes if size.layout.n_entries <= QUICK]
    if not quick:
        return math.nan
    largest = max(quick, key=lambda size: size.work)
    cell = Cell(index=(), model=largest.model, alpha=largest.alpha, T=0.5, n_spins=largest.n_spins)
    settings = msgspec.structs.replace(
        study.settings, n_samples=1, n_replicas=1, warmup=0, sweeps=0, stride=1
    )
    points = _together(study)
    lanes = points * study.settings.n_replicas if points > 1 else 1

    def seconds(sweeps: int) -> float:
        started = time.perf_counter()
        asked = msgspec.structs.replace(settings, sweeps=sweeps)
        simulate(cell, asked, T=[cell.T] * lanes, n_threads=1)
        return time.perf_counter() - started

    seconds(0)  # compiled once, and not timed

    # Drawing a network may take longer than the sweeps that are timed.
    idle = seconds(0)
    sweeps, spent = 0, 0.0
    while spent < 0.2 and sweeps < study.settings.warmup + study.settings.sweeps:
        sweeps = 4 * sweeps or 4
        spent = max(seconds(sweeps) - idle, 0.0)
    per_sweep = spent / max(sweeps, 1)
    chains = study.settings.n_samples * study.settings.n_replicas
    total = study.settings.warmup + study.settings.sweeps
    work = sum(count * size.work for size, count in sizes.items()) / largest.work
    each = study.settings.n_samples * idle / points + chains * total * per_sweep / lanes
    return each * work / (of * (workers or 1))


def _together(study: Study) -> int:
    """Return how many points are computed at once, at most, however slow they are."""
    rows: dict[Any, tuple[Cell, int]] = {}
    for cell in study.grid.cells():
        first, n = rows.get(same_disorder(cell), (cell, 0))
        rows[same_disorder(cell)] = first, n + 1
    return max(min(n, least(cell, study.settings)) for cell, n in rows.values())


def _sizes(study: Study) -> Counter[_Size]:
    """Count the points of every size."""
    cells = study.grid.cells()
    return Counter(_Size(cell.model, cell.alpha, cell.n_spins or 1) for cell in cells)
