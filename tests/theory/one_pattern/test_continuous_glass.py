"""Glasses that freeze continuously at order 4 and more: indices="all", even order."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

import theory
from hebbian import Dense, Unsupervised
from theory.closure import closure
from theory.one_pattern.broken.glass import broken_glass, glass_free_energy
from theory.one_pattern.broken.steps import balance, overlaps, solve_steps

ALL = Dense(order=4, indices="all")
# Unknowns at T = 0 with one, two, three and four steps, for strengths that sum to 1.
STARTS = (
    [-1.98, -1.02, 0.28],
    [-2.77, -1.23, 2.25, 0.16, 0.93],
    [-3.21, -1.20, 1.41, 3.25, 0.10, 0.44, 1.35],
    [-3.43, -0.93, 0.03, 2.07, 3.72, -0.13, 0.19, 0.62, 1.57],
)


def unit(model):
    crosstalk = closure(model).field.crosstalk
    return crosstalk._replace(strength=crosstalk.strength / crosstalk.strength.sum())


def functional(crosstalk, T, q, mu):
    """f of overlaps q and weights mu at load 1, by convolutions of splines."""
    pairs = list(zip(crosstalk.strength, crosstalk.rank, strict=True))
    variance = [sum(w * k / 2 * x ** (k - 1) for w, k in pairs) for x in q]
    h = np.linspace(-14, 14, 4001)
    x = np.linspace(-8, 8, 161)
    weight = np.exp(-(x**2) / 2) * (x[1] - x[0]) / np.sqrt(2 * np.pi)
    phi = T * np.logaddexp(h / T, -h / T)
    f = 0.0
    for j in range(len(q) - 1, 0, -1):
        spline = CubicSpline(h, phi)
        s = np.sqrt(variance[j] - variance[j - 1])
        shifted = h[:, None] + s * x
        inner = np.where(np.abs(shifted) < 14, spline(np.clip(shifted, -14, 14)), np.abs(shifted))
        phi = phi + np.log(np.exp(mu[j] * (inner - phi[:, None])) @ weight) / mu[j]
        f += mu[j] / 4 * sum(w * (k - 1) * (q[j] ** k - q[j - 1] ** k) for w, k in pairs)
    f -= weight @ CubicSpline(h, phi)(np.sqrt(variance[0]) * x)
    last = q[-1]
    return f - sum(w * (1 - k * last ** (k - 1) + (k - 1) * last**k) for w, k in pairs) / (4 * T)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_steps_are_stationary(steps):
    crosstalk, T = unit(ALL), 0.45
    z = np.array(STARTS[steps - 1])
    for heat in (0.0, 0.1, 0.2, 0.3, T):
        z, residual = solve_steps(crosstalk, heat, z)
        assert residual < 1e-7
    q, mu, _ = overlaps(z, T)
    value = balance(crosstalk, T, z)[1]
    assert value == pytest.approx(functional(crosstalk, T, q, mu), abs=1e-8)
    for array, first in ((q, 0), (mu, 1)):
        for j in range(first, steps + 1):
            step = 1e-3 * array[j]
            moved = [array.copy() for _ in range(2)]
            moved[0][j] += step
            moved[1][j] -= step
            high, low = (
                functional(crosstalk, T, m, mu) if array is q else functional(crosstalk, T, q, m)
                for m in moved
            )
            assert (high - low) / (2 * step) == pytest.approx(0, abs=2e-6)


def test_more_steps_raise_the_free_energy():
    """Replicas maximise: each step adds less than the one before."""
    crosstalk = unit(ALL)
    values = []
    for start in STARTS:
        z, residual = solve_steps(crosstalk, 0.0, np.array(start))
        assert residual < 1e-8
        values.append(balance(crosstalk, 0.0, z)[1])
    gains = np.diff(values)
    assert (gains > 0).all()
    assert (gains[1:] < gains[:-1] / 2).all()
    assert gains[0] == pytest.approx(0.00136, abs=2e-5)


def test_the_state_has_one_step_and_overlaps():
    T = np.array([0.0, 0.1, 0.3, 0.5, 0.56])
    state = theory.solve(ALL, alpha=0.12, T=T, start="glass", rsb=1)
    assert state.converged.all()
    assert (state.residual < 1e-7).all()
    assert (state.q1 > 0).all()
    assert (state.q1[:4] < state.q[:4]).all()
    assert state.free_energy[0] == pytest.approx(float(state.energy[0]), abs=1e-10)
    symmetric = theory.solve(ALL, alpha=0.12, T=T, start="glass")
    assert (state.free_energy >= symmetric.free_energy - 1e-9).all()
    # Beyond sqrt(3 alpha) there is none.
    assert not theory.solve(ALL, alpha=0.12, T=0.6001, start="glass", rsb=1).converged
    step = 1e-3
    low, here, high = theory.solve(
        ALL, alpha=0.12, T=[0.2 - step, 0.2, 0.2 + step], start="glass", rsb=1
    ).free_energy
    energy = theory.solve(ALL, alpha=0.12, T=0.2, start="glass", rsb=1).energy
    assert (high - low) / (2 * step) == pytest.approx((here - energy) / 0.2, abs=1e-5)


@pytest.mark.parametrize(
    "model",
    [ALL, Dense(order=4, indices="all", rule=Unsupervised(quality=0.5, n_examples=20))],
    ids=str,
)
def test_the_table_of_the_lines(model):
    """Two steps: above one step, its entropy the slope, joined to the paramagnet."""
    crosstalk = closure(model).field.crosstalk
    glass = broken_glass(crosstalk)
    top = np.sqrt(crosstalk.strength[-1])
    assert glass.tau[-1] == pytest.approx(top, rel=1e-12)
    T = top * np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
    table = np.array([glass_free_energy(glass, crosstalk, 1.0, t)[0] for t in T])
    one = theory.solve(model, alpha=1.0, T=T, start="glass", rsb=1).free_energy
    assert (table >= one - 1e-7).all()
    assert (table - one < 2e-3 * top).all()
    start = np.array(STARTS[1])
    scale = np.sqrt(crosstalk.strength.sum())
    for i, tau in enumerate(T[:4]):
        start, residual = solve_steps(unit(model), tau / scale, start)
        assert residual < 1e-7
        assert table[i] == pytest.approx(
            scale * balance(unit(model), tau / scale, start)[1], abs=1e-7 * scale
        )
    for t in T[1:-1]:
        values = [glass_free_energy(glass, crosstalk, 1.0, t + s)[0] for s in (1e-4, -1e-4)]
        entropy = glass_free_energy(glass, crosstalk, 1.0, t)[1]
        assert entropy == pytest.approx((values[1] - values[0]) / 2e-4, abs=1e-6)


def test_tip_of_the_transition():
    """Against an independent Parisi recursion with two steps; more change the load by 1e-4."""
    assert theory.transition_temperature(ALL, 0.098) == pytest.approx(0.2169, abs=5e-5)
    loads = theory.transition_load(ALL, [0.0, 0.12])
    assert loads[1] == pytest.approx(0.09883, abs=5e-6)
    assert loads[0] == pytest.approx(0.09892, abs=1e-5)

    def excess(alpha, steps):
        scale = np.sqrt(4 * alpha)
        z, T = np.array(STARTS[steps - 1]), 0.2 / scale
        for heat in T * np.linspace(0, 1, 5):
            z, _ = solve_steps(unit(ALL), heat, z)
        glass = scale * balance(unit(ALL), T, z)[1]
        return theory.solve(ALL, alpha=alpha, T=0.2).free_energy - glass

    two, four = (brentq(excess, 0.096, 0.1, args=(n,), xtol=1e-9) for n in (2, 4))
    assert theory.transition_load(ALL, 0.2) == pytest.approx(two, abs=1e-7)
    assert 0 < four - two < 2e-5


@pytest.mark.parametrize("order", [6, 8])
def test_states_without_overlap_are_stable_at_higher_order(order):
    """A field of variance w_2 alpha q_0 polarises by less than q_0: none grows."""
    model = Dense(order=order, indices="all")
    crosstalk = closure(model).field.crosstalk
    T = broken_glass(crosstalk).tau[:-1:24]
    state = theory.solve(model, alpha=1.0, T=T, start="glass", rsb=1)
    assert (state.q1 == 0).all()
    response = state.susceptibility + state.reweighting * state.q
    assert (crosstalk.strength[-1] * response**2 < 0.98).all()
