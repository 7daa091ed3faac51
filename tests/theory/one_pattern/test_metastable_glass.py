"""The one-step glass between its static and its dynamic transition."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import theory
from hebbian import Dense, Unsupervised

MODELS = [
    Dense(order=3),
    Dense(order=4),
    Dense(order=7),
    Dense(order=6, indices="all"),
    Dense(order=5, rule=Unsupervised(quality=0.5, n_examples=8)),
]
ALPHA = 0.37


def transitions(model):
    return (theory.glass_temperature(model, ALPHA, kind=kind) for kind in ("static", "dynamic"))


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_it_is_the_paramagnet_in_pieces(model):
    static, dynamic = transitions(model)
    T = static + (dynamic - static) * np.array([0.0, 0.1, 0.5, 0.9])
    glass = theory.solve(model, alpha=ALPHA, T=T, start="glass", rsb=1)
    liquid = theory.solve(model, alpha=ALPHA, T=T, start="paramagnet")
    assert glass.converged.all()
    np.testing.assert_array_equal(glass.theta, 1)
    np.testing.assert_array_equal(glass.q1, 0)
    np.testing.assert_allclose(glass.free_energy, liquid.free_energy, rtol=1e-13)
    np.testing.assert_allclose(glass.energy, liquid.energy, rtol=1e-13)
    np.testing.assert_allclose(glass.susceptibility * T, 1 - glass.q, rtol=1e-13)


@pytest.mark.parametrize("order", [3, 6])
def test_its_overlap_by_quadrature(order):
    model = Dense(order=order)
    T = np.mean([*transitions(model)])
    q = theory.solve(model, alpha=ALPHA, T=T, start="glass", rsb=1).q
    b = math.sqrt(ALPHA / (2 * T**2) * order * q ** (order - 1))

    def average(function):
        return quad(lambda y: math.exp(-y * y / 2) * function(b * y), -20, 20, epsabs=1e-13)[0]

    image = average(lambda h: math.sinh(h) * math.tanh(h)) / average(math.cosh)
    assert q == pytest.approx(image, rel=1e-11)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_it_continues_the_thermodynamic_glass(model):
    static, _ = transitions(model)
    T = static * (1 + np.array([-2e-7, -1e-7, 1e-7, 2e-7]))
    glass = theory.solve(model, alpha=ALPHA, T=T, start="glass", rsb=1)
    assert (glass.theta[:2] < 1).all()
    below, above = (2 * near - far for far, near in (glass.q[:2], glass.q[:1:-1]))
    assert below == pytest.approx(above, abs=1e-11)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_it_ends_at_the_dynamic_transition_like_a_square_root(model):
    _, dynamic = transitions(model)
    distance = np.array([1e-12, 1e-6, 1e-4, 4e-4])
    below = theory.solve(model, alpha=ALPHA, T=dynamic * (1 - distance), start="glass", rsb=1)
    assert below.converged.all()
    rise = below.q[1:] - below.q[0]
    assert rise[2] / rise[1] == pytest.approx(2, rel=0.02)
    assert rise[1] / rise[0] == pytest.approx(10, rel=0.03)
    above = theory.solve(model, alpha=ALPHA, T=dynamic * (1 + 1e-12), start="glass", rsb=1)
    assert not above.converged
    assert np.isnan(above.q)
