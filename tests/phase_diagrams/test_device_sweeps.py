"""Sweeps on the emulated device: what is one launch, what is recorded, what is refused."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import device_emulator
import numpy as np
import pytest

import phase_diagrams
from hebbian import Hopfield
from montecarlo import Schedule, device
from phase_diagrams.cli import main
from phase_diagrams.sweeps import batches
from phase_diagrams.sweeps.executors import Serial

pytestmark = device_emulator.needed

GRID = {"alpha": [0.1, 0.2], "T": [0.3, 0.6, 0.9], "n_spins": 20}
SHORT = {"n_samples": 2, "schedule": Schedule(warmup=2, sweeps=8, stride=2), "theory": False}
NAMES = ("m", "m_err", "q", "acceptance")


@pytest.fixture
def emulator(monkeypatch):
    yield device_emulator.install(monkeypatch)
    device.name.cache_clear()


def sweep(**arguments):
    return phase_diagrams.sweep(Hopfield(), GRID, **{**SHORT, **arguments})["simulation"]


def launched(emulator):
    """Chains of the launches, without the rehearsal's one chain."""
    found = [grid[0] for name, grid, _, _ in emulator.launches if name == "prepare"]
    return [n for n in found if n > 1]


def agree(ours, theirs):
    for name in NAMES:
        np.testing.assert_array_equal(ours[name], theirs[name])
    np.testing.assert_allclose(ours["energy"], theirs["energy"], rtol=1e-12)


def test_points_that_share_disorder_are_one_launch(emulator):
    """Three temperatures, two samples, two replicas."""
    found = sweep(backend="cupy")
    assert launched(emulator) == [12, 12]
    assert found.attrs["backend"] == "cupy"
    agree(found, sweep(backend="numba"))


class Interrupted(Serial):
    """Runs a few tasks, then meets Control-C."""

    def __init__(self, n_tasks):
        super().__init__()
        self.n_tasks = n_tasks

    def submit(self, fn, /, *args, **kwargs):
        if self.n_tasks == 0:
            raise KeyboardInterrupt
        self.n_tasks -= 1
        return super().submit(fn, *args, **kwargs)


def test_an_interrupted_sweep_goes_on_with_the_same_bits(tmp_path, emulator):
    whole, path = sweep(backend="cupy"), tmp_path / "a.zarr"
    with pytest.raises(KeyboardInterrupt):
        sweep(backend="cupy", out=path, executor=Interrupted(2))
    emulator.launches.clear()
    resumed = sweep(backend="cupy", out=path, resume=True)
    assert launched(emulator) == [12]
    for name in whole.data_vars:
        np.testing.assert_array_equal(resumed[name], whole[name])


def test_a_store_goes_on_with_or_without_a_device(tmp_path, emulator):
    """It records what computed; magnetizations agree up to rounding, and are not mixed."""
    path = tmp_path / "a.zarr"
    with pytest.raises(KeyboardInterrupt):
        sweep(out=path, executor=Interrupted(1))  # a row is one task, and nothing is rehearsed
    assert not emulator.launches  # auto stays with the CPU
    mixed = sweep(out=path, resume=True, backend="cupy")
    assert mixed.attrs["backend"] == "cupy numba"
    agree(mixed, sweep(backend="numba"))
    path = tmp_path / "b.zarr"
    with pytest.raises(KeyboardInterrupt):
        sweep(out=path, backend="cupy", executor=Interrupted(2))
    mixed = sweep(out=path, resume=True)
    assert mixed.attrs["backend"] == "cupy numba"
    agree(mixed, sweep(backend="numba"))
    path = tmp_path / "c.zarr"
    sweep(out=path, dynamics="plefka", backend="numba")
    with pytest.raises(ValueError, match="backend is numba there, cupy here"):
        sweep(out=path, dynamics="plefka", resume=True, backend="cupy")


def test_workers_have_devices_that_the_scheduler_lacks(emulator, monkeypatch):
    """The rehearsal runs where the points do."""
    submitted = []

    class Workers(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            submitted.append(fn)
            return super().submit(fn, *args, **kwargs)

    with Workers(1) as pool:
        sweep(backend="cupy", executor=pool)
        sweep(backend="numba", executor=pool)
    assert submitted[:3] == [batches.rehearse, batches.compute, batches.compute]
    assert submitted.count(batches.rehearse) == 2


COMMANDS = {
    "sweep": ["--out", "written"],
    "simulate": ["--checkpoint", "written"],
    "temper": ["--checkpoint", "written", "--T", "0.3,0.5"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_absent_is_one_line_and_nothing_is_written(name, tmp_path, emulator, monkeypatch, capsys):
    device.name.cache_clear()
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.chdir(tmp_path)
    where = ["--model", "hopfield", "--alpha", "0.1", "--n-spins", "20", "--T", "0.3"]
    assert main([name, *where, "--backend", "cupy", *COMMANDS[name]]) == 2
    error = capsys.readouterr().err
    assert "needs CuPy, which is not installed" in error
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_absent_to_processes_is_one_line_and_nothing_is_written(tmp_path):
    """No device is shown to the workers, whether CuPy is installed or not."""
    command = [
        sys.executable, "-m", "phase_diagrams", "sweep", "--model", "hopfield", "--alpha", "0.1",
        "--T", "0.3", "--n-spins", "20", "--backend", "cupy", "--executor", "process:2",
        "--out", "written",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "backend = 'cupy' needs" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())
