"""Few strengths for many, and the noise of a palimpsest in closed form."""

import numpy as np
import pytest
from scipy.integrate import quad

from theory.one_pattern.fading import sustained
from theory.one_pattern.strengths.laws import points_of_ages
from theory.one_pattern.strengths.quadrature import compressed

RANDOM = np.random.default_rng(8)
STRENGTHS = {
    "zipf": np.arange(1.0, 30_001) ** -1.5,
    "even": np.linspace(0, 1, 20_001),
    "exponential": np.exp(-RANDOM.exponential(size=20_000) * 3),
    "heavy": RANDOM.pareto(1.5, size=20_000),
    "clustered": 1 + 1e-9 * RANDOM.normal(size=5_000),
    "wide": 10.0 ** RANDOM.uniform(-12, 3, size=5_000),
}


@pytest.mark.parametrize("name", STRENGTHS)
def test_sums_up_to_the_pole(name):
    g = STRENGTHS[name]
    mass, v = compressed(g)
    assert v.size < 300
    assert v[0] == g.max()
    assert mass.sum() == pytest.approx(np.count_nonzero(g), rel=1e-12)
    for gap in (1.0, 0.5, 1e-2, 1e-6):
        chi = (1 - gap) / g.max()
        rounding = 1e-11 + 1e-15 / gap  # of v, next to the pole
        exact = np.sum((g / (1 - g * chi)) ** 2)
        assert mass @ (v / (1 - v * chi)) ** 2 == pytest.approx(exact, rel=rounding)
        exact = np.sum(np.log1p(-g * chi))
        assert mass @ np.log1p(-v * chi) == pytest.approx(exact, rel=rounding)


@pytest.mark.parametrize("name", ["zipf", "even", "heavy"])
def test_sums_without_the_strongest(name):
    """The pole may come as near to the second."""
    g = np.sort(STRENGTHS[name])[::-1]
    mass, v = compressed(g)
    chi = (1 - 1e-4) / g[1]
    exact = np.sum((g[1:] / (1 - g[1:] * chi)) ** 2)
    assert mass[1:] @ (v[1:] / (1 - v[1:] * chi)) ** 2 == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("oldest", [0.0, 0.3, 0.9, 0.999])
def test_ages(oldest):
    mass, u = points_of_ages(oldest)
    for chi in (0.0, 0.5, 0.99):
        exact = quad(lambda u, c=chi: u / (1 - u * c) ** 2, oldest, 1, epsabs=1e-14, epsrel=1e-13)[
            0
        ]
        assert mass @ (u / (1 - u * chi)) ** 2 == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("rate", [1e-2, 1.0, 8.0, 100.0])
@pytest.mark.parametrize("chi", [0.0, 0.04, 0.3, 0.9, 0.999])
def test_the_load_that_sustains_a_noise(rate, chi):
    q, T, h = 0.8, 0.3, 1e-7
    for alpha in (1e-3, 0.02, 0.3, 3.0):
        ends = np.exp(-rate * alpha), 1
        V = q / rate * quad(lambda u: u / (1 - u * chi) ** 2, *ends, epsrel=1e-13, limit=200)[0]
        w, by_V, by_chi = sustained(rate, V, q, chi, T)
        assert w == pytest.approx(-np.expm1(-2 * rate * alpha) / (2 * rate), rel=1e-10)
        if rate * alpha > 2 or chi > 0.95:
            continue  # at the end of the range, or next to the pole: no room for differences
        more = sustained(rate, V * (1 + h), q, chi, T)[0] - w
        assert by_V == pytest.approx(more / (h * V), rel=1e-5)
        more = sustained(rate, V, q - T * h, chi + h, T)[0] - w
        assert by_chi == pytest.approx(more / h, rel=1e-4, abs=1e-6)


def test_noise_that_no_palimpsest_makes_continues_the_load():
    rate, q, chi, T = 5.0, 0.9, 0.2, 0.3
    most = q / rate * quad(lambda u: u / (1 - u * chi) ** 2, 0, 1)[0]
    below, above = (sustained(rate, most * x, q, chi, T) for x in (1 - 1e-9, 1 + 1e-9))
    assert below[0] < 0.5 / rate < above[0]
    np.testing.assert_allclose(below, above, rtol=1e-3)
