"""A student that is told more, against its equations and samples of what it is told."""

import math

import numpy as np
import pytest
from scipy import integrate, special

import theory
from hebbian import Hopfield, Supervised, TeacherStudent
from theory.teacher_student import conventions


def test_the_sum_of_examples_at_zero_temperature():
    alpha = np.array([1e-3, 0.1, 2.0])
    s = theory.supervised_student(TeacherStudent(signal=3.0), alpha=alpha)
    np.testing.assert_allclose(s.m, special.erf(np.sqrt(1.5 * alpha)), rtol=1e-12)


@pytest.mark.parametrize(("w", "alpha", "T"), [(3.0, 0.5, 1.5), (0.4, 2.0, 0.3), (20.0, 0.3, 6.0)])
def test_a_root_of_the_equations(w, alpha, T):
    s = theory.supervised_student(TeacherStudent(signal=w), alpha=alpha, T=T)
    told = math.sqrt(alpha * w)
    n = math.sqrt(2 * abs(s.energy))  # the energy is -n_v^2/2

    def average(function):
        def weighted(z):
            v = told + z
            return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * function(v, n * v / T)

        return integrate.quad(weighted, -9, 9, epsabs=1e-13, limit=200)[0]

    assert average(lambda v, x: math.tanh(x)) == pytest.approx(float(s.m), abs=1e-10)
    assert average(lambda v, x: v * math.tanh(x)) == pytest.approx(n, abs=1e-10)
    assert average(lambda v, x: math.tanh(x) ** 2) == pytest.approx(float(s.q), abs=1e-10)
    soft = average(lambda v, x: math.log(2 * math.cosh(x)))
    assert 0.5 * n * n - T * soft == pytest.approx(float(s.free_energy), abs=1e-10)


def test_paramagnet_above_the_temperature_of_learning():
    model = TeacherStudent(signal=2.0)
    s = theory.supervised_student(model, alpha=[[0.5], [3.0]], T=[1.999, 2.001, 7.001])
    assert s.converged.all()
    assert (s.m > 0).tolist() == [[True, False, False], [True, True, False]]
    assert s.free_energy[1, 2] == pytest.approx(-7.001 * math.log(2))


def test_the_network_of_one_archetype_in_other_units():
    N, alpha, w, T = 1e8, 0.5, 3.0, 1.6
    rule = Supervised(quality=math.sqrt(w / N), n_examples=int(alpha * N))
    heat = conventions.archetype_temperature(T, alpha=alpha, signal=w)
    one = theory.solve(Hopfield(rule=rule), alpha=0, T=heat, law="gaussian")
    s = theory.supervised_student(TeacherStudent(signal=w), alpha=alpha, T=T)
    np.testing.assert_allclose((s.m, s.n), (one.m, one.n), atol=1e-6)
    np.testing.assert_allclose(s.free_energy, (1 + alpha * w) * one.free_energy, rtol=1e-6)


def test_what_orientations_tell():
    """Examples of the teacher's own law: fields, their signs, signs of overlaps."""
    rng = np.random.default_rng(8)
    N, alpha, w = 4000, 0.6, 1.5
    b = w / (1 + w)
    y = rng.normal(size=round(alpha * N)) / math.sqrt(1 - b)
    sums = np.zeros((3, N))
    for field in y:
        example = np.where(rng.random(N) < 0.5 + 0.5 * math.tanh(math.sqrt(b / N) * field), 1, -1)
        overlap = np.sign(example.sum())
        sums += np.outer((field, np.sign(field), overlap), example)
    found = np.sign(sums).mean(axis=1)
    power = np.array([alpha * w, 2 * alpha * w / math.pi, 2 * alpha * (1 + w) / math.pi])
    expected = special.erf(np.sqrt(power / 2))
    np.testing.assert_allclose(found, expected, atol=4 / math.sqrt(N))
    told = theory.supervised_student(TeacherStudent(signal=w), alpha=alpha)
    assert float(told.m) == pytest.approx(expected[0], rel=1e-12)
