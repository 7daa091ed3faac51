"""The tasks of a run: a grid of chains cut into units and shared out among threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Event, Lock
from typing import Any

import numpy as np
from tqdm import tqdm

from hebbian import domain

from .chain import Stopped
from .checkpoint import Checkpoint
from .interruption import deferred

__all__ = ["Unit", "checked_threads", "divide", "run_all", "single", "unfinished"]

BATCH = 64  # chains that parallel dynamics advances together, at most

Unit = list[tuple[int, int, int]]  # (temperature, sample, replica) of chains done together


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


def unfinished(units: list[Unit], saved: Checkpoint) -> list[Unit]:
    """Leave out the chains that have ended; batches are of chains with equal sweeps."""
    parts = []
    for unit in units:
        sweeps = {index: saved.sweep(index) for index in unit if not saved.ended(index)}
        parts += [
            [index for index in sweeps if sweeps[index] == sweep]
            for sweep in sorted(set(sweeps.values()))
        ]
    return parts


def run_all(
    chains: Callable[[Unit, Callable[[int], None], Event], list[Any]],
    units: list[Unit],
    shape: tuple[int, ...],
    sweeps: int,
    n_threads: int,
    progress: bool,
    checkpoint: Checkpoint | None = None,
) -> np.ndarray:
    """Run the chains of `units`; an interrupt stops them all in a moment.

    Chains of the grid `shape` that are in no unit are None.
    """
    stop, lock = Event(), Lock()
    bar = tqdm(
        total=math.prod(shape) * sweeps,
        initial=checkpoint.sweeps if checkpoint else 0,
        unit="sweep",
        unit_scale=True,
        disable=None if progress else True,
    )

    def advance(n: int) -> None:
        with lock:
            bar.update(n)

    with ExitStack() as stack:
        if checkpoint:
            stack.enter_context(deferred(stop))
            stack.callback(checkpoint.close)
            stack.callback(checkpoint.save)
        stack.enter_context(bar)
        pool = stack.enter_context(ThreadPoolExecutor(n_threads))
        futures = [pool.submit(chains, unit, advance, stop) for unit in units]
        try:
            while True:
                patience = checkpoint.due if checkpoint else None
                done, pending = wait(futures, patience, FIRST_EXCEPTION)
                if not (checkpoint and pending) or any(f.exception() for f in done):
                    break
                checkpoint.save()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    records = np.empty(shape, object)
    failures = [f.exception() for f in futures if not f.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    for unit, future in zip(units, futures, strict=True):
        for index, record in zip(unit, future.result(), strict=True):
            records[index] = record
    return records
