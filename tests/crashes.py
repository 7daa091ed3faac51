"""Kill sweeps at random moments and let them go on, until the store must be complete.

The tests kill a few; for many, run the file:

    python tests/crashes.py --kills 100 --executor process:2 --seed 1

Each sweep is killed in its turn (parent alone, one worker, the whole process group) at a
moment drawn from the whole of its life, imports and publication included, then resumed
and killed again.  When it ends, the rows on disk must be those of a sweep that nobody
touched, byte for byte.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import phase_diagrams
from phase_diagrams.stores.store import Store

#: A study of 24 points, slow enough to be killed on its way.
STUDY = [
    "--model", "hopfield", "--alpha", "0.02,0.05,0.1,0.15", "--T", "0.1:1.1:6",
    "--n-spins", "200", "--warmup", "100", "--sweeps", "2000", "--seed", "3",
]  # fmt: skip

VICTIMS = ("parent", "worker", "group")


def command(out, *extra):
    return [sys.executable, "-m", "phase_diagrams", "sweep", *STUDY, "--out", str(out), *extra]


def start(out, executor, *extra):
    resume = ["--resume"] if Path(out).exists() else []
    return subprocess.Popen(
        command(out, "--executor", executor, *resume, *extra),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def n_done(out):
    return Store(out).counts()["done"] if Path(out).exists() else 0


def wait_for(out, process, points):
    """Wait until some points are stored; False if the sweep ended before."""
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if n_done(out) >= points:
            return True
        time.sleep(0.005)
    return False


def workers(process):
    """Return the processes of the pool: children of the fork server, which is our child."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    return [pid for pid, parent in parents.items() if parents.get(parent) == process.pid]


def kill(process, victim):
    """Kill, and wait until nobody of the group is left, or until the sweep has ended."""
    if victim == "worker":
        for pid in workers(process)[:1] or [process.pid]:
            os.kill(pid, signal.SIGKILL)
    elif victim == "parent":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def rows(out):
    return b"".join(
        p.read_bytes() for p in sorted(Path(out).glob("cells/*/rows/c/**/*")) if p.is_file()
    )


def survive(folder, executor, kills, rng, *, report=lambda _: None):
    """Kill and resume; return how many were killed and how many stores were completed."""
    reference = folder / "reference.zarr"
    began = time.monotonic()
    subprocess.run(command(reference), check=True, capture_output=True)
    life = time.monotonic() - began
    expected, tree = rows(reference), phase_diagrams.open(reference)
    killed = completed = 0
    while killed < kills or completed == 0:
        out = folder / f"study{completed}.zarr"
        before = n_done(out)
        process = start(out, executor)
        victim = VICTIMS[killed % 3] if executor != "serial" else VICTIMS[killed % 2 * 2]
        moment = rng.uniform(0, life) if killed < kills else 300
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            killed += 1
            code, _, errors = kill(process, victim)
            assert n_done(out) >= before
            assert code in (-signal.SIGKILL, 0), errors
            report(f"kill {killed}: {victim} at {moment:.2f} s, {n_done(out)} points done")
        code, _, errors = process.returncode, *process.communicate()
        assert code in (-signal.SIGKILL, 0), errors
        if code == 0:
            assert rows(out) == expected
            assert phase_diagrams.integrity.check(out) == []
            found = phase_diagrams.open(out)
            for group in ("simulation", "theory"):
                assert (
                    found[group]
                    .to_dataset()
                    .drop_attrs()
                    .identical(tree[group].to_dataset().drop_attrs())
                )
            completed += 1
    return killed, completed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--executor", default="process:2")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        killed, completed = survive(
            Path(folder), args.executor, args.kills, random.Random(args.seed), report=print
        )
    print(f"{killed} sweeps killed, {completed} stores completed, all bit-identical")
