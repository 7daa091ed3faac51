"""The device kernels without a device: the CUDA sources compiled for the host.

Launched by the same code, they have to give the spins of the numba kernel bit for bit, with
one warp to a block or several, one block to a chain or several.
"""

import itertools

import device_emulator
import numpy as np
import pytest
from conformance import POLYNOMIAL_CASES, POLYNOMIAL_IDS
from device_chains import KEYS, advance
from device_emulator import both

from hebbian import Dense, Hopfield, Memory, Supervised, draw, streams
from montecarlo.backend import resolve
from montecarlo.kernels.device import gpu, variants
from montecarlo.kernels.shared.philox import fill_logarithms

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]


def heavy(value):
    """A parameter of a heavier check."""
    return pytest.param(value, marks=pytest.mark.heavy)


@pytest.mark.parametrize("sweep", [0, 2**32 + 5])
@pytest.mark.parametrize("symmetric", [True, False])
def test_random_words_and_logarithms_bit_for_bit(sweep, symmetric, emulator):
    source = variants._text("philox.cuh") + """
    extern "C" __global__ void
    logarithms(const u32* key, u64 sweep, int symmetric, int n, double* out) {
      fill_logarithms(key, sweep, symmetric, 0, n, out);
    }"""  # fmt: skip
    n, key = 1 << 14, KEYS[0]
    words, ratio = np.empty((4, n // 4), np.uint64), np.empty((4, n // 4))
    expected = np.empty((4, n // 4))
    fill_logarithms(key, 0, sweep, symmetric, n // 4, words, ratio, ratio.view(np.int64), expected)
    found = np.empty(n)
    module = emulator.RawModule(code=source, options=(), enable_cooperative_groups=False)
    arguments = key, np.uint64(sweep), np.int32(symmetric), np.int32(n), found
    module.get_function("logarithms")((1,), (64,), arguments)
    np.testing.assert_array_equal(found.reshape(-1, 4).T, expected)


def check_chains(model, alpha, n_spins, rules=(0, 1, 2), orders=(0,)):
    memory = draw(model, n_spins=n_spins, alpha=alpha, seed=2).memory
    starts = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (3, n_spins))
    starts[0] = np.where(memory.rows[0] < 0, -1, 1)
    T = np.array([0.3, 0.8, 3.0])
    for rule, order in itertools.product(rules, orders):
        found, expected = (
            advance(resolve(name), memory, starts, rule, order, T) for name in ("cupy", "numba")
        )
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)
        np.testing.assert_array_equal(found[2], expected[2])


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
def test_every_network_and_dynamics_gives_the_spins_of_the_cpu(model, alpha):
    check_chains(model, alpha, 33)


@pytest.mark.parametrize("order", [heavy(6), heavy(7), 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("n_examples", [1, 3])
def test_high_orders(order, indices, n_examples):
    rule = Supervised(quality=0.7, n_examples=n_examples)
    check_chains(Dense(order=order, indices=indices, rule=rule), 1e-5, 14, rules=(0,))


@pytest.mark.parametrize("order", [2, heavy(3), 4])
@pytest.mark.parametrize("n_examples", [127, 128, heavy(300)])
def test_sums_of_examples_of_one_byte_and_of_four(order, n_examples):
    rule = Supervised(quality=0.7, n_examples=n_examples)
    check_chains(Dense(order=order, rule=rule), 0.2, 14, rules=(0,))


@pytest.mark.parametrize(
    ("n_spins", "n_rows", "order"),
    [(300, 20, 2), (40, 9000, 4), (300, 70, 8), (1500, 40, 8), (5000, 3, 2)],
)
def test_wide_types_many_rows_and_many_spins(n_spins, n_rows, order, monkeypatch):
    """Levels of one and two bytes; tables of 32 and 64 bits and of doubles."""
    rng = np.random.default_rng(1)
    rows = rng.choice(np.array([-1, 1], np.int8), (n_rows, n_spins))
    memory = Memory(rows=rows, order=order, indices="distinct", weight=float(n_spins) ** -order)
    starts = np.stack([rows[0], rows[1], rows[0] * rows[1]])
    T = np.full(3, 0.2)
    cupy, numba = (advance(resolve(name), memory, starts, 0, 0, T) for name in ("cupy", "numba"))
    np.testing.assert_array_equal(cupy[0], numba[0])
    np.testing.assert_allclose(cupy[1], numba[1], rtol=1e-13)


@pytest.mark.parametrize(
    ("block", "team"), [(32, 3), (96, 1), (64, 2)], ids=["blocks", "warps", "both"]
)
def test_warps_and_blocks_that_share_a_chain(block, team, emulator, monkeypatch):
    emulator.properties["multiProcessorCount"] = 12  # room for all blocks at once
    monkeypatch.setattr(gpu, "geometry", lambda *sizes: (block, team))
    rule = Supervised(quality=0.7, n_examples=3)
    for model, alpha in [
        (Hopfield(), 0.5),
        (Hopfield(rule=rule), 0.5),
        (Dense(order=3, rule=rule), 0.1),
    ]:
        check_chains(model, alpha, 20, rules=(0,), orders=(0, 1, 2))
    both(Dense(order=3), alpha=0.2, T=0.8, n_spins=18, dynamics="parallel")
    sweeps = [(grid, size) for name, grid, size, _ in emulator.launches if name == "sweep"]
    assert set(sweeps) == {((3 * team,), (block,)), ((4 * team,), (block,))}


def test_chains_may_trade_temperatures():
    """What replica exchange needs: a call's temperatures and keys belong to the chains."""
    memory = draw(Hopfield(), n_spins=30, alpha=0.2).memory
    network = resolve("cupy").lower(memory)
    chains = gpu.prepare(network, np.ones((2, 30), np.int8))
    keys = np.stack([streams.key(1, "walker", walker=w) for w in range(2)])
    first, _, _ = chains.run(keys, np.array([0.1, 2.0]), 0, 0, 1, 5)
    second, _, _ = chains.run(keys, np.array([2.0, 0.1]), 0, 5, 1, 5)
    for w, temperatures in enumerate(([0.1, 2.0], [2.0, 0.1])):
        kernel = resolve("numba")
        own = kernel.lower(memory)
        state = kernel.prepare(own, np.ones(30, np.int8))
        for T, sweep, expected in zip(temperatures, (0, 5), (first, second), strict=True):
            spins = np.empty((1, 30), np.int8)
            kernel.run(own, state, keys[w], T, 0, sweep, 1, 5, spins, np.empty(1))
            np.testing.assert_array_equal(expected[w], spins)
