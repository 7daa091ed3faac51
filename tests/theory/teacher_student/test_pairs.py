"""A student of pairs against its equations, written anew."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special

import theory
from hebbian import Hopfield, TeacherStudent

GRID = np.linspace(-9, 9, 901)
WEIGHT = np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi) * (GRID[1] - GRID[0])

#: Signal, load and temperature: in all phases that know the teacher.
POINTS = [
    (0.3, 18.0, 0.7), (0.3, 40.0, 9.0), (1.0, 1.3, 1.9), (2.0, 5.0, 0.4), (3.0, 0.16, 0.3),
    (3.0, 1.0, 2.5), (9.0, 0.02, 1.0), (9.0, 0.4, 3.0), (50.0, 0.01, 0.8), (0.05, 900.0, 30.0),
]  # fmt: skip


def averages(h, rho, T):
    field = h + math.sqrt(rho) * GRID
    t = np.tanh(field / T)
    return WEIGHT @ t, WEIGHT @ t**2, WEIGHT @ (np.logaddexp(field / T, -field / T))


def fields(w, alpha, T, m, q):
    gap = 1 - (1 - q) / T
    return alpha * w * m / gap, alpha * (q + w * m**2) / gap**2


def free_energy(w, alpha, T, m, q, h, rho):
    chi = (1 - q) / T
    series = T * math.log(1 - chi) - (q + w * m**2) / (1 - chi) + 1
    return 0.5 * alpha * series + h * m + 0.5 * rho * chi - T * averages(h, rho, T)[2]


def learnt(w, alpha, T):
    return theory.solve(TeacherStudent(signal=w), alpha=alpha, T=T)


@pytest.mark.parametrize(("w", "alpha", "T"), POINTS)
def test_a_root_of_the_equations(w, alpha, T):
    s = learnt(w, alpha, T)
    found = optimize.root(
        lambda x: np.subtract(averages(*fields(w, alpha, T, *x), T)[:2], x),
        (1.01 * s.m, s.q**0.99), tol=1e-13,
    )  # fmt: skip
    np.testing.assert_allclose(found.x, (s.m, s.q), rtol=0, atol=2e-11)
    state = (*found.x, *fields(w, alpha, T, *found.x))
    np.testing.assert_allclose(free_energy(w, alpha, T, *state), s.free_energy, rtol=2e-12)
    assert s.m > 1e-3
    assert s.n == s.m


@pytest.mark.parametrize(("w", "alpha", "T"), POINTS)
def test_the_free_energy_is_stationary_and_its_slopes_are_energy_and_entropy(w, alpha, T):
    s = learnt(w, alpha, T)
    h, rho = fields(w, alpha, T, s.m, s.q)
    state = np.array([s.m, s.q, h, rho])
    for k in range(4):
        step = 1e-5 * state[k] * np.eye(4)[k]
        up, down = (free_energy(w, alpha, T, *(state + side * step)) for side in (1, -1))
        assert abs(up - down) <= 3e-9 * abs(s.free_energy)
    e = 1e-4 * T
    up, down = learnt(w, alpha, T + e), learnt(w, alpha, T - e)
    slope = (up.free_energy / (T + e) - down.free_energy / (T - e)) / (2 * e)
    np.testing.assert_allclose(-(T**2) * slope, s.energy, rtol=1e-6)
    other = s.energy - T * (s.energy - s.free_energy) / T
    np.testing.assert_allclose(other, s.free_energy)


def test_published_numbers():
    s = theory.solve(TeacherStudent(teacher_temperature=2.5), alpha=4, T=2.5)
    np.testing.assert_allclose((s.m, s.q), 0.355749691, atol=5e-10)
    m = theory.solve(TeacherStudent(signal=3.0), alpha=1, T=[1.5, 2.5]).m
    np.testing.assert_allclose(m, (0.765841, 0.613466), atol=5e-7)


def test_the_teachers_temperature():
    """m = q, h = rho / T, the energy of the teacher, and T_c = 1 + sqrt(alpha)."""
    rng = np.random.default_rng(3)
    for b in rng.uniform(0.05, 0.95, 12):
        model = TeacherStudent(teacher_temperature=1 / b)
        onset = (1 / b - 1) ** 2
        np.testing.assert_allclose(theory.learning_load(model, 1 / b), onset, rtol=1e-11)
        alpha = onset * rng.uniform(1.001, 30)
        s = theory.solve(model, alpha=alpha, T=1 / b)
        assert abs(s.m - s.q) < 1e-9
        np.testing.assert_allclose(s.energy, -0.5 * alpha * model.effective_signal, rtol=1e-12)
        h, rho = fields(model.effective_signal, alpha, 1 / b, s.m, s.q)
        np.testing.assert_allclose(h, b * rho, rtol=1e-8)
        assert s.replicon > 0


def test_at_zero_temperature():
    w, alpha = 2.0, np.array([0.4, 1.0, 8.0])
    s = learnt(w, alpha, 0.0)
    ratio = special.erfinv(s.m) * math.sqrt(2)
    np.testing.assert_allclose(alpha, ratio**2 * (1 / (w * s.m) ** 2 + 1 / w), rtol=1e-11)
    for T in (1e-4, 1e-6):  # differences are proportional to T
        cold = learnt(w, alpha, T)
        np.testing.assert_allclose(cold.m, s.m, atol=2 * T)
        np.testing.assert_allclose(cold.energy, s.energy, atol=2 * T)
        np.testing.assert_allclose(cold.susceptibility, s.susceptibility, atol=2 * T)


def test_strong_signals_are_as_good_as_told():
    told = theory.supervised_student(TeacherStudent(signal=1e6), alpha=2e-6, T=1.2)
    np.testing.assert_allclose(learnt(1e6, 2e-6, 1.2).m, told.m, atol=1e-3)
    assert learnt(0.5, 1e4, 3.0).m == pytest.approx(1, abs=1e-12)


def other_roots(w, alpha, T, rng):
    """Return the overlaps that a solver of equations ends with, from everywhere."""
    ends = []
    for _ in range(40):
        start = rng.uniform(0, 1), rng.uniform(max(0, 1 - T), 1)
        found = optimize.root(
            lambda x: np.subtract(averages(*fields(w, alpha, T, x[0], abs(x[1])), T)[:2], x), start
        )
        m, q = found.x
        if found.success and 1e-3 < abs(m) < 1 and (1 - q) / T < 1 and q >= m * m:
            ends.append(abs(m))
    return np.array(ends)


@pytest.mark.parametrize(("w", "alpha", "T"), [POINTS[k] for k in (0, 2, 4, 6, 8)])
def test_no_other_state_knows_the_teacher(w, alpha, T):
    ends = other_roots(w, alpha, T, np.random.default_rng(1))
    assert len(ends) > 0
    np.testing.assert_allclose(ends, learnt(w, alpha, T).m, atol=1e-6)


@pytest.mark.parametrize("w", [0.02, 0.7, 4.0, 300.0])
def test_overlaps_grow_with_examples_from_nothing(w):
    model = TeacherStudent(signal=w)
    for T in (0.0, 0.1, 0.6, 0.99, 1 + 0.9 / w, 1 + 1 / w, 1 + 4 / w):
        onset = theory.learning_load(model, T)
        assert not theory.solve(model, alpha=onset * (1 - 1e-12), T=T).converged
        above = np.geomspace(1e-11, 1e3, 57)
        m = theory.solve(model, alpha=onset * (1 + above), T=T).m
        assert ((np.diff(m) > 0) | (m[1:] > 1 - 1e-12)).all()
        # Like the root of the distance, but in proportion where paramagnet and glass meet.
        power = 1 if 1 + 1 / w == T else 2
        np.testing.assert_allclose((m[4] / m[0]) ** power, above[4] / above[0], rtol=3e-3)


def test_onsets():
    model = TeacherStudent(signal=2.0)
    assert float(theory.learning_load(model, 0.0)) == pytest.approx(math.pi / 8, rel=1e-14)
    np.testing.assert_allclose(theory.learning_load(model, [1.5, 1.9, 7]), [0.25, 0.45, 3])
    # A field on the glass causes a field that is stronger.
    T = 0.8
    alpha = theory.learning_load(model, T)
    glass = theory.solve(model, alpha=alpha, T=T, start="glass")
    chi = glass.susceptibility
    assert float(alpha * 2.0 * chi / (1 - chi)) == pytest.approx(1, rel=1e-11)
    assert glass.replicon < 0
    temperatures = theory.spinodal_temperature(model, [0.2, 0.25, 3.0])
    np.testing.assert_allclose(temperatures, [np.nan, 1.5, 7.0])


def test_the_replicon_is_the_growth_of_a_broken_overlap():
    """q1 - q0 = d makes fields of blocks of variance alpha d / (1 - chi)^2, for few replicas."""
    for w, alpha, T in POINTS[:6]:
        s = learnt(w, alpha, T)
        h, rho = fields(w, alpha, T, s.m, s.q)
        gap, d = 1 - s.susceptibility, 1e-5
        x, weight = np.polynomial.hermite_e.hermegauss(8)
        inside = np.sqrt(alpha * d) / gap * x
        t = np.tanh((h + np.sqrt(rho) * GRID[:, None] + inside) / T)
        weight = weight / weight.sum()
        grown = WEIGHT @ (t**2 @ weight - (t @ weight) ** 2) / d
        assert float(1 - grown) == pytest.approx(float(s.replicon), rel=2e-3, abs=1e-4)


def test_states_without_the_teacher_are_those_of_stored_patterns():
    model, alpha, T = TeacherStudent(signal=2.0), [0.03, 0.08, 0.5], [0.6, 0.2, 1.1]
    for start, of_patterns in (
        ("example", "retrieval"), ("glass", "glass"), ("paramagnet", "paramagnet"),
    ):  # fmt: skip
        s = theory.solve(model, alpha=alpha, T=T, start=start)
        stored = theory.solve(Hopfield(), alpha=alpha, T=T, start=of_patterns)
        np.testing.assert_array_equal(s.free_energy, stored.free_energy)
        np.testing.assert_array_equal(s.n, stored.m)
        np.testing.assert_array_equal(s.m, 0 * stored.m)


def both(w, alpha, T, n, m, q):
    """Follow the equations of an overlap n with an example and m with the teacher."""
    for _ in range(3000):
        h, rho = fields(w, alpha, T, m, q)
        one, two = averages(h + n, rho, T), averages(h - n, rho, T)
        image = np.array([one[0] - two[0], one[0] + two[0], one[1] + two[1]]) / 2
        if np.abs(image - (n, m, q)).max() < 1e-7:
            break
        n, m, q = np.add(image, (n, m, q)) / 2
    return n, m


@pytest.mark.parametrize(("w", "T"), [(30.0, 0.6)])
def test_a_lost_example_leads_to_the_teacher(w, T):
    model = TeacherStudent(signal=w)
    lines = theory.phase_lines(model, n_points=64)
    end = np.interp(T, lines.example_temperature, lines.example_load)
    assert end < 0.97 * theory.critical_load(Hopfield(), T)
    kept, lost = 0.96 * end, 1.02 * end
    s = theory.solve(model, alpha=kept, T=T, start="example")
    n, m = both(w, kept, T, s.n, 1e-3, s.q)
    assert (n, m) == (pytest.approx(s.n, abs=1e-4), pytest.approx(0, abs=2e-3))
    stored = theory.solve(Hopfield(), alpha=lost, T=T)
    assert stored.converged
    assert not theory.solve(model, alpha=lost, T=T, start="example").converged
    n, m = both(w, lost, T, stored.m, 1e-3, stored.q)
    assert (n, m) == (pytest.approx(0, abs=1e-4), pytest.approx(learnt(w, lost, T).m, abs=1e-4))


def test_the_transition_is_with_examples_where_they_are_better():
    weak, strong = TeacherStudent(signal=3.0), TeacherStudent(signal=12.0)
    T = np.array([0.0, 0.3, 0.9, 1.4])
    np.testing.assert_array_equal(theory.transition_load(weak, T), theory.learning_load(weak, T))
    loads = theory.transition_load(strong, T)
    later = loads > theory.learning_load(strong, T)
    assert later.tolist() == [True, True, False, False]
    knows, keeps = (
        theory.solve(strong, alpha=loads[later], T=T[later], start=start).free_energy
        for start in ("retrieval", "example")
    )
    np.testing.assert_allclose(knows, keeps, rtol=1e-11)
    others = [theory.solve(strong, alpha=2 * loads, T=T, start=s) for s in ("example", "glass")]
    knows = theory.solve(strong, alpha=2 * loads, T=T).free_energy
    for other in others:
        assert not (other.free_energy < knows).any()


def test_replicon_temperatures():
    model = TeacherStudent(signal=2.0)
    alpha = np.array([0.2, 0.26, 0.39, 0.4, 2.0, 9.0])
    T = theory.replicon_temperature(model, alpha)
    assert np.isnan(T[0])
    alpha, T = alpha[1:], T[1:]
    np.testing.assert_allclose(theory.solve(model, alpha=alpha, T=T).replicon, 0, atol=1e-8)
    assert (theory.solve(model, alpha=alpha, T=1.01 * T).replicon > 0).all()
    assert (model.nishimori_temperature > T).all()


def test_one_parallel_step():
    """Examples of one quality, whose spins are flipped independently."""
    rng = np.random.default_rng(5)
    N, alpha, w, start, T = 1500, 1.2, 3.0, 0.4, 0.7
    M = round(alpha * N)
    found = []
    for _ in range(4):
        rows = np.where(rng.random((M, N)) < 0.5 + 0.5 * math.sqrt(w / N), 1.0, -1.0)
        s = np.where(rng.random(N) < 0.5 + 0.5 * start, 1.0, -1.0)
        h = rows.T @ (rows @ s) / N - alpha * s
        found.append((np.tanh(h / T).mean(), h.mean(), h.var()))
    step = theory.signal_to_noise(TeacherStudent(signal=w), alpha=alpha, T=T, start_overlap=start)
    spread = np.std(found, axis=0, ddof=1)
    gap = np.mean(found, axis=0) - (step.m, step.field_mean, step.field_variance)
    assert (np.abs(gap) < 4 * spread / 2 + (0.01, 0.02, 0.05)).all()


def test_quadrature_of_the_tests():
    exact = integrate.quad(lambda z: np.tanh(0.3 + z) ** 2 * np.exp(-z * z / 2), -9, 9)[0]
    assert averages(0.3, 1.0, 1.0)[1] == pytest.approx(exact / math.sqrt(2 * math.pi), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: theory.critical_load(m), "have no critical load"),
        (lambda m: theory.solve(m, alpha=1, T=1, rsb=1), "rsb = 1"),
        (lambda m: theory.learning_load(m, 1.0, rsb=1), "rsb = 1"),
        (lambda m: theory.solve(m, alpha=1, T=1, start=[0.5, 0.5]), "one state of each name"),
        (lambda m: theory.solve(m, alpha=1, T=1, start="exampel"), "did you mean example"),
        (lambda m: theory.transition_load(m, 0.5, n_spins=100), "infinite size"),
        (lambda m: theory.solve(m, T=1), "needs a load"),
        (lambda m: theory.learning_load(Hopfield(), 0.5), "have no learning load"),
        (lambda m: theory.learning_load(m, -1), "outside the allowed range"),
        (lambda m: theory.supervised_student(Hopfield(), alpha=1), "have no student"),
        (lambda m: theory.supervised_student(m, alpha=-1), "outside the allowed range"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call(TeacherStudent(signal=2.0))
    assert "\n" not in str(caught.value)
