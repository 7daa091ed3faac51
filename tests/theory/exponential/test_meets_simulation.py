"""Theory against simulation with error bars, and what a finite number of spins does to it."""

import numpy as np
import pytest

import hebbian
import montecarlo
import theory
from hebbian import Exponential

MODEL = Exponential(sharpness=1.0)
SHORT = montecarlo.Schedule(warmup=20, sweeps=60, stride=3)


def simulated(alpha, T, n_spins):
    run = montecarlo.simulate(
        MODEL, alpha=alpha, T=T, n_spins=n_spins, n_samples=24, n_replicas=2, seed=3, schedule=SHORT
    )
    return run, MODEL.load(MODEL.count(alpha, n_spins), n_spins)


def test_retrieval_deep_inside_is_independent_spins():
    """At N = 20 pairs of close patterns still spoil a percent of the sites; at 30 they are gone."""
    off = {}
    for n_spins in (20, 30, 40):
        run, load = simulated(0.15, 0.4, n_spins)
        state = theory.solve(MODEL, alpha=load, T=0.4)
        off[n_spins] = float(run.m.mean) - float(state.m)
        for name in ("m", "energy"):
            found = getattr(run, name)
            slack = 0.02 if n_spins == 20 else 0
            assert abs(found.mean - float(getattr(state, name))) < 4 * found.error + slack
    assert -0.02 < off[20] < 0
    assert max(abs(off[30]), abs(off[40])) < 0.003


def test_retrieval_is_kept_once_its_barrier_is_higher_than_a_chain_is_long():
    """N Delta f/T = 4.5, 6.7, 8.9 at N = 20, 30, 40 against ln 80 = 4.4 for chains of 80 sweeps."""
    off = []
    for n_spins in (20, 30, 40):
        run, load = simulated(0.25, 0.5, n_spins)
        off.append(float(theory.solve(MODEL, alpha=load, T=0.5).m) - float(run.m.mean))
        barrier = n_spins * theory.nucleation_barrier(MODEL, load, 0.5) / 0.5
        assert barrier == pytest.approx(0.223 * n_spins, rel=0.02)
    assert off[0] > 0.25
    assert 0.05 < off[1] < off[0] / 2
    assert off[2] < off[1] / 3


def test_a_condensed_paramagnet_has_the_energy_of_the_nearest_pattern():
    """-m*(alpha) at all temperatures above T_M, approached from above like ln N / N."""
    off = []
    for n_spins in (16, 40):
        run, load = simulated(0.2, 3.0, n_spins)
        state = theory.solve(MODEL, alpha=load, T=3.0, start="paramagnet")
        off.append(float(run.energy.mean - state.energy))
        assert abs(run.m.mean) < 4 * run.m.error
    assert 0 < off[1] < 0.8 * off[0]
    assert off[0] < np.log(16) / 16


@pytest.mark.parametrize("n_spins", [16, 20])
def test_a_paramagnet_of_all_patterns_has_no_such_correction(n_spins):
    run, load = simulated(0.42, 2.0, n_spins)
    state = theory.solve(MODEL, alpha=load, T=2.0, start="paramagnet")
    assert abs(run.energy.mean - float(state.energy)) < 4 * run.energy.error
    assert run.energy.error < 0.002
    assert abs(run.m.mean) < 4 * run.m.error


def at_a_pattern(alpha, n_spins):
    """Share of the sites whose flip costs energy, and softmax weight: means over patterns."""
    shares, weights = [], []
    for seed in range(10):
        rows = hebbian.draw(SOFT, alpha=alpha, n_spins=n_spins, seed=seed).archetypes
        signs = rows * rows[0]
        weight = np.exp(SOFT.sharpness * (signs.sum(axis=1, dtype=float) - n_spins))
        shares.append((weight @ signs / weight.sum() > np.tanh(SOFT.sharpness)).mean())
        weights.append(1 / weight.sum())
    return np.mean(shares), np.mean(weights)


SOFT = Exponential(sharpness=0.25)


def test_single_flips_keep_a_pattern_whose_softmax_weight_vanishes():
    """Between the two loads of T = 0, 0.219 and 0.380; below both, and beyond both."""
    assert theory.critical_load(SOFT) < 0.3 < theory.single_flip_load(SOFT)
    small, large = at_a_pattern(0.3, 16), at_a_pattern(0.3, 30)
    assert large[0] > max(0.985, small[0])
    assert large[1] < 0.5 * small[1]
    below, beyond = at_a_pattern(0.15, 30), at_a_pattern(0.45, 30)
    assert below[0] == 1
    assert below[1] > 0.85
    assert beyond[0] < 0.7
    assert beyond[1] < 0.002
