"""Fixed points of the mean-field dynamics against TAP equations, heat bath and replica theory."""

import re

import mean_field_states
import numpy as np
import pytest

import montecarlo
import theory
from hebbian import (
    Dense,
    Hopfield,
    Multitasking,
    Storing,
    Supervised,
    Unsupervised,
    draw,
)
from montecarlo import Schedule, plefka, simulate
from montecarlo.mean_field.equations import response
from montecarlo.mean_field.reaction import reaction_of
from montecarlo.testing import all_configurations


def test_magnetizations_in_a_field_have_errors_of_the_next_order():
    """One pattern, P = 2: the reaction is exact for every sample."""
    data = draw(Hopfield(), n_spins=8, alpha=0.0, seed=2)
    states = all_configurations(8)
    energies = np.array([data.memory.energy(s) for s in states])
    theta = np.random.default_rng(8).uniform(-1, 1, 8)

    def error(beta, reaction):
        m = np.zeros(8)
        for _ in range(200):
            point = mean_field_states.point(data.memory, m, beta, reaction)
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
    model = Multitasking(n_patterns=2, dilution=0.3, rule=rule, sampling="independent")
    settings = {"T": 0.1, "n_spins": 2000, "n_samples": 4, "start": "hierarchical", "seed": 1}
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
    point = mean_field_states.point(data.memory, np.full(100, 0.05), 1 / 0.8, reaction_of(data))
    assert not point.valid
    assert np.isnan([point.free_energy, point.energy]).all()
    assert mean_field_states.point(data.memory, np.full(100, 0.8), 1 / 0.8, reaction_of(data)).valid


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
    assert run.series["m"].shape == (8, 2, 0)


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
