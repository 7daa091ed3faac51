"""Lines of noisy examples: the solver on both sides of each, and limits, in both laws."""

import numpy as np
import pytest

import theory
from hebbian import Multitasking, Storing, Supervised, Unsupervised
from theory.many_patterns.lines import (
    cascade_temperature,
    critical_temperature,
    multicritical_dilution,
    pure_temperature,
)
from theory.many_patterns.parallel import parallel_temperature
from theory.many_patterns.zero_temperature import parallel_dataset_entropy


@pytest.mark.parametrize(("rho", "d"), [(0, 2 / 3), (0.3, 0.3944773175542406), (1, 1 / 6)])
def test_multicritical_dilution(rho, d):
    assert multicritical_dilution(rho) == pytest.approx(d, abs=1e-15)
    r = 1 / np.sqrt(1 + rho * 1000)
    for shift, label in ((-0.03, "pure"), (0.03, "parallel")):
        model = Multitasking(
            n_patterns=3, dilution=d + shift, rule=Supervised(quality=r, n_examples=1000)
        )
        T = 0.99 * critical_temperature(d + shift, rho)
        assert str(theory.solve(model, T=T, law="gaussian").label) == label


@pytest.mark.parametrize("M", [80, 320])
@pytest.mark.parametrize("d", [0.05, 0.2, 0.35])
def test_pure_temperature_of_noisy_data(d, M):
    """There the smallest eigenvalue of the pure state, solved by descent, changes sign."""
    rule = Supervised(quality=0.2, n_examples=M)
    T = float(pure_temperature(d, rule.dataset_entropy))
    found = theory.solve(
        Multitasking(n_patterns=3, dilution=d, rule=rule), T=[T * (1 - 1e-6), T * (1 + 1e-6)],
        start=np.array([1 - d, 0.0, 0.0]), law="gaussian",
    )  # fmt: skip
    assert found.label.tolist() == ["pure", "pure"]
    assert found.min_eigenvalue[0] < 0 < found.min_eigenvalue[1]
    np.testing.assert_allclose(found.min_eigenvalue, 0, atol=2e-6)


@pytest.mark.parametrize(
    ("d", "K", "rho"),
    [(0.75, 2, 0.01), (0.75, 3, 0.02), (0.5, 3, 0.12), (0.3, 2, 0.36), (0.65, 4, 0.05)],
)
def test_parallel_temperature_of_noisy_data(d, K, rho):
    """At both ends the smallest eigenvalue of the state of equal overlaps changes sign."""
    M = 10_000
    rule = Supervised(quality=1 / np.sqrt(1 + M * rho), n_examples=M)
    assert rule.dataset_entropy == pytest.approx(rho, rel=1e-12)
    ends = parallel_temperature(d, K, rho)
    for T, sign in zip(ends, (1, -1), strict=True):
        if critical_temperature(d, rho) == T:
            assert d > multicritical_dilution(rho)
            continue
        found = theory.solve(
            Multitasking(n_patterns=K, dilution=d, rule=rule), T=[T * (1 - 1e-6), T * (1 + 1e-6)],
            start="symmetric", law="gaussian",
        )  # fmt: skip
        below, above = sign * found.min_eigenvalue
        assert below < 0 < above
        np.testing.assert_allclose(found.min_eigenvalue, 0, atol=2e-6)


def test_noisy_parallel_line_meets_those_of_zero_temperature_and_of_perfect_data():
    noise = parallel_dataset_entropy(0.3, 2)
    assert parallel_temperature(0.3, 2, 1.001 * noise).low == 0
    assert 0 < parallel_temperature(0.3, 2, 0.999 * noise).low < 0.03
    for exact, near in zip(
        parallel_temperature(0.75, 3), parallel_temperature(0.75, 3, 1e-8), strict=True
    ):
        assert near == pytest.approx(exact, abs=1e-7)
    low, high = parallel_temperature([0.0, 0.3], 2, [[0.2], [1.0]])
    assert low.shape == high.shape == (2, 2)
    assert np.isnan(low[:, 0]).all()  # without blanks pure states alone


def test_pure_temperature_meets_the_other_limits():
    """Perfect data, the multicritical point, and no blanks."""
    assert pure_temperature(0.3, 1e-10) == pytest.approx(pure_temperature(0.3), abs=1e-9)
    for rho in (0.3, 1.0):
        d = multicritical_dilution(rho)
        T_c = critical_temperature(d, rho)
        assert pure_temperature(d - 1e-6, rho) == pytest.approx(T_c, abs=1e-5)
        assert np.isnan(pure_temperature(d, rho))
        assert pure_temperature(0.0, rho) == 0


#: Quality and number of examples.
FEW = [(0.5, 5), (0.5, 4), (0.9, 3), (0.2, 80), (0.3, 41)]
BOTH_SIDES = np.array([1 - 1e-7, 1 + 1e-7])


@pytest.mark.parametrize(("r", "M"), FEW)
def test_exact_multicritical_dilution(r, M):
    rule = Supervised(quality=r, n_examples=M)
    for shift, label in ((-0.03, "pure"), (0.03, "parallel")):
        d = multicritical_dilution(rule=rule) + shift
        model = Multitasking(n_patterns=3, dilution=d, rule=rule)
        T = 0.995 * critical_temperature(d, rule=rule)
        assert str(theory.solve(model, T=T).label) == label


@pytest.mark.parametrize("kind", [Supervised, Unsupervised])
@pytest.mark.parametrize(("r", "M"), FEW)
def test_exact_pure_temperature(r, M, kind):
    """There the smallest eigenvalue of the pure state changes its sign."""
    rule = kind(quality=r, n_examples=M)
    for d in (0.05, 0.3):
        T = pure_temperature(d, rule=rule)
        found = theory.solve(
            Multitasking(n_patterns=2, dilution=d, rule=rule), T=T * BOTH_SIDES,
            start=[1 - d, 0.0],
        )  # fmt: skip
        assert found.label.tolist() == ["pure", "pure"]
        assert found.min_eigenvalue[0] < 0 < found.min_eigenvalue[1]


@pytest.mark.parametrize("kind", [Supervised, Unsupervised])
@pytest.mark.parametrize(
    ("d", "K", "r", "M"),
    [(0.7, 2, 0.2, 80), (0.7, 3, 0.5, 5), (0.5, 3, 0.3, 41), (0.1, 3, 0.5, 5), (0.62, 4, 0.5, 20)],
)
def test_exact_parallel_temperature(d, K, r, M, kind):
    rule = kind(quality=r, n_examples=M)
    model = Multitasking(n_patterns=K, dilution=d, rule=rule)
    for T, sign in zip(parallel_temperature(d, K, rule=rule), (1, -1), strict=True):
        assert T > 0
        if critical_temperature(d, rule=rule) == T:
            assert d > multicritical_dilution(rule=rule)
            continue
        found = theory.solve(model, T=T * BOTH_SIDES, start="symmetric")
        below, above = sign * found.min_eigenvalue
        assert below < 0 < above


@pytest.mark.parametrize(
    ("arguments", "law"), [({"dataset_entropy": 0.05}, "gaussian"), ({"rule": (0.5, 40)}, None)]
)
def test_noisy_cascade(arguments, law):
    """There the third pattern of the solver appears, in both laws."""
    d, rule = 0.3, Supervised(quality=(1 + 0.05 * 7) ** -0.5, n_examples=7)
    if law is None:
        rule = Supervised(quality=arguments["rule"][0], n_examples=arguments["rule"][1])
        arguments = {"rule": rule}
    T = cascade_temperature(d, 2, **arguments)
    assert pure_temperature(d, **arguments) > T
    labels = theory.solve(
        Multitasking(n_patterns=3, dilution=d, rule=rule), T=T * (1 + 1e-4 * np.array([-1, 1])),
        law=law or "binomial",
    ).label  # fmt: skip
    assert labels.tolist() == ["hierarchical", "hierarchical-2"]


def test_exact_lines_of_one_example_are_those_of_archetypes():
    """v = +-1/r: every temperature is larger by 1/r^2."""
    rule = Supervised(quality=0.4, n_examples=1)
    d = np.array([0.05, 0.3, 0.7])
    scale = 0.4**-2
    assert multicritical_dilution(rule=rule) == pytest.approx(2 / 3)
    np.testing.assert_allclose(pure_temperature(d, rule=rule), scale * pure_temperature(d))
    exact, stored = parallel_temperature(d, 3, rule=rule), parallel_temperature(d, 3)
    np.testing.assert_allclose(exact, np.multiply(scale, stored), rtol=1e-10)
    cascades = cascade_temperature(0.3, 3, rule=rule), cascade_temperature(0.3, 3)
    assert cascades[0] == pytest.approx(scale * cascades[1], rel=1e-9)


def test_exact_lines_of_many_examples_are_those_of_the_gaussian_law():
    d, rho, distance = 0.6, 0.05, []
    for M in (100, 400):
        rule = Supervised(quality=(1 + rho * M) ** -0.5, n_examples=M)
        pairs = [
            (multicritical_dilution(rule=rule), multicritical_dilution(rho)),
            (pure_temperature(0.3, rule=rule), pure_temperature(0.3, rho)),
            (parallel_temperature(d, 3, rule=rule).low, parallel_temperature(d, 3, rho).low),
        ]
        distance.append([abs(a - b) for a, b in pairs])
    assert (np.array(distance[0]) > 3 * np.array(distance[1])).all()


def test_exact_lines_end_where_examples_part():
    """Two examples at d = 0.05: at the line the state without a teacher is not symmetric."""
    for kind, exists in ((Supervised, True), (Unsupervised, False)):
        rule = kind(quality=0.3, n_examples=2)
        assert np.isfinite(pure_temperature(0.05, rule=rule)) == exists
        assert np.isfinite(parallel_temperature(0.7, 3, rule=rule).low) == exists
        assert np.isfinite(cascade_temperature(0.05, 2, rule=rule)) == exists
    model = Multitasking(n_patterns=1, dilution=0.05, rule=Unsupervised(quality=0.3, n_examples=2))
    T = pure_temperature(0.05, rule=Supervised(quality=0.3, n_examples=2))
    assert theory.solve(model, T=float(T)).example_eigenvalues[0] < 0


def test_perfect_examples_have_the_lines_of_archetypes():
    for rule in (Storing(), Unsupervised(quality=1, n_examples=9)):
        assert pure_temperature(0.3, rule=rule) == pure_temperature(0.3)
        assert parallel_temperature(0.7, 3, rule=rule) == parallel_temperature(0.7, 3)
        assert cascade_temperature(0.3, 2, rule=rule) == cascade_temperature(0.3, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rule: pure_temperature(0.3, 0.1, rule=rule), "give one of the two"),
        (lambda rule: pure_temperature(0.3, rule=0.1), "rule of type float is not a rule"),
        (lambda rule: cascade_temperature(0.3, 2, -1.0), "dataset_entropy = -1.0 is outside"),
        (
            lambda rule: parallel_temperature(
                0.3, 50, rule=Supervised(quality=0.5, n_examples=10**5)
            ),
            "values of the field",
        ),
        (
            lambda rule: pure_temperature(0.3, rule=Supervised(quality=0.1, n_examples=10**7)),
            "n_examples = 10000000 is outside",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call(Supervised(quality=0.5, n_examples=3))
