"""The device kernels under the thread sanitizer: a barrier orders every pair of accesses.

Threads of the emulated blocks are threads of the machine.  A barrier taken out is noticed.
"""

import os
import subprocess
import sys
from pathlib import Path

import device_emulator
import pytest

pytestmark = device_emulator.needed

ROOT = Path(__file__).parents[2]

# A process of its own: the sanitizer has to be loaded before Python.  The arguments are
# what to run, and a text of the sources to be replaced by another.
PROGRAM = """
import sys
import numpy as np
import device_emulator
from hebbian import Dense, Hopfield, Supervised, draw
from montecarlo.kernels import device_rows, device_sums, gpu

what, old, new = sys.argv[1:]
compile_host = device_emulator.compile_host

def sanitized(source, options):
    if "row_sums" in source or "sweep(" in source:
        assert old in source, "the barrier to be taken out has moved"
        source = source.replace(old, new)
    return compile_host(source, options, "-fsanitize=thread", "-O1")

device_emulator.compile_host = sanitized
sys.modules["cupy"] = device_emulator.Emulator(threads=3)
gpu.geometry = lambda *sizes: (32, 2)
sums = Dense(order=3, rule=Supervised(quality=0.7, n_examples=3))

def sweeps(model, *orders):
    memory = draw(model, n_spins=12, alpha=0.4).memory
    for order in orders:
        chains = gpu.prepare(device_rows.upload([memory], 0), np.ones((1, 12), np.int8))
        for n_sweeps in (0, 2):
            chains.run(np.array([[1, 2]]), np.array([0.9]), 0, 0, 2, n_sweeps, order)

if what != "plefka":
    sweeps(Hopfield(), gpu.SEQUENTIAL, 1, 2, gpu.TOGETHER)
if what == "everything":
    sweeps(sums, gpu.SEQUENTIAL, gpu.TOGETHER)
if what != "sweeps":
    memory = draw(Hopfield(), n_spins=5, alpha=250.0).memory
    rows = device_rows.uploaded_rows([memory])
    device_sums.RowSums(rows, memory.n_rows, 2)(np.zeros(2, int), np.full((3, 2, 5), 0.5))
print("done")
"""


def sanitizer() -> str:
    """Path of the library, empty where the compiler has none."""
    command = [device_emulator.COMPILER, "-print-file-name=libtsan.so"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return found if Path(found).is_absolute() else ""


def race(what, old="", new=""):
    """The first data race that the sanitizer reports, which ends the process."""
    library = sanitizer()
    if not library:
        pytest.skip("no thread sanitizer on this machine")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "LD_PRELOAD": library,
        "TSAN_OPTIONS": "halt_on_error=1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, what, old, new],
        capture_output=True,
        text=True,
        env=environment,
        timeout=200,
        check=False,
    )
    if "FATAL: ThreadSanitizer" in done.stderr:
        pytest.skip(f"the thread sanitizer does not start here: {done.stderr[:200]}")
    found = "WARNING: ThreadSanitizer: data race" in done.stderr
    assert found or "done" in done.stdout, done.stderr
    return found


def test_threads_and_blocks_meet_before_they_read():
    assert not race("everything")


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [
        ("sweeps", "    __syncthreads();\n    flip = Flip();", "    flip = Flip();"),
        ("sweeps", "    parity ^= 1;\n", ""),
        ("plefka", "    tile.fill(mine);\n    __syncthreads();", "    tile.fill(mine);"),
    ],
    ids=["decisions", "exchange", "tiles"],
)  # fmt: skip
def test_a_missing_barrier_is_seen(what, old, new):
    assert race(what, old, new)
