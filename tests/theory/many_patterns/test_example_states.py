"""States in which the examples of a pattern differ, against all K M overlaps."""

import numpy as np
import pytest
from example_network import Examples

import theory
from hebbian import Multitasking, Supervised, Unsupervised
from theory.many_patterns.example_states import example_state


def network(K, d, r, M):
    return Multitasking(
        n_patterns=K, dilution=d, rule=Unsupervised(quality=r, n_examples=M)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("K", "M", "r", "T", "groups"),
    [
        (1, 3, 0.3, 0.4, "single"),
        (2, 3, 0.3, 0.1, "single"),
        (2, 4, 0.5, 0.05, "all"),
        (2, 4, 0.5, 0.05, [[1, 3], [4]]),
        (2, 4, 0.5, 0.05, [[1, 3], [1, 1, 2]]),
        (1, 6, 0.4, 0.3, [[2, 4]]),
    ],
)
def test_groups_are_solutions_in_all_overlaps(K, M, r, T, groups):
    """Free energy, stationarity, overlaps, and the smallest of all K M eigenvalues."""
    state = example_state(network(K, 0.3, r, M), T, groups=groups)
    assert state.converged
    full, n = Examples(K, M, 0.3, r), state.example_overlaps.ravel()
    np.testing.assert_allclose(full.image(n, T), n, atol=1e-12)
    np.testing.assert_allclose(full.m(n, T), state.m, atol=1e-12)
    assert full.free_energy(n, T) == pytest.approx(state.free_energy, abs=1e-12)
    assert state.energy == pytest.approx(-n @ n / (2 * r * r * M), abs=1e-12)
    lowest = np.linalg.eigvalsh(full.stiffness(n, T))[0]
    assert state.min_eigenvalue == pytest.approx(lowest, abs=1e-10)


def test_one_group_is_the_symmetric_state():
    model = network(2, 0.3, 0.5, 4)
    s = theory.solve(model, T=0.05)
    state = example_state(model, 0.05, groups=[[4], [4]])
    np.testing.assert_allclose(state.m, s.m, atol=1e-12)
    np.testing.assert_allclose(state.example_overlaps, 0.5 * np.repeat(s.n[:, None], 4, 1))
    assert state.free_energy == pytest.approx(float(s.free_energy), abs=1e-12)
    lowest = min(s.min_eigenvalue, s.example_eigenvalues.min())
    assert state.min_eigenvalue == pytest.approx(float(lowest), abs=1e-11)


def test_the_state_that_few_even_examples_lead_to():
    """Every example by itself, from the asymmetry of an independent iteration (M = 4)."""
    n = np.full(8, 0.2)
    n[0], n[-1] = 0.25, 0.15
    state = example_state(network(2, 0.3, 0.5, 4), 0.05, groups="all", start=n)
    assert state.free_energy < theory.solve(network(2, 0.3, 0.5, 4), T=0.05).free_energy - 5e-4
    assert state.min_eigenvalue > 0


def test_a_single_example_at_zero_temperature():
    """nu_1 = 1-d and nu_2 = r^2 (1-d), as long as the others cannot outvote it."""
    for M, kept in ((2, True), (8, True), (200, False)):
        r, d = 0.3, 0.3
        state = example_state(network(1, d, r, M), 0.0)
        if kept:
            nu = np.append(1 - d, np.full(M - 1, r * r * (1 - d)))
            np.testing.assert_allclose(state.example_overlaps[0], nu, atol=1e-12)
            assert state.m[0] == pytest.approx(r * (1 - d), abs=1e-12)
            assert state.energy == pytest.approx(-nu @ nu / (2 * r * r * M), abs=1e-12)
            assert state.min_eigenvalue == 1
        else:
            assert np.ptp(state.example_overlaps) < 0.02


def test_few_poor_examples_are_remembered_and_many_make_a_pattern():
    """The lower free energy goes over from one example to the archetype near M = r^-2."""
    lower = []
    for M in (3, 5, 7, 9, 11, 13):
        model = network(1, 0.3, 0.3, M)
        pattern = theory.solve(model, T=0.1)
        lower.append(example_state(model, 0.1).free_energy < float(pattern.free_energy) - 1e-9)
    assert lower[:2] == [True, True]
    assert lower[-2:] == [False, False]
    assert sorted(lower, reverse=True) == lower


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        (network(1, 0.3, 0.5, 1), {}, "no noisy examples"),
        (network(1, 0.3, 1.0, 3), {}, "no noisy examples"),
        (
            Multitasking(n_patterns=1, rule=Supervised(quality=0.5, n_examples=3)),
            {},
            "no noisy examples",
        ),
        (network(2, 0.3, 0.5, 3), {"groups": [[3]]}, "one sequence of sizes for each of 2"),
        (network(1, 0.3, 0.5, 3), {"groups": [[1, 1]]}, "must sum to 3"),
        (network(1, 0.3, 0.5, 3), {"groups": [[0, 3]]}, "size of a group = 0"),
        (network(1, 0.3, 0.5, 3), {"groups": "pairs"}, "groups = 'pairs' is not one of"),
        (network(1, 0.3, 0.5, 3), {"start": [0.1]}, r"start of shape \(1,\)"),
        (network(3, 0.3, 0.5, 9), {"groups": "all"}, "columns of n_patterns and n_examples"),
        (network(1, 0.3, 0.5, 3), {"T": -1.0}, "T = -1.0 is outside"),
    ],
)
def test_bad_input(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        example_state(model, **{"T": 0.1} | arguments)
