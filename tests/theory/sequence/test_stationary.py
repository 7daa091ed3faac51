"""The stationary replay: closed forms, published values, limits, and its end."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import erf

import theory
from hebbian import QUANTITIES, Dense, Sequence
from theory import conventions

ORDERS = (2, 3, 4, 5, 6, 7, 8)


def cold_load(order, indices):
    """Return the largest load at T = 0, of y alone."""

    def load(y):
        m = erf(y)
        if order == 2:
            return (m**2 - 4 * y**2 / math.pi * math.exp(-2 * y**2)) / (2 * y**2)
        variance = order / 2 * (odd if indices == "all" else 1)
        return (order / 2 * m ** (order - 1)) ** 2 / (2 * y**2) / variance

    odd = math.prod(range(1, 2 * order - 2, 2)) / math.factorial(order - 1)
    found = minimize_scalar(lambda y: -load(y), bounds=(0.3, 4), options={"xatol": 1e-10})
    return -found.fun, found.x


@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_capacity_at_zero_temperature_is_a_closed_form(order, indices):
    model = Sequence(order=order, indices=indices)
    load, y = cold_load(order, indices)
    assert theory.critical_load(model) == pytest.approx(load, rel=1e-12)
    assert theory.critical_load(model, 1e-3) == pytest.approx(load, rel=1e-4)
    at_end = theory.solve(model, alpha=theory.critical_load(model), T=0.0)
    assert float(at_end.m) == pytest.approx(erf(y), abs=1e-5)


def test_published_values():
    assert theory.critical_load(Sequence()) == pytest.approx(0.26906163, abs=5e-9)
    assert cold_load(2, "distinct")[1] == pytest.approx(0.98, abs=0.01)
    literal = [
        conventions.power_load(theory.critical_load(Sequence(order=P, indices="all")), order=P)
        for P in (3, 4, 5, 6)
    ]
    np.testing.assert_allclose(literal, [0.25219043, 0.19786012, 0.17277255, 0.15767954], atol=5e-9)
    found = theory.solve(Sequence(), alpha=[0.1, 0.1, 0.2, 0.2], T=[0.3, 0.5, 0.1, 0.3]).m
    np.testing.assert_allclose(found, [0.978446, 0.884969, 0.960894, 0.890215], atol=5e-7)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("T", [0.0, 0.05, 0.3, 0.7])
def test_the_replay_is_what_trajectories_end_in(order, T):
    model = Sequence(order=order, indices="all" if order % 3 == 0 else "distinct")
    loads = np.array([1e-4, 0.3, 0.8, 0.97]) * theory.critical_load(model, T)
    found = theory.solve(model, alpha=loads, T=T)
    assert found.converged.all()
    ends = theory.trajectory(model, alpha=loads, T=T, start="pattern", n_steps=600).m[:, -1]
    np.testing.assert_allclose(found.m, ends, atol=1e-10)
    np.testing.assert_allclose(theory.solve(model, alpha=loads, T=T, start=1.0).m, ends, atol=1e-10)


@pytest.mark.parametrize("order", ORDERS)
def test_beyond_the_critical_load_nothing_is_replayed(order):
    model, T = Sequence(order=order), np.array([0.0, 0.2, 0.6])
    critical = theory.critical_load(model, T)
    assert theory.solve(model, alpha=critical * (1 - 1e-9), T=T).converged.all()
    lost = theory.solve(model, alpha=critical * (1 + 1e-9), T=T)
    assert not lost.converged.any()
    assert np.isnan(lost.m).all()
    assert np.isnan(lost.q).all()
    later = theory.trajectory(model, alpha=critical * 1.05, T=T, start=1.0, n_steps=800).m[:, -1]
    assert (np.abs(later) < 1e-3).all()


@pytest.mark.parametrize("order", [2, 3, 6])
def test_the_line_is_one_seen_from_both_sides(order):
    model = Sequence(order=order)
    T = np.array([0.02, 0.3, 0.6])
    loads = theory.critical_load(model, T)
    assert (np.diff(loads) < 0).all()
    np.testing.assert_allclose(theory.spinodal_temperature(model, loads), T, atol=1e-7)
    cold = theory.critical_load(model)
    top, end, none = theory.spinodal_temperature(model, [0.0, cold, 1.01 * cold])
    m = np.linspace(0, 1, 200_001)[1:-1]
    assert top == pytest.approx((order / 2 * m ** (order - 1) / np.arctanh(m)).max(), rel=1e-8)
    assert end < 1e-2
    assert np.isnan(none)
    assert np.isnan(theory.critical_load(model, 2.0))


def test_without_a_load_the_replay_is_retrieval_without_a_load():
    T = np.array([0.0, 0.3, 0.8])
    for order in (2, 4):
        one, other = (theory.solve(kind(order=order), alpha=0.0, T=T) for kind in (Sequence, Dense))
        np.testing.assert_allclose(one.m, other.m, atol=1e-12)
        np.testing.assert_allclose(one.q, other.q, atol=1e-12)


def test_there_is_no_energy_and_no_transition():
    found = theory.solve(Sequence(order=3), alpha=0.1, T=[0.0, 0.2])
    for name in ("free_energy", "energy", "replicon"):
        assert np.isnan(getattr(found, name)).all()
    assert not found.broken.any()
    assert (found.residual < 1e-12).all()
    assert found.q[0] == 1
    for line in (theory.transition_temperature, theory.glass_temperature):
        with pytest.raises(ValueError, match="models of type Sequence have no"):
            line(Sequence(), 0.1)
    with pytest.raises(ValueError, match="models of type Sequence have no"):
        theory.transition_load(Sequence(), 0.1)
    assert "variance" not in QUANTITIES


def test_the_state_without_overlap():
    loads, T = np.array([0.05, 0.2]), np.array([[0.0], [0.3], [1.5]])
    found = theory.solve(Sequence(), alpha=loads, T=T, start="paramagnet")
    assert found.converged.all()
    assert not found.m.any()
    np.testing.assert_allclose(found.q, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.variance[0], loads + 2 / math.pi, rtol=1e-12)
    chi = found.susceptibility
    np.testing.assert_allclose(found.variance * (1 - chi**2), np.broadcast_to(loads, chi.shape))
    ends = theory.solve(Sequence(), alpha=loads, T=0.3, start=0.01)
    np.testing.assert_allclose(ends.variance, found.variance[1], rtol=1e-9)
    # Without a load any overlap grows below T = 1.
    bare = theory.solve(Sequence(), alpha=0.0, T=[0.5, 1.5], start="paramagnet")
    assert bare.converged.tolist() == [False, True]
    # A random field is shared by replicas.
    odd = theory.solve(Sequence(order=3, indices="all"), alpha=0.2, T=0.3, start="paramagnet")
    assert 0 < odd.q < 1 - 0.3 * odd.susceptibility


def test_the_basin_is_bounded_by_a_start_that_stays():
    """On the separatrix: the map of order 3 leaves its unstable fixed point on either side."""
    model, alpha, T = Sequence(order=3), 0.2, 0.2
    found = theory.basin(model, alpha=alpha, T=T, n_steps=[20, 400])
    border = float(found.overlap[1])
    near = theory.trajectory(
        model, alpha=alpha, T=T, start=[border - 1e-6, border, border + 1e-6], n_steps=400
    ).m
    assert near[0, -1] < 0.7 <= near[1, -1] + 1e-9
    assert near[2, -1] > 0.9
    step = theory.signal_to_noise(model, alpha=alpha, T=T, start_overlap=border)
    assert float(step.m) == pytest.approx(border, abs=1e-4)
    assert found.error.tolist() == [0, 0]
    beyond = theory.basin(model, alpha=0.4, T=T, n_steps=20)
    assert np.isnan(beyond.overlap)


def test_the_diagram_has_the_spinodal_alone():
    lines = theory.phase_lines(Sequence(order=3), n_points=40)
    assert set(lines) == {"spinodal_load", "spinodal_temperature"}
    assert float(lines.spinodal_load[0]) == pytest.approx(0.37828565, abs=1e-8)
    assert float(lines.spinodal_load[-1]) == 0
    finite = theory.phase_lines(Sequence(order=3), n_points=40, n_spins=100)
    np.testing.assert_allclose(finite.spinodal_load, 0.99 * 0.98 * lines.spinodal_load)
    whole = theory.phase_lines(Sequence(), n_points=40, n_spins=100)
    assert float(whole.spinodal_load[0]) == pytest.approx(0.26906163, abs=1e-8)
