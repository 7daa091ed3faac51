"""Derived values of multitasking networks: an independent solver of the same equations."""

import numpy as np
import pytest

import theory
from hebbian import Multitasking, Storing, Supervised, Unsupervised

#: start, K, d, T: m, f, smallest eigenvalue of the Hessian, label.
STORED = [
    (
        ("hierarchical", 2, 0.3, 0.1),
        [0.6999760656948094, 0.20288582091901736],
        -0.27362417019452173,
        0.8591978137182859,
        "hierarchical",
    ),
    (
        ("hierarchical", 2, 0.5, 0.15),
        [0.49094645800836, 0.23829037009602738],
        -0.18435525505553718,
        0.5963502278530575,
        "hierarchical",
    ),
    (
        ("hierarchical", 3, 0.3, 0.05),
        [0.6999999962010137, 0.20975755744418237, 0.04583780632598432],
        -0.27029613266297825,
        0.3924651089477102,
        "hierarchical",
    ),
    (
        ("hierarchical", 3, 0.5, 0.02),
        [0.49999976708873445, 0.24999976707788385, 0.12499976705791563],
        -0.16579538425561055,
        0.9998293181986074,
        "hierarchical",
    ),
    (
        ("hierarchical", 4, 0.4, 0.02),
        [0.5999999999955925, 0.23999904339315536, 0.09584141859898127, 0.03663482614816161],
        -0.21451965347038304,
        0.796068292786897,
        "hierarchical",
    ),
    (
        ("pure", 2, 0.3, 0.4),
        [0.6469764987279787, 0.0],
        -0.3375826560341614,
        0.2964464747657857,
        "pure",
    ),
    (
        ("parallel", 2, 0.75, 0.12),
        [0.2071832427668687] * 2,
        -0.09851038838203499,
        0.29331180840804977,
        "parallel",
    ),
    (
        ("parallel", 3, 0.75, 0.12),
        [0.18176250997724] * 3,
        -0.10036039098284795,
        0.18313251772502345,
        "parallel",
    ),
    (
        ("parallel", 3, 0.08, 0.2),
        [0.458893779405128] * 3,
        -0.3368214255360293,
        0.3358000718452032,
        "parallel",
    ),
    (
        ("hierarchical", 3, 0.75, 0.03),
        [0.23976956408525657, 0.19530486729150337, 0.1508438335896007],
        -0.06825746384382539,
        0.5620880875890615,
        "hierarchical",
    ),
    (
        ("parallel", 3, 0.62, 0.2),
        [0.2512135552767, 0.2512135552767, 0.191738252489393],
        -0.16324546310144444,
        0.011478460234964042,
        "mixed:aab",
    ),
    (
        ("hierarchical", 12, 0.3, 0.001),
        [0.7, 0.21, 0.063, 0.018899999999650828, 0.005668892104198342, 0.0015575039513304255]
        + [0.0] * 6,
        -0.26923119557287195,
        0.29436618206567355,
        "hierarchical-6",
    ),
]

#: law, rule, (K, d, T): n, m, f, eigenvalues that tell the examples apart.
LEARNT = [
    (
        ("binomial", 20, 0.4),
        (2, 0.3, 0.1),
        [0.6710064799318818, 0.3311328275889658],
        [0.586921718028501, 0.2819402966829364],
        -0.29154872193388687,
        [0.8628628896604486, 0.8485529022605789],
    ),
    (
        ("binomial", 50, 0.4),
        (3, 0.3, 0.03),
        [0.6952188227990566, 0.2268370343432979, 0.076443724818012],
        [0.6833723498901391, 0.21983318587794015, 0.07320920389351876],
        -0.27124678275978353,
        [0.9816052113834398, 0.968341309788393, 0.9571646624531277],
    ),
    (
        ("binomial", 3, 0.5),
        (2, 0.3, 0.1),
        [0.7923967850273003, 0.5056845718928653],
        [0.4192981490556133, 0.25786100449414395],
        -0.4489609012521676,
        [0.8840780597284768, 0.8746811270845148],
    ),
    (
        # rho = 0.105
        ("gaussian", 50, 0.4),
        (3, 0.3, 0.03),
        [0.695437578333846, 0.22538877465433116, 0.07536433565046714],
        [0.6851913089858116, 0.21889736622753703, 0.0722755127408626],
        -0.2709833788497637,
        [0.9852664427876002, 0.9711990606597409, 0.9590147928334404],
    ),
]


@pytest.mark.parametrize(("point", "m", "f", "eigenvalue", "label"), STORED)
def test_stored_archetypes(point, m, f, eigenvalue, label):
    start, K, d, T = point
    s = theory.solve(Multitasking(n_patterns=K, dilution=d), T=T, start=start)
    assert s.converged
    assert str(s.label) == label
    np.testing.assert_allclose(s.m, m, atol=1e-10)
    np.testing.assert_allclose(s.n, s.m, atol=1e-14)
    assert s.free_energy == pytest.approx(f, abs=1e-12)
    assert s.min_eigenvalue == pytest.approx(eigenvalue, abs=1e-10)
    assert s.energy == pytest.approx(-0.5 * np.sum(np.square(m)), abs=1e-10)
    assert s.replicon == 1


@pytest.mark.parametrize(("law", "point", "n", "m", "f", "eigenvalues"), LEARNT)
def test_learnt_archetypes(law, point, n, m, f, eigenvalues):
    (kind, M, r), (K, d, T) = law, point
    for rule in (Supervised, Unsupervised):
        model = Multitasking(n_patterns=K, dilution=d, rule=rule(quality=r, n_examples=M))
        s = theory.solve(model, T=T, law=kind)
        assert s.converged
        np.testing.assert_allclose(s.n, n, atol=1e-12)
        np.testing.assert_allclose(s.m, m, atol=1e-12)
        assert s.free_energy == pytest.approx(f, abs=1e-12)
        if rule is Unsupervised:
            np.testing.assert_allclose(s.example_eigenvalues, eigenvalues, atol=1e-12)
        else:
            assert np.isnan(s.example_eigenvalues).all()


def test_few_even_examples_at_low_temperature_are_unstable_without_a_teacher():
    rule = Unsupervised(quality=0.3, n_examples=10)
    s = theory.solve(Multitasking(n_patterns=2, dilution=0.3, rule=rule), T=0.05)
    expected = [-0.17660376069422368, -0.17608580172059773]
    np.testing.assert_allclose(s.example_eigenvalues, expected, atol=1e-12)


def test_few_examples_with_a_teacher():
    rule = Supervised(quality=0.5, n_examples=4)
    s = theory.solve(Multitasking(n_patterns=2, dilution=0.3, rule=rule), T=0.05)
    np.testing.assert_allclose(s.m, [0.4223723533224272, 0.28723200279202715], atol=1e-12)


@pytest.mark.parametrize(
    ("K", "d"), [(1, 0.2), (2, 0.4), (3, 0.3), (5, 0.4), (12, 0.3), (50, 0.45)]
)
def test_hierarchy_at_zero_temperature(K, d):
    """m = (1-d) d^(mu-1) and e = -(1-d)^2 (1 - d^2K)/(2 (1 - d^2)), arXiv:1111.5191."""
    s = theory.solve(Multitasking(n_patterns=K, dilution=d), T=0)
    np.testing.assert_allclose(s.m, (1 - d) * d ** np.arange(K), rtol=1e-13)
    energy = -((1 - d) ** 2) * (1 - d ** (2 * K)) / (2 * (1 - d * d))
    assert s.free_energy == pytest.approx(energy, abs=1e-15)
    assert s.energy == pytest.approx(energy, abs=1e-15)
    assert s.q == pytest.approx(1 - d**K, abs=1e-15)
    assert s.min_eigenvalue == 1


@pytest.mark.parametrize("d", [0.3, 0.65, 0.8])
def test_odd_mixture_hierarchy_at_zero_temperature(d):
    """The sign of the column (1, -1, -1) flipped: exact for every d."""
    s = theory.solve(Multitasking(n_patterns=3, dilution=d), T=0, start="parallel")
    expected = (1 - d) / 2 * np.array([1 + 2 * d - d * d, 1 + d * d, 1 - 2 * d + 3 * d * d])
    np.testing.assert_allclose(s.m, expected, atol=1e-15)
    assert s.min_eigenvalue == 1


@pytest.mark.parametrize("model", [Storing(), Supervised(quality=1, n_examples=7)], ids=repr)
def test_perfect_examples_are_archetypes(model):
    s = theory.solve(Multitasking(n_patterns=3, dilution=0.3, rule=model), T=0.05)
    np.testing.assert_allclose(
        s.m, [0.6999999962010137, 0.20975755744418237, 0.04583780632598432], atol=1e-13
    )
