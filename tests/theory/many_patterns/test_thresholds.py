"""Learning thresholds of multitasking networks."""

import math

import numpy as np
import pytest

import theory
from hebbian import Multitasking, Storing, Supervised, Unsupervised
from theory.many_patterns.thresholds import CRITERIA, examples_needed
from theory.many_patterns.zero_temperature import parallel_dataset_entropy


def network(K, d, r, M=1):
    return Multitasking(n_patterns=K, dilution=d, rule=Supervised(quality=r, n_examples=M))


@pytest.mark.parametrize(
    ("r", "d", "K", "one_step", "noise_only", "self_consistent"),
    [
        (0.2, 0.3, 2, 27.22732123799358, 25.511999999999983, 67.12851557473198),
        (0.2, 0.3, 3, 27.539196632772473, 25.648079999999986, 74.7650738657025),
        (0.4, 0.5, 3, 7.194444444444441, 6.070312499999997, 34.61388416654768),
    ],
)
def test_derived_values(r, d, K, one_step, noise_only, self_consistent):
    model = network(K, d, r)
    assert examples_needed(model) == pytest.approx(one_step, abs=1e-12)
    assert examples_needed(model, criterion="example-noise") == pytest.approx(noise_only, abs=1e-12)
    found = examples_needed(model, criterion="self-consistent")
    assert found == pytest.approx(self_consistent, abs=1e-7)
    hierarchy = (1 - r * r) / (r * r * parallel_dataset_entropy(d, K))
    assert examples_needed(model, criterion="hierarchy") == pytest.approx(hierarchy, rel=1e-14)


@pytest.mark.parametrize(
    ("d", "K", "r", "M"), [(0.3, 3, 0.2, 27.4), (0.0, 2, 0.3, 10.0), (0.5, 4, 0.4, 300.0)]
)
def test_one_step_meets_its_own_threshold(d, K, r, M):
    """At M = examples_needed the mean field is theta sqrt(2) standard deviations."""
    theta = 0.8
    needed = examples_needed(network(K, d, r), threshold=theta)
    rho = (1 - r * r) / (r * r * needed)
    step = theory.signal_to_noise(network(K, d, r, 5))
    M = 5
    scale = rho / ((1 - r * r) / (r * r * M))  # the noise of the examples at M = needed
    crosstalk = (d**2 - d ** (2 * K)) / (1 + d) * (1 - d) ** 2
    variance = (step.field_variance - crosstalk) * scale + crosstalk
    assert step.field_mean / math.sqrt(2 * variance) == pytest.approx(theta, rel=1e-12)


def test_one_step_is_the_step_of_the_network():
    """One T = 0 step from the hierarchical spins of a sampled network of 1e6 spins."""
    K, d, r, M, N = 3, 0.3, 0.2, 27, 1_000_000
    rng = np.random.default_rng(5)
    xi = rng.choice([-1, 0, 1], p=[(1 - d) / 2, d, (1 - d) / 2], size=(K, N))
    S = 2 * rng.binomial(M, (1 + r) / 2, size=(K, N)) - M
    v = xi * S / (r * M)
    first = np.argmax(xi != 0, axis=0)
    spins = xi[first, np.arange(N)] + (xi == 0).all(axis=0) * rng.choice([-1, 1], size=N)
    field = v.T @ ((1 - d) * d ** np.arange(K))
    m = xi @ np.sign(field) / N
    step = theory.signal_to_noise(network(K, d, r, M))
    np.testing.assert_allclose(step.m, m, atol=4 / math.sqrt(N))
    np.testing.assert_allclose(v @ spins / N, (1 - d) * d ** np.arange(K), atol=0.02)
    decided = first == 0
    along = (field * xi[0])[decided & (xi[0] != 0)]
    assert along.mean() == pytest.approx(step.field_mean, abs=0.01)
    assert along.var() == pytest.approx(step.field_variance, rel=0.01)


def test_one_step_with_few_examples():
    step = theory.signal_to_noise(network(3, 0.3, 0.2, 27))
    overlap = 0.7 * math.erf(step.field_mean / math.sqrt(2 * step.field_variance))
    assert overlap == pytest.approx(0.4748, abs=5e-5)
    limit = theory.signal_to_noise(network(3, 0.3, 0.2, 27), law="gaussian")
    assert limit.field_mean == step.field_mean
    assert limit.field_variance == step.field_variance
    # a Gaussian field is what the crude overlap assumes of the cross-talk, too
    assert limit.m[0] == pytest.approx(overlap, abs=5e-4)


def test_self_consistent_threshold_is_that_of_the_solution():
    needed = examples_needed(network(3, 0.3, 0.2), criterion="self-consistent")
    rho = 0.96 / 0.04 / needed
    r = 1 / math.sqrt(1 + rho * 10**4)
    s = theory.solve(network(3, 0.3, r, 10**4), T=0, law="gaussian")
    assert s.m[0] == pytest.approx(0.7 * math.erf(math.sqrt(0.5)), abs=1e-9)


def test_hierarchy_threshold_separates_the_phases():
    needed = examples_needed(network(2, 0.3, 0.2), criterion="hierarchy")
    labels = []
    for M in (math.floor(0.95 * needed), math.ceil(1.05 * needed)):
        s = theory.solve(network(2, 0.3, 0.2, M), T=0, law="gaussian")
        labels.append(str(s.label))
    assert labels == ["parallel", "hierarchical"]


def test_thresholds_scale_with_the_quality_and_ignore_the_teacher():
    for criterion in CRITERIA:
        low, high = (examples_needed(network(3, 0.4, r), criterion=criterion) for r in (0.1, 0.3))
        assert low / high == pytest.approx((0.99 / 0.01) / (0.91 / 0.09), rel=1e-9)
        alone = Multitasking(
            n_patterns=3, dilution=0.4, rule=Unsupervised(quality=0.3, n_examples=9)
        )
        assert examples_needed(alone, criterion=criterion) == high


def test_one_pattern_and_no_dilution():
    assert examples_needed(network(1, 0.3, 0.2), criterion="hierarchy") == 0
    assert examples_needed(network(3, 0.0, 0.2), criterion="hierarchy") == 0
    # one pattern: m = (1-d) erf(1/sqrt(2 rho)) exactly, self-consistent or not
    for criterion in CRITERIA[:3]:
        assert examples_needed(network(1, 0.3, 0.2), criterion=criterion) == pytest.approx(24)


def test_crosstalk_alone_can_exceed_the_threshold():
    assert examples_needed(network(3, 0.9, 0.2), threshold=2.0) == math.inf


def test_bad_input():
    with pytest.raises(ValueError, match="criterion = 'x' is not one of"):
        theory.examples_needed(network(2, 0.3, 0.2), criterion="x")
    with pytest.raises(ValueError, match=r"threshold = 0\.0 is outside"):
        theory.examples_needed(network(2, 0.3, 0.2), threshold=0)
    with pytest.raises(ValueError, match="no noisy examples"):
        theory.examples_needed(Multitasking(n_patterns=2, dilution=0.3, rule=Storing()))
    with pytest.raises(ValueError, match="n_patterns = 13 is outside"):
        theory.examples_needed(network(13, 0.3, 0.2), criterion="self-consistent")
