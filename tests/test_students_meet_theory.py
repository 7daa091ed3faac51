"""Students of weak examples against the theory, with error bars and the trend in 1/N."""

import math

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Hopfield, Supervised, TeacherStudent, Unsupervised
from montecarlo import Schedule

#: Standard errors of the extrapolated overlap.
LIMIT = 3.5


def overlaps(model, alpha, T, n_spins, n_samples, sweeps=150, seed=1):
    """Return |m| and |q| of every sample, means over chains from the teacher."""
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=2, seed=seed,
        schedule=Schedule(warmup=sweeps // 2, sweeps=sweeps, stride=5), n_threads=1,
    )  # fmt: skip
    return {name: np.abs(run.series[name]).mean(axis=(1, 2)) for name in ("m", "q")}


def infinite(sizes, samples):
    """Return the limit of a straight line in 1/N, its error, and chi^2 per degree of freedom."""
    x = 1 / np.array(sizes)
    y = np.array([one.mean() for one in samples])
    error = np.array([one.std(ddof=1) / len(one) ** 0.5 for one in samples])
    line, covariance = np.polyfit(x, y, 1, w=1 / error, cov="unscaled")
    misfit = (((y - np.polyval(line, x)) / error) ** 2).sum() / max(len(x) - 2, 1)
    return line[1], covariance[1, 1] ** 0.5, misfit


def check(model, alpha, T, counts, **options):
    """Extrapolate m and q of as many samples as `counts` says for each size."""
    known = theory.solve(model, alpha=alpha, T=T)
    runs = [overlaps(model, alpha, T, n, k, **options) for n, k in counts.items()]
    for name in ("m", "q"):
        found, error, misfit = infinite(list(counts), [run[name] for run in runs])
        away = float(found - getattr(known, name))
        assert abs(away) < LIMIT * error, name
        assert error < 0.04
        assert misfit < 9


def test_a_student_of_pairs_knows_its_teacher_as_well_as_theory_says():
    check(TeacherStudent(signal=3.0), 1.0, 1.5, {100: 32, 300: 16}, sweeps=60)


def test_a_student_of_three_bodies_knows_its_teacher_as_well_as_theory_says():
    check(TeacherStudent(order=3, signal=0.5), 16.0, 2.0, {24: 40, 48: 20}, sweeps=40)


@pytest.mark.parametrize(
    "n_examples",
    [51, *(pytest.param(n, marks=pytest.mark.heavy) for n in (501, 2001))],
)
def test_a_student_that_is_told_signs_needs_no_threshold(n_examples):
    """m = erf sqrt(alpha w/2): the sign of the sum of an odd number of examples, at T = 0."""
    w, n_spins = 1.5, 1000
    alpha = n_examples / n_spins
    rule = Supervised(quality=(w / n_spins) ** 0.5, n_examples=n_examples)
    run = montecarlo.simulate(
        Hopfield(rule=rule), alpha=1 / n_spins, T=0, dynamics="zero-temperature", n_spins=n_spins,
        n_samples=16, n_replicas=1, schedule=Schedule(warmup=10, sweeps=1, stride=1), n_threads=1,
    )  # fmt: skip
    m = np.abs(run.series["m"]).mean(axis=(1, 2))
    known = float(theory.supervised_student(TeacherStudent(signal=w), alpha=alpha).m)
    assert known == pytest.approx(math.erf((alpha * w / 2) ** 0.5), abs=1e-12)
    assert abs(m.mean() - known) < 4.5 * m.std(ddof=1) / 4 + 1 / n_spins


HEAVY = {
    "pairs, cold": (TeacherStudent(signal=3.0), 1.0, 0.8),
    "pairs": (TeacherStudent(signal=3.0), 1.0, 1.5),
    "pairs, hot": (TeacherStudent(signal=3.0), 1.0, 2.5),
    "pairs as warm as the teacher": (TeacherStudent(teacher_temperature=4 / 3), 2.0, 4 / 3),
    "pairs, weak": (TeacherStudent(signal=0.5), 8.0, 2.0),
    "three, cold": (TeacherStudent(order=3, signal=0.5), 16.0, 1.0),
    "three as warm as the teacher": (TeacherStudent(order=3, signal=0.5), 16.0, 2.0),
    "three, hot": (TeacherStudent(order=3, signal=0.5), 16.0, 3.0),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", HEAVY)
def test_large_students_know_their_teacher_as_well_as_theory_says(name):
    model, alpha, T = HEAVY[name]
    counts = {
        2: {200: 48, 400: 32, 800: 16},
        3: {36: 48, 60: 32, 90: 16},
    }
    check(model, alpha, T, counts[model.order])


@pytest.mark.heavy
@pytest.mark.parametrize("T", [1.5, 2.5])
def test_independent_flips_teach_as_much_as_a_teacher_of_the_same_signal(T):
    """Hopfield networks without a teacher have energies in units of R M, M examples."""
    w, alpha = 3.0, 1.0
    samples = []
    for n_spins, n_samples in ((200, 48), (400, 32), (800, 16)):
        M = round(alpha * n_spins)
        rule = Unsupervised(quality=(w / n_spins) ** 0.5, n_examples=M)
        units = rule.second_moment * M
        model = Hopfield(rule=rule)
        samples.append(overlaps(model, 1 / n_spins, T / units, n_spins, n_samples)["m"])
    found, error, _ = infinite([200, 400, 800], samples)
    assert abs(found - theory.solve(TeacherStudent(signal=w), alpha=alpha, T=T).m) < LIMIT * error
    assert error < 0.03


@pytest.mark.heavy
def test_three_bodies_learn_at_once():
    """As warm as the teacher, they lose it below the onset and keep most of it above."""
    model = TeacherStudent(order=3, signal=0.5)
    for alpha, known in ((5.0, False), (14.0, True)):
        m = overlaps(model, alpha, 2.0, 72, 12)["m"]
        state = theory.solve(model, alpha=alpha, T=2.0)
        assert bool(state.converged) == known
        assert (m.mean() > 0.85) == known
        assert known or m.mean() < 0.3
