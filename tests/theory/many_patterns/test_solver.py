"""Solutions of multitasking networks: stationarity, stability, limits, starts, bad input."""

import numpy as np
import pytest
from example_network import Examples
from hypothesis import given, settings
from hypothesis import strategies as st

import theory
from hebbian import Hopfield, Multitasking, Storing, Supervised, Unsupervised
from theory.many_patterns.equations import MultitaskingEquations
from theory.many_patterns.labels import label


@pytest.mark.parametrize(
    ("K", "M", "r", "T", "start"),
    [
        (2, 3, 0.5, 0.1, "hierarchical"),
        (2, 4, 0.5, 0.05, "hierarchical"),
        (1, 6, 0.3, 0.4, "pure"),
        (2, 2, 0.7, 1.0, "pure"),
        (2, 3, 0.4, 1.2, "symmetric"),
    ],
)
def test_without_a_teacher_against_all_overlaps(K, M, r, T, start):
    """Free energy, stationarity, m, and the modes of the K M overlaps, all of them."""
    d = 0.3
    rule = Unsupervised(quality=r, n_examples=M)
    s = theory.solve(Multitasking(n_patterns=K, dilution=d, rule=rule), T=T, start=start)
    assert s.converged
    network, n = Examples(K, M, d, r), r * np.repeat(s.n, M)
    np.testing.assert_allclose(network.image(n, T), n, atol=1e-12)
    np.testing.assert_allclose(network.m(n, T), s.m, atol=1e-12)
    assert network.free_energy(n, T) == pytest.approx(s.free_energy, abs=1e-12)
    stiffness = network.stiffness(n, T).reshape(K, M, K, M)
    together = stiffness.mean(axis=(1, 3)) * M
    assert np.linalg.eigvalsh(together)[0] == pytest.approx(float(s.min_eigenvalue), abs=1e-11)
    for mu in range(K):
        apart = np.eye(M)[:-1] - np.eye(M)[1:]
        np.testing.assert_allclose(
            stiffness[mu, :, mu] @ apart.T, s.example_eigenvalues[mu] * apart.T, atol=1e-11
        )
        for nu in set(range(K)) - {mu}:
            np.testing.assert_allclose(stiffness[nu, :, mu] @ apart.T, 0, atol=1e-11)


def test_without_a_teacher_few_even_examples_leave_the_symmetric_equations():
    """M = 4, r = 0.5: a lower state whose overlaps with the examples differ (derived value)."""
    K, M, d, r, T = 2, 4, 0.3, 0.5, 0.05
    rule = Unsupervised(quality=r, n_examples=M)
    s = theory.solve(Multitasking(n_patterns=K, dilution=d, rule=rule), T=T)
    assert (s.example_eigenvalues < 0).all()
    network = Examples(K, M, d, r)
    n = r * np.repeat(s.n, M)
    n[0] *= 1.1  # one example of the first archetype stands out, one of the second falls behind
    n[-1] *= 0.9
    for _ in range(3000):
        n = network.image(n, T)
    assert network.free_energy(n, T) < s.free_energy - 5e-4
    np.testing.assert_allclose(
        network.m(n, T), [0.4173797435391344, 0.29222449649278576], atol=1e-9
    )
    assert np.linalg.eigvalsh(network.stiffness(n, T))[0] == pytest.approx(0.204768, abs=1e-6)


MODELS = [
    (Storing(), "binomial"),
    (Supervised(quality=0.4, n_examples=12), "binomial"),
    (Unsupervised(quality=0.3, n_examples=7), "binomial"),
    (Supervised(quality=0.2, n_examples=300), "gaussian"),
]


@settings(max_examples=40)
@given(
    K=st.integers(1, 5),
    d=st.floats(0, 0.95),
    T=st.floats(0.02, 1.1),
    which=st.integers(0, len(MODELS) - 1),
    start=st.sampled_from(["hierarchical", "parallel", "pure"]),
)
def test_named_starts_lead_to_stable_states(K, d, T, which, start):
    rule, law = MODELS[which]
    critical = (1 - d) * (1 + rule.dataset_entropy)
    model = Multitasking(n_patterns=K, dilution=d, rule=rule)
    s = theory.solve(model, T=T * critical, start=start, law=law)
    assert s.converged
    assert s.residual < 1e-10 * np.sqrt(critical)
    assert s.min_eigenvalue > -1e-9
    assert (np.diff(np.abs(s.m)) <= 1e-15).all()
    assert (s.m > -1e-6).all()
    paramagnet = theory.solve(model, T=T * critical, start="paramagnet", law=law)
    assert s.free_energy <= paramagnet.free_energy + 1e-14
    assert paramagnet.min_eigenvalue == pytest.approx(1 - 1 / T, abs=1e-10)
    assert (str(s.label) == "ergodic") == (T >= 1 or bool((s.m == 0).all()))


@pytest.mark.parametrize(("rule", "law"), MODELS, ids=repr)
@pytest.mark.parametrize("start", ["hierarchical", "parallel", "pure"])
def test_zero_temperature_is_the_limit(rule, law, start):
    model = Multitasking(n_patterns=3, dilution=0.4, rule=rule)
    cold = theory.solve(model, T=0, start=start, law=law)
    assert cold.converged
    warm = theory.solve(model, T=1e-4, start=cold.n.clip(-1, 1), law=law)
    np.testing.assert_allclose(warm.m, cold.m, atol=2e-6)
    assert warm.free_energy == pytest.approx(cold.free_energy, abs=1e-4 * np.log(2))
    assert warm.q == pytest.approx(cold.q, abs=2e-3)


def test_gaussian_law_is_the_limit_of_many_examples():
    """m = m_gauss + O(1/M) at fixed rho = 0.1: the difference shrinks with M."""
    rho, errors = 0.1, []
    for M in (50, 200, 800):
        r = 1 / np.sqrt(1 + rho * M)
        rule = Supervised(quality=r, n_examples=M)
        model = Multitasking(n_patterns=2, dilution=0.3, rule=rule)
        exact, limit = (theory.solve(model, T=0.1, law=law) for law in ("binomial", "gaussian"))
        errors.append(np.abs(exact.m - limit.m).max())
    assert errors[0] > 3 * errors[1] > 9 * errors[2] > 0


def test_n_of_the_gaussian_law():
    """n = m / (1 - rho E[xi^2 (1 - tanh^2)]/T), by parts: the example eigenvalues are m/n."""
    rule = Unsupervised(quality=0.3, n_examples=100)
    s = theory.solve(
        Multitasking(n_patterns=3, dilution=0.3, rule=rule), T=[0.0, 0.05], law="gaussian"
    )
    np.testing.assert_allclose(s.m / s.n, s.example_eigenvalues, rtol=1e-11)


def test_symmetric_start_is_the_symmetric_state_whether_stable_or_not():
    model = Multitasking(n_patterns=3, dilution=0.62)
    symmetric = theory.solve(model, T=0.2, start="symmetric")
    assert str(symmetric.label) == "parallel"
    assert symmetric.min_eigenvalue < 0
    stable = theory.solve(model, T=0.2, start="parallel")
    assert stable.free_energy < symmetric.free_energy
    assert stable.min_eigenvalue > 0


def test_an_array_keeps_its_symmetry():
    model = Multitasking(n_patterns=3, dilution=0.3)
    pure = theory.solve(model, T=0.1, start=[0.9, 0.0, 0.0])
    assert str(pure.label) == "pure"
    assert pure.m[0] == pytest.approx(0.7 * np.tanh(pure.m[0] / 0.1), abs=1e-14)
    assert pure.min_eigenvalue == pytest.approx(1 - (0.7 - pure.m[0] ** 2) / 0.1, abs=1e-12)
    assert pure.min_eigenvalue < 0
    signed = theory.solve(model, T=0.1, start=[0.1, -0.7, 0.2])
    np.testing.assert_allclose(np.abs(signed.m), theory.solve(model, T=0.1).m, atol=1e-13)
    assert signed.m[0] > 0 > signed.m[1]


def test_shapes_broadcast_over_temperatures():
    model = Multitasking(n_patterns=3, dilution=0.3)
    T = np.array([[0.0, 0.1, 0.3], [0.6, 0.7, 1.5]])
    s = theory.solve(model, T=T)
    assert s.m.shape == (2, 3, 3)
    assert s.label.shape == s.free_energy.shape == s.converged.shape == (2, 3)
    assert s.label[:, 1].tolist() == ["hierarchical-2", "ergodic"]
    one = theory.solve(model, T=0.1)
    np.testing.assert_allclose(s.m[0, 1], one.m, atol=1e-15)
    starts = np.tile([0.7, 0.2, 0.1], (2, 3, 1))
    np.testing.assert_allclose(theory.solve(model, T=T, start=starts).m, s.m, atol=1e-9)
    assert theory.solve(model, T=[]).m.shape == (0, 3)
    assert theory.solve(model.replace(n_patterns=12), T=[]).m.shape == (0, 12)


def test_at_the_critical_temperature():
    s = theory.solve(Multitasking(n_patterns=3, dilution=0.3), T=0.7)
    assert str(s.label) == "ergodic"
    assert s.min_eigenvalue == pytest.approx(0, abs=1e-12)
    below = theory.solve(Multitasking(n_patterns=3, dilution=0.3), T=0.7 * (1 - 1e-6))
    # m^2 = 3 (1-d)^2 (1 - T/T_c) for a pure state
    assert below.m[0] == pytest.approx(np.sqrt(3 * 0.49e-6), rel=1e-5)


def test_twenty_and_fifty_patterns():
    """The Fourier integral: patterns below their condensation leave the others alone."""
    few = theory.solve(Multitasking(n_patterns=4, dilution=0.3), T=0.01)
    for K in (20, 50):
        many = theory.solve(Multitasking(n_patterns=K, dilution=0.3), T=0.01)
        assert str(many.label) == "hierarchical-4"
        np.testing.assert_allclose(many.m[:4], few.m, atol=1e-13)
        np.testing.assert_array_equal(many.m[4:], 0)
        assert many.free_energy == pytest.approx(few.free_energy, abs=1e-14)


@pytest.mark.parametrize("start", ["hierarchical", "parallel", "pure"])
def test_labels_of_very_poor_examples(start):
    """v is of the order of 1/(r sqrt M), and n of T r sqrt M: small against T, but not none."""
    rule = Supervised(quality=1e-6, n_examples=3)
    T = 0.999 * 0.9 * (1 + rule.dataset_entropy)
    s = theory.solve(Multitasking(n_patterns=3, dilution=0.1, rule=rule), T=T, start=start)
    assert str(s.label) == "pure"
    assert s.min_eigenvalue > 1e-4


@pytest.mark.parametrize(("K", "start"), [(7, "symmetric"), (9, "symmetric"), (7, "parallel")])
def test_very_low_temperatures_of_a_few_patterns(K, start):
    """Beyond the nodes of a Fourier integral all columns are listed: the limit is that of T = 0."""
    model = Multitasking(n_patterns=K, dilution=0.6)
    cold, warm = (theory.solve(model, T=T, start=start) for T in (0.0, 1e-10))
    assert warm.converged
    assert warm.free_energy == pytest.approx(float(cold.free_energy), abs=1e-9)
    if start == "symmetric":
        np.testing.assert_allclose(warm.m, cold.m, atol=1e-9)


def test_labels():
    T = np.full(7, 0.1)
    n = np.array(
        [[0, 0, 0], [1, 0, 0], [1, 0.5, 0], [3, 2, 1], [1, 1, 1], [1, 1, 0], [2, 1, 1]], float
    )
    names = ["ergodic", "pure", "hierarchical-2", "hierarchical", "parallel"]
    assert label(n, T).tolist() == [*names, "mixed:aa0", "mixed:abb"]
    assert label(np.array([[0.5]]), T[:1]).tolist() == ["pure"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"T": -0.1}, "T = -0.1 is outside"),
        ({"T": 0.1, "alpha": 0.1}, "has no load"),
        ({"T": 0.1, "start": "glass"}, "start = 'glass' is not one of"),
        ({"T": 0.1, "start": [0.5, 0.1]}, r"start of shape \(2,\)"),
        ({"T": 0.1, "start": [[0.5, 0.1, 0.0]]}, r"start of shape \(1, 3\)"),
        ({"T": 0.1, "start": [0.5, 1.1, 0.0]}, "start = 1.1 is outside"),
        ({"T": 0.1, "law": "poisson"}, "law = 'poisson' is not one of"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        theory.solve(Multitasking(n_patterns=3, dilution=0.3), **arguments)


@pytest.mark.parametrize("model", [Hopfield(), None, 0.3], ids=repr)
def test_other_models(model):
    with pytest.raises(ValueError, match=r"model of type \w+ is not a network of diluted patterns"):
        MultitaskingEquations(model, "binomial")


@pytest.mark.parametrize(
    ("function", "lacking"),
    [(theory.stable_states, "list of stable states"), (theory.ground_state, "ground state")],
)
def test_states_of_other_models(function, lacking):
    with pytest.raises(ValueError, match=f"models of type Hopfield have no {lacking}"):
        function(Hopfield(), 0.1)
    for model in (None, 0.3):
        with pytest.raises(TypeError, match=rf"model = {model} is not a model: give hebbian"):
            function(model, 0.1)


def test_too_many_patterns():
    with pytest.raises(ValueError, match="n_patterns = 201 is outside"):
        theory.solve(Multitasking(n_patterns=201, dilution=0.3), T=0.1)
