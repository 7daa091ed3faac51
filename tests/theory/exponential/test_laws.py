"""The formulas of every law against their definitions, minimised, integrated and counted."""

import warnings

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, logsumexp

from theory.exponential import binary, gaussian, sphere

LAWS = (binary, sphere, gaussian)
NAMES = ("binary", "sphere", "gaussian")
SHARP = np.geomspace(1e-6, 1e3, 46)[:, None]
COLD = np.r_[0.0, 1e-300, np.geomspace(1e-8, 1e8, 65)]


@pytest.fixture(autouse=True)
def loud():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
@pytest.mark.parametrize("field", [1e-3, 0.2, 1.0, 3.7])
def test_the_cumulant_is_the_legendre_transform_of_the_rate(law, field):
    top = 1 - 1e-12 if law is not gaussian else 10.0
    found = minimize_scalar(
        lambda m: law.rate(m) - field * m, bounds=(0, top), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    assert law.cumulant(field) == pytest.approx(-found.fun, rel=1e-9)
    assert law.mean(field) == pytest.approx(found.x, rel=1e-5)
    assert law.condensation_load(field) == pytest.approx(law.rate(law.mean(field)), rel=1e-12)


def test_cumulants_are_those_of_sums_over_sites():
    """Of signs exactly; on the sphere by integration over the overlap, Gaussian of any sum."""
    h = np.array([0.1, 0.3, 2.0, 20.0])
    np.testing.assert_allclose(binary.cumulant(h), np.log(np.cosh(h)), rtol=1e-9)
    n_sites, m = 4000, np.linspace(-1, 1, 200_001)[1:-1]
    for field in (0.3, 1.0, 5.0):
        weight = 0.5 * (n_sites - 3) * np.log1p(-(m**2))
        found = (logsumexp(weight + n_sites * field * m) - logsumexp(weight)) / n_sites
        assert sphere.cumulant(field) == pytest.approx(found, abs=2 / n_sites)


def test_the_rate_is_that_of_binomial_numbers():
    n_sites = 10**6
    for m in (0.01, 0.3, 0.9, 1.0):
        k = round(n_sites * (1 + m) / 2)
        number = gammaln(n_sites + 1) - gammaln(k + 1) - gammaln(n_sites - k + 1)
        assert binary.rate(m) == pytest.approx(np.log(2) - number / n_sites, abs=2e-5)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_the_overlap_inverts_the_rate(law):
    top = law.largest if np.isfinite(law.largest) else 5.0
    alpha = top * np.r_[0, np.geomspace(1e-15, 0.09, 60), np.linspace(0.1, 1, 60)]
    m = law.overlap(alpha)
    # Next to m = 1 the rate of a sphere amplifies the rounding of m.
    np.testing.assert_allclose(law.rate(m), alpha, rtol=3e-11, atol=0)
    assert (np.diff(m) > 0).all()
    near = law.largest - np.geomspace(1e-13, 1e-2, 40)
    if law is binary:
        p = 0.5 * (1 - binary.overlap(near))
        entropy = -p * np.log(p) - (1 - p) * np.log1p(-p)
        np.testing.assert_allclose(entropy, law.largest - near, rtol=0.03)  # p is of 1 - 2p
        assert binary.overlap(binary.largest) == 1


def test_small_and_large_fields_keep_their_digits():
    """Series of both ends, beyond where the plain formulas cancel or overflow."""
    small = np.geomspace(1e-8, 1e-3, 20)
    np.testing.assert_allclose(binary.cumulant(small), small**2 / 2 - small**4 / 12, rtol=1e-12)
    np.testing.assert_allclose(sphere.cumulant(small), small**2 / 2 - small**4 / 4, rtol=1e-11)
    np.testing.assert_allclose(
        binary.condensation_load(small), small**2 / 2 - small**4 / 4, rtol=1e-11
    )
    np.testing.assert_allclose(binary.rate(small), small**2 / 2 + small**4 / 12, rtol=1e-12)
    np.testing.assert_allclose(binary.overlap(small**2), np.sqrt(2) * small, rtol=1e-6)
    large = np.array([50.0, 1e3, 1e8])
    np.testing.assert_array_equal(binary.cumulant(large), large - np.log(2))
    np.testing.assert_allclose(sphere.cumulant(large), large - 0.5 - 0.5 * np.log(large), rtol=1e-4)
    assert binary.condensation_load(1e3) == np.log(2)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_lines_are_ordered_fall_with_temperature_and_are_finite_at_the_extremes(law):
    alone, together, spinodal = (
        line(SHARP, COLD)
        for line in (law.single_transition_load, law.transition_load, law.spinodal_load)
    )
    for loads in (alone, together, spinodal):
        assert np.isfinite(loads).all()
        assert (loads >= 0).all()
        assert (np.diff(loads, axis=1) <= 1e-14 * (1 + loads[:, :1])).all()
    assert (together <= spinodal * (1 + 1e-12)).all()
    assert (alone <= together * (1 + 1e-12)).all()


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
@pytest.mark.parametrize("sharpness", [1e-6, 0.1, 1.0, 6.0, 1e3])
def test_temperatures_are_the_inverses_of_loads(law, sharpness):
    top = law.spinodal_load(sharpness, 0.0)
    part = np.r_[np.geomspace(1e-8, 1e-2, 20), np.linspace(0.01, 0.999, 60)]
    for temperature, load in (
        (law.spinodal_temperature, law.spinodal_load),
        (law.transition_temperature, law.transition_load),
    ):
        T = temperature(top * part, sharpness)
        assert np.isfinite(T).all()
        np.testing.assert_allclose(load(sharpness, T), top * part, rtol=1e-8)
        assert temperature(0.0, sharpness) == np.inf
        assert temperature(top, sharpness) == pytest.approx(0, abs=0.06)
        beyond = top * 1.001
        if beyond < law.largest:
            assert np.isnan(temperature(beyond, sharpness))


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
@pytest.mark.parametrize(
    ("sharpness", "T"), [(0.3, 0.5), (1.0, 0.2), (1.0, 3.0), (5.0, 0.1), (5.0, 1.0)]
)
def test_lines_are_where_free_energies_meet(law, sharpness, T):
    """The definitions, by root finding, without the formulas of the lines."""
    one = law.potential(T)
    cap = min(law.largest, 10.0)

    def floor(alpha):
        def cost(m):  # the largest of alpha - I(m) + l m among overlaps that there are
            return law.rate(m) - sharpness * m

        last = law.overlap(alpha)
        inside = minimize_scalar(cost, bounds=(0, last), method="bounded", options={"xatol": 1e-13})
        return alpha - min(inside.fun, cost(last))

    def weight(alpha):
        return floor(alpha) / sharpness

    found = brentq(lambda a: one - weight(a), 1e-9, cap - 1e-9, xtol=1e-13)
    assert law.single_transition_load(sharpness, T) == pytest.approx(found, rel=1e-6)
    found = brentq(lambda a: law.magnetization(T) - weight(a), 1e-9, cap - 1e-9, xtol=1e-13)
    assert law.spinodal_load(sharpness, T) == pytest.approx(found, rel=1e-6)
    # All patterns together: the first load at which the paramagnet is not outweighed.
    last = law.transition_load(sharpness, T)
    gain = np.array([T * a + one - weight(a) for a in last * np.array([0.5, 0.9, 0.999, 1.0])])
    assert (gain[:3] > 0).all()
    assert gain[3] == pytest.approx(0, abs=1e-9)


def test_at_one_temperature_all_three_lines_meet():
    """The Nishimori point T = 1/l: Shannon's capacity of a channel with (1 - tanh l)/2 errors."""
    sharp = np.array([0.1, 0.5, 1.0, 2.0, 8.0])
    capacity = np.log(2) + sum(
        p * np.log(p) for p in ((1 + np.tanh(sharp)) / 2, (1 - np.tanh(sharp)) / 2)
    )
    for line in (binary.spinodal_load, binary.transition_load):
        np.testing.assert_allclose(line(sharp, 1 / sharp), capacity, rtol=1e-9)
        # And is continuous there, from both sides.
        for factor in (1 - 1e-9, 1 + 1e-9):
            np.testing.assert_allclose(line(sharp, factor / sharp), capacity, rtol=1e-7)
    np.testing.assert_allclose(binary.condensation_load(sharp), capacity, rtol=1e-9)


def test_limits_of_the_sharpness():
    """The nearest pattern, and a load that vanishes with the sharpness."""
    T = np.array([0.0, 0.2, 1.0, 4.0])
    shannon = binary.rate(binary.magnetization(T))
    for line in (binary.spinodal_load, binary.transition_load):
        np.testing.assert_allclose(line(1e3, T), shannon, rtol=1e-12)
    np.testing.assert_allclose(
        binary.spinodal_load(1e-6, T) / 1e-6, np.tanh([np.inf, 5, 1, 0.25]), rtol=1e-5
    )
    for law in LAWS:
        np.testing.assert_allclose(law.spinodal_load(1e-5, 0.0), 1e-5, rtol=1e-4)


def test_a_gaussian_floor_is_the_published_capacity_of_the_sphere():
    """0.5 at l = 1, of arXiv:2603.13350 and arXiv:2604.07401; the sphere's own is 0.6226."""
    assert gaussian.transition_load(1.0, 0.0) == 0.5
    assert sphere.transition_load(1.0, 0.0) == pytest.approx(0.622572, abs=5e-7)
    sharp = np.array([0.2, 0.7, 1.0, 1.5, 20.0])
    expected = np.where(sharp < 1, sharp - sharp**2 / 2, 0.5)
    np.testing.assert_allclose(gaussian.spinodal_load(sharp, 0.0), expected)
    # Small sharpness sees small overlaps alone, which are Gaussian in both.
    small = np.array([1e-3, 1e-2])
    ratio = gaussian.spinodal_load(small, 0.0) / sphere.spinodal_load(small, 0.0)
    np.testing.assert_allclose(ratio, 1, atol=1e-4)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_the_equilibrium_is_continuous_concave_in_temperature_and_has_an_entropy(law):
    for sharpness in (0.4, 1.0, 3.0):
        alpha = 0.9 * law.spinodal_load(sharpness, 0.0) * np.array([0.05, 0.3, 0.7, 1.0])[:, None]
        T = np.linspace(0.01, 6 / sharpness, 4001)
        f = law.free_energy(alpha, sharpness, T)
        slope = np.diff(f, axis=1)
        if law is binary:
            assert (slope <= 1e-12).all()  # the entropy of spins is positive
            assert (slope >= -1.001 * np.log(2) * np.diff(T)).all()
        assert (np.diff(slope, axis=1) <= 1e-10).all()
        fine = np.linspace(0, alpha[-1, 0] / 0.9, 3001)
        along = law.free_energy(fine, sharpness, np.array([0.1, 1.0, 3.0])[:, None] / sharpness)
        assert np.abs(np.diff(along, axis=1)).max() < 0.1 / sharpness


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_the_barrier_is_that_of_the_constrained_free_energy(law):
    for sharpness, T, part in ((1.0, 0.3, 0.5), (1.0, 0.3, 0.95), (3.0, 0.6, 0.3), (0.3, 1.0, 0.8)):
        alpha = part * law.spinodal_load(sharpness, T)
        c = law.floor(alpha, sharpness) / sharpness
        own = sphere if law is gaussian else law  # the state of a pattern is that of its spins
        m = np.linspace(0, 1, 400_001)[:-1]
        potential = T * own.rate(m) - np.maximum(m, c)
        well = potential[m > c].min()
        hill = potential[(m <= law.magnetization(T))][m[m <= law.magnetization(T)] >= c / 2].max()
        expected = hill - well
        assert law.barrier(alpha, sharpness, T) == pytest.approx(expected, rel=1e-4, abs=2e-6)
    assert np.isnan(law.barrier(1.01 * law.spinodal_load(1.0, 0.3), 1.0, 0.3))


@pytest.mark.parametrize("call", [
    lambda: binary.floor(0.7, 1.0), lambda: binary.overlap([0.1, 0.7]),
    lambda: binary.barrier(0.7, 1.0, 0.1), lambda: binary.free_energy(0.7, 1.0, 0.1),
    lambda: binary.spinodal_temperature(0.7, 1.0),
])  # fmt: skip
def test_more_patterns_than_configurations_are_refused(call):
    with pytest.raises(ValueError, match=r"^alpha = 0\.7 is outside .* \[0, ln 2\]"):
        call()


def test_values_without_a_meaning_are_refused():
    for call, words in (
        (lambda: binary.rate(1.1), r"m = 1.1 is outside the allowed range \[-1, 1\]"),
        (lambda: binary.cumulant(-1.0), r"field = -1.0 is outside the allowed range \(0, inf\)"),
        (lambda: binary.floor(0.1, 0.0), "sharpness = 0.0 is outside"),
        (lambda: sphere.transition_load(1.0, -0.1), "T = -0.1 is outside"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    assert gaussian.rate(2.0) == 2.0
    assert binary.rate(-0.5) == binary.rate(0.5)
