"""The error of outer-product memories: brute force, limits, symmetries, refusals."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import chi as chi_law
from scipy.stats import norm
from scipy.stats import t as student

import theory
from hebbian import zipf
from hebbian.outer_product import tokens
from theory.outer_product.quadrature import lengths

N, M = 1000, 5
P = zipf(N, 2.0)
CLASSES = np.arange(1, N + 1) % M


def summed(given, x, d):
    """The wrong answers to a token, the integrals of the definition as sums on fine grids."""
    q, of = given.q, given.classes
    Q = np.array([(q[of == y] ** 2).sum() for y in range(given.n_classes)])
    own, others = of[x], [y for y in range(given.n_classes) if y != of[x]]
    z = np.linspace(-8.5, 8.5, 1001)
    # The midpoints of lengths, where the density may have a cusp at 0.
    chi = max(math.sqrt(d) - 7, 0) + 14 * (np.arange(2000) + 0.5) / 2000
    t = q[x] * chi[:, None] + math.sqrt(Q[own] - q[x] ** 2) * z
    right = np.prod([ndtr(t / math.sqrt(Q[y])) for y in others], axis=0)
    weight, density = norm.pdf(z), chi_law.pdf(chi, d)
    return 1 - density @ right @ weight / density.sum() / weight.sum()


@pytest.mark.parametrize("d", [1, 3, 40])
def test_every_token_by_sums(d):
    p, q, classes = zipf(5, 1.0), [1.0, 0.5, 0.3, 0.7, 0.02], [0, 1, 2, 0, 1]
    found = theory.outer_product(p, q, classes, d).recalled
    expected = [1 - summed(tokens(p, q, classes), x, d) for x in range(5)]
    assert found == pytest.approx(expected, abs=1e-5)


def test_two_classes_of_one_token_by_hand():
    """The own score q1 chi against a Gaussian of width q2: Phi, averaged over the length."""
    q1, q2, d = 0.8, 1.3, 7
    found = theory.outer_product([0.5, 0.5], [q1, q2], [0, 1], d, embedding="sphere").recalled
    assert found == pytest.approx(ndtr([q1 / q2 * d**0.5, q2 / q1 * d**0.5]), abs=1e-8)
    gaussian = quad(lambda c: ndtr(q1 * c / q2) * chi_law.pdf(c, d), 0, 20)[0]
    found = theory.outer_product([0.5, 0.5], [q1, q2], [0, 1], d).recalled
    assert found[0] == pytest.approx(gaussian, abs=1e-8)
    # Student's law, the ratio of a Gaussian and a length.
    assert gaussian == pytest.approx(student.cdf(q1 / q2 * d**0.5, d), abs=1e-8)


def test_numbers_of_one_hundred_dimensions():
    """Of unit lengths by fine quadrature, three digits; those of Gaussian lengths differ by 1/d."""
    for q, unit, gaussian in (
        ("uniform", 0.6014152, 0.6018983),
        ("frequency", 0.1026534, 0.1029817),
        ("threshold:12", 0.0385186, 0.0385261),
    ):
        for embedding, value in (("sphere", unit), ("gaussian", gaussian)):
            found = theory.outer_product(P, q, CLASSES, 100, embedding=embedding)
            assert found.error == pytest.approx(value, abs=1.5e-7)


def test_limits():
    far = theory.outer_product(P, "frequency", CLASSES, 10**14)
    assert far.error < 1e-6
    only = theory.outer_product(P, "threshold:10", CLASSES, 10**8)
    # What is not stored is answered by chance, where all classes are equally loud.
    assert only.error == pytest.approx(P[10:].sum() * (1 - 1 / M), abs=1e-6)
    known = theory.outer_product(P, "uniform", CLASSES, 20)
    many = theory.outer_product(P, "uniform", CLASSES, 20, 10**9)
    assert many.error == pytest.approx(known.error, abs=1e-8)
    assert known.unseen == 0
    none = theory.outer_product(P, "uniform", CLASSES, 20, 0)
    assert none.error == pytest.approx(1 - 1 / M, abs=1e-7)
    assert none.unseen == pytest.approx(1)
    nothing = theory.outer_product([0.5, 0.5], [0, 0], [0, 1], 3)
    assert nothing.error == pytest.approx(0.5, abs=1e-7)
    assert theory.outer_product([1.0], [1.0], [0], 3, [0, 5]).error == pytest.approx(
        [0, 0], abs=1e-9
    )


def test_orders_of_tokens_names_of_classes_and_scales_do_not_matter():
    p, q = zipf(200, 1.3), np.random.default_rng(1).random(200)
    classes = np.random.default_rng(2).integers(0, 4, 200)
    found = theory.outer_product(p, q, classes, [5, 50], [30, 300])
    order = np.random.default_rng(3).permutation(200)
    moved = theory.outer_product(p[order], 7 * q[order], (3 - classes)[order], [5, 50], [30, 300])
    assert moved.error == pytest.approx(found.error, abs=1e-8)
    assert moved.recalled == pytest.approx(found.recalled[:, order], abs=1e-7)


def test_seen_tokens_by_enumeration():
    """All sets of seen tokens, each with its probability if they are seen independently."""
    p, q, classes, d, T = (
        zipf(6, 1.0),
        np.array([1, 0.6, 0.9, 0.5, 0.4, 0.3]),
        np.arange(6) % 2,
        6,
        4,
    )
    seen = 1 - (1 - p) ** T
    total = 0.0
    for kept in itertools.product((0, 1), repeat=6):
        chance = np.where(kept, seen, 1 - seen).prod()
        total += chance * theory.outer_product(p, q * kept, classes, d).error
    found = theory.outer_product(p, q, classes, d, T)
    assert found.error == pytest.approx(total, abs=2e-3)
    assert found.unseen == pytest.approx((p * (1 - p) ** T).sum())


def test_nodes_of_lengths_have_their_moments():
    for d in (1, 2, 30, 10**4, 10**9):
        chi, weight = lengths(d, "gaussian")
        assert weight @ chi**2 == pytest.approx(d, rel=1e-8)
        assert weight @ chi == pytest.approx(
            chi_law.mean(d) if d < 100 else d**0.5 * (1 - 0.25 / d), rel=1e-7
        )


def test_many_tokens_of_one_class_are_interpolated():
    """More than a run of weights within a quarter, against each of them alone."""
    rng = np.random.default_rng(4)
    p, q, classes = np.full(60, 1 / 60), rng.uniform(0.5, 1, 60), np.arange(60) % 2
    found = theory.outer_product(p, q, classes, 12).recalled
    for x in (0, 7, 33):
        expected = 1 - summed(tokens(p, q, classes), x, 12)
        assert found[x] == pytest.approx(expected, abs=1e-5)


def test_labels_and_shapes():
    xr = pytest.importorskip("xarray")
    d = xr.DataArray([5, 50], coords={"d": [5, 50]}, dims="d")
    found = theory.outer_product(P, "frequency", CLASSES, d)
    assert found.error.dims == ("d",)
    assert found.recalled.dims == ("d", "token")
    plain = theory.outer_product(P, "frequency", CLASSES, [[5], [50]], [10, 20, 30])
    assert plain.error.shape == (2, 3)
    assert plain.q.shape == plain.recalled.shape == (2, 3, N)
    assert (plain.n_samples[0] == [10, 20, 30]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"p": [0.5, 0.4]}, "has the sum 0.9, not 1"),
        ({"p": [1.5, -0.5]}, "p = 1.5 is outside the allowed range"),
        ({"q": [1, -1]}, "q = -1.0 is outside the allowed range"),
        ({"q": [1, 1, 1]}, "q of shape .3,.: one weight for each of 2 tokens"),
        ({"q": "frequencies"}, "did you mean frequency"),
        ({"q": "threshold:3"}, r"q = threshold = 3 is outside the allowed range \[1, 2\]"),
        ({"q": "power:x"}, "q = power = nan"),
        ({"classes": [0, 1, 1]}, "one whole number for each of 2 tokens"),
        ({"classes": [0, 0.5]}, "one whole number for each of 2 tokens"),
        ({"d": 0}, "d = 0.0 is outside the allowed range"),
        ({"d": 2.5}, "d = 2.5 is not a whole number"),
        ({"n_samples": -1}, "n_samples = -1.0 is outside"),
        ({"d": [1, 2], "n_samples": [1, 2, 3]}, "no common shape"),
        ({"embedding": "cube"}, "embedding = 'cube' is not one of gaussian, sphere"),
    ],
)
def test_bad_input_is_one_line(change, words):
    good = {"p": [0.5, 0.5], "q": "uniform", "classes": [0, 1], "d": 4}
    with pytest.raises(ValueError, match=words) as caught:
        theory.outer_product(**good | change)
    assert "\n" not in str(caught.value)
