"""Streams that are closed, full or broken, and signals at any moment: one line, nothing lost."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

import phase_diagrams

pytestmark = pytest.mark.heavy

HEBBIAN = f"{sys.executable} -m phase_diagrams"
THEORY = "theory --model hopfield --alpha 0.1 --T 0.3"
SWEEP = "sweep --model hopfield --alpha 0.1 --T 0.3 --n-spins 20 --sweeps 5 --out x.zarr"
FULL = "hebbian: error: standard output cannot be written: No space left on device\n"


def shell(line, cwd, seconds=60):
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"], cwd=cwd, capture_output=True, text=True,
        check=False, timeout=seconds,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "errors"),
    [
        (f"{THEORY} >&-", 0, ""),
        (f"{THEORY} <&- >&- 2>&-", 0, ""),
        (f"{THEORY} >/dev/full", 2, FULL),
        (f"{THEORY} >/dev/full 2>/dev/full", 2, ""),
        ("theory --model hopfield --alpha 0.1 --T 0:1:3000 >/dev/full", 2, FULL),
        ("theory --model hopfield --alpha 0.1 --T 0:1:3000 | head -1", 0, ""),
        ("theory --alpha x 2>&-", 2, ""),
        ("theory --alpha x 2>/dev/full", 2, ""),
        ("--help >/dev/full", 2, FULL),
        ("sweep --help | head -1", 0, ""),
    ],
)
def test_streams(line, code, errors, tmp_path):
    ran = shell(f"{HEBBIAN} {line}", tmp_path)
    assert (ran.returncode, ran.stderr) == (code, errors)


@pytest.mark.parametrize(
    ("streams", "code"), [(">/dev/full", 2), (">&- 2>&- <&-", 0), ("2>/dev/full | true", 0)]
)
def test_a_store_is_whole_whatever_its_streams_are(streams, code, tmp_path):
    """A closed stream leaves its number to the first file: that must not be one of the store."""
    ran = shell(f"{HEBBIAN} {SWEEP} {streams}", tmp_path)
    assert ran.returncode == code
    assert (
        phase_diagrams.integrity.damages(phase_diagrams.stores.store.Store(tmp_path / "x.zarr"))
        == []
    )
    assert int(phase_diagrams.open(tmp_path / "x.zarr")["simulation/m"].notnull().sum()) == 1


def interrupted(arguments, delay, kind, times=1, cwd=None):
    """Run a command, send signals, and return its code and the lines of its errors."""
    process = subprocess.Popen(
        [sys.executable, "-m", "phase_diagrams", *arguments.split()], cwd=cwd, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    time.sleep(delay)
    for _ in range(times):
        if process.poll() is None:
            os.killpg(process.pid, kind)
        time.sleep(0.02)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors.splitlines()


LONG = {
    "theory": "theory --model dense --order 4 --alpha 0.01:0.5:400 --T 0.01:1:400",
    "simulate": "simulate --model hopfield --alpha 0.1 --T 0.3 --n-spins 4000 --sweeps 100000",
    "locate": "locate --model dense --order 4 --alpha 0.1 --sweeps 100000",
    "gallery": "gallery ags_diagram --out results",
}


@pytest.mark.parametrize("command", LONG)
@pytest.mark.parametrize(
    ("kind", "times"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 3)]
)
def test_signals_end_every_command_with_one_line(command, kind, times, tmp_path):
    code, lines = interrupted(LONG[command], 3.5, kind, times, tmp_path)
    assert code == 130
    assert len(lines) == 1
    assert lines[0].startswith("hebbian: error: interrupted")


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGHUP])
def test_signals_while_the_command_starts_or_ends(kind, tmp_path):
    rng = random.Random(1)
    for _ in range(6):
        code, lines = interrupted(THEORY, rng.uniform(0.3, 2), kind, rng.choice([1, 2]), tmp_path)
        assert code in (0, 130)
        assert len(lines) == (code == 130)
        assert code == 0 or lines == ["hebbian: error: interrupted"]


COMPILING = """
import os, signal, sys, threading
from phase_diagrams.leaving import Departure
import numba
from numba.core import codegen
usual, sent = codegen.JITCodeLibrary._object_compiled_hook, []
def hook(cls, *arguments):
    if not sent:
        sent.append(os.kill(os.getpid(), signal.SIGINT))
    usual(*arguments)
codegen.JITCodeLibrary._object_compiled_hook = classmethod(hook)
function = numba.njit(lambda x: x + 1)
departure = Departure()
try:
    assert function(1) == 2
    threading.Event().wait(10)
except KeyboardInterrupt:
    assert function(1) == 2
    print("interrupted afterwards")
"""


def test_the_compiler_is_not_interrupted_in_its_callbacks():
    """An exception there is swallowed and leaves a function without code, or one freed twice."""
    ran = subprocess.run([sys.executable, "-c", COMPILING], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("interrupted afterwards\n", "")


@pytest.mark.parametrize(
    "body",
    [
        # Python kills itself by SIGINT at its end where one has passed through an ``exec``.
        "exec('raise KeyboardInterrupt')",
        # As Python does to one in ``__set_name__``, while a class is made.
        "try:\n    signal.raise_signal(2)\nexcept KeyboardInterrupt:\n    raise RuntimeError",
    ],
)
def test_an_interrupt_that_became_something_else_is_one(body, tmp_path):
    script = "import signal, sys\nfrom phase_diagrams import cli\ndef run(*_):\n"
    script += "".join(f"    {line}\n" for line in body.splitlines())
    script += "cli._run = run\nsys.exit(cli.main())"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (130, "hebbian: error: interrupted\n")
