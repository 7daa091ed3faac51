"""A device that does not answer, a CuPy that does not start: one line, and what it says."""

import sys

import device_emulator
import pytest

import montecarlo
from hebbian import Hopfield
from montecarlo import device

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
