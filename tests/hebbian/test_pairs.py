"""Couplings of pairs, their spectrum and stabilities, against independent numbers."""

import math

import numpy as np
import pytest
import scipy.stats

from hebbian import (
    BAM,
    Couplings,
    Dense,
    Dreaming,
    Hopfield,
    Multitasking,
    Supervised,
    TeacherStudent,
    coupling_spectrum,
    draw,
    from_couplings,
    pair_couplings,
    stabilities,
)

PAIRS = [
    (Hopfield(), 0.2), (Dense(order=2, indices="all"), 0.2), (Dreaming(sleep=3.0), 0.3),
    (Couplings(), None), (Multitasking(n_patterns=3), None), (BAM(), 0.3),
    (Hopfield(weights="zipf:1"), 0.2), (TeacherStudent(order=2, signal=2.0), 0.3),
    (Hopfield(weights=[3, 1, 0], rule=Supervised(quality=0.7, n_examples=3)), 0.1),
    (Dense(order=2, indices="all", weights="palimpsest:2"), 0.2),
]  # fmt: skip


@pytest.mark.parametrize(("model", "alpha"), PAIRS, ids=repr)
def test_couplings_and_stabilities_are_those_of_the_energy(model, alpha):
    """J_ij from four energies, s_i h_i from the cost of a flip."""
    data = draw(model, n_spins=30, alpha=alpha, seed=4)
    J, energy = pair_couplings(data), data.memory.energy
    s = np.random.default_rng(0).choice([-1, 1], 30)
    for i, j in ((0, 1), (3, 29), (14, 16)):
        flipped = [s.copy() for _ in range(3)]
        flipped[0][i] *= -1
        flipped[1][j] *= -1
        flipped[2][[i, j]] *= -1
        mixed = energy(s) + energy(flipped[2]) - energy(flipped[0]) - energy(flipped[1])
        assert J[i, j] * s[i] * s[j] == pytest.approx(-mixed / 4, abs=1e-12)
    kappa = stabilities(data, s)
    for i in (0, 7, 29):
        length = math.sqrt(sum(J[i, j] ** 2 for j in range(30) if j != i))
        expected = data.memory.flip_cost(s, i) / 2 / length
        assert kappa[i] == pytest.approx(expected, abs=1e-12)
    if model.entries == "signs":
        assert stabilities(data).shape == data.archetypes.shape


def test_stabilities_of_the_projector():
    r"""J xi = xi and J^2 = J, so that kappa = sqrt((1 - J_ii)/J_ii), with the trace K."""
    data = draw(Dreaming(sleep="inf"), n_spins=200, alpha=0.4, seed=1)
    own = pair_couplings(data).diagonal()
    expected = np.broadcast_to(np.sqrt((1 - own) / own), (80, 200))
    np.testing.assert_allclose(stabilities(data), expected, rtol=1e-9)
    assert own.mean() == pytest.approx(0.4, abs=1e-10)


def test_stabilities_of_the_hopfield_network_are_normal():
    kappa = stabilities(draw(Dreaming(sleep=0.0), n_spins=1000, alpha=0.2, seed=1))
    assert kappa.mean() == pytest.approx(0.2**-0.5, abs=0.02)
    assert kappa.std() == pytest.approx(1, abs=0.02)
    assert scipy.stats.kstest(kappa[::7].ravel()[::5], "norm", (0.2**-0.5, 1)).statistic < 0.03


def test_stability_is_that_of_the_dynamics():
    data = draw(Dreaming(sleep=1.0), n_spins=100, alpha=0.5, seed=2)
    kept = (stabilities(data) >= 0).all(axis=1)
    assert 0 < kept.mean() < 1
    for xi, stays in zip(data.archetypes, kept, strict=True):
        assert stays == all(data.memory.flip_cost(xi, i) >= 0 for i in range(100))


@pytest.mark.parametrize("t", [0.0, 1.0, 30.0])
def test_the_spectrum_has_the_edges_of_marchenko_and_pastur(t):
    n_spins, alpha = 600, 0.4
    found = coupling_spectrum(draw(Dreaming(sleep=t), n_spins=n_spins, alpha=alpha, seed=3))
    assert np.abs(found[: n_spins - 240]).max() < 1e-9
    edges = np.array([(1 - alpha**0.5) ** 2, (1 + alpha**0.5) ** 2])
    mapped = (1 + t) * edges / (1 + t * edges)
    np.testing.assert_allclose(found[[-240, -1]], mapped, atol=0.05)
    back = found[-240:] / (1 + t - t * found[-240:])
    assert back.mean() == pytest.approx(1 / alpha * alpha, abs=0.01)  # the trace of J^0 is K
    assert (back**2).mean() == pytest.approx(1 + alpha, abs=0.02)  # second moment of the law


def test_a_spin_without_couplings_has_no_stability():
    J = np.zeros((3, 3))
    J[0, 1] = J[1, 0] = 2.0
    data = from_couplings(J, np.ones((1, 3)))
    assert np.array_equal(stabilities(data, [[1, -1, 1]]), [[-1, -1, np.nan]], equal_nan=True)


def test_refusals():
    dense = draw(Dense(order=3), n_spins=20, alpha=0.1)
    for call in (pair_couplings, coupling_spectrum, stabilities):
        with pytest.raises(ValueError, match="do not interact in pairs"):
            call(dense)
        with pytest.raises(ValueError, match="is not a Dataset"):
            call(np.eye(3))
    data = draw(Hopfield(), n_spins=20, alpha=0.1)
    with pytest.raises(ValueError, match="n_spins = 20"):
        stabilities(data, np.ones(19))
    with pytest.raises(ValueError, match="not one of -1 and"):
        stabilities(data, np.full(20, 0.5))
