"""Jobs that were submitted to SLURM: whether one is left that may bring a worker."""

from __future__ import annotations

import logging
import subprocess
import time
from importlib import import_module
from typing import Any

__all__ = ["Submitted"]

log = logging.getLogger(__name__)

#: Seconds between questions to SLURM, and answers without any job after which none is left.
ASK, GONE = 20.0, 3


class Submitted:
    """What became of the jobs of one run.

    Parameters
    ----------
    name : str
        Of the executor, for messages.
    jobs : int
    """

    def __init__(self, name: str, jobs: int) -> None:
        self._name, self._jobs = name, jobs
        self._ids: list[str] = []
        self._refusals: list[str] = []
        self._asked = time.monotonic()
        self._unseen = 0

    def job_class(self) -> type:
        """Return a class of jobs that reports here."""
        submitted, slurm = self, import_module("dask_jobqueue.slurm")

        class Job(slurm.SLURMJob):  # type: ignore[name-defined]
            job_id: Any

            async def start(self) -> None:
                try:
                    await super().start()
                    submitted._ids.append(str(self.job_id))
                except (RuntimeError, ValueError, OSError) as error:
                    submitted._refuse(str(error).partition("stderr:")[2] or str(error))
                    self.job_id = None
                    self.status = import_module("distributed.core").Status.running

        return Job

    def _refuse(self, reason: str) -> None:
        if not self._refusals and self._jobs > 1:
            log.warning("%s: sbatch refuses a job: %s", self._name, " ".join(reason.split()))
        self._refusals.append(" ".join(reason.split()))

    def check(self) -> None:
        """Raise OSError if no job is left that may bring a worker."""
        if len(self._refusals) == self._jobs:
            raise OSError(f"{self._name}: sbatch refuses the jobs: {self._refusals[0]}")
        if time.monotonic() - self._asked < ASK or not self._ids:
            return
        self._asked = time.monotonic()
        self._unseen = 0 if self._queued() else self._unseen + 1
        if self._unseen >= GONE:
            raise OSError(
                f"{self._name}: no job is left in the queue, and none has brought a worker: "
                "their output (log_directory, slurm-*.out) says why"
            )

    def _queued(self) -> bool:
        """Whether SLURM knows one of the jobs, or cannot tell at the moment."""
        command = ["squeue", "--noheader", "--jobs", ",".join(self._ids)]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except FileNotFoundError:
            return False
        except (OSError, subprocess.SubprocessError):
            return True
        if told.returncode:
            return "invalid job id" not in told.stderr.lower()
        return bool(told.stdout.strip())
