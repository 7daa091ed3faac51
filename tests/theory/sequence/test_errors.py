"""Wrong spins in the replay of finite networks."""

import math

import numpy as np
import pytest

import theory
from hebbian import Hopfield, Sequence
from theory.sequence.errors import field_of


def wrong_spins(n_patterns, n_spins, seed):
    """Return the wrong spins of one step from every pattern, ties as halves, at order 2."""
    archetypes = np.random.default_rng(seed).choice([-1, 1], (n_patterns, n_spins))
    successors = np.roll(archetypes, -1, axis=0)
    field = (archetypes @ archetypes.T) @ successors * successors
    return (field < 0).sum() + 0.5 * (field == 0).sum()


def test_cycles_are_exact_as_often_as_predicted():
    K, N, runs = 16, 200, 400
    found = np.array([wrong_spins(K, N, seed) for seed in range(runs)])
    chance = theory.exact_replay(Sequence(), alpha=K / N, n_spins=N)
    assert 0.4 < chance < 0.8
    error = found.std(ddof=1) / math.sqrt(runs)
    assert abs(found.mean() + math.log(chance)) < 3.5 * error
    exact = (found == 0).mean()
    # Sites of one step share their noise: a little more often than independent ones.
    assert chance - 3 * math.sqrt(chance * (1 - chance) / runs) < exact < chance + 0.15


@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_moments_of_the_field_of_order_three(indices):
    """Over all other patterns: the crosstalk of K - 1 of them has K - 1 times their power."""
    N, order = 7, 3
    others = np.array(np.meshgrid(*[[-1, 1]] * N)).reshape(N, -1)
    if indices == "all":
        powers = others.sum(axis=0) ** 2.0
        own = N**2.0
    else:
        M = others[1:].sum(axis=0)
        powers, own = M**2.0 - (N - 1), (N - 1) ** 2.0 - (N - 1)  # twice e_2 of the other sites
    signal, variance = field_of(order, indices, 12, N)
    assert signal == pytest.approx(1.5 * own / N**2)
    assert variance == pytest.approx(11 * np.mean((1.5 * powers / N**2) ** 2))


def test_large_networks_have_the_crosstalk_of_the_theory():
    for order, indices in ((2, "all"), (3, "distinct"), (5, "all")):
        model, N = Sequence(order=order, indices=indices), 2000
        K = 10**5 if order > 2 else 100
        step = theory.signal_to_noise(model, alpha=model.load(K, N))
        signal, variance = field_of(order, indices, K, N)
        assert signal == pytest.approx(float(step.field_mean), rel=1e-2)
        assert variance == pytest.approx(float(step.field_variance), rel=2e-2)


@pytest.mark.parametrize("order", [2, 4])
def test_a_cycle_is_exact_up_to_a_load_that_vanishes_with_the_logarithm(order):
    """The load at which every second cycle is, times 4 ln N, goes to 1 as 1/ln N."""
    seen, logarithms = [], np.log([10**3, 10**4])
    for N, logarithm in zip((10**3, 10**4), logarithms, strict=True):
        loads = np.geomspace(0.5, 4, 400) / (4 * logarithm)
        chance = theory.exact_replay(Sequence(order=order), alpha=loads, n_spins=N)
        assert (np.diff(chance) <= 1e-12).all()
        seen.append(float(loads[np.argmax(chance < 0.5)]) * 4 * logarithm)
    slope = (seen[0] - seen[1]) / (1 / logarithms[0] - 1 / logarithms[1])
    assert seen[1] - slope / logarithms[1] == pytest.approx(1, abs=0.08)


def test_steps_and_temperature():
    model = Sequence(order=2)
    one, ten = (
        theory.exact_replay(model, alpha=0.1, T=[0.0, 0.1], n_spins=100, n_steps=n) for n in (1, 10)
    )
    np.testing.assert_allclose(ten, one**10)
    assert one[1] < one[0]
    assert theory.exact_replay(model, alpha=0.0, n_spins=100) == 1
    thermal = theory.exact_replay(model, alpha=0.0, T=0.5, n_spins=30)
    assert thermal == pytest.approx(((1 + math.tanh(2)) / 2) ** 30)


def test_what_has_no_sequence_has_no_replay():
    with pytest.raises(ValueError, match="Hopfield have no exact replay"):
        theory.exact_replay(Hopfield(), alpha=0.1, n_spins=100)
    with pytest.raises(ValueError, match="n_spins = 3 is"):
        theory.exact_replay(Sequence(order=4), alpha=0.1, n_spins=3)
