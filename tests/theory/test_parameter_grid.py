"""Grids of the model's own parameters against one solve per model."""

import numpy as np
import pytest

import theory
from hebbian import Dense, Multitasking, Supervised

LEARNT = Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))


def test_a_grid_is_the_solutions_of_its_models():
    alpha, quality, n_examples = np.array([0.02, 0.1]), np.array([[0.7], [0.9]]), 8
    grid = theory.solve(LEARNT, alpha=alpha, T=0.3, quality=quality, n_examples=n_examples)
    assert grid.m.shape == (2, 2)
    for i, r in enumerate(quality.ravel()):
        one = theory.solve(LEARNT.replace(quality=r, n_examples=8), alpha=alpha, T=0.3)
        for name in ("m", "n", "q", "free_energy", "replicon", "converged"):
            np.testing.assert_array_equal(getattr(grid, name)[i], getattr(one, name))


def test_numbers_give_a_number():
    one = theory.solve(LEARNT, alpha=0.02, T=0.3, quality=0.7)
    assert np.shape(one.m) == ()
    assert one.m == theory.solve(LEARNT.replace(quality=0.7), alpha=0.02, T=0.3).m


def test_multitasking_keeps_its_pattern_axis():
    model = Multitasking(n_patterns=3)
    grid = theory.solve(model, T=[0.02, 0.1], dilution=[[0.2], [0.4]])
    assert grid.m.shape == (2, 2, 3)
    one = theory.solve(model.replace(dilution=0.4), T=0.1)
    np.testing.assert_allclose(grid.m[1, 1], one.m, rtol=0, atol=1e-12)
    assert grid.label[0, 0] == theory.solve(model.replace(dilution=0.2), T=0.02).label


def test_broken_replica_symmetry_is_flagged():
    s = theory.solve(Dense(order=4), alpha=0.39, T=[0.1, 0.3])
    assert s.broken.tolist() == [True, False]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"quality": [0.5, 1.5]}, "quality = 1.5 is outside"),
        ({"n_examples": 2.5}, "n_examples = 2.5 is not a whole number"),
        ({"colour": 1.0}, "colour is not a parameter of Dense"),
        ({"quality": [0.5, 0.6, 0.7]}, "do not broadcast"),
        ({"quality": []}, "quality"),
        ({"quality": np.nan}, "quality = nan is outside"),
    ],
)
def test_bad_grids(parameters, message):
    with pytest.raises(ValueError, match=message) as caught:
        theory.solve(LEARNT, alpha=[0.1, 0.2], T=0.3, **parameters)
    assert "\n" not in str(caught.value)
