"""Reading of exponentially many patterns: theory against parallel dynamics, with the trend in N."""

import math
from functools import cache

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Exponential, SparseDistributed
from theory.sparse_distributed import one_step

ONE_PASS = montecarlo.Schedule(warmup=0, sweeps=1, stride=1)
START = 0.8


@cache
def read(model, alpha, n_spins, *, dynamics="parallel", n_samples=40, passes=1):
    """Return the run after some passes from overlap 0.8: a tenth of the sites wrong."""
    schedule = montecarlo.Schedule(warmup=passes - 1, sweeps=1, stride=1)
    return montecarlo.simulate(
        model, alpha=alpha, T=0, n_spins=n_spins, n_samples=n_samples, n_replicas=4, start=START,
        dynamics=dynamics, schedule=schedule, seed=16,
    )  # fmt: skip


def expected(model, alpha, n_spins):
    """Return the overlap after one reading from the number of wrong sites of `read`."""
    step = one_step(model, round((1 - START) / 2 * n_spins), n_spins=n_spins, alpha=alpha)
    return 1 - 2 * float(step.distance) / n_spins


def memory(own_site):
    return SparseDistributed(radius=0.2, own_site=own_site)


@pytest.mark.parametrize("n_spins", [24, 32, 40])
@pytest.mark.parametrize("own_site", ["included", "excluded"])
def test_moments_predict_the_reading_at_every_size(own_site, n_spins):
    """Within the errors and 0.006, for noise of few patterns is not Gaussian."""
    for alpha in (0.18, 0.2, 0.22, 0.24):
        run = read(memory(own_site), alpha, n_spins)
        off = abs(run.m.mean - expected(memory(own_site), alpha, n_spins))
        assert off < 3 * run.m.error + 0.006, (alpha, run.m)


def test_hard_neurons_read_as_counted_ones():
    """N = 128, d = 52, r = 4000, K = 100: integer counters, ties keep the spin."""
    model, K, n_spins = SparseDistributed(radius=0.4062, n_neurons=4000), 100, 128
    for x in (10, 30, 45):
        run = montecarlo.simulate(
            model, alpha=math.log(K) / n_spins, T=0, n_spins=n_spins, n_samples=30, n_replicas=12,
            start=1 - 2 * x / n_spins, dynamics="parallel", schedule=ONE_PASS, seed=5,
        )  # fmt: skip
        given = {"n_spins": n_spins, "n_patterns": K}
        mean, error = (n_spins / 2 * v for v in (1 - run.m.mean, run.m.error))
        assert abs(mean - one_step(model, x, neurons="counted", **given).distance) < 3 * error
        assert mean < one_step(model, x, own_vote=False, **given).distance - 3 * error


def test_the_site_that_is_updated_moves_the_capacity():
    """N = 40, delta = 0.2: at load 0.24 the query reads itself, or nearly all is corrected."""
    corrected = {}
    for own_site in ("included", "excluded"):
        for alpha in (0.2, 0.24):
            m = read(memory(own_site), alpha, 40).m
            corrected[own_site, alpha] = (m.mean - START) / (1 - START)
    assert corrected["included", 0.2] > 0.9
    assert corrected["excluded", 0.2] > 0.98
    assert abs(corrected["included", 0.24]) < 0.02
    # All four are corrected, and two of the 36 that were right are lost.
    assert 0.3 < corrected["excluded", 0.24] < 0.6


def half(model, n_spins):
    """Return the load at which one reading from overlap 0.8 leaves half of the wrong sites."""
    loads = np.arange(0.1, min(0.4, 23 / n_spins), 0.002)
    overlaps = [expected(model, alpha, n_spins) for alpha in loads]
    return float(np.interp(-0.5 * (1 + START), -np.array(overlaps), loads))


def test_finite_capacities_fall_to_the_exponent_with_the_query_in_it():
    """On the way down to 0.1672; simulations read below and not above that of their size."""
    model = memory("included")
    limit = float(theory.reading_capacity(model, START))
    loads = [half(model, n) for n in (24, 32, 40, 56)]
    assert (np.diff(loads) < 0).all()
    assert loads[-1] > limit
    for n_spins, load in zip((24, 32, 40), loads, strict=False):
        below, above = (read(model, load * factor, n_spins).m.mean for factor in (0.93, 1.07))
        assert below > 0.93
        assert above < 0.88


def test_included_sites_stay_as_they_are_beyond_the_capacity():
    """Every configuration is its own answer there: from the pattern, and from any other."""
    model = memory("included")
    assert theory.reading_capacity(model, 1.0) < 0.3
    for start in ("pattern", "random"):
        run = montecarlo.simulate(
            model, alpha=0.3, T=0, n_spins=40, n_samples=4, n_replicas=2, start=start,
            dynamics="parallel", schedule=montecarlo.Schedule(warmup=20, sweeps=20, stride=5),
        )  # fmt: skip
        assert (np.ptp(run.series["m"], axis=-1) == 0).all()
        assert start == "random" or run.m.mean == 1


def test_recovery_by_the_exponential_memory_ends_at_the_bound_of_shannon():
    """Sharpness 1 from overlap 0.8: both passes read up to I(0.8), and sharper with N."""
    model = Exponential(sharpness=1.0)
    bound = float(theory.shannon_bound(START))
    for dynamics in ("parallel", "zero-temperature"):
        assert theory.reading_capacity(model, START, dynamics=dynamics) == pytest.approx(
            bound, rel=6e-3
        )
        share = {
            (n, factor): np.mean(
                read(model, factor * bound, n, dynamics=dynamics, n_samples=60).series["m"] == 1
            )
            for n, factor in [(20, 0.5), (20, 0.8), (20, 1.0), (20, 1.2), (30, 0.8)]
        }
        assert share[20, 0.5] > 0.93
        assert share[20, 0.8] < share[30, 0.8]
        assert share[30, 0.8] > 0.9
        assert 0.4 < share[20, 1.0] < 0.85
        assert share[20, 1.2] < 0.25


def test_sharper_or_softer_attention_does_not_read_more():
    """N = 24, from overlap 0.8 at 0.8 I(0.8): below artanh 0.8 the softmax fails earlier."""
    bound = float(theory.shannon_bound(START))
    assert math.atanh(START) == pytest.approx(1.0986, abs=1e-4)
    soft = theory.reading_capacity(Exponential(sharpness=0.3), START)
    assert soft < 0.6 * bound
    share = [
        float(read(Exponential(sharpness=s), 0.75 * bound, 28, n_samples=30).m.mean)
        for s in (0.3, 1.1, 3.0)
    ]
    assert share[0] < 0.9
    assert min(share[1:]) > 0.97


def test_sites_without_a_field_stay():
    """d = 2 of 40: from distance 8 no pattern is in reach, and nothing moves."""
    for own_site in ("included", "excluded"):
        model = SparseDistributed(radius=0.05, own_site=own_site)
        run = read(model, 0.1, 40, n_samples=4)
        assert 2 * model.distance(40) == 4  # its own pattern is in reach, and no other
        assert run.m.mean == 1
        far = montecarlo.simulate(
            model, alpha=0.1, T=0, n_spins=40, n_samples=4, n_replicas=2, start=0.6,
            dynamics="parallel", schedule=ONE_PASS,
        )  # fmt: skip
        np.testing.assert_allclose(far.series["m"], 0.6)
        assert one_step(model, 8, n_spins=40, n_patterns=1).distance == 8
        assert np.isnan(theory.reading_capacity(model, 0.6))
