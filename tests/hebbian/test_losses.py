"""The losses are distances, and the energy is what they make, at every configuration."""

import numpy as np
import pytest

from hebbian import (
    Dense,
    Hopfield,
    Multitasking,
    Storing,
    Supervised,
    TeacherStudent,
    Unsupervised,
    draw,
)
from hebbian.losses import archetype_losses, energy, learnt_losses

RULES = [
    Storing(),
    Supervised(quality=0.6, n_examples=4),
    Unsupervised(quality=0.6, n_examples=4),
]
NETWORKS = [
    *((Multitasking(n_patterns=3, dilution=0.4, rule=rule), None) for rule in RULES),
    *((Hopfield(rule=rule), 0.1) for rule in RULES),
    (Dense(order=2, indices="all"), 0.1),
    *((Hopfield(weights="zipf:1", rule=rule), 0.1) for rule in RULES),
    (Dense(order=2, indices="all", weights=[3, 1, 0], rule=RULES[2]), 0.1),
    (TeacherStudent(order=2, signal=2.0), 0.3),
]


def configurations(n_spins, *shape):
    return np.random.default_rng(3).choice([-1, 1], (*shape, n_spins))


@pytest.mark.parametrize(("model", "alpha"), NETWORKS, ids=repr)
def test_energy_is_what_the_losses_make(model, alpha):
    data = draw(model, n_spins=31, alpha=alpha, seed=5)
    spins = configurations(31, 2, 7)
    made = energy(data, learnt_losses(data, spins))
    exact = [data.memory.energy(s) for s in spins.reshape(-1, 31)]
    assert made.shape == (2, 7)
    np.testing.assert_allclose(made.ravel(), exact, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_losses_are_the_distances_from_what_is_learnt(rule):
    """L+- = |eta +- s|^2 / 2N with archetypes, means of mean xi, or single examples."""
    data = draw(Multitasking(n_patterns=3, dilution=0.4, rule=rule), n_spins=30, seed=2)
    s = configurations(30)
    patterns = data.memory.rows.astype(float)
    if isinstance(rule, Supervised):
        patterns = data.sums / (rule.quality * rule.n_examples)
    losses = learnt_losses(data, s)
    expected = [((patterns + sign * s) ** 2).sum(axis=1) / 60 for sign in (1, -1)]
    np.testing.assert_allclose(losses.plus.ravel(), expected[0], rtol=1e-13)
    np.testing.assert_allclose(losses.minus.ravel(), expected[1], rtol=1e-13)
    per_example = (3, 4) if isinstance(rule, Unsupervised) else (3,)
    assert losses.plus.shape == per_example


def test_the_identities_of_the_three_rules():
    """H in the prefactors of the three networks, written out."""
    n, r, M = 40, 0.6, 4
    for rule in RULES:
        data = draw(Multitasking(n_patterns=3, dilution=0.4, rule=rule), n_spins=n, seed=8)
        s = configurations(n)
        losses = learnt_losses(data, s)
        prefactor = n / 2 / (r * r * M if isinstance(rule, Unsupervised) else 1)
        H = -prefactor * (losses.level**2 - losses.product).sum()
        assert data.memory.energy(s) == pytest.approx(H, rel=1e-12)


def test_archetype_losses_on_the_support():
    """l+- = 1 +- m/a is the distance over the entries that are not blank."""
    rule = Supervised(quality=0.6, n_examples=4)
    data = draw(Multitasking(n_patterns=3, dilution=0.4, rule=rule), n_spins=30, seed=2)
    s, xi = configurations(30), data.archetypes
    found = archetype_losses(data, s, support=True)
    held = np.abs(xi)
    expected = (held * (xi - s) ** 2).sum(axis=1) / (2 * held.sum(axis=1))
    np.testing.assert_allclose(found.minus, expected, rtol=1e-13)
    a = held.mean(axis=1)
    whole = archetype_losses(data, s)
    np.testing.assert_allclose(a**2 * (1 - found.product), whole.overlap**2, atol=1e-15)
    np.testing.assert_allclose(whole.level, (1 + a) / 2, rtol=1e-15)
    assert (archetype_losses(data, xi[0] + (xi[0] == 0)).minus[0]) == pytest.approx(
        (1 - a[0]) / 2, abs=1e-15
    )


def test_no_spin_is_left_to_guess():
    data = draw(Multitasking(n_patterns=2), n_spins=10)
    for wrong in (np.ones(9), np.zeros(10), np.float64(1.0)):
        with pytest.raises(ValueError, match="spins"):
            learnt_losses(data, wrong)


def test_only_pairs():
    data = draw(Dense(order=4), n_spins=10, alpha=0.1)
    with pytest.raises(ValueError, match="losses make the energy of pairs alone, order = 2"):
        energy(data, learnt_losses(data, np.ones(10)))
