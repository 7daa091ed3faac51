"""The sampled distribution against the Boltzmann weights, by exact enumeration."""

import numpy as np
import pytest
from conformance import CASES, IDS, boltzmann, chi_square_p, state_numbers

from hebbian import draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS

SIZES = {"numba": (8, 4000, 30), "reference": (5, 200, 6)}


@pytest.mark.parametrize("backend", ["numba", "reference"])
@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_one_configuration_per_chain_follows_boltzmann(model, alpha, dynamics, backend):
    n_spins, n_chains, n_sweeps = SIZES[backend]
    kernel = resolve(backend)
    memory = draw(model, n_spins=n_spins, alpha=alpha, seed=3).memory
    spread = np.ptp([memory.flip_cost(np.ones(n_spins, np.int8), i) for i in range(n_spins)])
    T = max(1.0, 0.5 * spread)
    network = kernel.lower(memory)
    rng = np.random.default_rng(11)
    starts = rng.choice(np.array([-1, 1], np.int8), (n_chains, n_spins))
    final = np.empty((n_chains, 1, n_spins), np.int8)
    for chain in range(n_chains):
        key = streams.key(5, "dynamics", chain=chain)
        state = kernel.prepare(network, starts[chain])
        kernel.run(
            network, state, key, T, DYNAMICS[dynamics], 0, 1, n_sweeps, final[chain], np.empty(1)
        )
    counts = np.bincount(state_numbers(final[:, 0]), minlength=2**n_spins)
    assert chi_square_p(counts, boltzmann(memory, T)) > 1e-6


def test_the_check_sees_a_wrong_temperature():
    kernel = resolve("numba")
    model, alpha = CASES[0]
    memory = draw(model, n_spins=8, alpha=alpha, seed=3).memory
    network = kernel.lower(memory)
    final = np.empty((4000, 1, 8), np.int8)
    for chain in range(4000):
        state = kernel.prepare(network, np.ones(8, np.int8))
        key = streams.key(5, "dynamics", chain=chain)
        kernel.run(network, state, key, 1.0, 0, 0, 1, 30, final[chain], np.empty(1))
    counts = np.bincount(state_numbers(final[:, 0]), minlength=256)
    assert chi_square_p(counts, boltzmann(memory, 1.15)) < 1e-6


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_zero_temperature_ends_where_no_flip_lowers_the_energy(model, alpha):
    kernel = resolve("numba")
    memory = draw(model, n_spins=11, alpha=alpha, seed=9).memory
    network = kernel.lower(memory)
    snapshot, energy = np.empty((1, 11), np.int8), np.empty(1)
    state = kernel.prepare(network, np.ones(11, np.int8))
    key = np.zeros(2, np.uint32)
    kernel.run(network, state, key, 0.0, DYNAMICS["zero-temperature"], 0, 1, 100, snapshot, energy)
    costs = [memory.flip_cost(snapshot[0], i) for i in range(11)]
    assert min(costs) >= -1e-12
    assert energy[0] == pytest.approx(memory.energy(snapshot[0]), rel=1e-12)
