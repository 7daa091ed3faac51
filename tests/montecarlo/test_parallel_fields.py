"""Fields of parallel dynamics against energies written anew, over all configurations."""

import itertools

import numpy as np
import pytest
from conformance import OF_BITS, RULES

import montecarlo
from hebbian import Dense, Exponential, Hopfield, Memory, Multitasking, draw
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.parallel import rows_as_bits, steps
from montecarlo.testing import P_VALUE, all_configurations, chi_square_p, state_numbers

N = 8
START = np.resize(np.array([1, 1, -1, 1, -1], np.int8), N)
INDICES = pytest.mark.parametrize("indices", ["distinct", "all"])
ORDERS = pytest.mark.parametrize("order", [2, 3, 4])
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=repr)


def energies(memory, spins):
    """H of configurations: powers of overlaps, or every set of P sites."""
    rows = memory.rows.astype(int)
    if memory.indices == "all":
        return -memory.weight * ((spins @ rows.T) ** memory.order).sum(axis=1)
    total = np.zeros(len(spins))
    for sites in map(list, itertools.combinations(range(memory.n_spins), memory.order)):
        total += spins[:, sites].prod(axis=1) * rows[:, sites].prod(axis=1).sum()
    return -memory.weight * total


def energy_differences(memory):
    """(H(s_i = -1) - H(s_i = +1)) / 2 of every configuration and site."""
    spins = all_configurations(memory.n_spins).astype(int)
    found = np.empty(spins.shape)
    for i in range(memory.n_spins):
        up, down = spins.copy(), spins.copy()
        up[:, i], down[:, i] = 1, -1
        found[:, i] = (energies(memory, down) - energies(memory, up)) / 2
    return found


def compiled_fields(memory, diagonal=False):
    network = steps.lower(memory, diagonal)
    spins = all_configurations(memory.n_spins).astype(np.float32)
    sums, own = steps._FORMS[type(network.rows)].field_sums(network.rows, spins)
    others = own[:, None] + network.squares.astype(np.float64)
    return network.weight * (sums[:, : memory.n_spins] - spins * others)


def networks(order, indices, rule):
    """Rows of a rule, and such with blanks and of other sizes."""
    yield draw(Dense(order=order, indices=indices, rule=rule), n_spins=N, alpha=0.3, seed=2).memory
    for largest in (1, 4):
        rows = np.random.default_rng(order).integers(-largest, largest + 1, (5, N)).astype(np.int8)
        yield Memory(rows=rows, order=order, indices=indices, weight=0.4 / (largest * N) ** order)


@ORDERS
@INDICES
@EACH_RULE
@pytest.mark.parametrize("packed", [pytest.param(True, marks=OF_BITS), False])
def test_fields_compare_the_energies_of_the_two_values_of_a_spin(
    order, indices, rule, packed, monkeypatch
):
    monkeypatch.setattr(rows_as_bits, "available", lambda: packed)
    for memory in networks(order, indices, rule):
        expected = energy_differences(memory)
        scale = 1e-13 * max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(compiled_fields(memory), expected, atol=scale, rtol=0)


@EACH_RULE
def test_a_diagonal_is_kept_by_name(rule):
    for memory in networks(2, "all", rule):
        rows = memory.rows.astype(int)
        couplings = 2 * memory.weight * rows.T @ rows
        spins = all_configurations(N).astype(int)
        kept = compiled_fields(memory, diagonal=True)
        np.testing.assert_allclose(kept, spins @ couplings, atol=1e-13)
        np.testing.assert_allclose(
            kept - compiled_fields(memory), spins * np.diag(couplings), atol=1e-13
        )


@pytest.mark.parametrize("order", [5, 6, 7, 8])
@pytest.mark.parametrize("largest", [1, 6])
def test_high_powers_of_integer_rows(order, largest):
    """Whole numbers, exactly: what cancels leaves nothing."""
    rows = np.random.default_rng(order).integers(-largest, largest + 1, (4, 7)).astype(np.int16)
    memory = Memory(rows=rows, order=order, indices="all", weight=1.0)
    spins, wide = all_configurations(7), rows.astype(object)
    expected = np.empty(spins.shape, object)
    for c, s in enumerate(spins.astype(object)):
        for i in range(7):
            others = wide @ s - wide[:, i] * s[i]
            change = (others + wide[:, i]) ** order - (others - wide[:, i]) ** order
            expected[c, i] = int(change.sum()) // 2
    np.testing.assert_array_equal(compiled_fields(memory), expected.astype(float))


@ORDERS
@INDICES
@EACH_RULE
def test_steps_follow_the_transition_matrix(order, indices, rule):
    """One step and three from one configuration, against powers of the exact matrix."""
    memory = next(networks(order, indices, rule))
    configurations, h = all_configurations(N), energy_differences(memory)
    T = 0.7 * np.abs(h).max()
    up = 1 / (1 + np.exp(-2 * h / T))
    towards = np.where(configurations[None] > 0, up[:, None], 1 - up[:, None])
    law = np.eye(2**N)[state_numbers(START)]
    kernel, n_chains = resolve("numba", "parallel"), 4000
    network = kernel.lower(memory)
    state = kernel.prepare(network, np.tile(START, (n_chains, 1)))
    keys = np.random.default_rng(6).integers(0, 2**32, (n_chains, 2), np.uint32)
    spins, H = np.empty((n_chains, 3, N), np.int8), np.empty((n_chains, 3))
    kernel.run(network, state, keys, np.full(n_chains, T), PARALLEL, 0, 3, 1, spins, H)
    np.testing.assert_allclose(H[:, 2], energies(memory, spins[:, 2].astype(int)), atol=1e-13)
    for step in range(3):
        law = law @ towards.prod(axis=-1)
        if step != 1:
            counts = np.bincount(state_numbers(spins[:, step]), minlength=2**N)
            assert chi_square_p(counts, law) > P_VALUE


@ORDERS
@EACH_RULE
def test_fixed_points_are_those_of_single_spins(order, rule):
    for memory in networks(order, "all", rule):
        spins = all_configurations(N)
        at_rest = (spins * energy_differences(memory) > -1e-13).all(axis=1)
        assert 0 < at_rest.sum() < len(spins)
        together, single = resolve("numba", "parallel"), resolve("numba")
        network = together.lower(memory)
        periods = together.period(network, together.prepare(network, spins))
        np.testing.assert_array_equal(periods == 1, at_rest)
        network = single.lower(memory)
        alone = [single.period(network, single.prepare(network, s)) for s in spins]
        np.testing.assert_array_equal(np.array(alone) == 1, at_rest)


def test_literal_powers_retrieve_as_single_spins_do():
    """The derivative of M^4, which holds the spin's own terms, would leave nearly all as it is."""
    n, model = 80, Dense(order=4, indices="all")
    memory = draw(model, n_spins=n, alpha=0.08, seed=3).memory
    start = memory.rows[0] * np.where(np.arange(n) < n // 10, -1, 1)
    derivative = memory.rows.T @ (memory.rows @ start.astype(float)) ** 3
    assert (derivative * start > 0).mean() > 0.97
    runs = [
        montecarlo.simulate(
            model, alpha=0.08, T=0.0, n_spins=n, n_samples=1, n_replicas=1, start=start, seed=3,
            dynamics=dynamics, schedule=Schedule(warmup=0, sweeps=8, stride=1),
        )
        for dynamics in ("parallel", "zero-temperature")
    ]  # fmt: skip
    for run in runs:
        np.testing.assert_array_equal(run.last[0, 0], memory.rows[0])
        assert run.fixed_point.all()


def test_every_dynamics_has_noise_of_its_own():
    options = {"alpha": 0.1, "T": 1e6, "n_spins": 200, "n_samples": 1, "seed": 5}
    model = Dense(order=2, indices="all")
    one, other = (
        montecarlo.simulate(model, dynamics=name, **options).last
        for name in ("parallel", "parallel-diagonal")
    )
    assert 0.3 < (one != other).mean() < 0.7


@pytest.mark.parametrize(
    "model",
    [Hopfield(), Dense(order=2), Dense(order=4, indices="all"), Exponential(sharpness=1.0)],
    ids=repr,
)
def test_a_diagonal_that_is_not_there_is_refused(model):
    with pytest.raises(ValueError, match=r"'parallel-diagonal': .* has no diagonal J_ii"):
        montecarlo.simulate(model, alpha=0.1, T=0.5, n_spins=20, dynamics="parallel-diagonal")


def test_squares_of_diluted_overlaps_have_a_diagonal():
    model = Multitasking(n_patterns=2, dilution=0.4, sampling="independent")
    assert model.self_coupled
    memory = draw(model, n_spins=N, seed=1).memory
    apart = compiled_fields(memory, diagonal=True) - compiled_fields(memory)
    own = (memory.rows.astype(int) ** 2).sum(axis=0) / N
    np.testing.assert_allclose(apart, all_configurations(N) * own, atol=1e-14)
