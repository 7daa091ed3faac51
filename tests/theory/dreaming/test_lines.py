"""Lines of slept networks: notes, the Hebbian limit, what holds on a line, long sleeps."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf, erfc

import theory
from hebbian import Dreaming, Hopfield

CAPACITY = {
    0.01: (0.140593, 0.9677), 0.1: (0.165139, 0.9687), 1.0: (0.386595, 0.9793),
    10.0: (0.869653, 0.9952), 100.0: (1.046241, 0.9988), 1000.0: (1.068140, 0.9994),
}  # fmt: skip


@pytest.mark.parametrize("t", CAPACITY)
def test_capacity(t):
    alpha, m = CAPACITY[t]
    found = theory.critical_load(Dreaming(sleep=t))
    assert found == pytest.approx(alpha, abs=1e-6)
    assert theory.solve(Dreaming(sleep=t), alpha=found, T=0).m == pytest.approx(m, abs=3e-4)
    assert not theory.solve(Dreaming(sleep=t), alpha=found * (1 + 1e-9), T=0).converged


def test_capacity_of_a_long_sleep_has_a_limit_beyond_one():
    """With L = t z all energies are of order 1/t: alpha = (1 + z)(1 - c), and V of its own."""

    def load(y):
        sigma = erf(y) / (y * math.sqrt(2))
        c = math.sqrt(2 / math.pi) * math.exp(-y * y) / sigma
        beside = erfc(y) * (2 - erfc(y))

        def excess(z):
            return sigma**2 * (z + c * (1 + z)) - (1 + z) ** 2 * beside - (z * erf(y)) ** 2

        z = brentq(excess, 0.03, 0.3)
        return (1 + z) * (1 - c)

    limit = -minimize_scalar(lambda y: -load(y), bounds=(2.3, 2.7), method="bounded").fun
    assert limit == pytest.approx(1.067823, abs=1e-6)
    assert theory.critical_load(Dreaming(sleep=1e6)) == pytest.approx(limit, abs=5e-6)
    assert theory.critical_load(Dreaming(sleep=1e8)) == pytest.approx(limit, abs=1e-6)


def test_beyond_one_temperatures_are_of_order_1_over_t():
    t = np.array([1e3, 1e4, 1e5, 1e6])
    scaled = t * [float(theory.spinodal_temperature(Dreaming(sleep=x), 1.04)) for x in t]
    assert scaled[0] == pytest.approx(2.87796, abs=1e-5)
    assert (np.diff(scaled) > 0).all()
    assert scaled[3] - scaled[2] < 0.02
    for x in t[:2]:
        s = theory.solve(Dreaming(sleep=x), alpha=1.04, T=0)
        assert -12 < x * s.energy < -7
    assert theory.critical_load(Dreaming(sleep=math.inf)) == 1
    assert np.isnan(theory.spinodal_temperature(Dreaming(sleep=math.inf), 1.04))
    T = 0.2
    near, limit = (theory.critical_load(Dreaming(sleep=x), T) for x in (1e6, math.inf))
    assert near == pytest.approx(limit, abs=1e-5)


def test_glass_temperature():
    assert theory.glass_temperature(Dreaming(sleep=0.1), 0.1) == pytest.approx(1.184744, abs=1e-6)
    assert theory.glass_temperature(Dreaming(sleep=1.0), 0.2) == pytest.approx(0.567848, abs=1e-6)
    assert theory.glass_temperature(Dreaming(sleep=math.inf), 0.2) == 0
    T = float(theory.glass_temperature(Dreaming(sleep=2.0), 0.3))
    assert theory.solve(Dreaming(sleep=2.0), alpha=0.3, T=T, start="paramagnet").replicon == (
        pytest.approx(0, abs=1e-12)
    )
    q = [float(theory.solve(Dreaming(sleep=2.0), alpha=0.3, T=T * x, start="glass").q)
         for x in (1 - 1e-6, 1 - 1e-4, 1 + 1e-6)]  # fmt: skip
    assert 0 < 50 * q[0] < q[1] < 1e-3
    assert np.isnan(q[2])


def test_without_sleep_lines_are_those_of_hopfield():
    alpha, T = np.array([0.0, 0.01, 0.05, 0.13, 0.1381, 0.15]), np.array([0.0, 0.02, 0.3, 0.9, 1.0])
    for name, along, options in (
        ("critical_load", T, {}),
        ("spinodal_temperature", alpha, {}),
        ("glass_temperature", alpha, {}),
        ("replicon_temperature", alpha, {}),
        ("transition_load", T, {"rsb": 0}),
        ("transition_temperature", alpha, {"rsb": 0}),
    ):
        line = getattr(theory, name)
        one, other = (line(model, along, **options) for model in (Dreaming(sleep=0), Hopfield()))
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("t", [0.5, 20.0, 1e4, math.inf])
def test_lines_are_each_others_inverse(t):
    model, T = Dreaming(sleep=t), np.array([0.2, 0.4, 0.8])
    back = theory.spinodal_temperature(model, theory.critical_load(model, T))
    np.testing.assert_allclose(back, T, rtol=1e-9)
    first = theory.transition_load(model, T)
    np.testing.assert_allclose(theory.transition_temperature(model, first), T, rtol=1e-9)
    states = {start: theory.solve(model, alpha=first, T=T, start=start).free_energy
              for start in ("retrieval", "glass", "paramagnet")}  # fmt: skip
    others = np.fmax(states["glass"], states["paramagnet"])
    np.testing.assert_allclose(states["retrieval"], others, atol=1e-11)


def test_replicon_vanishes_on_its_line():
    for t, alpha in ((1.0, 0.35), (1000.0, 1.06)):
        T = theory.replicon_temperature(Dreaming(sleep=t), alpha)
        assert theory.solve(Dreaming(sleep=t), alpha=alpha, T=T).replicon == pytest.approx(
            0, abs=1e-6
        )
    line = theory.replicon_temperature(Dreaming(sleep=math.inf), [0.0, 0.2, 0.9, 1.1])
    np.testing.assert_array_equal(line, [np.nan, 0, 0, np.nan])
    for alpha in (0.2, 0.9):
        top = theory.spinodal_temperature(Dreaming(sleep=math.inf), alpha)
        T = top * np.linspace(0, 1 - 1e-9, 30)
        assert (theory.solve(Dreaming(sleep=math.inf), alpha=alpha, T=T).replicon > 0).all()


def test_diagram():
    lines = theory.phase_lines(Dreaming(sleep=10.0), n_points=24)
    assert lines.attrs["rsb"] == 0
    assert float(lines.spinodal_load[0]) == pytest.approx(0.869653, abs=1e-6)
    assert float(lines.transition_temperature[-1]) == 1
