"""Susceptibility, specific heat and Binder cumulant against exact enumeration."""

import numpy as np
import pytest
from processes import autoregressive

import montecarlo
from hebbian import Dense, Hopfield, draw
from montecarlo import Schedule
from montecarlo.statistics.fluctuations import binder, thermal_variance
from montecarlo.testing import all_configurations, boltzmann


@pytest.mark.parametrize(("n_replicas", "n"), [(3, 60), (1, 900)])
def test_variance_of_short_chains_is_free_of_bias(n_replicas, n):
    """tau = 9: the naive variance is too small by tau/n; a single chain is corrected by tau."""
    series = autoregressive(0.8, (6000, n_replicas, n), np.random.default_rng(1))
    found = thermal_variance(series)
    tolerance = 3 * found.std() / np.sqrt(len(found))
    assert abs(found.mean() - 1) < tolerance
    assert 1 - series.var(axis=-1).mean() > 1.5 * tolerance


def test_variance_without_data():
    assert np.isnan(thermal_variance(np.empty((4, 2, 0)))).all()
    np.testing.assert_array_equal(thermal_variance(np.full((4, 2, 9), 0.3)), 0)
    assert thermal_variance(np.ones((4, 2, 9)) * [[0.0], [1.0]]) == pytest.approx(0.5)


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3)])
def test_against_exact_enumeration(model):
    """One disorder sample of 8 spins, 24 independent runs: means within 3.5 errors."""
    n, alpha = 8, 0.25 if model.order == 2 else 0.1
    data = draw(model, n_spins=n, alpha=alpha, seed=4)
    T = np.array([0.8, 1.6])
    runs = [
        montecarlo.simulate(
            model, T=T, data=data, n_replicas=3, seed=seed, start="random",
            schedule=Schedule(warmup=100, sweeps=6000, stride=2), n_threads=1,
        )
        for seed in range(24)
    ]  # fmt: skip
    states = all_configurations(n)
    m = states @ data.archetypes[0].astype(float) / n
    e = np.array([data.memory.energy(s) for s in states]) / n
    # Both replicas of q are drawn from the same weights.
    q = states.astype(float) @ states.T / n
    for at, temperature in enumerate(T):
        p = boltzmann(data.memory, temperature)
        exact = {
            "chi": n / temperature * (p @ m**2 - (p @ m) ** 2),
            "c": n / temperature**2 * (p @ e**2 - (p @ e) ** 2),
            "binder": 1 - p @ m**4 / (3 * (p @ m**2) ** 2),
            "binder q": 1 - p @ q**4 @ p / (3 * (p @ q**2 @ p) ** 2),
        }
        found = {
            "chi": [run.susceptibility.mean[at] for run in runs],
            "c": [run.specific_heat.mean[at] for run in runs],
            "binder": [run.binder().mean[at] for run in runs],
            "binder q": [run.binder("q").mean[at] for run in runs],
        }
        for name, values in found.items():
            z = (np.mean(values) - exact[name]) / (np.std(values, ddof=1) / np.sqrt(len(runs)))
            assert abs(z) < 3.5, (name, temperature)


def test_specific_heat_is_the_derivative_of_the_energy():
    data = draw(Hopfield(), n_spins=8, alpha=0.25, seed=4)
    states = all_configurations(8)
    e = np.array([data.memory.energy(s) for s in states]) / 8
    up, down = (boltzmann(data.memory, T) @ e for T in (1.2 + 1e-4, 1.2 - 1e-4))
    run = montecarlo.simulate(
        Hopfield(), T=1.2, data=data, n_replicas=8, seed=1, start="random",
        schedule=Schedule(warmup=100, sweeps=20000, stride=2),
    )  # fmt: skip
    assert run.specific_heat.mean == pytest.approx((up - down) / 2e-4, rel=0.03)


def test_binder_of_known_laws():
    rng = np.random.default_rng(3)
    gauss = binder(rng.normal(size=(20, 2, 4000)), 1)
    assert abs(gauss.mean) < 3.5 * gauss.error
    signs = binder(rng.choice([-0.7, 0.7], (20, 2, 50)), 1)
    assert signs.mean == pytest.approx(2 / 3)
    assert signs.error == pytest.approx(0, abs=1e-12)


def test_binder_averages_the_disorder_before_the_ratio():
    """Half of the samples ordered at 1, half at 2: 1 - 8.5/(3 2.5**2), not 2/3."""
    series = np.ones((4000, 1, 3))
    series[::2] = 2
    assert binder(series, 1).mean == pytest.approx(1 - 8.5 / (3 * 2.5**2), abs=1e-3)


def test_zero_temperature_and_single_replicas_give_no_number():
    run = montecarlo.simulate(
        Hopfield(), alpha=0.05, T=[0.0, 0.4], n_spins=60, n_samples=3, n_replicas=1,
        schedule=Schedule(warmup=5, sweeps=50, stride=1),
    )  # fmt: skip
    assert np.isnan(run.susceptibility.mean[0])
    assert np.isnan(run.specific_heat.mean[0])
    assert np.isfinite(run.susceptibility.mean[1])
    assert np.isnan(run.binder("q").mean).all()


def test_zero_sweeps():
    run = montecarlo.simulate(
        Hopfield(), alpha=0.05, T=0.4, n_spins=60, schedule=Schedule(warmup=0, sweeps=0)
    )
    for value in (run.susceptibility.mean, run.specific_heat.mean, run.binder().mean):
        assert np.isnan(value)
    assert np.isnan(run.success().mean)
    assert np.isnan(run.rhat()).all()
    assert run.first_passage().censored.all()
    assert np.isnan(run.first_passage().mean)
