"""The tasks of a run: a grid of chains cut into units and shared out among threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Lock

import numpy as np
from tqdm import tqdm

from hebbian import domain

from .ledger import Ledger, Unit
from .watch import Stopped

__all__ = ["checked_threads", "divide", "run_all", "single"]

BATCH = 64  # chains that parallel dynamics advances together, at most


def checked_threads(n_threads: int | None) -> int:
    """Return `n_threads`, by default the processors this process may use."""
    if n_threads is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    return domain.integer("n_threads", n_threads, "[1, 4096]")


def single(shape: tuple[int, int, int]) -> list[Unit]:
    """Cut a grid into tasks of one entry each, sample by sample."""
    return [[index] for index in sorted(np.ndindex(shape), key=lambda index: index[1])]


def divide(shape: tuple[int, int, int], n_threads: int) -> list[Unit]:
    """Cut the grid of chains (temperature, sample, replica) into tasks of one sample each.

    Sample by sample, so that the rows of a few samples are in memory at a time; single
    chains for n_threads = 0, else batches that keep the threads busy.
    """
    n_temperatures, n_samples, n_replicas = shape
    size = 1
    if n_threads:
        shares = -(-n_threads // n_samples)
        size = min(BATCH, -(-n_temperatures * n_replicas // shares))
    units = []
    for sample in range(n_samples):
        chains = [(at, sample, r) for at in range(n_temperatures) for r in range(n_replicas)]
        units += [chains[first : first + size] for first in range(0, len(chains), size)]
    return units


def run_all(
    task: Callable[[Unit, Callable[[int], None]], None],
    units: list[Unit],
    ledger: Ledger,
    sweeps: int,
    n_threads: int,
    progress: bool,
) -> None:
    """Run the chains of `units` until all have ended in the ledger.

    An interrupt stops them all in a moment.

    Parameters
    ----------
    task : callable
        Runs the chains of a unit; told what to call with the number of sweeps done.
    units : list of Unit
        What has not ended yet.
    ledger : Ledger
    sweeps : int
        Sweeps of a chain, at most.
    n_threads : int
    progress : bool
        Show a progress bar on stderr if it is a terminal.

    Raises
    ------
    Stopped
        If the file of the ledger was told to stop.
    """
    file, lock = ledger.file, Lock()
    bar = tqdm(
        total=math.prod(ledger.shape) * sweeps,
        initial=ledger.sweeps,
        unit="sweep",
        unit_scale=True,
        disable=None if progress else True,
    )

    def advance(n: int) -> None:
        with lock:
            bar.update(n)

    with bar, ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(task, unit, advance) for unit in units]
        try:
            while True:
                done, pending = wait(futures, file.due if file else None, FIRST_EXCEPTION)
                failed = any(f.exception() for f in done)
                if failed or not (file and pending):
                    break
                file.save()
        except BaseException:
            failed = True
            raise
        finally:
            if failed:
                ledger.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
    failures = [f.exception() for f in futures if not f.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    if failed:
        raise Stopped
