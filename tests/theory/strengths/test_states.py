"""Patterns of unequal strengths: the equations of state, solved once more by hand."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Supervised, Unsupervised

#: Strengths of the noise; pattern 0 is one more like the first.
LAWS = {
    "two": (1.0, 0.5),
    "weak": (0.6, 1.0, 1.0, 0.2),
    "random": tuple(np.random.default_rng(5).gamma(2.0, size=9) / 3 + 0.05),
}


X, STEP = np.linspace(-9.0, 9.0, 4001, retstep=True)
DENSITY = np.exp(-(X**2) / 2) * STEP / np.sqrt(2 * np.pi)


def polarised(h, V, T):
    """m and q of spins in the field h and Gaussian noise."""
    t = np.tanh((h + np.sqrt(V) * X) / T)
    return float(t @ DENSITY), float(t**2 @ DENSITY)


def iterated(g, others, alpha, T, order):
    """Iterate m and q from the pattern, in the network's own units."""
    m, q = 1.0, 1.0
    for _ in range(4000):
        chi = (1 - q) / T
        if order == 2:
            V = alpha * np.mean(others**2 * q / (1 - others * chi) ** 2)
        else:
            V = alpha * np.mean(others**2) * order / 2 * q ** (order - 1)
        m, q = polarised(g * order / 2 * m ** (order - 1), V, T)
    return m, q


def by_hand(g, others, alpha, T, m, q):
    """Free energy of P = 2, distinct indices: two replica overlaps and their conjugate r."""
    chi = (1 - q) / T
    gap = 1 - others * chi
    r = np.mean(others**2 * q / gap**2)
    field = T * np.log(2 * np.cosh((g * m + np.sqrt(alpha * r) * X) / T)) @ DENSITY
    series = np.mean(T * np.log(gap) - others * q / gap + others)
    return g * m**2 / 2 + alpha / 2 * (series + r * chi) - field


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("law", LAWS)
def test_states_are_those_of_iteration(law, order):
    g = np.array(LAWS[law])
    model = Dense(order=order, weights=(g[0], *g))
    alpha, T = 0.01 * g[0] ** 2, 0.35 * g[0]
    s = theory.solve(model, alpha=alpha, T=T)
    m, q = iterated(g[0], g, alpha, T, order)
    assert (s.m, s.q) == (pytest.approx(m, abs=1e-10), pytest.approx(q, abs=1e-10))
    assert s.susceptibility == pytest.approx((1 - q) / T, abs=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_free_energy_of_pairs(law):
    """Its value by hand, and stationary where it should be: the entropy is its slope alone."""
    g = np.array(LAWS[law])
    alpha, T, step = 0.01 * g[0] ** 2, 0.3 * g[0], 1e-4
    s = theory.solve(Hopfield(weights=(g[0], *g)), alpha=alpha, T=T + step * np.array([-1, 0, 1]))
    value = by_hand(g[0], g, alpha, T, s.m[1], s.q[1])
    assert s.free_energy[1] == pytest.approx(value, abs=1e-12)
    slope = (s.free_energy[2] - s.free_energy[0]) / (2 * step)
    assert s.energy[1] == pytest.approx(s.free_energy[1] - T * slope, abs=1e-7)


@pytest.mark.parametrize("order", [2, 3])
def test_strength_is_conjugate_to_the_overlap(order):
    """d f / d g_0 = -m^P / 2 at a law that does not change: pattern 0 alone, of strength g."""
    g, step = 0.8, 1e-4

    def free_energy(strength):
        # Of many equal others the first is none.
        weights = [strength, *[1.0] * 4_000]
        model = Dense(order=order, weights=weights)
        return theory.solve(model, alpha=0.02, T=0.2)

    low, middle, high = (free_energy(x) for x in (g - step, g, g + step))
    slope = (high.free_energy - low.free_energy) / (2 * step)
    assert slope == pytest.approx(-(middle.m**order) / 2, abs=1e-5)


@pytest.mark.parametrize("law", LAWS)
def test_zero_temperature_of_pairs(law):
    """Parametrised by y = h/sqrt(2 V): the load of every y is explicit."""
    g = np.array(LAWS[law])
    y = np.geomspace(60, 0.01, 20001)
    m = erf(y)
    chi = 2 / np.sqrt(np.pi) * y * np.exp(-(y**2)) / (g[0] * m)
    G = np.mean(g[:, None] ** 2 / (1 - g[:, None] * chi) ** 2, axis=0)
    inside = np.logical_and.accumulate(g.max() * chi < 1)
    alpha = np.where(inside, (g[0] * m / y) ** 2 / 2 / G, 0)
    capacity = theory.critical_load(Hopfield(weights=(g[0], *g)))
    assert capacity == pytest.approx(alpha.max(), rel=1e-6)
    share = np.array([0.05, 0.5, 0.98])
    s = theory.solve(Hopfield(weights=(g[0], *g)), alpha=share * capacity, T=0)
    for k, load in enumerate(share * capacity):
        first = int(np.argmax(alpha >= load))
        low, high = y[first], y[first - 1]

        def excess(y, load=load):
            chi = 2 / np.sqrt(np.pi) * y * np.exp(-(y**2)) / (g[0] * erf(y))
            return (g[0] * erf(y) / y) ** 2 / 2 / np.mean((g / (1 - g * chi)) ** 2) - load

        assert s.m[k] == pytest.approx(erf(brentq(excess, low, high, xtol=1e-15)), abs=1e-11)
    assert not theory.solve(Hopfield(weights=(g[0], *g)), alpha=capacity * 1.001, T=0).converged


@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
def test_examples_of_unequal_patterns(rule):
    """Every eigenvalue of a class times its strength; the noise of one step knows their powers."""
    g = np.array([1.0, 0.5, 1.5])
    learnt = rule(quality=0.8, n_examples=6)
    step = theory.signal_to_noise(Hopfield(weights=(g[0], *g), rule=learnt), alpha=0.1, T=0)
    alike = theory.signal_to_noise(Hopfield(rule=learnt), alpha=0.1 * np.mean(g**2), T=0)
    assert step.m == pytest.approx(float(alike.m), abs=1e-13)
    model = Hopfield(weights=(g[0], *g), rule=learnt)
    T, step = 0.2, 1e-4
    s = theory.solve(model, alpha=0.02, T=T + step * np.array([-1, 0, 1]))
    slope = (s.free_energy[2] - s.free_energy[0]) / (2 * step)
    assert s.energy[1] == pytest.approx(s.free_energy[1] - T * slope, abs=1e-7)
    # df/d alpha is the crosstalk's own: that of the conjugate variables cancels.
    loads = theory.solve(model, alpha=0.02 + 1e-4 * np.array([-1, 1]), T=T)
    value = np.diff(loads.free_energy)[0] / 2e-4
    v = np.outer(g, [1.0, 0.36 / (6 * (0.64 + 0.36 / 6))])
    counts = np.array([1.0, 5.0 if rule is Unsupervised else 0.0])
    q, chi = s.q[1], s.susceptibility[1]
    series = T * np.log(1 - v * chi) - v * q / (1 - v * chi) + v
    assert value == pytest.approx(np.mean(series @ counts) / 2, abs=1e-6)


def test_a_stronger_pattern_ends_the_state_of_a_weak_one():
    """Alone it is there up to T = g; with any load only while g_max chi < 1."""
    weak = Hopfield(weights=[0.5, 0.5, 1.0])
    # Without noise m = tanh(m/2T), chi = (1 - m^2)/T, and the strong ones need chi < 1.
    T = brentq(lambda T: (1 - overlap(T) ** 2) / T - 1, 0.1, 0.49)
    found = theory.spinodal_temperature(weak, [0.0, 1e-9])
    assert found[0] == 0.5
    assert found[1] == pytest.approx(T, abs=1e-3)
    assert np.isnan(theory.critical_load(weak, 0.49))
    assert np.isnan(theory.transition_load(weak, [0.0, 0.1])).all()


def overlap(T):
    return brentq(lambda m: m - np.tanh(0.5 * m / T), 1e-6, 1)


def test_a_strong_pattern_fades_continuously():
    """Among weak ones retrieval ends at m = 0, where y -> 0, chi -> 1 and V -> 2/pi at T = 0."""
    model = Hopfield(weights=[1.0, 0.1])
    end = theory.critical_load(model)
    assert end == pytest.approx(2 / np.pi * (1 - 0.1) ** 2 / 0.1**2, rel=1e-8)
    s = theory.solve(model, alpha=end * np.array([0.9, 0.999, 1 - 1e-7, 1.001]), T=0)
    assert s.converged.tolist() == [True, True, True, False]
    assert s.m[1] == pytest.approx(10 * s.m[2] * 10, rel=0.05)


@pytest.mark.parametrize("start", ["glass", "paramagnet"])
def test_the_glass_knows_the_law_alone(start):
    a, b = (
        theory.solve(Hopfield(weights=w), alpha=0.3, T=[0.2, 1.0, 3.5], start=start)
        for w in ((0.5, 0.5, 1.0, 2.0), (2.0, 2.0, 0.5, 1.0))
    )
    assert a.converged.tolist() == [start == "glass", start == "glass", start != "glass"]
    for name in ("q", "free_energy", "energy", "replicon", "susceptibility"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-9)
    g, model = np.array([0.5, 1.0, 2.0]), Hopfield(weights=(0.5, 0.5, 1, 2))
    T = theory.glass_temperature(model, 0.3)
    assert 0.3 * np.mean(g**2 / (T - g) ** 2) == pytest.approx(1, abs=1e-12)
    glass = theory.solve(model, alpha=0.3, T=T * np.array([0.9999, 1.0001]), start="glass")
    assert glass.converged.tolist() == [True, False]


def test_an_array_of_starts():
    model = Hopfield(weights=(1.0, 1.0, 1.5))
    named = theory.solve(model, alpha=0.02, T=[0.1, 0.3])
    found = theory.solve(model, alpha=0.02, T=[0.1, 0.3], start=[[[1.0, 1.0]], [[0.98, 0.99]]])
    assert found.m.shape == (2, 2)
    np.testing.assert_allclose(found.m, np.broadcast_to(named.m, (2, 2)), atol=1e-9)
    fading = Hopfield(weights="palimpsest:4")
    named = theory.solve(fading, alpha=[0.02, 0.5], T=0.3)
    found = theory.solve(fading, alpha=[0.02, 0.5], T=0.3, start=[[[1.0, 1.0]], [[0.98, 0.99]]])
    np.testing.assert_allclose(found.m, np.broadcast_to(named.m, (2, 2)), atol=1e-9)


@pytest.mark.parametrize("rate", [0.5, 8.0])
def test_palimpsest_is_its_integral_over_ages(rate):
    model, T = Hopfield(weights=f"palimpsest:{rate}"), 0.3
    for alpha in (0.02, 0.05):
        s = theory.solve(model, alpha=alpha, T=T)
        q, chi = float(s.q), float(s.susceptibility)
        u = np.exp(-rate * np.array([0.0, alpha]))
        V = q / rate * quad(lambda u, chi=chi: u / (1 - u * chi) ** 2, *u[::-1], epsabs=1e-14)[0]
        assert (s.m, q) == pytest.approx(polarised(s.m, V, T), abs=1e-11)


def test_palimpsest_without_and_beyond_its_range():
    uniform = theory.critical_load(Hopfield(), [0.0, 0.3])
    slow = theory.critical_load(Hopfield(weights="palimpsest:1e-6"), [0.0, 0.3])
    np.testing.assert_allclose(slow, uniform, rtol=1e-6)
    zero = theory.solve(Hopfield(weights="palimpsest:0"), alpha=0.05, T=0.3)
    assert zero.m == theory.solve(Hopfield(), alpha=0.05, T=0.3).m
    fast = Hopfield(weights="palimpsest:8")
    assert np.isinf(theory.critical_load(fast))
    assert np.isnan(theory.critical_load(fast, 1.1))
    found = theory.solve(fast, alpha=[10.0, 1e6], T=[[0.0], [0.4]])
    np.testing.assert_allclose(found.m[:, 0], found.m[:, 1], rtol=1e-13)
    for model in (Hopfield(weights="palimpsest:2"), Dense(order=3, weights="palimpsest:0.5")):
        end = theory.critical_load(model, 0.7)
        s = theory.solve(model, alpha=end * np.array([1 - 1e-9, 1 + 1e-9]), T=0.7)
        assert s.converged.tolist() == [True, False]
        assert theory.spinodal_temperature(model, end) == pytest.approx(0.7, abs=1e-6)


def test_numbers_of_a_palimpsest_are_its_law():
    """As many numbers as ages; the error of a sum for an integral is 1/K."""
    rate, alpha, K = 6.0, 0.1, 20_000
    ages = (np.arange(K) + 0.5) * alpha / K
    weights = np.exp(-rate * ages) / np.exp(-rate * ages[0])
    numbers = theory.solve(Hopfield(weights=weights), alpha=alpha, T=0.2)
    law = theory.solve(Hopfield(weights=f"palimpsest:{rate}"), alpha=alpha, T=0.2)
    assert numbers.m == pytest.approx(float(law.m), abs=1e-5)
    assert numbers.free_energy == pytest.approx(float(law.free_energy), abs=1e-4)
