"""One Dask worker for each device: every worker sees its own device alone."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "gpu_workers.sh"


def started(folder, *devices, nvidia_smi="exit 1", **environment):
    """Run the script with stand-ins: `dask` tells what it was given."""
    tell = 'echo "$CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER $1 $2 $4"'
    for name, text in {"dask": tell, "nvidia-smi": nvidia_smi}.items():
        stand_in = folder / name
        stand_in.write_text(f"#!/bin/sh\n{text}\n")
        stand_in.chmod(0o755)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CUDA_")}
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return subprocess.run(
        ["bash", str(SCRIPT), "tcp://host:8786", *devices],
        env={**inherited, "PATH": path, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("devices", "settings"),
    [
        (["5", "7"], {}),
        ([], {"nvidia_smi": "echo 5; echo 7"}),
        ([], {"CUDA_VISIBLE_DEVICES": "5,7", "nvidia_smi": "echo 1"}),
    ],
    ids=["named", "found", "allotted"],
)
def test_workers_see_their_own_device(devices, settings, tmp_path):
    """The device numbers need not exist."""
    done = started(tmp_path, *devices, **settings)
    assert sorted(done.stdout.splitlines()) == [
        f"{device} PCI_BUS_ID worker tcp://host:8786 device-{device}" for device in (5, 7)
    ]
    assert done.returncode == 0


def test_no_device_is_one_line(tmp_path):
    done = started(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no CUDA device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_usage_is_one_line():
    done = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
