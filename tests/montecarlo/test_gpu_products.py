"""Fields as products of matrices of bytes: every width of a value, ragged tiles, old devices."""

import device_emulator
import pytest
from device_chains import PARALLEL, PERMUTATION, random_memory, same_spins
from device_emulator import both

from hebbian import Dense, Hopfield
from montecarlo.backend import resolve
from montecarlo.kernels.device import gpu, variants

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]


@pytest.mark.parametrize(
    ("order", "n_spins", "n_rows", "planes"),
    [
        (3, 14, 300, 1), (4, 20, 300, 2), (4, 60, 300, 3), (8, 40, 300, 4), (6, 300, 40, 5),
        (8, 200, 40, 6), (7, 900, 3, 7), (8, 800, 1, 8),
    ],
)  # fmt: skip
def test_values_of_one_to_eight_bytes(order, n_spins, n_rows, planes):
    memory = random_memory(n_spins, n_rows, order)
    assert resolve("cupy").lower(memory).variant["PLANES"] == str(planes)
    same_spins(memory)


@pytest.mark.parametrize("n_rows", [1, 31, 32, 255, 256, 257, 600])
@pytest.mark.parametrize(("n_spins", "order"), [(30, 2), (30, 4), (300, 2)])
def test_tiles_that_rows_do_not_fill(n_rows, n_spins, order):
    memory = random_memory(n_spins, n_rows, order)
    same_spins(memory, site_order=PERMUTATION)
    same_spins(memory, move=PARALLEL)


def test_sums_are_emptied_before_they_overflow(monkeypatch):
    """After every tile, as the kernel does after 16384."""
    compile_host = device_emulator.compile_host

    def often(source, options, *flags):
        return compile_host(source.replace("FLUSH = 1 << 14", "FLUSH = 1"), options, *flags)

    monkeypatch.setattr(device_emulator, "compile_host", often)
    memory = random_memory(40, 700, 4)
    same_spins(memory)
    same_spins(memory, move=PARALLEL)


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
@pytest.mark.parametrize("order", [2, 4])
def test_blocks_that_share_the_tiles_of_a_chain(order, dynamics, emulator, monkeypatch):
    monkeypatch.setattr(gpu, "geometry", lambda *sizes: (64, 3))
    emulator.properties["multiProcessorCount"] = 40
    model = Hopfield() if order == 2 else Dense(order=order)
    both(model, alpha=30.0 if order == 2 else 3.0, T=1.0, n_spins=30, dynamics=dynamics)


@pytest.mark.parametrize(("n_spins", "n_rows", "order"), [(40, 20, 2), (30, 300, 4), (300, 20, 3)])
def test_devices_without_such_products_add_under_masks(n_spins, n_rows, order, emulator):
    emulator.properties["major"] = 7
    memory = random_memory(n_spins, n_rows, order)
    assert not resolve("cupy").lower(memory).variant.products
    same_spins(memory, site_order=PERMUTATION)
    same_spins(memory, move=PARALLEL)


@pytest.mark.parametrize("planes", range(1, 9))
@pytest.mark.parametrize("n_spins", [255, 1000, 1500, 2047, 2800, 5000])
def test_what_a_block_stages_fits_its_shared_memory(n_spins, planes):
    """48 KiB are what a launch may ask for without more ado."""
    largest = 2 ** min(61, 8 * planes - 2)
    variant = variants.binary(n_spins, 1, largest, span=2 * largest)
    assert variant["PLANES"] == str(planes)
    assert gpu.shared_bytes(variant, n_spins, variants.THREADS) <= 48 << 10
