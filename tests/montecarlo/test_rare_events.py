"""Errors of means that rest on few events: they cover, and nothing certain is claimed."""

import numpy as np
import pytest
from scipy.stats import t as student

import montecarlo
from hebbian import Dense, Hopfield
from montecarlo import Schedule
from montecarlo.statistics.estimators import estimate, overlap_estimate
from montecarlo.statistics.rare_events import Range

N = 100


def reversed_spins(rng, law, n_runs, n_samples):
    """Overlaps of samples with a Poisson number of weak spins, each reversed for part of time.

    ``law`` is (number of weak spins per sample, exponent): the part p of the time is a power
    of a uniform number, so that p > x has the probability 1 - x**(1/exponent).
    """
    rate, exponent = law
    count = rng.poisson(rate, (n_runs, n_samples))
    parts = rng.random((n_runs, n_samples, 12)) ** exponent
    parts = np.where(np.arange(12) < count[..., None], parts, 0.0)
    exact = 1 - 2 / N * rate / (1 + exponent)
    return 1 - 2 / N * parts.sum(axis=-1), exact


@pytest.mark.parametrize("n_samples", [6, 8, 16])
@pytest.mark.parametrize(
    "law", [(0.02, 0.3), (0.1, 1.0), (0.3, 5.0), (1.0, 3.0), (2.0, 8.0), (4.0, 0.2)]
)
def test_intervals_cover_whatever_the_weights_of_the_events_are(law, n_samples):
    """Compound Poisson laws with up to four weak spins in a sample, one in 50 at the least."""
    per_sample, exact = reversed_spins(np.random.default_rng(1), law, 4000, n_samples)
    found = overlap_estimate(per_sample[..., None, None] * np.ones((1, 4)), N, 1)
    for level in (0.68, 0.95):
        low, high = found.interval(level)
        covered = ((low <= exact) & (exact <= high)).mean()
        assert covered > level - (0.03 if level < 0.9 else 0.02), (level, covered)
    z = (found.mean - exact) / found.error
    assert (np.abs(z) < student.ppf(0.975, n_samples - 1)).mean() > 0.92
    assert (np.abs(z) > student.ppf(0.99865, n_samples - 1)).mean() < 0.02


def test_the_spread_alone_does_not_cover():
    """What the error was before: the test above is one that it fails."""
    per_sample, exact = reversed_spins(np.random.default_rng(1), (0.3, 5.0), 4000, 6)
    mean, error = per_sample.mean(axis=-1), per_sample.std(axis=-1, ddof=1) / np.sqrt(6)
    assert (np.abs(mean - exact) <= student.ppf(0.975, 5) * error).mean() < 0.8


def test_with_many_events_the_error_is_that_of_the_samples():
    rng = np.random.default_rng(2)
    m = 0.9 + 0.01 * rng.normal(size=(50, 8, 1, 1)) + np.zeros((1, 1, 1, 4))
    known, plain = overlap_estimate(m, N, 1), estimate(m, 1)
    np.testing.assert_allclose(known.error, plain.error, rtol=0.02)
    assert not known.few.any()
    for level in (0.68, 0.95):
        deviate = student.ppf(0.5 + level / 2, 7)
        low, high = known.interval(level)
        np.testing.assert_allclose(high - low, 2 * deviate * plain.error, rtol=0.05)
        low, high = plain.interval(level)
        np.testing.assert_allclose(high - low, 2 * deviate * plain.error, rtol=1e-12)


def test_without_an_event_the_rule_of_three():
    """S samples of N spins, none reversed: at 95 % at most -ln(.025) = 3.69 of S N are."""
    still = overlap_estimate(np.ones((6, 2, 30)), N, 1)
    assert still.error == pytest.approx(2 / N / 6)
    low, high = still.interval(0.95)
    assert high == 1
    assert low == pytest.approx(1 - 3.69 * 2 / N / 6, rel=1e-3)
    assert still.few
    assert still.short


def test_overlaps_of_either_sign_and_no_sign():
    rng = np.random.default_rng(3)
    m = 1 - 0.02 * rng.poisson(0.3, (8, 1, 1)) * np.ones(4)
    up, down = overlap_estimate(m, N, 1), overlap_estimate(-m, N, 1)
    assert up.error == down.error
    np.testing.assert_allclose(up.interval()[0], -down.interval()[1])
    np.testing.assert_allclose(up.interval()[1], -down.interval()[0])
    middle = overlap_estimate(0.1 * np.repeat([[-1.0], [1.0]], 4, axis=0)[..., None], N, 1)
    low, high = middle.interval()
    assert low == pytest.approx(-high)


def test_more_confidence_is_a_wider_interval():
    m = 1 - 0.02 * np.array([0, 0, 1, 0, 0, 3, 0, 0.2])[:, None, None] * np.ones(4)
    found = overlap_estimate(m, N, 1)
    lows, highs = np.transpose([found.interval(level) for level in (0.5, 0.68, 0.9, 0.95, 0.99)])
    assert (np.diff(lows) < 0).all()
    assert (np.diff(highs) > 0).all()
    assert lows[0] < found.mean < highs[0]
    assert highs[-1] < 1
    assert found.few
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match="level"):
            found.interval(level)


def test_one_sample_has_no_interval():
    single = overlap_estimate(np.full((1, 2, 9), 0.9), N, 1)
    assert np.isnan(single.error)
    assert np.isnan(single.interval()).all()
    assert single.few


def test_an_event_of_unknown_size_is_as_large_as_the_largest_that_was_seen():
    x = np.array([0, 0, 0, 0, 0.5, 0])[:, None, None] * np.ones(4)
    unknown, known = estimate(x, 1, Range(low=0.0)), estimate(x, 1, Range(low=0.0, event=0.5))
    assert unknown.error == known.error
    assert np.isnan(estimate(0 * x, 1, Range(low=0.0)).error)


def test_frozen_chains_are_not_certain():
    run = montecarlo.simulate(
        Dense(order=4), alpha=0.02, T=0.1, n_spins=100, n_samples=6, seed=1,
        schedule=Schedule(warmup=20, sweeps=60, stride=2),
    )  # fmt: skip
    assert run.m.mean == run.q.mean == 1
    for found in (run.m, run.n, run.q, run.susceptibility):
        assert found.error > 0
        assert found.few
        assert found.short
        low, high = found.interval()
        assert low < high
    assert run.m.interval()[0] > 0.98
    assert "few events" in repr(run)


@pytest.mark.parametrize(
    ("T", "site_order", "stride"),
    [(1e6, "sequential", 2), (1e3, "permutation", 1), (20.0, "sequential", 1)],
)
def test_measurements_that_alternate_are_no_more_than_they_are(T, site_order, stride):
    """Metropolis at T >> 1 accepts every flip: m is that of the start, or changes its sign."""
    run = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=T, n_spins=50, n_samples=4, dynamics="metropolis", seed=1,
        site_order=site_order, schedule=Schedule(warmup=20, sweeps=400, stride=stride),
    )  # fmt: skip
    assert run.m.n_eff <= run.series["m"].size
    assert run.m.short
