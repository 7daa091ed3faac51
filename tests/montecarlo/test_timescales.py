"""Autocorrelation and first-passage times against processes of known answers."""

import numpy as np
import pytest
from processes import autoregressive

import montecarlo
from hebbian import Hopfield
from montecarlo import Schedule
from montecarlo.statistics.timescales import first_passage, kaplan_meier, relaxation


@pytest.mark.parametrize("rho", [0.5, 0.8, 0.95])
def test_times_of_an_autoregressive_process(rho):
    """Integrated (1 + rho)/(1 - rho), exponential -1/ln(rho); 3 of their own errors."""
    found = relaxation(autoregressive(rho, (10, 2, 20000), np.random.default_rng(1)), stride=4)
    assert abs(found.integrated - 4 * (1 + rho) / (1 - rho)) < 3 * found.integrated_error
    assert abs(found.exponential + 4 / np.log(rho)) < 3 * found.exponential_error
    assert found.exponential_error < 0.05 * found.exponential
    assert not found.short


def test_errors_of_the_times_are_honest():
    rng = np.random.default_rng(2)
    found = relaxation(autoregressive(0.8, (150, 5, 2, 1500), rng), stride=1)
    for name, exact in (("integrated", 9.0), ("exponential", -1 / np.log(0.8))):
        value, error = getattr(found, name), getattr(found, f"{name}_error")
        assert 0.55 < (np.abs(value - exact) < error).mean() < 0.85, name


def test_the_slowest_mode_is_seen_through_a_fast_one():
    """Half of the variance decays in 1/ln 2 steps, half in 20."""
    rng = np.random.default_rng(3)
    slow = np.exp(-1 / 20)
    series = autoregressive(slow, (30, 1, 20000), rng) + autoregressive(0.5, (30, 1, 20000), rng)
    found = relaxation(series, 1)
    assert found.exponential == pytest.approx(20, rel=0.1)
    expected = 0.5 * ((1 + slow) / (1 - slow) + 3)
    assert abs(found.integrated - expected) < 3 * found.integrated_error


def test_unresolved_times_are_not_numbers():
    rng = np.random.default_rng(4)
    white = relaxation(rng.normal(size=(4, 2, 2000)), 10)
    assert np.isnan(white.exponential)
    assert white.integrated == pytest.approx(10, rel=0.1)
    walk = relaxation(np.cumsum(rng.normal(size=(4, 2, 200)), axis=-1), 1)
    assert walk.short
    frozen = relaxation(np.ones((4, 2, 20)), 1)
    assert np.isnan(frozen.exponential)
    empty = relaxation(np.ones((3, 4, 2, 0)), 1)
    assert empty.short.shape == (3,)
    assert np.isnan(empty.integrated).all()
    assert "short chain" in repr(walk)


def passages(mean, shape, n, stride, rng):
    """Whether chains with exponential passage times are across at each measurement."""
    times = rng.exponential(mean, shape)
    return times[..., None] <= stride * np.arange(1, n + 1)


def test_censored_chains_count():
    """Only 39 % pass within the run; the mean time is right and its interval covers."""
    across = passages(200.0, (400, 10, 4), 10, 10, np.random.default_rng(5))
    found = first_passage(across, stride=10)
    assert 0.5 < found.censored.mean() < 0.7
    naive = np.where(found.censored, np.nan, found.times)
    assert np.nanmean(naive) < 60  # what forgetting the censored chains would give
    assert np.exp(np.nanmean(np.log(found.mean))) == pytest.approx(200, rel=0.05)
    covered = (found.low < 200) & (found.high > 200)
    assert 0.9 < covered.mean() < 0.99


def test_samples_with_their_own_rates_widen_the_interval():
    rng = np.random.default_rng(6)
    rates = np.exp(rng.normal(size=(300, 12, 1))) / 100
    across = (
        rng.exponential(1 / np.broadcast_to(rates, (300, 12, 8)))[..., None] <= np.arange(1, 21) * 5
    )
    found = first_passage(across, stride=5)
    independent = first_passage(across.reshape(300, 1, 96, 20), stride=5)
    assert (found.high / found.low > independent.high / independent.low).mean() > 0.8


def test_survival_is_the_product_of_what_is_left_at_every_event():
    """With Greenwood's error, from the definitions."""
    rng = np.random.default_rng(7)
    times = rng.integers(1, 20, 60)
    censored = rng.random(60) < 0.4
    left, variance, expected = 1.0, 0.0, []
    for t in np.unique(times[~censored]):
        at_risk, events = (times >= t).sum(), (~censored & (times == t)).sum()
        left *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
        expected.append((t, left, left * np.sqrt(variance)))
    found = kaplan_meier(times, censored)
    np.testing.assert_allclose(np.transpose(found), expected, rtol=1e-12, atol=1e-15)


def test_survival_without_censored_chains_is_a_binomial_fraction():
    times, n = np.repeat([1, 2, 3], [5, 3, 2]), 10
    _, fraction, error = kaplan_meier(times, np.zeros(n, bool))
    np.testing.assert_allclose(fraction, [0.5, 0.2, 0.0])
    np.testing.assert_allclose(error, np.sqrt(fraction * (1 - fraction) / n), atol=1e-15)
    assert [len(x) for x in kaplan_meier(times, np.ones(n, bool))] == [0, 0, 0]


def test_nothing_and_everything_happens():
    never = first_passage(np.zeros((2, 3, 10), bool), stride=10)
    assert np.isnan(never.mean)
    assert np.isnan(never.high)
    # With that mean, exp(-exposure/mean) = 5 %: no event in 600 sweeps.
    assert never.low == pytest.approx(600 / np.log(20))
    assert np.isnan(never.median)
    at_once = first_passage(np.ones((2, 3, 10), bool), stride=10)
    assert np.isnan(at_once.mean)
    assert at_once.low == 0
    # With that mean, all six chains cross within a stride with probability 5 %.
    assert (1 - np.exp(-10 / at_once.high)) ** 6 == pytest.approx(0.05)
    assert at_once.median == 10
    for found in (never, at_once):
        assert "crossed" in repr(found)
        assert found._repr_html_().startswith("<table>")


def test_escape_from_a_memory_and_arrival_at_it():
    """Above T = 1 chains leave the pattern at once; at low T and load all of them arrive."""
    schedule = Schedule(warmup=0, sweeps=60, stride=1)
    common = {"alpha": 0.02, "n_spins": 400, "n_samples": 3, "schedule": schedule}
    run = montecarlo.simulate(Hopfield(), T=[0.3, 2.0], **common)
    escape = run.first_passage()
    assert escape.censored[0].all()
    assert not escape.censored[1].any()
    assert escape.high[1] < 10
    arrival = montecarlo.simulate(Hopfield(), T=0.2, start=0.4, **common).first_passage(
        0.9, direction="above"
    )
    assert not arrival.censored.any()
    assert np.isnan(run.first_passage(-1.0).mean).all()
    time, fraction, error = escape.survival((1,))
    assert fraction[-1] == error[-1] == 0
    assert len(time) == len(np.unique(escape.times[1]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.first_passage("x"), "level = 'x' is not a real number"),
        (lambda run: run.first_passage(direction="up"), "direction = 'up' is not one of"),
        (lambda run: run.first_passage(name="energy"), "level is missing"),
        (lambda run: run.relaxation("mm"), "name = 'mm' is not one of m, n, q, energy"),
        (lambda run: run.success(2), r"threshold = 2.0 is outside the allowed range \[0, 1\]"),
        (lambda run: run.success(level=1), r"level = 1.0 is outside"),
    ],
)
def test_bad_input(call, message):
    run = montecarlo.simulate(
        Hopfield(), alpha=0.02, T=0.3, n_spins=50, schedule=Schedule(warmup=0, sweeps=5, stride=1)
    )
    with pytest.raises(ValueError, match=message):
        call(run)
