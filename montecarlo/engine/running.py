"""One run of any job: its grid cut into parts, shared out among threads or put on a device."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event, Lock

from hebbian.threads import checked_threads

from .bars import progress_bar
from .checkpoint import Checkpoint, Place, checkpointed
from .device_samples import run_split
from .job import Job
from .ledger import Entries, Ledger, Stopped
from .samples import Disorder, Samples

__all__ = ["divide", "run"]

Task = Callable[[Entries], None]
BATCH = 64  # chains that parallel dynamics advances together, at most


def divide(grid: tuple[int, int, int], n_threads: int) -> list[Entries]:
    """Cut a grid (temperature, sample, replica) into tasks of one sample each.

    Sample by sample, so that the rows of a few samples are in memory at a time; single
    entries for n_threads = 0, else batches that keep the threads busy.
    """
    n_temperatures, n_samples, n_replicas = grid
    size = 1
    if n_threads:
        shares = -(-n_threads // n_samples)
        size = min(BATCH, -(-n_temperatures * n_replicas // shares))
    parts: list[Entries] = []
    for sample in range(n_samples):
        chains = [(at, sample, r) for at in range(n_temperatures) for r in range(n_replicas)]
        parts += [chains[first : first + size] for first in range(0, len(chains), size)]
    return parts


def run(
    job: Job,
    name: str,
    *,
    n_threads: int | None,
    progress: bool,
    checkpoint: Place,
    checkpoint_every: float,
) -> Ledger:
    """Run a job to its end, or from where its file says that it is.

    Parameters
    ----------
    job : Job
    name : str
        What kind of run this is.
    n_threads : int, optional
        Default: what the surroundings allow, see `hebbian.threads`.
    progress : bool
        Show a progress bar, in a terminal or a notebook.
    checkpoint, checkpoint_every
        See `montecarlo.engine.checkpoint.checkpointed`.

    Returns
    -------
    Ledger
        What every entry of the job left behind.

    Raises
    ------
    ValueError
        As `Checkpoint`, if `n_threads` is out of its range, if the results do not fit the memory
        of this machine, or an entry that of the device.
    """
    n_threads = checked_threads(n_threads)
    job.check_memory(n_threads)
    with checkpointed(checkpoint, checkpoint_every, {"run": name}) as file:
        ledger = file.ledger(job.identity, job.grid, job.fits) if file else Ledger(job.grid)
        if job.on_device:
            n_threads, parts = 1, job.there.launches(job.grid, job.entry_bytes)
        else:
            parts = divide(job.grid, n_threads if job.batched else 0)
        parts = ledger.unfinished(parts)
        total = math.prod(job.grid) * job.n_sweeps
        counted = {"total": total, "initial": ledger.sweeps, "unit": "sweep", "unit_scale": True}
        with progress_bar(progress, **counted) as bar:
            _share_out(_task(job, ledger, parts, bar.update), parts, ledger.stop, file, n_threads)
    return ledger


def _task(
    job: Job, ledger: Ledger, parts: list[Entries], advanced: Callable[[int], object]
) -> Task:
    """Return what runs the entries of one of the parts."""
    users = Counter(entries[0][1] for entries in parts)
    samples, lock = Samples(job.plan, job.lower), Lock()

    def follow(entries: Entries, disorder: Disorder) -> None:
        kept = time.monotonic()
        batch = job.batch(job, entries, disorder, ledger.saved(entries))
        while not batch.done:
            kept = ledger.look(entries, batch.save, kept)
            n_sweeps = batch.advance()
            with lock:
                advanced(n_sweeps)
        ledger.keep(entries, batch.result())

    def on_host(entries: Entries) -> None:
        sample = entries[0][1]
        with samples.use(sample, users[sample]) as disorder:
            follow(entries, disorder)

    def launch(entries: Entries) -> None:
        numbers = sorted({sample for _, sample, _ in entries})
        datasets = [job.there.dataset(sample) for sample in numbers]
        follow(entries, Disorder(numbers, datasets, job.upload(numbers, datasets)))

    def on_device(entries: Entries) -> None:
        run_split(entries, launch, job.smallest)

    return on_device if job.on_device else on_host


def _share_out(
    task: Task, parts: list[Entries], stop: Event, file: Checkpoint | None, n_threads: int
) -> None:
    """Run the entries of all parts until all have ended, and write the file when it is due.

    An interrupt stops them all in a moment.

    Raises
    ------
    Stopped
        If `stop` was set.
    """
    with ThreadPoolExecutor(n_threads) as pool:
        futures = [pool.submit(task, entries) for entries in parts]
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
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
    failures = [f.exception() for f in futures if not f.cancelled()]
    for failure in failures:
        if failure is not None and not isinstance(failure, Stopped):
            raise failure
    if failed:
        raise Stopped
