"""One step of replica-symmetry breaking against independent evaluations of its functional."""

import numpy as np
import pytest
import replica_functional as slow
from scipy.special import log_ndtr, logsumexp

import theory
from hebbian import Dense, Multitasking, Supervised, Unsupervised
from theory.closure import closure
from theory.one_pattern.broken.glass import broken_glass, glass_free_energy
from theory.one_pattern.broken.site import cluster_site
from theory.one_pattern.crosstalk import Crosstalk

R8M6 = {"quality": 0.8, "n_examples": 6}

# (model, law, alpha, T), all with an unstable replica-symmetric state or none.
BROKEN = [
    (Dense(order=3), "binomial", 0.45, 0.1),
    (Dense(order=4), "binomial", 0.455, 0.3),
    (Dense(order=8), "binomial", 0.6, 0.05),
    (Dense(order=4, rule=Supervised(**R8M6)), "binomial", 0.38, 0.2),
    (Dense(order=4, rule=Unsupervised(**R8M6)), "gaussian", 0.28, 0.1),
    (Dense(order=4, indices="all"), "binomial", 0.163, 0.1),
    (Dense(order=3, indices="all"), "binomial", 0.26, 0.1),
]


def normal(size, reach=10):
    x = np.linspace(-reach, reach, size)
    return x, np.exp(-(x**2) / 2) * (x[1] - x[0]) / np.sqrt(2 * np.pi)


COMMON, COMMON_WEIGHT = normal(301)
INNER, INNER_WEIGHT = normal(301)


def example_points(model, law):
    if law == "binomial":
        return slow.example_points(model, law)
    r, m = model.rule.quality, model.rule.n_examples
    z, weight = normal(41)
    rho = (1 - r**2) / (m * r**2)
    return (1 + np.sqrt(rho) * z) / np.sqrt(1 + rho), weight


def log_mean_exp(values):
    top = values.max(axis=-1)
    return top + np.log(np.exp(values - top[..., None]) @ INNER_WEIGHT)


def functional(model, law, alpha, T, n, q1, q2, theta):
    """f of the one-step ansatz as printed, with n tilde."""
    weights = slow.covariance(model).items()
    g1, g2 = (alpha / 2 * sum(w * k * q ** (k - 1) for k, w in weights) for q in (q1, q2))
    u, weight = example_points(model, law)
    signal = model.order / 2 * n ** (model.order - 1)
    common = signal * u[:, None, None] + np.sqrt(g1) * COMMON[:, None]
    inner = theta * (slow.log_cosh((common + np.sqrt(g2 - g1) * INNER) / T) + np.log(2))
    site = weight @ (log_mean_exp(inner) @ COMMON_WEIGHT) / theta
    beta = 1 / T
    kernel = sum(
        w * (1 - k * q2 ** (k - 1) + (k - 1) * q2**k - theta * (k - 1) * (q2**k - q1**k))
        for k, w in weights
    )
    a = site - beta * (model.order - 1) / 2 * n**model.order + beta**2 * alpha / 4 * kernel
    return -T * a


def ground_functional(model, law, alpha, n, q1, mu):
    """The energy of the one-step ansatz at T = 0."""
    weights = slow.covariance(model).items()
    g1, g2 = (alpha / 2 * sum(w * k * q ** (k - 1) for k, w in weights) for q in (q1, 1.0))
    s = np.sqrt(g2 - g1)
    u, weight = example_points(model, law)
    x, density = normal(2001)
    h = model.order / 2 * n ** (model.order - 1) * u[:, None] + np.sqrt(g1) * x
    site = np.logaddexp(mu * h + log_ndtr(h / s + mu * s), -mu * h + log_ndtr(mu * s - h / s))
    value = weight @ ((site + mu**2 * s**2 / 2) @ density) / mu
    value -= (model.order - 1) / 2 * n**model.order
    value -= mu * alpha / 4 * sum(w * (k - 1) * (1 - q1**k) for k, w in weights)
    return -value


def slopes(function, point, step=1e-3):
    """Derivatives by central differences; all entries but the last are in (0, 1)."""
    out = []
    for i, x in enumerate(point):
        d = step * x if i == len(point) - 1 else step * min(x, 1 - x)
        values = [function(*point[:i], x + k * d, *point[i + 1 :]) for k in (-2, -1, 1, 2)]
        out.append((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * d))
    return np.array(out)


@pytest.mark.parametrize(("model", "law", "alpha", "T"), BROKEN, ids=str)
def test_warm_states_are_stationary(model, law, alpha, T):
    state = theory.solve(model, alpha=alpha, T=T, law=law, rsb=1)
    assert isinstance(state, theory.BrokenSolution)
    assert state.converged
    assert state.residual < 1e-12
    u, weight = example_points(model, law)
    point = [float(x) for x in (state.n / (u @ weight), state.q1, state.q, state.theta)]
    assert 0 < point[1] < point[2] < 1
    assert 0 < point[3] < 1

    def f(*x):
        return functional(model, law, alpha, T, *x)

    assert state.free_energy == pytest.approx(f(*point), abs=1e-12)
    assert np.abs(slopes(f, point)).max() < 1e-8
    # The energy is the derivative of beta f in beta.
    low, high = 0.999 * T, 1.001 * T
    rise = functional(model, law, alpha, low, *point) / low
    rise -= functional(model, law, alpha, high, *point) / high
    assert state.energy == pytest.approx(rise / (1 / low - 1 / high), abs=2e-6)


@pytest.mark.parametrize(("model", "law", "alpha", "T"), BROKEN, ids=str)
def test_ground_states_are_stationary(model, law, alpha, T):
    state = theory.solve(model, alpha=alpha, T=0.0, law=law, rsb=1)
    assert state.converged
    assert state.q == 1
    assert state.theta == 0
    u, weight = example_points(model, law)
    point = [float(x) for x in (state.n / (u @ weight), state.q1, state.reweighting)]

    def energy(*x):
        return ground_functional(model, law, alpha, *x)

    assert state.free_energy == pytest.approx(energy(*point), abs=1e-11)
    assert state.energy == pytest.approx(float(state.free_energy), abs=1e-12)
    assert np.abs(slopes(energy, point)).max() < 1e-8
    # The limit of low temperatures.
    cold = theory.solve(model, alpha=alpha, T=1e-4, law=law, rsb=1)
    for name in ("m", "n", "q1", "susceptibility", "energy"):
        assert getattr(cold, name) == pytest.approx(float(getattr(state, name)), abs=2e-4)


@pytest.mark.parametrize(
    ("model", "capacity"),
    [
        (Dense(order=3), 0.46121178699374116),
        (Dense(order=4), 0.4583434668000787),
        (Dense(order=6), 0.5277083495446423),
        (Dense(order=8), 0.613447057366665),
    ],
    ids=str,
)
def test_capacity_of_the_ground_state(model, capacity):
    # Computed in 30-digit arithmetic.
    assert theory.critical_load(model, rsb=1) == pytest.approx(capacity, abs=1e-11)


def test_capacity_with_noisy_data():
    model = Dense(order=4, rule=Supervised(**R8M6))
    assert theory.critical_load(model, rsb=1) == pytest.approx(0.390159, abs=5e-7)
    # All noise of order P is a factor of the load: kappa.
    unsupervised = Dense(order=4, rule=Unsupervised(**R8M6))
    kappa = slow.covariance(unsupervised)[4]
    ratio = theory.critical_load(model, rsb=1) / theory.critical_load(unsupervised, rsb=1)
    assert ratio == pytest.approx(kappa, rel=1e-10)


def test_capacity_in_temperature():
    T = np.array([0.0, 0.1, 0.3, 0.44, 0.46, 0.5])
    loads = theory.critical_load(Dense(order=4), T, rsb=1)
    symmetric = theory.critical_load(Dense(order=4), T)
    assert (loads[:-1] > symmetric[:-1]).all()
    assert loads[-1] == symmetric[-1]
    # On the Nishimori line T = alpha nothing breaks and the spinodal is largest, T_d^2.
    top = theory.glass_temperature(Dense(order=4), 1.0, kind="dynamic") ** 2
    assert (loads < top).all()
    assert theory.critical_load(Dense(order=4), top, rsb=1) == pytest.approx(top, abs=1e-9)
    for load, t in zip(loads, T, strict=True):
        below, above = (
            theory.solve(Dense(order=4), alpha=load * f, T=t, rsb=1) for f in (1 - 1e-9, 1 + 1e-9)
        )
        assert below.converged
        assert not above.converged
        assert np.isnan(above.m)


@pytest.mark.parametrize("model", [Dense(order=3), Dense(order=4, rule=Supervised(**R8M6))])
def test_breaking_begins_at_the_replicon_line(model):
    alpha = 0.35 if model.order == 3 else 0.28
    line = float(theory.replicon_temperature(model, alpha))
    T = line * np.array([0.3, 0.6, 0.9, 0.99, 1.01, 1.5])
    broken = theory.solve(model, alpha=alpha, T=T, rsb=1)
    symmetric = theory.solve(model, alpha=alpha, T=T)
    assert broken.converged.all()
    gap = broken.q - broken.q1
    assert (np.diff(gap[:4]) < 0).all()
    assert (gap[:4] > 0).all()
    assert (gap[4:] == 0).all()
    assert np.isnan(broken.theta[4:]).all()
    # Linear in the distance from the line.
    assert gap[3] / gap[2] == pytest.approx(0.1, rel=0.2)
    assert (broken.free_energy[:4] > symmetric.free_energy[:4]).all()
    for name in ("m", "n", "q", "free_energy", "energy", "replicon"):
        np.testing.assert_array_equal(getattr(broken, name)[4:], getattr(symmetric, name)[4:])
    entropy, naive = ((s.energy - s.free_energy) / T for s in (broken, symmetric))
    assert (entropy[:3] > naive[:3]).all()


def test_free_energy_has_the_entropy_as_slope():
    T = 0.1 + 1e-3 * np.array([-2, -1, 0, 1, 2])
    s = theory.solve(Dense(order=3), alpha=0.42, T=T, rsb=1)
    slope = (s.free_energy @ [1, -8, 0, 8, -1]) / 12e-3
    assert slope == pytest.approx(-(s.energy - s.free_energy)[2] / T[2], abs=1e-9)


def test_weak_breaking_at_zero_temperature():
    """Few undecided sites: both overlaps tend to 1 and the states to the symmetric ones."""
    alpha = np.array([1e-3, 0.05, 0.1, 0.2])
    broken = theory.solve(Dense(order=4), alpha=alpha, T=0.0, rsb=1)
    symmetric = theory.solve(Dense(order=4), alpha=alpha, T=0.0)
    assert broken.converged.all()
    np.testing.assert_allclose(broken.m, symmetric.m, atol=1e-4)
    assert (broken.free_energy >= symmetric.free_energy).all()
    assert (np.diff(1 - broken.q1) >= 0).all()
    assert 0 < 1 - broken.q1[2] < 1e-8


class TestGlass:
    def test_known_ground_states(self):
        energies = [
            float(theory.solve(Dense(order=p), alpha=1.0, T=0.0, rsb=1, start="glass").energy)
            for p in (3, 4)
        ]
        np.testing.assert_allclose(energies, [-0.8135349639842315, -0.8254705422449344], atol=1e-13)

    @pytest.mark.parametrize("order", [3, 4, 8])
    def test_agrees_with_the_table(self, order):
        crosstalk = Crosstalk(False, np.ones(1), np.full(1, float(order)), 0.0)
        table = broken_glass(crosstalk)
        T = np.array([0.0, 0.05, 0.2, 0.3])
        state = theory.solve(Dense(order=order), alpha=0.4, T=T, rsb=1, start="glass")
        assert state.converged.all()
        assert (state.m == 0).all()
        for t, f in zip(T, state.free_energy, strict=True):
            assert f == pytest.approx(glass_free_energy(table, crosstalk, 0.4, t)[0], abs=1e-11)

    def test_stationary(self):
        state = theory.solve(Dense(order=3), alpha=1.0, T=0.4, rsb=1, start="glass")
        point = [float(state.q), float(state.theta)]

        def f(q, theta):
            return functional(Dense(order=3), "binomial", 1.0, 0.4, 0.0, 0.0, q, theta)

        assert state.free_energy == pytest.approx(f(*point), abs=1e-12)
        assert np.abs(slopes(f, point)).max() < 1e-9

    def test_none_above_the_dynamic_transition(self):
        top = theory.glass_temperature(Dense(order=3), 0.5, kind="dynamic")
        state = theory.solve(
            Dense(order=3), alpha=0.5, T=top * np.array([0.999, 1.001]), rsb=1, start="glass"
        )
        np.testing.assert_array_equal(state.converged, [True, False])
        assert state.theta[0] == 1
        assert np.isnan(state.free_energy[1])


@pytest.mark.parametrize(
    ("w", "s", "mu", "T"),
    [(0.3, 0.7, 1.5, 0.3), (0.0, 0.2, 3.0, 0.2), (1.2, 0.7, 2.0, 0.05), (0.4, 0.05, 5.0, 0.1)],
)
def test_average_over_the_states_of_a_cluster(w, s, mu, T):
    y = np.linspace(-12, 14, 200001)
    h = (w + s * y) / T
    g = T * np.logaddexp(h, -h)
    log_weight = mu * g - y**2 / 2 + np.log((y[1] - y[0]) / np.sqrt(2 * np.pi))
    norm = logsumexp(log_weight)
    weight = np.exp(log_weight - norm)
    expected = [
        norm / mu - w - mu * s**2 / 2,
        weight @ (1 - np.tanh(h)),
        weight @ np.cosh(np.clip(h, -300, 300)) ** -2.0 / T,
        weight @ g - w - mu * s**2,
    ]
    np.testing.assert_allclose(cluster_site(w, s, mu, T), expected, atol=2e-11, rtol=1e-10)


def test_shapes():
    model = Dense(order=3)
    state = theory.solve(model, alpha=[0.1, 0.45], T=[[0.0], [0.2], [0.7]], rsb=1)
    assert state.m.shape == state.theta.shape == state.n_iter.shape == (3, 2)
    assert "q1" in repr(state)
    for start in closure(model).starts:
        assert theory.solve(model, alpha=[], T=0.1, rsb=1, start=start).q1.shape == (0,)
    assert theory.critical_load(model, [], rsb=1).shape == (0,)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: theory.solve(Multitasking(n_patterns=2, dilution=0.2), T=0.1, rsb=1), "rsb = 1"),
        (lambda: theory.solve(Dense(order=3), alpha=0.1, T=0.1, rsb=2), "rsb = 2"),
        (lambda: theory.critical_load(Dense(order=3), rsb=0.5), "rsb = 0.5"),
        (lambda: theory.solve(Dense(order=3), alpha=0.1, T=0.1, rsb=1, start=[1, 1]), "start"),
        (
            lambda: theory.solve(
                Dense(order=3, indices="all"), alpha=0.1, T=0.1, rsb=1, start="glass"
            ),
            "1RSB glass",
        ),
    ],
)
def test_refuses(call, match):
    with pytest.raises(ValueError, match=match):
        call()
