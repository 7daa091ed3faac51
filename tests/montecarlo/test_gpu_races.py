"""The device kernels under the thread sanitizer: a barrier orders every pair of accesses.

Threads of the emulated blocks are threads of the machine.  A barrier or a fence taken out is
noticed, also the barrier of a warp.
"""

import os
import subprocess
import sys
from pathlib import Path

import device_emulator
import pytest

pytestmark = [device_emulator.needed, pytest.mark.heavy]

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "emulator" / "sanitized.py"


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
        [sys.executable, str(PROGRAM), what, old, new],
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
        ("sweeps", "arrive(blocks.counter)", "atomicAdd(blocks.counter, 1u)"),
        ("sweeps", "    __syncwarp();\n    struct", "    struct"),
        ("sweeps", "*)column;\n    __syncwarp();\n", "*)column;\n"),
        ("mean field", "    tile.fill(mine);\n    __syncthreads();", "    tile.fill(mine);"),
        ("swap", "  __syncwarp();\n", ""),
        ("swap", "__syncwarp()", "__shfl_sync(0xFFFFFFFFu, 1, 0)"),  # orders no memory
    ],
    ids=["decisions", "exchange", "fence", "trade", "trade again", "tiles", "warp", "shuffle"],
)  # fmt: skip
def test_a_missing_barrier_is_seen(what, old, new):
    assert race(what, old, new)
