"""The barrier between retrieval and its escape."""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised
from montecarlo import Schedule
from theory.conventions import finite_size_factor


@pytest.mark.parametrize(("order", "T"), [(3, 0.3), (4, 0.6), (6, 1.1)])
def test_without_a_load_it_is_that_of_a_function_of_one_variable(order, T):
    """f(n) = (P-1)/2 n^P - T ln 2 cosh((P/2) n^(P-1)/T), on a grid."""
    n = np.linspace(0, 1, 200001)
    S = 0.5 * order * n ** (order - 1)
    f = 0.5 * (order - 1) * n**order - T * np.logaddexp(S / T, -S / T)
    i = np.flatnonzero((f[1:-1] < f[:-2]) & (f[1:-1] <= f[2:]))[-1] + 1
    barrier = theory.nucleation_barrier(Dense(order=order), 0.0, T)
    assert barrier == pytest.approx(f[: i + 1].max() - f[i], abs=1e-9)


@pytest.mark.parametrize(("model", "alpha"), [(Dense(order=4), 0.1), (Hopfield(), 0.05)])
def test_it_closes_at_the_spinodal_with_the_power_three_halves(model, alpha):
    end = float(theory.spinodal_temperature(model, alpha))
    distance = np.array([0.004, 0.002, 0.001])
    barrier = theory.nucleation_barrier(model, alpha, end - distance)
    power = np.diff(np.log(barrier)) / np.diff(np.log(distance))
    np.testing.assert_allclose(power, 1.5, atol=0.01)
    assert np.isnan(theory.nucleation_barrier(model, alpha, end + 1e-4))


X = np.linspace(-8, 8, 801)
WEIGHT = np.exp(-0.5 * X**2) / np.exp(-0.5 * X**2).sum()


def independent(order, alpha, T):
    """Solve the textbook equations at fixed overlap, scanning it, and compare free energies."""
    scan = np.linspace(0.05, 1, 1000)[::-1]
    forces, values, q = [], [], 1.0
    for n in scan:
        S = 0.5 * order * n ** (order - 1)
        for _ in range(400):
            V = 0.5 * alpha * order * q ** (order - 1)
            t = np.tanh((S + np.sqrt(V) * X) / T)
            q, before = 0.5 * (q + WEIGHT @ t**2), q
            if abs(q - before) < 1e-13:
                break
        h = (S + np.sqrt(V) * X) / T
        f = 0.5 * (order - 1) * n**order - T * WEIGHT @ np.logaddexp(h, -h)
        f -= alpha / (4 * T) * (1 - order * q ** (order - 1) + (order - 1) * q**order)
        forces.append(WEIGHT @ t - n)
        values.append(f)
    turns = np.flatnonzero(np.diff(np.sign(forces)))[:2]  # retrieval, saddle
    return values[turns[1]] - values[turns[0]]


@pytest.mark.parametrize(("alpha", "T"), [(0.05, 0.6), (0.1, 0.8), (0.2, 0.7)])
def test_it_is_that_of_an_independent_solver(alpha, T):
    found = theory.nucleation_barrier(Dense(order=4), alpha, T)
    assert found == pytest.approx(independent(4, alpha, T), rel=2e-3)


def test_shapes_absence_and_refusals():
    model = Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))
    found = theory.nucleation_barrier(model, np.array([0.05, 0.6])[:, None], [0.2, 0.5, 2.0])
    assert found.shape == (2, 3)
    assert (found[0, :2] > 0).all()
    assert np.isnan(found[1]).all()
    assert np.isnan(found[0, 2])
    cold = theory.nucleation_barrier(Hopfield(), 0.05, [0.0, 0.1, 0.3])
    assert (cold > 0).all()
    with pytest.raises(ValueError, match="Multitasking"):
        theory.nucleation_barrier(Multitasking(), 0.1, 0.1)


def test_finite_networks_have_weaker_barriers():
    """In their own units: the couplings are Pi times those of the infinite network."""
    model, pi = Dense(order=4), float(finite_size_factor(60, order=4))
    own = theory.nucleation_barrier(model, 0.1 * pi, 0.8 * pi, n_spins=60)
    assert own == pytest.approx(pi * theory.nucleation_barrier(model, 0.1, 0.8))
    literal = Dense(order=4, indices="all")
    same = theory.nucleation_barrier(literal, 0.05, 0.8)
    assert theory.nucleation_barrier(literal, 0.05, 0.8, n_spins=60) == same
    with pytest.raises(ValueError, match=r"n_spins = 3 is outside the allowed range \[4, inf\)"):
        theory.nucleation_barrier(literal, 0.1, 0.8, n_spins=3)


def test_lives_grow_at_its_rate():
    """Median lives of 96 chains at N = 30 and 60; the prefactor is not predicted."""
    sizes, lives = np.array([30, 60]), []
    for N in sizes:
        scale = float(finite_size_factor(int(N), order=4))
        run = montecarlo.simulate(
            Dense(order=4), alpha=0.1 * scale, T=0.8 * scale, n_spins=int(N), n_samples=24,
            n_replicas=4, seed=3, schedule=Schedule(warmup=0, sweeps=300, stride=1),
        )  # fmt: skip
        lives.append(float(run.first_passage().median))
    slope = np.diff(np.log(lives))[0] / 30
    assert slope == pytest.approx(
        theory.nucleation_barrier(Dense(order=4), 0.1, 0.8) / 0.8, rel=0.3
    )
