"""The examples of the retrieved class one by one: enumeration of all 2^M of them."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import approx_fprime

import theory
from hebbian import Dense, Hopfield, Supervised, Unsupervised

X, DX = np.polynomial.hermite_e.hermegauss(200)
DX = DX / DX.sum()


class Enumeration:
    """Mean field of M examples, each with an overlap of its own, at order P >= 3 or alpha = 0."""

    def __init__(self, order, quality, n_examples, alpha, T):
        self.order, self.T, self.M = order, T, n_examples
        self.eta = np.array(list(product([-1, 1], repeat=n_examples)))
        self.weight = np.prod((1 + quality * self.eta) / 2, axis=1)
        R = quality**2 + (1 - quality**2) / n_examples
        kappa = (quality ** (2 * order) + (1 - quality ** (2 * order)) / n_examples) / R**order
        self.strength = 1 / (n_examples * R ** (order / 2))
        self.load = alpha * kappa

    def fields(self, nu, q):
        mean = self.order / 2 * self.strength * self.eta @ nu ** (self.order - 1)
        sigma = np.sqrt(self.load * self.order / 2 * q ** (self.order - 1))
        return mean[:, None] + sigma * X

    def images(self, nu, q):
        t = np.tanh(self.fields(nu, q) / self.T)
        return self.eta.T @ (self.weight * (t @ DX)), self.weight @ (t**2 @ DX)

    def overlap(self, nu, q):
        return self.weight @ (np.tanh(self.fields(nu, q) / self.T) @ DX)

    def free_energy(self, nu, q):
        P = self.order
        soft = self.T * np.logaddexp(*(s * self.fields(nu, q) / self.T for s in (1, -1)))
        noise = self.load / (4 * self.T) * (1 - P * q ** (P - 1) + (P - 1) * q**P)
        return (P - 1) / 2 * self.strength * (nu**P).sum() - self.weight @ (soft @ DX) - noise


CASES = [
    (2, 0.8, 3, 0.0, 0.4),
    (2, 0.5, 6, 0.0, 0.5),
    (3, 0.8, 5, 0.05, 0.4),
    (4, 0.8, 2, 0.0, 0.15),
    (4, 0.6, 4, 0.0, 0.15),
    (4, 0.4, 8, 0.0, 0.15),
    (4, 0.8, 6, 0.02, 0.4),
    (6, 0.9, 3, 0.02, 0.5),
]


@pytest.mark.parametrize(("order", "quality", "n_examples", "alpha", "T"), CASES)
def test_stability_is_an_eigenvalue_of_the_map(order, quality, n_examples, alpha, T):
    """Eigenvalue of d(nu)/d(nu) for nu_1 - nu_2, by finite differences."""
    model = Dense(order=order, rule=Unsupervised(quality=quality, n_examples=n_examples))
    exact = Enumeration(order, quality, n_examples, alpha, T)
    state = theory.solve(model, alpha=alpha, T=T)
    R = model.rule.second_moment
    nu, q = np.full(n_examples, float(state.n) * R / quality), float(state.q)
    image, q_image = exact.images(nu, q)
    np.testing.assert_allclose(image, nu, atol=1e-9)
    assert q_image == pytest.approx(q, abs=1e-9)
    step = np.zeros(n_examples)
    step[:2] = 1e-5, -1e-5
    moved = exact.images(nu + step, q)[0] - exact.images(nu - step, q)[0]
    np.testing.assert_allclose(moved[2:], 0, atol=1e-9)
    eigenvalue = 1 - (moved[0] - moved[1]) / 4e-5
    stability = theory.example_stability(model, alpha=alpha, T=T)
    assert stability == pytest.approx(eigenvalue, abs=1e-6)


def test_few_noisy_examples_are_unstable():
    """P = 4, T = 0.15, low load: simulation leaves the archetype for one example, or not."""

    def stability(quality, n_examples):
        model = Dense(order=4, rule=Unsupervised(quality=quality, n_examples=n_examples))
        return theory.example_stability(model, alpha=0.0, T=0.15)

    assert all(stability(*case) < 0 for case in ((0.8, 2), (0.6, 4), (0.4, 8)))
    assert all(stability(*case) > 0 for case in ((0.8, 6), (0.6, 10), (0.4, 20)))


def test_stability_in_the_gaussian_law_is_the_limit_of_many_examples():
    gaps = []
    for n_examples in (10**3, 10**5):
        quality = (1 + 0.2 * n_examples) ** -0.5
        model = Dense(order=4, rule=Unsupervised(quality=quality, n_examples=n_examples))
        gaps.append(
            theory.example_stability(model, alpha=0.0, T=0.4)
            - theory.example_stability(model, alpha=0.0, T=0.4, law="gaussian")
        )
    assert abs(gaps[0]) < 1e-3
    assert gaps[1] / gaps[0] == pytest.approx(0.01, rel=0.1)


def test_limits_of_the_stability():
    perfect = Dense(order=4, rule=Unsupervised(quality=1, n_examples=5))
    assert theory.example_stability(perfect, alpha=[0.0, 0.1], T=0.3).tolist() == [1, 1]
    one = Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=1))
    assert np.isnan(theory.example_stability(one, alpha=0.1, T=0.3))
    even, odd = (Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=M)) for M in (4, 5))
    assert theory.example_stability(even, alpha=0, T=0) == -np.inf
    assert theory.example_stability(odd, alpha=0, T=0) == 1
    assert np.isnan(theory.example_stability(odd, alpha=5.0, T=[0.0, 0.3])).all()


SINGLE = [
    (3, 0.5, 6, 0.0, 0.2),
    (3, 0.5, 6, 0.02, 0.2),
    (4, 0.4, 8, 0.0, 0.3),
    (4, 0.4, 8, 0.002, 0.3),
    (4, 0.8, 2, 0.05, 0.3),
    (5, 0.6, 5, 0.002, 0.5),
]


@pytest.mark.parametrize(("order", "quality", "n_examples", "alpha", "T"), SINGLE)
def test_single_example_is_stationary(order, quality, n_examples, alpha, T):
    model = Dense(order=order, rule=Unsupervised(quality=quality, n_examples=n_examples))
    state = theory.single_example(model, alpha=alpha, T=T)
    assert state.converged
    assert state.residual < 1e-13
    exact = Enumeration(order, quality, n_examples, alpha, T)
    nu, q = np.full(n_examples, float(state.other_overlap)), float(state.q)
    nu[0] = state.example_overlap
    assert nu[0] > nu[1] + 0.1
    image, q_image = exact.images(nu, q)
    np.testing.assert_allclose(image, nu, atol=1e-8)
    assert q_image == pytest.approx(q, abs=1e-8)
    assert state.susceptibility == pytest.approx((1 - q) / T, rel=1e-9)
    assert state.m == pytest.approx(exact.overlap(nu, q), abs=1e-8)
    assert state.n == pytest.approx(quality / model.rule.second_moment * nu.mean(), abs=1e-12)
    assert state.free_energy == pytest.approx(exact.free_energy(nu, q), abs=1e-9)
    gradient = approx_fprime(
        np.append(nu, q), lambda x: exact.free_energy(x[:-1], x[-1]), epsilon=1e-6
    )
    np.testing.assert_allclose(gradient, 0, atol=2e-5)


@pytest.mark.parametrize("order", [2, 4])
def test_energy_is_the_derivative_of_beta_f(order):
    model = Dense(order=order, rule=Unsupervised(quality=0.5, n_examples=3))
    alpha = 0.001
    if order == 2:
        model = Dense(order=2, rule=Unsupervised(quality=0.3, n_examples=3))
    beta = 1 / 0.1 + 1e-3 * np.array([-2, -1, 0, 1, 2])
    state = theory.single_example(model, alpha=alpha, T=1 / beta)
    assert state.converged.all()
    a = beta * state.free_energy
    derivative = (a[0] - 8 * a[1] + 8 * a[3] - a[4]) / (12 * (beta[1] - beta[0]))
    assert state.energy[2] == pytest.approx(derivative, abs=1e-8)


def test_a_single_example_is_the_ground_state_of_few():
    """T = 0, low load: e = -[1 + (M-1) r^2P] / (2 M R^(P/2)) against -E|u|^P / 2."""
    for quality, n_examples, dominant in ((0.4, 20, True), (0.6, 10, False)):
        rule = Unsupervised(quality=quality, n_examples=n_examples)
        model = Dense(order=4, rule=rule)
        example = theory.single_example(model, alpha=0, T=0)
        energy = -(1 + (n_examples - 1) * quality**8) / (2 * n_examples * rule.second_moment**2)
        assert example.energy == example.free_energy == pytest.approx(energy, abs=1e-14)
        assert example.m == pytest.approx(quality, abs=1e-14)
        archetype = theory.solve(model, alpha=0, T=0)
        assert (example.free_energy < archetype.free_energy) == dominant


def test_zero_temperature_is_the_limit():
    model = Dense(order=4, rule=Unsupervised(quality=0.4, n_examples=20))
    cold = theory.single_example(model, alpha=0.015, T=[0.0, 1e-7])
    assert cold.converged.all()
    for name in ("m", "n", "example_overlap", "susceptibility", "free_energy", "energy"):
        assert getattr(cold, name)[1] == pytest.approx(getattr(cold, name)[0], abs=1e-6), name


def test_no_single_example():
    """Many good examples have no state of their own; nothing survives a large load."""
    model = Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=6))
    state = theory.single_example(model, alpha=[[0.0], [3.0]], T=[0.15, 0.3])
    assert not state.converged.any()
    assert np.isnan(state.free_energy).all()
    assert state.m.shape == (2, 2)


@pytest.mark.parametrize(
    ("model", "arguments", "name"),
    [
        (Dense(order=4), {}, "Unsupervised"),
        (Hopfield(rule=Supervised(quality=0.5, n_examples=3)), {}, "Unsupervised"),
        (Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=3)), {"T": -1}, "T"),
        (Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=3)), {"alpha": -1}, "alpha"),
        (
            Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=3)),
            {"alpha": [0, 0], "T": [0, 0, 0]},
            "alpha",
        ),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_line(model, arguments, name):
    for function in (theory.example_stability, theory.single_example):
        with pytest.raises(ValueError, match=name) as error:
            function(model, **{"alpha": 0.1, "T": 0.1, **arguments})
        assert "\n" not in str(error.value)


def test_one_example_has_no_others():
    with pytest.raises(ValueError, match="n_examples = 1"):
        theory.single_example(
            Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=1)), alpha=0, T=0
        )
