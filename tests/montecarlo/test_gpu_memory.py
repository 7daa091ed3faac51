"""That the device is taken by name alone, and what happens where its memory ends."""

import sys

import device_emulator
import numpy as np
import pytest
from device_emulator import SHORT, both

import montecarlo
from hebbian import Hopfield, draw
from montecarlo import Schedule, device
from montecarlo.kernels.device import gpu
from montecarlo.kernels.device import networks as device_networks

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]


@pytest.mark.parametrize("n_fitting", [1, 3])
def test_chains_are_split_where_the_memory_ends(n_fitting, emulator):
    """Launches get smaller until they fit, and no bit changes."""
    arguments = {**SHORT, "alpha": 0.1, "n_spins": 40, "backend": "cupy"}
    few = {"T": 0.2, "n_samples": 1, "n_replicas": n_fitting}
    montecarlo.simulate(Hopfield(), **{**arguments, **few})
    largest, emulator.largest = emulator.largest, 0
    arguments |= {"T": [0.2, 0.5], "n_replicas": 8}
    whole = montecarlo.simulate(Hopfield(), **arguments)
    assert emulator.largest > largest
    emulator.launches.clear()
    emulator.memory = largest
    emulator.cuda.runtime.memGetInfo = lambda: (10**9, 10**9)  # the estimate is wrong
    split = montecarlo.simulate(Hopfield(), **arguments)
    for name in whole.series:
        np.testing.assert_array_equal(split.series[name], whole.series[name])
    grids = {grid[0] for name, grid, _, _ in emulator.launches if name == "sweep"}
    assert max(grids) < 32


def test_launches_are_planned_for_the_free_memory(emulator):
    arguments = {**SHORT, "alpha": 0.1, "T": [0.2, 0.5], "n_spins": 40}
    emulator.memory = 5400
    both(Hopfield(), **{**arguments, "schedule": Schedule(warmup=0, sweeps=2, stride=1)})
    grids = [grid[0] for name, grid, _, _ in emulator.launches if name == "prepare"]
    assert grids == [4, 4]


def test_memory_that_the_pool_keeps_is_free(emulator):
    emulator.pooled = 500
    assert device.free_bytes() == emulator.memory + 500


def test_blocks_of_a_chain_are_resident_together(monkeypatch):
    """Two blocks for each of three chains, if the device holds six and lets them wait."""
    memory = draw(Hopfield(), n_spins=20, alpha=0.2).memory
    starts = np.ones((3, 20), np.int8)
    monkeypatch.setattr(gpu, "geometry", lambda *sizes: (32, 2))

    def blocks(resident, waiting):
        emulator = device_emulator.install(monkeypatch, multiprocessors=6)
        emulator.resident = resident
        emulator.properties["cooperativeLaunch"] = waiting
        gpu.prepare(device_networks.upload([memory], 0), starts)
        return emulator.launches[-1][1][0]

    assert [blocks(2, 1), blocks(1, 1), blocks(0, 1), blocks(2, 0)] == [6, 6, 3, 3]


def test_a_chain_beyond_the_memory_is_one_line(emulator):
    emulator.memory = 100
    with pytest.raises(ValueError, match="one chain does not fit the") as caught:
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy", **SHORT)
    assert "\n" not in str(caught.value)


def no_driver():
    raise RuntimeError("cudaErrorInsufficientDriver:\n CUDA driver version is insufficient")


def test_asked_for_and_absent_is_one_line(emulator, monkeypatch):
    device.name.cache_clear()
    emulator.cuda.runtime.getDevice = no_driver
    with pytest.raises(ValueError, match="needs a CUDA device, none answers: cudaErr") as caught:
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy")
    assert "\n" not in str(caught.value)
    device.name.cache_clear()
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ValueError, match=r"needs CuPy, which is not installed"):
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=40, backend="cupy")


def test_auto_never_takes_a_device(emulator):
    """Not even where one answers: it is experimental."""
    arguments = {"alpha": 0.1, "T": [0.3, 0.5], "n_spins": 30, "n_samples": 2}
    schedule = Schedule(warmup=4, sweeps=9, stride=3)
    for run in (
        montecarlo.simulate(Hopfield(), **arguments, schedule=schedule),
        montecarlo.temper(Hopfield(), **arguments, schedule=schedule),
        montecarlo.plefka(Hopfield(), **arguments),
        montecarlo.simulate(Hopfield(), **arguments, schedule=schedule, dynamics="plefka"),
    ):
        assert run.settings["backend"] == "numba"
    assert not emulator.launches


def test_the_device_is_called_experimental_once(caplog):
    arguments = {**SHORT, "alpha": 0.1, "T": 0.5, "n_spins": 20, "backend": "cupy"}
    for _ in range(2):
        montecarlo.simulate(Hopfield(), **arguments)
    (record,) = caplog.records
    assert record.getMessage().startswith("backend = 'cupy' is experimental")
