"""The search of stable states against exhaustive ones and against topology."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

import theory
from hebbian import Multitasking, Supervised
from theory.many_patterns.states import directions


def columns(K, d):
    v = np.array(list(itertools.product((-1, 0, 1), repeat=K)), float)
    return v, np.prod(np.where(v == 0, d, (1 - d) / 2), axis=1)


def states_by_signs(K, d):
    """Every stable state of T = 0: all assignments of a sign to each column, mod +-."""
    v, p = columns(K, d)
    half = [i for i in range(len(v)) if v[i].any() and v[i][np.flatnonzero(v[i])[0]] > 0]
    v, p = v[half], 2 * p[half]
    found = set()
    for signs in itertools.product((-1, 1), repeat=len(v)):
        m = (p * signs) @ v
        if (signs * (v @ m) > 1e-12).all():
            found.add(tuple(np.sort(np.abs(m))[::-1].round(12)))
    return sorted(found)


@pytest.mark.parametrize(
    ("K", "d", "count"), [(2, 0.1, 1), (2, 0.9, 1), (3, 0.05, 2), (3, 0.6, 2), (3, 0.63, 1)]
)
def test_zero_temperature_is_exhaustive(K, d, count):
    found = theory.stable_states(Multitasking(n_patterns=K, dilution=d), 0)
    assert len(found) == count
    np.testing.assert_allclose(sorted(tuple(s.m) for s in found), states_by_signs(K, d), atol=1e-11)
    assert all(s.min_eigenvalue == 1 for s in found)


def critical_points(K, d, T):
    """Minima, saddles and maxima of f in the cone n1 >= ... >= 0, from Newton on a grid."""
    v, p = columns(K, d)
    n = np.array(list(itertools.product(np.linspace(0, 1 - d, 29 if K == 2 else 15), repeat=K)))
    n = n[(np.diff(n, axis=1) <= 0).all(axis=1)]
    for _ in range(60):
        t = np.tanh(n @ v.T / T)
        gradient = n - (p * t) @ v
        hessian = np.eye(K) - np.einsum("bc,ci,cj->bij", p * (1 - t**2) / T, v, v)
        size = np.abs(np.linalg.det(hessian)) > 1e-13
        n, hessian, gradient = n[size], hessian[size], gradient[size]
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        n = n - step * np.minimum(1, 0.05 / np.linalg.norm(step, axis=1).clip(1e-300))[:, None]
    good = np.abs(step).max(axis=1) < 1e-11
    points = np.sort(np.abs(n[good]), axis=1)[:, ::-1].round(8) + 0.0
    values = np.linalg.eigvalsh(hessian[good])
    return {tuple(point): value for point, value in zip(points, values, strict=True)}


@pytest.mark.parametrize(
    ("K", "d", "T"),
    [
        (2, 0.3, 0.1),
        (2, 0.62, 0.1),
        (2, 0.62, 0.25),
        (2, 0.8, 0.1),
        (3, 0.08, 0.2),
        (3, 0.3, 0.3),
        (3, 0.62, 0.2),
        (3, 0.75, 0.12),
    ],
)
def test_no_state_is_missed(K, d, T):
    """The indices of all critical points sum to 1 (Poincare-Hopf): the list of them is whole.

    f grows as |n|^2/2, so the degree of its gradient is 1; each point counts with its
    2^(number of overlaps) K!/(repetitions)! images under signs and permutations.
    """
    points = critical_points(K, d, T)
    degree = 0
    for point, values in points.items():
        images = math.factorial(K) * 2 ** np.count_nonzero(point)
        images //= math.prod(math.factorial(c) for c in Counter(point).values())
        degree += images * (-1) ** int((values < 0).sum())
    assert degree == 1
    minima = sorted(point for point, values in points.items() if (values > 0).all())
    found = theory.stable_states(Multitasking(n_patterns=K, dilution=d), T)
    np.testing.assert_allclose(sorted(tuple(s.m) for s in found), minima, atol=2e-8)


def test_states_are_ordered_and_described():
    found = theory.stable_states(Multitasking(n_patterns=3, dilution=0.08), 0.2)
    assert [s.label for s in found] == ["pure", "parallel"]
    pure, mixture = found
    assert pure.free_energy < mixture.free_energy
    assert mixture.m == pytest.approx([0.458893779405128] * 3, abs=1e-12)
    assert mixture.min_eigenvalue == pytest.approx(0.3358000718452032, abs=1e-12)
    assert pure.energy == pytest.approx(-0.5 * pure.m[0] ** 2, abs=1e-14)
    assert pure.q == pytest.approx(pure.m[0] ** 2 / 0.92, abs=1e-12)
    assert np.isnan(pure.example_eigenvalues).all()


def test_many_stable_states_of_five_patterns():
    """At least 121 were counted at d = 0.53 from 2e4 random starts (derived value)."""
    found = theory.stable_states(Multitasking(n_patterns=5, dilution=0.53), 0, n_starts=1000)
    assert len(found) >= 121
    f = [s.free_energy for s in found]
    assert f == sorted(f)


@pytest.mark.parametrize("K", [2, 3, 4])
def test_ground_state_is_the_lowest_stable_state(K):
    T = np.array([0.0, 0.03, 0.2, 0.5, 0.8])
    for d in (0.05, 0.3, 0.53, 0.61, 0.7, 0.9):
        model = Multitasking(n_patterns=K, dilution=d)
        ground = theory.ground_state(model, T * (1 - d))
        for i, temperature in enumerate(T * (1 - d)):
            best = theory.stable_states(model, temperature)[0]
            assert ground.free_energy[i] == pytest.approx(best.free_energy, abs=1e-13)
            assert str(ground.label[i]) == best.label


def test_learning_merges_the_hierarchy_into_the_parallel_state():
    rule = Supervised(quality=0.2, n_examples=30)  # below the 65 examples that K = 2 needs
    for law, count in (("gaussian", 1), ("binomial", 1)):
        model = Multitasking(n_patterns=2, dilution=0.3, rule=rule)
        found = theory.stable_states(model, 0.1, law=law)
        assert [s.label for s in found] == ["parallel"] * count


@pytest.mark.parametrize("K", [1, 2, 3, 6])
def test_directions_fill_their_cone(K):
    u = directions(K, 50)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1)
    assert (u >= 0).all()
    assert (np.diff(u, axis=1) <= 1e-15).all()


def test_more_starts_find_the_narrow_valleys_of_few_examples():
    rule = Supervised(quality=0.2, n_examples=7)
    model = Multitasking(n_patterns=3, dilution=0.16, rule=rule)
    few, many = (theory.stable_states(model, 0.0, n_starts=n) for n in (300, 800))
    assert len(many) > len(few) > 10
    assert many[0].free_energy <= few[0].free_energy + 1e-12


def test_bad_input():
    model = Multitasking(n_patterns=2, dilution=0.3)
    with pytest.raises(ValueError, match=r"T = -1\.0 is outside"):
        theory.stable_states(model, -1)
    with pytest.raises(ValueError, match="n_starts = 0 is outside"):
        theory.stable_states(model, 0.1, n_starts=0)
    with pytest.raises(ValueError, match="law = 'x' is not one of"):
        theory.ground_state(model, 0.1, law="x")
