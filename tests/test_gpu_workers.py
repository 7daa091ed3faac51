"""One Dask worker for each device: every worker sees its own device alone."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "scripts" / "gpu_workers.sh"


def test_workers_see_their_own_device(tmp_path):
    """The device numbers need not exist: a stand-in for dask tells what it was given."""
    stand_in = tmp_path / "dask"
    stand_in.write_text('#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES $1 $2 $4"\n')
    stand_in.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", str(SCRIPT), "tcp://host:8786", "5", "7"],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert sorted(done.stdout.splitlines()) == [
        f"{device} worker tcp://host:8786 device-{device}" for device in (5, 7)
    ]


def test_usage_is_one_line():
    done = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
