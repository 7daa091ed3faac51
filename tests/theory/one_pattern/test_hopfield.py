"""Pairwise networks: Amit, Gutfreund and Sompolinsky, and what examples change."""

import numpy as np
import pytest
import replica_functional as slow
from scipy.optimize import brentq
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Storing, Supervised, Unsupervised

R8M6 = {"quality": 0.8, "n_examples": 6}
RULES = [
    Storing(),
    Supervised(**R8M6),
    Unsupervised(**R8M6),
    Supervised(quality=0.6, n_examples=3),
    Unsupervised(quality=0.3, n_examples=4),
]


def test_published_capacity():
    """alpha_c = 0.1379 and m = 0.967 (Amit, Gutfreund, Sompolinsky 1985), to all digits."""
    alpha = theory.critical_load(Hopfield())
    assert alpha == pytest.approx(0.13790556649493, abs=1e-13)
    m = theory.solve(Hopfield(), alpha=alpha * (1 - 1e-14), T=0).m
    assert m == pytest.approx(0.9674171160, abs=1e-6)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("law", ["binomial", "gaussian"])
def test_zero_temperature_equations(rule, law):
    """Parametrised by y = n/sqrt(2 V); the capacity is the largest load of the curve."""
    model = Hopfield(rule=rule)
    u, weight = slow.example_points(model, law, 1501)
    y = np.geomspace(60, 0.02, 6001)
    n, density = np.zeros_like(y), np.zeros_like(y)
    for point, p in zip(u, weight, strict=True):
        n += p * point * erf(point * y)
        density += p * np.exp(-((point * y) ** 2))
    C = 2 / np.sqrt(np.pi) * y / n * density
    crosstalk = sum(g * v**2 / (1 - v * C) ** 2 for g, v in slow.spectrum(model))
    alpha = np.where(C < 1, n**2 / (2 * y**2) / crosstalk, 0)
    capacity = theory.critical_load(model, law=law)
    assert capacity == pytest.approx(alpha.max(), rel=1e-5)
    for share in (0.01, 0.5, 0.95):
        first = int(np.argmax(alpha > share * capacity))  # y falls: the largest overlap
        low, high = sorted((y[first - 1], y[first]))
        state = theory.solve(model, alpha=share * capacity, T=0, law=law)

        def excess(y, load=share * capacity):
            n = weight @ (u * erf(u * y))
            C = 2 / np.sqrt(np.pi) * y / n * (weight @ np.exp(-((u * y) ** 2)))
            G = sum(g * v**2 / (1 - v * C) ** 2 for g, v in slow.spectrum(model))
            return n**2 / (2 * y**2) / G - load

        exact = brentq(excess, low, high, xtol=1e-14, rtol=1e-14)
        n_exact = weight @ (u * erf(u * exact))
        assert state.n == pytest.approx(n_exact * (u @ weight), abs=1e-11)
        C_exact = 2 / np.sqrt(np.pi) * exact / n_exact * (weight @ np.exp(-((u * exact) ** 2)))
        assert state.susceptibility == pytest.approx(C_exact, rel=1e-8)
        terms = sum(
            g * (v / (1 - v * C_exact) - v + C_exact * (v / (1 - v * C_exact)) ** 2)
            for g, v in slow.spectrum(model)
        )
        energy = -(n_exact**2) / 2 - share * capacity / 2 * terms
        assert state.energy == pytest.approx(energy, abs=1e-11)


@pytest.mark.parametrize("rule", [Storing(), Supervised(**R8M6), Unsupervised(**R8M6)], ids=str)
@pytest.mark.parametrize("start", ["retrieval", "glass", "paramagnet"])
def test_hopfield_is_dense_of_order_two(rule, start):
    alpha, T = np.array([0.0, 0.03, 0.3])[:, None], np.array([0.0, 0.2, 0.8, 1.3, 1.8])
    a, b = (
        theory.solve(model, alpha=alpha, T=T, start=start)
        for model in (Hopfield(rule=rule), Dense(order=2, rule=rule))
    )
    for name in ("m", "n", "q", "free_energy", "energy", "replicon", "susceptibility"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("alpha", [1e-3, 0.05, 0.5, 4.0])
def test_the_glass_grows_from_t_g(alpha):
    T_g = theory.glass_temperature(Hopfield(), alpha)
    assert T_g == pytest.approx(1 + np.sqrt(alpha), rel=1e-15)
    T = T_g * (1 + np.array([-1e-3, -1e-6, 1e-6]))
    glass = theory.solve(Hopfield(), alpha=alpha, T=T, start="glass")
    assert glass.converged.tolist() == [True, True, False]
    # q = 1 - T/T_g to leading order.
    np.testing.assert_allclose(glass.q[:2], [1e-3, 1e-6], rtol=3e-3)
    # Continuous: the paramagnet loses stability where the glass appears.
    paramagnet = theory.solve(Hopfield(), alpha=alpha, T=T, start="paramagnet")
    assert (np.sign(paramagnet.replicon) == [-1, -1, 1]).all()
    assert (glass.free_energy[:2] > paramagnet.free_energy[:2] - 1e-14).all()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_glass_temperature_with_examples(rule):
    model = Hopfield(rule=rule)
    for alpha in (0.01, 0.4):
        T = theory.glass_temperature(model, alpha)
        total = sum(g * v**2 / (T - v) ** 2 for g, v in slow.spectrum(model))
        assert alpha * total == pytest.approx(1, abs=1e-12)


def test_glass_at_zero_temperature():
    """C = sqrt(2/(pi V)) and V = alpha / (1 - C)^2: sigma = sqrt(alpha) + sqrt(2/pi)."""
    alpha = np.array([0.01, 0.1, 1.0])
    glass = theory.solve(Hopfield(), alpha=alpha, T=0, start="glass")
    C = np.sqrt(2 / np.pi) / (np.sqrt(alpha) + np.sqrt(2 / np.pi))
    np.testing.assert_allclose(glass.susceptibility, C, rtol=1e-14)
    # e = -1/pi - sqrt(2 alpha / pi): Amit, Gutfreund, Sompolinsky 1987.
    np.testing.assert_allclose(glass.energy, -1 / np.pi - np.sqrt(2 * alpha / np.pi), rtol=1e-13)


def test_small_loads_of_even_examples():
    """Sites whose examples balance freeze in the crosstalk: alpha -> 0 at T = 0 has C -> 1."""
    model = Hopfield(rule=Supervised(quality=0.8, n_examples=6))
    gap = 1 - theory.solve(model, alpha=[1e-8, 1e-10], T=0).susceptibility
    assert gap[1] / gap[0] == pytest.approx(0.1, rel=0.02)
    assert (gap > 0).all()


# load: spinodal temperature, transition temperature
LINES = {
    0.01: (0.801018, 0.721624),
    0.02: (0.716481, 0.591300),
    0.03: (0.650417, 0.478793),
    0.04: (0.593569, 0.365231),
    0.05: (0.542255, 0.216383),
    0.08: (0.404571, np.nan),
    0.10: (0.315432, np.nan),
    0.13: (0.148919, np.nan),
}


def test_lines():
    """Tabulated with an independent solver in 30-digit arithmetic, replica symmetric."""
    loads = list(LINES)
    spinodal, transition = np.array(list(LINES.values())).T
    np.testing.assert_allclose(
        theory.spinodal_temperature(Hopfield(), loads), spinodal, rtol=0, atol=6e-7
    )
    np.testing.assert_allclose(
        theory.transition_temperature(Hopfield(), loads, rsb=0), transition, rtol=0, atol=6e-7
    )
    replicon = theory.replicon_temperature(Hopfield(), [0.10, 0.13])
    np.testing.assert_allclose(replicon, [0.001450, 0.009472977], rtol=0, atol=6e-7)


def test_the_spinodal_turns_back_at_low_temperature():
    T = np.linspace(0, 0.05, 101)
    load = theory.critical_load(Hopfield(), T)
    assert load.max() == pytest.approx(0.138188, abs=2e-6)
    assert T[load.argmax()] == pytest.approx(0.023, abs=2e-3)
    assert np.isnan(theory.spinodal_temperature(Hopfield(), 0.1382))


def test_low_load_is_a_curie_point():
    assert theory.spinodal_temperature(Hopfield(), 0.0) == 1
    assert theory.transition_temperature(Hopfield(), 0.0) == 1
    state = theory.solve(Hopfield(), alpha=0, T=[0.999, 1.0, 1.5])
    assert state.converged.tolist() == [True, False, False]
    # Landau: T_M = 1 - c sqrt(alpha) as alpha -> 0.
    gap = 1 - theory.spinodal_temperature(Hopfield(), [1e-8, 1e-10])
    assert gap[1] / gap[0] == pytest.approx(0.1, rel=1e-3)
