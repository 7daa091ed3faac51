"""Multi-histogram reweighting and coexistence, against exact sums and another program."""

import itertools

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, draw
from montecarlo import Schedule
from montecarlo.tempering.coexistence import barrier, coexistence
from montecarlo.tempering.reweighting import reweighting

BETA = 1 / np.array([0.5, 0.7, 1.0, 1.5])


def two_phases(beta, n, seed=0, width=3.0, gap=20.0, log_ratio=30.0):
    """Draw energies of two Gaussian densities of states; where they weigh the same is known."""
    rng = np.random.default_rng(seed)
    energies = np.empty((len(beta), n))
    ordered = np.empty((len(beta), n), bool)
    for k, b in enumerate(beta):
        # Both shift by -b width^2; ln(Z_1/Z_2) = b gap - log_ratio.
        ordered[k] = rng.random(n) < 1 / (1 + np.exp(log_ratio - b * gap))
        centre = np.where(ordered[k], -gap, 0.0) - b * width**2
        energies[k] = centre + width * rng.standard_normal(n)
    return energies, ordered


def test_free_energies_are_those_of_exact_enumeration():
    """A dense network of 12 spins at four temperatures, all 4096 configurations summed."""
    model = Dense(order=3)
    settings = {"alpha": 0.4, "n_spins": 12, "seed": 5}
    memory = draw(model, **settings, sample=0).memory
    states = np.array(list(itertools.product([-1, 1], repeat=12)), np.int8)
    exact = np.array([memory.energy(s) for s in states])
    run = montecarlo.temper(
        model, T=1 / BETA, n_samples=1, n_replicas=1, **settings,
        schedule=Schedule(warmup=100, sweeps=20000, stride=1),
    )  # fmt: skip
    found = reweighting(BETA, 12 * run.series["energy"][:, 0, 0])

    def log_Z(b):
        return np.logaddexp.reduce(-b * exact)

    for b in (BETA[0], 1.1, BETA[-1]):
        difference = found.log_partition(b) - found.log_partition(1.0)
        assert difference == pytest.approx(log_Z(b) - log_Z(1.0), abs=0.05)
        weights = np.exp(-b * exact - log_Z(b))
        assert found.weights(b) @ found.energies == pytest.approx(weights @ exact, abs=0.15)


def test_the_normalisations_solve_their_equations():
    energies, _ = two_phases(BETA, 500)
    found = reweighting(BETA, energies)
    image = [found.log_partition(b) for b in BETA]
    np.testing.assert_allclose(np.subtract(image, image[0]), -found.free_energies, atol=1e-8)


def test_pymbar_finds_the_same():
    mbar = pytest.importorskip("pymbar")
    energies, _ = two_phases(BETA, 300)
    other = mbar.MBAR(np.outer(BETA, energies.ravel()), [300] * 4)
    theirs = other.compute_free_energy_differences()["Delta_f"][0]
    np.testing.assert_allclose(reweighting(BETA, energies).free_energies, theirs, atol=1e-6)


def test_two_phases_weigh_the_same_where_the_law_says():
    """ln(Z_1/Z_2) = 20 b - 30 vanishes at b = 1.5; the gap of the energies is 20."""
    beta = np.linspace(1.3, 1.7, 5)
    energies, ordered = two_phases(beta, 20000)
    found = coexistence(beta, energies, ordered, np.linspace(-80, 40, 121))
    assert found.beta == pytest.approx(1.5, abs=0.002)
    assert found.disordered - found.ordered == pytest.approx(20, abs=0.2)
    assert found.distribution.sum() == pytest.approx(1)
    depth = barrier(found.distribution, *np.searchsorted(np.linspace(-80, 40, 121), [-33.5, -13.5]))
    # Two Gaussians of width 3 at distance 20: (10/3)^2/2 - ln 2 between them.
    assert depth == pytest.approx(50 / 9 - np.log(2), abs=0.25)


def test_a_ladder_without_the_transition_says_so():
    beta = np.linspace(1.3, 1.7, 5)
    energies, ordered = two_phases(beta, 100)
    for phase in (np.ones_like(ordered), np.zeros_like(ordered)):
        assert np.isnan(coexistence(beta, energies, phase, np.linspace(-80, 40, 11)).beta)
    away = np.linspace(1.6, 1.7, 3)
    energies, ordered = two_phases(away, 2000, log_ratio=20.0)
    assert np.isnan(coexistence(away, energies, ordered, np.linspace(-80, 40, 11)).beta)
