"""How many threads a run may use: what its surroundings allow, whatever it was told.

Batch systems, Dask and joblib set ``OMP_NUM_THREADS`` and ``NUMBA_NUM_THREADS``; ``taskset``
and SLURM set the mask of processors; containers have a quota of processor time (cgroups).
Results do not depend on the number.
"""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath

from hebbian import domain

__all__ = ["checked_threads", "default_threads"]

VARIABLES = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


def checked_threads(n_threads: int | None) -> int:
    """Return `n_threads` if it is in [1, 4096], by default what the surroundings allow."""
    if n_threads is None:
        return default_threads()[0]
    return domain.integer("n_threads", n_threads, "[1, 4096]")


def default_threads() -> tuple[int, str]:
    """Return the least number that anything allows, and what that is."""
    allowed = {"processors": os.cpu_count() or 1}
    if hasattr(os, "sched_getaffinity"):
        allowed["affinity mask"] = len(os.sched_getaffinity(0))
    quota = cgroup_quota()
    if quota < math.inf:
        allowed["cgroup quota"] = max(1, math.ceil(quota))
    for name in VARIABLES:
        # A list is for nested regions, of which a run is the outermost; what is no number
        # in it is nothing to go by.
        word = os.environ.get(name, "").partition(",")[0].strip()
        if word.isascii() and word.isdigit() and int(word) > 0:
            allowed[name] = int(word)
    least = min(allowed, key=lambda name: allowed[name])
    return min(allowed[least], 4096), least


def cgroup_quota(root: Path = Path("/")) -> float:
    """Return the processors that the control groups of this process allow, maybe infinite.

    Parameters
    ----------
    root : Path
        Where ``sys/fs/cgroup`` and ``proc`` are.
    """
    try:
        memberships = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return math.inf
    quotas = [math.inf]
    for line in memberships:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers:
            mounts = ["unified", ""]
        elif "cpu" in controllers.split(","):
            mounts = [controllers, "cpu", "cpu,cpuacct"]
        else:
            continue
        group = PurePosixPath(path.lstrip("/"))
        for mount in mounts:
            # In a container the path is that of the host, and the root its own group.
            quotas += [
                _quota(root / "sys/fs/cgroup" / mount / folder)
                for folder in (group, *group.parents)
            ]
    return min(quotas)


def _quota(folder: Path) -> float:
    """Read version 2, ``cpu.max``, or version 1, two files; infinite where there is none."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        return int(quota) / int(period) if int(quota) > 0 else math.inf
    except (OSError, ValueError, ZeroDivisionError):  # "max", or no such file
        return math.inf
