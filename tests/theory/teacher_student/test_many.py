"""A student of three and more bodies against its equations, written anew."""

import math

import numpy as np
import pytest
from scipy import optimize

import theory
from hebbian import Dense, TeacherStudent
from hebbian.teacher_student import largest_inverse_temperature

GRID = np.linspace(-9, 9, 901)
WEIGHT = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi) * (GRID[1] - GRID[0])

#: Order, the teacher's inverse temperature, load and temperature.
POINTS = [(3, 0.9, 3.5, 0.8), (3, 0.4, 40.0, 4.0), (4, 1.2, 3.0, 0.6), (6, 0.7, 9.0, 1.1)]


def averages(P, b, alpha, T, m, q):
    signal = P / 2 * alpha * b * m ** (P - 1)
    field = signal + math.sqrt(alpha * P / 2 * q ** (P - 1)) * GRID
    t = np.tanh(field / T)
    return WEIGHT @ t, WEIGHT @ t**2, WEIGHT @ np.logaddexp(field / T, -field / T)


def free_energy(P, b, alpha, T, m, q):
    """Of a mean energy - alpha b m^P/2 and couplings of variance alpha P!/2 N^(P-1)."""
    noise = alpha / (4 * T) * (1 - P * q ** (P - 1) + (P - 1) * q**P)
    return alpha * b * (P - 1) / 2 * m**P - noise - T * averages(P, b, alpha, T, m, q)[2]


@pytest.mark.parametrize(("P", "b", "alpha", "T"), POINTS)
def test_a_root_of_the_equations(P, b, alpha, T):
    s = theory.solve(TeacherStudent(order=P, signal=b), alpha=alpha, T=T)
    found = optimize.root(
        lambda x: np.subtract(averages(P, b, alpha, T, *x)[:2], x), (0.999, 0.998), tol=1e-13
    )
    np.testing.assert_allclose(found.x, (s.m, s.q), atol=1e-11)
    np.testing.assert_allclose(free_energy(P, b, alpha, T, *found.x), s.free_energy, rtol=1e-12)
    for k in range(2):
        step = 1e-5 * np.eye(2)[k]
        up, down = (free_energy(P, b, alpha, T, *(found.x + side * step)) for side in (1, -1))
        assert abs(up - down) < 1e-9
    e = 1e-4 * T
    up, down = (
        theory.solve(TeacherStudent(order=P, signal=b), alpha=alpha, T=T + side * e).free_energy
        for side in (1, -1)
    )
    slope = (up / (T + e) - down / (T - e)) / (2 * e)
    np.testing.assert_allclose(-(T**2) * slope, s.energy, rtol=1e-6)


@pytest.mark.parametrize("P", [3, 4, 7])
def test_the_teachers_temperature(P):
    """m = q, and learning begins where stored patterns freeze (arXiv:2401.04191)."""
    rng = np.random.default_rng(P)
    for b in rng.uniform(0.2, 0.95 * largest_inverse_temperature(P), 3):
        model = TeacherStudent(order=P, signal=b)
        loads = theory.learning_load(model, 1 / b), theory.transition_load(model, 1 / b)
        for kind, load in zip(("dynamic", "static"), loads, strict=True):
            unit = theory.glass_temperature(Dense(order=P), 1.0, kind=kind)
            np.testing.assert_allclose(load, 1 / (b * unit) ** 2, rtol=1e-8)
        alpha = loads[0] * rng.uniform(1.0001, 4, 5)
        s = theory.solve(model, alpha=alpha, T=1 / b)
        assert (abs(s.m - s.q) < 1e-9).all()
        np.testing.assert_allclose(s.energy, -0.5 * alpha * b, rtol=1e-12)
        assert (s.replicon > 0).all()


@pytest.mark.parametrize(("P", "b"), [(3, 0.8), (4, 1.1), (5, 0.5)])
def test_lines_are_where_states_begin_and_meet(P, b):
    model = TeacherStudent(order=P, signal=b)
    T = np.array([0.0, 0.3, 1.0, 2.5, 7.0])
    loads = theory.learning_load(model, T)
    assert theory.solve(model, alpha=loads * (1 + 1e-9), T=T).converged.all()
    assert not theory.solve(model, alpha=loads * (1 - 1e-9), T=T).converged.any()
    warm = T[3:]  # below the teacher's temperature more heat helps
    np.testing.assert_allclose(theory.spinodal_temperature(model, loads[3:]), warm, rtol=1e-7)
    loads = theory.transition_load(model, warm)
    np.testing.assert_allclose(theory.transition_temperature(model, loads), warm, rtol=1e-7)
    knows = theory.solve(model, alpha=loads, T=warm)
    glass = theory.solve(model, alpha=loads, T=warm, start="glass", rsb=1)
    liquid = theory.solve(model, alpha=loads, T=warm, start="paramagnet")
    frozen = theory.glass_temperature(model, loads) > warm
    other = np.where(frozen, glass.free_energy, liquid.free_energy)
    np.testing.assert_allclose(knows.free_energy, other, rtol=1e-9)
    alpha = 1.5 * theory.learning_load(model, 0.0)
    at = theory.replicon_temperature(model, alpha)
    assert float(theory.solve(model, alpha=alpha, T=at).replicon) == pytest.approx(0, abs=1e-8)


def test_states_without_the_teacher_are_in_own_units():
    """The glass of the scaled network is the same one."""
    model, alpha, T = TeacherStudent(order=3, signal=0.7), np.array([0.5, 2.0]), 0.2
    unit = 0.7 * alpha
    for rsb in (0, 1):
        s = theory.solve(model, alpha=alpha, T=T, start="glass", rsb=rsb)
        scaled = theory.solve(
            Dense(order=3), alpha=alpha / unit**2, T=T / unit, start="glass", rsb=rsb
        )
        np.testing.assert_allclose(s.q, scaled.q, rtol=1e-12)
        np.testing.assert_allclose(s.free_energy, unit * scaled.free_energy, rtol=1e-12)
        np.testing.assert_allclose(s.susceptibility, scaled.susceptibility / unit, rtol=1e-9)
        assert (s.m == 0).all()
    kept = theory.solve(model, alpha=0.1, T=T, start="example")
    stored = theory.solve(Dense(order=3), alpha=0.1, T=T)
    assert (kept.n, kept.m, kept.free_energy) == (stored.m, 0, stored.free_energy)


def test_one_step_of_breaking():
    model = TeacherStudent(order=3, signal=0.9)
    s = theory.solve(model, alpha=3.0, T=[0.2, 0.0], rsb=1)
    e = 1e-4
    up, down = theory.solve(model, alpha=3.0, T=[0.2 + e, 0.2 - e], rsb=1).free_energy
    slope = (up / (0.2 + e) - down / (0.2 - e)) / (2 * e)
    np.testing.assert_allclose(-0.04 * slope, s.energy[0], rtol=1e-6)
    np.testing.assert_allclose(s.reweighting[0] * 0.2, s.theta[0])
    np.testing.assert_allclose(s.susceptibility[0], (1 - s.q[0]) / 0.2, rtol=1e-9)
    # Replica symmetric, the state is not there yet.
    assert not theory.solve(model, alpha=3.0, T=[0.2, 0.0]).converged.any()
    alpha = theory.learning_load(model, 0.0, rsb=1)
    assert alpha < 3.0 < theory.learning_load(model, 0.0)


@pytest.mark.parametrize("P", [3, 4, 5, 6, 7, 8])
def test_examples_are_lost_before_the_teacher_is_known(P):
    """So that transitions need not count states that keep an example."""
    best = TeacherStudent(order=P, signal=0.999 * largest_inverse_temperature(P))
    T = np.linspace(0, 1.2, 13)
    first = np.minimum(theory.learning_load(best, T), theory.transition_load(best, T))
    kept = np.nan_to_num(theory.critical_load(Dense(order=P), T))
    assert (first > 1.1 * kept).all()


def test_without_examples_and_without_temperature():
    model = TeacherStudent(order=4, signal=0.5)
    for start in ("retrieval", "glass"):
        assert not theory.solve(model, alpha=0.0, T=[0.0, 0.5], start=start).converged.any()
    free = theory.solve(model, alpha=0.0, T=0.5, start="paramagnet")
    assert float(free.free_energy) == pytest.approx(-0.5 * math.log(2), rel=1e-14)
    cold = [theory.solve(model, alpha=30.0, T=T) for T in (0.0, 1e-6)]
    assert float(cold[0].m) == pytest.approx(float(cold[1].m), abs=1e-9)
    assert float(cold[0].free_energy) == pytest.approx(float(cold[1].free_energy), abs=1e-9)
    assert np.isnan(theory.spinodal_temperature(model, [0.0, 1.0])).all()


def test_curves_of_the_diagram():
    model = TeacherStudent(order=3, signal=0.9)
    lines = theory.phase_lines(model, n_points=30)
    np.testing.assert_allclose(lines.nishimori_temperature, 1 / 0.9)
    T = lines.spinodal_temperature
    np.testing.assert_allclose(lines.spinodal_load, theory.learning_load(model, T.values))
    np.testing.assert_allclose(
        lines.replicon_temperature, theory.replicon_temperature(model, lines.replicon_load.values)
    )
    assert lines.glass_thermodynamic.values[[1, -1]].tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: theory.supervised_student(m, alpha=1), "order = 3"),
        (lambda m: theory.critical_load(m), "have no critical load"),
        (lambda m: theory.transition_temperature(m, 3.0, n_spins=50), "infinite size"),
        (lambda m: theory.trajectory(m, alpha=1, T=0.1, n_steps=3), "retrieval dynamics"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call(TeacherStudent(order=3, signal=1.0))
    assert "\n" not in str(caught.value)
