"""A device that does not answer, a CuPy that does not start: one line, and what it says."""

import sys

import device_emulator
import numpy as np
import pytest
from device_emulator import SHORT

import montecarlo
from hebbian import Hopfield
from montecarlo import device
from montecarlo.kernels.device import gpu

pytestmark = device_emulator.needed

BAR = "=" * 64  # around what CuPy says of its own broken imports
SIZES = {"alpha": 0.1, "T": 0.5, "n_spins": 20}


class Unable:
    """A finder of modules to which importing CuPy is an error."""

    def __init__(self, error):
        self.error = error

    def find_spec(self, name, path=None, target=None):
        if name == "cupy":
            raise self.error


def refusal(**arguments):
    with pytest.raises(ValueError, match="backend = 'cupy'") as caught:
        montecarlo.simulate(Hopfield(), **{**SIZES, **arguments}, backend="cupy")
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    return text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModuleNotFoundError("No module named 'cupy'", name="cupy"), "is not installed"),
        (
            ImportError(f"\n{BAR}\nFailed to import CuPy.\n\nlibcudart.so.12\n{BAR}"),
            "CuPy does not start: Failed to import CuPy. libcudart.so.12",
        ),
        (ModuleNotFoundError("No module named 'fastrlock'", name="fastrlock"), "does not start"),
        (PermissionError(13, "Permission denied", "/home/u/.cupy"), "CUPY_CACHE_DIR names the"),
    ],
    ids=["absent", "broken", "incomplete", "unwritable"],
)
def test_an_import_that_fails(error, words, emulator, monkeypatch):
    device.name.cache_clear()
    monkeypatch.delitem(sys.modules, "cupy")
    monkeypatch.setattr(sys, "meta_path", [Unable(error), *sys.meta_path])
    assert words in refusal()
    assert words in device.description()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("NVRTC_ERROR:\n" + 90 * "no such library "), "for emulated device: NVRTC_"),
        (PermissionError(13, "Permission denied", "/cache/tmp1"), "CUPY_CACHE_DIR names the"),
    ],
    ids=["compiler", "cache"],
)
def test_a_kernel_that_does_not_compile(error, words, emulator, monkeypatch):
    def fails(**arguments):
        raise error

    device.name.cache_clear()
    monkeypatch.setattr(emulator, "RawModule", fails)
    assert words in refusal()
    assert len(refusal()) < 600


def test_headers_that_are_missing(emulator, monkeypatch):
    """CuPy's own kernels need more of CUDA than ours."""

    def fails(shape, dtype):
        raise RuntimeError("Failed to find CUDA headers")

    device.name.cache_clear()
    monkeypatch.setattr(emulator, "zeros", fails)
    assert "cannot compile a kernel for emulated device: Failed to find CUDA headers" in refusal()


@pytest.mark.parametrize(
    ("words", "splits"),
    [
        ("CUDA_ERROR_OUT_OF_MEMORY: out of memory", True),
        ("cudaErrorMemoryAllocation: out of memory", True),
        ("CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered", False),
    ],
)
def test_a_driver_out_of_memory_splits_the_chains(words, splits, emulator, monkeypatch):
    """Its errors are of other types than those of the pool; any other error is no reason."""
    whole = montecarlo.simulate(Hopfield(), **SIZES, **SHORT, backend="cupy")
    prepare, calls = gpu.Chains.__init__, []

    def nervous(self, networks, spins):
        calls.append(len(spins))
        if len(spins) > 2:
            raise RuntimeError(words)
        prepare(self, networks, spins)

    monkeypatch.setattr(gpu.Chains, "__init__", nervous)
    if not splits:
        with pytest.raises(RuntimeError, match="ILLEGAL_ADDRESS"):
            montecarlo.simulate(Hopfield(), **SIZES, **SHORT, backend="cupy")
        return
    split = montecarlo.simulate(Hopfield(), **SIZES, **SHORT, backend="cupy")
    assert calls == [4, 2, 2]
    np.testing.assert_array_equal(split.series["m"], whole.series["m"])


def test_mean_field_and_ladders_say_the_same(emulator, monkeypatch):
    device.name.cache_clear()
    monkeypatch.setitem(sys.modules, "cupy", None)
    text = refusal()
    assert "hebbian-toolkit[gpu13]" in text
    assert refusal(dynamics="plefka") == text
    for call in (montecarlo.plefka, montecarlo.temper):
        with pytest.raises(ValueError, match="needs CuPy, which is not installed"):
            call(Hopfield(), **{**SIZES, "T": [0.4, 0.6]}, backend="cupy")


def test_what_answers_is_described(emulator):
    assert device.description() == "1 x emulated device, driver for CUDA 12.8, 1.0 GiB free"
