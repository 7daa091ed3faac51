import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path

import pytest

from phase_diagrams.sweeps.executors import open_executor

ORPHAN = """
import os, time
from phase_diagrams.sweeps.executors import open_executor
if __name__ == "__main__":
    with open_executor("process:1") as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(100)
"""


def square(x):
    if x < 0:
        raise ValueError("negative")
    return x * x


@pytest.mark.parametrize("name", ["serial", "process:2"])
def test_results_and_errors_come_back(name):
    with open_executor(name) as pool:
        futures = [pool.submit(square, x) for x in (3, -1)]
        assert futures[0].result() == 9
        assert isinstance(futures[1].exception(), ValueError)


def test_workers_use_one_thread():
    with open_executor("process:1") as pool:
        assert pool.submit(os.getenv, "NUMBA_NUM_THREADS").result() == "1"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
def test_control_c_is_not_for_the_server_of_workers():
    """A terminal interrupts the whole group, also while the server still imports."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with open_executor("process:1"):
        server = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/status").read_text()
    blocked = int(server.partition("SigBlk:")[2].split()[0], 16)
    assert blocked >> (signal.SIGINT - 1) & 1
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


def test_a_given_executor_stays_open():
    with ThreadPoolExecutor(1) as given:
        with open_executor(given) as pool:
            assert pool is given
        assert given.submit(square, 2).result() == 4


@pytest.mark.parametrize(
    "name",
    ["", "parallel", "process", "process:", "process:0", "process:-1", "process:x",
     "process:99999999999999999999", "process:1025", "process:²", 3, None],
)  # fmt: skip
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="executor = "), open_executor(name):
        pass


def alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads the process table of Linux")
def test_workers_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    assert alive(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(worker)
