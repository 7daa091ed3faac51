"""A Dask scheduler and its workers as separate processes, for the tests."""

import subprocess
import sys
import time

DASK = [sys.executable, "-m", "dask"]


class Scheduler:
    """A scheduler and its workers, separate processes on loopback."""

    def __init__(self, folder, *words):
        self.file = folder / "scheduler.json"
        self.workers = []
        self.words = words
        self.process = self._popen("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        deadline = time.monotonic() + 60
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.name = f"dask-file:{self.file}"

    def _popen(self, *words):
        return subprocess.Popen(
            [*DASK, *words, *self.words, "--host", "127.0.0.1", "--no-dashboard"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def hire(self):
        worker = self._popen(
            "worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--no-nanny"
        )
        self.workers.append(worker)
        return worker

    def close(self):
        for process in [*self.workers, self.process]:
            process.kill()
            process.wait()
