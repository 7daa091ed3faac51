"""Basins of attraction, fractions of chains and the two-sided check of equilibrium."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats

import montecarlo
from hebbian import Dense, Hopfield, Multitasking
from montecarlo import Schedule
from montecarlo.protocols.basin import critical_overlap
from montecarlo.protocols.equilibration import deviate, normal_deviate
from montecarlo.statistics.proportion import proportion, wilson

SCHEDULE = Schedule(warmup=0, sweeps=60, stride=2)


@pytest.mark.heavy
def test_critical_overlap_of_a_single_dense_pattern_is_the_unstable_mean_field_state():
    """One pattern, P = 3: m = tanh(3 m**2/(2 T)); chains above the middle root go up."""
    T = 0.6
    root = scipy.optimize.brentq(lambda m: np.tanh(1.5 * m**2 / T) - m, 0.2, 0.6)
    found = montecarlo.basin(
        Dense(order=3), overlaps=np.linspace(0.1, 0.8, 15), T=T, alpha=3 / 3000**2, n_spins=3000,
        n_samples=12, schedule=SCHEDULE, seed=2,
    )  # fmt: skip
    assert found.runs[0].settings["n_patterns"] == 1
    assert abs(found.critical - root) < 3 * found.critical_error
    assert found.critical_error < 0.05
    np.testing.assert_array_equal(found.success.mean[[0, -1]], [0, 1])
    assert (np.diff(found.final) > -3 * found.error[1:]).all()


def test_basins_shrink_with_the_load():
    found = [
        montecarlo.basin(
            Hopfield(), overlaps=[0.7, 0.1, 0.3, 0.5], T=0.0, alpha=alpha, n_spins=500,
            n_samples=8, schedule=SCHEDULE, seed=1,
        )
        for alpha in (0.03, 0.11)
    ]  # fmt: skip
    np.testing.assert_array_equal(found[0].overlaps, [0.1, 0.3, 0.5, 0.7])
    assert found[0].critical + 2 * found[0].critical_error < found[1].critical
    assert "critical overlap" in repr(found[0])
    assert "critical overlap" in found[0]._repr_html_()


def test_no_crossing_is_not_a_number():
    grid = {"T": [0.1, 2.0], "alpha": 0.01, "n_spins": 200, "n_samples": 3, "schedule": SCHEDULE}
    found = montecarlo.basin(Hopfield(), overlaps=[0.6, 0.9], **grid)
    assert found.final.shape == found.success.mean.shape == (2, 2)
    assert np.isnan(found.critical).all()  # below 0.6 at low T, nowhere at high T


def test_critical_overlap_of_given_fractions():
    x = np.array([0.0, 0.2, 0.4, 0.6])
    value, error = critical_overlap(x, np.tile([[0], [0], [1.0], [1]], 5))
    assert value == pytest.approx(0.3)
    assert error == pytest.approx(0.2 / np.sqrt(12))
    # The dip is pooled: 0.6 and 0.2 share 0.4.
    value, _ = critical_overlap(x, np.array([[0.0], [0.6], [0.2], [1.0]]))
    assert value == pytest.approx(0.4 + 0.2 / 6)


def test_error_of_the_critical_overlap_covers_the_truth():
    """Success a step at a place of each chain's own, uniform in [0.2, 0.6]: median 0.4."""
    rng = np.random.default_rng(3)
    x = np.linspace(0, 1, 21)
    inside = []
    for _ in range(200):
        places = rng.uniform(0.2, 0.6, (10, 4))
        value, error = critical_overlap(x, (x[:, None, None] >= places).mean(axis=-1))
        inside.append(abs(value - 0.4) < error)
    assert 0.55 < np.mean(inside) < 0.85


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"overlaps": []}, "overlaps = "),
        ({"overlaps": [0.1, 0.1]}, "names an overlap twice"),
        ({"overlaps": [1.1]}, "overlaps = 1.1 is outside"),
        ({"overlaps": ["a"]}, "overlaps = "),
        ({"threshold": -1}, "threshold = -1.0 is outside"),
        ({"start": "random"}, "start is not a choice here"),
        ({"T": -1}, "T = -1.0 is outside"),
    ],
)
def test_bad_input(changes, message):
    arguments = {"overlaps": [0.5], "T": 0.1, "alpha": 0.1, "n_spins": 20, **changes}
    with pytest.raises(ValueError, match=message):
        montecarlo.basin(Hopfield(), **arguments)


@pytest.mark.parametrize(("k", "n"), [(0, 7), (3, 7), (20, 40), (12, 12)])
def test_wilson_interval_is_that_of_scipy(k, n):
    expected = scipy.stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    np.testing.assert_allclose(wilson(k, n, 0.95), expected, rtol=1e-9, atol=1e-12)


def test_replicas_that_share_their_fate_do_not_count_twice():
    rng = np.random.default_rng(4)
    fates = rng.random((1000, 20, 1)) < 0.4
    shared = proportion(np.broadcast_to(fates, (1000, 20, 6)))
    np.testing.assert_allclose(shared.n_eff, 20)
    own = proportion(rng.random((1000, 20, 6)) < 0.4)
    assert own.n_eff.mean() > 80
    for found in (shared, own):
        covered = (found.low <= 0.4) & (found.high >= 0.4)
        assert 0.9 < covered.mean() <= 0.99


def test_success_of_a_run():
    run = montecarlo.simulate(
        Hopfield(), alpha=0.01, T=[0.1, 2.0], n_spins=300, n_samples=5, n_replicas=3,
        schedule=SCHEDULE,
    )  # fmt: skip
    found = run.success(0.8)
    np.testing.assert_array_equal(found.mean, [1, 0])
    np.testing.assert_array_equal(found.n_eff, 5)
    assert found.high[0] == 1
    assert found.low[0] == pytest.approx(5 / (5 + 1.96**2), rel=1e-4)


@pytest.mark.parametrize("freedom", [2, 3, 7, 30])
def test_normal_deviate_is_that_of_students_law(freedom):
    t = np.linspace(-4, 4, 17)
    exact = scipy.stats.norm.isf(scipy.stats.t.sf(np.abs(t), freedom)) * np.sign(t)
    np.testing.assert_allclose(normal_deviate(t, freedom), exact, rtol=1e-9)


def test_deviates_of_two_starts_that_agree_are_normal():
    rng = np.random.default_rng(5)
    disorder = rng.normal(size=(4000, 6, 1, 1))
    first, second = (disorder + rng.normal(size=(4000, 6, 2, 10)) for _ in range(2))
    z = deviate(first, second)
    assert z.std() == pytest.approx(1, abs=0.05)
    assert (np.abs(z) > 2.5).mean() < 0.02
    one = deviate(*rng.normal(size=(2, 2000, 1, 2, 200)))
    assert np.isfinite(one).all()
    assert one.std() == pytest.approx(1, abs=0.1)


def test_two_starts_agree_in_the_paramagnet_and_not_in_the_glass():
    check = montecarlo.equilibrated(
        Hopfield(), T=[0.05, 1.6], alpha=0.1, n_spins=200, n_samples=8, seed=1,
        schedule=Schedule(warmup=200, sweeps=2000, stride=4),
    )  # fmt: skip
    np.testing.assert_array_equal(check.agree, [False, True])
    assert np.abs(check.z["m2"][0]) > 2.5
    assert check.rhat[0] > 1.1 > check.rhat[1]
    assert "R-hat" in repr(check)
    assert "R-hat" in check._repr_html_()


def test_two_starts_of_short_chains_give_no_agreement():
    check = montecarlo.equilibrated(
        Hopfield(), T=1.0, alpha=0.1, n_spins=400, n_samples=4,
        schedule=Schedule(warmup=0, sweeps=40, stride=1),
    )  # fmt: skip
    assert check.short
    assert not check.agree


def test_two_starts_of_several_patterns_and_of_one_sample():
    schedule = Schedule(warmup=50, sweeps=2000, stride=2)
    common = {"T": 1.5, "n_spins": 200, "schedule": schedule}
    several = montecarlo.equilibrated(
        Multitasking(n_patterns=2, dilution=0.3), n_samples=5, **common
    )
    assert several.z["m2"].shape == ()
    assert several.agree
    single = montecarlo.equilibrated(Hopfield(), alpha=0.05, n_samples=1, **common)
    assert np.isfinite(single.z["energy"])
    with pytest.raises(ValueError, match="start is not a choice here"):
        montecarlo.equilibrated(Hopfield(), start="random", alpha=0.05, **common)
