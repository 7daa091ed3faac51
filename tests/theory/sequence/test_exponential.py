"""Exponential sequences: capacities, what one step recalls, and temperature."""

import math

import numpy as np
import pytest

import theory
from hebbian import Exponential, ExponentialSequence

MODEL = ExponentialSequence(sharpness=0.25)


@pytest.mark.parametrize("sharpness", [0.1, 1.0, 5.0])
def test_a_step_reads_as_a_kernel_that_does_not_know_the_site(sharpness):
    model, m = ExponentialSequence(sharpness=sharpness), np.linspace(-1, 1, 21)
    kernel = theory.kernel_capacity(lambda x: sharpness * x, m, own_site="excluded")
    np.testing.assert_allclose(theory.reading_capacity(model, m), kernel, atol=1e-12)
    included = theory.reading_capacity(Exponential(sharpness=sharpness), m)
    assert (theory.reading_capacity(model, m) >= included - 1e-12).all()


def test_the_base_of_sharpness_one():
    load = theory.critical_load(ExponentialSequence(sharpness=1.0))
    assert math.exp(load) == pytest.approx(math.e**2 / math.cosh(2), rel=1e-12)
    assert math.exp(load) == pytest.approx(1.964, abs=5e-4)


@pytest.mark.parametrize(("alpha", "start"), [(0.3, 0.9), (0.3, 0.8), (0.25, 0.7), (0.2, 0.5)])
def test_networks_of_forty_spins_recall_as_their_noise_says(alpha, start):
    """The same random sum at N = 40: its variance has the exponent of the capacity.

    A query that votes for itself would keep its own overlap.
    """
    N, sharpness = 40, MODEL.sharpness
    K = MODEL.count(alpha, N)
    found = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        archetypes = rng.integers(0, 2, (K, N), dtype=np.int8) * 2 - 1
        for first in range(10):
            spins = archetypes[first].copy()
            spins[rng.permutation(N)[: round(N * (1 - start) / 2)]] *= -1
            weights = np.exp(sharpness * (archetypes.astype(np.float32) @ spins - N))
            field = weights[:-1] @ archetypes[1:] + weights[-1] * archetypes[0]
            found.append(np.mean(np.sign(field) * archetypes[first + 1]))
    signal = math.exp(-sharpness * N * (1 - start))
    variance = (K - 1) * ((1 + math.exp(-4 * sharpness)) / 2) ** N
    expected = math.erf(signal / math.sqrt(2 * variance))
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - expected) < 3.5 * error + 0.01
    exponent = (math.log(signal**2 / variance) - math.log(K / (K - 1))) / N
    capacity = float(theory.reading_capacity(MODEL, start))
    loaded = math.log(K) / N
    assert exponent == pytest.approx(capacity - loaded, abs=1e-9)


def test_a_replay_lasts_or_is_lost_at_zero_temperature():
    load = float(theory.critical_load(MODEL))
    found = theory.trajectory(MODEL, alpha=[0.9 * load, 1.1 * load], start=1.0, n_steps=3).m
    np.testing.assert_array_equal(found, [[1, 1, 1, 1], [1, 0, 0, 0]])
    solved = theory.solve(MODEL, alpha=[0.9 * load, 1.1 * load], T=0.0)
    assert solved.converged.tolist() == [True, False]
    assert (solved.m[0], solved.q[0]) == (1, 1)
    assert np.isnan(solved.energy).all()
    capacity = float(theory.reading_capacity(MODEL, 0.8))
    border = theory.basin(MODEL, alpha=capacity, n_steps=[1, 9]).overlap
    np.testing.assert_allclose(border, 0.8, atol=1e-12)
    assert np.isnan(theory.basin(MODEL, alpha=1.01 * load, n_steps=2).overlap)
    held = theory.solve(MODEL, alpha=capacity, T=0.0, start=[0.79, 0.81])
    assert held.converged.tolist() == [False, True]


def test_thermal_noise_ends_a_replay_after_one_step():
    found = theory.trajectory(MODEL, alpha=0.1, T=[0.5, 0.01], start=1.0, n_steps=3).m
    np.testing.assert_allclose(found, [[1, math.tanh(2), 0, 0], [1, 1, 0, 0]])
    np.testing.assert_array_equal(
        theory.trajectory(MODEL, alpha=0.1, T=0.5, start=0.99, n_steps=2).m, [0.99, 0, 0]
    )
    assert np.isnan(theory.critical_load(MODEL, 0.1))
    assert not theory.solve(MODEL, alpha=0.1, T=0.1).converged
    lost = theory.solve(MODEL, alpha=0.1, T=0.1, start="paramagnet")
    assert (lost.m, lost.q, bool(lost.converged)) == (0, 0, True)
    step = theory.signal_to_noise(MODEL, alpha=[0.1, 0.5], T=0.5)
    np.testing.assert_allclose(step.m, [math.tanh(2), 0])
    assert step.field_variance.tolist() == [0, np.inf]


def test_a_single_pattern_answers_everything():
    found = theory.trajectory(MODEL, alpha=0.0, start=[-1.0, 0.0, 0.4], n_steps=2).m
    np.testing.assert_array_equal(found[:, 1:], 1)
    assert not theory.solve(MODEL, alpha=0.0, T=0.0, start="paramagnet").converged


def test_what_is_asked_in_vain():
    with pytest.raises(ValueError, match="dynamics = 'zero-temperature'"):
        theory.reading_capacity(MODEL, dynamics="zero-temperature")
    with pytest.raises(ValueError, match="no more patterns than there are"):
        theory.solve(MODEL, alpha=0.7, T=0.0)
    with pytest.raises(ValueError, match="ExponentialSequence have no spinodal temperature"):
        theory.spinodal_temperature(MODEL, 0.1)
    with pytest.raises(ValueError, match="ExponentialSequence have no exact replay"):
        theory.exact_replay(MODEL, alpha=0.1, n_spins=20)
