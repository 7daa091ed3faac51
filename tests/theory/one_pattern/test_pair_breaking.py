"""One step of breaking at P = 2 against an independent evaluation of its functional."""

import numpy as np
import pytest
import replica_functional as slow

import theory
from hebbian import Hopfield, Supervised, Unsupervised
from theory.closure import closure
from theory.one_pattern.broken.pair_glass import excess_free_energy, pair_glass
from theory.one_pattern.crosstalk import Crosstalk

R8M6 = {"quality": 0.8, "n_examples": 6}
X = np.linspace(-9, 9, 721)
WEIGHT = np.exp(-(X**2) / 2) * (X[1] - X[0]) / np.sqrt(2 * np.pi)


def spectrum(model):
    """(multiplicity, eigenvalue) of the covariance of the rows of one class."""
    rule = model.rule
    if not rule.by_example:
        return [(1, 1.0)]
    r2, M = rule.quality**2, rule.n_examples
    return [(1, 1.0), (M - 1, (1 - r2) / (M * (r2 + (1 - r2) / M)))]


def functional(model, alpha, T, n, q1, q2, r1, r2, theta):
    """f of the one-step ansatz, the noises r as independent as the overlaps."""
    u, weight = slow.example_points(model, "binomial")
    mu, chi = theta / T, (1 - q2) / T
    common = n * u[:, None, None] + np.sqrt(alpha * r1) * X[:, None]
    h = (common + np.sqrt(alpha * (r2 - r1)) * X) / T
    exponent = theta * (slow.log_cosh(h) + np.log(2))
    top = exponent.max(axis=-1)
    inner = top + np.log(np.exp(exponent - top[..., None]) @ WEIGHT)
    f = n**2 / 2 - weight @ (inner @ WEIGHT) / mu
    f += alpha / 2 * (r2 * chi + mu * (r2 * q2 - r1 * q1))
    for g, v in spectrum(model):
        l1 = 1 - v * chi
        l0 = l1 - v * mu * (q2 - q1)
        f += alpha / 2 * g * (T * np.log(l1) + np.log(l0 / l1) / mu - v * q1 / l0 + v)
    return f


def noises(model, T, q1, q2, theta):
    r1 = r2 = 0.0
    for g, v in spectrum(model):
        l1 = 1 - v * (1 - q2) / T
        l0 = l1 - v * theta / T * (q2 - q1)
        r1 += g * v**2 * q1 / l0**2
        r2 += g * v**2 * (q1 / l0**2 + (q2 - q1) / (l0 * l1))
    return r1, r2


def derivative(function, step):
    """At 0, by central differences of fourth order."""
    values = [function(k * step) for k in (-2, -1, 1, 2)]
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)


# (model, start, alpha, T)
STATES = [
    (Hopfield(), "glass", 0.05, 0.2),
    (Hopfield(), "glass", 0.003, 0.7),
    (Hopfield(), "glass", 0.4, 1.1),
    (Hopfield(rule=Supervised(**R8M6)), "glass", 0.02, 0.3),
    (Hopfield(rule=Unsupervised(**R8M6)), "glass", 0.05, 0.3),
    (Hopfield(rule=Unsupervised(quality=0.4, n_examples=30)), "glass", 0.02, 0.5),
    (Hopfield(), "retrieval", 0.138, 0.02),
    (Hopfield(rule=Unsupervised(**R8M6)), "retrieval", 0.0757, 0.015),
]


@pytest.mark.parametrize(("model", "start", "alpha", "T"), STATES, ids=str)
@pytest.mark.heavy
def test_states_are_stationary(model, start, alpha, T):
    state = theory.solve(model, alpha=alpha, T=T, start=start, rsb=1)
    assert state.converged
    assert state.residual < 1e-11
    q1, q2, theta = float(state.q1), float(state.q), float(state.theta)
    assert 0 < q1 < q2 < 1
    assert 0 < theta < 1
    u, weight = slow.example_points(model, "binomial")
    n = float(state.n / (u @ weight))
    point = [n, q1, q2, *noises(model, T, q1, q2, theta), theta]
    free_energy = functional(model, alpha, T, *point)
    assert state.free_energy == pytest.approx(free_energy, abs=1e-11)
    for i, x in enumerate(point):
        # Overlaps and noises keep their order.
        room = min(x, 1 - x, q2 - q1) if i < 3 else min(x, point[4] - point[3])
        step = 1e-3 * (room if i < 5 else x)
        if x > 0:
            slope = derivative(
                lambda t, i=i, x=x: functional(model, alpha, T, *point[:i], x + t, *point[i + 1 :]),
                step,
            )
            assert slope == pytest.approx(0, abs=3e-8)
    # The energy is the derivative of beta f in beta; the noises scale like beta^2 r.

    def reduced(s):
        scale = (1 + s) ** 2
        moved = [n, q1, q2, point[3] / scale, point[4] / scale, theta]
        return functional(model, alpha, T / (1 + s), *moved) * (1 + s) / T

    assert state.energy == pytest.approx(derivative(reduced, 1e-3) * T, abs=2e-7)


def test_ground_states_are_the_limit():
    for start, alpha in (("glass", 0.05), ("retrieval", 0.138)):
        ground, cold = (
            theory.solve(Hopfield(), alpha=alpha, T=T, start=start, rsb=1) for T in (0.0, 2e-5)
        )
        assert ground.q == 1
        assert ground.theta == 0
        assert ground.free_energy == pytest.approx(float(ground.energy), abs=1e-13)
        for name in ("q1", "reweighting", "susceptibility", "free_energy"):
            assert getattr(cold, name) == pytest.approx(float(getattr(ground, name)), rel=6e-3)


def test_capacity():
    """H. Steffan, R. Kuehn (1994): 0.138186; the re-entrance of 2e-4 is gone to 1e-5."""
    T = np.array([0.0, 0.005, 0.01, 0.02])
    loads = theory.critical_load(Hopfield(), T, rsb=1)
    assert loads[0] == pytest.approx(0.138186, abs=6e-7)
    assert np.ptp(loads) < 1.2e-5
    inside, beyond = (
        theory.solve(Hopfield(), alpha=loads * (1 + s), T=T, rsb=1) for s in (-1e-7, 1e-7)
    )
    assert inside.converged.all()
    assert not beyond.converged.any()
    warm = theory.critical_load(Hopfield(), 0.1, rsb=1)
    assert warm == theory.critical_load(Hopfield(), 0.1)


def test_many_patterns_are_the_sherrington_kirkpatrick_glass():
    """As alpha grows the energy of one step is -0.7652 sqrt(alpha) (G. Parisi, 1980)."""
    alpha = np.array([1e4, 1e6])
    energy = theory.solve(Hopfield(), alpha=alpha, T=0.0, start="glass", rsb=1).energy
    gap = energy / np.sqrt(alpha) + 0.76524
    assert abs(gap[1]) < 2e-3
    assert gap[1] / gap[0] == pytest.approx(0.1, abs=0.05)


@pytest.mark.parametrize(
    "model", [Hopfield(), Hopfield(rule=Unsupervised(quality=0.5, n_examples=20))], ids=str
)
def test_the_series_of_the_lines_is_the_state(model):
    rng = np.random.default_rng(2)
    alpha = rng.uniform(1e-3, 0.2, 40)
    T = rng.uniform(0, 1.05, 40) * theory.glass_temperature(model, alpha)
    T[0] = 0.0
    symmetric, broken = (
        theory.solve(model, alpha=alpha, T=T, start="glass", rsb=rsb) for rsb in (0, 1)
    )
    exists = symmetric.converged
    assert (exists == broken.converged).all()
    assert (T[~exists] > theory.glass_temperature(model, alpha[~exists])).all()
    crosstalk = closure(model).field.crosstalk
    table = pair_glass(crosstalk)
    more = np.array(
        [excess_free_energy(table, crosstalk, a, t) for a, t in zip(alpha, T, strict=True)]
    )
    np.testing.assert_allclose(
        (symmetric.free_energy + more[:, 0])[exists], broken.free_energy[exists], atol=1e-8
    )
    assert (more[:, 0] >= 0).all()
    step = 1e-5
    for (_, by_T, by_load), a, t in zip(more[1:], alpha[1:], T[1:], strict=True):
        values = [
            excess_free_energy(table, crosstalk, a + i * step, t + j * step)[0]
            for i, j in ((0, 1), (0, -1), (1, 0), (-1, 0))
        ]
        assert by_T == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-7)
        assert by_load == pytest.approx((values[2] - values[3]) / (2 * step), abs=1e-6)


def test_next_to_the_transition_the_symmetric_glass_is_returned():
    T = 1.2 * np.array([0.97, 0.99, 1.01])
    state = theory.solve(Hopfield(), alpha=0.04, T=T, start="glass", rsb=1)
    assert state.converged.tolist() == [True, True, False]
    assert np.isnan(state.theta).tolist() == [False, True, True]
    assert state.q1[1] == state.q[1]
    symmetric = theory.solve(Hopfield(), alpha=0.04, T=T, start="glass")
    assert abs(state.free_energy[0] - symmetric.free_energy[0]) < 1e-8


def test_transition():
    """Against an independent solver of the one-step glass; with rsb = 0 that of 1985."""
    alpha = [0.04, 0.05, 0.0525, 0.055]
    T = theory.transition_temperature(Hopfield(), alpha)
    np.testing.assert_allclose(T, [0.3706, 0.2390, 0.1937, 0.1285], atol=1.2e-4)
    symmetric = theory.transition_temperature(Hopfield(), alpha, rsb=0)
    np.testing.assert_allclose(symmetric[:3], [0.365231, 0.216383, 0.143880], atol=1e-6)
    assert np.isnan(symmetric[3])
    retrieval = theory.solve(Hopfield(), alpha=alpha, T=T)
    glass = theory.solve(Hopfield(), alpha=alpha, T=T, start="glass", rsb=1)
    np.testing.assert_allclose(retrieval.free_energy, glass.free_energy, atol=5e-9)


def test_the_transition_ends_on_the_load_axis():
    T = np.array([0.0, 1e-3, 0.03, 0.1, 0.3, 1.0, 1.2])
    loads = theory.transition_load(Hopfield(), T)
    assert loads[0] == pytest.approx(0.05614, abs=1e-5)
    assert loads[1] == pytest.approx(loads[0], abs=2e-5)
    assert np.isnan(loads[5:]).all()
    ground = [
        theory.solve(Hopfield(), alpha=loads[0], T=0, start=s, rsb=1).energy
        for s in ("retrieval", "glass")
    ]
    assert ground[0] == pytest.approx(float(ground[1]), abs=5e-9)
    back = theory.transition_temperature(Hopfield(), loads[3:5])
    np.testing.assert_allclose(back, T[3:5], rtol=1e-7)
    symmetric = theory.transition_load(Hopfield(), [0.0, 0.1], rsb=0)
    np.testing.assert_allclose(symmetric, [0.0518543, 0.0530915], atol=6e-7)


def test_the_table_serves_every_law():
    storing = Crosstalk(True, np.ones(1), np.ones(1), 0.0)
    assert pair_glass(storing) is pair_glass(
        closure(Hopfield(rule=Supervised(**R8M6))).field.crosstalk
    )
