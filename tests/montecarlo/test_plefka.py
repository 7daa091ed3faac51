"""Mean-field equations against product measures, enumeration, TAP equations and heat bath."""

import itertools
import re

import numpy as np
import pytest
from conformance import CASES, IDS, all_configurations

import montecarlo
import theory
from hebbian import (
    Dataset,
    Dense,
    Hopfield,
    Memory,
    Multitasking,
    Storing,
    Supervised,
    Unsupervised,
    draw,
    from_examples,
)
from montecarlo import Schedule, plefka, simulate
from montecarlo.mean_field.equations import MeanField, response
from montecarlo.mean_field.reaction import reaction_of, second_order


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


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_energy_and_fields_are_those_of_independent_spins(model, alpha):
    memory = draw(model, n_spins=7, alpha=alpha, seed=3).memory
    m = np.random.default_rng(1).uniform(-1, 1, 7)
    energy, field = MeanField(memory).energy_and_field(m)
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
    energy, field = MeanField(memory).energy_and_field(m)
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
    whole = MeanField(data.memory).energy_and_field(m)
    common = {"order": 4, "indices": "distinct", "weight": data.memory.weight}
    pieces = [MeanField(Memory(rows=part, **common)).energy_and_field(m) for part in parts]
    assert whole[0] == pytest.approx(sum(energy for energy, _ in pieces), rel=1e-10)
    np.testing.assert_allclose(whole[1], sum(field for _, field in pieces), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_no_overflow_at_the_extremes(indices):
    data = draw(Dense(order=8, indices=indices), n_spins=100_000, alpha=0.0, seed=1)
    m = 0.9 * data.archetypes[0]
    point = MeanField(data.memory).at(m, 1.0, reaction_of(data))
    assert point.energy / 100_000 == pytest.approx(-0.5 * 0.9**8, rel=1e-3)
    np.testing.assert_allclose(point.field * data.archetypes[0], 4 * 0.9**7, rtol=1e-3)
    assert np.isfinite(point.strength).all()


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
@pytest.mark.parametrize("order", [1, 2])
def test_fixed_points_are_stationary_points_of_the_free_energy(model, alpha, order):
    """dG/dm_i and d(beta G)/dbeta by differences, at any state."""
    data = draw(model, n_spins=9, alpha=alpha, seed=5)
    equations = MeanField(data.memory)
    reaction = reaction_of(data) if order == 2 else None
    m = np.random.default_rng(4).uniform(-0.9, 0.9, 9)
    beta, h = 0.5, 1e-4

    def potential(m, beta=beta):
        return beta * equations.at(m, beta, reaction).free_energy

    point = equations.at(m, beta, reaction)
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
        errors.append(MeanField(data.memory).at(np.zeros(n_spins), beta, reaction).free_energy)
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


def test_magnetizations_in_a_field_have_errors_of_the_next_order():
    """One pattern, P = 2: the reaction is exact for every sample."""
    data = draw(Hopfield(), n_spins=8, alpha=0.0, seed=2)
    states = all_configurations(8)
    energies = np.array([data.memory.energy(s) for s in states])
    theta = np.random.default_rng(8).uniform(-1, 1, 8)
    equations = MeanField(data.memory)

    def error(beta, reaction):
        m = np.zeros(8)
        for _ in range(200):
            point = equations.at(m, beta, reaction)
            m = response(beta * point.field + theta, point.strength)
        weights = np.exp(-beta * energies + states @ theta)
        return np.abs(m - weights @ states / weights.sum()).max()

    for reaction, power in ((None, 2.0), (reaction_of(data), 3.0)):
        ratio = error(0.1, reaction) / error(0.05, reaction)
        assert np.log2(ratio) == pytest.approx(power, abs=0.2)


def test_hopfield_fixed_points_obey_the_tap_equations():
    """With the coupling matrix: Mezard, Parisi, Virasoro (1987), ch. XIII, zero diagonal."""
    alpha, T, n = 0.05, 0.4, 400
    state = plefka(Hopfield(), alpha=alpha, T=T, n_spins=n, n_samples=2, seed=3, tol=1e-12)
    assert state.converged.all()
    for sample, m in enumerate(state.magnetizations[:, 0]):
        xi = draw(Hopfield(), n_spins=n, alpha=alpha, seed=3, sample=sample).archetypes
        couplings = xi.T.astype(float) @ xi / n
        np.fill_diagonal(couplings, 0)
        x = (1 - np.mean(m**2)) / T
        # The second term is of order 1/N: a spin does not react on itself.
        onsager = alpha * x / (1 - x) - alpha * (1 - m**2) / (n * T)
        np.testing.assert_allclose(m, np.tanh((couplings @ m - onsager * m) / T), atol=1e-10)


def test_reaction_puts_the_paramagnet_where_it_belongs():
    """T_g = 1 + sqrt(alpha); mean field orders already below 1 + 2 sqrt(alpha)."""
    settings = {"alpha": 0.25, "T": 1.7, "n_spins": 400, "n_samples": 2, "start": "random"}
    naive = plefka(Hopfield(), **settings, order=1)
    tap = plefka(Hopfield(), **settings, order=2)
    assert tap.converged.all()
    assert (tap.q < 1e-12).all()
    assert (naive.q > 0.05).all()


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins"),
    [
        (Hopfield(), 0.05, 0.45, 500),
        (Hopfield(rule=Unsupervised(quality=0.8, n_examples=6)), 0.03, 0.3, 500),
        (Dense(order=3), 0.2, 0.4, 150),
    ],
)
def test_second_order_agrees_with_heat_bath(model, alpha, T, n_spins):
    settings = {"alpha": alpha, "T": T, "n_spins": n_spins, "n_samples": 12, "seed": 1}
    schedule = Schedule(warmup=100, sweeps=400, stride=4)
    run = simulate(model, **settings, n_replicas=2, schedule=schedule)
    sampled = run.series["energy"].mean(axis=(-1, -2))
    naive, tap = (plefka(model, **settings, order=order) for order in (1, 2))
    assert tap.converged.all()
    stayed = run.series["m"].min(axis=(-1, -2)) > 0.5  # of small networks some samples escape
    assert stayed.sum() >= 8
    gap_m, gap_energy = (
        (tap.m[:, 0] - run.series["m"].mean(axis=(-1, -2)))[stayed],
        (tap.energy[:, 0] - sampled)[stayed],
    )
    naive_m = (naive.m[:, 0] - run.series["m"].mean(axis=(-1, -2)))[stayed]
    assert abs(gap_m.mean()) < 0.35 * abs(naive_m.mean())
    assert abs(gap_energy.mean()) < 0.003


@pytest.mark.parametrize("rule", [Storing(), Unsupervised(quality=0.5, n_examples=9)], ids=repr)
def test_multitasking_agrees_with_heat_bath(rule):
    """Finitely many patterns: mean field is exact for N to infinity."""
    model = Multitasking(n_patterns=2, dilution=0.3, rule=rule)
    settings = {"T": 0.1, "n_spins": 2000, "start": "hierarchical", "seed": 1}
    run = simulate(model, **settings, schedule=Schedule(warmup=50, sweeps=200, stride=2))
    sampled = run.series["m"].mean(axis=(1, 2))
    for order in (1, 2):
        state = plefka(model, **settings, order=order, tol=1e-8)
        assert state.converged.all()
        np.testing.assert_allclose(state.m[:, 0], sampled, atol=0.012)


def test_dynamics_of_a_run_ends_in_the_fixed_points():
    settings = {"alpha": 0.1, "T": [0.4, 0.6], "n_spins": 40, "n_samples": 2, "n_replicas": 2}
    model = Dense(order=4, rule=Supervised(quality=0.8, n_examples=3))
    schedule = Schedule(warmup=3, sweeps=200, stride=10)
    for name, order in (("plefka", 2), ("mean-field", 1)):
        run = simulate(model, **settings, schedule=schedule, dynamics=name, start=0.9)
        state = plefka(model, **settings, order=order, start=0.9, tol=1e-12)
        assert state.converged.all()
        assert run.series["m"].shape == (2, 2, 2, 20)
        for quantity in ("m", "n", "energy"):
            last = run.series[quantity][..., -1]
            np.testing.assert_allclose(last, getattr(state, quantity), atol=1e-8)
        pair = np.einsum("tsi,tsi->ts", *np.moveaxis(state.magnetizations, 2, 0)) / 40
        np.testing.assert_allclose(run.series["q"][:, :, 0, -1], pair, atol=1e-8)
        assert run.settings["dynamics"] == name


def test_bits_do_not_depend_on_threads_or_grid():
    model, settings = Dense(order=3), {"alpha": 0.2, "n_spins": 50, "n_samples": 3, "seed": 4}
    one = plefka(model, **settings, T=[0.3, 0.5], n_replicas=2, start=0.8, n_threads=1)
    two = plefka(model, **settings, T=[0.3, 0.5], n_replicas=2, start=0.8, n_threads=3)
    np.testing.assert_array_equal(one.magnetizations, two.magnetizations)
    alone = plefka(model, **settings, T=0.5, start=0.8)
    np.testing.assert_array_equal(alone.magnetizations[:, 0], one.magnetizations[1, :, 0])


def test_an_unfinished_iteration_is_flagged():
    state = plefka(Hopfield(), alpha=0.1, T=0.6, n_spins=100, max_iter=3)
    assert not state.converged.any()
    assert (state.residual > 1e-9).all()
    assert (state.n_iter == 3).all()


def test_divergent_rings_are_flagged():
    """Below T = 1 the paramagnet has beta (1 - q) > 1: the reaction does not exist."""
    data = draw(Hopfield(), n_spins=100, alpha=0.1, seed=1)
    point = MeanField(data.memory).at(np.full(100, 0.05), 1 / 0.8, reaction_of(data))
    assert not point.valid
    assert np.isnan([point.free_energy, point.energy]).all()
    assert MeanField(data.memory).at(np.full(100, 0.8), 1 / 0.8, reaction_of(data)).valid


def test_states_without_a_reaction_are_not_numbers():
    settings = {"alpha": 0.1, "T": 0.5, "n_spins": 100, "start": "random", "seed": 1}
    state = plefka(Hopfield(), **settings)
    assert not state.converged.any()
    assert np.isnan(state.free_energy).all()
    run = simulate(
        Hopfield(), **settings, schedule=Schedule(warmup=80, sweeps=5, stride=5), dynamics="plefka"
    )
    assert all(np.isnan(run.series[name]).all() for name in ("m", "n", "q", "energy"))


def test_large_networks_have_the_replica_symmetric_free_energy():
    """Where replica symmetry is stable the fixed points are its states."""
    settings = {"alpha": 0.05, "T": 0.5}
    exact = theory.solve(Hopfield(), **settings, start="retrieval")
    naive, tap = (
        plefka(Hopfield(), **settings, n_spins=4000, n_samples=12, seed=5, tol=1e-7, order=order)
        for order in (1, 2)
    )
    assert tap.converged.all()
    for name, sampled in (("m", tap.m), ("q", tap.q), ("free_energy", tap.free_energy)):
        error = sampled.std(ddof=1) / np.sqrt(sampled.size)
        assert abs(sampled.mean() - getattr(exact, name)) < 3.5 * error, name
    assert (naive.m - tap.m).min() > 0.005
    assert np.isnan(naive.replicon).all()


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins"),
    [
        (Hopfield(), 0.05, 0.4, 3000),
        (Hopfield(rule=Unsupervised(quality=0.8, n_examples=6)), 0.03, 0.3, 2000),
        (Dense(order=3), 0.2, 0.5, 300),
        (Dense(order=3, rule=Unsupervised(quality=0.9, n_examples=2)), 0.15, 0.5, 200),
        (Dense(order=4, indices="all"), 0.03, 0.7, 100),
    ],
)
def test_replicon_is_that_of_the_replica_theory(model, alpha, T, n_spins):
    exact = theory.solve(model, alpha=alpha, T=T, start="retrieval")
    state = plefka(model, alpha=alpha, T=T, n_spins=n_spins, n_samples=8, tol=1e-7, seed=2)
    assert state.converged.all()
    error = state.replicon.std(ddof=1) / np.sqrt(8)
    distance = 1 - float(exact.replicon)
    assert abs(state.replicon.mean() - exact.replicon) < 4 * error + 0.05 * distance
    assert error < 0.15 * distance


def test_zero_steps_and_zero_measurements_are_legal():
    none = Schedule(warmup=0, sweeps=0)
    run = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=0.4, n_spins=20, schedule=none, dynamics="plefka"
    )
    assert run.series["m"].shape == (4, 2, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"T": 0.0}, "T = 0.0 is outside the allowed range (0, inf)"),
        ({"order": 3}, "order = 3 is outside the allowed range [1, 2]"),
        ({"damping": 1.0}, "damping = 1.0 is outside the allowed range [0, 1)"),
        ({"tol": 0}, "tol = 0.0 is outside the allowed range (0, 1)"),
        ({"max_iter": 0}, "max_iter = 0 is outside the allowed range [1, 1000000000]"),
        ({"start": "up"}, "start = 'up' is not one of"),
    ],
)
def test_bad_values_have_one_line(change, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        plefka(Hopfield(), **{"alpha": 0.1, "T": 0.4, "n_spins": 20, **change})


def test_magnetizations_cannot_be_kept_as_spins():
    with pytest.raises(ValueError, match="keep_spins"):
        simulate(Hopfield(), alpha=0.1, T=0.4, n_spins=20, dynamics="plefka", keep_spins=True)
