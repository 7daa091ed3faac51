"""The sampled distribution against exact enumeration, over the whole product of
models, rules, index conventions, dynamics, orders of the sites and kernels."""

import numpy as np
import pytest
from conformance import CASES, IDS

from hebbian import Dense, Hopfield, draw
from montecarlo.backend import resolve
from montecarlo.dynamics import SITE_ORDERS
from montecarlo.testing import (
    P_VALUE,
    SIZES,
    all_configurations,
    boltzmann,
    boltzmann_p,
    chi_square_p,
    final_configurations,
    parallel_fields,
    parallel_law,
    parallel_p,
    state_numbers,
)

#: Ways that are tried of every network: orders and acceptance are one code for all of them.
USUAL = {
    "numba": [("glauber", "sequential"), ("glauber", "permutation"), ("metropolis", "random")],
    "reference": [("glauber", "sequential"), ("metropolis", "random")],
}
WAYS = [
    pytest.param(
        backend,
        dynamics,
        order,
        marks=[] if (dynamics, order) in USUAL[backend] else [pytest.mark.heavy],
        id=f"{backend}-{order}-{dynamics}",
    )
    for backend in SIZES
    for dynamics in ("glauber", "metropolis")
    for order in SITE_ORDERS
]
every_network = pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
every_kernel = pytest.mark.parametrize("backend", list(SIZES))
every_order = pytest.mark.parametrize("site_order", list(SITE_ORDERS))


def memory_of(model, alpha, backend):
    n_spins = max(SIZES[backend][0], getattr(model, "order", 2))
    return draw(model, n_spins=n_spins, alpha=alpha, seed=3).memory


@every_network
@pytest.mark.parametrize(("backend", "dynamics", "site_order"), WAYS)
def test_one_configuration_per_chain_follows_boltzmann(model, alpha, dynamics, site_order, backend):
    assert boltzmann_p(memory_of(model, alpha, backend), dynamics, site_order, backend) > P_VALUE


@every_network
@every_kernel
def test_parallel_dynamics_follows_its_own_stationary_law(model, alpha, backend):
    memory = memory_of(model, alpha, backend)
    assert parallel_p(memory, backend) > P_VALUE
    if model.self_coupled:
        assert parallel_p(memory, backend, "parallel-diagonal") > P_VALUE


@pytest.mark.parametrize(
    ("indices", "dynamics"),
    [("distinct", "parallel"), ("all", "parallel"), ("all", "parallel-diagonal")],
)
def test_stationary_law_of_two_body_parallel_dynamics(indices, dynamics):
    """Peretto (1984): P(s) ~ prod_i 2 cosh(beta h_i), with or without a diagonal."""
    memory = draw(Dense(order=2, indices=indices), n_spins=8, alpha=0.4, seed=1).memory
    couplings = memory.rows.T.astype(float) @ memory.rows / 8
    if dynamics == "parallel":
        np.fill_diagonal(couplings, 0)
    fields = all_configurations(8) @ couplings
    np.testing.assert_allclose(parallel_fields(memory, dynamics), fields, atol=1e-13)
    weights = np.prod(2 * np.cosh(fields / 0.8), axis=1)
    np.testing.assert_allclose(parallel_law(fields, 0.8), weights / weights.sum(), rtol=1e-9)


def test_parallel_and_sequential_laws_differ():
    """The chi-square has the power to tell Peretto's law from Boltzmann's."""
    memory, T = draw(Hopfield(), n_spins=8, alpha=0.3, seed=3).memory, 1.0
    final = final_configurations(
        resolve("numba", "parallel"), memory, T,
        dynamics="parallel", site_order="sequential", n_chains=4000, n_sweeps=30,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=256)
    assert chi_square_p(counts, parallel_law(parallel_fields(memory), T)) > 1e-6
    assert chi_square_p(counts, boltzmann(memory, T)) < 1e-6


@every_order
def test_the_check_sees_a_wrong_temperature(site_order):
    memory = draw(Hopfield(), n_spins=8, alpha=0.3, seed=3).memory
    final = final_configurations(
        resolve("numba"), memory, 1.0,
        dynamics="glauber", site_order=site_order, n_chains=4000, n_sweeps=30,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=256)
    assert chi_square_p(counts, boltzmann(memory, 1.15)) < 1e-6


@every_network
@every_order
def test_descent_ends_in_a_certified_fixed_point(model, alpha, site_order):
    """No flip lowers the energy, and later sweeps leave every configuration as it is."""
    memory = draw(model, n_spins=11, alpha=alpha, seed=9).memory
    (last,) = final_configurations(
        resolve("numba"), memory, 0.0,
        dynamics="zero-temperature", site_order=site_order, n_chains=1, n_sweeps=200,
    )  # fmt: skip
    costs = [memory.flip_cost(last, i) for i in range(11)]
    assert min(costs) >= -1e-12
    for name in ("numba", "reference"):
        kernel = resolve(name)
        network = kernel.lower(memory)
        assert kernel.period(network, kernel.prepare(network, last)) == 1
        if max(costs) > 1e-9:
            worse = last.copy()
            worse[np.argmax(costs)] *= -1
            assert kernel.period(network, kernel.prepare(network, worse)) == 0
