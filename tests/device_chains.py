"""The same chains of one network on the device and on the CPU."""

import numpy as np

from hebbian import Memory
from montecarlo.backend import resolve
from montecarlo.engine.device_samples import DeviceSamples
from montecarlo.engine.plan import Plan

KEYS = np.array([[123, 456], [7, 8], [2**32 - 1, 0]], np.uint32)
SEQUENTIAL, PERMUTATION = 0, 2
GLAUBER, PARALLEL = 0, 3


def advance(kernel, memory, starts, move, site_order, T):
    """Two runs of each of three chains, one after the other: spins, energies and flips."""
    network, n = kernel.lower(memory), memory.n_spins
    snapshots, energies = np.empty((3, 3, n), np.int8), np.empty((3, 3))
    flips = np.zeros(3, np.int64)
    for c in [...] if kernel.batched else range(3):
        state = kernel.prepare(network, starts[c])
        for first, last, stride in ((0, 2, 4), (2, 3, 3)):
            flips[c] += kernel.run(
                network, state, KEYS[c], T[c], move, 4 * first, last - first, stride,
                snapshots[c, first:last] if c is not ... else snapshots[:, first:last],
                energies[c, first:last] if c is not ... else energies[:, first:last], site_order,
            )  # fmt: skip
    return snapshots, energies, flips


def random_memory(n_spins, n_rows, order, indices="distinct"):
    """A network of random rows with fields of order one."""
    rows = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (n_rows, n_spins))
    weight = 1.0 / np.sqrt(n_rows * float(n_spins) ** (order - 1))
    return Memory(rows=rows, order=order, indices=indices, weight=weight)


def same_spins(memory, move=GLAUBER, site_order=SEQUENTIAL):
    """Chains on the device and on the CPU, from retrieval and from elsewhere."""
    rows, n_spins = memory.rows, memory.n_spins
    starts = np.stack([rows[0], rows[-1], np.resize([1, -1, -1], n_spins)]).astype(np.int8)
    T = np.array([0.05, 0.5, 2.0])
    dynamics = "parallel" if move == PARALLEL else "glauber"
    found, expected = (
        advance(resolve(name, dynamics), memory, starts, move, site_order, T)
        for name in ("cupy", "numba")
    )
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found[2], expected[2])
    assert found[2].max() > 0  # something moved


def samples_there(model, alpha, n_spins):
    """What a device would be given of a model; no device is needed."""
    plan = Plan.of(
        model, alpha=alpha, T=np.array(1.0), n_spins=n_spins, n_samples=1, n_replicas=1,
        start="pattern", seed=0, data=None, patterns=None, dynamics="glauber", backend="cupy",
    )  # fmt: skip
    return DeviceSamples(plan=plan)
