"""States of slept networks: Hebbian limit, another derivation, thermodynamics, projector."""

import math

import numpy as np
import pytest

import theory
from hebbian import Dreaming, Hopfield, Supervised

VALUES = ("m", "q", "free_energy", "energy", "replicon", "susceptibility")

X = np.linspace(-9, 9, 601)
WEIGHT = np.exp(-(X**2) / 2) / np.exp(-(X**2) / 2).sum()


def transform(t, alpha, x):
    """R and R' at s = -x of (1 + t X)^-1, X Wishart, followed from s = 0 in small steps.

    In terms of p = R + s R^2 it is the zero of (p - s R - 1)(1 + t p) + t alpha p.
    """
    b = 1 + t * alpha - t
    R, slope = (-b + math.sqrt(b * b + 4 * t)) / (2 * t), 0.0
    for s in np.linspace(0, -x, 20):
        for _ in range(8):
            p, p_R, p_s = R + s * R * R, 1 + 2 * s * R, R * R
            first, second = p - s * R - 1, 1 + t * p
            value = first * second + t * alpha * p
            by_R = (p_R - s) * second + first * t * p_R + t * alpha * p_R
            by_s = (p_s - R) * second + first * t * p_s + t * alpha * p_s
            R -= value / by_R
        slope = -by_s / by_R
    return R, slope


def minus_beta_f(t, alpha, beta, m, q, u, h, rho, area):
    """The variational function, diagonal included; `area` is the integral of R from 0 to -x."""
    k = (1 + t) / t
    R = transform(t, alpha, beta * k * (1 - q))[0]
    spins = WEIGHT @ np.logaddexp(beta * (h + math.sqrt(rho) * X), -beta * (h + math.sqrt(rho) * X))
    return (
        beta * k / 2 - beta * k * u**2 / (2 * t) + area / 2
        - beta * k / 2 * (q - 2 * u * m + u**2) * R
        - beta**2 * rho * (1 - q) / 2 - beta * h * m + spins
    )  # fmt: skip


def area_of(t, alpha, x):
    y, w = np.polynomial.legendre.leggauss(16)
    return (
        -x
        / 2
        * sum(v * transform(t, alpha, x * (1 + node) / 2)[0] for node, v in zip(y, w, strict=True))
    )


def second_solution(t, alpha, T, m, q):
    """Iterate the equations in the variables of (1 + t X)^-1."""
    beta, k = 1 / T, (1 + t) / t
    for _ in range(400):
        R, slope = transform(t, alpha, beta * k * (1 - q))
        u = m * t * R / (1 + t * R)
        h = (1 + t) * m * R**2 / (1 + t * R)
        rho = k**2 * (q - 2 * u * m + u**2) * slope
        tanh = np.tanh(beta * (h + math.sqrt(rho) * X))
        change = abs(WEIGHT @ tanh - m) + abs(WEIGHT @ tanh**2 - q)
        m, q = WEIGHT @ tanh, WEIGHT @ tanh**2
        if change < 1e-14:
            break
    return m, q, u, h, rho


@pytest.mark.parametrize(("alpha", "t", "T"), [(0.2, 1.0, 0.3), (0.5, 30.0, 0.15)])
def test_another_derivation(alpha, t, T):
    s = theory.solve(Dreaming(sleep=t), alpha=alpha, T=T)
    m, q, u, h, rho = second_solution(t, alpha, T, 1.0, 1.0)
    assert (s.m, s.q) == pytest.approx((m, q), abs=1e-10)
    k, beta = (1 + t) / t, 1 / T
    x = beta * k * (1 - q)
    diagonal = k * (1 - transform(t, alpha, 0.0)[0])
    point = np.array([m, q, u, h, rho])

    def function(point, beta=beta):
        area = area_of(t, alpha, beta * k * (1 - point[1]))
        return minus_beta_f(t, alpha, beta, *point, area)

    assert s.free_energy == pytest.approx(-T * function(point) + diagonal / 2, abs=1e-11)
    for i in range(5):
        step = np.eye(5)[i] * 1e-5
        assert (function(point + step) - function(point - step)) / 2e-5 == pytest.approx(
            0, abs=1e-7
        )
    by_beta = -(function(point, beta + 1e-5) - function(point, beta - 1e-5)) / 2e-5
    assert s.energy == pytest.approx(by_beta + diagonal / 2, abs=1e-8)
    sech4 = WEIGHT @ np.cosh(beta * (h + math.sqrt(rho) * X)) ** -4
    assert s.replicon == pytest.approx(1 - (beta * k) ** 2 * transform(t, alpha, x)[1] * sech4)


@pytest.mark.parametrize("start", ["retrieval", "glass", "paramagnet", "array"])
def test_without_sleep_it_is_the_hopfield_network(start):
    alpha, T = np.array([0.0, 0.01, 0.05, 0.1])[:, None], np.array([0.0, 0.1, 0.3, 0.9, 1.05, 1.5])
    given = [0.97, 0.96] if start == "array" else start
    expected = theory.solve(Hopfield(), alpha=alpha, T=T, start=given)
    for t, accuracy in ((0.0, 1e-12), (1e-12, 1e-10)):
        if t and start == "paramagnet":
            continue  # what exists below T = 1 then is a continuation
        found = theory.solve(Dreaming(sleep=t), alpha=alpha, T=T, start=given)
        assert (found.converged == expected.converged).all()
        for name in VALUES:
            one, other = getattr(found, name), getattr(expected, name)
            np.testing.assert_allclose(one, other, rtol=accuracy, atol=accuracy, err_msg=name)


def test_no_jump_where_cancellation_would_begin():
    t = np.array([0.99e-3, 1e-3, 1.01e-3])
    s = theory.solve(Dreaming(), alpha=0.1, T=0.2, sleep=t)
    for name in VALUES[:5]:
        left, middle, right = getattr(s, name)
        assert abs(left - 2 * middle + right) < 1e-8
        assert left != right


def test_published_state():
    s = theory.solve(Dreaming(sleep=1.0), alpha=0.2, T=0.3)
    assert (s.m, s.q) == pytest.approx((0.976100, 0.955485), abs=1e-6)


@pytest.mark.parametrize("t", [0.3, 10.0, 1e6, math.inf])
@pytest.mark.parametrize("start", ["retrieval", "glass", "paramagnet"])
def test_energy_is_the_derivative_of_the_free_energy(t, start):
    model, alpha, T = Dreaming(sleep=t), np.array([0.02, 0.1, 0.3, 0.9]), 0.05
    s = theory.solve(model, alpha=alpha, T=T, start=start)
    beta = 1 / T + np.array([-2, -1, 1, 2])[:, None] * 1e-3
    f = theory.solve(model, alpha=alpha, T=1 / beta, start=start).free_energy
    slope = np.array([1, -8, 8, -1]) @ (beta * f) / 12e-3
    assert s.converged.any()
    np.testing.assert_allclose(s.energy, slope, atol=1e-9)
    assert np.nanmax(s.residual, initial=0) < 1e-12


@pytest.mark.parametrize("t", [0.1, 5.0, 1e4])
def test_cold_states_are_the_limit(t):
    model = Dreaming(sleep=t)
    alpha = np.array([0.2, 0.6, 0.99]) * theory.critical_load(model)
    exact, cold = (theory.solve(model, alpha=alpha, T=T) for T in (0.0, 1e-10))
    assert exact.converged.all()
    for name in ("m", "free_energy", "energy", "susceptibility"):
        np.testing.assert_allclose(getattr(cold, name), getattr(exact, name), rtol=1e-4, atol=1e-8)
    assert (exact.free_energy == exact.energy).all()


def test_iteration_ends_in_the_same_states():
    model = Dreaming(sleep=3.0)
    alpha, T = np.array([0.05, 0.2, 0.4])[:, None], np.array([0.0, 0.05, 0.2])
    for name, start in (("retrieval", [1.0, 1.0]), ("glass", [0.0, 0.5])):
        named = theory.solve(model, alpha=alpha, T=T, start=name)
        found = theory.solve(model, alpha=alpha, T=T, start=start)
        both = named.converged & found.converged
        assert both.sum() >= 7
        np.testing.assert_allclose(found.m[both], named.m[both], atol=1e-11)
        np.testing.assert_allclose(found.free_energy[both], named.free_energy[both], atol=1e-11)


def test_the_projector():
    model, alpha = Dreaming(sleep=math.inf), np.array([0.0, 0.3, 0.9, 0.9999])
    cold = theory.solve(model, alpha=alpha, T=0)
    # Every pattern is an eigenvector of J - alpha with eigenvalue 1 - alpha, and all spins agree.
    assert (cold.m == 1).all()
    np.testing.assert_allclose(cold.energy, -(1 - alpha) / 2, atol=1e-15)
    assert not theory.solve(model, alpha=[1.0, 1.2], T=0).converged.any()
    # Its own equations: two eigenvalues, W(1 - chi + W chi) = alpha.
    T, load = 0.2, 0.4
    s = theory.solve(model, alpha=load, T=T)
    chi = float(s.susceptibility)
    W = (chi - 1 + math.sqrt((1 - chi) ** 2 + 4 * load * chi)) / (2 * chi)
    S = s.m * (1 - W)
    V = (s.q - s.m**2) * W * (1 - W) / (1 - chi * (1 - 2 * W))
    tanh = np.tanh((S + math.sqrt(V) * X) / T)
    assert (s.m, s.q) == pytest.approx((WEIGHT @ tanh, WEIGHT @ tanh**2), abs=1e-12)
    # A long sleep comes close, at T > 0, like 1/t.
    for T in (0.1, 0.3):
        far, limit = (theory.solve(Dreaming(sleep=t), alpha=0.3, T=T) for t in (1e6, math.inf))
        for name in VALUES:
            close = getattr(far, name) - getattr(limit, name)
            assert abs(close) < 1e-4
        assert far.m != limit.m


def test_the_identity_leaves_spins_free():
    s = theory.solve(Dreaming(sleep=math.inf), alpha=1.3, T=0.5, start="paramagnet")
    assert (s.free_energy, s.energy) == pytest.approx((-0.5 * math.log(2), 0.0), abs=1e-15)


def test_one_step_is_that_of_drawn_couplings():
    import hebbian

    model, n_spins, alpha, start = Dreaming(sleep=4.0), 1000, 0.5, 0.8
    data = hebbian.draw(model, n_spins=n_spins, alpha=alpha)
    J = data.memory.couplings - np.diag(np.diag(data.memory.couplings))
    random = np.random.default_rng(1)
    flips = random.random((60, n_spins)) < (1 + start) / 2
    pattern = data.archetypes[:60].astype(float)
    field = pattern * (np.where(flips, pattern, -pattern) @ J)
    found = theory.signal_to_noise(model, alpha=alpha, start_overlap=start)
    assert found.field_mean == pytest.approx(field.mean(), abs=0.005)
    assert found.field_variance == pytest.approx(field.var(), rel=0.03)
    assert found.m == pytest.approx(np.sign(field).mean(), abs=0.01)


def test_examples_and_broken_symmetry_are_refused_by_name():
    with pytest.raises(ValueError, match="rule = Supervised: the theory of Dreaming"):
        theory.solve(Dreaming(rule=Supervised(quality=0.8, n_examples=3)), alpha=0.1, T=0.1)
    for ask in (
        lambda: theory.solve(Dreaming(), alpha=0.1, T=0.1, rsb=1),
        lambda: theory.transition_temperature(Dreaming(), 0.1, rsb=1),
        lambda: theory.critical_load(Dreaming(), rsb=1),
        lambda: theory.phase_lines(Dreaming(), rsb=1),
    ):
        with pytest.raises(ValueError, match="rsb = 1: models of type Dreaming"):
            ask()
    with pytest.raises(ValueError, match="n_spins = 100: the lines of Dreaming"):
        theory.transition_temperature(Dreaming(), 0.1, n_spins=100)
    with pytest.raises(ValueError, match="no theory of retrieval dynamics"):
        theory.trajectory(Dreaming(), alpha=0.1, T=0.1, n_steps=2)
