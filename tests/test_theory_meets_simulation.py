"""Replica theory against Monte Carlo, with error bars and the trend in 1/N.

Distinct indices at finite N leave Pi = prod_{k<P} (1 - k/N) of the coupling strength, so the
theory is evaluated at alpha/Pi and T/Pi where a test says ``finite_size``.
"""

import math

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised

SCHEDULE = montecarlo.Schedule(warmup=100, sweeps=200, stride=4)


def compare(model, *, T, n_spins, alpha=None, n_samples=16, start="pattern", finite_size=False):
    """Return the run, the theory and z = (simulation - theory) / standard error of m and q."""
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=2,
        schedule=SCHEDULE, start=start, seed=12,
    )  # fmt: skip
    shrink = 1.0
    if finite_size:
        shrink = math.prod(1 - k / n_spins for k in range(1, model.order))
    load = {} if alpha is None else {"alpha": alpha / shrink}
    solution = theory.solve(model, T=T / shrink, **load)
    z = np.append((run.m.mean - solution.m) / run.m.error, (run.q.mean - solution.q) / run.q.error)
    return run, solution, z


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins"),
    [
        (Hopfield(), 0.05, 0.3, 2000),
        (Hopfield(), 0.10, 0.1, 2000),
        (Hopfield(rule=Supervised(quality=0.8, n_examples=6)), 0.03, 0.3, 2000),
        (Hopfield(rule=Unsupervised(quality=0.8, n_examples=6)), 0.03, 0.3, 2000),
        (Dense(order=3), 0.15, 0.4, 500),
        (Dense(order=4), 0.10, 0.5, 100),
        pytest.param(Dense(order=4), 0.10, 0.5, 150, marks=pytest.mark.heavy),
        pytest.param(Dense(order=4), 0.10, 0.5, 200, marks=pytest.mark.heavy),
        pytest.param(Dense(order=4), 0.20, 0.4, 150, marks=pytest.mark.heavy),
        pytest.param(
            Dense(order=4, rule=Supervised(quality=0.8, n_examples=6)),
            0.02,
            0.3,
            100,
            marks=pytest.mark.heavy,
        ),
        (Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=6)), 0.01, 0.3, 140),
    ],
    ids=repr,
)
def test_retrieval_phase(model, alpha, T, n_spins):
    """Inside the retrieval phase, within three standard errors, and no sample escapes."""
    run, _, z = compare(model, alpha=alpha, T=T, n_spins=n_spins, finite_size=model.order > 2)
    assert run.escaped == 0
    assert np.abs(z).max() < 3, (run.m, run.q)


def test_order_three_at_moderate_size():
    """Heavy-tailed crosstalk scatters the samples of P = 3: more of them, the same bound."""
    run, _, z = compare(
        Dense(order=3), alpha=0.15, T=0.4, n_spins=300, n_samples=64, finite_size=True
    )
    assert run.escaped == 0
    assert np.abs(z).max() < 3, (run.m, run.q)


@pytest.mark.heavy
def test_literal_powers_have_a_theory_of_their_own():
    """indices="all": self-terms change the crosstalk; the other convention is excluded."""
    run, _, z = compare(Dense(order=4, indices="all"), alpha=0.1, T=0.3, n_spins=200)
    assert np.abs(z).max() < 3
    other = theory.solve(Dense(order=4), alpha=0.1, T=0.3)
    assert abs(run.m.mean - other.m) > 3 * run.m.error


@pytest.mark.heavy
def test_binomial_law_is_right_where_the_gaussian_one_is_not():
    """P = 2, r = 0.8, M = 6: the large-M law misses m by many standard errors."""
    model = Hopfield(rule=Supervised(quality=0.8, n_examples=6))
    run, _, z = compare(model, alpha=0.03, T=0.3, n_spins=4000)
    assert np.abs(z).max() < 3
    gaussian = theory.solve(model, alpha=0.03, T=0.3, law="gaussian")
    assert abs(run.m.mean - gaussian.m) > 5 * run.m.error


def test_finite_size_trend():
    """The distance from the infinite network shrinks as N grows, towards zero like 1/N."""
    exact = theory.solve(Dense(order=4), alpha=0.02, T=0.6).m
    sizes = np.array([80, 120, 160])
    runs = [compare(Dense(order=4), alpha=0.02, T=0.6, n_spins=n, n_samples=32)[0] for n in sizes]
    assert all(run.escaped == 0 for run in runs)
    distance = np.array([exact - run.m.mean for run in runs])
    error = np.array([run.m.error for run in runs])
    weight = 1 / error**2
    slope = (weight * distance / sizes).sum() / (weight / sizes**2).sum()
    assert slope > 3 / np.sqrt((weight / sizes**2).sum())
    assert (((distance - slope / sizes) / error) ** 2).sum() < 14  # 2 degrees of freedom, p > 1e-3


@pytest.mark.parametrize(
    ("model", "T", "start"),
    [
        (Multitasking(n_patterns=2, dilution=0.3), 0.1, "hierarchical"),
        (Multitasking(n_patterns=2, dilution=0.3), 0.4, "pattern"),
        (Multitasking(n_patterns=3, dilution=0.3), 0.0, "hierarchical"),
    ],
    ids=repr,
)
def test_multitasking(model, T, start):
    _, _, z = compare(model, T=T, n_spins=4000, start=start)
    assert np.abs(z).max() < 3


def test_samples_that_escape_are_counted():
    """Near the spinodal of a small network some chains leave; they are not averaged away.

    Its patterns are many: those that leave are in another one.
    """
    run = montecarlo.simulate(
        Dense(order=4), alpha=0.3, T=0.5, n_spins=70, n_samples=12, n_replicas=2,
        schedule=montecarlo.Schedule(warmup=400, sweeps=400, stride=4), seed=3,
    )  # fmt: skip
    stayed = run.series["m"].mean(axis=-1) > 0.5
    assert 0 < run.switched < 1
    assert run.escaped + run.switched == pytest.approx(1 - stayed.mean(), abs=0.1)
