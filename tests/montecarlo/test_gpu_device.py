"""The device backend where a device answers: exact enumeration, same spins, statistics."""

import numpy as np
import pytest
from conformance import POLYNOMIAL_CASES, POLYNOMIAL_IDS
from device_chains import PARALLEL, PERMUTATION, random_memory, same_spins

import montecarlo
from hebbian import Dense, Hopfield, draw
from montecarlo import Schedule, device, plefka
from montecarlo.backend import resolve
from montecarlo.dynamics import SITE_ORDERS
from montecarlo.testing import (
    boltzmann,
    chi_square_p,
    final_configurations,
    parallel_fields,
    parallel_law,
    state_numbers,
)

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module", autouse=True)
def answering():
    try:
        device.name()
    except ValueError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "parallel", "parallel-diagonal"])
def test_one_configuration_per_chain_follows_the_stationary_law(model, alpha, dynamics):
    if dynamics == "parallel-diagonal" and not model.self_coupled:
        return
    n_spins = max(8, getattr(model, "order", 2))
    memory = draw(model, n_spins=n_spins, alpha=alpha, seed=3).memory
    if dynamics.startswith("parallel"):
        fields = parallel_fields(memory, dynamics)
        T = max(1.0, 0.7 * np.abs(fields).max())
        law = parallel_law(fields, T)
    else:
        costs = [memory.flip_cost(np.ones(n_spins, np.int8), i) for i in range(n_spins)]
        T = max(1.0, 0.5 * np.ptp(costs))
        law = boltzmann(memory, T)
    final = final_configurations(
        resolve("cupy", dynamics), memory, T,
        dynamics=dynamics, site_order="sequential", n_chains=20000, n_sweeps=30,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=2**n_spins)
    assert chi_square_p(counts, law) > 1e-6


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
@pytest.mark.parametrize("site_order", list(SITE_ORDERS))
def test_short_runs_have_the_spins_of_the_cpu(model, alpha, site_order):
    for dynamics in ("glauber", "metropolis", "zero-temperature", "parallel"):
        runs = [
            montecarlo.simulate(
                model, alpha=alpha, T=[0.3, 1.0], n_spins=60, n_samples=2, dynamics=dynamics,
                schedule=Schedule(warmup=5, sweeps=20, stride=5), site_order=site_order,
                backend=backend, keep_spins=True,
            )
            for backend in ("cupy", "numba")
        ]  # fmt: skip
        np.testing.assert_array_equal(runs[0].spins, runs[1].spins)


@pytest.mark.parametrize(
    ("order", "n_spins", "n_rows"),
    [
        (2, 100, 300), (2, 2000, 100), (3, 14, 300), (4, 60, 5000), (8, 40, 300), (6, 300, 40),
        (8, 200, 40), (7, 900, 3), (8, 800, 1), (4, 100, 300_000),
    ],
)  # fmt: skip
def test_values_of_one_to_eight_bytes(order, n_spins, n_rows):
    memory = random_memory(n_spins, n_rows, order)
    same_spins(memory, site_order=PERMUTATION)
    same_spins(memory, move=PARALLEL)


def test_blocks_share_a_chain_of_many_rows():
    arguments = {"alpha": 0.6, "T": 1.5, "n_spins": 100, "n_samples": 1, "n_replicas": 2}
    schedule = Schedule(warmup=0, sweeps=4, stride=1)
    runs = [
        montecarlo.simulate(
            Dense(order=4), **arguments, schedule=schedule, backend=backend, keep_spins=True
        )
        for backend in ("cupy", "numba")
    ]
    np.testing.assert_array_equal(runs[0].spins, runs[1].spins)


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
@pytest.mark.parametrize("order", [1, 2])
def test_mean_field_states_are_those_of_the_cpu(model, alpha, order):
    arguments = {"alpha": alpha, "T": [0.2, 0.5], "n_spins": 60, "start": 0.8, "max_iter": 5}
    cupy, numba = (
        plefka(model, **arguments, order=order, backend=backend) for backend in ("cupy", "numba")
    )
    for name in ("magnetizations", "free_energy", "energy"):
        np.testing.assert_allclose(
            getattr(cupy, name), getattr(numba, name), rtol=1e-9, atol=1e-10, err_msg=name
        )


def test_long_runs_agree_within_error_bars():
    arguments = {"alpha": 0.05, "T": [0.2, 0.5], "n_spins": 1000, "n_samples": 16}
    runs = [
        montecarlo.simulate(Hopfield(), **arguments, seed=seed, backend=backend)
        for seed, backend in ((1, "cupy"), (2, "numba"))
    ]
    for name in ("m", "energy"):
        a, b = (getattr(run, name) for run in runs)
        assert (np.abs(a.mean - b.mean) < 4 * np.hypot(a.error, b.error)).all()
