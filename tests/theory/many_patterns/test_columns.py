"""The evaluators of column averages against plain sums, quadrature and each other."""

import itertools

import numpy as np
import pytest

from theory.many_patterns.columns.choice import Columns
from theory.many_patterns.columns.enumeration import Enumeration, ErfEnumeration
from theory.many_patterns.columns.fourier import FourierIntegral
from theory.many_patterns.columns.halves import Halves
from theory.many_patterns.columns.law import Binomial, Gaussian, Ternary
from theory.many_patterns.columns.leading import Leading

LAWS = [Ternary(0.3), Ternary(0.75), Binomial(0.3, 0.4, 5), Binomial(0.2, 0.5, 3)]
LAWS += [Binomial(0.3, 0.8, 2), Binomial(0.1, 0.3, 1)]


def plain_entry(law):
    """(v, xi, M - 2 agreeing weight, probability) of every microscopic entry."""
    if isinstance(law, Ternary):
        r, M = 1.0, 1
    else:
        r, M = law.quality, law.n_examples
    entries = [(0.0, 0, 0.0, law.dilution)]
    for xi, signs in itertools.product((-1, 1), itertools.product((-1, 1), repeat=M)):
        ups = signs.count(1)
        chance = ((1 + r) / 2) ** ups * ((1 - r) / 2) ** (M - ups) * (1 - law.dilution) / 2
        S = sum(signs)
        flexible = (M * M - S * S) / (M * (M - 1) * (1 - r * r)) if M > 1 else 0.0
        entries.append((xi * S / (r * M), xi, flexible, chance))
    return [entry for entry in entries if entry[3] > 0]


def plain_averages(law, n, T):
    """Psi, image, curvature, m, q, flexible by a sum over all microscopic columns."""
    K = len(n)
    psi, q = 0.0, 0.0
    image, m, flexible, curvature = np.zeros(K), np.zeros(K), np.zeros(K), np.zeros((K, K))
    for column in itertools.product(plain_entry(law), repeat=K):
        v, xi, soft = (np.array([entry[i] for entry in column]) for i in range(3))
        p = np.prod([entry[3] for entry in column])
        x = float(v @ n)
        if T > 0:
            psi += p * T * np.logaddexp(x / T, -x / T)
            t = np.tanh(x / T)
            sech2 = 1 / np.cosh(min(abs(x / T), 300.0)) ** 2
            curvature += p * sech2 / T * np.outer(v, v)
            flexible += p * sech2 / T * soft
        else:
            x = 0.0 if abs(x) < 1e-13 else x
            psi += p * abs(x)
            t = np.sign(x)
        image, m, q = image + p * v * t, m + p * xi * t, q + p * t * t
    return psi, image, curvature, m, q, flexible


def overlaps(K):
    rng = np.random.default_rng(K)
    n = rng.random((5, K)) ** 2
    n[1] = 0.3
    n[2] = 0.7 * 0.2 ** np.arange(K)[::-1]
    n[3] *= -1
    n[4, -1] = 0
    return n


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("K", [1, 2])
@pytest.mark.parametrize("evaluator", ["enumeration", "integral"])
def test_averages_are_sums_over_columns(law, K, evaluator):
    chosen = Enumeration(law, K) if evaluator == "enumeration" else FourierIntegral(law)
    for T in (0.05, 0.4, 3.0):
        for n in overlaps(K):
            psi, image, curvature, m, q, flexible = plain_averages(law, n, T)
            found = chosen.averages(n[None], np.array([T]))
            assert found.potential[0] == pytest.approx(psi, abs=1e-13)
            np.testing.assert_allclose(found.image[0], image, atol=1e-13)
            np.testing.assert_allclose(found.curvature[0], curvature, atol=1e-12)
            measured = chosen.responses(n[None], np.array([T]))
            np.testing.assert_allclose(measured.m[0], m, atol=1e-13)
            assert measured.q[0] == pytest.approx(q, abs=1e-13)
            if not isinstance(law, Ternary):
                np.testing.assert_allclose(measured.flexible[0], flexible, atol=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("evaluator", ["enumeration", "halves", "leading"])
def test_signs_at_zero_temperature_are_sums_over_columns(law, evaluator):
    K = 3 if isinstance(law, Ternary) else 2
    chosen = {
        "enumeration": Enumeration(law, K),
        "halves": Halves(law),
        "leading": Leading(law, Halves(law)),
    }[evaluator]
    cold = np.zeros(1)
    for n in overlaps(K):
        psi, image, _, m, q, _ = plain_averages(law, n, 0.0)
        found, measured = chosen.averages(n[None], cold), chosen.responses(n[None], cold)
        assert found.potential[0] == pytest.approx(psi, abs=1e-13)
        np.testing.assert_allclose(found.image[0], image, atol=1e-13)
        np.testing.assert_allclose(measured.m[0], m, atol=1e-13)
        assert measured.q[0] == pytest.approx(q, abs=1e-13)


@pytest.mark.parametrize("law", [*LAWS, Gaussian(0.3, 0.2), Gaussian(0.6, 3.0)], ids=repr)
def test_evaluators_agree(law):
    """Enumeration and Fourier integral, at T > 0 and, for the Gaussian law, at T = 0."""
    K = 4
    n = overlaps(K)[:4] + 0.01
    gaussian = isinstance(law, Gaussian)
    T = np.zeros(4) if gaussian else np.array([0.01, 0.1, 0.5, 0.003])
    one = ErfEnumeration(law, K) if gaussian else Enumeration(law, K)
    two = FourierIntegral(law) if gaussian else Leading(law, FourierIntegral(law))
    for a, b in zip(one.averages(n, T), two.averages(n, T), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-11)
    for a, b in zip(one.responses(n, T), two.responses(n, T), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-11)


def test_gaussian_law_against_quadrature():
    """Two patterns, the normal variables integrated on a fine grid."""
    d, rho, T, n = 0.35, 0.3, 0.15, np.array([0.4, 0.15])
    z = np.linspace(-9, 9, 1201)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    image, m, psi = np.zeros(2), np.zeros(2), 0.0
    half = (1 - d) / 2
    for xi in itertools.product((-1, 0, 1), repeat=2):
        p = np.prod([half if x else d for x in xi])
        v = [x * (1 + np.sqrt(rho) * z) for x in xi]
        x = (v[0] * n[0])[:, None] + (v[1] * n[1])[None, :]
        w = p * weight[:, None] * weight[None, :]
        t = np.tanh(x / T)
        psi += T * (w * np.logaddexp(x / T, -x / T)).sum()
        image += [(w * t * v[0][:, None]).sum(), (w * t * v[1][None, :]).sum()]
        m += np.array(xi) * (w * t).sum()
    law, warm = Gaussian(d, rho), np.array([T])
    found = FourierIntegral(law).averages(n[None], warm)
    np.testing.assert_allclose(found.image[0], image, atol=1e-12)
    assert found.potential[0] == pytest.approx(psi, abs=1e-12)
    np.testing.assert_allclose(FourierIntegral(law).responses(n[None], warm).m[0], m, atol=1e-12)


@pytest.mark.parametrize(
    ("evaluator", "T"),
    [
        (lambda: Enumeration(Ternary(0.4), 3), 0.1),
        (lambda: FourierIntegral(Binomial(0.4, 0.3, 30)), 0.1),
        (lambda: FourierIntegral(Gaussian(0.4, 0.3)), 0.1),
        (lambda: ErfEnumeration(Gaussian(0.4, 0.3), 3), 0.0),
        (lambda: FourierIntegral(Gaussian(0.4, 0.3)), 0.0),
    ],
)
def test_image_and_curvature_are_derivatives_of_the_potential(evaluator, T):
    chosen, n, step = evaluator(), np.array([0.41, 0.22, 0.13]), 1e-4
    here = chosen.averages(n[None], np.array([T]))
    moved = n + step * np.concatenate([np.eye(3), -np.eye(3)])
    around = chosen.averages(moved, np.full(6, T))
    slope = (around.potential[:3] - around.potential[3:]) / (2 * step)
    np.testing.assert_allclose(here.image[0], slope, atol=1e-6)
    bend = (around.image[:3] - around.image[3:]) / (2 * step)
    np.testing.assert_allclose(here.curvature[0], bend, atol=2e-5)


def test_ties_at_zero_temperature_are_found():
    """Equal overlaps leave the columns (1, -1, 0) without field, a ladder leaves none."""
    n = np.array([[0.3, 0.3, 0.1], [0.6, 0.24, 0.096]])
    for chosen in (Enumeration(Ternary(0.4), 3), Halves(Ternary(0.4))):
        assert chosen.averages(n, np.zeros(2)).singular.tolist() == [True, False]


@pytest.mark.parametrize("T", [0.0, 1e-9, 1e-3])
def test_a_ladder_of_many_patterns_costs_nothing(T):
    """50 patterns with m = (1-d) d^(mu-1): far beyond 3^50 columns."""
    d = 0.3
    n = (1 - d) * d ** np.arange(50.0)
    image = Columns(Ternary(d), 50).averages(n[None], np.array([T])).image[0]
    frozen = n > 100 * T
    np.testing.assert_allclose(image[frozen], n[frozen], rtol=1e-13)


def test_many_different_overlaps_at_zero_temperature_are_refused():
    n = np.sqrt(np.arange(31, 1, -1.0))[None] / 40
    with pytest.raises(ValueError, match=r"T = 0\.0 is out of reach"):
        Columns(Ternary(0.6), 30).averages(n, np.zeros(1))
    with pytest.raises(ValueError, match="T = 1e-12 is out of reach"):
        Columns(Ternary(0.6), 30).averages(n, np.array([1e-12]))
