"""Mean-field equations and their second order against product measures and enumeration."""

import itertools

import mean_field_states
import numpy as np
import pytest
from conformance import POLYNOMIAL_CASES, POLYNOMIAL_IDS

from hebbian import (
    Dataset,
    Dense,
    Hopfield,
    Memory,
    Unsupervised,
    draw,
    from_examples,
)
from montecarlo.mean_field.reaction import reaction_of, second_order
from montecarlo.testing import all_configurations


def product_measure(states, m):
    return np.prod((1 + states * m) / 2, axis=1)


def exact_energy_and_field(memory, m):
    """Mean of H over independent spins, and minus its derivatives, by enumeration."""
    states = all_configurations(memory.n_spins)
    energies = np.array([memory.energy(s) for s in states])
    weights = product_measure(states, m)
    slopes = [
        (weights / (1 + states[:, i] * m[i]) * states[:, i]) @ energies for i in range(len(m))
    ]
    return weights @ energies, -np.array(slopes)


def fluctuation(energies, states, m):
    """<(H - <H> - linear part)**2> over independent spins, by enumeration."""
    weights = product_measure(states, m)
    rest = energies - weights @ energies
    for i in range(len(m)):
        slope = (weights / (1 + states[:, i] * m[i]) * states[:, i]) @ energies
        rest = rest - slope * (states[:, i] - m[i])
    return weights @ rest**2


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
def test_energy_and_fields_are_those_of_independent_spins(model, alpha):
    memory = draw(model, n_spins=7, alpha=alpha, seed=3).memory
    m = np.random.default_rng(1).uniform(-1, 1, 7)
    energy, field = mean_field_states.energy_and_field(memory, m)
    exact, slopes = exact_energy_and_field(memory, m)
    assert energy == pytest.approx(exact, rel=1e-12, abs=1e-13)
    np.testing.assert_allclose(field, slopes, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("order", [6, 7, 8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("largest", [1, 4])
def test_high_orders(order, indices, largest):
    rng = np.random.default_rng(order)
    rows = 2 * rng.integers(0, largest + 1, (5, 9)) - largest
    memory = Memory(rows=rows.astype(np.int32), order=order, indices=indices, weight=0.3)
    m = rng.uniform(-1, 1, 9)
    energy, field = mean_field_states.energy_and_field(memory, m)
    exact, slopes = exact_energy_and_field(memory, m)
    assert energy == pytest.approx(exact, rel=1e-10)
    np.testing.assert_allclose(field, slopes, rtol=1e-9, atol=1e-9 * np.abs(slopes).max())


def test_many_rows_are_taken_block_by_block():
    """More rows than a block, the last word partly filled: the sum of two networks."""
    data = draw(Dense(order=4), n_spins=30, alpha=4.5, seed=1)
    rows = data.memory.rows
    assert len(rows) > 2 * 4096
    assert len(rows) % 64
    m = np.random.default_rng(2).uniform(-1, 1, 30)
    parts = [rows[:100], rows[100:5000], rows[5000:]]
    whole = mean_field_states.energy_and_field(data.memory, m)
    common = {"order": 4, "indices": "distinct", "weight": data.memory.weight}
    pieces = [mean_field_states.energy_and_field(Memory(rows=part, **common), m) for part in parts]
    assert whole[0] == pytest.approx(sum(energy for energy, _ in pieces), rel=1e-10)
    np.testing.assert_allclose(whole[1], sum(field for _, field in pieces), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_no_overflow_at_the_extremes(indices):
    data = draw(Dense(order=8, indices=indices), n_spins=100_000, alpha=0.0, seed=1)
    m = 0.9 * data.archetypes[0]
    point = mean_field_states.point(data.memory, m, 1.0, reaction_of(data))
    assert point.energy / 100_000 == pytest.approx(-0.5 * 0.9**8, rel=1e-3)
    np.testing.assert_allclose(point.field * data.archetypes[0], 4 * 0.9**7, rtol=1e-3)
    assert np.isfinite(point.strength).all()


@pytest.mark.parametrize(("model", "alpha"), POLYNOMIAL_CASES, ids=POLYNOMIAL_IDS)
@pytest.mark.parametrize("order", [1, 2])
def test_fixed_points_are_stationary_points_of_the_free_energy(model, alpha, order):
    """dG/dm_i and d(beta G)/dbeta by differences, at any state."""
    data = draw(model, n_spins=9, alpha=alpha, seed=5)
    reaction = reaction_of(data) if order == 2 else None
    m = np.random.default_rng(4).uniform(-0.9, 0.9, 9)
    beta, h = 0.5, 1e-4

    def potential(m, beta=beta):
        return beta * mean_field_states.point(data.memory, m, beta, reaction).free_energy

    point = mean_field_states.point(data.memory, m, beta, reaction)
    slope = np.arctanh(m) - beta * point.field + point.strength * m
    for i, unit in enumerate(np.eye(9)):
        difference = (potential(m + h * unit) - potential(m - h * unit)) / (2 * h)
        assert slope[i] == pytest.approx(difference, abs=1e-6)
    thermal = (potential(m, beta + h) - potential(m, beta - h)) / (2 * h)
    assert point.energy == pytest.approx(thermal, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("entries", [(-1, 1), (-3, -1, 1, 3), (-2, 0, 2)])
@pytest.mark.parametrize(("order", "n_spins"), [(2, 4), (3, 4), (4, 4), (5, 5)])
@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_second_order_averages_the_fluctuations_of_all_rows(entries, order, n_spins, indices):
    """Over all rows that exist, sites are independent and the average is exact."""
    if len(entries) ** n_spins > 300:
        n_spins = order = 4
    rows = np.array(list(itertools.product(entries, repeat=n_spins)), np.int32)
    model = Dense(order=order, indices=indices)
    memory = Memory(rows=rows, order=order, indices=indices, weight=0.01 / 3**order)
    data = Dataset(model=model, archetypes=rows, sums=rows, memory=memory)
    states = all_configurations(n_spins)
    m = np.random.default_rng(6).uniform(-1, 1, n_spins)
    exact = 0.0
    for row in rows:
        one = Memory(rows=row[None], order=order, indices=indices, weight=memory.weight)
        exact += fluctuation(np.array([one.energy(s) for s in states]), states, m)
    reaction = reaction_of(data)._replace(rings=[])
    phi = second_order(reaction, m, 0.7)[0]
    assert phi == pytest.approx(0.5 * 0.7**2 * exact, rel=1e-10)


@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("order", [3, 4])
def test_second_order_counts_the_pairs_of_examples_of_one_archetype(order, indices):
    """Two examples of one archetype: the average over gauges that keep their product."""
    n_spins, beta = 5, 0.4
    model = Dense(order=order, indices=indices, rule=Unsupervised(quality=0.5, n_examples=2))
    states = all_configurations(n_spins)
    m = np.random.default_rng(7).uniform(-1, 1, n_spins)
    difference = np.array([1, -1, 1, 1, -1])
    exact, phis = [], []
    for gauge in states:
        examples = np.array([[gauge, gauge * difference]])
        data = from_examples(model, gauge[None], examples)
        energies = np.array([data.memory.energy(s) for s in states])
        exact.append(0.5 * beta**2 * fluctuation(energies, states, m))
        phis.append(second_order(reaction_of(data), m, beta)[0])
    assert np.ptp(phis) < 1e-12
    assert phis[0] == pytest.approx(np.mean(exact), rel=1e-10)


def quenched_error(model, n_patterns, n_spins, beta, order):
    """Free energy of the paramagnet minus the exact one, over all draws of the patterns."""
    states = all_configurations(n_spins)
    errors = []
    for chosen in itertools.product(states, repeat=n_patterns - 1):
        archetypes = np.array([states[-1], *chosen])  # the first by gauge symmetry
        data = from_examples(model, archetypes, archetypes[:, None])
        energies = np.array([data.memory.energy(s) for s in states])
        exact = -np.log(np.exp(-beta * energies).sum()) / beta
        reaction = reaction_of(data) if order == 2 else None
        errors.append(
            mean_field_states.point(data.memory, np.zeros(n_spins), beta, reaction).free_energy
        )
        errors[-1] -= exact
    return beta * abs(np.mean(errors))


@pytest.mark.parametrize(
    ("model", "n_patterns"),
    [(Hopfield(), 3), (Dense(order=2, indices="all"), 2), (Dense(order=4), 2)],
)
def test_errors_shrink_with_the_order_of_the_expansion(model, n_patterns):
    """ln Z is right to O(beta) in mean field and to O(beta**2) with the reaction."""
    n_spins, beta = 4, 0.04
    powers = [
        np.log2(
            quenched_error(model, n_patterns, n_spins, 2 * beta, order)
            / quenched_error(model, n_patterns, n_spins, beta, order)
        )
        for order in (1, 2)
    ]
    assert powers[0] == pytest.approx(2.0, abs=0.15)
    assert powers[1] > 2.85
