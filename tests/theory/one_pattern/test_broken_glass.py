"""The one-step glass against its functional, evaluated by adaptive quadrature."""

import numpy as np
import pytest
import replica_functional as slow
from scipy.integrate import quad

import theory
from hebbian import Dense, Unsupervised
from theory.closure import closure
from theory.one_pattern.broken.glass import broken_glass, glass_free_energy
from theory.one_pattern.crosstalk import Crosstalk

MODELS = [
    Dense(order=3),
    Dense(order=8),
    Dense(order=4, rule=Unsupervised(quality=0.6, n_examples=4)),
    Dense(order=6, indices="all"),
]


def functional(model, alpha, T, q, theta):
    """f at overlaps 0 and q and breaking point theta."""
    weights = slow.covariance(model).items()
    b = np.sqrt(alpha / 2 * sum(k * w * q ** (k - 1) for k, w in weights)) / T
    scale = theta * b * 12

    def integrand(y):
        return np.exp(theta * slow.log_cosh(b * y) - y * y / 2 - scale) / np.sqrt(2 * np.pi)

    edge = theta * b
    integral = 2 * sum(
        quad(integrand, low, high, epsabs=0, epsrel=1e-13, limit=400)[0]
        for low, high in zip(
            [0, 1 / b, 3 / b, 9 / b], [1 / b, 3 / b, 9 / b, edge + 9 + 9 / b], strict=True
        )
    )
    a = np.log(2) + (np.log(integral) + scale) / theta
    for k, w in weights:
        a += alpha / T**2 / 4 * w * (1 - k * q ** (k - 1) + (k - 1) * (1 - theta) * q**k)
    return -T * a


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_stationary(model):
    glass = broken_glass(closure(model).field.crosstalk)
    for i in (60, 200, 340):
        tau, q, theta = float(glass.tau[i]), float(glass.q[i]), float(glass.theta[i])
        assert glass.free_energy[i] == pytest.approx(functional(model, 1, tau, q, theta), abs=1e-11)
        for step_q, step_theta in ((1e-4 * (1 - q), 0), (0, 1e-4 * theta)):
            right = functional(model, 1, tau, q + step_q, theta + step_theta)
            left = functional(model, 1, tau, q - step_q, theta - step_theta)
            assert (right - left) / 2e-4 == pytest.approx(0, abs=1e-7)


def test_published_values():
    """Static and dynamic temperature and ground-state energy of Ising p-spin glasses."""
    for order, static, dynamic, ground in [
        (3, 0.651385, 0.681598, -0.813535),
        (4, 0.616883, 0.678411, -0.825471),
        (6, 0.603296, 0.727476, -0.831276),
        (8, 0.601128, 0.784184, -0.832287),
    ]:
        model = Dense(order=order)
        alpha = np.array([0.25, 1.0, 4.0])
        scale = np.sqrt(alpha)
        np.testing.assert_allclose(
            theory.glass_temperature(model, alpha), static * scale, atol=1e-6
        )
        np.testing.assert_allclose(
            theory.glass_temperature(model, alpha, kind="dynamic"), dynamic * scale, atol=2e-6
        )
        glass = broken_glass(closure(model).field.crosstalk)
        assert glass.free_energy[0] == pytest.approx(ground, abs=6e-7)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_interpolation(model):
    """Between the nodes f, -df/dT and df/dalpha follow the functional."""
    crosstalk = closure(model).field.crosstalk
    glass = broken_glass(crosstalk)
    coarse = type(glass)(*(column[::2] for column in glass))
    tau = glass.tau[1:-1:2]
    fine = np.array([glass_free_energy(coarse, crosstalk, 1.0, t) for t in tau])
    np.testing.assert_allclose(fine[:, 0], glass.free_energy[1:-1:2], rtol=0, atol=3e-9)
    alpha, step = 0.3, 1e-5
    for T in np.array([0.2, 0.7, 1.3]) * glass.tau[-1] * np.sqrt(alpha):
        _, entropy, slope = glass_free_energy(glass, crosstalk, alpha, T)
        warmer, colder = (
            glass_free_energy(glass, crosstalk, alpha, T + s)[0] for s in (step, -step)
        )
        assert entropy == pytest.approx((colder - warmer) / (2 * step), abs=1e-6)
        more, less = (glass_free_energy(glass, crosstalk, alpha + s, T)[0] for s in (step, -step))
        assert slope == pytest.approx((more - less) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_glass_joins_the_paramagnet(model):
    """At the transition f and the entropy are continuous; below, f is the larger one."""
    crosstalk = closure(model).field.crosstalk
    glass = broken_glass(crosstalk)
    paramagnet = theory.solve(model, alpha=1.0, T=glass.tau[1:], start="paramagnet")
    entropy = (paramagnet.energy - paramagnet.free_energy) / glass.tau[1:]
    assert glass.free_energy[-1] == pytest.approx(paramagnet.free_energy[-1], abs=1e-12)
    assert glass.entropy[-1] == pytest.approx(entropy[-1], abs=1e-11)
    assert (glass.free_energy[1:-1] > paramagnet.free_energy[:-1]).all()
    assert (np.diff(glass.tau) > 0).all()
    symmetric = theory.solve(model, alpha=1.0, T=glass.tau[1:], start="glass")
    exists = symmetric.converged
    assert (glass.free_energy[1:][exists] >= symmetric.free_energy[exists] - 1e-12).all()


def test_rank_two_orders_first():
    """P = 4 with coinciding indices freezes continuously at sqrt(3 alpha)."""
    model = Dense(order=4, indices="all")
    for kind in ("static", "dynamic"):
        assert theory.glass_temperature(model, 0.12, kind=kind) == pytest.approx(0.6, rel=1e-12)
    stronger = Dense(order=8, indices="all")
    static, dynamic = (
        theory.glass_temperature(stronger, 1.0, kind=k) for k in ("static", "dynamic")
    )
    assert np.sqrt(8.75) < static < dynamic


def test_random_field_is_refused():
    with pytest.raises(ValueError, match="ranks"):
        broken_glass(closure(Dense(order=3, indices="all")).field.crosstalk)


def test_the_random_energy_model():
    r"""As P grows the glass freezes at alpha/T^2 = 1/(4 ln 2), B. Derrida (1980), with q = 1.

    The ground-state energy tends to :math:`-\sqrt{\ln 2}`; both are approached from one
    side, faster than any power of P.
    """
    gap, height = np.inf, np.inf
    for order in (6, 10, 16, 24):
        crosstalk = Crosstalk(False, np.ones(1), np.full(1, float(order)), 0.0)
        glass = broken_glass(crosstalk)
        new_gap = float(glass.tau[-1]) ** 2 * 4 * np.log(2) - 1
        new_height = float(glass.free_energy[0]) + np.sqrt(np.log(2))
        assert 0 < new_gap < 0.3 * gap
        assert 0 < new_height < 0.3 * height
        gap, height = new_gap, new_height
    assert gap < 1e-6
    assert height < 1e-6
    assert glass.q[-1] == pytest.approx(1, abs=1e-6)
