"""One reading against enumeration of addresses and patterns, and against direct simulation."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, poisson

import theory
from hebbian import Exponential, SparseDistributed
from hebbian.sparse_distributed import shared_addresses, shared_share
from theory.sparse_distributed import critical_distance, one_step, optimal_distance
from theory.sparse_distributed.addresses import addresses
from theory.sparse_distributed.counted import _tied

NOTED = SparseDistributed(radius=105 / 256, n_neurons=30_000)
X = [20, 50, 70, 90, 100]


def configurations(n):
    return np.array(list(itertools.product((1, -1), repeat=n)))


@pytest.mark.parametrize(("n", "d"), [(4, 0), (5, 1), (6, 2), (7, 3), (8, 1), (9, 4), (10, 3)])
def test_addresses_are_those_that_enumeration_counts(n, d):
    everything = configurations(n)
    query = np.ones(n)
    near = addresses(n, d)
    for x in range(n + 1):
        pattern = np.where(np.arange(n) < x, -1, 1)
        both = (everything @ query >= n - 2 * d) & (everything @ pattern >= n - 2 * d)
        assert both.sum() == shared_addresses(n, d)[x]
        if x < n:  # the last site agrees
            mean = everything[both, -1].sum() / shared_addresses(n, d)[0]
            assert near.agreeing[x] == pytest.approx(mean, abs=1e-15)
    of_query = everything[everything @ query >= n - 2 * d]
    assert math.exp(near.log_share) == pytest.approx(len(of_query) / 2**n, rel=1e-13)
    assert math.exp(near.log_bias) == pytest.approx(of_query[:, 0].sum() / 2**n, rel=1e-13)
    # Means over patterns are squares of means over addresses.
    shared, law = np.exp(near.log_shared), np.exp(near.log_binomial)
    x = np.arange(n + 1)
    p = math.exp(near.log_share)
    assert law @ shared == pytest.approx(p, rel=1e-13)
    assert p * law @ (shared * (1 - 2 * x / n)) == pytest.approx(
        math.exp(2 * near.log_bias), rel=1e-12
    )


def enumerated(n, d, K, x, own_site):
    """Exact law over all K - 1 other patterns: mean, variance and new distance."""
    pattern, query = np.ones(n, int), np.where(np.arange(n) < x, -1, 1)
    share = shared_share(n, d) if own_site == "included" else shared_share(n - 1, d)
    everything = configurations(n)

    def votes(rows):
        rows = np.atleast_2d(rows)
        if own_site == "included":
            return rows * share[(n - rows @ query) // 2][:, None]
        overlaps = (rows @ query)[:, None] - rows * query
        return rows * share[(n - 1 - overlaps) // 2]

    of_others = votes(everything)
    fields = votes(pattern)
    for _ in range(K - 1):
        fields = (fields[:, None] + of_others[None]).reshape(-1, n)
    fields = np.where(np.abs(fields) < 1e-13, 0, fields)
    new = np.where(fields == 0, query, np.sign(fields))
    return fields.mean(axis=0), fields.var(axis=0), (new != pattern).sum(axis=1).mean()


@pytest.mark.parametrize("own_site", ["included", "excluded"])
@pytest.mark.parametrize(("n", "d", "K"), [(9, 3, 2), (8, 2, 3), (7, 3, 3), (12, 4, 2), (6, 1, 3)])
def test_moments_of_a_reading_are_those_of_all_patterns(n, d, K, own_site):
    model = SparseDistributed(radius=d / n, own_site=own_site)
    assert model.distance(n) == d
    for x in range(n + 1):
        mean, variance, _ = enumerated(n, d, K, x, own_site)
        step = one_step(model, x, n_spins=n, n_patterns=K)
        expected = [step.disagreeing] * x + [step.agreeing] * (n - x)
        np.testing.assert_allclose(mean, expected, atol=1e-13)
        # The second moment of each vote stands for its variance.
        squares = (K - 1) * (step.own_vote / (K - 1)) ** 2
        np.testing.assert_allclose(variance, step.noise**2 - squares, rtol=1e-12)


def test_few_patterns_are_flagged():
    """Three patterns of 8 spins: the Gaussian is off by a tenth, and says so."""
    model = SparseDistributed(radius=0.25)
    step = one_step(model, [3], n_spins=8, n_patterns=3)
    exact = enumerated(8, 2, 3, 3, "included")[2]
    assert step.active[0] < 1
    assert abs(step.distance[0] - exact) > 0.1 * exact


@pytest.mark.parametrize("r", [None, 400])
def test_active_patterns_are_the_inverse_excess_kurtosis(r):
    n, d, K = 60, 24, 501
    x, share = np.arange(n + 1), shared_share(n, d)
    law, p = binom.pmf(x, n, 0.5), binom.cdf(d, n, 0.5)
    powers = share**2, share**4
    if r is not None:
        votes = np.arange(200)
        of_votes = poisson.pmf(votes, (p * r * share)[:, None])
        powers = of_votes @ votes**2.0, of_votes @ votes**4.0
    second, fourth = (law @ power for power in powers)
    model = SparseDistributed(radius=d / n, n_neurons=r)
    step = one_step(model, 3, n_spins=n, n_patterns=K)
    assert step.active == pytest.approx((K - 1) * second**2 / fourth, rel=1e-10)


@pytest.mark.parametrize("mean", [-4, 0, 3])
def test_ties_of_whole_fields_keep_the_site(mean):
    """Fair votes, of either parity as often: an error is below 0 where right, at 0 where wrong."""
    exact = {1.0: [], -1.0: []}
    for n in (400, 401):
        fields = mean + 2 * np.arange(n + 1) - n
        law = binom.pmf(np.arange(n + 1), n, 0.5)
        exact[1.0].append(law @ (fields < 0))
        exact[-1.0].append(law @ (fields <= 0))
    for keeps, found in exact.items():
        tied = _tied(np.array([float(mean)]), np.array([20.0]), keeps)
        assert tied == pytest.approx(np.mean(found), abs=2e-4)
    assert np.mean(exact[-1.0]) - np.mean(exact[1.0]) > 0.01


def simulated(n, d, r, K, x, n_samples, seed, own_site="included"):
    """Sample readings; with neurons, only those near the query are drawn."""
    rng = np.random.default_rng(seed)
    share = shared_share(n, d) if own_site == "included" else shared_share(n - 1, d)
    law = binom.pmf(np.arange(d + 1), n, 0.5)
    found = []
    for _ in range(n_samples):
        rows = rng.integers(0, 2, (K, n)).astype(np.float32) * 2 - 1
        query = rows[0].copy()
        query[rng.permutation(n)[:x]] *= -1
        if r is None and own_site == "included":
            h = share[((n - rows @ query) / 2).astype(int)] @ rows
        elif r is None:
            overlaps = (rows @ query)[:, None] - rows * query
            h = (rows * share[((n - 1 - overlaps) / 2).astype(int)]).sum(axis=0)
        else:
            active = rng.binomial(r, law.sum())
            away = rng.choice(d + 1, active, p=law / law.sum())
            rank = rng.random((active, n)).argsort(axis=1).argsort(axis=1)
            near = np.where(rank < away[:, None], -query, query)
            h = (near @ rows.T >= n - 2 * d).sum(axis=0, dtype=np.float32) @ rows
        new = np.where(h == 0, query, np.sign(h))
        found.append((new != rows[0]).sum())
    return np.mean(found), np.std(found) / math.sqrt(n_samples)


@pytest.mark.heavy
def test_simulated_neurons_read_as_counted_ones():
    """N = 256, d = 105, r = 30000, K = 300: with their votes for the query, and not without."""
    with_votes = one_step(NOTED, X, n_spins=256, n_patterns=300).distance
    counted = one_step(NOTED, X, n_spins=256, n_patterns=300, neurons="counted").distance
    without = one_step(NOTED, X, n_spins=256, n_patterns=300, own_vote=False).distance
    np.testing.assert_allclose(with_votes, [0.42, 29.9, 70.1, 100.6, 110.6], atol=0.05)
    np.testing.assert_allclose(without, [0.67, 36.3, 78.4, 107.1, 115.6], atol=0.05)
    for i in (0, 2, 4):
        mean, error = simulated(256, 105, 30_000, 300, X[i], 300, 10 + X[i])
        assert abs(mean - counted[i]) < 3 * error
        assert abs(mean - without[i]) > 4 * error
        # The mean number of neurons, without ties: 0.2 sites, and one in a hundred.
        assert abs(mean - with_votes[i]) < 3 * error + 0.2 + 0.01 * mean


@pytest.mark.parametrize(
    ("n", "d", "K", "r", "x"),
    [(171, 68, 110, 2957, 12), (388, 167, 594, 782, 156), (216, 93, 957, 1032, 38)],
)
def test_few_active_neurons_are_counted(n, d, K, r, x):
    """With their mean number the new distance is farther off than counted, which agrees."""
    model, given = SparseDistributed(radius=d / n, n_neurons=r), {"n_spins": n, "n_patterns": K}
    by_mean = one_step(model, x, **given)
    counted = one_step(model, x, neurons="counted", **given).distance
    mean, error = simulated(n, d, r, K, x, 300, n)
    assert by_mean.active > 4
    assert abs(mean - counted) < 3 * error
    assert abs(mean - by_mean.distance) > 2 * abs(mean - counted)


def test_simulated_weights_vote_for_the_query():
    """Infinitely many neurons, many patterns near the query: the exact moments are all there is."""
    n, d, K = 60, 26, 3000
    model = SparseDistributed(radius=d / n)
    x = [5, 10, 14, 18, 22]
    steps = one_step(model, x, n_spins=n, n_patterns=K)
    without = one_step(model, x, n_spins=n, n_patterns=K, own_vote=False).distance
    assert steps.active[0] > 30
    for i, start in enumerate(x):
        mean, error = simulated(n, d, None, K, start, 400, 40 + start)
        assert abs(mean - steps.distance[i]) < 3 * error + 0.1, (start, mean, error)
        assert abs(mean - without[i]) > 6 * error


def test_a_query_without_the_site_has_no_votes_for_itself():
    n, d, K = 60, 26, 3000
    model = SparseDistributed(radius=d / n, own_site="excluded")
    x = [5, 14, 22]
    steps = one_step(model, x, n_spins=n, n_patterns=K)
    with_site = one_step(SparseDistributed(radius=d / n), x, n_spins=n, n_patterns=K).distance
    assert (steps.own_vote == 0).all()
    for i, start in enumerate(x):
        mean, error = simulated(n, d, None, K, start, 300, 70 + start, own_site="excluded")
        assert abs(mean - steps.distance[i]) < 3 * error + 0.1, (start, mean, error)
        assert abs(mean - with_site[i]) > 6 * error
    few = one_step(model, 7, n_spins=n, n_patterns=K, own_vote=False)
    assert few.distance == one_step(model, 7, n_spins=n, n_patterns=K).distance


def test_one_pattern_and_unreachable_queries():
    """Alone, a pattern is read from 2d; farther away no field moves a site."""
    model = SparseDistributed(radius=0.2)
    step = one_step(model, [0, 8, 16, 17, 40], n_spins=40, n_patterns=1)
    np.testing.assert_array_equal(step.distance, [0, 0, 0, 17, 40])
    np.testing.assert_array_equal(step.active, 0)
    assert np.isnan(step.disagreeing[0])
    assert np.isnan(step.agreeing[-1])
    assert critical_distance(model, n_spins=40, n_patterns=1) == 17
    counted = SparseDistributed(radius=0.2, n_neurons=50)
    step = one_step(counted, [0, 17], n_spins=40, n_patterns=1, neurons="counted")
    np.testing.assert_allclose(step.distance, [0, 17], atol=1e-13)


def test_many_neurons_are_infinitely_many():
    finite, infinite = SparseDistributed(radius=0.4, n_neurons=10**8), SparseDistributed(radius=0.4)
    given = {"n_spins": 100, "n_patterns": 500}
    expected = one_step(infinite, X, **given)
    np.testing.assert_allclose(one_step(finite, X, **given).noise, expected.noise, rtol=1e-4)
    for neurons in ("mean", "counted"):
        step = one_step(finite, X, neurons=neurons, **given)
        np.testing.assert_allclose(step.distance, expected.distance, rtol=1e-3)


def test_the_load_stands_for_the_number_of_patterns():
    by_load = one_step(NOTED, X, n_spins=256, alpha=math.log(300) / 256)
    by_number = one_step(NOTED, X, n_spins=256, n_patterns=300)
    np.testing.assert_array_equal(by_load.distance, by_number.distance)


def test_large_memories_do_not_underflow():
    """K e^(N f) is what counts, not its factors: N = 4000, K = e^(0.15 N)."""
    model = SparseDistributed(radius=0.2)
    K = int(math.exp(100)) ** 6
    for m, read in ((0.95, True), (0.9, True), (0.6, False), (0.4, False)):
        x = round(2000 * (1 - m))
        step = one_step(model, x, n_spins=4000, n_patterns=K)
        assert step.distance == pytest.approx(0 if read else x, abs=0.01 * x)
        assert (theory.reading_capacity(model, m) > 0.15) == read


def test_critical_distances():
    memory = SparseDistributed(radius=0.451, n_neurons=10**6)
    given = {"n_spins": 1000, "n_patterns": 10**4}
    assert critical_distance(memory, **given) == 235
    assert critical_distance(memory, own_vote=False, **given) == 153
    counted = critical_distance(memory, neurons="counted", **given)
    assert counted == 229
    steps = one_step(memory, [228, 229], neurons="counted", **given).distance
    assert steps[0] < 228
    assert steps[1] >= 229


def test_best_radii():
    assert optimal_distance(64, n_patterns=1024, n_neurons=2**64) == 11
    assert optimal_distance(64, n_patterns=60_000, n_neurons=2**64) == 10
    assert optimal_distance(64, n_patterns=60_000) == 0
    N, K, r = 64, 1024, 2**64
    p = np.array([sum(math.comb(N, a) for a in range(d + 1)) / 2**N for d in range(N // 2 + 1)])
    ratio = p * r / (1 + p * K + p**3 * K * r)
    assert ratio.argmax() == 11
    # On a continuous scale the optimum is p*.
    scale = np.geomspace(1e-12, 1e-3, 200_001)
    best = scale[(scale * r / (1 + scale * K + scale**3 * K * r)).argmax()]
    assert best == pytest.approx((2 * K * r) ** (-1 / 3), rel=2e-4)


def test_the_radius_of_the_largest_basin_is_found():
    best = optimal_distance(40, n_patterns=30, n_neurons=5000, criterion="critical_distance")
    reach = [
        critical_distance(
            SparseDistributed(radius=d / 40, n_neurons=5000), n_spins=40, n_patterns=30
        )
        for d in range(1, 20)
    ]
    assert math.isnan(reach[best - 1])  # read from everywhere
    assert not np.isnan(reach[: best - 1]).any()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: one_step(NOTED, 3, n_spins=256), "give one of them"),
        (lambda: one_step(NOTED, 3, n_spins=256, n_patterns=3, alpha=0.1), "give one of them"),
        (lambda: one_step(NOTED, 300, n_spins=256, n_patterns=3), "distance = 300.0 is outside"),
        (lambda: one_step(NOTED, 2.5, n_spins=256, n_patterns=3), "not whole numbers"),
        (lambda: one_step(NOTED, 3, n_spins=1, n_patterns=3), "n_spins = 1 is outside"),
        (lambda: one_step(NOTED, 3, n_spins=256, n_patterns=0), "n_patterns = 0 is outside"),
        (lambda: one_step(NOTED, 3, n_spins=256, n_patterns=3, neurons="few"), "neurons = 'few'"),
        (lambda: one_step(Exponential(), 3, n_spins=256, n_patterns=3), "is not a SparseDist"),
        (lambda: one_step(SparseDistributed(), 3, n_spins=9, n_patterns=3, neurons="counted"),
         "neurons = 'counted' needs a model with n_neurons"),
        (lambda: critical_distance(NOTED, n_spins=256, n_patterns=3, own_vote=False,
                                   neurons="counted"), "own_vote = False"),
        (lambda: optimal_distance(64, n_patterns=3, n_neurons=0), "n_neurons = 0 is outside"),
        (lambda: optimal_distance(64, n_patterns=3, criterion="noise"), "criterion = 'noise'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says) as raised:
        call()
    assert "\n" not in str(raised.value)
